"""Text of files as numbers: what pandas reads, and what would end the process."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.numerals import to_numbers
from holdfast.sources.readers import load

ENDLESS = ("1e2147483700", "1e999999999999999", "-1E+30899999999999999999999", "1e-999999999999999999")
"""Exponents at which pd.to_numeric of pandas 2.3 ends the process by a fault of memory, and like ones."""


def test_usual_text_is_read_as_before():
    text = ["1", " 2.5 ", "1e308", "1e-320", "-1E+05", "0x10", "nan", "", "1,5", "12345678901234567890", "e99999", None]
    pd.testing.assert_series_equal(to_numbers(pd.Series(text)), pd.to_numeric(pd.Series(text), errors="coerce"))
    whole = pd.Series([1, 2])
    pd.testing.assert_series_equal(to_numbers(whole), whole)
    # codes of one place that look like a number with an exponent are text to whoever reads text
    assert np.isnan(to_numbers(pd.Series(["4E123456"])))[0]


@pytest.mark.parametrize("kind", [object, "string"])
def test_endless_exponents_are_no_numbers(kind):
    found = to_numbers(pd.Series([*ENDLESS, "7", None], dtype=kind))
    assert found.isna().tolist() == [True] * len(ENDLESS) + [False, True]


@pytest.mark.parametrize("text", ENDLESS)
def test_a_table_that_holds_one_is_refused_by_row_and_column(text, tmp_path):
    (tmp_path / "p.csv").write_text(f"name,longitude,latitude\na,24.9,60.2\nb,{text},60.2\n")
    options = TableOptions(source="points", path="p.csv", longitude="longitude", latitude="latitude")
    with pytest.raises(TableError, match="row 3, column longitude"):
        load("hospitals", options, tmp_path, None)


def test_nothing_else_turns_text_into_numbers():
    package = Path(holdfast.__file__).parent
    using = [p.name for p in package.rglob("*.py") if "to_numeric(" in p.read_text()]
    assert using == ["numerals.py"]
