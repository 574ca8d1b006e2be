"""Make the figures of README and docs from the demo's result.

python scripts/make_figures.py holdfast-demo
"""

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from holdfast.pages.colour import LEVELS, NO_DATA
from holdfast.pages.maps import cell_map
from holdfast.pages.rating_report import WIDE
from holdfast.pages.recovery_report import recovery_parts

TARGET = Path(__file__).parents[1] / "docs" / "images"
STANDALONE = '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" '


def levels(result: Path, title: str) -> str:
    cells = gpd.read_parquet(result / "cells.parquet")
    colours = [NO_DATA if pd.isna(level) else LEVELS[int(level) - 1] for level in cells["level"].astype(object)]
    hatched = (cells["level_high"] - cells["level_low"] >= WIDE).fillna(value=False).to_numpy(bool)
    svg = cell_map(cells, colours, [""] * len(cells), hatched, f"Resilience levels, {title}")
    legend = "".join(
        f'<rect x="{560 + 38 * i}" y="0" width="36" height="14" fill="{c}"/><text x="{572 + 38 * i}" y="28">{i + 1}</text>'
        for i, c in enumerate(LEVELS)
    )
    words = f'<g font-size="13" fill="#333">{legend}<text x="560" y="44">least to most</text></g></svg>'
    return svg.replace("<title></title>", "").replace("</svg>", words)


def recovery(result: Path) -> str:
    summary = json.loads((result / "losses.json").read_text())
    with xr.open_dataset(result / "recovery.nc", decode_timedelta=False) as curves:
        parts = recovery_parts(
            curves.load(), summary, gpd.read_parquet(result / "buildings.parquet"), np.empty((0, 2, 2))
        )
    return parts["functions"]


def main() -> None:
    result = Path(sys.argv[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, svg in (("harris_levels", levels(result, "Harris County")), ("helsinki_recovery", recovery(result))):
        (TARGET / f"{name}.svg").write_text(svg.replace("<svg ", STANDALONE, 1), encoding="utf-8")
        print(TARGET / f"{name}.svg")


if __name__ == "__main__":
    main()
