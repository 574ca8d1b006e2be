"""Golden: the hour of power of every device against list scheduling written apart here, and closed forms."""

import heapq

import numpy as np
import pytest

from holdfast.recovery.validation.outages.network import NONE
from holdfast.recovery.validation.outages.repair import Repairs, hours_until_power

STEADY = np.empty((0, 3), np.int64)


def scheduled(above, hours, order, crews):
    """Free crews take the next device in order; power is back when a device and all above it are repaired."""
    free = [0] * crews
    heapq.heapify(free)
    done = {}
    for device in np.argsort(order, kind="stable"):
        done[device] = heapq.heappop(free) + hours[device]
        heapq.heappush(free, done[device])
    back = []
    for device in range(len(hours)):
        last, up = done[device], above[device]
        while up != NONE:
            last, up = max(last, done[up]), above[up]
        back.append(last)
    return back


@pytest.mark.parametrize("seed", range(12))
def test_hours_are_those_of_list_scheduling(seed):
    rng = np.random.default_rng(seed)
    count, crews = 25, int(rng.integers(1, 6))
    above = np.array([NONE if i < 5 or rng.random() < 0.3 else rng.integers(0, i) for i in range(count)])
    hours, order = rng.integers(1, 9, count), rng.random(count)
    found = hours_until_power(Repairs(above, np.zeros(count, int), hours, order, np.array([crews]), STEADY), 400)
    assert found.tolist() == scheduled(above, hours, order, crews)


def test_districts_do_not_share_crews():
    rng = np.random.default_rng(1)
    above, hours, order = np.full(20, NONE), rng.integers(1, 9, 20), rng.random(20)
    district = np.repeat([0, 1], 10)
    found = hours_until_power(Repairs(above, district, hours, order, np.array([1, 3]), STEADY), 400)
    for d, crews in ((0, 1), (1, 3)):
        own = district == d
        assert found[own].tolist() == scheduled(above[own], hours[own], order[own], crews)


def test_equal_repairs_end_in_waves():
    """12 repairs of 3 hours by 4 crews: 4 each at hours 3, 6, 9."""
    found = hours_until_power(
        Repairs(np.full(12, NONE), np.zeros(12, int), np.full(12, 3), np.arange(12.0), np.array([4]), STEADY), 50
    )
    assert np.bincount(found)[[3, 6, 9]].tolist() == [4, 4, 4]


def test_crews_that_come_later_start_later():
    """One crew, a second from hour 5 on: four repairs of 4 hours end at 4, 8, 9 and 12."""
    changes = np.array([[5, 0, 1]])
    found = hours_until_power(
        Repairs(np.full(4, NONE), np.zeros(4, int), np.full(4, 4), np.arange(4.0), np.array([1]), changes), 50
    )
    assert found.tolist() == [4, 8, 9, 12]


def test_what_is_not_done_by_the_horizon_has_no_power():
    found = hours_until_power(
        Repairs(np.full(3, NONE), np.zeros(3, int), np.full(3, 10), np.arange(3.0), np.array([1]), STEADY), 20
    )
    assert found.tolist() == [10, 20, 21]
