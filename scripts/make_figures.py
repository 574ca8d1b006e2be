"""Make the figures of README and docs from the demo's result.

python scripts/make_figures.py holdfast-demo
"""

import sys
from pathlib import Path

import geopandas as gpd

from holdfast.pages.colour import LEVELS, NO_DATA
from holdfast.pages.maps import cell_map

TARGET = Path(__file__).parents[1] / "docs" / "images"


def main() -> None:
    result = Path(sys.argv[1])
    cells = gpd.read_parquet(result / "cells.parquet")
    cells = cells if "level" in cells else gpd.read_parquet(result / "rating" / "cells.parquet")
    levels = [NO_DATA if level is None else LEVELS[int(level) - 1] for level in cells["level"].astype(object)]
    hatched = (cells["agreement"] < 0.6).to_numpy(bool)
    svg = cell_map(cells, levels, [""] * len(cells), hatched, "Resilience levels, Harris County")
    svg = svg.replace("<title></title>", "")
    legend = "".join(
        f'<rect x="{560 + 38 * i}" y="0" width="36" height="14" fill="{c}"/><text x="{572 + 38 * i}" y="28">{i + 1}</text>'
        for i, c in enumerate(LEVELS)
    )
    svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1)
    svg = svg.replace(
        "</svg>", f'<g font-size="13" fill="#333">{legend}<text x="560" y="44">least to most</text></g></svg>'
    )
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "harris_levels.svg").write_text(svg, encoding="utf-8")
    print(TARGET / "harris_levels.svg")


if __name__ == "__main__":
    main()
