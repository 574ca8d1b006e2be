"""Contract and laws that every feature keeps, whoever adds it, and golden values."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_series_equal
from shapely.geometry import LineString, Point, box

from holdfast.config import RatingOptions
from holdfast.errors import UnknownName
from holdfast.rating.features.catalog import FEATURES, available, feature_rules
from holdfast.rating.features.measure import mean, total
from holdfast.rating.region import pieces, squares

OPTIONS = RatingOptions()


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
            "area_id": [str(i) for i in range(n)], "housing_units": rng.integers(1, 900, n).astype(float),
            "median_year_built": rng.integers(1930, 2015, n).astype(float), "poverty_share": rng.uniform(0, 0.5, n),
            "uninsured_share": rng.uniform(0, 0.4, n), "high_school_share": rng.uniform(0.5, 1, n),
            "ndvi": rng.uniform(0, 0.6, n), "download_mbps": rng.uniform(5, 200, n),
        },
        geometry=tracts, crs=32615,
    )  # fmt: skip
    lines = [LineString(rng.uniform(0, 2e4, (2, 2))) for _ in range(30)]
    roads = gpd.GeoDataFrame(geometry=lines, crs=32615)
    hospitals = gpd.GeoDataFrame(geometry=[Point(p) for p in rng.uniform(0, 2e4, (12, 2))], crs=32615)
    cut = pieces(cells, areas)
    return (
        cells,
        {"areas": cut, "internet": cut, "roads": pieces(cells, roads), "hospitals": hospitals},
        (areas, roads, hospitals),
    )


def declared(name, tables):
    """Only the tables and columns that a feature declares."""
    columns: dict[str, set[str]] = {}
    for group in feature_rules()[name].needs:
        for need in group:
            table, _, column = need.partition(".")
            columns.setdefault(table, set()).add(column)
    always = {"cell_id", "share", "piece_m2", "piece_m", "geometry"}
    return {t: tables[t][[c for c in tables[t].columns if c in always | columns[t]]] for t in columns if t in tables}


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_keeps_the_index_reads_what_it_declares_and_changes_nothing(name, ground):
    cells, tables, _ = ground
    given = declared(name, tables)
    before = {k: t.copy() for k, t in given.items()}
    values = FEATURES[name](cells, given, OPTIONS)
    assert values.index.equals(cells.index)
    assert values.name == name
    assert values.dtype == np.float64
    assert values.notna().all()
    for k, t in given.items():
        assert t.equals(before[k])


@pytest.mark.parametrize("name", FEATURES)
def test_order_of_cells_does_not_matter(name, ground):
    cells, tables, _ = ground
    shuffled = cells.sample(frac=1, random_state=0)
    assert_series_equal(
        FEATURES[name](shuffled, tables, OPTIONS).reindex(cells.index), FEATURES[name](cells, tables, OPTIONS)
    )


@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_has_a_rule_and_a_unit(name):
    rule = feature_rules()[name]
    assert rule.pillar in ("robustness", "redundancy", "resourcefulness")
    assert rule.system in ("facilities", "infrastructure", "society")
    assert rule.direction in (1, -1)
    assert rule.unit


def test_twelve_features_in_three_pillars():
    rules = feature_rules().values()
    assert len(rules) == 12
    assert {p: sum(r.pillar == p for r in rules) for p in {r.pillar for r in rules}} == {
        "robustness": 4, "redundancy": 4, "resourcefulness": 4,
    }  # fmt: skip


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
    expected = [sum(c.centroid.distance(h) <= OPTIONS.reach for h in hospitals.geometry) for c in cells.geometry]
    assert FEATURES["hospitals_within_reach"](cells, tables, OPTIONS).tolist() == expected


def test_road_length_is_kept(ground):
    """Origin: the lengths of the lines themselves, all of which lie in the cells."""
    cells, tables, (_, roads, _) = ground
    density = FEATURES["road_density"](cells, tables, OPTIONS)
    assert (density * cells["region_m2"] / 1e6).sum() == pytest.approx(roads.length.sum() / 1e3)


def test_unknown_values_leave_the_mean_alone():
    made = pd.DataFrame({"cell_id": ["a", "a", "b"], "share": 1.0, "piece_m2": [1.0, 3.0, 1.0], "v": [2.0, None, None]})
    result = mean(made, "v", pd.Index(["a", "b"], name="cell_id"))
    assert result["a"] == 2.0
    assert np.isnan(result["b"])


def test_availability_names_what_is_lacking():
    used, absent = available({"areas": {"ndvi"}}, None)
    assert used == ["green_space"]
    assert absent["poverty"] == "no data: needs areas.poverty_share, areas.housing_units"
    assert absent["alternative_routes"] == "no data: needs road_network"
    with pytest.raises(UnknownName, match="povertyy"):
        available({}, ["povertyy"])
