"""How long a city of 1e4, 1e5 and 1e6 synthetic buildings takes to load, and how much memory it needs.

Each row is one run in a process of its own, through the normal path: file -> checked table -> settled buildings
with networks laid along a street grid -> plausibility report. "arrays" skips the file. The city is synthetic and
seeded: houses on a square grid with jitter, uses by fixed shares, floor areas log-normal.

    python benchmarks/city_loading.py            # writes benchmarks/results/city_loading.csv
    python benchmarks/city_loading.py 10000 csv  # one run, prints one row
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.recovery.city import City, CityRules
from holdfast.recovery.city.plausibility import plausibility
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.sources.readers import load

RESULT = Path(__file__).parent / "results" / "city_loading.csv"
SIZES, FORMS = (10_000, 100_000, 1_000_000), ("arrays", "csv", "gpkg", "parquet")
SPACING = 30.0  # m between neighbours
USES = {"RES1": 0.70, "RES3": 0.15, "COM1": 0.05, "COM4": 0.04, "IND2": 0.03, "EDU1": 0.02, "COM6": 0.01}
MB = 1e6


def synthetic(count: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Synthetic city of `count` buildings around Berkeley's place on the map."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    at = np.arange(count)
    x = 550_000 + SPACING * (at % side + rng.uniform(-0.3, 0.3, count))
    y = 4_190_000 + SPACING * (at // side + rng.uniform(-0.3, 0.3, count))
    use = rng.choice(list(USES), count, p=list(USES.values()))
    area = np.round(rng.lognormal(5.3, 0.7, count)) + 40
    table = {
        "building_id": [f"s{i:07d}" for i in at],
        "occupancy": use,
        "structure": np.where(np.char.startswith(use, "RES"), "W1", "C2"),
        "stories": rng.integers(1, 5, count),
        "year_built": rng.integers(1900, 2020, count),
        "floor_area_m2": area,
        "replacement_cost": np.round(1500 * area),
    }
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs=32610)


def write(table: gpd.GeoDataFrame, form: str, folder: Path) -> str:
    """Write the city in one form; gives the file's name."""
    name = f"synthetic.{form}"
    if form == "csv":
        places = table.geometry.to_crs(4326)
        table.drop(columns="geometry").assign(longitude=places.x, latitude=places.y).to_csv(folder / name, index=False)
    elif form == "gpkg":
        table.to_file(folder / name, driver="GPKG")
    else:
        table.to_parquet(folder / name)
    return name


def run(count: int, form: str, folder: Path) -> dict[str, object]:
    """One city through the normal path."""
    options, parameters = CityRules(zone_size=1000.0), load_parameters()
    start = time.perf_counter()
    if form == "arrays":
        table = synthetic(count)
        start = time.perf_counter()
    else:
        table = load("buildings", TableOptions(source="buildings", path=f"synthetic.{form}"), folder, None).table
    read = time.perf_counter()
    city = City.from_frames(table, name="Synthetic", rules=options, parameters=parameters)
    built = time.perf_counter()
    found = plausibility(city)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return {
        "buildings": count,
        "form": form,
        "read_s": round(read - start, 2),
        "city_s": round(built - read, 2),
        "plausibility_s": round(done - built, 2),
        "peak_mb": round(peak),
        "nodes": len(city.networks["water"].nodes),
        "zones": len(city.zones),
        "residents": round(found.totals["residents"]),
    }


def main() -> None:
    rows = []
    for count in SIZES:
        table = synthetic(count)
        for form in FORMS:
            with tempfile.TemporaryDirectory() as folder:
                if form != "arrays":
                    write(table, form, Path(folder))
                command = [sys.executable, __file__, str(count), form, folder]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            rows.append(json.loads(done.stdout))
            print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(RESULT, index=False)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        print(json.dumps(run(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3] if len(sys.argv) > 3 else "."))))
