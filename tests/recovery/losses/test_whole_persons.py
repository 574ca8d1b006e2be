"""Persons in whole numbers. Origin: Poisson probabilities by hand, and numbers drawn one by one.

With 3 expected, P(0) = exp(-3) = 0.0498 and P(0) + P(1) = 4 exp(-3) = 0.199: 5 % are first passed at 1 person.
"""

import numpy as np
import pytest

from holdfast.recovery.losses.whole_persons import chance_of_none_worse, labels, whole_persons


def test_one_draw_by_hand():
    # cumulated: 0.0498, 0.199, 0.423, 0.647, 0.815, 0.916, 0.966
    assert whole_persons([3.0]) == (1, 3, 6)


def test_nobody_expected_is_nobody_injured():
    assert whole_persons([0.0] * 5) == (0, 0, 0)


def test_a_mixture_against_numbers_drawn_one_by_one():
    rng = np.random.default_rng(1)
    expected = rng.lognormal(2.0, 0.8, 33)
    drawn = rng.poisson(expected, (20_000, 33)).ravel()
    for ours, theirs in zip(whole_persons(expected), np.percentile(drawn, [5, 50, 95]), strict=True):
        assert ours == pytest.approx(theirs, rel=0.02, abs=1)


def test_what_twenty_draws_cannot_say():
    """0.95 multiplied with itself twenty times is 0.3585."""
    assert chance_of_none_worse(20) == pytest.approx(0.3585, abs=1e-4)


def test_labels_are_those_of_the_convention():
    """CF 1.10, section 3.5: as many meanings, parted by blanks, as values of the type of the variable."""
    told = labels(["first aid is enough", "killed"])
    assert len(told["flag_meanings"].split()) == len(told["flag_values"]) == 2
