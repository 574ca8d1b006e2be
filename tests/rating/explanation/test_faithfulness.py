"""Faithfulness against all orders, a wrong explanation, and planted truths."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from planted_metros import planted_metro

from holdfast.rating.explanation.contributions import explain_cells
from holdfast.rating.explanation.faithfulness import agreement, faithfulness
from holdfast.rating.explanation.level_score import Seen
from holdfast.rating.features.rules import RULES
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import rate_cells

WEIGHTS = np.array([1.0, -0.5, 2.0, 0.3])


def linear(values):
    return values[:, :4] @ WEIGHTS


@pytest.fixture
def seen():
    rng = np.random.default_rng(1)
    values = np.hstack([rng.normal(size=(60, 4)), np.zeros((60, 4))])
    return Seen(values, rng.integers(1, 9, 60).astype(float))


def test_no_order_falls_faster_than_that_of_exact_contributions(seen):
    """Origin: all 24 orders of four features, one by one, and their mean, the straight line."""
    exact = (seen.values[:, :4] - seen.middle[:4]) * WEIGHTS
    found, wrong = faithfulness(linear, seen, {"exact": exact, "wrong": -exact}, np.random.default_rng(0))
    away = exact.sum(axis=1)
    side = np.sign(away)
    areas = []
    for order in permutations(range(4)):
        left = side * away
        area = left.copy()
        for column in order:
            left = left - side * exact[:, column]
            area = area + left
        areas.append(area)
    scale = np.average(side * away, weights=seen.people)
    best = np.average(np.min(areas, axis=0), weights=seen.people) / scale
    assert sum(found.deletion) == pytest.approx(best)
    assert found.cells_beating_chance == found.people_beating_chance == 1.0
    assert wrong.cells_beating_chance == 0.0
    assert found.chance == pytest.approx(np.linspace(1, 0, 5), abs=0.15)
    # put back in the same order, the score rises as it fell
    assert np.allclose(1 - np.array(found.deletion), found.insertion)


def test_explanations_agree_as_far_as_their_ranks_do():
    """Origin: by hand. Ranks 1 2 3 against 1 2 3 and against 3 2 1; the larger cell counts three times."""
    one = np.array([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]])
    other = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    (row,) = agreement({"one": one, "other": other}, np.array([3.0, 1.0]))
    assert row.rank_correlation == pytest.approx(0.5)
    assert row.same_first == pytest.approx(0.75)


def test_contributions_lead_to_a_planted_truth():
    """Origin: `benchmarks/planted_metros.py`; the truth is the mean of features of which the rating sees noisy ones."""
    metro = planted_metro("additive", 400, 3)
    directions = {name: RULES[name].direction for name in metro.features}
    options = FitOptions(refits=2, certainty=CertaintyOptions(draws=0))
    rating = rate_cells(metro.features, directions, options=options)
    found = explain_cells(rating.model, metro.features)
    values = rating.scaled.to_numpy()
    seen = Seen(np.hstack([values, values]), np.ones(len(values)))
    truth = lambda given: given[:, : values.shape[1]].mean(axis=1)  # noqa: E731  a mean needs no name
    (row,) = faithfulness(truth, seen, {"exact": found.table.to_numpy()}, np.random.default_rng(0))
    assert row.cells_beating_chance >= 0.95


def test_planted_drivers_are_found():
    """Cells of one feature spoilt: that feature is their first driver, if anything else does not happen to be as low."""
    metro = planted_metro("additive", 400, 4)
    rng = np.random.default_rng(0)
    features = metro.features.copy()
    spoilt = pd.Series(rng.choice(features.columns, 40), index=rng.choice(features.index, 40, replace=False))
    for cell, name in spoilt.items():
        worst = features[name].min() if RULES[name].direction > 0 else features[name].max()
        features.loc[cell, name] = worst
    directions = {name: RULES[name].direction for name in features}
    rating = rate_cells(features, directions, options=FitOptions(refits=2, certainty=CertaintyOptions(draws=0)))
    table = explain_cells(rating.model, features).table.loc[spoilt.index]
    places = table.rank(axis=1).to_numpy()[np.arange(40), features.columns.get_indexer(spoilt)]
    assert (places <= 3).mean() >= 0.95
    assert (places <= 1.5).mean() >= 0.6
