"""Exceedance curve and average annual loss against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import TableError
from holdfast.recovery.losses.exceedance import (
    annual_rates,
    average_annual_loss,
    event_of_return_period,
    exceedance,
    loss_of_return_period,
)

RATES = np.array([0.02, 0.005])


@pytest.fixture
def exponential() -> np.ndarray:
    """Two scenarios with exponential losses of mean 1 and 4, sharing their random numbers."""
    u = np.random.default_rng(1).uniform(size=20_000)
    return -np.outer([1.0, 4.0], np.log(u))


def test_average_annual_loss_of_exponential_losses(exponential):
    """Closed form: sum of rate x mean = 0.02 x 1 + 0.005 x 4."""
    found = average_annual_loss(RATES, exponential)
    assert abs(found.value - 0.04) < 4 * found.error
    assert found.error == pytest.approx(0.04 / np.sqrt(20_000), rel=0.05)  # fully dependent: the sum is exponential too


def test_exceedance_of_exponential_losses(exponential):
    """Closed form: 0.02 exp(-l) + 0.005 exp(-l / 4)."""
    at = np.array([0.0, 0.5, 2.0, 8.0])
    curve = exceedance(RATES, exponential[:, :5000], at)
    expected = 0.02 * np.exp(-at) + 0.005 * np.exp(-at / 4)
    assert (np.abs(curve.rate - expected) <= 4 * np.maximum(curve.error, 1e-6)).all()
    assert curve.rate[0] == pytest.approx(0.025)


def test_curve_of_fixed_losses_is_a_staircase():
    """Closed form: one loss per scenario, so a step of its rate at each."""
    curve = exceedance(RATES, np.array([[3.0, 3.0], [10.0, 10.0]]))
    assert curve.loss.tolist() == [0, 3, 10]
    np.testing.assert_allclose(curve.rate, [0.025, 0.005, 0.0])
    np.testing.assert_allclose(curve.error, 0)
    assert loss_of_return_period(RATES, np.array([[3.0], [10.0]]), 100.0) == 3.0
    assert loss_of_return_period(RATES, np.array([[3.0], [10.0]]), 500.0) == 10.0
    assert loss_of_return_period(RATES, np.array([[3.0], [10.0]]), 10.0) == 0.0


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=4, max_size=4), min_size=1, max_size=4))
def test_area_under_the_curve_is_the_average_annual_loss(rows):
    """Law: the integral of the rate of exceedance over the loss is the mean loss per year."""
    losses = np.array(rows)
    rates = np.linspace(0.01, 0.1, len(rows))
    curve = exceedance(rates, losses)
    area = float((curve.rate[:-1] * np.diff(curve.loss)).sum())
    assert area == pytest.approx(average_annual_loss(rates, losses).value, abs=1e-6, rel=1e-9)
    assert (np.diff(curve.rate) <= 1e-12).all()


def test_standard_error_by_brute_force():
    """Origin: spread of the estimate over 1,000 repetitions with independent draws."""
    rng = np.random.default_rng(3)
    runs = [rng.exponential([[1.0], [4.0]], (2, 50)) for _ in range(1000)]
    rates = [exceedance(RATES, r, np.array([2.0])) for r in runs]
    assert np.std([c.rate[0] for c in rates]) == pytest.approx(np.mean([c.error[0] for c in rates]), rel=0.1)
    means = [average_annual_loss(RATES, r) for r in runs]
    assert np.std([m.value for m in means]) == pytest.approx(np.mean([m.error for m in means]), rel=0.1)


def test_rates_from_rates_or_return_periods():
    found = annual_rates(["a", "b"], [0.01, None], [None, 475.0])
    np.testing.assert_allclose(found, [0.01, 1 / 475])


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (("b", None, None), '"b" has no annual rate'),
        (("b", 0.1, 100.0), "a return period of 100 years is a rate of 0.01"),
        (("a", 0.1, None), '"a" names more than one scenario'),
    ],
)
def test_bad_sets(second, words):
    with pytest.raises(TableError, match=words):
        annual_rates(["a", second[0]], [0.01, second[1]], [None, second[2]])


@pytest.mark.parametrize(("years", "event"), [(100, None), (200, 0), (500, 0), (999, 0), (1000, 1), (1001, None)])
def test_a_return_period_beyond_the_worst_event_has_no_event(years, event):
    """By hand: the milder comes once in 250 years, the worse in 1,000; either, once in 200."""
    rates, losses = np.array([1 / 250, 1 / 1000]), np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    assert event_of_return_period(rates, losses, years) == event
