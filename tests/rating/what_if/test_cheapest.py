"""The cheapest change: enumeration of every combination on a grid; what is attainable, counted by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from planted_metros import planted_metro
from pytest import approx

from holdfast.rating.features.rules import RULES
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.frozen import scaler_of
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.model.scaling import apply_scaler
from holdfast.rating.rate.stages import rate_cells
from holdfast.rating.what_if.cheapest import (
    MARGIN,
    Options,
    Prices,
    attainable,
    cheapest_change,
    cheapest_for_set,
    options_of,
    shared_options,
)
from holdfast.rating.what_if.monotone_level import monotone_levels, score_weights

DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}


def enumerated(options, needed):
    """Least cost over every combination of values, one by one."""
    names = list(options.values)
    best = None
    for chosen in product(*(range(len(options.values[n])) for n in names)):
        gain = sum(options.gains[n][k] for n, k in zip(names, chosen, strict=True))
        cost = sum(options.costs[n][k] for n, k in zip(names, chosen, strict=True))
        if gain >= needed + MARGIN and (best is None or cost < best):
            best = cost
    return best


def test_cheapest_equals_enumeration_on_bent_grids():
    """Random gains that bend either way, in hundredths of a cent of rounding: 150 cases of two to four features."""
    rng = np.random.default_rng(4)
    for _ in range(150):
        names = [f"f{k}" for k in range(rng.integers(2, 5))]
        sizes = {n: int(rng.integers(2, 7)) for n in names}
        gains = {n: np.concatenate([[0.0], np.cumsum(rng.exponential(0.3, s - 1))]) for n, s in sizes.items()}
        costs = {n: np.concatenate([[0.0], np.cumsum(rng.exponential(1e6, s - 1))]) for n, s in sizes.items()}
        values = {n: np.arange(float(s)) for n, s in sizes.items()}
        options, needed = Options(values, costs, gains), float(rng.uniform(0, 2.5))
        found, expected = cheapest_change(options, needed), enumerated(options, needed)
        if expected is None:
            assert found is None
            continue
        changed, cost = found
        assert cost == approx(expected, rel=1e-9)
        assert sum(gains[n][int(v)] for n, v in changed.items()) > needed


def test_cheapest_equals_enumeration_on_a_rating():
    """Three priced features of a planted metro, by the true scale; the level is reached, and no cheaper one does."""
    metro = planted_metro("additive", 400, 103)
    options = FitOptions(method="graded", refits=5, certainty=CertaintyOptions(draws=0))
    rating = rate_cells(metro.features, DIRECTIONS, options=options)
    monotone, weights, scaler = monotone_levels(rating), score_weights(rating.model), scaler_of(rating.model)
    features = metro.features[list(rating.used)]
    one = pd.Series(1.0, index=features.index)
    best = attainable(features, DIRECTIONS, one, one)
    prices = Prices(
        {"poverty": 3e6, "hospitals_within_reach": 2e5, "education": 1.5e6},
        {"poverty": 0.03, "hospitals_within_reach": 1.0, "education": 0.04},
    )
    compared = 0
    for cell in features.index[(rating.levels == 2).to_numpy()][:8]:
        found = options_of(features.loc[cell], best.loc[cell], scaler, weights, prices)
        needed = float(monotone.cuts[1] - monotone.score(rating.scaled.loc[[cell]].to_numpy())[0])
        cheapest, expected = cheapest_change(found, needed), enumerated(found, needed)
        assert (cheapest is None) == (expected is None)
        if cheapest is not None:
            compared += 1
            assert cheapest[1] == approx(expected, rel=1e-9)
            after = features.loc[[cell]].assign(**cheapest[0])
            for name, value in cheapest[0].items():
                assert (best.loc[cell, name] - value) * DIRECTIONS[name] >= -1e-12
            assert monotone.levels(apply_scaler(scaler, after).to_numpy())[0] == 3
    assert compared >= 3


def test_what_stands_at_the_level_costs_nothing_and_what_is_out_of_reach_is_none():
    options = Options({"a": np.array([0.0, 1.0])}, {"a": np.array([0.0, 7.0])}, {"a": np.array([0.0, 0.5])})
    assert cheapest_change(options, -0.1) == ({}, 0.0)
    assert cheapest_change(options, 0.5) is None  # exactly on the border is not above it
    assert cheapest_change(options, 0.49) == ({"a": 1.0}, 7.0)
    assert cheapest_change(Options({}, {}, {}), 0.1) is None


def test_attainable_by_hand():
    """Three classes of density with 100 people each in three cells; the best value that 1 % do not pass."""
    people = pd.Series([98.0, 1.5, 0.5, 60, 30, 10, 50, 49.5, 0.5])
    km2 = pd.Series([98.0, 1.5, 0.5, 6, 3, 1, 0.5, 0.495, 0.005])  # one, ten and a hundred people per km2
    features = pd.DataFrame({"education": [0.1, 0.2, 0.9, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]})
    found = attainable(features, {"education": 1}, people, km2)["education"]
    assert found.tolist() == [0.2] * 3 + [0.5] * 3 + [0.7] * 3
    worse = attainable(features, {"education": -1}, people, km2)["education"]
    assert worse.tolist() == [0.1] * 3 + [0.3] * 3 + [0.6] * 3
    assert (
        attainable(features, {"education": 1}, people, km2, 1.0)["education"].tolist()
        == [0.9] * 3 + [0.5] * 3 + [0.8] * 3
    )


@pytest.mark.parametrize("feature", ["poverty", "road_density"])
def test_a_feature_without_a_price_or_without_room_has_no_options(feature):
    metro = planted_metro("additive", 100, 104)
    rating = rate_cells(
        metro.features, DIRECTIONS, options=FitOptions(method="graded", refits=2, certainty=CertaintyOptions(draws=0))
    )
    cell = metro.features[list(rating.used)].iloc[0]
    scaler, weights = scaler_of(rating.model), score_weights(rating.model)
    assert options_of(cell, cell, scaler, weights, Prices({feature: 1.0}, {})).values == {}
    better = cell + pd.Series({feature: 0.1 * DIRECTIONS[feature]}).reindex(cell.index, fill_value=0.0)
    found = options_of(cell, better, scaler, weights, Prices({feature: 2.0}, {}))
    assert list(found.values) == [feature]
    assert found.costs[feature][-1] == approx(0.2)
    assert found.gains[feature][0] == 0
    assert (np.diff(found.gains[feature]) >= 0).all()


def test_what_is_paid_once_equals_enumeration_over_a_set():
    """Every combination of shared amounts and of each cell's own values, one by one: 40 cases of two cells."""
    rng = np.random.default_rng(6)
    reached = 0
    for _ in range(40):

        def some(names, same=None):
            gains = {n: np.concatenate([[0.0], np.cumsum(rng.exponential(0.3, 3))]) for n in names}
            costs = same or {n: np.concatenate([[0.0], np.cumsum(rng.exponential(1.0, 3))]) for n in names}
            return Options({n: np.arange(4.0) for n in names}, costs, gains)

        own, first = [some(["a", "b"]) for _ in range(2)], some(["s", "t"])
        shared, needed = [first, some(["s", "t"], first.costs)], rng.uniform(0.2, 2.0, 2)
        best = None
        for steps in product(range(4), range(4)):
            common = sum(first.costs[n][k] for n, k in zip("st", steps, strict=True))
            gains = [sum(of.gains[n][k] for n, k in zip("st", steps, strict=True)) for of in shared]
            each = [0.0 if m < g else enumerated(o, m - g) for o, g, m in zip(own, gains, needed, strict=True)]
            if None not in each and (best is None or common + sum(each) < best):
                best = common + sum(each)
        found = cheapest_for_set(own, shared, list(needed))
        assert (found is None) == (best is None)
        if found is not None:
            reached += 1
            assert sum(found[1]) + found[2] == approx(best)
    assert reached > 20


def test_a_set_shares_a_hospital_by_hand():
    """Two cells need one hospital each, 10 alone; together it costs 12 once, less than 20."""
    each = Options({"h": np.array([0.0, 1.0])}, {"h": np.array([0.0, 10.0])}, {"h": np.array([0.0, 1.0])})
    once = Options({"h": np.array([0.0, 1.0])}, {"h": np.array([0.0, 12.0])}, {"h": np.array([0.0, 1.0])})
    none = Options({}, {}, {})
    assert cheapest_for_set([each, each], [none, none], [0.5, 0.5]) == ([{"h": 1.0}, {"h": 1.0}], [10.0, 10.0], 0.0)
    assert cheapest_for_set([none, none], [once, once], [0.5, 0.5]) == ([{"h": 1.0}, {"h": 1.0}], [0.0, 0.0], 12.0)
    useless = Options(once.values, once.costs, {"h": np.zeros(2)})
    assert cheapest_for_set([none, none], [once, useless], [0.5, 0.5]) is None
    assert cheapest_for_set([], [], []) == ([], [], 0.0)


def test_shared_amounts_stop_at_what_is_attainable_for_a_cell():
    metro = planted_metro("additive", 100, 104)
    rating = rate_cells(
        metro.features, DIRECTIONS, options=FitOptions(method="graded", refits=2, certainty=CertaintyOptions(draws=0))
    )
    two = metro.features[list(rating.used)].iloc[:2].assign(hospitals_within_reach=[1.0, 4.0])
    best = two.assign(hospitals_within_reach=5.0)
    scaler, weights = scaler_of(rating.model), score_weights(rating.model)
    first, second = shared_options(
        two, best, scaler, weights, Prices({"hospitals_within_reach": 3.0}, {"hospitals_within_reach": 1.0})
    )
    assert first.values["hospitals_within_reach"].tolist() == [1, 2, 3, 4, 5]
    assert second.values["hospitals_within_reach"].tolist() == [4, 5, 5, 5, 5]
    assert (
        first.costs["hospitals_within_reach"].tolist()
        == second.costs["hospitals_within_reach"].tolist()
        == [0, 3, 6, 9, 12]
    )
