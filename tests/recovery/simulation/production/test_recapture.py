"""Recapture: the published factors by hand, its time limit, and that overtime stays possible."""

import numpy as np
import pytest

from holdfast.recovery.simulation.production.recapture import Interruptions, made_up

FADE = 90.0


def late(lost, share, reopened, days=400, age=0):
    of = Interruptions(np.array(lost), np.array(share), np.zeros(len(lost), int), np.array(reopened), age)
    return made_up(of, (days, 1), FADE)[:, 0]


def test_a_month_without_production():
    """By hand: 30 days of 10; 0.9 x (1 - 30/90) = 0.6 of 300 are made up, 2 a day on days 30 to 119."""
    made = late([300.0], [0.9], [30])
    np.testing.assert_allclose(made, np.where((np.arange(400) >= 30) & (np.arange(400) < 120), 2.0, 0.0))


def test_after_three_months_nothing_is_made_up():
    assert late([900.0, 5000.0, 70.0], [0.9, 0.98, 0.9], [90, 500, -1]).sum() == 0


@pytest.mark.parametrize("days", range(5, 90, 5))
def test_overtime_is_at_most_a_quarter_of_a_normal_day(days):
    made = late([days * 1.0], [1.0], [days])  # a normal day makes 1
    assert 0 < made.max() <= 0.25 + 1e-12
    if days == 45:
        assert made.max() == pytest.approx(0.25)


def test_an_interruption_counts_from_the_event():
    """By hand: from day 40 on 5 more days: 0.9 x (1 - 45/90) of what was lost in these."""
    assert late([50.0], [0.9], [5], age=40).sum() == pytest.approx(22.5)


def test_what_is_made_up_after_the_end_is_cut_off():
    assert late([300.0], [0.9], [30], days=75).sum() == pytest.approx(2.0 * 45)
