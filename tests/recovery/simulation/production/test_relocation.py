"""Firms that wait, move or close: by hand, and laws."""

import numpy as np
import pytest

from holdfast.recovery.simulation.production.relocation import Hazards, relocated


def firms(moving=0.0, closing=0.0, reopening=100.0, vacant=1e9, wait=0.0):
    return Hazards(wait, np.array([moving]), np.array([closing]), reopening, np.array([vacant]))


def out(days, until, amount=100.0):
    """Premises that make `amount` a day and are repaired on day `until`."""
    return np.where(np.arange(days) < until, amount, 0.0)[:, None]


def test_a_tenth_moves_each_day():
    """By hand: of 100, 10 on day 0, then 9 more, then 8.1 more; all return on day 3."""
    gain = relocated(out(5, 3), np.array([1000.0]), firms(moving=0.1))
    np.testing.assert_allclose(gain[:, 0], [10, 19, 27.1, 0, 0])


def test_who_has_closed_leaves_repaired_premises_empty():
    """By hand: 10 and 9 close of 100; of 100 repaired on day 2, 19 stand empty and fill by a tenth each day."""
    gain = relocated(out(5, 2), np.array([1000.0]), firms(closing=0.1, reopening=10.0))
    np.testing.assert_allclose(gain[:, 0], [0, 0, -19, -17.1, -15.39])


def test_vacant_floors_are_few_and_damaged_like_the_others():
    """By hand: floors for 50 stand empty; with 40 % of the premises out, for 30."""
    gain = relocated(out(400, 300, 400.0), np.array([1000.0]), firms(moving=0.5, vacant=50.0))
    np.testing.assert_allclose(gain[:300, 0].max(), 30.0)
    assert (gain >= 0).all()


def test_nobody_moves_before_the_wait_is_over():
    gain = relocated(out(20, 20), np.array([1000.0]), firms(moving=0.2, wait=14.0))
    assert (gain[:14] == 0).all()
    assert gain[14, 0] == pytest.approx(20.0)


def test_without_hazards_or_damage_nothing_changes():
    assert (relocated(out(50, 30), np.array([1000.0]), firms()) == 0).all()
    assert (relocated(np.zeros((50, 1)), np.array([1000.0]), firms(0.1, 0.1)) == 0).all()
