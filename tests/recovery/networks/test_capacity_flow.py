"""Capacity-limited flow: against networkx and a linear programme on random graphs, and by hand."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from grids import everything, network, random_network
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from holdfast.errors import TableError
from holdfast.recovery.networks import capacity
from holdfast.recovery.networks.capacity_flow import fair_shares
from holdfast.recovery.networks.connection import edge_ends
from holdfast.recovery.networks.maximum_flow import flow_arcs, maximum_flow

BIG = 1e6


def problem(net):
    """Arrays of a network: arcs, limits of edges, supplies, wants."""
    ends = edge_ends(net)
    limits = net.edges["capacity"].fillna(BIG).to_numpy()
    supply = np.where(net.nodes["source"], net.nodes["supply"].fillna(BIG), 0.0)
    return ends, limits, supply, net.nodes["demand"].to_numpy()


def truth(ends, limits, supply, demand):
    """networkx's maximum flow."""
    graph = nx.DiGraph()
    graph.add_nodes_from(["start", "sink"])
    for i, (give, want) in enumerate(zip(supply, demand, strict=True)):
        graph.add_edge("start", i, capacity=give)
        graph.add_edge(i, "sink", capacity=want)
    for (a, b), most in zip(ends.tolist(), limits, strict=True):
        for u, v in ((a, b), (b, a)):
            more = graph[u][v]["capacity"] if graph.has_edge(u, v) else 0.0
            graph.add_edge(u, v, capacity=most + more)
    return nx.maximum_flow_value(graph, "start", "sink")


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 25), st.integers(0, 40), st.integers(0, 10_000))
def test_maximum_flow_is_that_of_networkx(count, links, seed):
    ends, limits, supply, demand = problem(random_network(np.random.default_rng(seed), count, links))
    flow, near = maximum_flow(flow_arcs(count, ends), np.concatenate([limits, supply, demand]))
    assert flow == pytest.approx(truth(ends, limits, supply, demand))
    # the cut it names is as large as the flow
    crossing = limits[near[ends[:, 0]] != near[ends[:, 1]]].sum()
    assert crossing + supply[~near].sum() + demand[near].sum() == pytest.approx(flow)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 12), st.integers(0, 14), st.integers(0, 10_000))
def test_shares_are_fair_and_waste_nothing(count, links, seed):
    """Total: networkx's maximum flow. Fairness: a linear programme cannot raise a share without lowering a smaller one."""
    ends, limits, supply, demand = problem(random_network(np.random.default_rng(seed), count, links))
    share = fair_shares(flow_arcs(count, ends), limits, supply, demand, np.ones(count, bool))
    assert (share * demand).sum() == pytest.approx(truth(ends, limits, supply, demand))
    wanting = np.flatnonzero(demand > 0)
    for i in wanting[share[wanting] < 1 - 1e-9]:
        kept = {int(j): share[j] if share[j] <= share[i] + 1e-9 else 0.0 for j in wanting}
        assert largest(i, kept, ends, limits, supply, demand) <= share[i] + 1e-6


def largest(i, least, ends, limits, supply, demand):
    """Largest share of node i while every other keeps at least `least`; flows as variables of a linear programme."""
    edges, count = len(ends), len(demand)
    size = edges + 2 * count  # flow of each edge, of each source, share of each node
    balance = np.zeros((count, size))
    for e, (a, b) in enumerate(ends):
        balance[a, e] -= 1
        balance[b, e] += 1
    balance[:, edges : edges + count] = np.eye(count)
    balance[:, edges + count :] = -np.diag(demand)
    bounds = [(-x, x) for x in limits] + [(0, x) for x in supply]
    bounds += [(max(least.get(j, 0.0) - 1e-9, 0), 1) for j in range(count)]
    cost = np.zeros(size)
    cost[edges + count + i] = -1
    solved = linprog(cost, A_eq=balance, b_eq=np.zeros(count), bounds=bounds)
    assert solved.status == 0
    return -solved.fun


def line():
    """A source of 6 feeds a (2), b (2) and, behind a pipe of 1, c (2); by hand: a and b all, c half."""
    nodes = pd.DataFrame(
        {"source": [True, False, False, False], "demand": [0.0, 2, 2, 2], "supply": [6.0, np.nan, np.nan, np.nan]},
        index=["s", "a", "b", "c"],
    )
    edges = pd.DataFrame(
        {"from_node": ["s", "a", "b"], "to_node": ["a", "b", "c"], "length_m": 1.0, "capacity": [6.0, 4.0, 2.0]},
        index=["sa", "ab", "bc"],
    )
    return network(nodes, edges)


def test_by_hand():
    net = line()
    nodes, edges = everything(net)
    assert capacity(net)(nodes, edges).tolist() == [1.0, 1.0, 1.0, 1.0]
    assert capacity(net)(nodes, np.array([True, True, False])).tolist() == [1.0, 1.0, 1.0, 0.0]
    assert capacity(net)(np.array([False, True, True, True]), edges).tolist() == [0.0] * 4
    net.nodes.loc["s", "supply"] = 3.0  # half of what is wanted, on a normal day too
    assert capacity(net)(nodes, edges).tolist() == [1.0] * 4
    net.nodes.loc["s", "supply"] = np.nan
    net.edges.loc["bc", "capacity"] = 1.0
    given_up = capacity(net)(nodes, np.array([True, True, True]))
    assert given_up.tolist() == [1.0] * 4  # c has half its wish on a normal day: that is its normal service


def test_a_tie_shares_what_is_left():
    """Two feeders of 5 to a and b, which want 4 each, and a tie of 3 between them. Without b's feeder 5 is left for 8."""
    nodes = pd.DataFrame({"source": [True, False, False], "demand": [0.0, 4, 4]}, index=["s", "a", "b"])
    edges = pd.DataFrame(
        {"from_node": ["s", "s", "a"], "to_node": ["a", "b", "b"], "length_m": 1.0, "capacity": [5.0, 5.0, 3.0]},
        index=["sa", "sb", "ab"],
    )
    got = capacity(network(nodes, edges))(np.ones(3, bool), np.array([True, False, True]))
    assert got.tolist() == pytest.approx([1.0, 5 / 8, 5 / 8])
    edges["capacity"] = [5.0, 5.0, 2.0]  # the tie lets 2 through: b has half, a the rest
    got = capacity(network(nodes, edges))(np.ones(3, bool), np.array([True, False, True]))
    assert got.tolist() == pytest.approx([1.0, 3 / 4, 1 / 2])


def test_refusals():
    net = line()
    with pytest.raises(TableError, match='no column "demand"'):
        capacity(network(net.nodes.drop(columns=["demand", "geometry"]), net.edges))
    with pytest.raises(TableError, match="zero at every node"):
        capacity(network(net.nodes.assign(demand=0.0).drop(columns="geometry"), net.edges))
    cut_off = network(net.nodes.drop(columns="geometry"), net.edges.drop(index="bc"))
    assert capacity(cut_off)(np.ones(4, bool), np.ones(2, bool)).tolist() == [
        1.0,
        1.0,
        1.0,
        0.0,
    ]  # an island stays out of service
    net.edges.loc["bc", "capacity"] = 0.0
    with pytest.raises(TableError, match="node c: has demand but no supply even before the event"):
        capacity(net)
