"""Impeding delays: contract over all models, the chains, and refusals."""

import numpy as np
import pytest
from cities import parameters

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage.delays import DELAYS, delay


@pytest.mark.parametrize("name", DELAYS)
def test_contract(name):
    table = parameters().delays
    before = table.copy()
    late = DELAYS[name](table)
    assert late.fixed.shape == (2, 5)
    assert late.fixed.dtype == np.int64
    assert late.median.shape == late.dispersion.shape == (2, 5, 5)
    assert (late.fixed[:, 0] == 0).all()
    assert (late.median[:, 0] == 0).all()
    assert (late.fixed >= 0).all()
    assert 0 <= late.correlation <= 1
    assert table.equals(before)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ({"inspection": 1, "financing": 42, "engineering": 42, "permit": 7, "contractor": 100.8}, 102),
        ({"inspection": 1, "financing": 105, "engineering": 350, "permit": 56, "contractor": 150.5}, 407),
        ({"inspection": 2, "financing": 9, "engineering": 1, "permit": 1, "contractor": 1}, 11),
    ],
)
def test_chains_run_side_by_side(steps, expected):
    table = parameters().delays
    table["median_days"] = table["step"].map(steps)
    building, network = delay("median")(table).fixed
    assert building.tolist() == [0, *[expected] * 4]
    assert network.tolist() == [0, *[steps["inspection"]] * 4]


def test_a_missing_step_is_named():
    with pytest.raises(TableError, match="no row for moderate, permit"):
        delay("median")(parameters().delays.query("not (damage_state == 'moderate' and step == 'permit')"))


@pytest.mark.parametrize("column", ["dispersion", "median_days"])
def test_negative_figures_are_named(column):
    table = parameters().delays
    row = (table["damage_state"] == "slight") & (table["step"] == "permit")
    table[column] = table[column].where(~row, -0.4)
    with pytest.raises(TableError, match=rf"column {column}: slight, permit: -0.4 is below 0"):
        delay("drawn")(table)


def test_unknown_model():
    with pytest.raises(UnknownName, match="drawn, median, none"):
        delay("redi")
