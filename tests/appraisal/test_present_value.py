"""Present values against tables worked out by hand.

A measure costs 1000, its upkeep 10 a year, it lives 4 years and works by halves over the first 2 (mean share 0.25 in year 1,
0.75 in year 2); it saves 400 a year when whole. At 10 %:

year  share  saved  1.1^-t       worth
1     0.25   100    0.909090909   90.909091
2     0.75   300    0.826446281  247.933884
3     1      400    0.751314801  300.525920
4     1      400    0.683013455  273.205382
sum                              912.574277
upkeep 10 x (0.909090909 + 0.826446281 + 0.751314801 + 0.683013455) = 31.698654
net present value 912.574277 - 1000 - 31.698654 = -119.124377; ratio 912.574277 / 1031.698654 = 0.884536
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.appraisal import Terms, appraised, present_factor, shares_in_place

BY_HAND = pd.DataFrame(
    {"cost": [1000.0], "maintenance": [10.0], "life_years": [4], "ramp_up_years": [2.0]}, index=["a"]
)


def test_ramp_life_and_discount_by_hand():
    row = appraised(BY_HAND, pd.Series({"a": 400.0}), Terms(0.1, 50)).loc["a"]
    assert row["present_benefit"] == pytest.approx(912.574277, abs=1e-6)
    assert row["present_maintenance"] == pytest.approx(31.698654, abs=1e-6)
    assert row["net_present_value"] == pytest.approx(-119.124377, abs=1e-6)
    assert row["benefit_cost_ratio"] == pytest.approx(0.884536, abs=1e-6)
    assert row["break_even_cost"] == pytest.approx(880.875623, abs=1e-6)


@pytest.mark.parametrize("rate", [0.03, 0.031, 0.07])
def test_an_even_stream_is_the_annuity(rate):
    """Closed form: (1 - (1 + r)^-n) / r."""
    assert present_factor(np.ones(30), Terms(rate)) == pytest.approx((1 - (1 + rate) ** -30) / rate, rel=1e-12)


def test_growth_at_the_discount_rate_leaves_one_year_of_discount():
    """(1 + r)^(t - 1) / (1 + r)^t = 1 / (1 + r) in each of 20 years."""
    assert present_factor(np.ones(20), Terms(0.05, growth=0.05)) == pytest.approx(20 / 1.05, rel=1e-12)


def test_a_life_beyond_the_horizon_counts_to_the_horizon():
    assert shares_in_place(100, 0.0, 3).tolist() == [1.0, 1.0, 1.0]
    # 1.5 years of ramp: the integral of t / 1.5 over the first year is 1/3; the second has 7/12 - 1/3 + ... = 11/12
    assert shares_in_place(100, 1.5, 3) == pytest.approx([1 / 3, 11 / 12, 1.0])


def test_one_building_one_hazard_one_retrofit():
    """A loss of 200,000 once in 100 years and none after: 2,000 a year, 30 years, 3.1 %, for 10,000."""
    factor = (1 - 1.031**-30) / 0.031
    rows = {"cost": [10_000.0], "maintenance": [0.0], "life_years": [30], "ramp_up_years": [0.0]}
    row = appraised(pd.DataFrame(rows, index=["a"]), pd.Series({"a": 2000.0}), Terms()).loc["a"]
    assert abs(row["net_present_value"] - (2000 * factor - 10_000)) < 1e-9 * 10_000
    assert abs(row["benefit_cost_ratio"] - 2000 * factor / 10_000) < 1e-9


def test_doubling_the_costs_halves_the_ratio():
    once = appraised(BY_HAND, pd.Series({"a": 400.0}), Terms())
    twice = appraised(BY_HAND * [2, 2, 1, 1], pd.Series({"a": 400.0}), Terms())
    assert twice["benefit_cost_ratio"].iloc[0] == pytest.approx(once["benefit_cost_ratio"].iloc[0] / 2, rel=1e-12)


def test_what_costs_nothing_has_no_ratio():
    free = appraised(BY_HAND * [0, 0, 1, 1], pd.Series({"a": 0.0}), Terms()).loc["a"]
    assert np.isnan(free["benefit_cost_ratio"])
    assert free["net_present_value"] == 0
