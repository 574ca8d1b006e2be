"""Networks from files joined to buildings and to each other: nearest by brute force, limits, refusals."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from holdfast.data import packaged
from holdfast.errors import TableError
from holdfast.recovery.city import City, CityRules
from holdfast.recovery.city.utilities import infer_needs, link
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.types import Network

CRS = "EPSG:32610"
NEEDS = pd.DataFrame(columns=["node_id", "on_network", "on_node", "backup_hours"])


def net(name, spots, source, edges, **columns):
    nodes = gpd.GeoDataFrame(
        {"source": source, "asset_class": None, "replacement_cost": 0.0, **columns},
        geometry=[Point(550_000 + x, 4_190_000 + y) for x, y in spots],
        index=pd.Index([f"{name}{i}" for i in range(len(spots))], name="node_id"),
        crs=CRS,
    )
    table = pd.DataFrame(
        {
            "from_node": [f"{name}{a}" for a, _ in edges],
            "to_node": [f"{name}{b}" for _, b in edges],
            "length_m": 1.0,
            "asset_class": None,
            "replacement_cost": 0.0,
        },
        index=pd.Index([f"e{i}" for i in range(len(edges))], name="edge_id"),
    )
    return Network(name, nodes, table, NEEDS, False)


def buildings(spots):
    return gpd.GeoDataFrame(
        {
            "building_id": [f"b{i:03d}" for i in range(len(spots))],
            "occupancy": "RES1",
            "structure": "W1",
            "stories": 1,
            "year_built": 1950,
            "floor_area_m2": 200.0,
            "replacement_cost": 4e5,
        },
        geometry=[Point(550_000 + x, 4_190_000 + y) for x, y in spots],
        crs=CRS,
    )


def test_the_nearest_live_node_serves():
    """Origin: all distances one by one, over the nodes that serve and are reached."""
    rng = np.random.default_rng(1)
    spots = rng.uniform(0, 900, (40, 2))
    serves = rng.random(40) < 0.7
    network = net("water", spots, np.arange(40) == 0, [(i, i + 1) for i in range(29)], serves=serves)
    places = rng.uniform(0, 900, (200, 2))
    got = link(buildings(places).set_index("building_id"), network)
    able = [i for i in range(30) if serves[i]]  # nodes 30 to 39 hang on nothing
    for place, node in zip(places, got, strict=True):
        far = [np.hypot(*(place - spots[i])) for i in able]
        assert node == f"water{able[int(np.argmin(far))]}"


def test_buildings_too_far_off_are_named():
    network = net("water", [(0, 0), (10, 0)], [True, False], [(0, 1)])
    with pytest.raises(
        TableError, match="building b001 lies 4,990 m from the nearest live node of the water network"
    ) as caught:
        link(buildings([(0, 0), (5000, 0), (9000, 0)]).set_index("building_id"), network)
    assert len(caught.value.problems) == 2
    assert link(buildings([(5000, 0)]).set_index("building_id"), network, most=6000).tolist() == ["water1"]


def test_a_network_that_serves_nobody_is_refused():
    network = net("water", [(0, 0), (10, 0)], [True, False], [(0, 1)], serves=[False, False])
    with pytest.raises(TableError, match="no node may serve buildings"):
        link(buildings([(0, 0)]).set_index("building_id"), network)


def test_a_city_of_given_and_laid_networks():
    parameters = load_parameters()
    rng = np.random.default_rng(2)
    table = buildings(rng.uniform(0, 900, (60, 2)))
    water = net(
        "water",
        [(0, 0), (400, 400), (900, 900)],
        [True, False, False],
        [(0, 1), (1, 2)],
        kind=["tank", "pump", "junction"],
    )
    options = CityRules(networks=["power", "water"])
    city = City.from_frames(table, networks={"water": water}, name="Mixed", rules=options, parameters=parameters)
    assert list(city.networks) == ["power", "water"]
    assert city.networks["power"].synthetic
    assert not city.networks["water"].synthetic
    assert set(city.buildings["water_node"]) <= {"water0", "water1", "water2"}
    needs = city.networks["water"].dependencies
    assert set(needs["node_id"]) == {"water0", "water1"}  # the source and the pump
    power = city.networks["power"].nodes
    for need in needs.itertuples():
        spot = city.networks["water"].nodes.geometry[need.node_id]
        assert power.geometry[need.on_node].distance(spot) == pytest.approx(power.distance(spot).min())
    hours = packaged("network_needs").query("network == 'water'").set_index("role")["backup_hours"]
    assert set(needs["backup_hours"]) == set(hours)
    named = table.assign(water_node="water2")
    city = City.from_frames(named, networks={"water": water}, name="Mixed", rules=options, parameters=parameters)
    assert set(city.buildings["water_node"]) == {"water2"}
    with pytest.raises(TableError, match='building b000: "w9" is no node of the water network'):
        City.from_frames(
            table.assign(water_node="w9"), networks={"water": water}, name="Mixed", rules=options, parameters=parameters
        )
    with pytest.raises(TableError, match="there is no such network"):
        City.from_frames(named, name="Mixed", rules=options, parameters=parameters)


def test_stated_needs_are_kept():
    water = net("water", [(0, 0), (1, 0)], [True, False], [(0, 1)])
    power = net("power", [(0, 0), (1, 0)], [True, False], [(0, 1)])
    assert infer_needs(water, {"water": water, "power": power})["on_node"].tolist() == ["power0"]
    assert infer_needs(water, {"water": water}).empty
    stated = pd.DataFrame({"node_id": ["water1"], "on_network": "power", "on_node": "power1", "backup_hours": 5.0})
    given = {"water": Network("water", water.nodes, water.edges, stated, False), "power": power}
    city = City.from_frames(
        buildings([(0, 0), (1, 0)]),
        networks=given,
        name="Two",
        rules=CityRules(networks=[]),
        parameters=load_parameters(),
    )
    assert city.networks["water"].dependencies.equals(stated)
