"""Paired differences.

Golden values: `scipy.stats.ttest_rel`, an independent calculation of the paired t interval.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from holdfast.errors import TableError
from holdfast.recovery.losses.comparison import paired


@pytest.fixture
def runs():
    rng = np.random.default_rng(4)
    base = pd.DataFrame({"repair_cost": rng.lognormal(3, 1, 40), "lost_production": rng.lognormal(1, 1, 40)})
    return base, base + rng.normal(-0.2, 1, base.shape)


def test_interval_of_the_mean_is_the_paired_t_interval(runs):
    base, other = runs
    table = paired(base, other)
    for loss in base:
        interval = stats.ttest_rel(other[loss], base[loss]).confidence_interval(0.95)
        row = table.loc[loss]
        assert (row["difference_low"], row["difference_high"]) == pytest.approx((interval.low, interval.high))
        assert row["difference"] == pytest.approx(other[loss].mean() - base[loss].mean())


def test_turning_the_runs_round_turns_the_signs(runs):
    there, back = paired(*runs), paired(*runs[::-1])
    assert (there["difference"] == -back["difference"]).all()
    assert np.allclose(there["difference_low"], -back["difference_high"])
    assert np.allclose(there["p5"], -back["p95"])
    assert (there["better"] == back["worse"]).all()


def test_the_same_run_makes_no_difference(runs):
    table = paired(runs[0], runs[0])
    assert (table[["difference", "difference_low", "difference_high", "p5", "p95", "better", "worse"]] == 0).all(
        axis=None
    )


def test_one_draw_has_no_interval(runs):
    table = paired(runs[0].head(1), runs[1].head(1))
    assert table[["difference_low", "difference_high"]].isna().all(axis=None)
    assert table["difference"].notna().all()


def test_other_draws_are_refused(runs):
    with pytest.raises(TableError, match="same draws"):
        paired(runs[0], runs[1].head(3))
