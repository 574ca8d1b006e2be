"""Another map beside a rating: every share by hand, and against counting cells one by one."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from holdfast.rating.analysis.other_map import compared, refit_noise


def test_shares_are_those_counted_cell_by_cell():
    rng = np.random.default_rng(4)
    levels, other = (pd.Series(rng.integers(1, 6, 300)) for _ in range(2))
    people = pd.Series(rng.integers(0, 90, 300).astype(float))
    scaled = pd.DataFrame({"a": rng.normal(size=300), "b": rng.normal(size=300)})
    found = compared(levels, other, people, scaled)
    rows = list(zip(levels, other, people, strict=True))
    every = sum(p for *_, p in rows)
    assert found.agreement.same_share == pytest.approx(sum(p for a, b, p in rows if a == b) / every)
    assert found.same_cells == pytest.approx(sum(a == b for a, b, _ in rows) / 300)
    assert found.lower_share == pytest.approx(sum(p for a, b, p in rows if b <= a - 2) / every)
    assert found.higher_share == pytest.approx(sum(p for a, b, p in rows if b >= a + 2) / every)
    assert found.matrix[1, 3] == pytest.approx(sum(p for a, b, p in rows if (a, b) == (2, 4)) / every)
    assert found.matrix.sum() == pytest.approx(1)


def test_the_difference_goes_with_the_feature_that_the_other_map_lacks():
    """By hand: the rating is the sum of two features, the other map the first alone, so that the second sets them apart."""
    first, second = np.meshgrid(np.arange(5.0), np.arange(5.0))
    total = (first + second).ravel()
    levels = pd.Series(np.searchsorted([1.5, 3.5, 4.5, 6.5], total) + 1)
    other = pd.Series(first.ravel().astype(int) + 1)
    scaled = pd.DataFrame({"first": first.ravel(), "second": second.ravel()})
    scaled = (scaled - scaled.mean()) / scaled.std(ddof=0)
    found = compared(levels, other, pd.Series(np.ones(25)), scaled)
    assert found.features[0].feature == "second"
    assert found.features[0].correlation < -0.8
    assert found.features[0].lower > 0 > found.features[0].higher


def test_only_cells_with_both_levels_count_and_nobody_counts_for_nothing():
    levels = pd.Series([1, 2, 3, pd.NA], dtype="Int64")
    other = pd.Series([1, pd.NA, 1, 4], dtype="Int64")
    scaled = pd.DataFrame({"a": [0.0, 1.0, 2.0]})
    found = compared(levels, other, pd.Series([6.0, 99.0, 2.0, 9.0]), scaled)
    assert (found.cells, found.agreement.same_share, found.lower_share) == (2, 0.75, 0.25)
    assert np.isnan(found.features[0].higher)


def test_what_a_map_says_steadily():
    """Origin of the index: scikit-learn, of cells with one person each."""
    rng = np.random.default_rng(2)
    levels = rng.integers(1, 6, 200)
    by_refit = np.stack([np.where(rng.random(200) < 0.7, levels, rng.integers(1, 6, 200)) for _ in range(3)]).astype(
        np.int8
    )
    found = refit_noise(levels, by_refit, np.ones(200))
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert found.stability == pytest.approx(np.mean([adjusted_rand_score(by_refit[a], by_refit[b]) for a, b in pairs]))
    assert found.with_rating == pytest.approx(np.mean([adjusted_rand_score(levels, one) for one in by_refit]))
    steady = [len(set(column)) == 1 for column in by_refit.T]
    apart = [s and column[0] != level for s, column, level in zip(steady, by_refit.T, levels, strict=True)]
    assert (found.steady_share, found.apart_share) == (np.mean(steady), np.mean(apart))
    alone = refit_noise(levels, np.stack([levels, levels]).astype(np.int8), np.ones(200))
    assert (alone.stability, alone.with_rating, alone.steady_share, alone.apart_share) == (1, 1, 1, 0)
