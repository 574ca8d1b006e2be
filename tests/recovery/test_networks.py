"""Contract over the seam NETWORK_MODELS, and what connection says."""

import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from cities import network as hand_network
from cities import parameters, play, shops
from grids import case, everything, power_file, random_network, water_file
from pandas.testing import assert_frame_equal
from plans import plan

from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.recovery.hazard import uniform
from holdfast.recovery.networks import NETWORK_MODELS, connectivity, islands, network_model, outside_models, reached
from holdfast.recovery.networks.connection import edge_ends
from holdfast.recovery.simulation.simulate_draws import draw_seeds


@pytest.fixture(params=NETWORK_MODELS)
def example(request, tmp_path):
    if request.param == "pandapower":
        return request.param, power_file(case("mv_oberrhein"), tmp_path).network
    return request.param, water_file("Net3").network


def test_every_model_keeps_the_contract(example):
    name, net = example
    before = net.nodes.copy(), net.edges.copy()
    model = network_model(name, net)
    nodes, edges = everything(net)
    full = model(nodes, edges)
    assert full.shape == nodes.shape
    assert full.dtype == np.float64
    assert (full == 1.0).all()
    works = np.random.default_rng(3).random(len(edges)) > 0.1
    kept = nodes.copy(), works.copy()
    once = model(nodes, works)
    assert ((once >= 0) & (once <= 1)).all()
    once[:] = 7.0  # the caller may do with the answer what it likes
    assert (model(nodes, works) <= 1).all()
    assert (nodes == kept[0]).all()
    assert (works == kept[1]).all()
    assert (model(np.zeros_like(nodes), edges) == 0).all()
    assert_frame_equal(net.nodes, before[0])
    assert_frame_equal(net.edges, before[1])


def test_the_engine_serves_connectivity_itself():
    networks = {"gas": random_network(np.random.default_rng(1), 5, 2), "water": water_file("Net1").network}
    found = outside_models({"gas": "connectivity", "water": "capacity"}, networks)
    assert list(found) == [1]
    with pytest.raises(UnknownName, match='"power" is not a known network; known: gas, water'):
        outside_models({"power": "capacity"}, networks)


def test_a_model_from_outside_is_used_through_simulate(monkeypatch):
    """It gives half of the service while anything is broken: a shop without half of its power does 3/4 of its work."""

    def half(network):
        def satisfaction(node_works, edge_works):
            return np.full(len(network.nodes), 1.0 if node_works.all() and edge_works.all() else 0.5)

        return satisfaction

    monkeypatch.setitem(NETWORK_MODELS, "half", half)
    city = shops([100.0], [0])
    city.networks["power"] = hand_network(
        "power", {"p": (0, 0, True, None), "q": (1, 0, False, None)}, [("e", "p", "q", "broken")]
    )
    city.buildings["power_node"] = "q"
    options = plan(crews={"building": 1, "power": 1}, delays="none", network_models={"power": "half"})
    block = play(city, parameters(), uniform({"PGA": 1.0}), options, draw_seeds(1, 1)[0])
    assert block.EP[0].tolist() == [150] * 4 + [200]


def test_names():
    with pytest.raises(UnknownName, match="capacity, connectivity, pandapower, wntr"):
        network_model("pressure", water_file("Net1").network)


@pytest.mark.parametrize(("name", "extra"), [("wntr", "water"), ("pandapower", "power")])
def test_a_package_that_is_not_there_is_named(name, extra, monkeypatch):
    net = water_file("Net1").network
    for module in [m for m in sys.modules if m.split(".")[0] == name]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DataMissing, match=rf"pip install \"holdfast\[{extra}\]\""):
        network_model(name, net)


def test_shapes_that_do_not_fit_are_refused():
    net = random_network(np.random.default_rng(1), 5, 2)
    with pytest.raises(TableError, match="column node_works: has shape \\(4,\\); give one truth value for each of 5"):
        connectivity(net)(np.ones(4, bool), np.ones(len(net.edges), bool))
    with pytest.raises(TableError, match="column ends: nodes are numbered 0 to 1"):
        reached([[0, 2]], [True, False], [True, True], [True])
    for lacking, message in (
        ("source", "column source: the nodes need"),
        ("from_node", "column from_node: the edges need"),
    ):
        bare = replace(
            net,
            nodes=net.nodes.drop(columns=lacking, errors="ignore"),
            edges=net.edges.drop(columns=lacking, errors="ignore"),
        )
        with pytest.raises(TableError, match=message):
            connectivity(bare)


@pytest.mark.parametrize("seed", range(20))
def test_connection_against_networkx(seed):
    rng = np.random.default_rng(seed)
    net = random_network(rng, 30, 10)
    nodes, edges = rng.random(30) > 0.2, rng.random(len(net.edges)) > 0.3
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(nodes).tolist())
    graph.add_edges_from(e for e, on in zip(edge_ends(net).tolist(), edges, strict=True) if on and nodes[e].all())
    source = net.nodes["source"].to_numpy()
    lit = set().union(*(p for p in nx.connected_components(graph) if any(source[i] for i in p)), set())
    assert set(np.flatnonzero(reached(edge_ends(net), source, nodes, edges))) == lit
    assert set(np.flatnonzero(connectivity(net)(nodes, edges))) == lit


def test_islands_add_up():
    net = random_network(np.random.default_rng(1), 30, 0)
    table = islands(net)
    assert table["nodes"].sum() == 30
    assert table["edges"].sum() == len(net.edges)
    assert table["length_m"].sum() == net.edges["length_m"].sum()
    assert table["sources"].sum() == net.nodes["source"].sum()
