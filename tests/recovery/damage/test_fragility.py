"""Fragility functions by class: measures, conversions, closed form, and refusals."""

import numpy as np
import pandas as pd
import pytest
from cities import STATES, parameters
from scipy.stats import norm

from holdfast.errors import TableError
from holdfast.recovery.damage.fragility import exceedance, fragilities, substitutions
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.types import Parameters


@pytest.fixture(scope="module")
def real() -> Parameters:
    return load_parameters()


def table_of(*rows):
    """Fragility table of one class per row: name, measure, medians, beta."""
    return pd.DataFrame(
        [(k, s, m, "g", v, beta) for k, m, values, beta in rows for s, v in zip(STATES, values, strict=True)],
        columns=["asset_class", "damage_state", "intensity_measure", "unit", "median", "beta"],
    )


def test_classes_are_shared_and_tables_stay_small(real):
    names = pd.Series(["W1.high_code", None, "HWB5", "W1.high_code", ""])
    functions = fragilities(real, names, ["PGA", "SA1.0", "PGD"])
    assert functions.classes == ("", "HWB5", "W1.high_code")
    assert functions.kind.tolist() == [2, 0, 1, 2, 0]
    assert np.diff(functions.slot).tolist() == [0, 2, 1]  # a bridge answers to shaking and to ground failure
    assert set(functions.measures) == {"PGA", "SA1.0", "PGD"}
    assert len(functions.log_median) == 3
    assert functions.substituted.empty
    assert substitutions(functions.substituted) == ()


def test_closed_form_of_two_measures(real):
    """Origin: scipy's normal distribution; medians of HWB5 by hand from simcenter-dlml 3.2."""
    functions = fragilities(real, pd.Series(["HWB5"]), ["SA1.0", "PGD"])
    shaking = norm.cdf(np.log(0.4 / np.array([0.25, 0.35, 0.45, 0.7])) / 0.6)
    ground = norm.cdf(np.log(12 / (2.54 * np.array([3.9, 3.9, 3.9, 13.8]))) / 0.2)
    expected = 1 - (1 - shaking) * (1 - ground)
    assert exceedance(functions, 1, {"SA1.0": 0.4, "PGD": 12.0}) == pytest.approx(expected, rel=1e-12)
    assert exceedance(functions, 1, {"SA1.0": 0.0, "PGD": 0.0}).tolist() == [0, 0, 0, 0]


def test_ground_failure_is_left_out_where_the_hazard_gives_none(real):
    functions = fragilities(real, pd.Series(["HWB5", "HRD1", "HRD1"]), ["SA1.0"])
    assert functions.measures == ("SA1.0",)
    (words,) = substitutions(functions.substituted)
    assert "no ground failure" in words
    assert "2 assets of HRD1" in words
    assert np.diff(functions.slot)[functions.classes.index("HRD1")] == 0


def test_a_converted_measure_moves_the_median_and_the_rate(real):
    """Origin: PGV = 100 cm/s per g (packaged rule): RR = 1e-4 (100 x 0.5)^2.25 = 0.6655 per km."""
    functions = fragilities(real, pd.Series(["PWP.B", "HWB5"]), ["PGA"])
    assert functions.measures == ("PGA",)
    assert functions.substituted.query("asset_class == 'PWP.B'")["rule"].tolist() == ["", "100 x PGA"]
    assert sum("taken as" in words for words in substitutions(functions.substituted)) == 2
    rate, exponent, leaks = functions.rate[functions.slot[functions.classes.index("PWP.B")]]
    assert rate * 0.5**exponent * 1000 == pytest.approx(1e-4 * 50**2.25)
    assert leaks == 0.8


def test_a_measure_that_cannot_be_had_is_refused_with_its_classes(real):
    with pytest.raises(TableError, match=r"3 assets of W1.high_code need PGA; the hazard gives PGV"):
        fragilities(real, pd.Series(["W1.high_code"] * 3), ["PGV"])


def test_unknown_and_incomplete_classes_are_named_with_their_count():
    with pytest.raises(TableError, match=r'"W9" has no complete fragility function; 2 assets'):
        fragilities(parameters(), pd.Series(["W9", "weak", "W9"]), ["PGA"])
    part = parameters(fragility=parameters().fragility.query("damage_state != 'slight'"))
    with pytest.raises(TableError, match='"weak" has no complete'):
        fragilities(part, pd.Series(["weak"]), ["PGA"])


def test_falling_medians_are_refused():
    own = parameters(fragility=table_of(("A", "PGA", (0.2, 0.1, 0.4, 0.3), 0.5)))
    with pytest.raises(
        TableError, match=r"(?s)2 errors.*A, PGA: moderate at 0.1 lies below slight at 0.2.*complete at 0.3"
    ):
        fragilities(own, pd.Series(["A"]), ["PGA"])


@pytest.mark.parametrize("beta", [0.0, -0.4, np.nan])
def test_a_deviation_that_is_not_positive_is_refused(beta):
    own = parameters(fragility=table_of(("A", "PGA", (0.1, 0.2, 0.3, 0.4), beta)))
    with pytest.raises(TableError, match=r"A, slight: .* is no standard deviation"):
        fragilities(own, pd.Series(["A"]), ["PGA"])


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("unit", "m/s2", r'weak: PGA in "m/s2"; hazards give g: convert'),
        ("intensity_measure", "MMI", r'weak: "MMI" is no intensity measure; known: PGA'),
    ],
)
def test_another_unit_or_measure_is_refused(column, value, message):
    table = parameters().fragility.assign(**{column: value})
    with pytest.raises(TableError, match=message):
        fragilities(parameters(fragility=table), pd.Series(["weak"]), ["PGA"])


@pytest.mark.parametrize("correlation", [-0.1, 1.1])
def test_a_correlation_outside_0_to_1_is_refused(correlation):
    with pytest.raises(TableError, match=r"column damage_correlation: .* is no correlation"):
        fragilities(parameters(), pd.Series(["weak"]), ["PGA"], np.array([0]), correlation)


def test_groups_are_block_and_class_and_their_keys_do_not_depend_on_the_others():
    names = pd.Series(["weak", "weak", "tough", "weak", None, "net"])
    block = np.array([0, 0, 0, 1, 1, -1])
    functions = fragilities(parameters(), names, ["PGA"], block, 0.3)
    g = functions.group.tolist()
    assert g[0] == g[1]
    assert len({g[0], g[2], g[3]}) == 3
    assert g[4:] == [-1, -1]
    fewer = fragilities(parameters(), names[:2], ["PGA"], block[:2], 0.3)
    assert fewer.group_key[0] == functions.group_key[g[0]]
    assert (fragilities(parameters(), names, ["PGA"], block, 0.0).group == -1).all()


def test_states_are_those_of_the_schema():
    from holdfast.recovery.damage.fragility import STATES as OURS
    from holdfast.tables import schema

    known = next(c.values for c in schema("usability") if c.column == "damage_state")
    assert known == OURS == ("none", *STATES)
