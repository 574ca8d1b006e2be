"""Rank correlation against scipy, and against the formula of the partial correlation."""

import numpy as np
import pytest
from scipy import stats

from holdfast.appraisal import rank_association
from holdfast.errors import TableError


@pytest.fixture
def places():
    rng = np.random.default_rng(5)
    shaking = rng.normal(size=200)
    level = np.clip(np.round(3 + shaking + rng.normal(size=200)), 1, 5)
    return level, 2 * shaking + rng.normal(size=200), shaking


def test_plain_is_spearman(places):
    level, loss, _ = places
    assert rank_association(level, loss).plain == pytest.approx(stats.spearmanr(level, loss).statistic, rel=1e-12)


def test_controlled_is_the_partial_correlation(places):
    """Yule (1907): (r12 - r13 r23) / sqrt((1 - r13^2) (1 - r23^2)) of the ranks."""
    level, loss, shaking = places
    r12, r13, r23 = (stats.spearmanr(*pair).statistic for pair in ((level, loss), (level, shaking), (loss, shaking)))
    by_formula = (r12 - r13 * r23) / np.sqrt((1 - r13**2) * (1 - r23**2))
    found = rank_association(level, loss, shaking)
    assert found.controlled == pytest.approx(by_formula, rel=1e-9)
    # both follow the shaking and nothing else: what looks like an association goes with it
    assert found.plain > 0.5
    assert found.low < 0 < found.high


def test_the_interval_holds_its_share():
    """Of 400 pairs that have nothing to do with each other, 95 % of the intervals hold 0."""
    rng = np.random.default_rng(6)
    held = [f.low < 0 < f.high for f in (rank_association(*rng.normal(size=(2, 30))) for _ in range(400))]
    assert np.mean(held) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 400))


def test_the_same_shaking_everywhere_changes_nothing(places):
    level, loss, _ = places
    assert rank_association(level, loss, np.full(200, 0.4)) == rank_association(level, loss)


def test_what_does_not_vary_has_no_correlation():
    assert np.isnan(rank_association(np.full(9, 3.0), np.arange(9.0)).plain)


def test_few_places_are_refused():
    with pytest.raises(TableError, match="only 5 places"):
        rank_association(np.array([1.0, 2, 3, 4, 5, np.nan]), np.arange(6.0))


def test_the_interval_holds_its_share_among_neighbours_that_are_alike():
    """Of 300 pairs of smooth fields that have nothing to do with each other about 95 % hold 0; of independent places far fewer.

    Fields on 7 x 7 squares with a correlation of exp(-distance / 3 squares), drawn by Cholesky.
    """
    points = np.stack(np.divmod(np.arange(49.0), 7), axis=1)
    distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    root, rng = np.linalg.cholesky(np.exp(-distance / 3.0)), np.random.default_rng(8)
    held = np.zeros(2)
    for _ in range(300):
        fields = root @ rng.normal(size=(49, 2))
        for k, where in enumerate((points, None)):
            found = rank_association(*fields.T, points=where)
            held[k] += found.low < 0 < found.high
    assert held[0] / 300 == pytest.approx(0.95, abs=0.04)
    assert held[1] / 300 < 0.88
