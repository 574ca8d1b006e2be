"""Laws of r_SS and goldens of the shares behind it.

Origin of the goldens: the shares computed by hand in the test from the stated tables.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from holdfast.data import packaged
from holdfast.errors import UnknownName
from holdfast.tables import check
from holdfast.training.assumed_response import NETWORKS
from holdfast.training.supplementary_factor import (
    archive_rows,
    assumptions,
    grid,
    habitable_interval,
    habitable_share,
    interval,
    supplementary_factor,
    uses,
)

CATEGORIES = ("care", "home", "office", "public", "school", "shop", "works")
FULL = np.ones(len(NETWORKS))
LEVELS = st.lists(st.floats(0, 1), min_size=5, max_size=5).map(np.array)
ENDS = (
    "heating",
    "cooling",
    "ventilation",
    "water_heating",
    "lighting",
    "cooking",
    "refrigeration",
    "computers",
    "other",
)


@cache
def consumer(category):
    """Uses of a category from a made-up survey: every end use of electricity alike; homes by carrier."""
    if category == "home":
        consumed = pd.Series({"electricity": 60.0, "gas": 50.0, "fuel": 10.0})
    else:
        consumed = pd.Series({f"electricity_{use}": 10.0 for use in ENDS})
    return uses(category, consumed, assumptions())


@pytest.mark.parametrize("category", CATEGORIES)
def test_normal_state_gives_one(category):
    assert supplementary_factor(consumer(category), FULL) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("category", CATEGORIES)
@drawn(levels=LEVELS, axis=st.integers(0, 4), cut=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_falls_when_any_service_falls(category, levels, axis, cut):
    """Strictly: all five services carry a share in each category."""
    less = levels.copy()
    less[axis] *= cut
    before, after = (float(supplementary_factor(consumer(category), s)) for s in (levels, less))
    assert after <= before + 1e-12
    alone = FULL.copy()
    alone[axis] = cut
    if cut < 1 - 1e-6:
        assert supplementary_factor(consumer(category), alone) < 1


@pytest.mark.parametrize("category", CATEGORIES)
def test_occupants_and_building_state(category):
    """Without people what follows people stops; a building half usable gives half."""
    who = consumer(category)
    assert supplementary_factor(who, FULL, usable=0.5) == pytest.approx(0.5)
    empty = float(supplementary_factor(who, FULL, occupied=0.0))
    assert empty == pytest.approx(1 - float(who.share @ who.people))
    assert 0 < empty < 1
    assert supplementary_factor(who, FULL, occupied=0.3) == pytest.approx(0.3 + 0.7 * empty)


def test_shares_of_a_home_by_hand():
    """Energy weighs 0.5, shared by cost 60 x 3.62 : 50 x 1 : 10 x 1.87."""
    who = consumer("home")
    found = pd.Series(who.share, index=pd.MultiIndex.from_tuples(who.names)).groupby(level=0).sum()
    cost = np.array([60 * 3.62, 50.0, 10 * 1.87])
    np.testing.assert_allclose(found[["electricity", "gas", "fuel"]], 0.5 * cost / cost.sum())
    np.testing.assert_allclose(found[["water", "telecom", "transport"]], [0.3, 0.1, 0.1])


def test_gas_of_the_survey_replaces_the_published_ratio():
    consumed = pd.Series({"electricity_lighting": 80.0, "gas_heating": 40.0, "gas_cooking": 0.0})
    who = uses("office", consumed, assumptions())
    by_name = dict(zip(who.names, who.share, strict=True))
    assert ("gas", "cooking") not in by_name
    assert by_name["electricity", "lighting"] / by_name["gas", "heating"] == pytest.approx(80 * 3.1 / 40)


def test_hospitals_keep_what_generators_carry():
    """A row of the category overrides that of all: 0.3 of lighting goes on without power, against 0 elsewhere."""
    for category, left in (("care", 0.3), ("office", 0.0)):
        who = consumer(category)
        lighting = who.names.index(("electricity", "lighting"))
        assert who.residual[lighting, NETWORKS.index("power")] == left


def test_habitability_limits():
    limits = assumptions().habitability
    level = dict(zip(limits["network"], limits["limit"], strict=True))
    at = FULL.copy()
    at[0], at[1] = level["power"], level["water"]
    assert habitable_share(at, limits) == 1
    assert habitable_share(0.999 * at, limits) < 1
    assert habitable_share(np.array([1, 1, 0, 0, 0.0]), limits) == 1  # gas, telecom, transport leave a home habitable
    residual = limits.set_index("network")["residual"]
    assert habitable_share(np.array([0, 0, 1, 1, 1.0]), limits) == pytest.approx(residual["power"] * residual["water"])


def test_interval_holds_the_central_value_and_full_service_is_certain():
    given = assumptions()
    levels = grid(given.habitability)
    who = consumer("shop")
    low, high = interval("shop", who, levels, given, 60, np.random.default_rng(1))
    central = supplementary_factor(who, levels)
    assert low[-1] == pytest.approx(1)
    assert high[-1] == pytest.approx(1)
    assert (np.diff(np.stack([low, np.clip(central, low, high), high]), axis=0) >= 0).all()
    assert ((low <= central + 0.05) & (central <= high + 0.05)).all()
    low, high = habitable_interval(levels, given.habitability, 60, np.random.default_rng(1))
    assert low[-1] == high[-1] == 1


def test_archive_rows_pass_their_schema():
    levels = grid(assumptions().habitability)
    share = supplementary_factor(consumer("works"), levels)
    table = archive_rows("works", levels, share, np.stack([share, share]), "a test of the schema")
    assert len(check(table, "service_capacity")) == 3**5


def test_unknown_category():
    with pytest.raises(UnknownName, match="service category"):
        uses("farm", pd.Series({"electricity_lighting": 1.0}), assumptions())


def test_stated_tables_are_whole():
    weights = packaged("resource_weights")
    np.testing.assert_allclose(weights.groupby("category")["weight"].sum(), 1.0)
    np.testing.assert_allclose(packaged("end_uses").groupby(["category", "resource"])["share"].sum(), 1.0)
    for name, middle in (
        ("resource_weights", "weight"),
        ("end_use_needs", "residual"),
        ("use_drivers", "people_share"),
    ):
        table = packaged(name)
        assert ((table["low"] <= table[middle]) & (table[middle] <= table["high"])).all(), name
    assert set(weights["category"]) == set(CATEGORIES)
