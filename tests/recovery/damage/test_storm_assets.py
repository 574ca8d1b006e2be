"""Network assets in a storm: streets and lines get classes, and nothing is repaired under water."""

import numpy as np
import pandas as pd

from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.fragility import exceedance, fragilities, substitutions
from holdfast.recovery.damage.storm_assets import is_storm, under_water
from holdfast.recovery.settings.parameters import load_parameters


def test_what_does_not_strike_has_no_part():
    """A substation has functions of shaking, water and gusts; a flood takes that of water alone, and says who has none."""
    parameters, classes = load_parameters(), pd.Series(["EP.S.L.A", "PWP.D", "STREET"])
    wet = fragilities(parameters, classes, ("depth",))
    assert wet.measures == ("depth",)
    told = substitutions(wet.substituted)
    assert any("nothing is washed out" in t for t in told)
    assert any("1 asset of PWP.D" in t and "water damages none" in t for t in told)
    shaken = fragilities(parameters, classes[:2], ("PGA", "PGV"))
    assert set(shaken.measures) == {"PGA", "PGV"}
    windy = fragilities(parameters, classes, ("gust",))
    assert windy.measures == ("gust",)


def test_a_street_is_closed_from_three_tenths_of_a_metre():
    """Origin: packaged table storm_fragility, half of the streets at 0.3 m; washed out by 3 m/s in half."""
    both = fragilities(load_parameters(), pd.Series(["STREET"]), ("depth", "velocity"))
    still = exceedance(both, 1, {"depth": 0.3, "velocity": 0.0})
    np.testing.assert_allclose(still[1], 0.5, atol=1e-9)
    assert still[2] < 1e-9
    np.testing.assert_allclose(exceedance(both, 1, {"depth": 0.3, "velocity": 3.0})[2], 0.5, atol=1e-6)


def test_repairs_wait_for_the_water():
    state = np.array([0, 2, 2, 0], dtype=np.int8)
    zero = np.zeros(4)
    damage = Damage(state, zero, zero, zero, np.array([9, 1, 1, 1]), *[zero] * 6)
    found = under_water(damage, np.array([2.0, 2.0, 0.0, 2.0]), 1, 4)
    assert found.delay.tolist() == [9, 5, 1, 1]
    assert is_storm(("gust",))
    assert not is_storm(("PGA",))
