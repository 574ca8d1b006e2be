"""What can be reached from a cell: straight, or over the streets."""

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.signal import fftconvolve
from scipy.sparse import csgraph
from scipy.spatial import KDTree

from holdfast.errors import DataMissing, UnknownName
from holdfast.rating.grid.streets import node_places

Tables = Mapping[str, pd.DataFrame]
Access = Callable[[np.ndarray, np.ndarray, np.ndarray, float, Tables], np.ndarray]
SOURCES_AT_ONCE = 64  # rows of the table of distances that is held at a time


def straight(centres: np.ndarray, points: np.ndarray, weights: np.ndarray, reach: float, tables: Tables) -> np.ndarray:
    """Weight of the points no farther than `reach` as the crow flies.

    Parameters
    ----------
    centres : ndarray
        Shape (cell, 2), m.
    points : ndarray
        Shape (point, 2), m.
    weights : ndarray
        Shape (point,).
    reach : float
        Distance, m.
    tables : mapping
        Not used.

    Returns
    -------
    ndarray
        Shape (cell,), unit of `weights`.
    """
    del tables
    near = KDTree(centres).query_ball_point(points, reach)
    counts = np.fromiter((len(n) for n in near), np.int64, len(near))
    cell = np.fromiter((c for n in near for c in n), np.int64, counts.sum())
    return np.bincount(cell, np.repeat(weights, counts), minlength=len(centres)).astype(np.float64)


def streets(centres: np.ndarray, points: np.ndarray, weights: np.ndarray, reach: float, tables: Tables) -> np.ndarray:
    """Weight of the points no farther than `reach` along the streets.

    Parameters
    ----------
    centres, points, weights, reach
        As in `straight`.
    tables : mapping
        Needs ``streets``, from `holdfast.rating.grid.streets.street_segments`.

    Returns
    -------
    ndarray
        Shape (cell,), unit of `weights`.

    Raises
    ------
    DataMissing
        If there are no streets.

    Notes
    -----
    Centres and points join the network at its nearest vertex; the straight way there counts at both ends.
    One-way streets are taken in both directions, so distances are at most too short.
    """
    if "streets" not in tables:
        text = 'rating.access = "streets" needs [tables.roads]; add it, or take "straight"'
        raise DataMissing(text)
    segments = tables["streets"]
    places = node_places(segments)
    ends = tuple(segments[["from_node", "to_node"]].to_numpy().T)
    graph = sparse.coo_array((segments["length_m"].to_numpy(), ends), shape=(len(places),) * 2).tocsr()
    tree = KDTree(places)
    (walk, from_node), (drive, to_node) = tree.query(centres), tree.query(points)
    reached = np.zeros(len(centres))
    for first in range(0, len(points), SOURCES_AT_ONCE):
        block = slice(first, first + SOURCES_AT_ONCE)
        far = csgraph.dijkstra(graph, directed=False, indices=to_node[block], limit=reach)[:, from_node]
        within = far + walk[None, :] + drive[block, None] <= reach
        reached += weights[block] @ within
    return reached


ACCESS: dict[str, Access] = {"straight": straight, "streets": streets}


def within_reach(
    cells: gpd.GeoDataFrame, table: pd.DataFrame, reach: float, access: str, tables: Tables, weight: str | None = None
) -> pd.Series:
    """Number or weight of the points within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, projected CRS.
    table : DataFrame
        Column ``geometry``: points in the CRS of `cells`.
    reach : float
        Distance, m.
    access : str
        Key of `ACCESS`.
    tables : mapping
        Needs ``streets`` where `access` does.
    weight : str, optional
        Column of `table` to add up; points whose weight is not known count nothing.

    Returns
    -------
    Series
        Index ``cell_id``; 0 where there is none.

    Raises
    ------
    UnknownName
        If `access` is not known.
    """
    if access not in ACCESS:
        raise UnknownName("access", access, ACCESS, "rating.access")
    points = gpd.GeoSeries(table["geometry"])
    weights = np.ones(len(points)) if weight is None else table[weight].fillna(0.0).to_numpy(np.float64)
    middle = cells.geometry.centroid
    centres, places = (np.column_stack([g.x, g.y]) for g in (middle, points))
    return pd.Series(ACCESS[access](centres, places, weights, reach, tables), index=cells.index)


def sum_within(cells: gpd.GeoDataFrame, values: pd.Series, reach: float) -> pd.Series:
    """Sum of a quantity over the cells whose centres lie within a distance of each cell's centre.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``; columns ``column``, ``row``, square ``geometry``.
    values : Series
        Index ``cell_id``, such as residents or m2.
    reach : float
        Straight-line distance, m.

    Returns
    -------
    Series
        Index ``cell_id``, unit of `values`.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> cells = squares(np.arange(4), np.zeros(4, int), 1000.0, "EPSG:32615")
    >>> sum_within(cells, pd.Series(1.0, index=cells.index), 1000.0).tolist()
    [2.0, 3.0, 3.0, 2.0]
    """
    west, _, east, _ = cells.geometry.iloc[0].bounds
    columns, rows = (cells[c].to_numpy(np.int64) - int(cells[c].min()) for c in ("column", "row"))
    board = np.zeros((rows.max() + 1, columns.max() + 1))
    board[rows, columns] = values.to_numpy(np.float64)
    steps = min(int(reach / (east - west)), max(board.shape))
    y, x = np.mgrid[-steps : steps + 1, -steps : steps + 1]
    disc = (np.hypot(x, y) * (east - west) <= reach).astype(np.float64)
    sums = fftconvolve(board, disc, mode="full")[steps : steps + board.shape[0], steps : steps + board.shape[1]]
    noise = np.finfo(np.float64).eps * board.sum() * disc.size
    return pd.Series(np.where(sums > noise, sums, 0.0)[rows, columns].round(6), index=cells.index)
