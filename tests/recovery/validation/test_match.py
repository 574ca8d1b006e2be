"""Golden values worked by hand; law: the day of a level against a search on a fine grid."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.validation.match import days_to_level, lost_days, matched, on_days

KEY = {"event": "storm", "quantity": "power", "area": "north", "unit": "share"}


def observed(values, **more):
    return pd.DataFrame([KEY | {"day": float(d), "value": v, "normal": np.nan} | more for d, v in enumerate(values)])


def predicted(rows, first=0, **more):
    return pd.DataFrame(
        [
            KEY | {"draw": n, "day": float(first + d), "value": v} | more
            for n, row in enumerate(rows)
            for d, v in enumerate(row)
        ]
    )


def test_what_was_known_and_what_is_scored():
    (pair,), alone = matched(observed([0.2, 0.4, 0.6, 0.8, 1.0]), predicted([[0.4, 0.5, 0.6]], first=1))
    assert pair.known_days.tolist() == [0, 1]
    assert pair.days.tolist() == [2, 3]
    assert pair.observed.tolist() == [0.6, 0.8]
    assert alone.empty


def test_values_become_shares_of_a_normal_day():
    unit = {"unit": "persons"}
    (pair,), _ = matched(observed([100, 200], normal=400.0, weight=7.0, **unit), predicted([[100, 300]], **unit))
    assert pair.observed.tolist() == [0.5]
    assert pair.draws.tolist() == [[0.25, 0.75]]
    assert pair.weight == 7.0


def test_of_what_a_normal_day_has_none_of_the_share_that_is_gone_counts():
    unit = {"unit": "persons"}
    (pair,), _ = matched(observed([50, 200, 20, 0], normal=0.0, **unit), predicted([[200, 100, 0]], first=1, **unit))
    assert pair.observed.tolist() == [0.9, 1.0]
    assert pair.draws.tolist() == [[0.0, 0.5, 1.0]]


def test_what_is_on_one_side_alone_is_told():
    other = predicted([[1.0, 1.0]]).assign(area="south")
    pairs, alone = matched(observed([0.5, 0.6]), other)
    assert pairs == []
    assert set(alone["why"]) == {"observed, not predicted", "predicted, not observed"}


@pytest.mark.parametrize(
    ("seen", "told", "message"),
    [
        (observed([0.5, 0.6]), predicted([[1.0, 1.0]], unit="percent"), "units differ"),
        (observed([5, 6], unit="persons"), predicted([[5, 6]], unit="persons"), "value of a normal day"),
        (pd.concat([observed([0.5, 0.6])] * 2), predicted([[1.0, 1.0]]), "stands in two rows"),
        (observed([0.5, 0.6]), predicted([[1.0, 1.0]]).iloc[[0, 1, 0]], "one value on every day"),
    ],
)
def test_what_does_not_fit_is_named(seen, told, message):
    with pytest.raises(TableError, match=message):
        matched(seen, told)


def test_draws_lie_on_straight_lines_between_their_days():
    found = on_days(np.array([0.0, 0.5, 2.0]), np.array([0.0, 1.0, 3.0]), np.array([[0.0, 1.0, 0.0]]))
    assert found.tolist() == [[0.0, 0.5, 0.5]]


def test_day_of_a_level_against_a_fine_grid():
    rng = np.random.default_rng(1)
    days = np.sort(rng.uniform(0, 20, 12))
    for _ in range(200):
        share = np.clip(rng.uniform(0, 1.2, 12), 0, 1)
        fine = np.linspace(days[0], days[-1], 200_001)
        below = np.interp(fine, days, share) < 0.6
        found = float(days_to_level(days, share, 0.6))
        if below[-1]:
            assert found == np.inf
        else:
            last = np.flatnonzero(below)
            assert found == pytest.approx(fine[last[-1] + 1] if last.size else days[0], abs=2e-4)


def test_lost_days_of_a_linear_recovery_are_half_its_time():
    assert lost_days(np.linspace(0, 10, 11), np.linspace(0, 1, 11)) == pytest.approx(5.0)
