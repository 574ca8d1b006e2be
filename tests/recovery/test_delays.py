"""Impeding delays: contract over all models, the chains, and refusals."""

import numpy as np
import pytest
from cities import parameters

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.delays import DELAYS, delay


@pytest.mark.parametrize("name", DELAYS)
def test_contract(name):
    table = parameters().delays
    before = table.copy()
    for days in DELAYS[name](table):
        assert days.shape == (5,)
        assert days.dtype == np.int64
        assert days[0] == 0
        assert (days >= 0).all()
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
    building, network = delay("median")(table)
    assert building.tolist() == [0, *[expected] * 4]
    assert network.tolist() == [0, *[steps["inspection"]] * 4]


def test_a_missing_step_is_named():
    with pytest.raises(TableError, match="no row for moderate, permit"):
        delay("median")(parameters().delays.query("not (damage_state == 'moderate' and step == 'permit')"))


def test_unknown_model():
    with pytest.raises(UnknownName, match="median, none"):
        delay("redi")
