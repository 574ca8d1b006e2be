"""Own buildings: closed form against scipy, draws against the closed form, costs by hand, and every refusal."""

import numpy as np
import pandas as pd
import pytest
from cities import STATES as WORSE
from scipy.stats import norm

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage import damage_probabilities, damage_states, draw_block, repair_costs
from holdfast.recovery.damage.assets import Assets, consequences
from holdfast.recovery.damage.fragility import fragilities
from holdfast.recovery.settings.parameters import load_parameters

OWN = pd.DataFrame(
    [("adobe", s, "PGA", "g", m, 0.5, "made up") for s, m in zip(WORSE, (0.1, 0.2, 0.3, 0.4), strict=True)],
    columns=["asset_class", "damage_state", "intensity_measure", "unit", "median", "beta", "source"],
)
CLASSES = pd.Series(["adobe", "adobe", "adobe"], index=["a", "b", "c"])
SHAKING = pd.DataFrame({"PGA": [0.0, 0.15, 0.3]}, index=CLASSES.index)


def test_probabilities_are_those_of_lognormal_functions():
    """Origin: scipy's normal distribution at ln(IM / median) / beta."""
    found = damage_probabilities(CLASSES, SHAKING, OWN)
    for building, pga in SHAKING["PGA"].items():
        reached = [1.0, *(norm.cdf(np.log(pga / m) / 0.5) if pga else 0.0 for m in (0.1, 0.2, 0.3, 0.4)), 0.0]
        assert found.loc[building].tolist() == pytest.approx([-b for b in np.diff(reached)], abs=1e-12)
    assert found.columns.tolist() == ["none", *WORSE]
    assert found.attrs["assumed"] == ()


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_draws_have_those_probabilities_whatever_the_correlation(correlation):
    draws = 4000
    blocks = pd.Series(["west", "west", "west"], index=CLASSES.index)
    states = damage_states(CLASSES, SHAKING, OWN, draws=draws, seed=3, block=blocks, correlation=correlation)
    expected = damage_probabilities(CLASSES, SHAKING, OWN).to_numpy()
    share = np.stack([(states == k).mean(axis=1) for k in range(5)], axis=1)
    assert (np.abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / draws) + 1e-12).all()


def test_a_shared_residual_makes_buildings_of_a_zone_alike():
    """Origin: with a correlation of 1 two equal buildings under equal shaking are in one state; elsewhere not."""
    shaking = pd.DataFrame({"PGA": [0.2, 0.2, 0.2]}, index=CLASSES.index)
    blocks = pd.Series(["west", "west", "east"], index=CLASSES.index)
    states = damage_states(CLASSES, shaking, OWN, draws=200, block=blocks, correlation=1.0).to_numpy()
    assert (states[0] == states[1]).all()
    assert (states[0] != states[2]).any()


def test_a_draw_is_that_of_a_simulation_and_depends_on_its_number_alone():
    figures, classes = load_parameters(), pd.Series(["W1.high_code", "URML.pre_code"] * 20)
    shaking = pd.DataFrame({"PGA": np.linspace(0.05, 0.9, 40)})
    count, zeros = len(classes), np.zeros(len(classes))
    listed = Assets(
        asset_class=classes,
        repair_class=pd.Series("RES1", classes.index),
        site=np.zeros((count, 2)),
        replacement_cost=zeros + 1,
        floor_area=zeros + 1,
        length=zeros,
        block=zeros.astype(int),
        trade=zeros.astype(int),
        trades=("building",),
        buildings=count,
        nodes=0,
    )
    seeds = np.random.SeedSequence(7).spawn(3)
    whole = draw_block(
        {"PGA": shaking["PGA"].to_numpy()},
        fragilities(figures, classes, ["PGA"], listed.block, 0.3),
        consequences(listed, figures, {"building": 1}),
        None,
        seeds,
    )
    states = damage_states(classes, shaking, draws=3, seed=7, block=pd.Series("a", classes.index), correlation=0.3)
    assert (whole.damage_state == states.to_numpy().T).all()
    assert damage_states(classes, shaking, draws=1, seed=7)[0].equals(
        damage_states(classes, shaking, draws=9, seed=7)[0]
    )


def test_a_measure_that_stands_for_another_is_said():
    classes = pd.Series(["HWB5"], index=["bridge"])
    found = damage_probabilities(classes, pd.DataFrame({"SA1.0": [0.4]}, index=["bridge"]))
    assert found.attrs["assumed"] == ("no ground failure: the hazard gives no PGD (1 asset of HWB5)",)


def test_costs_are_ratio_times_value():
    """Origin: own round ratios, by hand."""
    table = pd.DataFrame(
        [("barn", s, r, 1.0, "made up") for s, r in zip(WORSE, (0.1, 0.2, 0.5, 1.0), strict=True)],
        columns=["asset_class", "damage_state", "repair_cost_ratio", "repair_days", "source"],
    )
    states = pd.DataFrame([[0, 1, 2], [3, 4, 0]], index=["x", "y"])
    cost = repair_costs(states, pd.Series({"x": "barn", "y": "barn"}), pd.Series({"x": 1000.0, "y": 200.0}), table)
    assert cost.to_numpy().tolist() == [[0.0, 100.0, 200.0], [100.0, 200.0, 0.0]]
    assert cost.index.equals(states.index)


@pytest.mark.parametrize(
    ("classes", "shaking", "message"),
    [
        (CLASSES, SHAKING.iloc[::-1], "column intensity: its index is not that of the buildings"),
        (
            CLASSES,
            SHAKING.assign(PGA=[0.1, np.nan, -1]),
            r"(?s)2 errors.*building b, column PGA: is missing.*building c",
        ),
        (CLASSES, SHAKING.assign(PGA=["0.1", "x", "0.2"]), "building b, column PGA: .* no number"),
        (CLASSES.mask(CLASSES.index == "b"), SHAKING, "building b, column asset_class: has none"),
        (CLASSES.replace("adobe", "igloo"), SHAKING, '"igloo" has no complete fragility function; 3 assets'),
        (CLASSES.replace("adobe", "PWP.B"), SHAKING, '"PWP.B" is a class of pipes'),
    ],
)
def test_what_does_not_fit_is_named(classes, shaking, message):
    for call in (damage_probabilities, damage_states):
        with pytest.raises(TableError, match=message):
            call(classes, shaking, OWN)


def test_unknown_measures_draws_zones_and_tables_are_refused():
    with pytest.raises(UnknownName, match='"pga" is not a known intensity measure'):
        damage_states(CLASSES, SHAKING.rename(columns=str.lower), OWN)
    with pytest.raises(TableError, match="0 draws; give at least 1"):
        damage_states(CLASSES, SHAKING, OWN, draws=0)
    with pytest.raises(TableError, match="column block: its index"):
        damage_states(CLASSES, SHAKING, OWN, block=pd.Series(["w"], index=["a"]), correlation=0.5)
    with pytest.raises(TableError, match="is no correlation"):
        damage_states(CLASSES, SHAKING, OWN, correlation=2.0)
    with pytest.raises(TableError, match="column median"):
        damage_states(CLASSES, SHAKING, OWN.assign(median=-1.0))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"states": pd.DataFrame({0: [0, 5]}, index=["x", "y"])}, "building y, column state: is none of 0 to 4"),
        ({"occupancy": pd.Series({"x": "RES1", "y": None})}, "building y, column occupancy: has none"),
        ({"occupancy": pd.Series({"x": "RES1", "y": "RES99"})}, '"RES99" has no complete set of rows'),
        ({"replacement_cost": pd.Series({"x": 1.0, "y": np.nan})}, "building y, column replacement_cost: is missing"),
        ({"replacement_cost": pd.Series({"y": 1.0, "x": 1.0})}, "column replacement_cost: its index is not that"),
    ],
)
def test_costs_of_what_does_not_fit_are_refused(changes, message):
    given = {
        "states": pd.DataFrame({0: [0, 4]}, index=["x", "y"]),
        "occupancy": pd.Series({"x": "RES1", "y": "RES1"}),
        "replacement_cost": pd.Series({"x": 1.0, "y": 1.0}),
    }
    with pytest.raises(TableError, match=message):
        repair_costs(**{**given, **changes})
