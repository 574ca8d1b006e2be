"""Which parts of the networks work now, and who has service."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.networks.graph import Graph
from holdfast.types import Bools, Floats, Ints


class Update(NamedTuple):
    """Bookkeeping of one update of the service, all by network but ``stack``, which is room for a search (node,).

    ``changed``: something in it works or fails since the last update; ``affected``: is being updated; ``pending``:
    its service is still to be found; ``external``: a model outside the loop finds it; ``gains_only``: repairs can only
    spread its service, never take it, since they affect no external network, none that loses pressure and no circle of
    dependencies.
    """

    changed: Bools
    affected: Bools
    pending: Bools
    external: Bools
    gains_only: Bools
    stack: Ints


class Repaired(NamedTuple):
    """Assets repaired since the last update: the first size[0] of ``asset``, nodes as v, edges as -1 - e."""

    asset: Ints
    size: Ints


class NetworkState(NamedTuple):
    """What changes in the networks of a draw.

    ``node_intact`` (node,), ``edge_intact`` (edge,): not damaged, or repaired; ``works`` (node,): intact and with all it
    needs; ``satisfaction``, ``satisfaction_before`` (node,): service, 0..1, now and before the present update;
    ``outage_since`` (dependency,): minute in which what a node needs lost its service, -1 while it is there.
    ``leak`` (edge,): what damaged pipes lose at the pressure that suffices; ``drained`` (network,): minute in which the
    storage has run out. ``at_building`` (network,): room for the service of each network at one building.
    """

    node_intact: Bools
    edge_intact: Bools
    works: Bools
    satisfaction: Floats
    satisfaction_before: Floats
    outage_since: Ints
    update: Update
    repaired: Repaired
    leak: Floats
    drained: Ints
    at_building: Floats


def intact(graph: Graph, external: Bools | None = None) -> NetworkState:
    """Networks in which nothing is damaged and whose service is still to be found.

    Parameters
    ----------
    external : ndarray of bool, optional
        Networks whose service a model outside the loop finds, shape (network,); none if omitted.
    """
    nodes, edges, networks = graph.source.size, len(graph.ends), graph.node_start.size - 1
    outside = np.zeros(networks, np.bool_) if external is None else external
    return NetworkState(
        node_intact=np.ones(nodes, np.bool_),
        edge_intact=np.ones(edges, np.bool_),
        works=np.ones(nodes, np.bool_),
        satisfaction=np.zeros(nodes),
        satisfaction_before=np.zeros(nodes),
        outage_since=np.full(graph.needs.node.size, -1, np.int64),
        update=Update(
            changed=np.ones(networks, np.bool_),  # nothing is found yet
            affected=np.zeros(networks, np.bool_),
            pending=np.zeros(networks, np.bool_),
            external=outside,
            gains_only=_gains_only(graph, outside),
            stack=np.empty(nodes, np.int64),
        ),
        repaired=Repaired(np.empty(nodes + edges, np.int64), np.zeros(1, np.int64)),
        leak=np.zeros(edges),
        drained=np.zeros(networks, np.int64),
        at_building=np.zeros(networks),
    )


def copied(state: NetworkState) -> NetworkState:
    """A state that shares no array with the first."""
    return NetworkState(
        state.node_intact.copy(),
        state.edge_intact.copy(),
        state.works.copy(),
        state.satisfaction.copy(),
        state.satisfaction_before.copy(),
        state.outage_since.copy(),
        _copied_update(state.update),
        Repaired(state.repaired.asset.copy(), state.repaired.size.copy()),
        state.leak.copy(),
        state.drained.copy(),
        state.at_building.copy(),
    )


def _copied_update(update: Update) -> Update:
    return Update(
        update.changed.copy(),
        update.affected.copy(),
        update.pending.copy(),
        update.external.copy(),
        update.gains_only.copy(),
        update.stack.copy(),
    )


def _gains_only(graph: Graph, external: Bools) -> Bools:
    """Networks whose repairs affect no external network, none that loses pressure and no circle of dependencies."""
    circle = np.asarray((graph.affects & graph.affects.T & ~np.eye(len(external), dtype=np.bool_)).any(axis=1))
    # a network that needs itself is a circle too
    itself = graph.network[graph.needs.node] == graph.network[graph.needs.on]
    circle[graph.network[graph.needs.node[itself]]] = True
    return np.asarray(~(graph.affects & (circle | external | graph.pressure.leaky)).any(axis=1))
