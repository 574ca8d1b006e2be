"""How many routes that share no street lead from a cell to its neighbours."""

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.rating.grid.streets import node_places
from holdfast.types import Bools, Floats, Ints

ORIGINS = 4  # junctions of a cell that routes start from; ours: more change the mean little
BLOCK = 2  # cells to each side of the first cell that a route may use; ours


def disjoint_routes(cells: gpd.GeoDataFrame, segments: pd.DataFrame) -> Floats:
    """Mean number of edge-disjoint street routes from a cell to a neighbouring cell, shape (cell,).

    Over up to four junctions of the cell and over its neighbours that hold a junction: the largest number of routes
    from that junction to any junction of the neighbour of which no two share a street. 0 where there are none.
    `segments` come from `holdfast.rating.grid.streets.street_segments`, in the CRS of `cells`, squares with ``column``
    and ``row``.

    Notes
    -----
    The number is the maximum flow with capacity 1 on every street (Menger 1927; Ford & Fulkerson 1956).
    """
    if segments.empty:
        return np.zeros(len(cells))
    columns, rows = (cells[c].to_numpy(np.int64) for c in ("column", "row"))
    places = node_places(segments)
    west, south, east, _ = cells.geometry.iloc[0].bounds
    side = east - west
    # positions of the grid are reckoned from one cell, since any cells of it may be given
    corner = np.array([west - columns[0] * side, south - rows[0] * side])  # of column 0 and row 0
    spots = np.floor((places - corner) / side).astype(np.int64)
    in_cell = _cell_of(spots, columns, rows)
    centres = corner + (np.column_stack([columns, rows]) + 0.5) * side
    kept, streets = _junctions(segments, in_cell, centres, places)
    start, head, back = _arcs(streets, len(kept))
    # routes start from junctions, not from vertices: bends between them offer no choice
    origins = _origins(in_cell[kept], places[kept], centres)
    held = np.bincount(in_cell[kept][in_cell[kept] >= 0], minlength=len(cells)) > 0
    around = _around(columns, rows, held)
    positions = np.column_stack([in_cell[kept], spots[kept]])
    return np.asarray(_mean_flow(origins, around, start, head, back, positions))


def _codes(columns: Ints, rows: Ints, low: Ints, width: int) -> Ints:
    """One number per position of the grid."""
    return np.asarray((rows - low[1]) * width + columns - low[0])


def _cell_of(spots: Ints, columns: Ints, rows: Ints) -> Ints:
    """Number of the cell at each position of the grid, -1 outside the region."""
    low = np.array([columns.min(), rows.min()])
    width = int(columns.max() - low[0]) + 1
    code = _codes(columns, rows, low, width)
    order = np.argsort(code)
    inside = (spots[:, 0] >= low[0]) & (spots[:, 0] < low[0] + width)
    wanted = _codes(spots[:, 0], spots[:, 1], low, width)
    place = np.minimum(np.searchsorted(code[order], wanted), len(code) - 1)
    return np.asarray(np.where(inside & (code[order][place] == wanted), order[place], -1))


def _junctions(segments: pd.DataFrame, in_cell: Ints, centres: Floats, places: Floats) -> tuple[Ints, Ints]:
    """Nodes where other than two streets meet, and one per cell with streets; and the streets between them."""
    ends, count = segments[["from_node", "to_node"]].to_numpy(), len(places)
    degree = np.bincount(ends.ravel(), minlength=count)
    # a vertex with two stretches is a bend; one with one is a dead end, and any other a junction
    keep = degree != 2
    inside = np.flatnonzero(in_cell >= 0)
    off = np.hypot(*(places[inside] - centres[in_cell[inside]]).T)
    nearest = inside[np.lexsort((off, in_cell[inside]))]
    # a cell crossed by one road alone has no junction: the vertex nearest to its centre stands for it
    keep[nearest[np.unique(in_cell[nearest], return_index=True)[1]]] = True
    kept = np.flatnonzero(keep)
    number = np.full(count, -1)
    number[kept] = np.arange(len(kept))
    between = keep[ends].all(axis=1)
    inner = ~keep[ends].any(axis=1)
    # bends in a row are one connected part, which is one street between its two ends
    chain = sparse.coo_array((np.ones(inner.sum()), tuple(ends[inner].T)), shape=(count, count))
    _, part = csgraph.connected_components(chain, directed=False)
    half_kept = ends[~between & ~inner]
    half_kept = np.where(keep[half_kept[:, :1]], half_kept, half_kept[:, ::-1])  # the kept end first
    half_kept = half_kept[np.argsort(part[half_kept[:, 1]], kind="stable")]
    twins = number[half_kept[:, 0]].reshape(-1, 2)  # a chain of nodes of degree 2 has two ends
    streets = np.vstack([number[ends[between]], twins])
    return kept, streets[streets[:, 0] != streets[:, 1]]


def _arcs(streets: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Both directions of every street as rows of a sparse matrix: row starts, heads, number of the way back."""
    tails, heads = np.concatenate([streets, streets[:, ::-1]]).T
    order = np.argsort(tails, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    # the way back of stretch k was appended as stretch k + n
    back = place[(order + len(streets)) % max(len(order), 1)]
    start = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=count))])
    return start, heads[order], back


def _origins(in_cell: Ints, places: Floats, centres: Floats) -> Ints:
    """Shape (cell, ORIGINS): junctions at even steps of the distance from the centre, -1 where there are fewer."""
    chosen = np.full((len(centres), ORIGINS), -1)
    inside = np.flatnonzero(in_cell >= 0)
    off = np.hypot(*(places[inside] - centres[in_cell[inside]]).T)
    inside = inside[np.lexsort((places[inside, 1], places[inside, 0], np.round(off, 3), in_cell[inside]))]
    counts = np.bincount(in_cell[inside], minlength=len(centres))
    first = np.cumsum(counts) - counts
    for i in range(ORIGINS):
        there = counts > i
        # the first, the last and those evenly between them by distance from the centre
        step = np.where(counts > ORIGINS, i * (counts - 1) // (ORIGINS - 1), i)
        chosen[there, i] = inside[(first + step)[there]]
    return chosen


def _around(columns: Ints, rows: Ints, held: Bools) -> Ints:
    """Shape (cell, 8): the neighbours that hold a junction, -1 elsewhere."""
    steps = [(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0)]
    spots = np.column_stack([columns, rows])
    found = np.column_stack([_cell_of(spots + step, columns, rows) for step in steps])
    return np.where((found >= 0) & held[found], found, -1)


@numba.njit(cache=True)
def _mean_flow(origins: Ints, around: Ints, start: Ints, head: Ints, back: Ints, positions: Ints) -> Floats:
    """Mean over origins and neighbours of the maximum flow; see `disjoint_routes`.

    `positions` holds per junction its cell, or -1, and its column and row in the grid.
    """
    means = np.zeros(origins.shape[0])
    used = np.zeros(head.size, np.bool_)
    marks = np.zeros((3, positions.shape[0]), np.int64)  # per junction: last search, way there; and the queue
    taken = np.empty(head.size, np.int64)
    stamp = 0
    for cell in range(origins.shape[0]):
        total, pairs = 0, 0
        for origin in origins[cell]:
            if origin < 0:
                continue
            for target in around[cell]:
                if target < 0:
                    continue
                pairs += 1
                count = 0
                for _ in range(start[origin + 1] - start[origin]):
                    stamp += 1
                    end = _search(origin, target, start, head, used, positions, marks, stamp)
                    if end < 0:
                        break
                    total += 1
                    # walk back along the search and turn every arc round (Ford & Fulkerson 1956)
                    while end != origin:  # a street used against its direction is free again
                        arc = marks[1, end]
                        if used[back[arc]]:
                            used[back[arc]] = False
                        else:
                            used[arc] = True
                            if count < taken.size:
                                taken[count] = arc
                            count += 1
                        end = head[back[arc]]
                # more arcs than could be noted: forget them all at once
                if count > taken.size:
                    used[:] = False
                else:
                    used[taken[:count]] = False
        if pairs:
            means[cell] = total / pairs
    return means


@numba.njit(cache=True)
def _search(
    origin: int, target: int, start: Ints, head: Ints, used: Bools, positions: Ints, marks: Ints, stamp: int
) -> int:
    """Breadth-first search over free streets; the junction of the target that it reaches, or -1."""
    seen, came, queue = marks[0], marks[1], marks[2]
    queue[0], first, last = origin, 0, 1
    seen[origin] = stamp
    while first < last:
        node = queue[first]
        first += 1
        for arc in range(start[node], start[node + 1]):
            other = head[arc]
            wide = abs(positions[other, 1] - positions[origin, 1])
            high = abs(positions[other, 2] - positions[origin, 2])
            if used[arc] or seen[other] == stamp or wide > BLOCK or high > BLOCK:
                continue
            seen[other] = stamp
            came[other] = arc
            if positions[other, 0] == target:
                return int(other)
            queue[last] = other
            last += 1
    return -1
