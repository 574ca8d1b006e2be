"""Cells that moved under a frozen model, and the feature that was changed as their driver."""

import numpy as np
import pandas as pd

from holdfast.rating.analysis.moved_cells import moved_cells
from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import apply_model, rate_cells

RNG = np.random.default_rng(8)
CELLS = pd.DataFrame(RNG.normal(size=(200, 3)), columns=["a", "b", "c"], index=[f"c{i:03d}" for i in range(200)])
FIRST = rate_cells(CELLS, {"a": 1, "b": 1, "c": -1}, options=FitOptions("graded", refits=3))


def table(rating, features):
    levels = pd.DataFrame({"level": rating.levels}).join(level_range(rating.probabilities))
    return levels.join(features)


def test_what_was_changed_is_what_moves():
    """Origin: of a tenth of the cells one feature is set far out; under frozen cuts no other cell can move."""
    far = CELLS.copy()
    worse, better = CELLS.index[:10], CELLS.index[10:20]
    far.loc[worse, "c"], far.loc[better, "b"] = 9.0, 9.0
    second = apply_model(FIRST.model, far)
    found = moved_cells(table(FIRST, CELLS), table(second, far), FIRST.model)
    assert set(found.index) <= {*worse, *better}
    assert len(found) >= 10
    for cells, name, sign in ((worse, "c", -1), (better, "b", 1)):
        rows = found.loc[found.index.intersection(cells)]
        assert (rows["driver"] == name).all()
        assert (np.sign(rows["after"] - rows["before"]) == sign).all()
        assert (rows["driver_after"] == 9.0).all()


def test_beyond_needs_both_ranges():
    """By hand: from 2 (range 1 to 2) to 4 (4 to 5) is beyond; to 4 (2 to 5) is not, since 2 lies in its range."""
    before = pd.DataFrame({"level": [2, 2, 3], "level_low": [1, 1, 3], "level_high": [2, 2, 3]}, index=["x", "y", "z"])
    after = pd.DataFrame({"level": [4, 4, 3], "level_low": [4, 2, 3], "level_high": [5, 5, 3]}, index=["x", "y", "z"])
    zero = pd.DataFrame(0.0, index=before.index, columns=["a", "b", "c"])
    found = moved_cells(before.join(zero), after.join(zero), FIRST.model)
    assert found["beyond"].to_dict() == {"x": True, "y": False}
    assert (found["driver"] == "").all()  # none of their own features changed


def test_nothing_moves_where_nothing_changed():
    assert moved_cells(table(FIRST, CELLS), table(FIRST, CELLS), FIRST.model).empty
