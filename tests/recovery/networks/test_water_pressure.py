"""EPANET as a network model: against wntr's own reading and solving of the same file, and laws of a damaged network."""

import gc
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import wntr
from grids import everything, network, water_file

from holdfast.errors import TableError
from holdfast.recovery.city.utilities import Graph, People, lay
from holdfast.recovery.networks import connectivity, epanet
from holdfast.recovery.networks.water_pressure import solver

FOLDER = Path(wntr.__file__).parent / "library" / "networks"


def with_pressure(net, low, high):
    """The same network with another demand-pressure curve."""
    table = net.details["hydraulics"].assign(minimum_pressure_m=low, required_pressure_m=high, pressure_exponent=0.5)
    return replace(net, details={**net.details, "hydraulics": table})


@pytest.mark.parametrize(("name", "high"), [("Net1", 150.0), ("Net3", 120.0), ("ky4", 150.0), ("ky10", 150.0)])
def test_the_model_is_the_file(name, high, tmp_path):
    """Origin: wntr reads the same file by itself and runs EPANET on it, with the demands averaged and no controls."""
    net = with_pressure(water_file(name).network, 0.0, high)
    ours = pd.Series(
        solver(net)(*everything(net), np.ones(len(net.nodes), bool), np.zeros(len(net.edges))), index=net.nodes.index
    )
    theirs = wntr.network.WaterNetworkModel(str(FOLDER / f"{name}.inp"))
    for control in list(theirs.control_name_list):
        theirs.remove_control(control)
    mean = wntr.metrics.average_expected_demand(theirs)
    assert net.nodes["demand"][mean.index].to_numpy() == pytest.approx(mean.to_numpy())
    theirs.options.hydraulic.demand_multiplier = 1.0
    theirs.add_pattern("constant", [1.0])
    for key, junction in theirs.junctions():
        junction.demand_timeseries_list.clear()
        junction.add_demand(float(mean[key]), "constant")
    hydraulic = theirs.options.hydraulic
    hydraulic.demand_model, hydraulic.required_pressure, hydraulic.minimum_pressure = "PDA", high, 0.0
    theirs.options.time.duration = 0
    result = wntr.sim.EpanetSimulator(theirs).run_sim(file_prefix=str(tmp_path / "truth"))
    delivered, wanted = result.node["demand"].iloc[0], mean[mean > 1e-9]
    expected = delivered[wanted.index] / wanted
    assert expected.min() < 0.95  # the curve bites, so that the comparison means something
    assert ours[wanted.index].to_numpy() == pytest.approx(expected.to_numpy(), abs=2e-3)


@pytest.mark.parametrize("name", ["Net1", "Net3", "ky4"])
def test_laws_of_breaks(name):
    net = water_file(name).network
    model, connected = epanet(net), connectivity(net)
    nodes, edges = everything(net)
    assert (model(nodes, edges) == 1.0).all()
    pipes = (net.edges["kind"] == "pipe").to_numpy()
    rng = np.random.default_rng(1)
    for _ in range(10):
        works = ~(pipes & (rng.random(len(pipes)) < 0.1))
        share, lit = model(nodes, works), connected(nodes, works)
        assert ((share >= 0) & (share <= 1)).all()
        assert (share[lit == 0] == 0).all()
        assert (model(nodes, works) == share).all()
        assert (model(nodes, edges) == 1.0).all()  # and back
    assert (model(~nodes, edges) == 0).all()
    fresh = epanet(net)(nodes, works)
    assert (fresh == share).all()  # no trace of the states in between


def test_a_pump_without_power_stops():
    """Net1 has one reservoir behind one pump; its tank keeps the pressure for the first hours alone."""
    net = water_file("Net1").network
    nodes, edges = everything(net)
    nodes[net.nodes.index.get_loc("pump 9")] = False
    assert epanet(net)(nodes, edges)[net.nodes["kind"] == "junction"].sum() == 0
    assert epanet(net, tanks_last=True)(nodes, edges)[net.nodes["demand"] > 0].min() > 0.5


def two_pipes(slope=0.0, demand=0.01):
    nodes = pd.DataFrame(
        {
            "source": [True, False, False],
            "demand": [0.0, 0.0, demand],
            "kind": ["reservoir", "junction", "junction"],
            "head_m": [30.0, np.nan, np.nan],
            "elevation_m": [np.nan, 0.0, slope],
        },
        index=["r", "a", "b"],
    )
    edges = pd.DataFrame(
        {
            "from_node": ["r", "a", "a"],
            "to_node": ["a", "b", "b"],
            "length_m": 1000.0,
            "kind": "pipe",
            "diameter_m": [0.3, 0.1, 0.1],
            "roughness": 100.0,
        },
        index=["ra", "ab1", "ab2"],
    )
    return network(nodes, edges)


def test_less_pressure_by_hand():
    """One of two equal pipes is shut. Hazen-Williams: h = 10.67 L (q / C)^1.852 / d^4.871 (SI), and Wagner's curve
    q = Q sqrt((p - 3.516) / (14.06 - 3.516)); both solved together by bisection here."""
    net = two_pipes()
    got = epanet(net)(np.ones(3, bool), np.array([True, True, False]))

    def loss(q, d):
        return 10.67 * 1000 * (q / 100) ** 1.852 / d**4.8704

    def share(lines):
        low, high = 0.0, 1.0
        for _ in range(60):
            f = (low + high) / 2
            p = 30 - loss(0.01 * f, 0.3) - loss(0.01 * f / lines, 0.1)
            let = np.sqrt(min(max((p - 3.516) / (14.06 - 3.516), 0), 1))
            low, high = (f, high) if let > f else (low, f)
        return low

    assert share(1) < 0.9 * share(2)
    assert got[2] == pytest.approx(share(1) / share(2), rel=5e-3)
    assert got[1] == 1.0


def test_threads_and_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    net = water_file("Net3").network
    pipes = (net.edges["kind"] == "pipe").to_numpy()
    states = [~(pipes & (np.random.default_rng(i).random(len(pipes)) < 0.1)) for i in range(20)]
    nodes = np.ones(len(net.nodes), bool)
    alone = [epanet(net)(nodes, s) for s in states[:4]]

    def work(_):
        model = epanet(net)
        return [model(nodes, s) for s in states]

    with ThreadPoolExecutor(4) as pool:
        first, *others = list(pool.map(work, range(4)))
    for other in others:
        assert all((a == b).all() for a, b in zip(first, other, strict=True))
    assert all((a == b).all() for a, b in zip(alone, first, strict=False))
    gc.collect()
    assert not list(tmp_path.glob("holdfast-epanet-*"))


def test_refusals():
    net = two_pipes()
    with pytest.raises(TableError, match="diameter_m: is empty or zero for 3 of 3 edges"):
        epanet(network(net.nodes.drop(columns="geometry"), net.edges.drop(columns="diameter_m")))
    with pytest.raises(TableError, match="node r: is a source without a head"):
        epanet(network(net.nodes.drop(columns=["geometry", "head_m"]), net.edges))
    with pytest.raises(TableError, match="required pressure is not above"):
        epanet(replace(net, details={"hydraulics": pd.DataFrame([{"required_pressure_m": 1.0}])}))


@pytest.mark.parametrize("name", ["Net3", "ky4", "ky10"])
def test_connection_bounds_pressure_and_is_close_while_few_pipes_are_broken(name):
    """A small version of benchmarks/water_connectivity.py: 1 % of the pipes broken, 20 draws."""
    net = water_file(name).network
    model, connected = epanet(net), connectivity(net)
    demand = (net.nodes["demand"] / net.nodes["demand"].sum()).to_numpy()
    pipes = (net.edges["kind"] == "pipe").to_numpy()
    rng = np.random.default_rng(1)
    same = []
    for _ in range(20):
        works = ~(pipes & (rng.random(len(pipes)) < 0.01))
        share, lit = model(np.ones(len(net.nodes), bool), works), connected(np.ones(len(net.nodes), bool), works)
        assert (share <= lit).all()
        same.append((np.abs(share - lit) <= 0.05) @ demand)
    assert np.mean(same) > 0.95


def test_a_laid_network_can_be_solved():
    """The generator's mains are wide enough for EPANET, and a break behind which nothing else feeds cuts off what lies there."""
    side = 8
    points = np.array([(200.0 * i, 200.0 * j) for i in range(side) for j in range(side)])
    pairs = [(a, a + 1) for a in range(side**2) if (a + 1) % side] + [(a, a + side) for a in range(side**2 - side)]
    graph = Graph(points, np.array(pairs), np.full(len(pairs), 200.0))
    people = People(np.arange(side**2), np.array([27]), np.full(side**2, 300.0), np.zeros(side**2))
    tree = lay("water", graph, people, ["power", "water", "telecom"], {"water": 0.0}, "EPSG:32610")
    model = epanet(tree)
    nodes, edges = everything(tree)
    assert (model(nodes, edges) == 1.0).all()
    edges[10] = False
    share, lit = model(nodes, edges), connectivity(tree)(nodes, edges)
    assert (share[lit == 0] == 0).all()
    assert share[lit == 1].min() > 0.9
    assert 0 < (lit == 0).sum() < side**2
    mesh = lay("water", graph, people, ["power", "water", "telecom"], {"water": 1.0}, "EPSG:32610")
    assert epanet(mesh)(np.ones(side**2, bool), np.r_[np.arange(len(mesh.edges)) != 10]).min() > 0.9
