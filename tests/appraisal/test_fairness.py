"""Fairness against sums by hand and the Gini coefficient."""

import numpy as np
import pandas as pd
import pytest

from holdfast.appraisal import concentration_index, equity_weights, group_amounts


def test_the_index_of_income_by_income_is_the_gini_coefficient():
    """Gini by its definition: the mean absolute difference of all pairs over twice the mean."""
    rng = np.random.default_rng(2)
    income = rng.lognormal(10, 0.6, 40)
    gini = np.abs(income[:, None] - income[None]).mean() / (2 * income.mean())
    assert concentration_index(income, income, np.ones(40)) == pytest.approx(gini, rel=1e-12)


def test_persons_count_as_often_as_they_are():
    one = concentration_index(np.array([3.0, 1.0]), np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    many = concentration_index(np.repeat([3.0, 1.0], [2, 3]), np.repeat([1.0, 2.0], [2, 3]), np.ones(5))
    assert one == pytest.approx(many, rel=1e-12)


def test_an_even_amount_is_concentrated_nowhere():
    assert concentration_index(np.full(3, 7.0), np.arange(3.0), np.array([5.0, 1.0, 9.0])) == pytest.approx(0.0)
    assert np.isnan(concentration_index(np.zeros(3), np.arange(3.0), np.ones(3)))


def test_weights_lift_the_poor():
    """(20 / 40)^-1.4 = 2^1.4 = 2.639016."""
    assert equity_weights(np.array([20.0, 40.0]), 40.0, 1.4) == pytest.approx([2.639016, 1.0], abs=1e-6)


def test_groups_of_a_grouping_add_up_to_all():
    zones = ["a", "b"]
    rows = [
        ("income", g, z, s)
        for z, low in zip(zones, (0.3, 0.6), strict=True)
        for g, s in (("low", low), ("high", 1 - low))
    ]
    shares = pd.DataFrame(rows, columns=["grouping", "group", "zone_id", "share"])
    table = group_amounts(pd.Series([100.0, 50.0], zones), pd.DataFrame({"days": [10.0, 20.0]}, index=zones), shares)
    assert table.loc[("income", "low"), "days"] == pytest.approx(0.3 * 10 + 0.6 * 20)
    assert table.sum().tolist() == pytest.approx([150.0, 30.0])
