"""Twice the same thing counts once: points, lines in both directions, outlines mapped twice."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix, csgraph
from scipy.spatial import cKDTree

from holdfast.data import figure
from holdfast.sources.counts import named, of

SAME_SPOT = 1.0  # m
SAME_VERTEX = {True: 1e-7, False: 0.01}  # degrees, m: by whether the CRS is geographic


def points_once(points: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the first of several points that are one thing, and say how many rows were left out, and which.

    Two points are one where they lie within 1 m and have no names that differ, or within the packaged figure
    ``same_place`` and have one name; upper and lower case count as equal. Index and CRS are kept.
    """
    if len(points) < 2:
        return points, []
    flat = points.geometry.to_crs(points.estimate_utm_crs())
    places = np.column_stack([flat.x, flat.y])
    reach = figure("same_place")
    pairs = cKDTree(places).query_pairs(reach, output_type="ndarray")
    names = (
        points["name"].astype("string").str.strip().str.casefold()
        if "name" in points
        else pd.Series(pd.NA, points.index, dtype="string")
    )
    label = pd.factorize(names)[0]
    one, other = label[pairs[:, 0]], label[pairs[:, 1]]
    close = np.hypot(*(places[pairs[:, 0]] - places[pairs[:, 1]]).T) <= SAME_SPOT
    # a name of one alone is no difference; -1 is the code of no name
    same = ((one == other) & (one >= 0)) | (close & ((one < 0) | (other < 0)))
    again = _later(len(points), pairs[same])
    return _told(points, again, f"stand twice (one name within {reach:g} m, or no name within {SAME_SPOT:g} m)")


def lines_once(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the first of several lines through the same vertices, in either direction; and say how many were left out."""
    again = first_equal(lines) != np.arange(len(lines))
    size = shapely.length(lines.geometry.to_numpy())
    part = f"{size[again].sum() / size.sum():.0%} of the length" if size.sum() > 0 else "no length"
    return _told(lines, again, f"stand twice, in one or both directions ({part})")


def first_equal(lines: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the first line through the same vertices, in either direction, for each line.

    Examples
    --------
    >>> both = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 0 0)"], crs=4326)
    >>> first_equal(gpd.GeoDataFrame(geometry=both)).tolist()
    [0, 0]
    """
    # about a centimetre, which is what is lost when one line is written to two files
    grid = SAME_VERTEX[bool(lines.crs is not None and lines.crs.is_geographic)]
    rounded = shapely.transform(lines.geometry.to_numpy(), lambda xy: np.round(xy / grid))
    code = pd.factorize(pd.Series(shapely.to_wkb(shapely.normalize(rounded)), dtype=object))[0]
    return np.asarray(pd.Series(code).drop_duplicates().index.to_numpy()[code])


def outlines_once(outlines: gpd.GeoDataFrame, kind: np.ndarray | None = None) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the first of several outlines that cover the same ground; and say how many were left out, with their area.

    Outlines (valid polygons in a projected CRS, m) are one where they share the packaged figure ``same_outline`` of the
    ground of both; index and CRS are kept. With `kind`, a number for each row, only rows of one number are; the others that
    share their ground are counted too.
    """
    geometry = outlines.geometry.to_numpy()
    one, other = outlines.sindex.query(geometry, predicate="intersects")
    area = shapely.area(geometry)
    least = figure("same_outline")
    pairs = np.column_stack([one, other])[(one < other) & (area[one] > 0) & (area[other] > 0)]
    # unequal areas cannot share enough of their union: most pairs of neighbours need no intersection, which is slow
    alike = np.minimum(area[pairs[:, 0]], area[pairs[:, 1]]) >= least * np.maximum(area[pairs[:, 0]], area[pairs[:, 1]])
    pairs = pairs[alike]
    shared = shapely.area(shapely.intersection(geometry[pairs[:, 0]], geometry[pairs[:, 1]]))
    union = area[pairs[:, 0]] + area[pairs[:, 1]] - shared
    same = pairs[shared >= least * union]
    own = np.ones(len(same), dtype=bool) if kind is None else kind[same[:, 0]] == kind[same[:, 1]]
    again = _later(len(outlines), same[own])
    kept, told = _told(outlines, again, f"are mapped twice ({area[again].sum():,.0f} m2)")
    apart = len(np.unique(same[~own]))
    if apart:
        told.append(f"{of(apart, len(outlines), 'rows')} share an outline with a row of other attributes and are kept")
    return kept, told


def _later(count: int, pairs: np.ndarray) -> np.ndarray:
    """All but the first of each group of pairs."""
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    group = csgraph.connected_components(graph.tocsr(), directed=False)[1]
    return np.asarray(pd.Series(group).duplicated())


def _told(table: gpd.GeoDataFrame, again: np.ndarray, how: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The table without its repeated rows, and a note that names them."""
    if not again.any():
        return table, []
    rows = f"; rows {named(table.index[again])}" if table.index.name == "row" else ""
    return table[~again], [f"{of(int(again.sum()), len(table), 'rows')} {how} and count once{rows}"]
