"""Audit of levels by group: hand calculations, and intervals that hold what they should."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.disclosure.audit import LOW_LEVELS, audit_levels

LEVELS = pd.Series([1, 2, 3, 5, None])
PEOPLE = pd.Series([100.0, 50.0, 200.0, 50.0, 999.0])


def test_shares_are_those_worked_out_by_hand():
    """Group: 80 + 20 + 40 + 5 = 145 homes; at levels 1 and 2: 100 of 145. Rest: 20 + 30 + 160 + 45 = 255, of these 50."""
    found = audit_levels(LEVELS, PEOPLE, pd.DataFrame({"renters": [0.8, 0.4, 0.2, 0.1, 1.0]}))[0]
    assert found.kind == "share"
    assert found.people == pytest.approx(145)
    assert found.levels == pytest.approx((80 / 145, 20 / 145, 40 / 145, 0, 5 / 145))
    assert found.rest == pytest.approx((20 / 255, 30 / 255, 160 / 255, 0, 45 / 255))
    assert found.ratio == pytest.approx((100 / 145) / (50 / 255))


def test_of_a_measure_the_fifth_with_the_highest_values_is_the_group():
    """400 counted homes, a fifth is 80: all 50 of the highest cell and 30 of the 100 of the next, which has level 1."""
    found = audit_levels(LEVELS, PEOPLE, pd.DataFrame({"income": [50.0, 20.0, 30.0, 90.0, 99.0]}))[0]
    assert found.kind == "fifth"
    assert found.levels == pytest.approx((30 / 80, 0, 0, 0, 50 / 80))
    assert found.ratio == pytest.approx((30 / 80) / (120 / 320))


def test_the_interval_covers_the_ratio_of_the_population():
    """Origin: 60 samples of blocks of cells from one law; 95 % intervals should hold the law's ratio in nearly all of them."""
    rng = np.random.default_rng(3)
    held, size = 0, 4
    for _ in range(60):
        share = np.repeat(rng.choice([0.2, 0.8], 60), size)  # cells of a block are alike
        low = np.repeat(rng.random(60), size) < np.where(share > 0.5, 0.6, 0.3)
        levels, people = pd.Series(np.where(low, 1, 4)), pd.Series(np.ones(len(share)))
        blocks = pd.Series(np.repeat(np.arange(60.0), size))
        found = audit_levels(levels, people, pd.DataFrame({"g": share}), blocks=blocks)[0]
        # of the group 80 % live in cells of chance 0.6 and 20 % in those of 0.3; of the rest the reverse
        truth = (0.8 * 0.6 + 0.2 * 0.3) / (0.2 * 0.6 + 0.8 * 0.3)
        held += found.low <= truth <= found.high
    assert held >= 52
    assert LOW_LEVELS == 2
