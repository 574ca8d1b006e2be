"""Causes: why a place has no service, back to what is broken.

By connection alone: a dark node is joined to what works along the way with the fewest obstacles, and an obstacle is
either damaged or stopped by what it needs from another network, whose cause then counts. Not specified in the paper.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.networks.reachability import Graph, Light, dark, recharge, settle, unsettle

MINUTES = 1440
"""Minutes of a day."""


class Causes(NamedTuple):
    """Why each node is dark at one moment.

    ``root`` (node,): asset whose repair comes first, node or node count + edge, -1 where there is service;
    ``before``, ``through`` (node,): next node and edge on the way to what works, -1 at its end; ``lacks``
    (node,): dependency that stops a node which is intact, -1 if none does.
    """

    root: np.ndarray
    before: np.ndarray
    through: np.ndarray
    lacks: np.ndarray


@numba.njit(cache=True)
def _lacking(now: int, least: float, graph: Graph, light: Light, lacks: np.ndarray) -> None:
    """Dependency that stops each intact node."""
    lacks[:] = -1
    for d in range(light.since.size):
        v = graph.needs_node[d]
        dry = light.satisfaction[graph.needs_on[d]] < least and now - light.since[d] >= graph.needs_minutes[d]
        if dry and light.node_intact[v] and lacks[v] < 0:
            lacks[v] = d


@numba.njit(cache=True)
def _own_root(v: int, graph: Graph, light: Light, lacks: np.ndarray, root: np.ndarray) -> int:
    """Root of a node that does not work: itself, or the root of what it lacks."""
    if light.node_intact[v] and lacks[v] >= 0:
        other = root[graph.needs_on[lacks[v]]]
        return int(other if other >= 0 else v)
    return int(v)


@numba.njit(cache=True)
def causes(now: int, least: float, graph: Graph, light: Light) -> Causes:
    """Why each node is dark.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        Service of a node from which one that needs it works.
    graph : Graph
        The networks.
    light : Light
        Settled.

    Returns
    -------
    Causes
        Of every node.
    """
    nodes = graph.source.size
    root, before, through = np.full(nodes, -1), np.full(nodes, -1), np.full(nodes, -1)
    lacks, far = np.full(nodes, -1), np.full(nodes, 2 * nodes + 1)
    _lacking(now, least, graph, light, lacks)
    room = nodes + graph.neighbour.size
    here, later = np.empty(room, np.int64), np.empty(room, np.int64)
    for n in graph.sequence:
        size = more = 0
        for v in range(graph.node_start[n], graph.node_start[n + 1]):
            if light.satisfaction[v] > 0.0:
                far[v] = 0
                here[size] = v
                size += 1
        for v in range(graph.node_start[n], graph.node_start[n + 1]):
            if graph.source[v] and far[v] > 0:
                far[v] = 1
                root[v] = _own_root(v, graph, light, lacks, root)
                later[more] = v
                more += 1
        while size + more > 0:
            if size == 0:
                here, later, size, more = later, here, more, 0
            size -= 1
            v = here[size]
            for i in range(graph.start[v], graph.start[v + 1]):
                u, e = graph.neighbour[i], graph.through[i]
                blocked = not light.edge_intact[e] or not light.works[u]
                if far[u] <= far[v] + blocked:
                    continue
                far[u] = far[v] + blocked
                before[u], through[u] = v, e
                root[u] = root[v]
                if root[v] < 0:
                    root[u] = nodes + e if not light.edge_intact[e] else _own_root(u, graph, light, lacks, root)
                if blocked:
                    later[more] = u
                    more += 1
                else:
                    here[size] = u
                    size += 1
    return Causes(root, before, through, lacks)


def chain(v: int, graph: Graph, light: Light, found: Causes) -> list[tuple[str, int]]:
    """Obstacles between a node and what works, nearest first, through all networks, to the root.

    Parameters
    ----------
    v : int
        Node.
    graph : Graph
        The networks.
    light : Light
        Settled.
    found : Causes
        Of the same moment.

    Returns
    -------
    list of (what, place)
        ``("node", node)`` and ``("edge", edge)`` for what is damaged, ``("stopped", node)`` for an intact node that
        lacks what it needs of another; empty if the node has service.
    """
    steps: list[tuple[str, int]] = []
    seen: set[int] = set()
    while v >= 0 and light.satisfaction[v] == 0 and v not in seen:
        seen.add(v)
        jump = -1
        if not light.node_intact[v]:
            steps.append(("node", v))
        elif not light.works[v] and found.lacks[v] >= 0:
            steps.append(("stopped", v))
            jump = int(graph.needs_on[found.lacks[v]])
        edge, ahead = int(found.through[v]), int(found.before[v])
        if edge >= 0 and not light.edge_intact[edge]:
            steps.append(("edge", edge))
            jump = -1
        works_ahead = ahead < 0 or light.satisfaction[ahead] > 0
        v = jump if jump >= 0 and works_ahead else ahead
    return steps


class Darkness(NamedTuple):
    """What the dark hours of a draw come from.

    ``by_network`` (network, asset): occupants x days without service of a network of which the asset (nodes, then
    edges) was the root;
    ``spells`` (spell, 4): node, first and last minute, root.
    """

    by_network: np.ndarray
    spells: np.ndarray


def darkness(
    graph: Graph, occupants: np.ndarray, down: np.ndarray, finished: np.ndarray, days: int, least: float, most: int = 0
) -> Darkness:
    """Replay a draw and blame every dark hour on its root.

    Parameters
    ----------
    graph : Graph
        The networks.
    occupants : ndarray
        Persons behind each node, shape (node,).
    down : ndarray of bool
        Nodes then edges that the event put out of service, shape (asset,).
    finished : ndarray of int
        Day on which each is repaired, -1 if it is not, same shape.
    days : int
        Days to replay.
    least : float
        Service of a node from which one that needs it works.
    most : int
        Greatest number of spells to list.

    Returns
    -------
    Darkness
        As described there; networks with a model of their own are replayed by connection.
    """
    light = dark(graph)
    nodes = graph.source.size
    light.node_intact[:], light.edge_intact[:] = ~down[:nodes], ~down[nodes:]
    order = np.flatnonzero(down & (finished >= 0) & (finished < days))
    order = order[np.argsort(finished[order], kind="stable")]
    person_days = np.zeros((graph.node_start.size - 1, down.size))
    spells = np.zeros((most, 4), dtype=np.int64)
    count = _replay(graph, light, occupants, order, finished, days * MINUTES, least, (person_days, spells))
    return Darkness(person_days, spells[:count])


@numba.njit(cache=True)
def _replay(
    graph: Graph,
    light: Light,
    occupants: np.ndarray,
    order: np.ndarray,
    finished: np.ndarray,
    end: int,
    least: float,
    out: tuple[np.ndarray, np.ndarray],
) -> int:
    """Settle the networks at every change, and charge the time until the next one to the roots."""
    person_days, spells = out
    nodes = graph.source.size
    last, began = np.full(nodes, -1), np.zeros(nodes, np.int64)
    now = place = count = 0
    while now < end:
        while place < order.size and finished[order[place]] * MINUTES <= now:
            a = order[place]
            if a < nodes:
                light.node_intact[a] = True
            else:
                light.edge_intact[a - nodes] = True
            place += 1
        light.changed[:] = True
        unsettle(graph, light)
        settle(now, -1, least, graph, light)
        runs_out = recharge(now, least, graph, light)
        root = causes(now, least, graph, light).root
        following = end if place == order.size else min(finished[order[place]] * MINUTES, end)
        if runs_out >= 0:
            following = min(following, runs_out)
        for v in range(nodes):
            if root[v] >= 0:
                person_days[graph.network[v], root[v]] += occupants[v] * ((following - now) / MINUTES)
            if root[v] != last[v]:
                count = _note(v, began[v], now, last[v], spells, count)
                last[v], began[v] = root[v], now
        now = following
    for v in range(nodes):
        count = _note(v, began[v], end, last[v], spells, count)
    return int(count)


@numba.njit(cache=True)
def _note(v: int, begin: int, end: int, root: int, spells: np.ndarray, count: int) -> int:
    """Write down a dark spell that has ended, if there is room."""
    if root < 0 or count >= spells.shape[0]:
        return int(count)
    spells[count, 0], spells[count, 1], spells[count, 2], spells[count, 3] = v, begin, end, root
    return int(count + 1)
