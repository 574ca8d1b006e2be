"""The chance of paying back against the Poisson distribution."""

import numpy as np
import pytest
from scipy import stats

from holdfast.appraisal import Terms, chance_of_paying_back


def test_one_event_pays_back():
    """Saved 5 per event, paid 12: three events at least, of a Poisson number with mean 0.1 x 20."""
    found = chance_of_paying_back(
        np.array([0.1]), [np.full((1, 4), 5.0)], [np.ones(20)], np.array([12.0]), Terms(0.0, 20), 1
    )
    expected = 1 - stats.poisson.cdf(2, 2.0)
    assert found[0] == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 10_000))


def test_the_mean_year_and_the_usual_future_differ():
    """Ratio 2 in a mean year, yet paid back in 1 - exp(-0.5) of the futures: one rare event carries it."""
    rate, saved, cost, terms = 0.01, 400.0, 100.0, Terms(0.0, 50)
    assert rate * saved * 50 / cost == 2.0
    found = chance_of_paying_back(np.array([rate]), [np.full((1, 1), saved)], [np.ones(50)], np.array([cost]), terms, 3)
    assert found[0] == pytest.approx(1 - np.exp(-0.5), abs=0.02)


def test_nothing_saved_pays_nothing_back():
    saved = [np.zeros((2, 3))]
    assert chance_of_paying_back(np.array([0.1, 0.2]), saved, [np.ones(10)], np.zeros(1), Terms(0.03, 10), 1)[0] == 0
