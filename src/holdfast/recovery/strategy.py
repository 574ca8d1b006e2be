"""Recovery strategies: which task the free crews take next."""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.errors import UnknownName
from holdfast.recovery.network import Graph

STRATEGIES: dict[str, int] = {"semi_flexible": 0, "random": 1, "largest_first": 2}
"""Codes of the strategies inside the compiled loop."""
SEMI_FLEXIBLE, RANDOM, LARGEST_FIRST = range(3)
HALF = 0.5
"""Share of the work on a damaged node that each of its edges bears in the spanning tree."""


class Tree(NamedTuple):
    """Rooted spanning forest: ``parent`` and ``through`` (node,), -1 at sources; ``order``: parents first."""

    parent: np.ndarray
    through: np.ndarray
    order: np.ndarray


def strategy(name: str) -> int:
    """Code of a recovery strategy.

    Parameters
    ----------
    name : str
        Key of ``STRATEGIES``.

    Raises
    ------
    UnknownName
        If there is no such strategy.

    Examples
    --------
    >>> strategy("largest_first")
    2
    """
    if name not in STRATEGIES:
        raise UnknownName("strategy", name, STRATEGIES)
    return STRATEGIES[name]


def worth(production: np.ndarray, occupants: np.ndarray, weight: float) -> np.ndarray:
    """Share of the city's functionality that a building holds.

    worth = w EP0_building / EP0 + (1 - w) SC0_building / SC0

    Parameters
    ----------
    production : ndarray
        Money per day of each building, shape (building,).
    occupants : ndarray
        Baseline occupancy, persons, shape (building,).
    weight : float
        Weight w of production.

    Returns
    -------
    ndarray
        Shape (building,). SC counts an occupant 1 + r_SS times, 2 on a normal day, so that losing the
        building's function altogether costs half its share of SC0.

    Examples
    --------
    >>> worth(np.array([3.0, 1.0]), np.array([0.0, 4.0]), 0.5).tolist()
    [0.375, 0.375]
    """
    money, persons = production.sum(), occupants.sum()
    share = weight * production / money if money > 0 else np.zeros(production.size)
    if persons > 0:
        share = share + (1 - weight) * HALF * occupants / persons
    return np.asarray(share)


def priority(code: int, value: np.ndarray, crews: np.ndarray, size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Order in which tasks are offered to free crews.

    Semi-flexible: by value per crew, then tasks without gain by size; random; largest first.
    The value of a task is its gain in functionality over its duration in days.

    Parameters
    ----------
    code : int
        Strategy.
    value : ndarray
        1/day, shape (task,).
    crews : ndarray of int
        Crews of each task.
    size : ndarray
        Floor area, m2, or for networks repair work, crew-days; largest first.
    rng : Generator
        For the random strategy.

    Returns
    -------
    ndarray of int
        Positions of the tasks, first to last; ties keep the order of the ids.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> priority(SEMI_FLEXIBLE, np.array([0.0, 1.0, 4.0, 0.0]), np.array([1, 1, 8, 1]), np.arange(4.0), rng).tolist()
    [1, 2, 3, 0]
    """
    keys = rng.random(value.size)
    if code == RANDOM:
        return np.argsort(keys, kind="stable")
    if code == LARGEST_FIRST:
        return np.argsort(-size, kind="stable")
    return np.lexsort((-size, -value / crews))


@numba.njit(cache=True)
def knapsack(value: np.ndarray, crews: np.ndarray, free: int) -> np.ndarray:
    """Set of tasks of the greatest total value that fits the free crews; exact.

    Parameters
    ----------
    value : ndarray
        At least 0, shape (task,).
    crews : ndarray of int
        Crews of each task.
    free : int
        Free crews.

    Returns
    -------
    ndarray of bool
        Shape (task,).

    References
    ----------
    Bellman (1957), dynamic programming of the 0/1 knapsack.

    Examples
    --------
    >>> knapsack(np.array([6.0, 5.0, 5.0]), np.array([3, 2, 2]), 4).tolist()
    [False, True, True]
    """
    best = np.zeros(free + 1)
    taken = np.zeros((value.size, free + 1), dtype=np.bool_)
    for i in range(value.size):
        for room in range(free, crews[i] - 1, -1):
            with_task = best[room - crews[i]] + value[i]
            if with_task > best[room]:
                best[room] = with_task
                taken[i, room] = True
    chosen = np.zeros(value.size, dtype=np.bool_)
    room = free
    for i in range(value.size - 1, -1, -1):
        if taken[i, room]:
            chosen[i] = True
            room -= crews[i]
    return chosen


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


@numba.njit(cache=True)
def dark_demand(
    graph: Graph, residual: np.ndarray, tree: Tree, share: np.ndarray, usable: np.ndarray, lit: np.ndarray
) -> np.ndarray:
    """Functionality that each dark node would give back if it had service.

    Of each building that the node serves: worth x usable share x (1 - residual). A node on which
    another network's node depends is credited with all that is dark behind that node in its tree.

    Parameters
    ----------
    graph : Graph
        The networks.
    residual : ndarray
        Function left without each network, shape (building, network).
    tree : Tree
        Spanning forest.
    share : ndarray
        Worth of each building, shape (building,).
    usable : ndarray
        Usable share of each building now.
    lit : ndarray of bool
        Service of each node now.

    Returns
    -------
    ndarray
        Share of the city's functionality, shape (node,); 0 where lit.
    """
    demand = np.zeros(lit.size)
    for v in range(lit.size):
        if not lit[v]:
            for i in range(graph.served_start[v], graph.served_start[v + 1]):
                b = graph.served[i]
                demand[v] += share[b] * usable[b] * (1.0 - residual[b, graph.network[v]])
    if graph.needs_node.size > 0:
        behind = demand.copy()
        for i in range(tree.order.size - 1, -1, -1):
            v = tree.order[i]
            if tree.parent[v] >= 0:
                behind[tree.parent[v]] += behind[v]
        for d in range(graph.needs_node.size):
            if not lit[graph.needs_node[d]] and not lit[graph.needs_on[d]]:
                demand[graph.needs_on[d]] += behind[graph.needs_node[d]]
    return demand


@numba.njit(cache=True)
def branches(
    graph: Graph, tree: Tree, demand: np.ndarray, pending: np.ndarray, network: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fold the tree of one network into branches, each headed by a damaged, unassigned asset.

    Parameters
    ----------
    graph : Graph
        The networks.
    tree : Tree
        Spanning forest.
    demand : ndarray
        As from `dark_demand`, shape (node,).
    pending : ndarray of bool
        Down and without a crew; all nodes, then all edges.
    network : int
        Position of the network.

    Returns
    -------
    above : ndarray of int
        Branch from which each branch hangs; branch 0 is what works or is being repaired.
    assets : ndarray of int
        Damaged edge and damaged node at the head of each branch, as positions in `pending`, -1 if that one
        works; shape (branch, 2).
    gain : ndarray
        Demand of each branch; that of branch 0 is not counted.
    """
    head = np.zeros(demand.size, dtype=np.int64)
    above = np.zeros(demand.size + 1, dtype=np.int64)
    assets = np.full((demand.size + 1, 2), -1)
    gain = np.zeros(demand.size + 1)
    count = 1
    for v in tree.order:
        if graph.network[v] != network:
            continue
        before = head[tree.parent[v]] if tree.parent[v] >= 0 else 0
        e = tree.through[v] + demand.size
        broken = tree.parent[v] >= 0 and pending[e]
        if pending[v] or broken:
            above[count] = before
            assets[count, 0] = e if broken else -1
            assets[count, 1] = v if pending[v] else -1
            head[v] = count
            count += 1
        else:
            head[v] = before
        if head[v] > 0:
            gain[head[v]] += demand[v]
    return above[:count], assets[:count], gain[:count]


@numba.njit(cache=True)
def best_branch(above: np.ndarray, work: np.ndarray, gain: np.ndarray, blocked: np.ndarray) -> int:
    """Branch whose path from the working part gives the most functionality per crew-day.

    gain of the path / work on the path, over branches with demand of their own

    Parameters
    ----------
    above : ndarray of int
        As from `branches`.
    work : ndarray
        Crew-days still unassigned at the head of each branch.
    gain : ndarray
        Demand of each branch.
    blocked : ndarray of bool
        Branches to leave out.

    Returns
    -------
    int
        The branch; 0 if none gains.

    Examples
    --------
    >>> best_branch(np.array([0, 0, 1]), np.array([0.0, 4.0, 1.0]), np.array([0.0, 1.0, 9.0]), np.zeros(3, np.bool_))
    2
    """
    path_work, path_gain = np.zeros(above.size), np.zeros(above.size)
    best, most = 0, 0.0
    for h in range(1, above.size):
        path_work[h] = path_work[above[h]] + work[h]
        if path_work[h] > 0.0:
            path_gain[h] = path_gain[above[h]] + gain[h]
            if gain[h] > 0.0 and not blocked[h] and path_gain[h] / path_work[h] > most:
                best, most = h, path_gain[h] / path_work[h]
    return best
