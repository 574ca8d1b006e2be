"""Service satisfaction: connection, dependencies, backups, refusals."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from cities import five_buildings, network, shops, town

from holdfast.errors import TableError
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.service import (
    check_service,
    in_service,
    open_affected,
    solve_service,
    update_backups,
)

MINUTES = 24 * 60


def served(city, down_nodes=(), down_edges=(), day=0, since=None):
    """Ids of the nodes with service on a day, and the minute in which the next backup ends."""
    flat = graph(city.buildings, city.networks)
    nodes = [n for net in city.networks.values() for n in net.nodes.index]
    edges = [e for net in city.networks.values() for e in net.edges.index]
    state = intact(flat)
    state.node_intact[:] = [n not in down_nodes for n in nodes]
    state.edge_intact[:] = [e not in down_edges for e in edges]
    state = state if since is None else state._replace(outage_since=since)
    now = int(day * MINUTES)
    open_affected(flat, state)
    assert solve_service(now, -1, 1.0, flat, state) == -1
    end = update_backups(now, 1.0, flat, state)
    if day == 0 and since is None:
        assert in_service(flat, state.node_intact, state.edge_intact).tolist() == (state.satisfaction > 0).tolist()
    return {n for n, on in zip(nodes, state.satisfaction, strict=True) if on}, end


def powered(networks):
    return replace(shops([100.0], [0]), networks={n.name: n for n in networks})


def test_connection_to_a_source():
    ring = network(
        "power",
        {"p": (0, 0, True, None), "a": (1, 0, False, None), "b": (0, 1, False, None)},
        [("pa", "p", "a", None), ("ab", "a", "b", None), ("bp", "b", "p", None)],
    )
    city = powered([ring])
    assert served(city)[0] == {"p", "a", "b"}
    assert served(city, down_edges=["pa"])[0] == {"p", "a", "b"}  # the other way round
    assert served(city, down_edges=["pa", "ab"])[0] == {"p", "b"}
    assert served(city, down_nodes=["a"])[0] == {"p", "b"}
    assert served(city, down_nodes=["p"])[0] == set()


def test_dependencies_and_backups():
    city = five_buildings()
    since = np.full(1, -1)
    assert served(city, down_edges=["e1"], day=0, since=since) == ({"p1", "w1"}, 30 * 60)
    assert served(city, down_edges=["e1"], day=1, since=since) == ({"p1", "w1"}, 30 * 60)
    assert served(city, down_edges=["e1"], day=1.25, since=since) == ({"p1"}, -1)
    assert served(city, day=5, since=since) == ({"p1", "p2", "w1"}, -1)
    assert since.tolist() == [-1]
    city.networks["water"].dependencies["backup_hours"] = 0.5
    assert served(city, down_edges=["e1"]) == ({"p1", "w1"}, 30)
    city.networks["water"].dependencies["backup_hours"] = 0.0
    assert served(city, down_edges=["e1"]) == ({"p1"}, -1)


def test_two_that_need_each_other_both_work_until_one_is_hit():
    power = network("power", {"p": (0, 0, True, None)}, needs=[("p", "telecom", "t", 0)])
    telecom = network("telecom", {"t": (0, 0, True, None)}, needs=[("t", "power", "p", 0)])
    city = powered([power, telecom])
    city.buildings["telecom_node"] = "t"
    assert served(city)[0] == {"p", "t"}
    assert served(city, down_nodes=["t"])[0] == set()


def test_town_against_networkx():
    """Origin: connected components of networkx."""
    city = town(200)
    rng = np.random.default_rng(3)
    net = replace(city.networks["power"])
    down_nodes = set(rng.choice(net.nodes.index, 15, replace=False))
    down_edges = set(rng.choice(net.edges.index, 30, replace=False))
    whole = nx.Graph()
    whole.add_nodes_from(n for n in net.nodes.index if n not in down_nodes)
    whole.add_edges_from(
        (a, b)
        for e, a, b in zip(net.edges.index, net.edges.from_node, net.edges.to_node, strict=True)
        if e not in down_edges and a in whole and b in whole
    )
    sources = set(net.nodes.index[net.nodes["source"]])
    expected = {n for part in nx.connected_components(whole) if part & sources for n in part}
    found = {n for n in served(city, down_nodes, down_edges)[0] if n.startswith("power")}
    assert found == expected


def test_unknown_nodes_are_all_named():
    city = five_buildings()
    city.buildings.loc["b2", "power_node"] = "p9"
    city.buildings.loc["b4", "water_node"] = None
    city.networks["power"].edges.loc["e1", "to_node"] = "p8"
    city.networks["water"].dependencies["on_node"] = "p7"
    with pytest.raises(TableError) as error:
        graph(city.buildings, city.networks)
    for text in ('building b2: node "p9"', "building b4", 'power edge e1: node "p8"', '"p7" is not in the power'):
        assert text in str(error.value)


def test_a_building_that_no_source_reaches_is_refused():
    city = five_buildings()
    check_service(graph(city.buildings, city.networks), city.buildings, city.networks)
    city.networks["power"] = replace(city.networks["power"], edges=city.networks["power"].edges.iloc[:0])
    with pytest.raises(TableError, match='building b2: no power source reaches its node "p2"'):
        check_service(graph(city.buildings, city.networks), city.buildings, city.networks)


def test_a_city_without_networks():
    city = powered([])
    assert graph(city.buildings, city.networks).source.size == 0
