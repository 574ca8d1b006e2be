"""Laws of synthetic districts: the share without power is that asked for, and every customer hangs on one device."""

import numpy as np
import pytest

from holdfast.recovery.validation.outages.network import (
    FEEDER,
    LATERAL,
    NONE,
    SERVICE,
    customers_behind,
    damaged_devices,
)
from holdfast.recovery.validation.outages.practice import draw_practice

PRACTICE = draw_practice(np.random.default_rng(1))
WEIGHT = np.array([0.7, 0.2, 0.1])


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_the_share_without_power_is_that_asked_for(share):
    """Within four standard errors over 60 districts, and the little by which faults of one lateral overlap."""
    districts = 60
    devices = damaged_devices(
        np.full(districts, share), np.tile(WEIGHT, (districts, 1)), 6000.0, PRACTICE, np.random.default_rng(2)
    )
    out = np.bincount(devices.district, weights=devices.customers, minlength=districts)
    assert abs(out.mean() - 6000) < 4 * out.std(ddof=1) / np.sqrt(districts) + 0.02 * 6000


def test_devices_hang_below_damaged_ones_of_their_district():
    devices = damaged_devices(np.array([0.4, 0.8]), np.tile(WEIGHT, (2, 1)), 6000.0, PRACTICE, np.random.default_rng(3))
    below = devices.above != NONE
    above = devices.above[below]
    assert (devices.kind[below] > devices.kind[above]).all()
    assert (devices.district[below] == devices.district[above]).all()
    assert (devices.above[devices.kind == FEEDER] == NONE).all()
    assert (devices.kind[below] == LATERAL).any()
    assert (devices.kind[above] == LATERAL).any()
    assert (devices.customers >= 0).all()


def test_customers_behind_are_all_counted_at_the_top():
    devices = damaged_devices(np.array([0.9]), WEIGHT[None], 6000.0, PRACTICE, np.random.default_rng(4))
    behind = customers_behind(devices)
    assert behind[devices.above == NONE].sum() == pytest.approx(devices.customers.sum())
    np.testing.assert_array_equal(behind[devices.kind == SERVICE], devices.customers[devices.kind == SERVICE])


def test_worse_districts_have_more_damage_below_what_is_dark():
    devices = damaged_devices(
        np.array([0.3, 0.9]), np.tile(WEIGHT, (2, 1)), 20_000.0, PRACTICE, np.random.default_rng(5)
    )
    feeders, laterals = (np.bincount(devices.district[devices.kind == k], minlength=2) for k in (FEEDER, LATERAL))
    assert laterals[1] / feeders[1] > laterals[0] / feeders[0]
