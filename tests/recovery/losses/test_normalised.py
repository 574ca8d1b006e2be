"""Losses beside the size of a city.

Worked by hand: 1,000 m2 of floor, 50 residents, 200 USD produced on a normal day. A total loss of 6,000 USD is 6 USD/m2,
120 USD/resident and 30 normal days; a service-capacity loss of 100 person-days is 0.1 per m2 and 2 per resident.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.losses import estimate
from holdfast.recovery.losses.normalised import SPREAD, normalised

LOST = pd.DataFrame(
    {"unit": ["USD_2017", "person-days"], "p5": [2000.0, 50.0], "p50": [6000.0, 100.0], "p95": [9000.0, 400.0]},
    index=pd.Index(["total_economic_loss", "service_capacity_loss"], name="loss"),
)
BY_HAND = {
    ("total_economic_loss", "city"): ("USD_2017", 2000.0, 6000.0, 9000.0),
    ("total_economic_loss", "m2"): ("USD_2017/m2", 2.0, 6.0, 9.0),
    ("total_economic_loss", "resident"): ("USD_2017/resident", 40.0, 120.0, 180.0),
    ("total_economic_loss", "normal_day"): ("days", 10.0, 30.0, 45.0),
    ("service_capacity_loss", "city"): ("person-days", 50.0, 100.0, 400.0),
    ("service_capacity_loss", "m2"): ("person-days/m2", 0.05, 0.1, 0.4),
    ("service_capacity_loss", "resident"): ("person-days/resident", 1.0, 2.0, 8.0),
}


def test_by_hand():
    before = LOST.copy()
    table = normalised(LOST, floor_area_m2=1000.0, residents=50.0, normal_production=200.0)
    assert {index: tuple(row) for index, row in table.iterrows()} == BY_HAND
    assert LOST.equals(before)


def test_a_city_twice_as_large_that_loses_twice_as_much_is_no_worse():
    once = normalised(LOST, 1000.0, 50.0, 200.0).drop("city", level="per")
    twice = normalised(LOST.assign(**2 * LOST[SPREAD]), 2000.0, 100.0, 400.0).drop("city", level="per")
    assert twice.equals(once)


def test_percentiles_are_those_of_draws_that_were_divided_one_by_one():
    draws = np.random.default_rng(1).lognormal(10.0, 1.0, 37)
    spread = estimate(draws, "USD_2017")
    rows = pd.DataFrame([[spread.unit, spread.p5, spread.p50, spread.p95]], ["repair_cost"], ["unit", *SPREAD])
    table = normalised(rows, 300.0, 7.0, 11.0)
    for per, size in {"m2": 300.0, "resident": 7.0, "normal_day": 11.0}.items():
        each = estimate(draws / size, "")
        assert table.loc[("repair_cost", per), SPREAD].tolist() == pytest.approx(
            [each.p5, each.p50, each.p95], rel=1e-12
        )


def test_what_a_city_has_none_of_divides_nothing():
    table = normalised(LOST, 1000.0, residents=0.0, normal_production=0.0)
    assert set(table.index.get_level_values("per")) == {"city", "m2"}


@pytest.mark.parametrize("size", [-1.0, float("nan"), float("inf")])
def test_no_size_is_refused(size):
    with pytest.raises(TableError, match="column resident"):
        normalised(LOST, 1000.0, size, 200.0)
