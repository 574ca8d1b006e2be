"""Service of the networks by connection: who is joined to a working source, through all dependencies.

An update opens every network that a change may reach, takes all dependencies to hold, and drops those that do not
until nothing changes: what is left is the largest set of nodes that can work together, so that two nodes which need each
other both work. Not specified in the paper.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.kernels import allocation_free
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import NetworkState, intact
from holdfast.recovery.networks.pressure import served_share
from holdfast.types import Bools

FULL = 1.0


@allocation_free
def open_affected(graph: Graph, state: NetworkState) -> None:
    """Begin an update of every network that is ``changed``, and of all that these affect."""
    update = state.update
    networks = update.changed.size
    update.affected[:] = False
    for n in range(networks):
        if update.changed[n]:
            for m in range(networks):
                update.affected[m] = update.affected[m] or graph.affects[n, m]
        update.changed[n] = False
    for m in range(networks):
        update.pending[m] = update.affected[m]
        if update.affected[m]:
            for v in range(graph.node_start[m], graph.node_start[m + 1]):
                # every dependency holds until `solve_service` finds that it does not
                state.works[v] = state.node_intact[v]
                state.satisfaction_before[v] = state.satisfaction[v]


@allocation_free
def solve_service(now: int, answered: int, least: float, graph: Graph, state: NetworkState) -> int:
    """Find the service of all opened networks, to a fixed point; interrupts itself where a model outside is needed.

    Parameters
    ----------
    now : int
        Minutes since the event.
    answered : int
        External network whose service has just been put into ``state.satisfaction``, -1 if none.
    least : float
        Service of a node, 0..1, from which another that needs it works.

    Returns
    -------
    int
        External network that must be found next from ``works`` and ``edge_intact``; -1 when all are found.
    """
    update = state.update
    for m in range(update.affected.size):
        if not update.affected[m]:  # its service stands, and may be what an opened one lacks
            _stop_unsupplied(m, now, least, graph, state)
    place = 0
    while place < graph.sequence.size:
        n = graph.sequence[place]
        place += 1
        if not update.pending[n]:
            continue
        if update.external[n] and n != answered:
            return int(n)
        answered = -1
        update.pending[n] = False
        if graph.pressure.leaky[n]:
            _search_leaky(n, now, graph, state)
        elif not update.external[n]:
            _search(n, graph, state)
        _stop_unsupplied(n, now, least, graph, state)
        place = 0  # a node that stopped may have reopened a network earlier in the sequence
    return -1


@allocation_free
def _search(n: int, graph: Graph, state: NetworkState) -> None:
    """Serve the nodes of a network that a working source reaches through working nodes and edges; depth first."""
    near, stack = graph.adjacency, state.update.stack
    size = 0
    for v in range(graph.node_start[n], graph.node_start[n + 1]):
        state.satisfaction[v] = 0.0
        if graph.source[v] and state.works[v]:
            state.satisfaction[v] = FULL
            stack[size] = v
            size += 1
    while size > 0:
        size -= 1
        v = stack[size]
        for i in range(near.start[v], near.start[v + 1]):
            u = near.neighbour[i]
            if state.satisfaction[u] == 0.0 and state.works[u] and state.edge_intact[near.edge[i]]:
                state.satisfaction[u] = FULL
                stack[size] = u
                size += 1


@allocation_free
def _search_leaky(n: int, now: int, graph: Graph, state: NetworkState) -> None:
    """As `_search`, part by part: each has the share of service that its sources leave beside what its pipes lose."""
    near, stack, own = graph.adjacency, state.update.stack, graph.pressure
    low, high = graph.node_start[n], graph.node_start[n + 1]
    state.satisfaction[low:high] = 0.0
    for first in range(low, high):
        if not graph.source[first] or not state.works[first] or state.satisfaction[first] > 0.0:
            continue
        given = wanted = lost = 0.0
        state.satisfaction[first] = FULL
        stack[0] = first
        at, size = 0, 1
        while at < size:  # breadth first, so that the whole part stands in the stack at the end
            v = stack[at]
            at += 1
            given += own.supply[v] if graph.source[v] else 0.0
            wanted += own.want[v]
            for i in range(near.start[v], near.start[v + 1]):
                u, e = near.neighbour[i], near.edge[i]
                lost += 0.5 * state.leak[e]  # half of it at each end, so that of a broken pipe each side loses its own
                if state.satisfaction[u] == 0.0 and state.works[u] and state.edge_intact[e]:
                    state.satisfaction[u] = FULL
                    stack[size] = u
                    size += 1
        share = FULL if now < state.drained[n] else served_share(given, wanted, lost, own.step)
        if share < FULL:
            for k in range(size):
                state.satisfaction[stack[k]] = share


@allocation_free
def _stop_unsupplied(n: int, now: int, least: float, graph: Graph, state: NetworkState) -> None:
    """Stop the nodes that lack what they need of network n, once their backup has run out."""
    needs, update = graph.needs, state.update
    for d in range(needs.on_start[graph.node_start[n]], needs.on_start[graph.node_start[n + 1]]):
        if state.satisfaction[needs.on[d]] < least:
            if state.outage_since[d] < 0:
                state.outage_since[d] = now
            v = needs.node[d]
            # a backup without minutes is empty at once
            empty = now - state.outage_since[d] >= needs.minutes[d]
            if empty and state.works[v] and update.affected[graph.network[v]]:
                state.works[v] = False
                update.pending[graph.network[v]] = True


@allocation_free
def update_backups(now: int, least: float, graph: Graph, state: NetworkState) -> int:
    """Refill the backups whose supply is back, once the service is found; minute in which the next ends, -1 if none.

    The storage of a network that loses pressure ends like a backup.

    `now` are minutes since the event, `least` the service from which a need is met, as in `solve_service`.
    """
    needs, soonest = graph.needs, -1
    for d in range(needs.node.size):
        if state.satisfaction[needs.on[d]] >= least:
            state.outage_since[d] = -1
        elif now - state.outage_since[d] < needs.minutes[d]:
            end = state.outage_since[d] + needs.minutes[d]
            if soonest < 0 or end < soonest:
                soonest = end
    for n in range(state.drained.size):
        if now < state.drained[n] and (soonest < 0 or state.drained[n] < soonest):
            soonest = state.drained[n]
    return soonest


def in_service(graph: Graph, node_intact: Bools, edge_intact: Bools) -> Bools:
    """Nodes with service at the moment of an event, by connection alone; backups bridge what is lost then."""
    state = intact(graph)._replace(node_intact=node_intact, edge_intact=edge_intact)
    open_affected(graph, state)
    solve_service(0, -1, FULL, graph, state)
    return state.satisfaction > 0


def check_service(graph: Graph, buildings: pd.DataFrame, networks: Iterable[str]) -> None:
    """Refuse buildings that no source reaches even before the event.

    Raises
    ------
    TableError
        Naming every such building and its node.
    """
    served = in_service(graph, np.ones(graph.source.size, np.bool_), np.ones(len(graph.ends), np.bool_))
    problems = []
    for n, name in enumerate(networks):
        for b in np.flatnonzero(~served[graph.serving[:, n]]):
            node = buildings[f"{name}_node"].iloc[b]
            text = f'building {buildings.index[b]}: no {name} source reaches its node "{node}"; add an edge or a source'
            problems.append(Problem(text, column=f"{name}_node"))
    if problems:
        raise TableError("networks", problems)
