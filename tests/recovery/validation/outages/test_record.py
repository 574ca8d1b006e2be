"""Golden values by hand."""

import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.validation.outages import known_part, observed_curves, together
from holdfast.recovery.validation.outages.record import passed_hour, record


def table(**areas):
    """Name -> (customers, {hour: customers out})."""
    rows = [(a, h, out, customers) for a, (customers, known) in areas.items() for h, out in known.items()]
    return pd.DataFrame(rows, columns=["area", "hour", "customers_out", "customers"])


def test_hours_are_filled_and_ends_held():
    found = record(table(b=(100, {0: 50, 4: 10}), a=(10, {1: 4, 3: 2})))
    assert list(found.areas) == ["a", "b"]
    assert found.out.tolist() == [[0.4, 0.4, pytest.approx(0.3), 0.2, 0.2], [0.5, 0.4, 0.3, 0.2, 0.1]]


def test_nobody_is_out_who_is_no_customer():
    assert record(table(a=(100, {0: 125, 1: 25}))).out.tolist() == [[1.0, 0.2]]


def test_the_storm_has_passed_when_most_are_out():
    rising = table(a=(100, {0: 10, 3: 80, 9: 20}), b=(1000, {0: 100, 4: 500, 9: 0}))
    assert passed_hour(record(rising)) == 4


def test_known_is_what_was_recorded_up_to_then():
    rows = table(a=(100, {0: 10, 6: 90, 30: 40, 31: 39, 90: 0}))
    assert known_part(rows, 24)["hour"].tolist() == [0, 6, 30]
    with pytest.raises(TableError, match="are to be known"):
        known_part(rows, 100)


def test_observed_curves_count_from_the_worst_hour():
    found = observed_curves(table(a=(100, {0: 10, 6: 90, 30: 40, 54: 0})), "synthetic storm")
    assert found["day"].tolist() == [0.0, 1.0, 2.0]
    assert found["value"].tolist() == pytest.approx([0.1, 0.6, 1.0])
    assert set(found["weight"]) == {100.0}


def test_together_is_the_sum():
    found = together(table(a=(100, {0: 50, 2: 10}), b=(300, {0: 100, 2: 0})))
    assert found["customers_out"].tolist() == pytest.approx([150, 80, 10])
    assert set(found["customers"]) == {400.0}


def test_two_records_of_one_hour_and_no_customers_are_refused():
    with pytest.raises(TableError, match="two records"):
        record(pd.concat([table(a=(10, {0: 1}))] * 2))
    with pytest.raises(TableError, match="a: has no customers"):
        record(table(a=(0, {0: 0, 1: 0})))
