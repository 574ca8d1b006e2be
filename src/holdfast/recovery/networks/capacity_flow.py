"""Capacity-limited flow: sources, edges and wants with limits, shared as fairly as the network allows.

The share of a node is what it gets over what it wants. Shares are max-min fair: no node's share can be raised
without lowering that of another whose share is already smaller or equal. They are found by filling up: the largest
common share that can be carried is a flow problem; the nodes behind the tight cut keep that share, the others go on.
The largest share of a round comes from Newton's method on cuts, which ends after finitely many maximum flows.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.networks.connection import (
    ServiceModel,
    edge_ends,
    label,
    reached,
    required_column,
    sources_of,
)
from holdfast.recovery.networks.maximum_flow import Arcs, flow_arcs, maximum_flow
from holdfast.types import Bools, Floats, Network

UNLIMITED = np.inf
TINY = 1e-9
"""Share of the total demand below which a difference of flows is rounding."""


def capacity(network: Network) -> ServiceModel:
    """Network model: every node gets the max-min fair share of its demand that sources and edges can carry.

    Nodes need ``demand``; ``supply`` of sources and ``capacity`` of edges, in its unit, are unlimited where empty.
    Satisfaction is over that of the undamaged network, at most 1; a node without demand has the share that a vanishing
    demand there would get.

    Raises
    ------
    TableError
        If the nodes have no demand, or some node with demand that a source reaches gets nothing even before the
        event.

    Notes
    -----
    Not specified in the paper: how a shortage is shared. Losses along edges and directions are left out.
    """
    with_leaks = leaking_capacity(network)
    tight = np.zeros(len(network.edges))

    def satisfaction(node_works: Bools, edge_works: Bools) -> Floats:
        return with_leaks(node_works, edge_works, tight)

    return satisfaction


def leaking_capacity(network: Network) -> Callable[[Bools, Bools, Floats], Floats]:
    """As `capacity`, with what each edge loses at the pressure that suffices, (edge,), wanted in halves at its ends.

    What leaks shares a shortage as customers do, since both follow the same law of pressure.

    Raises
    ------
    TableError
        As `capacity`.
    """
    ends, demand, source = edge_ends(network), required_column(network, "demand"), sources_of(network)
    supply = np.where(source, _limit(network.nodes, "supply"), 0.0)
    limits = _limit(network.edges, "capacity")
    # max-min fairness is unique, so that the answer does not depend on the order of nodes
    arcs = flow_arcs(len(demand), ends)

    def share(node_works: Bools, edge_works: Bools, leak: Floats) -> Floats:
        joined = reached(ends, source, node_works, edge_works)
        carries = np.where(edge_works & joined[ends].all(axis=1), limits, 0.0)
        given = np.where(node_works, supply, 0.0)
        wanted = demand + np.bincount(ends.ravel(), weights=np.repeat(leak / 2, 2), minlength=len(demand))
        return fair_shares(arcs, carries, given, np.where(joined, wanted, 0.0), joined)

    everything = np.ones(len(demand), bool), np.ones(len(ends), bool)
    normal = share(*everything, np.zeros(len(ends)))
    dead = (normal <= 0) & (demand > 0) & reached(ends, source, *everything)
    if dead.any():
        text = "node {}: has demand but no supply even before the event; raise the limits of its sources or of the way to it"
        problems = [Problem(text.format(network.nodes.index[i]), column="demand") for i in np.flatnonzero(dead)]
        raise TableError(label(network), problems)

    def satisfaction(node_works: Bools, edge_works: Bools, leak: Floats) -> Floats:
        now = share(node_works, edge_works, leak)
        # a share of the normal day counts as whole within rounding
        full = now >= normal * (1.0 - TINY)
        return np.where(full & (now > 0), 1.0, now / np.where(normal > 0, normal, 1.0))

    return satisfaction


def _limit(table: pd.DataFrame, column: str) -> Floats:
    """A column of limits; unlimited where empty or absent."""
    if column not in table.columns:
        return np.full(len(table), UNLIMITED)
    values = table[column].to_numpy(np.float64)
    return np.where(np.isnan(values), UNLIMITED, values)


def fair_shares(arcs: Arcs, carries: Floats, supply: Floats, demand: Floats, open_nodes: Bools) -> Floats:
    """Max-min fair shares of the demands, 0..1, shape (node,); of a node without demand that of a vanishing one.

    Parameters
    ----------
    arcs : Arcs
        Arcs of the flow problem, from `flow_arcs`.
    carries, supply, demand : ndarray
        Capacity of each edge in either direction (edge,), of each source (node,), wants (node,), all >= 0.
    open_nodes : ndarray of bool
        Nodes that take part, shape (node,).

    References
    ----------
    Megiddo (1974), Optimal flows in networks with multiple sources and sinks: lexicographically fair flows.

    Examples
    --------
    >>> arcs = flow_arcs(3, np.array([[0, 1], [1, 2]]))
    >>> want, give = np.array([0.0, 1.0, 3.0]), np.array([9.0, 0.0, 0.0])
    >>> fair_shares(arcs, np.array([3.0, 2.0]), give, want, np.ones(3, bool)).round(3).tolist()
    [1.0, 1.0, 0.667]
    """
    share = np.zeros(len(demand))
    waiting = open_nodes.copy()
    total = float(demand[open_nodes].sum())
    # an unlimited arc becomes one that no flow here can fill, since infinity less infinity is no number
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
    arcs: Arcs, carries: Floats, supply: Floats, demand: Floats, share: Floats, waiting: Bools
) -> tuple[float, Bools]:
    """Largest common share of the waiting nodes, and the nodes behind the cut that keeps it there."""
    level, behind = 1.0, np.zeros(len(demand), dtype=bool)
    total = float(demand.sum())
    while True:
        want = np.where(waiting, level, share) * demand
        flow, near = maximum_flow(arcs, np.concatenate([carries, supply, want]))
        if flow >= want.sum() - TINY * total:
            return level, behind
        cut = ~near
        able = waiting & cut  # whose share the cut decides
        wanted = float(demand[able].sum())
        entering = want[cut].sum() - (want.sum() - flow)  # what the cut lets in, by strong duality
        lower = (entering - float((share * demand)[cut & ~waiting].sum())) / wanted if wanted > 0 else level
        if wanted <= 0 or lower >= level - TINY:
            return level, behind
        level, behind = max(lower, 0.0), cut
