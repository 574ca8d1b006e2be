"""Firms that decide one by one: by hand, and against the expected shares of `relocated`."""

import numpy as np
import pytest

from holdfast.recovery.simulation.production.firms import Deciding, Firms, moved_firms
from holdfast.recovery.simulation.production.relocation import Hazards, relocated
from holdfast.recovery.simulation.production.spread import daily

KEY = np.uint64(3)


def hazards(moving=0.0, closing=0.0, reopening=1.0, vacant=1e12, wait=0.0):
    return Hazards(wait, np.array([moving]), np.array([closing]), reopening, np.array([vacant]))


def gain(idle, until, own, days=100, here=1.0, absence=0.0, normal=1e6):
    """What the firms of one sector add on each day, and their idle production."""
    idle, until = np.asarray(idle, dtype=float), np.asarray(until)
    sector = np.zeros(idle.size, dtype=np.int64)
    out = daily(idle, sector, sector, until, days, 1)
    firms, share = Firms(idle, sector, until), np.full(days, here)
    return moved_firms(firms, out, share, np.array([normal]), own, Deciding(KEY, absence))[:, 0], out[:, 0]


def test_one_firm_moves_after_the_wait_until_it_is_repaired():
    found, _ = gain([100.0], [40], hazards(moving=1.0, wait=14.0))
    assert found.tolist() == [0.0] * 14 + [100.0] * 26 + [0.0] * 60


def test_premises_of_a_closed_firm_stand_empty():
    """It closes on day 14; the premises, repaired on day 40, are taken again on the day after."""
    found, _ = gain([100.0], [40], hazards(closing=1.0, wait=14.0))
    assert found.tolist() == [0.0] * 40 + [-100.0] + [0.0] * 59


def test_a_firm_without_a_floor_large_enough_waits_or_closes():
    """All look on day 0. Floors for 150: the one of 100 that comes first moves, the other waits until the first is repaired."""
    found, _ = gain([100.0, 100.0], [10, 30], hazards(moving=1.0, vacant=150.0))
    assert found.tolist() == [100.0] * 30 + [0.0] * 70
    none, _ = gain([100.0], [30], hazards(moving=1.0, vacant=50.0))
    assert (none == 0).all()


@pytest.mark.parametrize(("moving", "closing"), [(0.02, 0.0), (0.0, 0.02), (0.02, 0.01)])
def test_many_firms_do_what_is_expected_of_them(moving, closing):
    """Who would move and close on one day closes: the probability to move is moving x (1 - closing). Five standard errors."""
    count = 20_000
    until = np.random.default_rng(1).integers(20, 90, count)
    found, out = gain(np.ones(count), until, hazards(moving, closing, 10.0), 120)
    expected = relocated(out[:, None], np.array([1e6]), hazards(moving * (1 - closing), closing, 10.0))[:, 0]
    assert np.abs(found - expected).max() <= 5 * np.sqrt(count) / 2


def test_no_more_is_let_than_is_vacant():
    rng = np.random.default_rng(2)
    idle, until = rng.uniform(1, 30, 400), rng.integers(1, 95, 400)
    found, out = gain(idle, until, hazards(moving=0.1, vacant=500.0), normal=1e4)
    assert (found <= 500.0 * (1 - out / 1e4) + 1e-9).all()
    assert found.max() > 400


def test_absent_customers_close_firms():
    """Nobody is there from day 1 on: .001 x (1 + 2) a day, on day 0 .001; premises fill after long."""
    found, _ = gain(np.ones(20_000), np.full(20_000, 60), hazards(closing=0.001, reopening=1e9), here=0.0, absence=2.0)
    closed = 1 - 0.999 * 0.997**59
    assert -found[60] / 20_000 == pytest.approx(closed, abs=5 * np.sqrt(closed / 20_000))
