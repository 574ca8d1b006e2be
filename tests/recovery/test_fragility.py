"""Damage states against the lognormal distribution, and refusals."""

import numpy as np
import pandas as pd
import pytest
from cities import STATES, parameters
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from holdfast.config import ScenarioOptions
from holdfast.errors import TableError
from holdfast.recovery.fragility import damage_states, fragilities

SCENARIO = ScenarioOptions(unit="g", value=0.4)


def test_shares_follow_the_lognormal():
    """Origin: scipy's normal distribution."""
    count = 40_000
    functions = fragilities(parameters().fragility, pd.Series(["weak"] * count), SCENARIO)
    states = damage_states(np.full(count, 0.5), functions, np.random.default_rng(1).standard_normal(count))
    for i in range(1, 5):
        expected = norm.cdf(np.log(0.5 / (0.2 * i)) / 0.4)
        assert abs((states >= i).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / count)


@given(low=st.floats(0, 3), more=st.floats(0, 3), luck=st.floats(-4, 4))
def test_more_shaking_never_helps(low, more, luck):
    functions = fragilities(parameters().fragility, pd.Series(["weak"]), SCENARIO)
    weak = damage_states(np.array([low]), functions, np.array([luck]))
    strong = damage_states(np.array([low + more]), functions, np.array([luck]))
    assert strong >= weak


def test_no_shaking_no_damage_and_no_class_no_damage():
    functions = fragilities(parameters().fragility, pd.Series(["weak", None, ""]), SCENARIO)
    assert damage_states(np.array([0.0, 5.0, 5.0]), functions, np.full(3, 8.0)).tolist() == [0, 0, 0]


def test_crossing_functions_give_the_worst_state_reached():
    table = (
        parameters().fragility.query("asset_class == 'weak'").assign(median=[0.2, 0.4, 0.4, 0.4], beta=[0.1, 1, 1, 1])
    )
    functions = fragilities(table, pd.Series(["weak"]), SCENARIO)
    assert damage_states(np.array([0.15]), functions, np.array([1.2])).tolist() == [4]


def test_unknown_class_is_named_with_its_count():
    with pytest.raises(TableError, match=r'"W9" has no complete fragility function; 2 assets'):
        fragilities(parameters().fragility, pd.Series(["W9", "weak", "W9"]), SCENARIO)
    part = parameters().fragility.query("damage_state != 'slight'")
    with pytest.raises(TableError, match="weak"):
        fragilities(part, pd.Series(["weak"]), SCENARIO)


@pytest.mark.parametrize(("key", "value"), [("unit", "m/s2"), ("intensity_measure", "PGV")])
def test_another_measure_is_refused(key, value):
    with pytest.raises(TableError, match=f"scenario.{key}.*{value}"):
        fragilities(parameters().fragility, pd.Series(["weak"]), SCENARIO.model_copy(update={key: value}))


def test_states_are_those_of_the_schema():
    from holdfast.recovery.fragility import STATES as OURS
    from holdfast.tables import schema

    known = next(c.values for c in schema("usability") if c.column == "damage_state")
    assert known == OURS == ("none", *STATES)
