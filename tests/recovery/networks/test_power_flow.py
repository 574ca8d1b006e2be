"""pandapower as a network model: cases worked out by hand, and laws on a case network that the package carries."""

import numpy as np
import pandapower as package
import pandas as pd
import pytest
from grids import case, everything, network, power_file

from holdfast.errors import NotConverged, TableError
from holdfast.recovery.networks import connectivity, pandapower

STEP = 1 / 128  # seven halvings


def two_lines(gen=None, load=10.0):
    """ServiceModel grid, two parallel lines that carry 6 MVA each at 20 kV, a load of 10 MW; a generator beside the load."""
    net = package.create_empty_network()
    for i in range(2):
        package.create_bus(net, vn_kv=20.0, geodata=(9.0 + i / 100, 47.0))
    package.create_ext_grid(net, 0)
    for _ in range(2):
        package.create_line_from_parameters(
            net,
            0,
            1,
            length_km=1.0,
            r_ohm_per_km=0.01,
            x_ohm_per_km=0.01,
            c_nf_per_km=0.0,
            max_i_ka=6.0 / np.sqrt(3) / 20.0,
        )
    package.create_load(net, 1, p_mw=load, q_mvar=0.0)
    if gen is not None:
        package.create_gen(net, 1, p_mw=1.0, max_p_mw=gen, vm_pu=1.0)
    return net


@pytest.mark.parametrize("flow", ["ac", "dc"])
def test_one_of_two_lines_carries_six_of_ten(flow, tmp_path):
    net = power_file(two_lines(), tmp_path).network
    model = pandapower(net, flow)
    nodes, edges = everything(net)
    assert model(nodes, edges).tolist() == [1.0, 1.0]
    share = model(nodes, np.array([True, False]))
    assert share[1] == pytest.approx(0.6, abs=STEP)
    assert share[1] <= 0.6 + 1e-3
    assert model(nodes, np.array([False, False])).tolist() == [1.0, 0.0]
    assert model(np.array([False, True]), edges).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("flow", ["ac", "dc"])
def test_an_island_lives_on_its_generator(flow, tmp_path):
    net = power_file(two_lines(gen=4.0), tmp_path).network
    model = pandapower(net, flow)
    nodes, _ = everything(net)
    share = model(nodes, np.array([False, False]))
    assert share[1] == pytest.approx(0.4, abs=STEP)
    assert share[1] <= 0.4 + 1e-3


def test_low_voltage_sheds_load(tmp_path):
    """A long line: at 10 MW the far end would lie below 0.9. Power flow of one line: P = (V1 V2 / X) sin d, Q = 0."""
    net = two_lines()
    net.line["x_ohm_per_km"], net.line["max_i_ka"] = 24.0, 99.0
    got = power_file(net, tmp_path).network
    share = pandapower(got)(np.ones(2, bool), np.array([True, False]))[1]
    # with Q = 0 at the load and R ~ 0: V2 = cos d, P = V^2/X sin d cos d; V2 = 0.9 at d = acos 0.9
    delta = np.arccos(0.9)
    most = 20.0**2 / 24.0 * np.sin(delta) * np.cos(delta)
    assert share == pytest.approx(most / 10.0, abs=2 * STEP)


def test_a_bus_behind_an_open_switch_counts_as_served_while_connected(tmp_path):
    net = two_lines()
    package.create_bus(net, vn_kv=20.0, geodata=(9.02, 47.0))
    package.create_load(net, 2, p_mw=1.0)
    package.create_switch(net, 1, 2, et="b", closed=False)
    got = power_file(net, tmp_path).network
    assert got.edges["status"].tolist() == ["on", "on", "off"]
    model = pandapower(got)
    assert model(np.ones(3, bool), np.ones(3, bool)).tolist() == [1.0, 1.0, 1.0]
    assert model(np.ones(3, bool), np.array([True, True, False])).tolist() == [1.0, 1.0, 0.0]


def test_laws_on_a_case_network(tmp_path):
    net = power_file(case("mv_oberrhein"), tmp_path).network
    model, connected = pandapower(net), connectivity(net)
    nodes, edges = everything(net)
    assert (model(nodes, edges) == 1.0).all()
    rng = np.random.default_rng(1)
    for _ in range(5):
        works = rng.random(len(edges)) > 0.05
        share, lit = model(nodes, works), connected(nodes, works)
        assert ((share >= 0) & (share <= 1)).all()
        assert (share[lit == 0] == 0).all()
        assert (model(nodes, works) == share).all()
    assert (pandapower(net)(nodes, works) == share).all()
    assert (model(nodes, edges) == 1.0).all()


def test_refusals(tmp_path):
    plain = network(
        pd.DataFrame({"source": [True, False], "demand": [0.0, 1.0]}, index=["a", "b"]),
        pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "length_m": [1.0]}, index=["ab"]),
        "power",
    )
    with pytest.raises(TableError, match="does not come from a pandapower net"):
        pandapower(plain)
    with pytest.raises(TableError, match='"steady" is no kind of power flow'):
        pandapower(plain, "steady")
    with pytest.raises(NotConverged, match="does not converge before the event"):
        pandapower(power_file(two_lines(load=1e5), tmp_path).network)
