"""Causes: why a place has no service, back to what is broken.

By connection alone: a node out of service is joined to what works along the way with the fewest obstacles, and an
obstacle is either damaged or stopped by what it needs from another network, whose cause then counts. Not specified in
the paper.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import NetworkState, intact
from holdfast.recovery.networks.pressure import no_pressure
from holdfast.recovery.networks.service import open_affected, solve_service, update_backups
from holdfast.types import Bools, Floats, Ints

MINUTES = 1440
"""Minutes of a day."""


class Causes(NamedTuple):
    """Why each node is out of service at one moment.

    ``root`` (node,): asset whose repair comes first, node or node count + edge, -1 where there is service;
    ``before``, ``through`` (node,): next node and edge on the way to what works, -1 at its end; ``lacks``
    (node,): dependency that stops a node which is intact, -1 if none does.
    """

    root: Ints
    before: Ints
    through: Ints
    lacks: Ints


@numba.njit(cache=True)
def _find_lacking(now: int, least: float, graph: Graph, state: NetworkState, lacks: Ints) -> None:
    """Write the dependency that stops each intact node, the first of several."""
    lacks[:] = -1
    needs = graph.needs
    for d in range(needs.node.size):
        v = needs.node[d]
        unsupplied = state.satisfaction[needs.on[d]] < least and now - state.outage_since[d] >= needs.minutes[d]
        if unsupplied and state.node_intact[v] and lacks[v] < 0:
            lacks[v] = d


@numba.njit(cache=True)
def _own_root(v: int, graph: Graph, state: NetworkState, lacks: Ints, root: Ints) -> int:
    """Root of a node that does not work: itself, or the root of what it lacks."""
    if state.node_intact[v] and lacks[v] >= 0:
        other = root[graph.needs.on[lacks[v]]]
        return int(other if other >= 0 else v)
    return int(v)


@numba.njit(cache=True)
def causes(now: int, least: float, graph: Graph, state: NetworkState) -> Causes:
    """Why each node is out of service.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        Service of a node, 0..1, from which one that needs it works.
    state : NetworkState
        Its service found.
    """
    near, nodes = graph.adjacency, graph.source.size
    root, before, through = np.full(nodes, -1), np.full(nodes, -1), np.full(nodes, -1)
    lacks, far = np.full(nodes, -1), np.full(nodes, 2 * nodes + 1)  # obstacles on the way, at first more than any
    _find_lacking(now, least, graph, state, lacks)
    room = nodes + near.neighbour.size
    here, later = np.empty(room, np.int64), np.empty(room, np.int64)
    for n in graph.sequence:  # what others need first, so that their roots are known
        size = more = 0
        for v in range(graph.node_start[n], graph.node_start[n + 1]):
            if state.satisfaction[v] > 0.0:
                far[v] = 0
                here[size] = v
                size += 1
        for v in range(graph.node_start[n], graph.node_start[n + 1]):
            if graph.source[v] and far[v] > 0:  # a source that does not work is the first obstacle of its way
                far[v] = 1
                root[v] = _own_root(v, graph, state, lacks, root)
                later[more] = v
                more += 1
        # shortest ways by number of obstacles: those at the present number first, then those one farther
        while size + more > 0:
            if size == 0:
                here, later, size, more = later, here, more, 0
            size -= 1
            v = here[size]
            for i in range(near.start[v], near.start[v + 1]):
                u, e = near.neighbour[i], near.edge[i]
                blocked = not state.edge_intact[e] or not state.works[u]
                if far[u] <= far[v] + blocked:
                    continue
                far[u] = far[v] + blocked
                before[u], through[u] = v, e
                root[u] = root[v]
                if root[v] < 0:  # the first obstacle from what works: the edge, or else the node
                    root[u] = nodes + e if not state.edge_intact[e] else _own_root(u, graph, state, lacks, root)
                if blocked:
                    later[more] = u
                    more += 1
                else:
                    here[size] = u
                    size += 1
    return Causes(root, before, through, lacks)


def chain(v: int, graph: Graph, state: NetworkState, found: Causes) -> list[tuple[str, int]]:
    """Obstacles between a node and what works, nearest first, through all networks, to the root.

    Parameters
    ----------
    found : Causes
        Of the same moment as `state`.

    Returns
    -------
    list of (what, place)
        ``("node", node)`` and ``("edge", edge)`` for what is damaged, ``("stopped", node)`` for an intact node that
        lacks what it needs of another; empty if the node has service.
    """
    steps: list[tuple[str, int]] = []
    seen: set[int] = set()
    while v >= 0 and state.satisfaction[v] == 0 and v not in seen:
        seen.add(v)
        jump = -1
        if not state.node_intact[v]:
            steps.append(("node", v))
        elif not state.works[v] and found.lacks[v] >= 0:
            steps.append(("stopped", v))
            jump = int(graph.needs.on[found.lacks[v]])
        edge, ahead = int(found.through[v]), int(found.before[v])
        if edge >= 0 and not state.edge_intact[edge]:
            steps.append(("edge", edge))
            jump = -1
        works_ahead = ahead < 0 or state.satisfaction[ahead] > 0
        v = jump if jump >= 0 and works_ahead else ahead
    return steps


class Outages(NamedTuple):
    """What the outages of a draw come from.

    ``by_network`` (network, asset): occupants x days without service of a network of which the asset (nodes, then
    edges) was the root; ``spells`` (spell, 4): node, first and last minute, root.
    """

    by_network: Floats
    spells: Ints


def outages(
    graph: Graph, occupants: Floats, down: Bools, finished: Ints, days: int, least: float, most: int = 0
) -> Outages:
    """Replay a draw and put every outage down to its root; networks with a model of their own by connection.

    Parameters
    ----------
    occupants : ndarray
        Persons behind each node, shape (node,).
    down : ndarray of bool
        Nodes then edges that the event put out of service, shape (asset,).
    finished : ndarray of int
        Day on which each is repaired, -1 if it is not, shape (asset,).
    days : int
        Length of the replay.
    least : float
        Service of a node, 0..1, from which one that needs it works.
    most : int
        Greatest number of spells to list.
    """
    # what is broken is the cause, not what leaks: by connection
    graph = graph._replace(pressure=no_pressure(graph.node_start.size - 1, graph.source.size))
    state, nodes = intact(graph), graph.source.size
    state.node_intact[:], state.edge_intact[:] = ~down[:nodes], ~down[nodes:]
    order = np.flatnonzero(down & (finished >= 0) & (finished < days))
    order = order[np.argsort(finished[order], kind="stable")]
    person_days = np.zeros((graph.node_start.size - 1, down.size))
    spells = np.zeros((most, 4), dtype=np.int64)
    count = _replay(graph, state, occupants, order, finished, days * MINUTES, least, (person_days, spells))
    return Outages(person_days, spells[:count])


@numba.njit(cache=True)
def _replay(
    graph: Graph,
    state: NetworkState,
    occupants: Floats,
    order: Ints,
    finished: Ints,
    end: int,
    least: float,
    out: tuple[Floats, Ints],
) -> int:
    """Find the service at every change, and charge the time until the next one to the roots."""
    person_days, spells = out
    nodes = graph.source.size
    last, began = np.full(nodes, -1), np.zeros(nodes, np.int64)
    now = place = count = 0
    while now < end:
        while place < order.size and finished[order[place]] * MINUTES <= now:
            a = order[place]
            if a < nodes:
                state.node_intact[a] = True
            else:
                state.edge_intact[a - nodes] = True
            place += 1
        state.update.changed[:] = True
        open_affected(graph, state)
        solve_service(now, -1, least, graph, state)
        backup_ends = update_backups(now, least, graph, state)
        root = causes(now, least, graph, state).root
        following = end if place == order.size else min(finished[order[place]] * MINUTES, end)
        if backup_ends >= 0:
            following = min(following, backup_ends)
        for v in range(nodes):
            if root[v] >= 0:
                person_days[graph.network[v], root[v]] += occupants[v] * ((following - now) / MINUTES)
            if root[v] != last[v]:
                count = _list_spell(v, began[v], now, last[v], spells, count)
                last[v], began[v] = root[v], now
        now = following
    for v in range(nodes):
        count = _list_spell(v, began[v], end, last[v], spells, count)
    return int(count)


@numba.njit(cache=True)
def _list_spell(v: int, begin: int, end: int, root: int, spells: Ints, count: int) -> int:
    """Write down an outage that has ended, if there is room; how many are written."""
    if root < 0 or count >= spells.shape[0]:
        return int(count)
    spells[count, 0], spells[count, 1], spells[count, 2], spells[count, 3] = v, begin, end, root
    return int(count + 1)
