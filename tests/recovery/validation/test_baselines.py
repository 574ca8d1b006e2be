"""Contract over every baseline; golden values by hand."""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.recovery.validation.baselines import BASELINES, Known, published_times
from holdfast.tables import check

PUBLISHED = pd.DataFrame({"share": [0.95, 0.5], "days": [12.0, 3.0]})


@pytest.mark.parametrize("name", BASELINES)
def test_contract(name):
    days, share = np.array([0.0, 1.0, 2.0]), np.array([0.3, 0.2, 0.5])
    wanted = np.array([2.0, 3.0, 50.0])
    draws = BASELINES[name](Known(days, share, PUBLISHED), wanted)
    assert draws.ndim == 2
    assert draws.shape[1] == 3
    np.testing.assert_allclose(draws[:, 0], 0.5)  # goes on from the last known value
    assert (np.diff(draws, axis=1) >= 0).all()
    assert ((draws >= 0) & (draws <= 1)).all()
    assert days.tolist() == [0.0, 1.0, 2.0]
    assert share.tolist() == [0.3, 0.2, 0.5]


def test_constant_rate_counts_from_the_lowest_day():
    known = Known(np.array([0.0, 1.0, 2.0]), np.array([0.3, 0.2, 0.5]), PUBLISHED)
    np.testing.assert_allclose(BASELINES["constant rate"](known, np.array([3.0, 4.0])), [[0.8, 1.0]])
    falling = Known(np.array([0.0, 1.0]), np.array([0.3, 0.2]), PUBLISHED)
    assert BASELINES["constant rate"](falling, np.array([3.0])) is None


def test_published_times_give_one_draw_each():
    known = Known(np.array([0.0]), np.array([0.0]), PUBLISHED)
    draws = BASELINES["published exponential"](known, np.array([12.0, 3.0]))
    assert draws[0, 0] == pytest.approx(0.95)
    assert draws[1, 1] == pytest.approx(0.5)
    assert BASELINES["published exponential"](known._replace(published=PUBLISHED[:0]), np.array([1.0])) is None


def test_published_recoveries_keep_the_schema_of_observed_curves():
    table = packaged("published_recoveries")
    assert len(check(table, "observed")) == len(table)
    assert set(table["of"]) <= {"all", "affected"}
    assert (table["source"].str.len() > 10).all()


def test_an_event_is_not_its_own_baseline():
    everything = published_times("power", "no such event")
    assert len(published_times("power", "Sandy 2012")) == len(everything) - 3
    assert (everything["share"] < 1).all()
    assert not everything.duplicated(["event", "area"]).any()
