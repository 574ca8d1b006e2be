"""Contract over the seam NETWORK_MODELS, and what connection says."""

import sys

import networkx as nx
import numpy as np
import pytest
from grids import case, everything, power_file, random_network, water_file
from pandas.testing import assert_frame_equal

from holdfast.errors import DataMissing, UnknownName
from holdfast.recovery.networks import NETWORK_MODELS, connectivity, islands, network_model, reached
from holdfast.recovery.networks.connection import ends_of


@pytest.fixture(params=[n for n, f in NETWORK_MODELS.items() if f is not None])
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


def test_names():
    assert network_model("connectivity", water_file("Net1").network) is None
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


@pytest.mark.parametrize("seed", range(20))
def test_connection_against_networkx(seed):
    rng = np.random.default_rng(seed)
    net = random_network(rng, 30, 10)
    nodes, edges = rng.random(30) > 0.2, rng.random(len(net.edges)) > 0.3
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(nodes).tolist())
    graph.add_edges_from(e for e, on in zip(ends_of(net).tolist(), edges, strict=True) if on and nodes[e].all())
    source = net.nodes["source"].to_numpy()
    lit = set().union(*(p for p in nx.connected_components(graph) if any(source[i] for i in p)), set())
    assert set(np.flatnonzero(reached(ends_of(net), source, nodes, edges))) == lit
    assert set(np.flatnonzero(connectivity(net)(nodes, edges))) == lit


def test_islands_add_up():
    net = random_network(np.random.default_rng(1), 30, 0)
    table = islands(net)
    assert table["nodes"].sum() == 30
    assert table["edges"].sum() == len(net.edges)
    assert table["length_m"].sum() == net.edges["length_m"].sum()
    assert table["sources"].sum() == net.nodes["source"].sum()
