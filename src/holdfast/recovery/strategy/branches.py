"""Branches of the spanning tree, by what they bring back per crew-day."""

import numba
import numpy as np

from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.strategy.spanning_tree import Tree
from holdfast.types import Bools, Floats, Ints


@numba.njit(cache=True)
def branches(graph: Graph, tree: Tree, demand: Floats, pending: Bools, network: int) -> tuple[Ints, Ints, Floats]:
    """Fold the tree of one network into branches, each headed by a damaged, unassigned asset.

    `demand` is what each node without service would give back, `pending` what is out of service and without a crew: all
    nodes, then all edges.

    Returns
    -------
    above, gain : ndarray
        Branch from which each branch hangs (0: what works or is being repaired), and its demand; 0 for branch 0.
    assets : ndarray of int
        Damaged edge and node at the head of each branch, as positions in `pending`, -1 if it works; (branch, 2).
    """
    head = np.zeros(demand.size, dtype=np.int64)  # branch to which each node belongs
    above = np.zeros(demand.size + 1, dtype=np.int64)
    assets = np.full((demand.size + 1, 2), -1)
    gain = np.zeros(demand.size + 1)
    count = 1
    for v in tree.order:  # parents first: the branch of a parent is known
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
        if head[v] > 0:  # behind something broken
            gain[head[v]] += demand[v]
    return above[:count], assets[:count], gain[:count]


@numba.njit(cache=True)
def best_branch(above: Ints, work: Floats, gain: Floats, blocked: Bools) -> int:
    """Branch whose path from the working part gives the most functionality per crew-day; 0 if none gains.

    gain of the path / work on the path, over branches with demand of their own

    Parameters
    ----------
    above, gain : ndarray
        As from `branches`, shape (branch,).
    work : ndarray
        Crew-days still unassigned at the head of each branch, shape (branch,).
    blocked : ndarray of bool
        Branches to leave out, shape (branch,).

    Examples
    --------
    >>> best_branch(np.array([0, 0, 1]), np.array([0.0, 4.0, 1.0]), np.array([0.0, 1.0, 9.0]), np.zeros(3, np.bool_))
    2
    """
    path_work, path_gain = np.zeros(above.size), np.zeros(above.size)
    best, most = 0, 0.0
    for h in range(1, above.size):  # a branch hangs from one with a smaller number
        path_work[h] = path_work[above[h]] + work[h]
        if path_work[h] > 0.0:  # else all of it is assigned, and it lends nothing to what hangs from it
            path_gain[h] = path_gain[above[h]] + gain[h]
            if gain[h] > 0.0 and not blocked[h] and path_gain[h] / path_work[h] > most:
                best, most = h, path_gain[h] / path_work[h]
    return best
