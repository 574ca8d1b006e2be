"""What can be reached from a cell: straight, or over the streets."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse
from scipy.signal import fftconvolve
from scipy.sparse import csgraph
from scipy.spatial import KDTree

from holdfast.errors import Problem, TableError
from holdfast.rating.grid.frames import require_metres, require_same_crs
from holdfast.rating.grid.streets import node_places
from holdfast.types import Floats

SOURCES_AT_ONCE = 64  # rows of the table of distances that is held at a time


def within_reach(
    cells: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    reach: float,
    *,
    streets: pd.DataFrame | None = None,
    weight: str | None = None,
) -> pd.Series:
    """Number or weight of the points within reach of the centre of each cell, index of `cells`; 0 where there is none.

    Both stand in one projected CRS in metres. `reach`, m, is measured along `streets`, from
    `holdfast.rating.grid.streets.street_segments`, where they are given. `weight` is a column of `points` to add up;
    points whose weight is not known count nothing.

    Raises
    ------
    TableError
        If a CRS is missing, not in metres or not the same, or `points` holds other shapes.
    """
    require_metres(cells, "cells")
    require_same_crs(cells, points, "points")
    if not (points.geom_type == "Point").all():
        raise TableError("points", [Problem("holds other shapes than points; take their centroid", column="geometry")])
    centres, places = (shapely.get_coordinates(g.to_numpy()) for g in (cells.geometry.centroid, points.geometry))
    weights = np.ones(len(points)) if weight is None else points[weight].fillna(0.0).to_numpy(np.float64)
    if points.empty or (streets is not None and streets.empty):
        reached = np.zeros(len(cells))
    elif streets is None:
        reached = _straight(centres, places, weights, reach)
    else:
        reached = _along(streets, centres, places, weights, reach)
    return pd.Series(reached, index=cells.index)


def _straight(centres: Floats, points: Floats, weights: Floats, reach: float) -> Floats:
    """Weight of the points no farther than `reach` as the crow flies, shape (cell,)."""
    # the tree holds cells and is asked for points, since there are fewer points
    near = KDTree(centres).query_ball_point(points, reach)
    counts = np.fromiter((len(n) for n in near), np.int64, len(near))
    cell = np.fromiter((c for n in near for c in n), np.int64, counts.sum())
    return np.bincount(cell, np.repeat(weights, counts), minlength=len(centres)).astype(np.float64)


def _along(streets: pd.DataFrame, centres: Floats, points: Floats, weights: Floats, reach: float) -> Floats:
    """Weight of the points no farther than `reach` along the streets, shape (cell,)."""
    nodes = node_places(streets)
    ends = tuple(streets[["from_node", "to_node"]].to_numpy().T)
    graph = sparse.coo_array((streets["length_m"].to_numpy(), ends), shape=(len(nodes),) * 2).tocsr()
    tree = KDTree(nodes)
    # the straight way to the network counts, or a cell without streets would reach everything
    (walk, from_node), (drive, to_node) = tree.query(centres), tree.query(points)
    reached = np.zeros(len(centres))
    for first in range(0, len(points), SOURCES_AT_ONCE):
        block = slice(first, first + SOURCES_AT_ONCE)
        # from the points, in blocks: a table of all points and nodes would not fit the memory
        # one-way streets are taken in both directions, so that distances are at most too short
        far = csgraph.dijkstra(graph, directed=False, indices=to_node[block], limit=reach)[:, from_node]
        reached += weights[block] @ (far + walk[None, :] + drive[block, None] <= reach)
    return reached


def sum_within(cells: gpd.GeoDataFrame, values: pd.Series, reach: float) -> pd.Series:
    """Sum of a quantity over the cells of a grid whose centres lie within `reach`, m, of each cell's centre.

    Cells are squares with their positions ``column``, ``row``; the unit is that of `values`.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> cells = squares(np.arange(4), np.zeros(4, int), 1000.0, "EPSG:32615")
    >>> sum_within(cells, pd.Series(1.0, index=cells.index), 1000.0).tolist()
    [2.0, 3.0, 3.0, 2.0]
    """
    west, _, east, _ = cells.geometry.iloc[0].bounds
    columns, rows = (cells[c].to_numpy(np.int64) - int(cells[c].min()) for c in ("column", "row"))
    # cells as a picture, so that sums over discs are one convolution for all cells
    board = np.zeros((rows.max() + 1, columns.max() + 1))
    board[rows, columns] = values.to_numpy(np.float64)
    steps = min(int(reach / (east - west)), max(board.shape))
    y, x = np.mgrid[-steps : steps + 1, -steps : steps + 1]
    disc = (np.hypot(x, y) * (east - west) <= reach).astype(np.float64)
    sums = fftconvolve(board, disc, mode="full")[steps : steps + board.shape[0], steps : steps + board.shape[1]]
    noise = np.finfo(np.float64).eps * board.sum() * disc.size  # of the Fourier transform, where the sum is 0
    return pd.Series(np.where(sums > noise, sums, 0.0)[rows, columns].round(6), index=cells.index)
