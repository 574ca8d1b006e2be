"""Work of network repairs: hours by hand, provisional service never later than the repair, off as before.

By hand: a break of a 300 mm main takes 2 + 10 + 3 = 15 hours of a crew, 1.5 days of 10 hours; of a 100 mm one
2 + 6 + 2 = 10, and 10 more for its service connections; a leak 1 + 3 + 1 + 10 = 15.
"""

import numpy as np
import pytest

from holdfast.data import packaged
from holdfast.recovery.damage.assets import by_state
from holdfast.recovery.damage.repair_work import pipe_crew_days, provisional_days, work_by_diameter
from holdfast.recovery.settings.parameters import load_parameters


def test_hours_by_hand():
    own = np.array([[9.0, 9.0], [0.5, 1.0]])
    row, days = work_by_diameter(np.array([1, 1, 1, 0]), own, np.array([0.1, 0.3, np.nan, np.nan]))
    assert days[row] == pytest.approx(np.array([[1.5, 2.0], [0.9, 1.5], [0.5, 1.0], [9.0, 9.0]]))


def test_larger_pipes_and_breaks_take_longer():
    sizes, days = pipe_crew_days()
    assert sizes[0] == 0
    # service connections hang on small mains, so that these are compared without them
    assert (np.diff(days[1:], axis=0) > 0).all()
    assert (days[:, 1] > days[:, 0]).all()


def test_provisional_service_is_known_for_classes_that_exist_and_comes_before_the_repair():
    kinds = packaged("provisional_service")["asset_class"].unique().astype(object)
    repair = by_state(load_parameters().repair, "repair_days", kinds)
    assert (repair[:, 4] > 0).all()
    known = np.isfinite(provisional_days(kinds))
    assert known.any(axis=1).all()
    assert (provisional_days(kinds)[known] <= np.ceil(repair)[known]).all()


def test_low_and_high_hold_the_figures_between_them():
    work, service = packaged("pipe_work"), packaged("provisional_service")
    hours = work[["isolate_hours", "repair_hours", "flush_hours", "connection_hours"]].sum(axis=1)
    assert (work["low"] <= hours).all()
    assert (hours <= work["high"]).all()
    assert (service["low"] <= service["days"]).all()
    assert (service["days"] <= service["high"]).all()
