"""What the report shows of a risk rating laid over a resilience rating."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.pages.colour import BIVARIATE, NEITHER, NO_DATA, RISKS
from holdfast.pages.maps import cell_map
from holdfast.pages.words import level_label
from holdfast.rating.overlay.risk_levels import RISK_NAMES

WIDE = 2  # levels between the ends of its range, from which on a cell is hatched
THIRDS = ("low", "middle", "high")


def overlay_parts(cells: gpd.GeoDataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures and tables of an overlay, for a template.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet`` with ``risk_level``, ``risk_low``, ``risk_high`` and ``bivariate``, in a projected CRS.
    summary : dict
        Content of ``overlay.json``.

    Returns
    -------
    dict
        ``summary``, ``both_map`` (3 x 3 classes), ``risk_map``, ``legend`` (rows of colours, high risk first), ``names``.
    """
    titles = [_title(row) for row in cells[["level", "risk_level", "reason"]].itertuples()]
    spread = cells["risk_high"] - cells["risk_low"]
    uncertain = (spread >= WIDE).fillna(value=False).to_numpy(bool)
    none = np.zeros(len(cells), dtype=bool)
    both = cell_map(
        cells, _colours(cells["bivariate"], BIVARIATE, NEITHER), titles, none, "Map of resilience and risk together"
    )
    risk = cell_map(cells, _colours(cells["risk_level"], RISKS, NO_DATA), titles, uncertain, "Map of risk levels")
    rows = [(THIRDS[risk], BIVARIATE[3 * risk : 3 * risk + 3]) for risk in (2, 1, 0)]
    return {
        "summary": summary,
        "both_map": both,
        "risk_map": risk,
        "legend": rows,
        "names": RISK_NAMES,
        "colours": RISKS,
    }


def _colours(classes: pd.Series, palette: tuple[str, ...], unknown: str) -> list[str]:
    """Colour of each cell by its class, from 1."""
    return [unknown if pd.isna(k) else palette[int(k) - 1] for k in classes]


def _title(row: Any) -> str:
    """Words under the pointer for one cell."""
    level = "no level" if pd.isna(row.level) else f"resilience {level_label(int(row.level))}"
    risk = (
        "no risk level"
        if pd.isna(row.risk_level)
        else f"risk {int(row.risk_level)}, {RISK_NAMES[int(row.risk_level) - 1]}"
    )
    return f"{row.Index}: {level}; {risk}"
