"""Make the example `examples/claims_synthetic.csv`: synthetic claims by area in Harris County, to show `validate rating`.

    python scripts/make_synthetic_claims.py

Areas are squares of three by three packaged cells; residents are two and a half for a home; the flooded share is drawn; claims are
Poisson and rise with the flooded share and with poverty. Nothing of it was observed.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

OUT = Path(__file__).parents[1] / "examples" / "claims_synthetic.csv"
SIDE, SIZE = 3, 2000.0


def main() -> None:
    cells = pd.read_csv(Path(__file__).parents[1] / "src" / "holdfast" / "data" / "harris_cells.csv")
    cells = cells[cells["housing_units"] > 0]
    area = cells.assign(east=cells["column"] // SIDE, north=cells["row"] // SIDE).groupby(["east", "north"])
    table = (
        pd.DataFrame({"homes": area["housing_units"].sum(), "poverty": area["poverty"].mean()}).dropna().reset_index()
    )
    middle = [(table[c] + 0.5) * SIDE * SIZE for c in ("east", "north")]
    points = gpd.GeoSeries(gpd.points_from_xy(*middle), crs="EPSG:5070").to_crs("EPSG:4326")
    generator = np.random.default_rng(2013)
    flooded = generator.beta(0.5, 4.0, len(table))
    residents = (2.5 * table["homes"]).round()
    rate = 0.004 * np.exp(2.0 * flooded + 3.0 * (table["poverty"] - table["poverty"].mean()))
    made = pd.DataFrame(
        {
            "longitude": points.x.round(4),
            "latitude": points.y.round(4),
            "claims": generator.poisson(residents * rate),
            "residents": residents.astype(int),
            "flooded_share": flooded.round(3),
        }
    )
    made.to_csv(OUT, index=False)
    print(f"{OUT}: {len(made)} synthetic areas")


if __name__ == "__main__":
    main()
