"""Materials of pipes by year: shares of the table, renewal in closed form, independence of the rest of the city.

By hand: of pipes laid in 1937 a share exp(-0.008 x 80) = 0.527 has never been renewed by 2017.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.recovery.city import City
from holdfast.recovery.damage.pipe_materials import _chances, materials, with_pipe_materials
from holdfast.types import Network


def city(count=4000, year=1937.0, synthetic=True, inferred=()):
    rng = np.random.default_rng(5)
    ids = [f"n{i:05d}" for i in range(count + 1)]
    points = gpd.points_from_xy(*rng.uniform(0, 50_000, (2, count + 1)))
    nodes = gpd.GeoDataFrame({"source": [True] + [False] * count}, geometry=points, index=ids, crs="EPSG:32610")
    edges = pd.DataFrame(
        {"from_node": ids[:-1], "to_node": ids[1:], "length_m": 100.0}, index=[f"e{i}" for i in range(count)]
    )
    edges["asset_class"] = pd.array(["PWP.D"] * count, dtype="string")
    water = Network("water", nodes, edges, pd.DataFrame(), synthetic)
    buildings = gpd.GeoDataFrame({"year_built": year, "water_node": ids}, geometry=points, index=ids, crs="EPSG:32610")
    rows = [("water_edges", e, "asset_class", "network_assets", "") for e in inferred]
    marks = pd.DataFrame(rows, columns=["table", "asset", "attribute", "rule", "source"], dtype=object)
    return City("c", "EPSG:32610", "USD", 2017, buildings, {"water": water}, gpd.GeoDataFrame(), marks)


def test_shares_of_every_era_sum_to_one():
    table = packaged("pipe_eras")
    assert table.groupby(["network", "from_year"])["share"].sum().to_numpy() == pytest.approx(1.0)
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()


@pytest.mark.parametrize(("year", "material", "share"), [(1920, "CI", 0.95), (1950, "AC", 0.35), (1990, "PVC", 0.5)])
def test_materials_of_a_year(year, material, share):
    found = materials("water", np.full(1000, float(year)), (np.arange(1000) + 0.5) / 1000)
    assert (found == material).mean() == pytest.approx(share, abs=1e-3)


def test_share_never_renewed_in_closed_form():
    edges = with_pipe_materials(city()).networks["water"].edges
    kept = (edges["year_built"] == 1937).mean()
    assert kept == pytest.approx(np.exp(-0.64), abs=4 * np.sqrt(0.25 / 4000))
    assert set(edges["asset_class"]) == {"PWP.B", "PWP.D"}
    # of the pipes of 1937, cast iron is brittle, steel of 1935 and later ductile
    old = edges[edges["year_built"] == 1937]
    assert (old["asset_class"] == "PWP.B").mean() == pytest.approx(0.95, abs=4 * np.sqrt(0.0475 / len(old)))


def test_a_pipe_is_the_same_whatever_else_the_city_has():
    whole = city()
    net = whole.networks["water"]
    part = replace(whole, networks={"water": replace(net, edges=net.edges.iloc[::-3])})
    here, there = (with_pipe_materials(c).networks["water"].edges for c in (whole, part))
    assert (here.loc[there.index, "material"] == there["material"]).all()


def test_direction_of_a_pipe_does_not_matter():
    whole = city(50)
    net = whole.networks["water"]
    turned = net.edges.rename(columns={"from_node": "to_node", "to_node": "from_node"})
    other = with_pipe_materials(replace(whole, networks={"water": replace(net, edges=turned)}))
    assert (
        with_pipe_materials(whole).networks["water"].edges["material"] == other.networks["water"].edges["material"]
    ).all()


def test_a_class_from_a_file_is_kept():
    assert (
        with_pipe_materials(city(5, synthetic=False)).networks["water"].edges["asset_class"].tolist() == ["PWP.D"] * 5
    )


def test_a_class_filled_by_rule_is_drawn_and_marked():
    found = with_pipe_materials(city(5, synthetic=False, inferred=["e1", "e3"]))
    drawn = found.inferred[found.inferred["attribute"] == "material"]
    assert drawn["asset"].tolist() == ["e1", "e3"]
    assert found.networks["water"].edges["material"].notna().tolist() == [False, True, False, True, False]


def test_pipes_of_one_diagonal_draw_apart():
    """Places with one sum of their coordinates are different places."""
    ids = [f"n{i}" for i in range(101)]
    points = gpd.points_from_xy(10.0 * np.arange(101), 1000.0 - 10.0 * np.arange(101))
    nodes = gpd.GeoDataFrame({"source": False}, geometry=points, index=ids, crs="EPSG:32610")
    edges = pd.DataFrame({"from_node": ids[:-1], "to_node": ids[1:]}, index=ids[1:])
    first, second = _chances(Network("water", nodes, edges, pd.DataFrame(), synthetic=True))
    assert len(set(first)) == len(set(second)) == 100
