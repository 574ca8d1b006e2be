"""What lies in each cell: polygons and lines cut by the cells."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from holdfast.rating.grid.frames import require_metres, require_same_crs
from holdfast.types import Floats, Ints

LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


def pieces(cells: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut polygons or lines by the cells.

    Parameters
    ----------
    cells, shapes : GeoDataFrame
        Polygons that do not overlap, and polygons or lines with any columns, in one projected CRS in metres.

    Returns
    -------
    DataFrame
        One row per piece: ``cell_id`` (of the index of `cells`), ``piece_m2`` (polygons) or ``piece_m`` (lines),
        ``share`` (of the whole shape that lies in the piece), and the columns of `shapes`. Pieces of a
        shape sum to the part of it that the cells cover.

    Raises
    ------
    TableError
        If a CRS is missing, not in metres, or not the same.

    Notes
    -----
    Area weighting (Goodchild & Lam 1980) assumes that what a shape holds is spread evenly over it.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=32615)
    >>> shapes = gpd.GeoDataFrame({"people": [9.0]}, geometry=[shapely.box(5, 0, 20, 10)], crs=32615)
    >>> pieces(cells, shapes)["share"].round(3).tolist()
    [0.333, 0.667]
    """
    require_metres(cells, "cells")
    require_same_crs(cells, shapes, "shapes")
    geometry = shapes.geometry.to_numpy()
    # the index is asked for shapes; the answer is turned to cells first
    cell, shape = cells.sindex.query(geometry, predicate="intersects")[::-1]
    # one order whatever the index returns, since sums in floating point depend on it
    order = np.lexsort((shape, cell))
    cell, shape = cell[order], shape[order]
    cut = shapely.intersection(cells.geometry.to_numpy()[cell], geometry[shape])
    # a table holds lines or polygons, never both: the schema sees to it
    linear = bool(np.isin(shapely.get_type_id(geometry), LINES).all())
    measure, column = (shapely.length, "piece_m") if linear else (shapely.area, "piece_m2")
    size, whole = measure(cut), measure(geometry)[shape]
    if linear:
        size = size - _border_excess(cut, cells.geometry.to_numpy()[cell], shape)
    # shapes that only touch a cell have a piece without length or area
    keep = size > 0
    table = pd.DataFrame(shapes.drop(columns=shapes.geometry.name)).iloc[shape[keep]].reset_index(drop=True)
    table.insert(0, "cell_id", cells.index.to_numpy()[cell[keep]])
    table.insert(1, column, size[keep])
    return table.assign(share=size[keep] / whole[keep])


def _border_excess(cut: NDArray[np.object_], cells: NDArray[np.object_], shape: Ints) -> Floats:
    """Half of the length of each piece that runs along a border, which the cell beyond it counts too."""
    excess = np.zeros(len(cut))
    border = shapely.intersection(cut, shapely.boundary(cells))
    along = np.flatnonzero(shapely.length(border) > 0)
    rows = pd.DataFrame({"shape": shape[along], "piece": along})
    # two pieces of one shape on one border are the same stretch, counted by the cells on either side
    pairs = rows.merge(rows, on="shape")
    pairs = pairs[pairs["piece_x"] != pairs["piece_y"]]
    one, other = (pairs[c].to_numpy() for c in ("piece_x", "piece_y"))
    np.add.at(excess, one, shapely.length(shapely.intersection(border[one], border[other])) / 2)
    return excess


def dissolve(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge polygons that may overlap, so that ground under several of them counts once.

    Returns
    -------
    GeoDataFrame
        Disjoint polygons in the same CRS, geometry alone.

    Examples
    --------
    >>> parks = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)], crs=32615)
    >>> dissolve(parks).area.tolist()
    [3.0]
    """
    merged = shapely.union_all(shapely.make_valid(shapes.geometry.to_numpy()))
    # twice, since a collection may hold multipolygons
    parts = shapely.get_parts(shapely.get_parts(merged))
    return gpd.GeoDataFrame(geometry=parts[shapely.area(parts) > 0], crs=shapes.crs)


def clip(shapes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut lines or polygons off at the rim of a region, the union of `areas` in one CRS; what lies outside is gone.

    Examples
    --------
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=32615)
    >>> clip(road, gpd.GeoDataFrame(geometry=[shapely.box(-1, -1, 4, 1)], crs=32615)).length.tolist()
    [4.0]
    """
    outline = shapely.union_all(areas.geometry.to_numpy())
    # most shapes lie well inside, which a prepared outline answers without cutting
    shapely.prepare(outline)
    geometry = shapes.geometry.to_numpy(copy=True)
    kinds = shapely.get_dimensions(geometry)
    across = ~shapely.contains_properly(outline, geometry)
    geometry[across] = shapely.intersection(geometry[across], outline)
    # a road that only touches the rim is cut to a point, which is no road
    kept = (shapely.get_dimensions(geometry) == kinds) & ~shapely.is_empty(geometry)
    collections = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero(collections):  # shapes that also touch the rim in a point or along a line
        parts = shapely.get_parts(geometry[i])
        geometry[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == kinds[i]])
    return shapes.set_geometry(gpd.GeoSeries(geometry, index=shapes.index, crs=shapes.crs))[kept]
