"""What the report shows of other maps beside a rating."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.pages.colour import LEVELS, NO_DATA
from holdfast.pages.frame import WIDTH
from holdfast.pages.maps import BELOW, MARGIN, cell_map
from holdfast.pages.words import level_label


def other_maps_parts(cells: gpd.GeoDataFrame, table: pd.DataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures of other maps, for a template.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet``, in a projected CRS.
    table : DataFrame
        Levels by cell and map, content of ``other_maps.csv``.
    summary : dict
        How far the maps agree, content of ``other_maps.json``.

    Returns
    -------
    dict
        ``summary``; ``frame`` (view box of the rating's own map); ``pictures`` (map to its drawing) and ``levels`` (map to the level of each cell that has one). A cell is
        hatched where not all refits give its level.
    """
    pictures, levels = {}, {}
    for row in summary["maps"]:
        name = row["map"]
        own = table[table["map"] == name].set_index("cell_id").reindex(cells.index)
        pictures[name] = _picture(cells, own, str(name))
        levels[name] = own["level"].dropna().astype(int).to_dict()
    return {"summary": summary, "frame": _frame(cells), "pictures": pictures, "levels": levels}


def _frame(cells: gpd.GeoDataFrame) -> str:
    """View box in which the map of the levels is drawn once more: as large as that of the map itself."""
    left, bottom, right, top = cells.total_bounds
    return f"0 0 {WIDTH + MARGIN:.0f} {WIDTH * (top - bottom) / (right - left) + BELOW:.0f}"


def _picture(cells: gpd.GeoDataFrame, own: pd.DataFrame, name: str) -> str:
    """One map of levels."""
    known = own["level"].notna().to_numpy(bool)
    numbers = own["level"].fillna(0).astype(int).to_numpy()
    titles = [
        f"{cell}: {f'level {level_label(int(k))} by {name}' if k else f'no level by {name}'}"
        for cell, k in zip(cells.index, numbers, strict=True)
    ]
    # an index has no refits: its agreement is null, and no cell of it is hatched
    unsure = known & (own["agreement"].astype(float) < 1).to_numpy(bool)
    colours = [LEVELS[k - 1] if k else NO_DATA for k in numbers]
    return cell_map(cells, colours, titles, np.asarray(unsure), f"Map of levels by {name}")
