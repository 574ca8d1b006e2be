"""Water at sites: one depth, tables, an error of the level, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.hazard import Extension, Sites, flood

SITES = Sites(np.zeros((3, 2)), np.array([10.0, 10.01, 10.02]), np.full(3, 45.0), np.full(3, 500.0))
BANK = pd.DataFrame({"longitude": [10.0, 10.01, 10.02], "latitude": 45.0, "depth": [1.5, 0.2, -0.6]})


def draws(water, count=1, measures=("depth",), **changes):
    field = flood(water, **changes).at(SITES, measures)
    return [field(np.random.default_rng(seed)) for seed in range(count)]


def test_a_table_gives_the_nearest_depth_and_dry_ground_none():
    (one,) = draws(BANK)
    assert one["depth"].tolist() == [1.5, 0.2, 0.0]


def test_an_error_of_the_level_is_shared_and_wets_low_ground_first():
    """Standard deviation 0.5 m: the dry site at 0.6 m is wet where z > 1.2, in 11.5 % of the draws (normal table)."""
    depth = np.array([d["depth"] for d in draws(BANK, 4000, level_sd_m=0.5)])
    assert (depth[:, 2] > 0).mean() == pytest.approx(0.1151, abs=4 * np.sqrt(0.115 * 0.885 / 4000))
    wet = (depth > 0).all(axis=1)
    np.testing.assert_allclose(depth[wet, 0] - depth[wet, 2], 2.1)


def test_velocity_comes_with_the_water_alone():
    table = BANK.assign(velocity=[1.0, 2.0, 3.0])
    assert flood(table).measures == ("depth", "velocity")
    (one,) = draws(table, measures=("depth", "velocity"))
    assert one["velocity"].tolist() == [1.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("water", "text"),
    [
        (31.0, "unit wrong"),
        (-1.0, "no depth"),
        (BANK.assign(depth=120.0), "level above the sea"),
        (BANK.drop(columns="depth"), "no such column"),
        (BANK.iloc[:0], "no rows"),
    ],
)
def test_what_is_no_water_is_refused(water, text):
    with pytest.raises(TableError, match=text):
        flood(water)


def test_sites_far_from_the_table_and_wild_errors_are_refused():
    with pytest.raises(TableError, match="more than 10 km"):
        draws(BANK.assign(latitude=50.0))
    assert draws(BANK.assign(latitude=45.1), extension=Extension(None, 20.0))
    with pytest.raises(TableError, match="standard deviation"):
        flood(BANK, level_sd_m=9.0)


def test_several_depths_at_a_place_are_refused():
    """As of several events in one table, of which one would have been taken; the same depth twice is one place."""
    twice = pd.DataFrame({"longitude": [1.0, 1.0], "latitude": 2.0, "depth": [0.5, 1.5]})
    with pytest.raises(TableError, match=r"stand at a place that has another, first at 1, 2.*a scenario with its rate"):
        flood(twice)
    assert flood(twice.assign(depth=0.5)).measures == ("depth",)
