"""What a study does to its city before the event, on five buildings and a small network by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from holdfast.config import CityOptions
from holdfast.errors import TableError, UnknownName
from holdfast.flows.strengthened import strengthened
from holdfast.recovery.city import City
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.types import Network

PARAMETERS = load_parameters()


@pytest.fixture(scope="module")
def city():
    places = [Point(500_000 + 40 * i, 4_000_000) for i in range(4)]
    buildings = gpd.GeoDataFrame(
        {
            "asset_class": ["URML.pre_code", "URML.pre_code", "W1.pre_code", "W1.pre_code"],
            "zone_id": ["A", "B", "A", "B"],
            "occupancy": ["RES1", "RES1", "COM4", "RES1"],
            "year_built": [1910, 1950, 1920, 1980],
            "first_floor_m": [0.5, np.nan, 2.0, 0.5],
        },
        index=pd.Index(["a", "b", "c", "d"], name="building_id"),
        geometry=places,
        crs="EPSG:32610",
    )
    nodes = gpd.GeoDataFrame(
        {"asset_class": pd.array(["PPP.S.U", None], dtype="string"), "source": [True, False]},
        index=["pump", "end"],
        geometry=places[:2],
        crs="EPSG:32610",
    )
    edges = pd.DataFrame({"asset_class": pd.array(["PWP.B"], dtype="string")}, index=["main"])
    needs = pd.DataFrame(
        {"node_id": ["pump", "end"], "on_network": ["power", "telecom"], "on_node": "x", "backup_hours": [4.0, 4.0]}
    )
    networks = {"water": Network("water", nodes, edges, needs, synthetic=True)}
    zones = gpd.GeoDataFrame({"residents": [1.0, 1.0]}, index=["A", "B"], geometry=places[:2], crs="EPSG:32610")
    return City("five", "EPSG:32610", "USD", 2017, buildings, networks, zones)


def changed(city, **keys):
    return strengthened(city, CityOptions(**keys), PARAMETERS)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, "abcd"),
        ({"from_class": "URML.pre_code"}, "ab"),
        ({"zones": ["A"]}, "ac"),
        ({"zones": ["A"], "occupancies": ["RES1"]}, "a"),
        ({"built_before": 1950}, "ac"),
    ],
)
def test_all_filters_hold_together(city, filters, ids):
    after = changed(city, strengthen=[{"to_class": "RM1L.high_code", **filters}]).buildings
    assert "".join(after.index[after["asset_class"] == "RM1L.high_code"]) == ids


def test_floors_are_raised_and_never_lowered(city):
    after = changed(city, strengthen=[{"first_floor_m": 1.5, "zones": ["A", "B"]}]).buildings
    assert after["first_floor_m"].tolist() == [1.5, 1.5, 2.0, 1.5]
    shut = changed(city, strengthen=[{"shutters": True, "zones": ["A"]}]).buildings["shutters"]
    assert shut.fillna(-1).tolist() == [1, -1, 1, -1]
    dry = changed(city, strengthen=[{"floodproofed_m": 0.9, "built_before": 1940}]).buildings["floodproofed_m"]
    assert dry.fillna(0).tolist() == [0.9, 0, 0.9, 0]


def test_assets_of_a_network_change_their_class(city):
    after = changed(city, strengthen=[{"network": "water", "from_class": "PPP.S.U", "to_class": "PPP.S.A"}])
    assert after.networks["water"].nodes["asset_class"].fillna("").tolist() == ["PPP.S.A", ""]
    assert after.networks["water"].edges["asset_class"].tolist() == ["PWP.B"]
    pipes = changed(city, strengthen=[{"network": "water", "from_class": "PWP.B", "to_class": "PWP.D"}])
    assert pipes.networks["water"].edges["asset_class"].tolist() == ["PWP.D"]


def test_backup_bridges_at_least_the_hours_stated(city):
    after = changed(city, backup=[{"network": "water", "on_network": "power", "hours": 24}])
    assert after.networks["water"].dependencies["backup_hours"].tolist() == [24.0, 4.0]
    less = changed(city, backup=[{"network": "water", "on_network": "power", "hours": 1}])
    assert less.networks["water"].dependencies["backup_hours"].tolist() == [4.0, 4.0]


def test_nothing_asked_for_changes_nothing(city):
    after = changed(city)
    assert after.buildings is city.buildings
    assert after.networks == city.networks


@pytest.mark.parametrize(
    ("keys", "error", "words"),
    [
        ({"strengthen": [{"zones": ["A"]}]}, TableError, "changes nothing"),
        ({"strengthen": [{"network": "water", "first_floor_m": 1}]}, TableError, "changes nothing"),
        ({"strengthen": [{"to_class": "GOLD"}]}, TableError, "GOLD"),
        ({"strengthen": [{"to_class": "W1.high_code", "zones": ["Z"]}]}, TableError, "zone"),
        ({"strengthen": [{"to_class": "W1.high_code", "built_before": 1900}]}, TableError, "no building fits"),
        ({"strengthen": [{"network": "water", "to_class": "GOLD"}]}, TableError, "GOLD"),
        ({"strengthen": [{"network": "water", "from_class": "X", "to_class": "PWP.D"}]}, TableError, "no asset"),
        ({"strengthen": [{"network": "gas", "to_class": "PWP.D"}]}, UnknownName, "gas"),
        ({"backup": [{"network": "water", "on_network": "gas", "hours": 4}]}, TableError, "needs the gas"),
    ],
)
def test_what_cannot_be_done_is_refused(city, keys, error, words):
    with pytest.raises(error, match=words):
        changed(city, **keys)
