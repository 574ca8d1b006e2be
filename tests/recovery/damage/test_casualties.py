"""People injured: hand-computed goldens, laws, refusals."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import TableError
from holdfast.recovery.damage.casualties import casualties, casualty_rates
from holdfast.recovery.settings.parameters import load_parameters


@pytest.fixture(scope="module")
def real():
    return load_parameters()


def test_golden(real):
    """Origin: Hazus EQ TM 6.1 rates, by hand.

    100 people in a complete C1M (collapse 10 %): killed .9 x .01 % + .1 x 10 % = 1.009 persons; hospital
    .9 x 1 % + .1 x 20 % = 2.9.
    """
    table = casualty_rates(pd.Series(["C1M.pre_code", "W1.high_code"]), real)
    found = casualties(np.array([[4, 0], [3, 3], [0, 4]]), table, np.array([100.0, 100.0]))
    assert found[0] == pytest.approx([0.9 * 5 + 0.1 * 40, 2.9, 0.9 * 0.01 + 0.1 * 5, 1.009])


def test_every_draw_is_counted(real):
    """More draws than buildings: each has the injured of its own states, and slight damage has some."""
    table = casualty_rates(pd.Series(["C1M.pre_code"]), real)
    found = casualties(np.array([[4], [1], [0], [4]]), table, np.array([100.0]))
    assert found[0] == pytest.approx(found[3])
    assert found[2].sum() == 0
    # Hazus: 0.05 % of those in a slightly damaged frame of concrete have a slight injury
    assert found[1] == pytest.approx([0.05, 0, 0, 0])


def test_no_damage_nobody_injured_and_twice_the_people_twice_the_injuries(real):
    table = casualty_rates(pd.Series(["URML.pre_code"]), real)
    one, two = (casualties(np.array([[4]]), table, np.array([n])) for n in (10.0, 20.0))
    assert two == pytest.approx(2 * one)
    assert casualties(np.array([[0]]), table, np.array([10.0])).sum() == 0


def test_worse_damage_injures_more_but_for_one_figure_of_the_manual(real):
    """Unreinforced masonry: severity 2 is .4 % in moderate and .2 % in extensive damage, kept as published."""
    kinds = [c for c in real.fragility["asset_class"].unique() if c.endswith("_code")]
    table = casualty_rates(pd.Series(kinds), real)
    falls = {(kinds[i].split(".")[0], s, k) for i, s, k in np.argwhere(np.diff(table.injured[table.kind], axis=1) < 0)}
    assert falls == {("URML", 2, 1), ("URMM", 2, 1)}
    assert (table.injured.sum(axis=2) <= 1).all()


def test_shares_that_sum_to_more_than_one_are_refused(real):
    bad = real.casualties.copy()
    bad.loc[(bad["structure_class"] == "W1") & (bad["damage_state"] == "collapse"), "severity_1"] = 0.9
    with pytest.raises(TableError, match=r"W1, collapse: shares sum to 1\.18"):
        casualty_rates(pd.Series(["W1.high_code"]), replace(real, casualties=bad))


def test_a_structure_without_rates_is_named(real):
    with pytest.raises(TableError, match='"X9": no row for slight'):
        casualty_rates(pd.Series(["X9.high_code"]), real)
    lean = real.collapse[real.collapse["structure_class"] != "W1"]
    with pytest.raises(TableError, match='"W1": no collapse share'):
        casualty_rates(pd.Series(["W1.high_code"]), replace(real, collapse=lean))


def test_the_script_makes_the_packaged_tables(data, tmp_path):
    root = Path(holdfast.__file__).parents[2]
    script = root / "scripts" / "make_casualty_tables.py"
    if not script.is_file():
        pytest.skip("installed without the repository")
    subprocess.run([sys.executable, str(script), "--data", str(data), "--out", str(tmp_path)], check=True)
    for name in ("casualties", "collapse"):
        assert (tmp_path / f"{name}.csv").read_bytes() == (root / "src/holdfast/data" / f"{name}.csv").read_bytes()


def test_both_copies_of_the_rates_agree(data):
    """The manual gives the same injury rates for buildings and for lifeline facilities, collapse apart."""
    source = json.loads((data / "parameters" / "hazus_data_eq_v6.1.json").read_text())
    first, second = (source[k]["Injury_rates"] for k in ("Lifeline_Facilities", "Structural_Fragility_Groups"))
    for state in ("DS1", "DS2", "DS3", "DS4"):
        assert first[state] == second[state]
    assert first["DS5"] == second["Collapse"]
