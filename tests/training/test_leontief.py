"""Leontief: a textbook example, the accounting identity on the real tables, and laws."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import NotConverged, TableError
from holdfast.sources.bea import accounts_table, find_accounts
from holdfast.training.leontief import input_output, leontief_inverse, multipliers

A = np.array([[0.15, 0.25], [0.20, 0.05]])


def economy():
    """Two industries that make one commodity each; Miller & Blair (2009), table 2.3."""
    make = pd.DataFrame([[1000.0, 0.0], [0.0, 2000.0]], index=["i1", "i2"], columns=["c1", "c2"])
    use = pd.DataFrame(
        [[150.0, 500.0, 250.0, 100.0], [200.0, 100.0, 1400.0, 300.0], [650.0, 1400.0, 0.0, 0.0]],
        index=["c1", "c2", "Total Value Added"],
        columns=["i1", "i2", "F010", "F02E"],
    )
    return make, use


def test_the_textbook_inverse_and_output():
    """Origin: Miller & Blair (2009), section 2.3: f = (600, 1500) needs x = (1247.5, 1841.6) (printed digits)."""
    inverse = leontief_inverse(A)
    np.testing.assert_allclose(inverse, [[1.254, 0.330], [0.264, 1.122]], atol=6e-4)
    np.testing.assert_allclose(inverse @ [600, 1500], [1247.5, 1841.6], atol=0.06)


def test_two_industries_from_make_and_use():
    made = input_output(*economy())
    np.testing.assert_allclose(made.direct, A)
    np.testing.assert_allclose(made.inverse @ made.final, made.output)
    np.testing.assert_allclose(made.final, [350, 1700])


def test_two_by_products_by_hand():
    """Origin: industry 1 also makes 100 of commodity 2 (of 2100): D = [[1, 1/21], [0, 20/21]]."""
    make, use = economy()
    make.loc["i1", "c2"] = 100.0
    use.loc["c2", "F010"] += 100.0
    made = input_output(make, use)
    np.testing.assert_allclose(made.final, [350 + 1800 / 21, 1800 * 20 / 21])
    np.testing.assert_allclose(made.inverse @ made.final, made.output)


def test_total_output_is_inverse_times_final_demand_on_the_real_tables(data):
    """Origin: accounting identity x = L f; the published tables are rounded to millions."""
    files = find_accounts(data / "training")
    made = input_output(accounts_table(files["make"]), accounts_table(files["use"]))
    assert len(made.industries) == 71
    np.testing.assert_allclose(made.inverse @ made.final, made.output, rtol=2e-4)
    np.testing.assert_allclose(made.value_added @ made.inverse, 1.0, atol=2e-4)
    assert (multipliers(made)["output_multiplier"] > 1).all()


def test_tables_that_do_not_fit_are_refused():
    make, use = economy()
    with pytest.raises(TableError, match="no column for industry i2"):
        input_output(make, use.drop(columns="i2"))
    with pytest.raises(TableError, match="no row for c2"):
        input_output(make, use.drop(index="c2"))
    with pytest.raises(TableError, match="no row for Total Value Added"):
        input_output(make, use.drop(index="Total Value Added"))
    with pytest.raises(TableError, match="industry i2 of the Make table makes nothing"):
        input_output(make.assign(c2=0.0), use)
    with pytest.raises(NotConverged, match="need more input"):
        leontief_inverse(np.array([[0.9, 0.5], [0.5, 0.9]]))
