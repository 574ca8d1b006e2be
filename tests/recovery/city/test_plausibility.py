"""The plausibility report. Origin of the figures: by hand on the five buildings of `cities` and on small networks."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import five_buildings, network

from holdfast.data import packaged
from holdfast.recovery.city.plausibility import parts_of, plausibility


@pytest.fixture
def city():
    made = five_buildings()
    people = made.buildings[["residents", "workers"]].sum(axis=1)
    return replace(
        made,
        buildings=made.buildings.assign(
            stories=2.0,
            year_built=1950.0,
            structure="W1",
            inferred=["residents:per_floor_area"] * 2 + [""] * 3,
            night_occupants=people,
            day_occupants=2 * people,
        ),
    )


def test_totals_and_uses_by_hand(city):
    found = plausibility(city)
    assert found.totals["buildings"] == 5
    assert found.totals["floor_area_m2"] == 415.0
    assert found.totals["replacement_cost"] == 510_000.0
    assert found.totals["residents"] == 10.0
    assert found.totals["built_up_km2"] == 0.5
    assert found.uses.index[0] == "RES1"
    assert found.uses.loc["RES1", ["buildings", "floor_area_m2", "value_per_m2"]].tolist() == [2, 300.0, 1000.0]
    for column in ("buildings", "floor_area_m2", "replacement_cost", "residents", "workers"):
        assert found.uses[column].sum() == pytest.approx(found.totals[column])


def test_per_resident_beside_the_nation_by_hand(city):
    """Origin: 10 residents; homes of 300 m2 and 115 m2 of other floor; product from the shipped rates, unit by unit."""
    table = plausibility(city).per_head.set_index("quantity")
    homes = city.buildings["residents"] > 0
    area, workers = city.buildings["floor_area_m2"], city.buildings["workers"].sum()
    assert table.loc["home_floor_area", "city"] == area[homes].sum() / 10
    assert table.loc["other_floor_area", "city"] == area[~homes].sum() / 10
    assert table.loc["jobs", "city"] == workers / 10
    rates = packaged("productivity").groupby("occupancy")["productivity_per_area"].max()
    product = sum(rates[o] * a for o, a in zip(city.buildings["occupancy"], area, strict=True)) * 365
    assert table.loc["product", "city"] == pytest.approx(product / 10)
    assert table.loc["product", "nation"] == pytest.approx(19_612_105e6 / 325e6, rel=0.01)
    twice = plausibility(replace(city, currency="EUR"), 2.0).per_head.set_index("quantity")
    assert twice.loc["product", "unit"] == "EUR_2017/person/year"
    np.testing.assert_allclose(twice["ratio"], table["ratio"])


def test_networks_by_hand(city):
    row = plausibility(city).networks.loc["power"]
    assert row[["nodes", "edges", "sources", "islands", "islands_without_source", "unserved_buildings"]].tolist() == [
        2,
        1,
        1,
        1,
        0,
        0,
    ]
    assert row["length_km"] == pytest.approx(0.1)
    assert row["m_per_resident"] == pytest.approx(10.0)
    assert not row["synthetic"]


def test_a_part_without_a_source_is_told(city):
    cut = network("power", {"p1": (100, 0, True, None), "p2": (600, 0, False, None)})
    found = plausibility(replace(city, networks={"power": cut}))
    row = found.networks.loc["power"]
    assert row["unserved_example"] == "p2"
    assert row[["islands", "islands_without_source", "unserved_buildings", "unserved_residents"]].tolist() == [
        2,
        1,
        3,
        6.0,
    ]
    odd = found.checks[~found.checks["plausible"]]
    assert {"islands_without_source", "unserved_buildings"} <= set(odd["check"])
    assert odd.set_index("check").loc["unserved_buildings", "value"] == pytest.approx(0.6)


def test_a_building_that_names_no_node_is_unserved(city):
    table = city.buildings.assign(power_node=["p1", "elsewhere", None, "p1", "p1"])
    assert plausibility(replace(city, buildings=table)).networks.loc["power", "unserved_buildings"] == 2


def test_ranges_of_money_follow_the_currency(city):
    dollars = plausibility(city).checks.set_index("check").loc["value_per_m2"]
    kroner = (
        plausibility(replace(city, currency="NOK", price_year=2020), 10.0).checks.set_index("check").loc["value_per_m2"]
    )
    assert kroner["high"] == pytest.approx(10 * dollars["high"])
    assert (dollars["unit"], kroner["unit"]) == ("USD_2017/m2", "NOK_2020/m2")


def test_square_feet_taken_for_metres_are_told(city):
    table = city.buildings.assign(floor_area_m2=city.buildings["floor_area_m2"] / 0.3048**2)
    checks = plausibility(replace(city, buildings=table)).checks.set_index("check")
    assert not checks.loc["value_per_m2", "plausible"]
    assert "square feet" in checks.loc["value_per_m2", "hint"]


def test_order_of_buildings_does_not_matter_and_nothing_is_changed(city):
    before = city.buildings.copy()
    shuffled = replace(city, buildings=city.buildings.sample(frac=1, random_state=2))
    one, other = plausibility(city), plausibility(shuffled)
    pd.testing.assert_frame_equal(one.checks, other.checks)
    pd.testing.assert_frame_equal(one.uses, other.uses)
    pd.testing.assert_frame_equal(city.buildings, before)


def test_a_city_of_networks_alone(city):
    nobody = city.buildings.iloc[:0]
    zones = gpd.GeoDataFrame({"residents": []}, geometry=[], crs=city.crs)
    found = plausibility(replace(city, buildings=nobody, zones=zones))
    assert found.totals == {"buildings": 0, "zones": 0}
    assert set(found.checks["check"]) == {"islands_without_source", "nodes_per_source"}
    assert found.uses.empty
    assert found.inferred.empty


def test_parts_against_networkx():
    import networkx as nx

    rng = np.random.default_rng(5)
    nodes = {f"n{i}": (float(i), 0.0, bool(rng.random() < 0.1), None) for i in range(60)}
    pairs = {tuple(sorted(rng.choice(60, 2, replace=False))) for _ in range(45)}
    net = network("water", nodes, [(f"e{k}", f"n{a}", f"n{b}", None) for k, (a, b) in enumerate(sorted(pairs))])
    part, fed = parts_of(net)
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from((f"n{a}", f"n{b}") for a, b in pairs)
    expected = {frozenset(c): any(nodes[n][2] for n in c) for c in nx.connected_components(graph)}
    found = {frozenset(np.array(list(nodes))[part == k]): bool(fed[k]) for k in range(len(fed))}
    assert found == expected


def test_every_check_has_a_range_with_its_source():
    ranges = packaged("plausible_ranges")
    assert (ranges["low"] <= ranges["high"]).all()
    assert ranges["check"].is_unique
