"""Spanning tree: along which assets the networks are brought back."""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.networks.reachability import Graph

HALF = 0.5
"""Share of the work on a damaged node that each of its edges bears."""


class Tree(NamedTuple):
    """Rooted spanning forest: ``parent`` and ``through`` (node,), -1 at sources; ``order``: parents first."""

    parent: np.ndarray
    through: np.ndarray
    order: np.ndarray


@numba.njit(cache=True)
def _root(link: np.ndarray, v: int) -> int:
    """Representative of the set of v, with path halving."""
    while link[v] != v:
        link[v] = link[link[v]]
        v = link[v]
    return v


def spanning_tree(graph: Graph, node_work: np.ndarray, edge_work: np.ndarray) -> Tree:
    """Tree of the least repair work that joins every node to the sources.

    Kruskal's algorithm over a super-source: a damaged edge weighs its work plus half that of each
    damaged end; the link from the super-source to a source half the work of that source.

    Parameters
    ----------
    graph : Graph
        The networks.
    node_work, edge_work : ndarray
        Repair work of nodes and edges that are down, 0 where they work; crew-days.

    Returns
    -------
    Tree
        Nodes that no source can reach have no parent and are not in the order.

    References
    ----------
    Kruskal (1956). Zhou, Xiao & Xu (2025) name the algorithm; the weights are not specified in the paper.
    """
    sources = np.flatnonzero(graph.source)
    weight = np.concatenate([edge_work + HALF * node_work[graph.ends].sum(axis=1), HALF * node_work[sources]])
    links = np.concatenate([graph.ends, np.column_stack([np.full(sources.size, graph.source.size), sources])])
    # of equal weights the links to sources first, so that a working source hangs from nothing else
    first = np.arange(weight.size) < len(graph.ends)
    return Tree(*_kruskal(graph, np.ascontiguousarray(links), np.lexsort((first, weight)), sources))


@numba.njit(cache=True)
def _kruskal(
    graph: Graph, links: np.ndarray, by_weight: np.ndarray, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join the nodes by the links in order, leaving out every link that closes a circle; root the result."""
    nodes, edges = graph.source.size, graph.ends.shape[0]
    link = np.arange(nodes + 1)
    used = np.zeros(by_weight.size, dtype=np.bool_)
    for e in by_weight:
        a, b = _root(link, links[e, 0]), _root(link, links[e, 1])
        if a != b:
            link[a] = b
            used[e] = True
    parent = np.full(nodes, -1)
    through = np.full(nodes, -1)
    order = np.empty(nodes, dtype=np.int64)
    seen = np.zeros(nodes, dtype=np.bool_)
    size = 0
    for i in range(sources.size):
        if used[edges + i]:
            order[size] = sources[i]
            seen[sources[i]] = True
            size += 1
    at = 0
    while at < size:
        v = order[at]
        at += 1
        for i in range(graph.start[v], graph.start[v + 1]):
            u, e = graph.neighbour[i], graph.through[i]
            if used[e] and not seen[u]:
                seen[u] = True
                parent[u], through[u] = v, e
                order[size] = u
                size += 1
    return parent, through, order[:size]
