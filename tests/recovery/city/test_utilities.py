"""The synthetic networks: laws that every laid network keeps, and graphs small enough to check by hand."""

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph
from shapely.geometry import Point

from holdfast.config import load_study
from holdfast.data import figure, packaged
from holdfast.errors import TableError, UnknownName
from holdfast.flows.bind import city_rules_of
from holdfast.recovery.city import City, CityRules
from holdfast.recovery.city.utilities import Graph, Streets, components, contract, join
from holdfast.recovery.city.utilities.street_graph import SHORTEST
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.sources.buildings import read_buildings
from holdfast.sources.osm import read_city
from holdfast.tables import check

EXAMPLES = Path(__file__).parents[3] / "examples"
NETWORKS = ["power", "water", "gas", "telecom", "transport"]
ALL = {"networks": NETWORKS}


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


def town(count: int = 300, seed: int = 1, spread: float = 900.0) -> gpd.GeoDataFrame:
    """Made-up buildings scattered over a square."""
    rng = np.random.default_rng(seed)
    places = [Point(550_000 + x, 4_190_000 + y) for x, y in rng.uniform(0, spread, (count, 2))]
    return gpd.GeoDataFrame(
        {
            "building_id": [f"b{i:04d}" for i in range(count)],
            "occupancy": rng.choice(["RES1", "RES3", "COM1", "COM4"], count),
            "structure": "W1",
            "stories": 2,
            "year_built": 1950,
            "floor_area_m2": 200.0,
            "replacement_cost": 4e5,
        },
        geometry=places,
        crs=32610,
    )


def streets(side: int = 5, step: float = 200.0) -> Streets:
    """A square street grid in which every street has a point half-way."""
    corners = {(i, j): (550_000 + i * step, 4_190_000 + j * step) for i in range(side) for j in range(side)}
    nodes, edges = {f"{i}-{j}": p for (i, j), p in corners.items()}, []
    for (i, j), (x, y) in corners.items():
        for di, dj in ((1, 0), (0, 1)):
            if (i + di, j + dj) in corners:
                half = f"{i}-{j}-{di}"
                nodes[half] = (x + di * step / 2, y + dj * step / 2)
                edges += [(f"{i}-{j}", half, step / 2), (half, f"{i + di}-{j + dj}", step / 2)]
    table = gpd.GeoDataFrame(geometry=[Point(p) for p in nodes.values()], index=list(nodes), crs=32610)
    return Streets(table, pd.DataFrame(edges, columns=["from_node", "to_node", "length_m"]))


def reached(network, down: set[str] = frozenset()) -> set[str]:
    """Nodes joined to a source, one by one."""
    near = {node: set() for node in network.nodes.index}
    for a, b in zip(network.edges["from_node"], network.edges["to_node"], strict=True):
        near[a].add(b)
        near[b].add(a)
    seen = [n for n in network.nodes.index[network.nodes["source"]] if n not in down]
    found = set(seen)
    while seen:
        for other in near[seen.pop()] - found - down:
            found.add(other)
            seen.append(other)
    return found


@pytest.fixture(scope="module", params=["blocks", "streets", "one building", "far groups"])
def city(request, parameters):
    if request.param == "blocks":
        return City.from_frames(
            town(), name="Town", rules=CityRules(buildings_per_source=100, **ALL), parameters=parameters
        )
    if request.param == "streets":
        return City.from_frames(
            town(),
            name="Town",
            streets=streets(),
            rules=CityRules(buildings_per_source=100, **ALL),
            parameters=parameters,
        )
    if request.param == "one building":
        return City.from_frames(town(1), name="Hut", rules=CityRules(**ALL), parameters=parameters)
    east = town(40, 2).assign(building_id=[f"c{i}" for i in range(40)])
    east = east.set_geometry(east.geometry.translate(9000))
    return City.from_frames(
        pd.concat([town(40), east]), name="Two", rules=CityRules(buildings_per_source=50, **ALL), parameters=parameters
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_every_building_is_served(city, name):
    network = city.networks[name]
    assert network.synthetic
    assert network.name == name
    assert set(city.buildings[f"{name}_node"]) <= reached(network)
    assert reached(network) == set(network.nodes.index)


@pytest.mark.parametrize("name", NETWORKS)
def test_tables_pass_their_schemas(city, parameters, name):
    network = city.networks[name]
    check(network.nodes.reset_index(), "network_nodes")
    if len(network.edges):
        check(network.edges.reset_index(), "network_edges")
    if len(network.dependencies):
        check(network.dependencies, "network_dependencies")
    classes = set(network.nodes["asset_class"].dropna()) | set(network.edges["asset_class"].dropna())
    assert classes <= set(parameters.fragility["asset_class"]) | set(parameters.pipes["asset_class"])
    assert classes <= set(parameters.repair["asset_class"]) | set(parameters.pipe_repair["asset_class"])
    assert network.nodes.index.is_monotonic_increasing
    assert network.edges.index.is_monotonic_increasing


def test_needs_name_nodes_that_exist_at_the_same_place(city):
    for name, network in city.networks.items():
        for need in network.dependencies.itertuples():
            other = city.networks[need.on_network].nodes
            assert other.geometry[need.on_node].equals(network.nodes.geometry[need.node_id]), name
    telecom = city.networks["telecom"]
    offices = telecom.dependencies["node_id"].isin(telecom.nodes.index[telecom.nodes["source"]])
    assert set(telecom.dependencies["backup_hours"][offices]) == {72.0}
    assert set(telecom.dependencies["backup_hours"][~offices]) <= {8.0}
    assert len(city.networks["water"].dependencies) == city.networks["water"].nodes["source"].sum()


def test_zones_hold_everybody(city):
    assert city.zones["residents"].sum() == pytest.approx(city.buildings["residents"].sum())
    assert set(city.buildings["zone_id"]) == set(city.zones.index)


def test_sources_by_number_of_buildings(parameters):
    for per_source, expected in ((300, 1), (299, 2), (100, 3), (30, 10)):
        built = City.from_frames(
            town(), name="Town", rules=CityRules(buildings_per_source=per_source), parameters=parameters
        )
        assert built.networks["power"].nodes["source"].sum() == expected


def test_a_circuit_carries_few_buildings_and_all_but_the_sources_corner_lie_behind_one(parameters):
    built = City.from_frames(town(1500), name="Town", parameters=parameters)
    network = built.networks["power"]
    load = built.buildings["power_node"].value_counts()
    before = dict(zip(network.edges["to_node"], network.edges["from_node"], strict=True))
    circuits = set(network.nodes.index[network.nodes["asset_class"] == "EP.C.A"])
    carried = dict.fromkeys(circuits, 0)
    for node, count in load.items():
        place = node
        while place not in circuits and place in before:
            place = before[place]
        if place in circuits:
            carried[place] += count
        else:
            assert network.nodes["source"][place]
            assert node == place
    assert min(carried.values()) > 0
    heaviest = load.max()
    # a branch closes as soon as it holds enough: its last step may add one corner and its side arms
    assert max(carried.values()) < 4 * (figure("buildings_per_branch") + heaviest)


def test_lines_follow_the_shortest_way(parameters):
    built = City.from_frames(
        town(), name="Town", streets=streets(), rules=CityRules(buildings_per_source=1000), parameters=parameters
    )
    network, mains = built.networks["power"], built.networks["water"]
    index = {n.removeprefix("water"): i for i, n in enumerate(mains.nodes.index)}
    ends = [[index[n.removeprefix("water")] for n in mains.edges[c]] for c in ("from_node", "to_node")]
    graph = sparse.coo_matrix((mains.edges["length_m"], ends), shape=(len(index),) * 2)
    source = index[network.nodes.index[network.nodes["source"]][0].removeprefix("power")]
    far = csgraph.dijkstra(graph.tocsr(), directed=False, indices=source)
    before = {b: (a, x) for a, b, x in network.edges[["from_node", "to_node", "length_m"]].itertuples(index=False)}
    for node in network.nodes.index:
        total, place = 0.0, node
        while place in before:
            place, step = before[place]
            total += step
        assert total == pytest.approx(far[index[node.removeprefix("power")]])


def test_order_of_buildings_and_streets_does_not_matter(parameters):
    plan = streets()
    mixed = Streets(plan.nodes.sample(frac=1, random_state=1), plan.edges.sample(frac=1, random_state=2))
    one = City.from_frames(town(), name="Town", streets=plan, rules=CityRules(**ALL), parameters=parameters)
    two = City.from_frames(
        town().sample(frac=1, random_state=4), name="Town", streets=mixed, rules=CityRules(**ALL), parameters=parameters
    )
    assert_geodataframe_equal(one.buildings, two.buildings)
    for name in NETWORKS:
        assert_geodataframe_equal(one.networks[name].nodes, two.networks[name].nodes)
        pd.testing.assert_frame_equal(one.networks[name].edges, two.networks[name].edges)


def test_streets_lose_their_midpoints_and_unserved_dead_ends(parameters):
    plan = streets()
    spur = gpd.GeoDataFrame(
        geometry=[Point(553_000, 4_190_400), Point(556_000, 4_190_400)], index=["x1", "x2"], crs=32610
    )
    way = pd.DataFrame({"from_node": ["4-2", "x1"], "to_node": ["x1", "x2"], "length_m": [2200.0, 3000.0]})
    longer = Streets(pd.concat([plan.nodes, spur]), pd.concat([plan.edges, way]))
    built = City.from_frames(town(spread=800.0), name="Town", streets=longer, parameters=parameters)
    mains = built.networks["water"]
    # 25 corners, of which the four outer ones are no junctions; 40 streets of 200 m, two of each outer corner joined
    assert len(mains.nodes) == 21
    assert sorted(mains.edges["length_m"]) == [200.0] * 32 + [400.0] * 4
    assert set(mains.edges["asset_class"]) == {"PWP.D"}
    assert mains.edges["replacement_cost"].tolist() == (mains.edges["length_m"] * 1000).tolist()


@pytest.mark.parametrize("name", NETWORKS)
def test_redundancy_runs_from_a_tree_to_all_streets(parameters, name):
    """A forest has as many edges as nodes that are no source; the others close loops, each share a part of the next."""
    edges = {}
    for share in (0.0, 0.3, 1.0):
        options = CityRules(networks=[name], redundancy={name: share}, buildings_per_source=100)
        network = City.from_frames(
            town(), name="Town", streets=streets(), rules=options, parameters=parameters
        ).networks[name]
        edges[share] = {frozenset(e) for e in zip(network.edges["from_node"], network.edges["to_node"], strict=True)}
        forest = len(network.nodes) - int(network.nodes["source"].sum())
        assert reached(network) == set(network.nodes.index)
        assert len(edges[share]) == len(network.edges)
        if share == 0:
            assert len(network.edges) == forest
    assert edges[0.0] < edges[0.3] < edges[1.0]
    assert len(edges[0.3]) - len(edges[0.0]) == round(0.3 * (len(edges[1.0]) - len(edges[0.0])))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_undamaged_network_delivers_what_is_wanted(city, name):
    """Against networkx: the maximum flow from the sources within the limits is the sum of all wants."""
    network = city.networks[name]
    flow = nx.DiGraph()
    for node in network.nodes.itertuples():
        flow.add_edge(node.Index, "sink", capacity=node.demand)
        if node.source:
            flow.add_edge("start", node.Index, capacity=node.supply)
    for edge in network.edges.itertuples():
        flow.add_edge(edge.from_node, edge.to_node, capacity=edge.capacity)
        flow.add_edge(edge.to_node, edge.from_node, capacity=edge.capacity)
    wanted = network.nodes["demand"].sum()
    assert wanted > 0
    assert nx.maximum_flow_value(flow, "start", "sink") == pytest.approx(wanted)


def test_wants_follow_people(parameters):
    built = City.from_frames(town(), name="Town", rules=CityRules(**ALL), parameters=parameters)
    design = packaged("network_design").set_index("network")
    people = built.buildings[["residents", "workers"]].sum()
    for name, network in built.networks.items():
        each = design.loc[name, ["demand_per_resident", "demand_per_worker"]].to_numpy(float)
        assert network.nodes["demand"].sum() == pytest.approx(each @ people.to_numpy(float))


def test_a_trunk_carries_many_and_mains_are_as_wide_as_their_flow_asks(parameters):
    built = City.from_frames(
        town(3000), name="Town", rules=CityRules(networks=["water"], buildings_per_source=3000), parameters=parameters
    )
    edges = built.networks["water"].edges
    assert set(edges["tier"]) == {"trunk", "distribution"}
    sizes = packaged("pipe_sizes")["diameter_m"].to_numpy()
    area = edges["capacity"] / figure("water_velocity")
    need = np.sqrt(4 * area / np.pi)
    assert [min(s for s in sizes if s >= n) for n in need] == edges["diameter_m"].tolist()


def test_gateways_are_the_outermost_corners(parameters):
    network = City.from_frames(
        town(), name="Town", streets=streets(), rules=CityRules(networks=["transport"]), parameters=parameters
    ).networks["transport"]
    spots = network.nodes.geometry
    gates = network.nodes.index[network.nodes["source"]]
    assert {spots.x.idxmax(), spots.x.idxmin(), spots.y.idxmax(), spots.y.idxmin()} == set(gates)


def test_only_the_networks_asked_for(parameters):
    built = City.from_frames(town(), name="Town", rules=CityRules(networks=["water"]), parameters=parameters)
    assert list(built.networks) == ["water"]
    assert built.networks["water"].dependencies.empty
    assert City.from_frames(town(), name="Town", rules=CityRules(networks=[]), parameters=parameters).networks == {}


def test_bad_input_is_refused(parameters):
    with pytest.raises(UnknownName, match="telecom"):
        City.from_frames(town(), name="Town", rules=CityRules(networks=["steam"]), parameters=parameters)
    with pytest.raises(TableError, match="EUR of 2017"):
        City.from_frames(town(), name="Town", rules=CityRules(currency="EUR"), parameters=parameters)
    with pytest.raises(TableError, match="USD of 2017"):
        City.from_frames(town(), name="Town", rules=CityRules(price_year=2020), parameters=parameters)
    with pytest.raises(TableError, match="column power_node"):
        City.from_frames(town().assign(power_node="p1"), name="Town", parameters=parameters)
    plan = streets()
    lost = plan.edges.assign(to_node="nowhere")
    with pytest.raises(TableError, match="end at a node that is not in the node table"):
        City.from_frames(town(), name="Town", streets=Streets(plan.nodes, lost), parameters=parameters)
    negative = plan.edges.assign(length_m=-1.0)
    with pytest.raises(TableError, match="negative"):
        City.from_frames(town(), name="Town", streets=Streets(plan.nodes, negative), parameters=parameters)


def test_buildings_that_no_street_reaches_are_named(parameters):
    houses = town(5)
    houses.loc[[1, 3], "geometry"] = [Point(560_000, 4_190_000), Point(550_000, 4_200_000)]
    with pytest.raises(TableError, match=r"building b0001 lies .* m from the nearest street") as caught:
        City.from_frames(houses, name="Town", streets=streets(), parameters=parameters)
    assert len(caught.value.problems) == 2


def graph_of(points, edges, lengths=None):
    edges = np.array(edges, dtype=np.int64).reshape(-1, 2)
    points = np.array(points, dtype=float)
    if lengths is None:
        lengths = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    return Graph(points, edges, np.array(lengths, dtype=float))


def test_contract_by_hand():
    # a square ring apart, a line with a midpoint, and a loop that leaves and comes back to node 0
    points = [(0, 0), (1, 0), (2, 0), (9, 9), (9, 8), (8, 8), (8, 9), (0, 1), (1, 1)]
    edges = [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 3), (0, 7), (7, 8), (8, 0)]
    small = contract(graph_of(points, edges))
    assert small.points.tolist() == [[0, 0], [2, 0], [9, 9]]
    assert small.edges.tolist() == [[0, 1]]
    assert small.lengths.tolist() == [2.0]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 25), st.integers(0, 40), st.integers(0, 10_000))
def test_contract_keeps_distances_between_corners(count, links, seed):
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, count, (links, 2))
    graph = graph_of(rng.uniform(0, 9, (count, 2)), edges, rng.uniform(1, 5, links))
    small = contract(graph)
    where = {tuple(p): i for i, p in enumerate(graph.points)}
    kept = [where[tuple(p)] for p in small.points]

    def distances(g):
        near = np.full((len(g.points), len(g.points)), np.inf)
        for (a, b), x in zip(g.edges, g.lengths, strict=True):
            near[a, b] = near[b, a] = min(near[a, b], x)
        np.fill_diagonal(near, 0)
        for k in range(len(near)):
            near = np.minimum(near, near[:, [k]] + near[[k], :])
        return near

    assert np.allclose(distances(graph)[np.ix_(kept, kept)], distances(small))
    degree = np.bincount(graph.edges.ravel(), minlength=count)
    assert set(np.flatnonzero(degree != 2)) <= set(kept)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(0, 60), st.integers(0, 10_000))
def test_join_adds_the_shortest_links(count, links, seed):
    """Against a minimum spanning tree over all pairs, in which existing streets cost next to nothing."""
    rng = np.random.default_rng(seed)
    graph = graph_of(rng.uniform(0, 99, (count, 2)), rng.integers(0, count, (links, 2)))
    whole = join(graph)
    parts = components(count, graph.edges).max() + 1
    assert components(count, whole.edges).max() == 0
    assert len(whole.edges) == len(graph.edges) + parts - 1
    every = np.maximum(np.linalg.norm(graph.points[:, None] - graph.points[None], axis=2), SHORTEST)
    every[graph.edges[:, 0], graph.edges[:, 1]] = every[graph.edges[:, 1], graph.edges[:, 0]] = 1e-9
    tree = csgraph.minimum_spanning_tree(sparse.csr_matrix(np.triu(every, 1))).data
    assert whole.lengths[links:].sum() == pytest.approx(tree[tree > 1e-6].sum(), abs=1e-6 * count)


def test_join_copes_with_points_on_one_line():
    points = [(float(i), 0.0) for i in range(80)]
    whole = join(graph_of(points, []))
    assert whole.lengths.tolist() == [1.0] * 79


def test_helsinki(parameters):
    study, _ = load_study(EXAMPLES / "helsinki.toml")
    place = read_city()
    built = City.from_frames(
        place.buildings,
        name=study.name,
        streets=Streets(place.street_nodes, place.street_edges),
        rules=city_rules_of(study.city),
        parameters=parameters,
    )
    assert len(built.buildings) == len(place.buildings)
    for name in study.city.networks:
        assert set(built.buildings[f"{name}_node"]) <= reached(built.networks[name])
    assert 100 < len(built.networks["water"].nodes) < 300
    assert 15_000 < built.networks["water"].edges["length_m"].sum() < 21_125 + 1_000


def test_berkeley(data, parameters):
    study, _ = load_study(EXAMPLES / "berkeley.toml")
    table = read_buildings(study.tables["buildings"], data / "city").table
    built = City.from_frames(table, name=study.name, rules=city_rules_of(study.city), parameters=parameters)
    assert built.networks["power"].nodes["source"].sum() == 14
    assert set(built.buildings["water_node"]) <= reached(built.networks["water"])
    # the law of the circuit: without its head, the buildings behind it are out of service, the others are not
    power = built.networks["power"]
    head = power.nodes.index[power.nodes["asset_class"] == "EP.C.A"][0]
    out = ~built.buildings["power_node"].isin(reached(power, {head}))
    assert 0 < out.sum() < len(table) / 5
