"""Zones in which the needs of residents are met: squares of a grid, or those of the user."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError


def zone_ids(table: gpd.GeoDataFrame, size: float) -> pd.Series:
    """Zone of every building: the square of the grid, of `size` m, that it lies in."""
    column = np.floor(table.geometry.x / size).astype(np.int64)
    row = np.floor(table.geometry.y / size).astype(np.int64)
    return ("E" + column.astype(str) + "N" + row.astype(str)).astype("string")


def zones_of(buildings: gpd.GeoDataFrame, size: float) -> gpd.GeoDataFrame:
    """Zones in which the needs of residents are met.

    Parameters
    ----------
    buildings : GeoDataFrame
        Index ``building_id``; ``zone_id``, ``residents``; points in a projected CRS, m.
    size : float
        Side of a square of the zone grid, m.

    Returns
    -------
    GeoDataFrame
        Index ``zone_id``, sorted; ``residents`` (persons), ``geometry``: the square of the grid, or, for zones that the
        user named, the hull of the buildings widened by half of `size`. Zones without a building do not appear.
    """
    residents = buildings.groupby("zone_id")["residents"].sum().sort_index()
    if buildings["zone_id"].equals(zone_ids(buildings, size)):
        # any building of a square says where the square lies
        first = buildings.drop_duplicates("zone_id").set_index("zone_id").geometry.reindex(residents.index)
        left, bottom = np.floor(first.x / size) * size, np.floor(first.y / size) * size
        geometry = shapely.box(left, bottom, left + size, bottom + size)
    else:
        # `multipoints` wants the points of each zone in a row.
        order = np.argsort(residents.index.get_indexer(buildings["zone_id"]), kind="stable")
        zone = residents.index.get_indexer(buildings["zone_id"])[order]
        points = shapely.multipoints(buildings.geometry.to_numpy()[order], indices=zone)
        geometry = shapely.buffer(shapely.convex_hull(points), size / 2)
    return gpd.GeoDataFrame({"residents": residents}, geometry=geometry, index=residents.index, crs=buildings.crs)


def in_zones(buildings: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[pd.Series, gpd.GeoDataFrame]:
    """Zone of every building among zones of the user, and these zones in its CRS, sorted by ``zone_id``.

    Buildings name their zone in ``zone_id``, or belong to the one they lie in; other columns of zones, such as
    ``group_<name>``, stay.

    Raises
    ------
    TableError
        If the zones have no CRS, an id stands twice, or a building lies in none.
    """
    table = zones.set_index("zone_id") if "zone_id" in zones.columns else zones
    table = table.set_axis(table.index.astype(str), axis=0).rename_axis("zone_id").sort_index()
    problems = [] if table.crs is not None else [Problem("state no CRS; set one", column="geometry")]
    problems += [Problem(f'"{z}" stands more than once') for z in table.index[table.index.duplicated()].unique()]
    if problems:
        raise TableError("zones", problems)
    table = table.to_crs(buildings.crs)
    if "zone_id" in buildings.columns:
        found = buildings["zone_id"].astype("string")
    else:
        zone, building = table.sindex.query(buildings.geometry, predicate="intersects")[::-1]
        # a building on a border, or where zones overlap, belongs to the first zone by id
        first = pd.Series(zone, index=building).groupby(level=0).min().reindex(range(len(buildings)))
        names = table.index.to_numpy(dtype=object)[first.fillna(0).astype(int)]
        found = pd.Series(pd.array(np.where(first.isna(), None, names), dtype="string"), index=buildings.index)
    lost = ~found.isin(table.index).to_numpy(bool)
    text = "building {}: lies in no zone; widen the zones, or drop the building"
    if lost.any():
        raise TableError("zones", [Problem(text.format(b), column="zone_id") for b in buildings.index[lost]])
    return found.rename("zone_id"), table.drop(columns="residents", errors="ignore")
