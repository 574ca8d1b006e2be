"""What lies under the maps of a study, and the name of the place that a cell lies at."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.pages.under_map import nearest_names
from holdfast.sources.osm_ground import BORDER, COLUMNS, PLACE, named_points
from holdfast.sources.osm_layers import ground_of
from holdfast.sources.shapes import Loaded

PLACES, EXTRACT = "places", "osm"
OUTLINES = ("neighbourhoods", "municipalities")
"""Tables whose outlines are borders on a map and name what lies in them, the finer first."""


OF_A_TABLE = 0  # rank of borders that the study names; those of a map have their administrative level


def ground_under(study: Study, folder: Path, read: Mapping[str, Loaded], crs: str) -> gpd.GeoDataFrame | None:
    """Places, borders, main roads and water under the maps of a rating.

    Names come from the table ``places``, else from the OpenStreetMap extract that another table of the study is read from,
    else from the outlines of neighbourhoods and municipalities, whose borders are drawn in any case.

    Returns
    -------
    GeoDataFrame or None
        As of `holdfast.sources.osm_ground.ground`, in `crs`; None where the study has none of these.
    """
    parts = [_borders(read[name].table) for name in OUTLINES if name in read]
    extract = next((o for o in study.tables.values() if o.source == EXTRACT), None)
    if extract is not None:
        parts.append(ground_of(extract, folder))
    if PLACES in read:
        parts = [part[part["kind"] != PLACE] for part in parts] + [named_points(read[PLACES].table)]
    elif extract is not None:
        # names of outlines would stand beside those of the map
        parts = [*(part[part["kind"] != PLACE] for part in parts[:-1]), parts[-1]]
    parts = [part.to_crs(crs) for part in parts if len(part)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=crs) if parts else None


def _borders(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Outlines as borders, and their names, where they have any, as places inside them."""
    names = areas["name"].fillna("") if "name" in areas.columns else pd.Series("", index=areas.index)
    table = gpd.GeoDataFrame(
        {"kind": BORDER, "name": names, "rank": OF_A_TABLE}, geometry=areas.geometry, crs=areas.crs
    )
    inside = table[table["name"] != ""].assign(kind=PLACE, rank=99)
    inside = inside.set_geometry(inside.geometry.representative_point())
    return gpd.GeoDataFrame(pd.concat([table, inside], ignore_index=True)[COLUMNS], crs=areas.crs)


def place_of_cells(cells: gpd.GeoDataFrame, ground: gpd.GeoDataFrame | None) -> pd.Series:
    """Name of the outline that the centre of each cell lies in, else of the place nearest to it; null where none is known.

    `ground` as of `ground_under`, in the CRS of the cells.
    """
    spots = cells.geometry.centroid
    named = pd.Series(nearest_names(spots, ground), dtype=object)
    if ground is not None:
        outlines = ground[(ground["kind"] == BORDER) & (ground["rank"] == OF_A_TABLE) & (ground["name"] != "")]
        # the largest first, so that the smallest outline around a cell has the last word
        outlines = outlines.iloc[np.argsort(-outlines.area.to_numpy(), kind="stable")]
        around, inside = spots.sindex.query(outlines.geometry.to_numpy(), predicate="contains")
        by_size = np.argsort(around, kind="stable")
        named.iloc[inside[by_size]] = outlines["name"].to_numpy(object)[around[by_size]]
    return named.where(named != "", None)
