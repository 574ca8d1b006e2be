"""Known totals: fitted tables against closed forms and an optimiser, cities against the totals they were told.

Origin of the fixed points: independence (row total x column total / sum), cross products kept from the start (Bishop, Fienberg
& Holland 1975), and the minimum of relative entropy found by scipy's SLSQP. The totals of the made-up cities are illustrative.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from shapely.geometry import Point

from holdfast.errors import TableError
from holdfast.recovery.city import City, CityRules
from holdfast.recovery.city.product import with_known_product, yearly_product
from holdfast.recovery.city.totals import KnownTotals, categories, cut, fit
from holdfast.recovery.settings.parameters import load_parameters

PARAMETERS = load_parameters()
ILLUSTRATIVE = "illustrative, made up for a test"


def margins_of(rows, columns):
    """Margins of a table laid out row by row."""
    shape = np.indices((len(rows), len(columns)))
    found = [(shape[0].ravel() == i, t) for i, t in enumerate(rows)]
    return found + [(shape[1].ravel() == j, t) for j, t in enumerate(columns)]


def test_fit_of_equal_cells_is_independence():
    rows, columns = [30.0, 70.0], [20.0, 50.0, 30.0]
    made, lacks = fit(np.ones(6), margins_of(rows, columns))
    np.testing.assert_allclose(made, np.outer(rows, columns).ravel() / 100, rtol=1e-8)
    assert np.abs(lacks).max() < 1e-9


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_fit_keeps_cross_products_and_meets_margins(seed):
    rng = np.random.default_rng(seed)
    start, goal = rng.uniform(0.2, 5, (3, 4)), rng.uniform(0.2, 5, (3, 4))
    made, lacks = fit(start.ravel(), margins_of(goal.sum(axis=1), goal.sum(axis=0)))
    made = made.reshape(3, 4)
    assert np.abs(lacks).max() < 1e-8
    np.testing.assert_allclose(made.sum(axis=1), goal.sum(axis=1), rtol=1e-6)
    cross = (made[0, 0] * made[1:, 1:]) / (made[0, 1:] * made[1:, :1])
    np.testing.assert_allclose(cross, (start[0, 0] * start[1:, 1:]) / (start[0, 1:] * start[1:, :1]), rtol=1e-6)


def test_fit_is_the_nearest_table_in_relative_entropy():
    start, rows, columns = np.array([4.0, 1.0, 2.0, 3.0]), [6.0, 9.0], [7.0, 8.0]
    margins = margins_of(rows, columns)
    limits = [{"type": "eq", "fun": lambda x, m=m, t=t: x[m].sum() - t} for m, t in margins[:-1]]

    def entropy(x):
        return float((x * np.log(x / start) - x).sum())

    found = minimize(entropy, [3.0, 3, 4, 5], bounds=[(1e-6, None)] * 4, constraints=limits, tol=1e-12)
    np.testing.assert_allclose(fit(start, margins)[0], found.x, rtol=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(1, 100), min_size=1, max_size=60), st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_a_cut_misses_by_no_more_than_one_item(weights, seed, share):
    weight = np.array(weights)
    order = np.random.default_rng(seed).random(len(weight))
    part = cut(order, weight, np.array([share, 1 - share]))
    assert abs(weight[part == 0].sum() - share * weight.sum()) <= weight.max() / 2 + 1e-9


def town(count=200, *, observed_uses=60, observed_area=0, seed=3):
    """Made-up buildings in two zones: the first `observed_uses` have tags of use, the others nothing."""
    rng = np.random.default_rng(seed)
    ids = np.arange(count)
    tagged = ids < observed_uses
    table = gpd.GeoDataFrame(
        {
            "building_id": [f"b{i:04d}" for i in ids],
            "occupancy": np.where(tagged, rng.choice(["COM4", "COM1", "RES3"], count), "RES3"),
            "structure": "URM",
            "stories": 2.0,
            "year_built": 1960.0,
            "floor_area_m2": rng.uniform(100, 900, count).round(),
            "zone_id": np.where(ids % 2 == 0, "west", "east"),
        },
        geometry=[Point(500_000 + 40 * (i % 20), 6_600_000 + 40 * (i // 20)) for i in ids],
        crs=32635,
    )
    table["replacement_cost"] = table["floor_area_m2"] * 1000
    table["occupancy_rule"] = pd.array(np.where(tagged, None, "osm_home"), dtype="string")
    table["floor_area_m2_rule"] = pd.array(
        np.where(ids < observed_area, None, "footprint_times_stories"), dtype="string"
    )
    for name in ("stories", "year_built"):
        table[f"{name}_rule"] = pd.array(np.where(ids < 20, None, "median"), dtype="string")
    table["structure_rule"] = pd.array(["masonry"] * count, dtype="string")
    table["replacement_cost_rule"] = pd.array(["unit_cost"] * count, dtype="string")
    return table


def known(*rows, seed=1):
    table = pd.DataFrame(rows, columns=["quantity", "of", "zone_id", "value"])
    # as a checked table has them: text that may be null
    table = table.astype({"of": "string", "zone_id": "string"})
    return KnownTotals(table.assign(source=ILLUSTRATIVE), seed, "totals.csv")


STOCK = (
    ("floor_area", "home", None, 60_000.0),
    ("floor_area", "office", None, 40_000.0),
    ("floor_area", "shop", None, 20_000.0),
    ("residents", None, "west", 900.0),
    ("residents", None, "east", 500.0),
    ("jobs", None, None, 2_000.0),
    ("jobs", "office", None, 1_600.0),
    ("jobs", None, "west", 1_100.0),
)
RULES = CityRules(networks=(), code_rule="no_seismic_code")


def made(table, totals):
    return City.from_frames(table, rules=replace(RULES, totals=totals), parameters=PARAMETERS)


def test_totals_are_met_and_observed_attributes_stay():
    table = town(observed_area=30)
    city = made(table, known(*STOCK))
    buildings, category = city.buildings, categories(city.buildings["occupancy"], PARAMETERS.occupancies)
    sums = buildings.groupby(category.to_numpy())[["floor_area_m2", "workers"]].sum()
    assert sums.loc[["home", "office", "shop"], "floor_area_m2"].tolist() == pytest.approx([6e4, 4e4, 2e4], rel=1e-6)
    assert sums.loc["office", "workers"] == pytest.approx(1_600, rel=1e-6)
    by_zone = buildings.groupby("zone_id")[["residents", "workers"]].sum()
    assert by_zone["residents"].to_dict() == pytest.approx({"west": 900.0, "east": 500.0}, rel=1e-6)
    assert by_zone.loc["west", "workers"] == pytest.approx(1_100, rel=1e-6)
    assert buildings["workers"].sum() == pytest.approx(2_000, rel=1e-6)
    assert (city.totals["residual"].abs() <= 1e-6 * city.totals["value"]).all()
    assert len(city.totals) == len(STOCK)
    # what the table observed
    before = table.set_index("building_id")
    before.index = buildings.index  # the same names, as text of another kind
    assert (buildings["occupancy"][:60] == before["occupancy"][:60]).all()
    assert (buildings["floor_area_m2"][:30] == before["floor_area_m2"][:30]).all()
    assert (buildings["stories"] == 2).all()
    # most untagged buildings are no homes now, and what was drawn is marked
    drawn = city.inferred[(city.inferred["attribute"] == "occupancy") & (city.inferred["rule"] == "known_totals")]
    assert set(drawn["asset"]) == set(buildings.index[(buildings["occupancy"] != before["occupancy"])])
    assert len(drawn) > 40


def test_mixes_are_met_but_for_one_building_and_areas_follow_heights():
    rows = [("year_built", "1900-1945", None, 0.3), ("year_built", "1946-2000", None, 0.7)]
    rows += [("stories", "1-2", None, 0.4), ("stories", "3-6", None, 0.6)]
    table = town()
    city = made(table, known(*rows))
    assert (city.totals["residual"].abs() <= 1 / len(table)).all()
    assert (city.buildings["year_built"][:20] == 1960).all()
    assert (city.buildings["stories"][:20] == 2).all()
    ratio = city.buildings["floor_area_m2"].to_numpy() / table["floor_area_m2"].to_numpy()
    np.testing.assert_allclose(ratio, city.buildings["stories"] / 2)
    assert city.buildings["year_built"].between(1900, 2000).all()


def test_order_of_the_table_changes_nothing_and_the_seed_does():
    table, totals = town(), known(*STOCK)
    shuffled = table.sample(frac=1, random_state=5).reset_index(drop=True)
    first, second = made(table, totals).buildings, made(shuffled, totals).buildings
    # sums over rows in another order differ in the last digit
    assert_geodataframe_equal(first, second, check_less_precise=True)
    other = made(table, replace(totals, seed=2)).buildings
    assert (first["occupancy"] != other["occupancy"]).any()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.floats(0.5, 3), st.floats(0.1, 0.8), st.floats(10, 1e5), st.floats(10, 1e5))
def test_any_feasible_totals_are_met(seed, scale, share, residents, jobs):
    table = town(count=60, observed_uses=0, seed=seed % 7)
    area = table["floor_area_m2"].sum() * scale
    rows = [("floor_area", "home", None, area * (1 - share)), ("floor_area", "office", None, area * share)]
    city = made(table, known(*rows, ("residents", None, None, residents), ("jobs", None, None, jobs), seed=seed))
    assert (city.totals["residual"].abs() <= 1e-6 * city.totals["value"]).all()
    assert (city.buildings[["residents", "workers"]] >= 0).all(axis=None)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("floor_area", "office", None, 10.0)], ["office = 10", "is less than the", "holds"]),
        ([("floor_area", "care", None, 0.0), ("jobs", "care", None, 50.0)], ["jobs of care = 50", "nothing else"]),
        ([("floor_area", "castle", None, 5.0)], ["castle", "known: care"]),
        ([("residents", None, "north", 5.0)], ["north", "no building lies"]),
        ([("residents", None, None, 9.0), ("residents", None, "west", 12.0)], ["residents", "contradicts"]),
        ([("residents", None, None, 9.0), ("residents", None, None, 9.0)], ["stands twice"]),
        ([("year_built", "1900-1950", None, 0.4)], ["sum to 0.4"]),
        ([("year_built", "old", None, 1.0)], ["band such as"]),
        ([("year_built", "1900-1950", None, 1.0), ("year_built", "1951-2000", None, 0.0)], ["20 that the table holds"]),
        ([("product", "office", None, 1.0)], ["leave `of` empty"]),
        ([("product", None, "west", 1.0)], ["whole city"]),
    ],
)
def test_what_cannot_be_met_is_refused_by_name(rows, words):
    with pytest.raises(TableError) as error:
        made(town(observed_area=200), known(*rows))
    for word in ["totals.csv", "row ", "column value", *words]:
        assert word in str(error.value)


def test_a_known_product_scales_output_per_area():
    """Origin: floor area x 10.404 USD per m2 and day x 365, by hand for one office; twice that is asked for."""
    table = town()
    city = made(table, None)
    found = yearly_product(city.buildings, PARAMETERS.productivity)
    totals = known(("product", None, None, 2 * found))
    scaled, parameters = with_known_product(city, PARAMETERS, totals)
    assert yearly_product(scaled.buildings, parameters.productivity) == pytest.approx(2 * found, rel=1e-12)
    assert scaled.totals["residual"].abs().max() <= 1e-6 * found
    offices = city.buildings["floor_area_m2"][city.buildings["occupancy"] == "COM4"].sum()
    shops = city.buildings["floor_area_m2"][city.buildings["occupancy"] == "COM1"].sum()
    assert found == pytest.approx((offices * 10.404 + shops * 2.763) * 365, rel=1e-3)
    homes = made(table.assign(occupancy="RES3"), None)
    with pytest.raises(TableError, match="no building makes anything"):
        with_known_product(homes, PARAMETERS, totals)
