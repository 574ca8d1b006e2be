"""Maximum flow between many sources and many sinks, by Dinic's algorithm on flat arrays."""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.types import Bools, Floats, Ints

ROUNDING = 1e-12
"""Share of what is wanted below which an arc counts as full."""


class Arcs(NamedTuple):
    """Arcs in pairs (2 i and its reverse 2 i + 1), those of node v at start[v] .. start[v + 1] of ``order``."""

    head: Ints
    start: Ints
    order: Ints


def flow_arcs(count: int, ends: Ints) -> Arcs:
    """Arcs of a flow problem: edges, then super-source to every node, then every node to the super-sink.

    Parameters
    ----------
    count : int
        Nodes there are; the super-source is node `count`, the super-sink `count` + 1.
    ends : ndarray
        Nodes that each edge joins, shape (edge, 2).
    """
    nodes = np.arange(count)
    tail = np.concatenate([ends[:, 0], np.full(count, count), nodes]).astype(np.int64)
    head = np.concatenate([ends[:, 1], nodes, np.full(count, count + 1)]).astype(np.int64)
    both = np.column_stack([tail, head]).ravel()
    order = np.argsort(both, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(both, minlength=count + 2))])
    return Arcs(np.column_stack([head, tail]).ravel(), start.astype(np.int64), order.astype(np.int64))


def maximum_flow(arcs: Arcs, limits: Floats) -> tuple[float, Bools]:
    """Maximum flow from super-source to super-sink.

    Parameters
    ----------
    limits : ndarray
        Capacities of the edges (both directions), of the sources and of the wants, in this order.

    Returns
    -------
    float
        Total flow, in the unit of the limits.
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
    left[1 : 2 * edges : 2] = limits[:edges]  # an edge carries either way; source and sink links do not
    tolerance = ROUNDING * (1.0 + float(limits[edges + count :].sum()))
    flow, level = _dinic(arcs, left, count, tolerance)
    return flow, level[:count] >= 0


@numba.njit(cache=True)
def _levels(arcs: Arcs, left: Floats, source: int, tolerance: float, level: Ints, queue: Ints) -> None:
    """Breadth-first distance from the source through arcs with room; -1 where none leads."""
    level[:] = -1
    level[source] = 0
    queue[0] = source
    first, size = 0, 1
    while first < size:
        v = queue[first]
        first += 1
        for i in range(arcs.start[v], arcs.start[v + 1]):
            arc = arcs.order[i]
            u = arcs.head[arc]
            if level[u] < 0 and left[arc] > tolerance:
                level[u] = level[v] + 1
                queue[size] = u
                size += 1


@numba.njit(cache=True)
def _push(left: Floats, path: Ints, depth: int, tolerance: float) -> tuple[float, int]:
    """Send what the path carries; how much that is, and the place of the first arc that is full now."""
    amount = np.inf
    for k in range(depth):
        amount = min(amount, left[path[k]])
    back = depth
    for k in range(depth - 1, -1, -1):
        left[path[k]] -= amount
        left[path[k] ^ 1] += amount  # what flows may flow back
        if left[path[k]] <= tolerance:
            back = k
    return amount, back


@numba.njit(cache=True)
def _dinic(arcs: Arcs, left: Floats, source: int, tolerance: float) -> tuple[float, Ints]:
    """Blocking flows until the sink is out of reach; `left` holds what remains of each arc."""
    sink, count = source + 1, source + 2
    level, queue = np.empty(count, np.int64), np.empty(count, np.int64)
    at, path = np.empty(count, np.int64), np.empty(count, np.int64)
    flow = 0.0
    while True:
        _levels(arcs, left, source, tolerance, level, queue)
        if level[sink] < 0:
            return flow, level
        at[:] = arcs.start[:-1]  # next arc to try of each node: none is tried twice at one set of levels
        depth, v = 0, source
        while True:
            if v == sink:
                amount, depth = _push(left, path, depth, tolerance)
                flow += amount
                v = arcs.head[path[depth] ^ 1]  # back to the tail of the first full arc
                continue
            moved = False
            while at[v] < arcs.start[v + 1]:
                arc = arcs.order[at[v]]
                u = arcs.head[arc]
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
            depth -= 1  # a dead end: go back and try the next arc
            v = arcs.head[path[depth] ^ 1]
            at[v] += 1
