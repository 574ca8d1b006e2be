"""Monotone levels: 10,000 pairs of which one is no worse in any feature, for sums, for groups and for a network."""

from dataclasses import replace

import numpy as np
import pytest
from planted_metros import planted_metro

from holdfast.rating.features.rules import RULES
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.consensus import shares_of, winners
from holdfast.rating.model.frozen import apply
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import rate_cells
from holdfast.rating.what_if.monotone_level import (
    SCORE,
    TREES,
    agreement_with,
    monotone_levels,
    score_weights,
    vote_is_monotone,
)

PAIRS = 10_000
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
QUICK = FitOptions(
    refits=5, settings={"network": NetworkSettings(epochs=60, refine_epochs=30)}, certainty=CertaintyOptions(draws=0)
)


def rated(family, method, **settings):
    metro = planted_metro(family, 500, 101)
    options = replace(QUICK, method=method, settings=QUICK.settings | settings)
    return rate_cells(metro.features, DIRECTIONS, options=options)


def pairs(rating, rng):
    """Cells and the same with some features better by any amount, oriented and scaled; also beyond all that was seen."""
    scaled = rating.scaled.to_numpy()
    low = scaled[rng.integers(0, len(scaled), PAIRS)] + rng.normal(0, 0.5, (PAIRS, scaled.shape[1]))
    raised = rng.random(low.shape) < 0.4
    return low, low + raised * rng.exponential(0.7, low.shape)


@pytest.mark.parametrize(
    ("family", "method", "kind"),
    [
        ("additive", "holdfast", SCORE),
        ("additive", "additive", SCORE),
        ("archetypes", "holdfast", TREES),
        ("interaction", "gaussian_mixture", TREES),
        pytest.param("additive", "resilinet", TREES, marks=pytest.mark.deep),
    ],
)
def test_no_improvement_lowers_a_monotone_level(family, method, kind):
    rating = rated(family, method)
    monotone = monotone_levels(rating)
    assert monotone.kind == kind
    low, high = pairs(rating, np.random.default_rng(1))
    first, second = monotone.levels(low), monotone.levels(high)
    assert (first <= second).all()
    assert (first < second).mean() > 0.05  # and it is no constant
    assert set(monotone.levels(rating.scaled.to_numpy())) == {1, 2, 3, 4, 5}
    found = agreement_with(rating, monotone)
    assert found.within_one >= found.same >= found.held_out
    assert found.same > 0.6


def test_the_vote_of_the_default_is_monotone_where_its_borders_say_so():
    """In units of the features and through the scale: worse cells of poverty and so on never have a higher level."""
    metro, rating = planted_metro("additive", 500, 101), rated("additive", "holdfast")
    assert vote_is_monotone(rating.model)
    rng = np.random.default_rng(2)
    low = metro.features.iloc[rng.integers(0, 500, PAIRS)].reset_index(drop=True)
    better = low.copy()
    for name in low:
        spread = float(low[name].std()) * (rng.random(PAIRS) < 0.4) * rng.exponential(0.7, PAIRS)
        better[name] = (low[name] + DIRECTIONS[name] * spread).clip(lower=0)
        better[name] = np.where(
            DIRECTIONS[name] > 0, np.maximum(better[name], low[name]), np.minimum(better[name], low[name])
        )
    levels = [winners(shares_of(apply(rating.model, t, None)[1])) for t in (low, better)]
    assert (levels[0] <= levels[1]).all()
    assert np.mean(levels[0] < levels[1]) > 0.1


def test_a_vote_whose_borders_cross_is_not_called_monotone():
    """By hand: at a score of 2.5 five refits say 1, 1, 3, 3, 3; a little higher they say 2, 2, 3, 4, 5: 3 falls to 2."""
    rating = rated("additive", "additive")
    crossing = np.array([[2.6, 9.0, 9.1, 9.2], [2.6, 9.0, 9.1, 9.2], [0, 1, 9, 9.1], [0, 1, 2.6, 9], [0, 1, 2.6, 2.6]])
    model = replace(rating.model, arrays=rating.model.arrays | {"groups.cuts": crossing})
    levels = 1 + np.stack([np.searchsorted(c, [2.5, 2.7]) for c in crossing])
    assert levels.T.tolist() == [[1, 1, 3, 3, 3], [2, 2, 3, 4, 5]]
    assert winners(shares_of(levels)).tolist() == [3, 2]
    assert not vote_is_monotone(model)
    assert vote_is_monotone(rating.model)


def test_sums_that_see_neighbours_or_weigh_below_zero_are_no_sums_of_own_features():
    assert score_weights(rated("additive", "graded", neighbour_weight=0.3).model) is None
    model = rated("additive", "graded").model
    weights = score_weights(model)
    assert weights is not None
    turned = replace(model, arrays=model.arrays | {"layer.0.weights": -model.arrays["layer.0.weights"]})
    assert score_weights(turned) is None
    # the score of the model is the sum by these weights
    metro = planted_metro("additive", 500, 101)
    scaled, levels, _ = apply(model, metro.features, None)
    cuts = np.median(model.arrays["groups.cuts"], axis=0)
    by_hand = 1 + np.searchsorted(cuts, scaled.to_numpy() @ weights)
    assert np.mean(by_hand == winners(shares_of(levels))) > 0.98
