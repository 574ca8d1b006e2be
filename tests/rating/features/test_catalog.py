"""Contract and laws that every feature keeps, whoever adds it, and golden values."""

import inspect

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal
from shapely.geometry import LineString, Point, box
from shapely.ops import unary_union

from holdfast.config import RatingOptions
from holdfast.errors import DataMissing
from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.features.interpolate import mean, total
from holdfast.rating.features.measure import measure
from holdfast.rating.features.needs import GIVEN, MADE_OF, Wanted, available, tables_of
from holdfast.rating.features.rules import RULES, chosen_rules
from holdfast.rating.grid.pieces import dissolve, pieces
from holdfast.rating.grid.region import squares
from holdfast.rating.grid.streets import street_segments
from holdfast.tables import schema


@pytest.fixture
def ground():
    """Synthetic cells, and every table that a feature may need."""
    rng = np.random.default_rng(1)
    rows, columns = (a.ravel() for a in np.mgrid[0:10, 0:10])
    cells = squares(columns, rows, 2000.0, "EPSG:32615")
    cells["region_m2"] = 4e6
    tracts = [box(x, y, x + 5000, y + 4000) for x in range(0, 20_000, 5000) for y in range(0, 20_000, 4000)]
    n = len(tracts)
    areas = gpd.GeoDataFrame(
        {
            "area_id": [str(i) for i in range(n)],
            "housing_units": rng.integers(1, 900, n).astype(float),
            "median_year_built": rng.integers(1930, 2015, n).astype(float),
            "poverty_share": rng.uniform(0, 0.5, n),
            "uninsured_share": rng.uniform(0, 0.4, n),
            "high_school_share": rng.uniform(0.5, 1, n),
            "ndvi": rng.uniform(0, 0.6, n),
            "green_share": rng.uniform(0, 1, n),
            "download_mbps": rng.uniform(5, 200, n),
            "second_means_share": rng.uniform(0, 1, n),
            "elderly_share": rng.uniform(0, 0.4, n),
            "disability_share": rng.uniform(0, 0.3, n),
            "tenure_years": rng.uniform(1, 30, n),
            "population": rng.uniform(10, 3000, n),
            "surface_temperature": rng.uniform(20, 45, n),
            "pm25": rng.uniform(3, 40, n),
        },
        geometry=tracts,
        crs=32615,
    )
    lines = [LineString(rng.uniform(0, 2e4, (2, 2))) for _ in range(30)]
    streets = [LineString([(x, y) for y in range(310, 20_000, 700)]) for x in range(310, 20_000, 700)]
    streets += [LineString([(x, y) for x in range(310, 20_000, 700)]) for y in range(310, 20_000, 700)]
    roads = gpd.GeoDataFrame(geometry=lines + streets, crs=32615)
    hospitals, towers, places = (
        gpd.GeoDataFrame(
            {column: rng.uniform(low, high, n)}, geometry=gpd.points_from_xy(*rng.uniform(0, 2e4, (2, n))), crs=32615
        )
        for column, low, high, n in (("beds", 5, 500, 12), ("range_m", 300, 4000, 25), ("unused", 0, 1, 40))
    )
    blobs = gpd.GeoDataFrame(geometry=[Point(p).buffer(1500) for p in rng.uniform(0, 2e4, (15, 2))], crs=32615)
    cut = pieces(cells, areas)
    tables = {
        "areas": cut,
        "internet": cut,
        "greenness": cut,
        "heat": cut,
        "pollution": cut,
        "hospitals": hospitals,
        "roads": pieces(cells, roads),
        "streets": street_segments(roads),
        "cell_towers": towers,
        "green_areas": pieces(cells, dissolve(blobs)),
        **dict.fromkeys(("emergency", "power", "telecom", "community"), places),
    }
    return cells, tables, (areas, roads, hospitals)


KEYS = {
    "pieces": {"cell_id", "share", "piece_m2", "piece_m", "geometry"},
    "streets": {"from_node", "to_node", "from_x", "from_y", "to_x", "to_y", "length_m"},
    "cell_towers": {"range_m"},
}


def of(name, cells, tables, **keywords):
    """A feature of the tables that it is measured from."""
    chosen, lacking = tables_of(name, {t: set(tables[t].columns) for t in tables})
    assert not lacking
    return FEATURES[name](cells, *(tables[t] for t in chosen), **keywords)


def declared(name, tables):
    """Only the tables and columns that a feature declares."""
    columns: dict[str, set[str]] = {}
    for group in RULES[name].needs:
        for need in group:
            table, _, column = need.partition(".")
            columns.setdefault(table, set()).add(column)
    return {
        t: tables[t][[c for c in tables[t].columns if c in KEYS["pieces"] | KEYS.get(t, set()) | columns[t]]]
        for t in columns
        if t in tables
    }


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_keeps_the_index_reads_what_it_declares_and_changes_nothing(name, ground):
    cells, tables, _ = ground
    given = declared(name, tables)
    before = {k: t.copy() for k, t in given.items()}
    values = of(name, cells, given)
    assert values.index.equals(cells.index)
    assert values.dtype == np.float64
    assert values.notna().all()
    for k, t in given.items():
        assert t.equals(before[k])


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_declares_a_table_per_need_and_keywords_of_the_study(name):
    cells, *others = inspect.signature(FEATURES[name]).parameters.values()
    tables = {MADE_OF.get(t, t) for t in (n.partition(".")[0] for group in RULES[name].needs for n in group)}
    positional = [p for p in others if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = [p for p in others if p.kind is p.KEYWORD_ONLY]
    assert cells.name == "cells"
    assert len(positional) == 1
    assert len(positional) + len(keywords) == len(others)
    assert {MADE_OF.get(positional[0].name, positional[0].name)} & tables or len(tables) > 1
    for keyword in keywords:
        assert keyword.name == "streets" or keyword.default == RatingOptions.model_fields[keyword.name].default
    assert RULES[name].extent in {"", "cell", *(k.name for k in keywords)}


@pytest.mark.parametrize("name", FEATURES)
def test_order_of_cells_does_not_matter(name, ground):
    cells, tables, _ = ground
    shuffled = cells.sample(frac=1, random_state=0)
    mixed = of(name, shuffled, tables).reindex(cells.index)
    assert_series_equal(mixed, of(name, cells, tables))


@pytest.mark.parametrize("name", FEATURES)
def test_moving_the_whole_ground_changes_nothing(name, ground):
    """A law: cells and all that lies in them, moved by other than whole cells."""
    cells, tables, _ = ground
    east, north = 6700.0, -4100.0
    moved = cells.assign(column=cells["column"] + 3, row=cells["row"] - 2).set_geometry(cells.translate(east, north))
    there = dict(tables)
    for t in ("hospitals", "cell_towers", "emergency", "power", "telecom", "community"):
        there[t] = tables[t].set_geometry(tables[t].translate(east, north))
    steps = {"from_x": east, "to_x": east, "from_y": north, "to_y": north}
    there["streets"] = tables["streets"].assign(**{c: tables["streets"][c] + step for c, step in steps.items()})
    assert np.allclose(of(name, moved, there), of(name, cells, tables), atol=1e-9)


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_has_a_rule_and_a_unit(name):
    rule = RULES[name]
    assert rule.pillar in ("robustness", "redundancy", "resourcefulness")
    assert rule.system in ("facilities", "infrastructure", "society")
    assert rule.direction in (1, -1)
    assert rule.unit


def test_twelve_features_in_three_pillars_and_optional_ones():
    rules = RULES
    assert set(rules) == set(FEATURES)
    twelve = [r for r in rules.values() if r.default]
    assert len(twelve) == 12
    for pillar in ("robustness", "redundancy", "resourcefulness"):
        assert sum(r.pillar == pillar for r in twelve) == 4


def test_every_need_is_a_column_of_a_schema():
    for rule in RULES.values():
        for need in (need for group in rule.needs for need in group):
            table, _, column = need.partition(".")
            assert column in {"", *(c.column for c in schema(MADE_OF.get(table, table)))}, need


def test_ready_values_have_a_column_per_feature():
    given = {c.column: c for c in schema(GIVEN)}
    assert set(given) - {"area_id", "housing_units", "geometry"} == set(FEATURES)
    assert all(given[name].unit == rule.unit for name, rule in RULES.items())


def test_interpolation_against_tobler(ground):
    """Origin: tobler's areal interpolation of the same outlines."""
    from tobler.area_weighted import area_interpolate

    cells, tables, (areas, _, _) = ground
    areas = areas.assign(poor=areas["poverty_share"] * areas["housing_units"])
    theirs = area_interpolate(areas, cells, extensive_variables=["housing_units", "poor"], intensive_variables=["ndvi"])
    homes = total(tables["areas"], "housing_units", cells.index)
    assert np.allclose(homes, theirs["housing_units"])
    poor = mean(tables["areas"], "poverty_share", cells.index, "housing_units")
    assert np.allclose(poor, theirs["poor"] / theirs["housing_units"])
    assert np.allclose(mean(tables["areas"], "ndvi", cells.index), theirs["ndvi"])


def test_hospitals_against_brute_force(ground):
    """Origin: all distances computed one by one."""
    cells, tables, (_, _, hospitals) = ground
    expected = [sum(c.centroid.distance(h) <= 10_000 for h in hospitals.geometry) for c in cells.geometry]
    assert of("hospitals_within_reach", cells, tables).tolist() == expected


def test_road_length_is_kept(ground):
    """Origin: the lengths of the lines themselves, all of which lie in the cells."""
    cells, tables, (_, roads, _) = ground
    density = of("road_density", cells, tables)
    assert (density * cells["region_m2"] / 1e6).sum() == pytest.approx(roads.length.sum() / 1e3)


def test_unknown_values_leave_the_mean_alone():
    made = pd.DataFrame({"cell_id": ["a", "a", "b"], "share": 1.0, "piece_m2": [1.0, 3.0, 1.0], "v": [2.0, None, None]})
    result = mean(made, "v", pd.Index(["a", "b"], name="cell_id"))
    assert result["a"] == 2.0
    assert np.isnan(result["b"])


def test_coverage_against_a_fine_union(ground):
    """Origin: one union of finely drawn discs, cut by each cell."""
    cells, tables, _ = ground
    towers = tables["cell_towers"]
    union = unary_union([p.buffer(r, quad_segs=500) for p, r in zip(towers.geometry, towers["range_m"], strict=True)])
    expected = [c.intersection(union).area / c.area for c in cells.geometry]
    found = of("cell_tower_coverage", cells, tables)
    assert np.allclose(found, expected, atol=2e-4)
    assert {0.0, 1.0} <= set(found)
    assert ((found > 0.01) & (found < 0.99)).sum() > 10


def test_coverage_takes_the_range_of_the_study_where_none_is_stated(ground):
    cells, tables, _ = ground
    unknown = {"cell_towers": tables["cell_towers"].assign(range_m=np.nan)}
    without = {"cell_towers": tables["cell_towers"].drop(columns="range_m")}
    same = {"cell_towers": tables["cell_towers"].assign(range_m=700.0)}
    expected = of("cell_tower_coverage", cells, same)
    for given in (unknown, without):
        assert_series_equal(of("cell_tower_coverage", cells, given, tower_range=700.0), expected)
    cut = of("cell_tower_coverage", cells, tables, longest_tower_range=700.0)
    assert (cut <= expected + 1e-12).all()


def test_green_areas_count_once_where_they_overlap(ground):
    """Origin: the areas of the union in each cell."""
    cells, tables, _ = ground
    only = {"green_areas": tables["green_areas"]}
    share = of("green_space", cells, only)
    assert share.max() <= 1
    rng_area = tables["green_areas"]["piece_m2"].sum()
    assert (share * cells["region_m2"]).sum() == pytest.approx(rng_area)
    parks = gpd.GeoDataFrame(geometry=[box(0, 0, 500, 500), box(0, 0, 500, 500), box(250, 0, 750, 500)], crs=32615)
    assert pieces(cells, dissolve(parks))["piece_m2"].sum() == pytest.approx(750 * 500)


def test_beds_add_up(ground):
    """Origin: hospitals within reach, one by one."""
    cells, tables, (_, _, hospitals) = ground
    expected = [hospitals.loc[hospitals.distance(c.centroid) <= 6000, "beds"].sum() for c in cells.geometry]
    assert np.allclose(of("hospital_beds_within_reach", cells, tables, reach=6000.0), expected)


def some(*names):
    return {name: FEATURES[name] for name in names}


def test_per_person_and_per_km2(ground):
    cells, tables, _ = ground
    features, reach = some("hospitals_within_reach", "road_density"), {"reach": 5000.0}
    plain = measure(features, cells, tables, keywords=reach)
    people = total(tables["areas"], "population", cells.index)
    middle = cells.geometry.centroid
    near = np.array([(middle.distance(m) <= 5000).to_numpy() for m in middle])
    per = {"hospitals_within_reach": "person", "road_density": "person"}
    found = measure(features, cells, tables, per=per, keywords=reach)
    assert np.allclose(found["hospitals_within_reach"], plain["hospitals_within_reach"] / (near @ people / 1000))
    assert np.allclose(found["road_density"], plain["road_density"] * 4 / (people / 1000))
    per = {"hospitals_within_reach": "km2", "road_density": "km2"}
    found = measure(features, cells, tables, per=per, keywords=reach)
    assert np.allclose(found["hospitals_within_reach"], plain["hospitals_within_reach"] / (near.sum(axis=1) * 4))
    assert np.allclose(found["road_density"], plain["road_density"])
    assert chosen_rules(per=per)["hospitals_within_reach"].unit == "1/km2"


def test_per_person_takes_homes_where_people_are_not_known(ground):
    cells, tables, _ = ground
    per, roads = {"road_density": "person"}, some("road_density")
    homes_alone = {**tables, "areas": tables["areas"].drop(columns="population")}
    homes = total(tables["areas"], "housing_units", cells.index)
    plain = measure(roads, cells, tables)["road_density"]
    assert np.allclose(measure(roads, cells, homes_alone, per=per)["road_density"], plain * 4 / (homes / 1000))
    assert chosen_rules(per=per)["road_density"].unit == "km/1000 persons"
    with pytest.raises(DataMissing, match=r"areas\.population"):
        measure(roads, cells, {"roads": tables["roads"]}, per=per)


def test_a_feature_can_be_replaced(ground):
    cells, tables, _ = ground
    given = {**tables, GIVEN: tables["areas"].assign(poverty=0.25, green_space=0.5, heat=30.0)}
    mine = Wanted(replace={"poverty": GIVEN, "green_space": "green_areas"})
    found = measure(some("poverty", "green_space", "heat"), cells, given, wanted=mine)
    assert np.allclose(found["poverty"], 0.25)
    assert np.allclose(found["green_space"], of("green_space", cells, {"green_areas": tables["green_areas"]}))
    assert not np.allclose(found["heat"], 30.0)  # measured, since it is not replaced
    lone = {GIVEN: given[GIVEN]}
    assert np.allclose(measure(some("heat"), cells, lone)["heat"], 30.0)  # nothing to measure it from
    assert available({GIVEN: {"heat"}}, Wanted(["heat"]))[0] == ["heat"]
    lacking = available({"areas": {"ndvi"}}, Wanted(["green_space"], replace=mine.replace))[1]
    assert lacking["green_space"] == "no data: needs green_areas"


def test_optional_features_wait_to_be_asked_for():
    columns = {"emergency": {"geometry"}, "areas": {"ndvi"}}
    assert available(columns)[0] == ["green_space"]
    assert "emergency_services" not in available(columns)[1]
    used, absent = available(columns, Wanted(also=["emergency_services", "heat"], leave_out=["green_space"]))
    assert used == ["emergency_services"]
    assert absent["heat"] == "no data: needs heat.surface_temperature"
    assert absent["green_space"] == "left out by the study"


def test_availability_names_what_is_lacking():
    used, absent = available({"areas": {"ndvi"}})
    assert used == ["green_space"]
    assert absent["poverty"] == "no data: needs areas.poverty_share, areas.housing_units"
    assert absent["alternative_routes"] == "no data: needs roads"
