"""Amounts by day: against a loop over items and days."""

import numpy as np

from holdfast.recovery.simulation.production.spread import daily


def test_against_a_loop():
    rng = np.random.default_rng(1)
    amount, row = rng.uniform(-1, 1, 200), rng.integers(0, 3, 200)
    start, stop = rng.integers(-20, 60, 200), rng.integers(-20, 60, 200)
    expected = np.zeros((40, 3))
    for a, r, first, last in zip(amount, row, start, stop, strict=True):
        for day in range(40):
            expected[day, r] += a * (first <= day < last)
    found = daily(amount, row, start, stop, 40, 3)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_nothing_is_exactly_nothing():
    amount = np.array([0.1, 0.2, 0.7])
    found = daily(amount, np.zeros(3, int), np.array([0, 3, 5]), np.array([9, 8, 12]), 20, 1)
    assert (found[12:] == 0.0).all()
