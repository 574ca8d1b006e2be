"""Capacity-limited flow: sources, edges and wants with limits, shared as fairly as the network allows.

The share of a node is what it gets over what it wants. Shares are max-min fair: no node's share can be raised
without lowering that of another whose share is already smaller or equal. They are found by filling up: the largest
common share that can be carried is a flow problem; the nodes behind the tight cut keep that share, the others go on.
The largest share of a round comes from Newton's method on cuts, which ends after finitely many maximum flows.
"""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.networks.connection import External, ends_of, place, positive, reached
from holdfast.types import Network

UNLIMITED = np.inf
TINY = 1e-9
"""Share of the total demand below which a difference of flows is rounding."""


class Residual(NamedTuple):
    """Arcs in pairs (2 i and its reverse 2 i + 1), those of node v at start[v] .. start[v + 1] of ``order``."""

    head: np.ndarray
    start: np.ndarray
    order: np.ndarray


def capacity(network: Network) -> External:
    """Network model: every node gets the max-min fair share of its demand that sources and edges can carry.

    Parameters
    ----------
    network : Network
        Nodes with ``demand``; optionally ``supply`` of the sources and ``capacity`` of the edges, both in the
        unit of the demand; empty means unlimited.

    Returns
    -------
    External
        Satisfaction over that of the undamaged network, at most 1. A node without demand has the share that a
        vanishing demand there would get.

    Raises
    ------
    TableError
        If the nodes have no demand, or some node with demand that a source reaches gets nothing even before the
        event.

    Notes
    -----
    Not specified in the paper: how a shortage is shared. Max-min fairness is unique, so that the answer does not
    depend on the order of nodes. Losses along edges and directions are left out.
    """
    ends, demand = ends_of(network), positive(network, "demand")
    source = network.nodes["source"].to_numpy(bool)
    supply = np.where(source, _limit(network.nodes, "supply"), 0.0)
    limits = _limit(network.edges, "capacity")
    arcs = residual(len(demand), ends)

    def share(node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
        lit = reached(ends, source, node_works, edge_works)
        carries = np.where(edge_works & lit[ends].all(axis=1), limits, 0.0)
        given = np.where(node_works, supply, 0.0)
        return fair_shares(arcs, carries, given, np.where(lit, demand, 0.0), lit)

    everything = np.ones(len(demand), bool), np.ones(len(ends), bool)
    normal = share(*everything)
    dead = (normal <= 0) & (demand > 0) & reached(ends, source, *everything)
    if dead.any():
        text = "node {}: has demand but no supply even before the event; raise the limits of its sources or of the way to it"
        problems = [Problem(text.format(network.nodes.index[i]), column="demand") for i in np.flatnonzero(dead)]
        raise TableError(place(network), problems)

    def satisfaction(node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
        now = share(node_works, edge_works)
        full = now >= normal * (1.0 - TINY)
        return np.where(full & (now > 0), 1.0, now / np.where(normal > 0, normal, 1.0))

    return satisfaction


def _limit(table: pd.DataFrame, column: str) -> np.ndarray:
    """A column of limits; unlimited where empty or absent."""
    if column not in table.columns:
        return np.full(len(table), UNLIMITED)
    values = table[column].to_numpy(np.float64)
    return np.where(np.isnan(values), UNLIMITED, values)


def residual(count: int, ends: np.ndarray) -> Residual:
    """Arcs of a flow problem: edges, then super-source to every node, then every node to the super-sink.

    Parameters
    ----------
    count : int
        Nodes; the super-source is node `count`, the super-sink `count` + 1.
    ends : ndarray
        Shape (edge, 2).

    Returns
    -------
    Residual
        For `fair_shares`.
    """
    nodes = np.arange(count)
    tail = np.concatenate([ends[:, 0], np.full(count, count), nodes]).astype(np.int64)
    head = np.concatenate([ends[:, 1], nodes, np.full(count, count + 1)]).astype(np.int64)
    both = np.column_stack([tail, head]).ravel()
    order = np.argsort(both, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(both, minlength=count + 2))])
    return Residual(np.column_stack([head, tail]).ravel(), start.astype(np.int64), order.astype(np.int64))


def fair_shares(
    arcs: Residual, carries: np.ndarray, supply: np.ndarray, demand: np.ndarray, open_nodes: np.ndarray
) -> np.ndarray:
    """Max-min fair shares of the demands.

    Parameters
    ----------
    arcs : Residual
        From `residual`.
    carries, supply, demand : ndarray
        Capacity of each edge in either direction (edge,), of each source (node,), wants (node,), all >= 0.
    open_nodes : ndarray of bool
        Nodes that take part, shape (node,).

    Returns
    -------
    ndarray
        Shape (node,), 0..1; of a node without demand the share that a vanishing demand would get.

    References
    ----------
    Megiddo (1974), Optimal flows in networks with multiple sources and sinks: lexicographically fair flows.

    Examples
    --------
    >>> arcs = residual(3, np.array([[0, 1], [1, 2]]))
    >>> want, give = np.array([0.0, 1.0, 3.0]), np.array([9.0, 0.0, 0.0])
    >>> fair_shares(arcs, np.array([3.0, 2.0]), give, want, np.ones(3, bool)).round(3).tolist()
    [1.0, 1.0, 0.667]
    """
    count = len(demand)
    share = np.zeros(count)
    waiting = open_nodes.copy()
    total = float(demand[open_nodes].sum())
    cap = float(min(total, np.where(np.isfinite(supply), supply, total).sum())) + 1.0
    while waiting.any():
        level, behind = _level(arcs, np.minimum(carries, cap), np.minimum(supply, cap), demand, share, waiting)
        stuck = waiting & behind
        if level >= 1.0 or not stuck.any():
            share[waiting] = level
            break
        share[stuck] = level
        waiting &= ~stuck
    return share


def _level(
    arcs: Residual, carries: np.ndarray, supply: np.ndarray, demand: np.ndarray, share: np.ndarray, waiting: np.ndarray
) -> tuple[float, np.ndarray]:
    """Largest common share of the waiting nodes, and the nodes behind the cut that keeps it there."""
    level, behind = 1.0, np.zeros(len(demand), dtype=bool)
    total = float(demand.sum())
    while True:
        want = np.where(waiting, level, share) * demand
        flow, near = maximum_flow(arcs, np.concatenate([carries, supply, want]))
        if flow >= want.sum() - TINY * total:
            return level, behind
        cut = ~near
        able = waiting & cut
        wanted = float(demand[able].sum())
        entering = want[cut].sum() - (want.sum() - flow)  # what the cut lets in, by strong duality
        lower = (entering - float((share * demand)[cut & ~waiting].sum())) / wanted if wanted > 0 else level
        if wanted <= 0 or lower >= level - TINY:
            return level, behind
        level, behind = max(lower, 0.0), cut


def maximum_flow(arcs: Residual, limits: np.ndarray) -> tuple[float, np.ndarray]:
    """Maximum flow from super-source to super-sink, by Dinic's algorithm.

    Parameters
    ----------
    arcs : Residual
        From `residual`.
    limits : ndarray
        Capacities of the edges (both directions), of the sources and of the wants, in this order.

    Returns
    -------
    float
        Total flow.
    ndarray of bool
        Shape (node,): nodes on the source's side of the last minimum cut, that is all from which the sink
        can no longer be reached are False only if the source cannot reach them either.

    References
    ----------
    Dinic (1970), Algorithm for solution of a problem of maximum flow in networks with power estimation.
    """
    count = len(arcs.start) - 3
    edges = len(limits) - 2 * count
    left = np.zeros(2 * len(limits))
    left[0::2] = limits
    left[1 : 2 * edges : 2] = limits[:edges]
    tolerance = 1e-12 * (1.0 + float(limits[edges + count :].sum()))
    flow, level = _dinic(arcs.head, arcs.start, arcs.order, left, count, tolerance)
    return flow, level[:count] >= 0


@numba.njit(cache=True)
def _levels(head, start, order, left, source, tolerance, level, queue):  # type: ignore[no-untyped-def]
    """Breadth-first distance from the source through arcs with room; -1 where none leads."""
    level[:] = -1
    level[source] = 0
    queue[0] = source
    first, size = 0, 1
    while first < size:
        v = queue[first]
        first += 1
        for i in range(start[v], start[v + 1]):
            arc = order[i]
            u = head[arc]
            if level[u] < 0 and left[arc] > tolerance:
                level[u] = level[v] + 1
                queue[size] = u
                size += 1


@numba.njit(cache=True)
def _dinic(head, start, order, left, source, tolerance):  # type: ignore[no-untyped-def]
    """Blocking flows until the sink is out of reach; `left` holds what remains of each arc."""
    sink, count = source + 1, source + 2
    level, queue = np.empty(count, np.int64), np.empty(count, np.int64)
    at, path = np.empty(count, np.int64), np.empty(count, np.int64)
    flow = 0.0
    while True:
        _levels(head, start, order, left, source, tolerance, level, queue)
        if level[sink] < 0:
            return flow, level
        at[:] = start[:-1]
        depth, v = 0, source
        while True:
            if v == sink:
                push = np.inf
                for k in range(depth):
                    push = min(push, left[path[k]])
                flow += push
                back = depth
                for k in range(depth - 1, -1, -1):
                    left[path[k]] -= push
                    left[path[k] ^ 1] += push
                    if left[path[k]] <= tolerance:
                        back = k
                depth = back
                v = head[path[depth] ^ 1]
                continue
            moved = False
            while at[v] < start[v + 1]:
                arc = order[at[v]]
                u = head[arc]
                if left[arc] > tolerance and level[u] == level[v] + 1:
                    path[depth] = arc
                    depth += 1
                    v = u
                    moved = True
                    break
                at[v] += 1
            if moved:
                continue
            if depth == 0:
                break
            depth -= 1
            v = head[path[depth] ^ 1]
            at[v] += 1
