"""Drift against scipy's two-sample distance, and against shifts that were put in."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from holdfast.rating.analysis.drift import drift, smirnov

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_that_of_scipy_where_cells_are_repeated_by_their_people(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 9, 40).astype(float), rng.integers(2, 12, 50).astype(float)
    held = rng.integers(1, 6, 40), rng.integers(1, 6, 50)
    expected = ks_2samp(np.repeat(first, held[0]), np.repeat(second, held[1])).statistic
    assert smirnov(first, second, held[0].astype(float), held[1].astype(float)) == pytest.approx(expected)


def test_a_shift_that_was_put_in_is_found_and_nothing_else():
    """Origin: one feature raised by 0.5 of its standard deviation over people, one left, one null in some cells."""
    cells = pd.Index([f"c{i}" for i in range(300)])
    people = pd.Series(RNG.uniform(1, 9, 300), index=cells)
    old = pd.DataFrame(RNG.normal(10, 3, (300, 3)), index=cells, columns=["raised", "left", "gaps"])
    old.loc[cells[:20], "gaps"] = np.nan
    spread = np.sqrt(np.cov(old["raised"], aweights=people, ddof=0))
    new = old.assign(raised=old["raised"] + 0.5 * float(spread))
    found = {row.feature: row for row in drift(old, new, {"before": people, "after": people})}
    assert found["raised"].shift == pytest.approx(0.5)
    assert found["raised"].changed == 1.0
    assert found["raised"].notable
    for name in ("left", "gaps"):
        assert (found[name].shift, found[name].distance, found[name].changed) == (0.0, 0.0, 0.0)
        assert not found[name].notable


def test_people_who_move_shift_a_mean_though_no_cell_changed():
    """By hand: two cells of 0 and 1; 1 and 1 people, then 1 and 3. Mean 0.5 to 0.75 at a deviation of 0.5."""
    cells = pd.Index(["a", "b"])
    values = pd.DataFrame({"x": [0.0, 1.0]}, index=cells)
    people = {"before": pd.Series([1.0, 1.0], index=cells), "after": pd.Series([1.0, 3.0], index=cells)}
    row = drift(values, values, people)[0]
    assert (row.shift, row.distance, row.changed) == (0.5, 0.25, 0.0)


def test_where_nobody_is_counted_nothing_is_known():
    values = pd.DataFrame({"x": [1.0]}, index=["a"])
    row = drift(values, values, {"before": pd.Series([0.0], index=["a"]), "after": pd.Series([1.0], index=["a"])})[0]
    assert np.isnan(row.shift)
    assert not row.notable
