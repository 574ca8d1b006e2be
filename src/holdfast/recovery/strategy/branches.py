"""Branches of the spanning tree, by what they bring back per crew-day."""

import numba
import numpy as np

from holdfast.recovery.networks.reachability import Graph
from holdfast.recovery.strategy.tree import Tree


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
