"""Streets as a graph, along which networks are laid: corners, ways between them, and how they hang together."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay, cKDTree

from holdfast.data import figure
from holdfast.errors import Problem, TableError

ALL_PAIRS = 50  # points up to which every pair is tried; a triangulation is not worth its trouble there
SHORTEST = 0.1  # m; a street of no length still joins its ends


@dataclass(frozen=True)
class Streets:
    """Streets along which networks can be laid.

    Parameters
    ----------
    nodes : GeoDataFrame
        Index ``node_id``; points in any CRS.
    edges : DataFrame
        Columns ``from_node``, ``to_node``, ``length_m``; direction does not matter.
    """

    nodes: gpd.GeoDataFrame
    edges: pd.DataFrame


@dataclass(frozen=True)
class Graph:
    """Street corners (node, 2) in m, edges (edge, 2) of node numbers, lengths (edge,) in m."""

    points: np.ndarray
    edges: np.ndarray
    lengths: np.ndarray


def street_graph(streets: Streets, crs: str) -> Graph:
    """Streets as arrays in a projected CRS, m; corners in the order of their ids, of parallel streets the shortest.

    Raises
    ------
    TableError
        If streets end at unknown nodes, or a length is negative or empty.
    """
    nodes = streets.nodes.sort_index().to_crs(crs)
    tail, head = (nodes.index.get_indexer(streets.edges[c]) for c in ("from_node", "to_node"))
    lost = (tail < 0) | (head < 0)
    if lost.any() or not len(nodes):
        text = f"{int(lost.sum())} of {len(lost)} streets end at a node that is not in the node table"
        raise TableError("streets", [Problem(text, column="from_node")])
    lengths = streets.edges["length_m"].to_numpy(np.float64)
    if not (np.isfinite(lengths) & (lengths >= 0)).all():
        raise TableError("streets", [Problem("is negative or empty for some street", column="length_m")])
    points = np.column_stack([nodes.geometry.x, nodes.geometry.y])
    return _simple(points, np.column_stack([tail, head]), lengths, np.ones(len(points), dtype=bool))


def block_graph(where: np.ndarray) -> Graph:
    """Synthetic streets: one corner per built-up block of a square grid, joined to its four neighbours.

    Parameters
    ----------
    where : ndarray
        Positions of buildings, m, shape (building, 2).

    Returns
    -------
    Graph
        Blocks of the side ``block_size``, m (packaged figure).

    Examples
    --------
    >>> block_graph(np.array([[10.0, 10.0], [210.0, 20.0], [900.0, 900.0]])).edges.tolist()
    [[0, 1]]
    """
    size = figure("block_size")
    blocks = np.unique(np.floor(where / size).astype(np.int64), axis=0)
    # a block's number on the grid; one row more than there is keeps the last block of a column apart from the first of
    # the next; numbers ascend, since `np.unique` sorts, so that a neighbour is found by bisection
    wide = int(np.ptp(blocks[:, 1])) + 2
    code = (blocks[:, 0] - blocks[0, 0]) * wide + blocks[:, 1] - blocks[:, 1].min()
    found = []
    for step in (wide, 1):
        place = np.minimum(np.searchsorted(code, code + step), len(code) - 1)
        there = np.flatnonzero(code[place] == code + step)
        found.append(np.column_stack([there, place[there]]))
    edges = np.concatenate(found)
    # by the first corner; of its edges the one to the very next number last
    edges = edges[np.lexsort([edges[:, 1] - edges[:, 0] == 1, edges[:, 0]])]
    return Graph((blocks + 0.5) * size, edges, np.full(len(edges), size))


def contract(graph: Graph) -> Graph:
    """Merge the pieces of each street between two corners into one edge.

    Corners and dead ends stay; of two streets between the same corners the shorter does, and a ring keeps one node.

    Examples
    --------
    >>> line = Graph(np.array([[0.0, 0], [1, 0], [3, 0]]), np.array([[0, 1], [1, 2]]), np.array([1.0, 2.0]))
    >>> contract(line).lengths.tolist()
    [3.0]
    """
    count, edges = len(graph.points), graph.edges
    degree = np.bincount(edges.ravel(), minlength=count)
    # a node with two neighbours is a point along a street; a part that consists of such nodes alone is a ring
    keep = degree != 2
    ring = components(count, edges)
    open_parts = np.unique(ring[keep])
    closed = np.flatnonzero(~np.isin(ring, open_parts))
    keep[closed[np.unique(ring[closed], return_index=True)[1]]] = True
    # pieces joined at points along a street form a chain, which becomes one edge; a piece between two corners is a
    # chain of its own, with a number that no chain has
    inner = ~keep[edges]
    chain = components(count, edges[inner.all(axis=1)])
    group = np.where(inner.any(axis=1), np.where(inner[:, 0], chain[edges[:, 0]], chain[edges[:, 1]]), -1)
    alone = group < 0
    group[alone] = count + np.arange(alone.sum())
    names, group = np.unique(group, return_inverse=True)
    lengths = np.bincount(group, weights=graph.lengths, minlength=len(names))
    # every chain ends at exactly two kept nodes (the same one twice if it leads back)
    edge, side = np.nonzero(~inner)
    order = np.argsort(group[edge], kind="stable")
    ends = edges[edge, side][order].reshape(-1, 2)
    return _simple(graph.points, ends, lengths, keep)


def _simple(points: np.ndarray, edges: np.ndarray, lengths: np.ndarray, keep: np.ndarray) -> Graph:
    """Keep some nodes, number them again, drop loops and all but the shortest of parallel edges."""
    # new number of a node that is kept
    number = np.cumsum(keep) - 1
    edges = np.sort(number[edges], axis=1)
    order = np.lexsort([lengths, edges[:, 1], edges[:, 0]])
    edges, lengths = edges[order], lengths[order]
    first = np.ones(len(edges), dtype=bool)
    first[1:] = (edges[1:] != edges[:-1]).any(axis=1)
    first &= edges[:, 0] != edges[:, 1]
    return Graph(points[keep], edges[first], lengths[first])


def join(graph: Graph) -> Graph:
    """Join separate parts of a graph by the shortest straight links: a minimum spanning tree between the parts.

    Examples
    --------
    >>> parts = Graph(np.array([[0.0, 0], [1, 0], [5, 0]]), np.array([[0, 1]]), np.array([1.0]))
    >>> join(parts).edges.tolist()
    [[0, 1], [1, 2]]
    """
    part = components(len(graph.points), graph.edges)
    if part.max(initial=0) == 0:
        return graph
    links = _near_pairs(graph.points)
    links = links[part[links[:, 0]] != part[links[:, 1]]]
    distance = np.maximum(np.linalg.norm(graph.points[links[:, 0]] - graph.points[links[:, 1]], axis=1), SHORTEST)
    # the shortest link of every pair of parts, ties by the numbers of the nodes
    pair = np.sort(part[links], axis=1)
    order = np.lexsort([links[:, 1], links[:, 0], distance, pair[:, 1], pair[:, 0]])
    links, pair, distance = links[order], pair[order], distance[order]
    first = np.ones(len(pair), dtype=bool)
    first[1:] = (pair[1:] != pair[:-1]).any(axis=1)
    links, pair, distance = links[first], pair[first], distance[first]
    size = part.max() + 1
    # ranks in the place of distances: no two are equal, so that there is one tree only
    rank = np.argsort(np.argsort(distance, kind="stable"), kind="stable") + 1.0
    parts = sparse.coo_matrix((rank, (pair[:, 0], pair[:, 1])), shape=(size, size)).tocsr()
    chosen = np.isin(rank, csgraph.minimum_spanning_tree(parts).data)
    return Graph(
        graph.points,
        np.vstack([graph.edges, np.sort(links[chosen], axis=1)]),
        np.concatenate([graph.lengths, distance[chosen]]),
    )


def _near_pairs(points: np.ndarray) -> np.ndarray:
    """Pairs of points that hold every shortest link between two groups: all, or those of a triangulation."""
    if len(points) <= ALL_PAIRS:
        return np.column_stack(np.triu_indices(len(points), k=1))
    # the shortest link between two groups is an edge of the triangulation of all points; QJ: joggled, since corners of
    # a grid lie on one circle; around the middle, since coordinates of a CRS are large
    triangles = Delaunay(points - points.mean(axis=0), qhull_options="QJ").simplices
    pairs = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)


def components(count: int, edges: np.ndarray) -> np.ndarray:
    """Number of the connected part of each of `count` nodes, from 0, by edges of shape (edge, 2)."""
    ones = np.ones(len(edges))
    graph = sparse.coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=(count, count))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def linked(graph: Graph, where: np.ndarray) -> tuple[Graph, np.ndarray]:
    """Nearest corner of every building, shape (building,), and the graph without dead ends that serve none.

    Parameters
    ----------
    graph : Graph
        Streets that hang together; corners are numbered again.
    where : ndarray
        Positions of buildings, m, shape (building, 2).
    """
    corner = cKDTree(graph.points).query(where)[1]
    used = np.bincount(corner, minlength=len(graph.points)) > 0
    edges, lengths = graph.edges, graph.lengths
    # cutting off a dead end may leave the corner before it as the next one
    while True:
        degree = np.bincount(edges.ravel(), minlength=len(used))
        dead = (degree == 1) & ~used
        if not dead.any():
            break
        alive = ~dead[edges].any(axis=1)
        edges, lengths = edges[alive], lengths[alive]
    keep = used | (degree > 0)
    return _simple(graph.points, edges, lengths, keep), (np.cumsum(keep) - 1)[corner]


def settled_part(graph: Graph, corner: np.ndarray, where: np.ndarray) -> tuple[Graph, np.ndarray]:
    """The streets of the settled part, and the corner of every building in it, shape (building,).

    Corners within the packaged figure ``settled_reach`` of a building stay, and those on the shortest ways between
    buildings; streets through open country, along which nobody lives, carry no pipes and lines.

    Parameters
    ----------
    graph : Graph
        Streets that hang together.
    corner : ndarray
        Corner of every building, shape (building,).
    where : ndarray
        Positions of buildings, m, shape (building, 2).

    Examples
    --------
    >>> ring = Graph(np.array([[0.0, 0], [9000, 0], [9000, 9000], [0, 9000]]), np.array([[0, 1], [1, 2], [2, 3], [0, 3]]), np.full(4, 9000.0))
    >>> settled_part(ring, np.array([0, 1]), ring.points[:2])[0].edges.tolist()
    [[0, 1]]
    """
    count = len(graph.points)
    near = cKDTree(where).query(graph.points)[0] <= figure("settled_reach")
    weight = np.maximum(graph.lengths, SHORTEST)
    matrix = sparse.coo_matrix((weight, (graph.edges[:, 0], graph.edges[:, 1])), shape=(count, count)).tocsr()
    # the corner in the middle of the buildings, whatever their order in the table
    root = int(corner[np.argmin(np.square(where - where.mean(axis=0)).sum(axis=1))])
    before = csgraph.dijkstra(matrix, directed=False, indices=root, return_predecessors=True)[1]
    on_way = np.zeros(count, dtype=bool)
    walk = np.unique(corner)
    # from all served corners at once towards the root, until every way has met one that is marked
    while len(walk):
        on_way[walk] = True
        walk = np.unique(before[walk])
        walk = walk[(walk >= 0) & ~on_way[np.maximum(walk, 0)]]
    keep = near | on_way
    inner = keep[graph.edges].all(axis=1)
    # what lies near a building but is joined to the others by open country alone is left out
    part = components(count, graph.edges[inner])
    keep &= part == part[root]
    inner = keep[graph.edges].all(axis=1)
    return _simple(graph.points, graph.edges[inner], graph.lengths[inner], keep), (np.cumsum(keep) - 1)[corner]
