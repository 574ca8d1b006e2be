"""Retrofit: a change of class, its effect, and refusals."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from test_damage import alone

from holdfast.errors import TableError
from holdfast.recovery.city.retrofit import changed, retrofitted
from holdfast.recovery.damage.damage import draw_damage
from holdfast.recovery.damage.fragility import fragilities
from holdfast.recovery.settings.parameters import load_parameters

OLD, NEW = "URML.pre_code", "RM1L.high_code"


@pytest.fixture(scope="module")
def real():
    return load_parameters()


@pytest.fixture
def buildings():
    return gpd.GeoDataFrame(
        {"asset_class": [OLD, "W1.pre_code", OLD]}, index=pd.Index(["a", "b", "c"], name="building_id")
    )


def test_by_class_and_by_building(buildings, real):
    table = pd.DataFrame({"from_class": [OLD, None], "building_id": [None, "c"], "to_class": [NEW, "RM2L.high_code"]})
    after = retrofitted(buildings, table, real.fragility)
    assert after["asset_class"].tolist() == [NEW, "W1.pre_code", "RM2L.high_code"]
    assert buildings["asset_class"].tolist() == [OLD, "W1.pre_code", OLD]
    assert changed(buildings, after).tolist() == [True, False, True]


def test_a_retrofit_changes_its_own_buildings_alone_and_never_for_the_worse(real):
    """The same seed: common random numbers."""
    count = 3000
    before = pd.Series([OLD, "W1.pre_code", "C1L.pre_code"] * (count // 3))
    after = before.replace(OLD, NEW)
    _, table = alone(before, tables=real)
    states = [
        draw_damage(
            {"PGA": np.full(count, 0.4)}, fragilities(real, c, ["PGA"]), table, None, np.random.default_rng(1)
        ).damage_state
        for c in (before, after)
    ]
    other = (before != OLD).to_numpy()
    assert np.array_equal(states[0][other], states[1][other])
    assert (states[1] <= states[0]).all()
    assert states[1].sum() < states[0].sum()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"from_class": OLD, "to_class": "RM9"}, r'row 2, column to_class: "RM9" is not in the fragility table'),
        ({"from_class": "S9", "to_class": NEW}, 'no building is of the class "S9"'),
        ({"building_id": "z", "to_class": NEW}, '"z" is no building of the table'),
        ({"to_class": NEW}, "name either building_id or from_class"),
        ({"building_id": "a", "from_class": OLD, "to_class": NEW}, "name either building_id or from_class"),
    ],
)
def test_bad_rows(buildings, real, row, message):
    with pytest.raises(TableError, match=message):
        retrofitted(buildings, pd.DataFrame([row]), real.fragility)


def test_the_same_twice(buildings, real):
    twice = pd.DataFrame({"from_class": [OLD, OLD], "to_class": [NEW, "W2.high_code"]})
    with pytest.raises(TableError, match=f'"{OLD}" stands in an earlier row'):
        retrofitted(buildings, twice, real.fragility)


def test_strengthening_keeps_the_residual_that_buildings_share(real):
    """Found by review: with correlated residuals a retrofit drew other residuals, so that some buildings came out worse."""
    count = 3000
    before = pd.Series([OLD, "W1.pre_code", "C1L.pre_code"] * (count // 3))
    after = before.replace(OLD, NEW)
    _, table = alone(before, tables=real)
    block = np.repeat(np.arange(count // 30), 30)
    states = []
    for classes in (before, after):
        functions = fragilities(real, classes, ["PGA"], block=block, correlation=0.5, shared_class=before)
        shaken = {"PGA": np.full(count, 0.4)}
        states.append(draw_damage(shaken, functions, table, None, np.random.default_rng(1)).damage_state)
    other = (before != OLD).to_numpy()
    assert np.array_equal(states[0][other], states[1][other])
    assert (states[1] <= states[0]).all()
    assert states[1].sum() < states[0].sum()
