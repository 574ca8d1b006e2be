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
from holdfast.rating.what_if.cheapest import MARGIN, Options, Prices, attainable, cheapest_change, options_of
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
