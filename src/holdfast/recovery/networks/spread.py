"""Service after repairs that can only spread it: found from the repaired assets on, not again from the sources."""

from holdfast.kernels import allocation_free
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import NetworkState


@allocation_free
def spread_service(now: int, least: float, graph: Graph, state: NetworkState) -> int:
    """Serve what ``repaired`` assets join to the rest, in networks with ``gains_only``; how many nodes gain service.

    Equals an update by `open_affected` and `solve_service`, at the cost of what changes. The nodes that gain service
    stand first in ``state.update.stack``; no backup may end in the minute `now`.
    """
    near, needs, stack, repaired = graph.adjacency, graph.needs, state.update.stack, state.repaired
    size = 0
    for k in range(repaired.size[0]):
        v = repaired.asset[k]
        if v >= 0:
            state.works[v] = _has_needs(v, now, least, graph, state)
            size = _serve(v, size, graph, state)
        else:
            for side in range(2):
                size = _serve(graph.ends[-1 - v, side], size, graph, state)
    repaired.size[0] = 0
    # then from node to node, along edges and along dependencies
    at = 0
    while at < size:  # the stack is a queue here: it keeps all nodes, for the caller to go through
        v = stack[at]
        at += 1
        for i in range(near.start[v], near.start[v + 1]):
            if state.edge_intact[near.edge[i]]:
                size = _serve(near.neighbour[i], size, graph, state)
        for d in range(needs.on_start[v], needs.on_start[v + 1]):
            state.outage_since[d] = -1  # its backup is full again
            u = needs.node[d]
            if state.node_intact[u] and not state.works[u] and _has_needs(u, now, least, graph, state):
                state.works[u] = True
                size = _serve(u, size, graph, state)
    return size


@allocation_free
def _has_needs(v: int, now: int, least: float, graph: Graph, state: NetworkState) -> bool:
    """Whether a node has all it needs, or a backup of it."""
    needs = graph.needs
    for i in range(needs.of_start[v], needs.of_start[v + 1]):
        d = needs.of[i]
        lacks = state.satisfaction[needs.on[d]] < least
        if lacks and now - state.outage_since[d] >= needs.minutes[d]:
            return False
    return True


@allocation_free
def _serve(v: int, size: int, graph: Graph, state: NetworkState) -> int:
    """Serve a node that works, has no service and is joined to it; how many have been served."""
    if state.satisfaction[v] == 0.0 and state.works[v] and _joined(v, graph, state):
        state.satisfaction[v] = 1.0
        state.satisfaction_before[v] = 0.0
        state.update.stack[size] = v
        return size + 1
    return size


@allocation_free
def _joined(v: int, graph: Graph, state: NetworkState) -> bool:
    """Whether a node is a source, or has a neighbour with service on an intact edge."""
    near = graph.adjacency
    if graph.source[v]:
        return True
    for i in range(near.start[v], near.start[v + 1]):
        if state.satisfaction[near.neighbour[i]] > 0.0 and state.edge_intact[near.edge[i]]:
            return True
    return False
