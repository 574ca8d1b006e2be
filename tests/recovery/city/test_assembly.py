"""A city of frames: classes, people, zones, money, networks of one's own.

Origin of the golden classes: read by hand from the Hazus height ranges (1-3, 4-7, 8 and more stories) and the eras
of the rule. Origin of the counts for San Francisco and Berkeley: the same rule written apart from this code.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import Point, box

from holdfast.config import load_study
from holdfast.errors import TableError, UnknownName
from holdfast.flows.bind import city_rules_of
from holdfast.frames.marks import marks_text, rules_used
from holdfast.recovery.city import City, CityRules, settle_buildings
from holdfast.recovery.city.building_classes import asset_classes
from holdfast.recovery.city.money import converted, require_currency
from holdfast.recovery.city.utilities import require_nodes
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.sources.buildings import read_buildings

EXAMPLES = Path(__file__).parents[3] / "examples"


NONE = CityRules(networks=())


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


def homes(count: int = 6, **columns: object) -> gpd.GeoDataFrame:
    """Made-up buildings 60 m apart."""
    table = {
        "building_id": [f"b{i}" for i in range(count)],
        "occupancy": "RES1",
        "structure": "W1",
        "stories": 2,
        "year_built": 1950,
        "floor_area_m2": 200.0,
        "replacement_cost": 4e5,
        **columns,
    }
    places = [Point(550_000 + 60 * i, 4_190_000) for i in range(count)]
    return gpd.GeoDataFrame(table, geometry=places, crs=32610)


@pytest.mark.parametrize(
    ("structure", "stories", "year", "expected"),
    [
        ("W1", 1, 1906, "W1.moderate_code"),
        ("W1", 4, 1976, "W1.high_code"),
        ("W2", 2, 1940, "W2.pre_code"),
        ("C1", 3, 1941, "C1L.moderate_code"),
        ("C1", 3.5, 1941, "C1L.moderate_code"),
        ("C1", 4, 1975, "C1M.moderate_code"),
        ("S2", 8, 2000, "S2H.high_code"),
        ("RM1", 12, 1930, "RM1M.pre_code"),
        ("URM", 2, 1930, "URML.pre_code"),
        ("URM", 3, 1930, "URMM.pre_code"),
        ("URM", 2, 1990, "URML.low_code"),
        ("C3", 7, 1960, "C3M.low_code"),
        ("S5", 2, 1960, "S5L.low_code"),
        ("MH", 1, 1980, "MH.high_code"),
    ],
)
def test_classes_golden(parameters, structure, stories, year, expected):
    table = pd.DataFrame({"structure": [structure], "stories": [stories], "year_built": [year]})
    assert asset_classes(table, "ubc_zone_4", parameters.fragility).tolist() == [expected]
    pre = asset_classes(table, "no_seismic_code", parameters.fragility)[0]
    assert pre.endswith(".pre_code")


def test_every_structure_height_and_era_finds_a_class(parameters):
    structures = ["W1", "W2", "S1", "S2", "S3", "S4", "S5", "C1", "C2", "C3", "PC1", "PC2", "RM1", "RM2", "URM", "MH"]
    rows = [(s, n, y) for s in structures for n in (1, 3, 5, 9, 60) for y in (1800, 1940, 1941, 1975, 1976, 2020)]
    table = pd.DataFrame(rows, columns=["structure", "stories", "year_built"])
    assert asset_classes(table, "ubc_zone_4", parameters.fragility).isin(parameters.fragility["asset_class"]).all()


def test_unknown_names_are_refused(parameters):
    with pytest.raises(TableError, match=r'row 3, column structure: "W9" has no fragility; known: .*URM') as caught:
        settle_buildings(homes(3, structure=["W1", "W9", "X"]), parameters)
    assert len(caught.value.problems) == 2
    with pytest.raises(UnknownName, match="ubc_zone_4"):
        settle_buildings(homes(), parameters, CityRules(code_rule="zone 4"))
    with pytest.raises(TableError, match=r'"W1\.no_code" has no fragility'):
        settle_buildings(homes(asset_class="W1.no_code"), parameters)
    with pytest.raises(TableError, match="RES9"):
        settle_buildings(homes(occupancy="RES9"), parameters)
    with pytest.raises(TableError, match="floor_area_m2: 0"):
        settle_buildings(homes(floor_area_m2=0.0), parameters)


def test_what_the_table_holds_is_kept(parameters):
    given = homes(residents=3.0, workers=1.0, asset_class="C1L.pre_code", zone_id="old town")
    table = settle_buildings(given, parameters)
    assert table["residents"].tolist() == [3.0] * 6
    assert table["workers"].tolist() == [1.0] * 6
    assert set(table["asset_class"]) == {"C1L.pre_code"}
    city = City.from_frames(given, rules=NONE, parameters=parameters)
    assert set(marks_text(city.inferred, city.buildings.index)) == {"occupants: shares_of_day"}
    zones = city.zones
    assert zones.index.tolist() == ["old town"]
    assert zones["residents"].tolist() == [18.0]
    assert zones.geometry.iloc[0].covers(table.geometry.iloc[3])


def test_people_come_from_floor_area_and_are_flagged(parameters):
    table = settle_buildings(homes(occupancy=["RES1"] * 5 + ["COM4"]), parameters)
    density = parameters.occupancies.set_index("occupancy")
    assert table["residents"].iloc[0] == pytest.approx(2 * density.loc["RES1", "residents_per_100_m2"])
    assert table["workers"].iloc[5] == pytest.approx(2 * density.loc["COM4", "workers_per_100_m2"])
    city = City.from_frames(homes(occupancy=["RES1"] * 5 + ["COM4"]), rules=NONE, parameters=parameters)
    marks = "code_level: code_rule; residents: per_floor_area; workers: per_floor_area; occupants: shares_of_day"
    assert set(marks_text(city.inferred, city.buildings.index)) == {marks}
    used = rules_used(city.inferred, city.buildings["floor_area_m2"]).set_index("attribute")["buildings_share"]
    assert used.to_dict() == dict.fromkeys(["code_level", "residents", "workers", "occupants"], 1.0)
    assert city.inferred.columns.tolist() == ["table", "asset", "attribute", "rule", "source"]


def test_inferred_residents_are_scaled_to_the_population(parameters):
    mixed = homes(occupancy=["RES1"] * 5 + ["RES3"])
    free = settle_buildings(mixed, parameters)["residents"]
    scaled = settle_buildings(mixed, parameters, CityRules(population_total=100))["residents"]
    assert scaled.sum() == pytest.approx(100)
    assert (scaled / free).to_numpy() == pytest.approx(100 / free.sum())
    with pytest.raises(TableError, match="no homes among which"):
        settle_buildings(homes(occupancy="COM1"), parameters, CityRules(population_total=100))


def test_people_inside_by_hand(parameters):
    """Origin: by hand. RES1: all, 53 %, 35 % of 10; COM4 of 1,000 m2: peak 43.06 (4 per 1,000 ft2), 1 %, 100 %, 75 %."""
    table = homes(
        4, occupancy=["RES1", "COM4", "RES4", "EDU1"], floor_area_m2=1000.0, residents=[10.0, 0, 0, 0], workers=0.0
    )
    settled = settle_buildings(table, parameters)
    expected = {
        "night": [10.0, 0.4306, 26.91, 0.0],
        "day": [5.3, 43.06, 26.91 * 0.19, 150.69],
        "commute": [3.5, 43.06 * 0.75, 26.91 * 0.3, 150.69 / 2],
    }
    for time, people in expected.items():
        assert settled[f"{time}_occupants"].to_numpy() == pytest.approx(people), time


def test_given_people_by_night_and_day_are_kept(parameters):
    table = homes(2, occupancy=["RES1", "COM4"], night_occupants=[4.0, 1.0], day_occupants=[2.0, 20.0])
    settled = settle_buildings(table, parameters)
    assert settled["night_occupants"].tolist() == [4.0, 1.0]
    assert settled["commute_occupants"].to_numpy() == pytest.approx([4.0 * 0.35, 20.0 * 0.75])
    assert (settled["occupants_rule"] == "commute_from_given").all()


def test_money_of_another_currency_needs_a_factor_and_its_origin():
    with pytest.raises(TableError, match=r"column currency.*state figures_factor"):
        require_currency("EUR", 2017, None, "")
    with pytest.raises(TableError, match=r"figures_note.*say where the factor comes from"):
        require_currency("EUR", 2017, 0.9, " ")
    with pytest.raises(TableError, match="USD of 2017 already"):
        require_currency("USD", 2017, 0.9, "why")
    require_currency("EUR", 2017, 0.9, "ECB")
    for factor in (0.0, -0.9, float("nan"), float("inf")):
        with pytest.raises(TableError, match=r"figures_factor.*converts no money"):
            require_currency("EUR", 2017, factor, "ECB")


def test_only_costs_of_our_own_rates_are_converted():
    table = homes(2).assign(replacement_cost_rule=["unit_cost", None])
    assert converted(table, 0.5)["replacement_cost"].tolist() == [2e5, 4e5]


@pytest.mark.parametrize(
    ("rule", "structure", "year", "level"),
    [
        ("ubc_zone_3", "C1", 1990, "moderate"),
        ("ubc_zone_3", "W1", 1930, "moderate"),
        ("ubc_zone_2b", "C1", 1960, "low"),
        ("ubc_zone_2a", "S1", 1990, "low"),
        ("ubc_zone_1", "C2", 1960, "pre"),
        ("ubc_zone_1", "W1", 1960, "low"),
        ("ubc_zone_0", "RM1", 2000, "pre"),
        ("swiss_sia", "C2", 1969, "pre"),
        ("swiss_sia", "C2", 1975, "low"),
        ("swiss_sia", "C2", 2005, "moderate"),
        ("swiss_sia", "URM", 2005, "low"),
    ],
)
def test_code_rules_of_other_places(parameters, rule, structure, year, level):
    table = pd.DataFrame({"structure": [structure], "stories": [2], "year_built": [year]})
    assert asset_classes(table, rule, parameters.fragility)[0].endswith(f".{level}_code")


def test_a_population_beside_given_residents_is_refused(parameters):
    with pytest.raises(TableError, match="already holds residents"):
        settle_buildings(homes(residents=2.0), parameters, CityRules(population_total=100))


@pytest.mark.parametrize("total", [0.0, -5.0, float("nan")])
def test_a_population_that_is_none_is_refused(parameters, total):
    with pytest.raises(TableError, match=r"population_total.*no number of residents above 0"):
        settle_buildings(homes(), parameters, CityRules(population_total=total))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2227"])
def test_crs_must_be_in_metres(parameters, crs):
    with pytest.raises(TableError, match="not in metres"):
        settle_buildings(homes(), parameters, CityRules(crs=crs))


def test_a_table_without_crs_is_refused(parameters):
    with pytest.raises(TableError, match="no CRS"):
        settle_buildings(homes().set_crs(None, allow_override=True), parameters)


def test_order_of_rows_does_not_matter_and_nothing_is_mutated(parameters):
    table = homes(20, year_built=list(range(1900, 2000, 5)))
    before = table.copy()
    settled = settle_buildings(table, parameters)
    shuffled = settle_buildings(table.sample(frac=1, random_state=3), parameters)
    assert_geodataframe_equal(settled, shuffled)
    assert_geodataframe_equal(table, before)
    assert settled.index.is_monotonic_increasing


@pytest.mark.parametrize("size", [50.0, 250.0, 1000.0])
def test_zones_cover_their_buildings_and_hold_their_residents(parameters, size):
    city = City.from_frames(homes(30), rules=CityRules(zone_size=size, networks=()), parameters=parameters)
    table, zones = city.buildings, city.zones
    assert zones["residents"].sum() == pytest.approx(table["residents"].sum())
    squares = zones.geometry.reindex(table["zone_id"])
    assert all(square.covers(point) for square, point in zip(squares, table.geometry, strict=True))
    assert np.allclose(zones.area, size**2)
    assert zones.index.is_unique


def test_a_building_without_a_node_is_refused(parameters):
    from cities import network

    table = settle_buildings(homes(3), parameters)
    power = network("power", {"p0": (0, 0, True, "net")})
    with pytest.raises(TableError, match="no building names a node"):
        require_nodes(table, {"power": power})
    table["power_node"] = ["p0", "p9", None]
    with pytest.raises(TableError, match='building b1: "p9" is no node of the power network') as caught:
        require_nodes(table, {"power": power})
    assert len(caught.value.problems) == 2
    table["power_node"] = "p0"
    require_nodes(table, {"power": power})
    no_source = network("power", {"p0": (0, 0, False, "net")})
    with pytest.raises(TableError, match="no source"):
        require_nodes(table, {"power": no_source})


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("nesf", {"W1.moderate_code": 416, "W1.high_code": 65, "S1L.pre_code": 28}),
        ("berkeley", {"W1.moderate_code": 23_277, "W1.high_code": 437, "RM2L.pre_code": 291, "RM1L.pre_code": 268}),
    ],
)
def test_real_cities(data, parameters, name, counts):
    study, _ = load_study(EXAMPLES / f"{name}.toml")
    rules = city_rules_of(study.city)
    table = settle_buildings(read_buildings(study.tables["buildings"], data / "city").table, parameters, rules)
    found = table["asset_class"].value_counts()
    assert {k: int(found[k]) for k in counts} == counts
    assert table["residents"].sum() == pytest.approx({"nesf": 84_220, "berkeley": 112_580}[name])


def test_zone_grid_starts_at_multiples_of_its_size(parameters):
    rules = CityRules(crs="EPSG:32610", zone_size=500, networks=())
    city = City.from_frames(homes(1), rules=rules, parameters=parameters)
    assert city.buildings["zone_id"].tolist() == ["E1100N8380"]
    assert city.zones.geometry.iloc[0].equals(box(550_000, 4_190_000, 550_500, 4_190_500))


def own_zones() -> gpd.GeoDataFrame:
    halves = [box(549_900, 4_189_900, 550_150, 4_190_100), box(550_150, 4_189_900, 550_500, 4_190_100)]
    return gpd.GeoDataFrame({"zone_id": ["west", "east"], "group_old": [0.2, 0.4]}, geometry=halves, crs=32610)


def test_zones_of_ones_own_hold_the_buildings_that_lie_in_them():
    city = City.from_frames(homes(residents=2.0), zones=own_zones().to_crs(4326), rules=NONE)
    assert city.buildings["zone_id"].tolist() == ["west"] * 3 + ["east"] * 3
    assert city.zones["residents"].to_dict() == {"east": 6.0, "west": 6.0}
    assert city.zones.loc["east", "group_old"] == 0.4
    named = City.from_frames(homes(zone_id="east"), zones=own_zones(), rules=NONE)
    assert named.zones["residents"].to_dict()["west"] == 0
    with pytest.raises(TableError, match="building b5: lies in no zone"):
        City.from_frames(homes(), zones=own_zones().iloc[:1], rules=NONE)
    with pytest.raises(TableError, match="state no CRS"):
        City.from_frames(homes(), zones=own_zones().set_crs(None, allow_override=True), rules=NONE)
    with pytest.raises(TableError, match='"west" stands more than once'):
        City.from_frames(homes(), zones=own_zones().assign(zone_id="west"), rules=NONE)


def own_power(**columns: object) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    places = [Point(550_000, 4_190_050), Point(550_200, 4_190_050)]
    nodes = gpd.GeoDataFrame({"source": [True, False], **columns}, index=["p", "q"], geometry=places, crs=32610)
    return nodes, pd.DataFrame({"from_node": ["p"], "to_node": ["q"]}, index=["line"])


def test_a_network_of_ones_own_serves_the_nearest_buildings_and_takes_costs_by_role():
    nodes, edges = own_power()
    city = City.from_frames(homes(), {"power": (nodes, edges)}, rules=NONE)
    power = city.networks["power"]
    assert city.buildings["power_node"].tolist() == ["p", "p", "q", "q", "q", "q"]
    assert power.edges["length_m"].tolist() == pytest.approx([200.0], rel=1e-3)
    assert power.nodes.loc["p", "replacement_cost"] > 0
    assert "replacement_cost_rule" not in power.nodes
    filled = city.inferred.query("table == 'power_nodes' and attribute == 'replacement_cost'")
    assert filled["rule"].unique().tolist() == ["network_assets"]
    assert nodes.columns.tolist() == ["source", "geometry"]
    given = City.from_frames(
        homes(), {"power": (*own_power(asset_class="", replacement_cost=7.0)[:1], edges)}, rules=NONE
    )
    assert given.networks["power"].nodes["replacement_cost"].tolist() == [7.0, 7.0]


def test_money_is_converted_where_a_rule_filled_it_and_nowhere_else():
    """Origin: ratio of the same frames in two kinds of money; costs of the buildings are given, those of power filled."""
    euro = CityRules(networks=(), currency="EUR", figures_factor=2.0, figures_note="made up")
    one, two = (City.from_frames(homes(), {"power": own_power()}, rules=r) for r in (NONE, euro))
    assert two.buildings["replacement_cost"].equals(one.buildings["replacement_cost"])
    costs = [c.networks["power"].nodes["replacement_cost"].sum() for c in (one, two)]
    assert costs[1] == pytest.approx(2 * costs[0])


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (own_power()[:1], "give \\(nodes, edges\\)"),
        ((own_power()[0].drop(columns="source"), own_power()[1]), "column source: no such column"),
        ((own_power()[0].assign(source=False), own_power()[1]), "no node of the power network is a source"),
        ((own_power()[0], own_power()[1].assign(to_node="x")), 'ends at "x", which is no node'),
    ],
)
def test_networks_that_do_not_fit_are_refused(tables, words):
    with pytest.raises(TableError, match=words):
        City.from_frames(homes(), {"power": tables}, rules=NONE)


def test_attributes_are_inferred_where_the_rules_allow_it():
    """Outlines give floor area; the marks say which rule filled what."""
    outlines = homes(4).drop(columns=["building_id", "floor_area_m2", "structure", "replacement_cost"])
    outlines = outlines.set_geometry(outlines.geometry.buffer(5.0, cap_style="square"))
    infer = {"floor_area_m2": "footprint", "structure": "light_frame", "replacement_cost": "unit_cost"}
    city = City.from_frames(outlines, rules=CityRules(networks=(), infer=infer))
    assert city.buildings.index.tolist() == ["0", "1", "2", "3"]
    assert city.buildings["floor_area_m2"].to_numpy() == pytest.approx(200.0, rel=2e-3)
    used = rules_used(city.inferred, city.buildings["floor_area_m2"]).set_index("attribute")["rule"]
    assert used[list(infer)].tolist() == ["footprint_times_stories", "light_frame", "unit_cost"]
    with pytest.raises(TableError, match=r'let a rule fill it: infer = \{"structure": \.\.\.\}'):
        City.from_frames(outlines, rules=CityRules(networks=(), infer={"floor_area_m2": "footprint"}))
