"""Networks as built: what the table names changes in synthetic networks, and nothing in those from files."""

import geopandas as gpd
import pandas as pd

from holdfast.recovery.city import City
from holdfast.recovery.damage.as_built import as_built
from holdfast.types import Network


def telecom(synthetic):
    kinds = ["source", "branch", "corner"]
    points = gpd.points_from_xy([0, 1, 2], [0, 0, 0])
    nodes = gpd.GeoDataFrame(
        {"source": [True, False, False], "kind": kinds, "asset_class": pd.array(["CBO.A", None, None], dtype="string")},
        geometry=points,
        index=list("sbc"),
        crs="EPSG:32610",
    )
    nodes["replacement_cost"] = 7.0
    edges = pd.DataFrame(
        {"from_node": ["s", "b"], "to_node": ["b", "c"], "length_m": 10.0, "kind": "line"}, index=["1", "2"]
    )
    needs = pd.DataFrame({"node_id": ["s", "b"], "on_network": "power", "on_node": "p", "backup_hours": [72.0, 8.0]})
    return Network("telecom", nodes, edges, needs, synthetic)


def roads(synthetic):
    edges = pd.DataFrame({"from_node": ["s"], "to_node": ["b"], "length_m": 10.0, "kind": "road"}, index=["1"])
    edges = edges.assign(asset_class=pd.array([None], dtype="string"), replacement_cost=0.0)
    return Network("transport", telecom(True).nodes, edges, pd.DataFrame(), synthetic)


def city(*networks):
    names = {n.name: n for n in networks}
    return City("c", "EPSG:32610", "EUR", 2017, gpd.GeoDataFrame(), names, gpd.GeoDataFrame())


def test_cabinets_break_and_fuel_is_brought():
    found = as_built(city(telecom(True))).networks["telecom"]
    assert found.nodes["asset_class"].fillna("").tolist() == ["CBO.A", "EP.C.A", ""]
    assert found.dependencies["backup_hours"].tolist() == [336.0, 24.0]


def test_roads_have_a_class_and_a_cost_in_the_money_of_the_city():
    edges = as_built(city(roads(True)), factor=2.0).networks["transport"].edges
    assert edges["asset_class"].tolist() == ["HRD2"]
    assert edges["replacement_cost"].tolist() == [30_000.0]


def test_networks_of_files_and_the_city_given_stay():
    given = city(telecom(False), roads(True))
    found = as_built(given).networks["telecom"]
    assert found.nodes["asset_class"].fillna("").tolist() == ["CBO.A", "", ""]
    assert found.dependencies["backup_hours"].tolist() == [72.0, 8.0]
    assert given.networks["transport"].edges["asset_class"].isna().all()
