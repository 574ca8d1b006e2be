"""Spanning tree: along which assets the networks are brought back."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import ArrayLike

from holdfast.errors import Problem, TableError
from holdfast.recovery.networks.graph import Adjacency, Graph, adjacency
from holdfast.types import Bools, Floats, Ints

HALF = 0.5
"""Share of the work on a damaged node that each of its edges bears."""


class Tree(NamedTuple):
    """Rooted spanning forest: ``parent`` and ``through`` (node,), -1 at sources; ``order``: parents first.

    ``through`` is the edge to the parent. Nodes that no source can reach have no parent and are not in the order.
    """

    parent: Ints
    through: Ints
    order: Ints


def spanning_tree(ends: ArrayLike, source: ArrayLike, node_work: ArrayLike, edge_work: ArrayLike) -> Tree:
    """Tree of the least repair work that joins every node to the sources; of equal weights the edge that comes first.

    Parameters
    ----------
    ends : array_like of int
        Nodes that each edge joins, numbered from 0, shape (edge, 2).
    source : array_like of bool
        Where the service enters, shape (node,).
    node_work, edge_work : array_like
        Repair work of nodes and edges that are out of service, crew-days, 0 where they work; shapes (node,), (edge,).

    Raises
    ------
    TableError
        If the shapes do not fit together, an end is no node, or a work is below 0.

    References
    ----------
    Kruskal (1956), Proceedings of the American Mathematical Society 7. Zhou, Xiao & Xu (2025) name the algorithm; the
    weights are not specified in the paper.

    Examples
    --------
    >>> tree = spanning_tree([[0, 1], [1, 2], [0, 2]], [True, False, False], [0, 0, 0], [5.0, 1.0, 1.0])
    >>> tree.parent.tolist()
    [-1, 2, 0]
    """
    pairs, sources = np.asarray(ends, dtype=np.int64).reshape(-1, 2), np.asarray(source, dtype=np.bool_)
    works = np.asarray(node_work, dtype=np.float64), np.asarray(edge_work, dtype=np.float64)
    problems = []
    for name, work, count in (("node_work", works[0], sources.size), ("edge_work", works[1], len(pairs))):
        if work.shape != (count,) or not (work >= 0).all():
            problems.append(Problem(f"give {count} numbers of at least 0, crew-days", column=name))
    if ((pairs < 0) | (pairs >= sources.size)).any():
        problems.append(Problem(f"nodes are numbered 0 to {sources.size - 1}", column="ends"))
    if problems:
        raise TableError("spanning tree", problems)
    return _least_work(pairs, sources, adjacency(pairs, sources.size), *works)


def repair_tree(graph: Graph, node_work: Floats, edge_work: Floats) -> Tree:
    """As `spanning_tree`, of all networks of a city, with neighbours that are indexed already."""
    return _least_work(graph.ends, graph.source, graph.adjacency, node_work, edge_work)


def _least_work(ends: Ints, source: Bools, near: Adjacency, node_work: Floats, edge_work: Floats) -> Tree:
    """Weigh the links, sort them and join the nodes by them."""
    sources = np.flatnonzero(source)
    # over a super-source, number `source.size`: an edge weighs its work plus half that of each end, the link to a
    # source half the work of that source, so that a node between two edges of the tree counts once
    weight = np.concatenate([edge_work + HALF * node_work[ends].sum(axis=1), HALF * node_work[sources]])
    links = np.concatenate([ends, np.column_stack([np.full(sources.size, source.size), sources])])
    # of equal weights the links to sources first, so that a working source hangs from nothing else
    first = np.arange(weight.size) < len(ends)
    order = np.lexsort((first, weight))
    used = _kruskal(np.ascontiguousarray(links), order, source.size + 1)
    roots = sources[used[len(ends) :]]
    return Tree(*_rooted(near, used, roots))


@numba.njit(cache=True)
def _root(link: Ints, v: int) -> int:
    """Representative of the set of v, with path halving."""
    while link[v] != v:
        link[v] = link[link[v]]
        v = link[v]
    return v


@numba.njit(cache=True)
def _kruskal(links: Ints, by_weight: Ints, nodes: int) -> Bools:
    """Which links join the nodes, taken in order and leaving out every one that closes a circle, shape (link,)."""
    link = np.arange(nodes)  # disjoint sets: every node is its own at first
    used = np.zeros(by_weight.size, dtype=np.bool_)
    for e in by_weight:
        a, b = _root(link, links[e, 0]), _root(link, links[e, 1])
        if a != b:
            link[a] = b
            used[e] = True
    return used


@numba.njit(cache=True)
def _rooted(near: Adjacency, used: Bools, roots: Ints) -> tuple[Ints, Ints, Ints]:
    """Parents, edges to them and breadth-first order, from the roots along the used edges."""
    nodes = near.start.size - 1
    parent, through = np.full(nodes, -1), np.full(nodes, -1)
    order = np.empty(nodes, dtype=np.int64)
    seen = np.zeros(nodes, dtype=np.bool_)
    # breadth first: the order of the nodes is that in which they are found
    size = roots.size
    order[:size] = roots
    seen[roots] = True
    at = 0
    while at < size:
        v = order[at]
        at += 1
        for i in range(near.start[v], near.start[v + 1]):
            u, e = near.neighbour[i], near.edge[i]
            if used[e] and not seen[u]:
                seen[u] = True
                parent[u], through[u] = v, e
                order[size] = u
                size += 1
    return parent, through, order[:size]
