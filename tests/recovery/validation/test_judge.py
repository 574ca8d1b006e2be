"""Golden values by hand; laws: a perfect prediction, permuted areas, the baselines' own knowledge."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from holdfast.recovery.validation import validate

DAYS = np.arange(0.0, 11.0)


def curve(area, rate):
    return np.minimum(0.2 + rate * DAYS, 1.0), area


def tables(rates, spread=0.0, draws=41, first=2):
    seen, told = [], []
    key = {"event": "synthetic storm", "quantity": "power", "unit": "share"}
    for n, rate in enumerate(rates):
        share, area = curve(f"area {n}", rate)
        seen += [
            key | {"area": area, "day": d, "value": v, "weight": 10.0 * (n + 1)}
            for d, v in zip(DAYS, share, strict=True)
        ]
        for draw, shift in enumerate(np.linspace(-spread, spread, draws)):
            told += [
                key | {"area": area, "draw": draw, "day": d, "value": v + shift}
                for d, v in zip(DAYS[first:], share[first:], strict=True)
            ]
    return pd.DataFrame(seen).assign(normal=1.0), pd.DataFrame(told)


def test_a_perfect_prediction():
    seen, told = tables([0.05, 0.1, 0.15, 0.2, 0.25])
    verdict = validate(seen, {"mine": told})
    row = verdict.scores.set_index("model").loc["simulated"]
    assert row["crps"] == pytest.approx(0, abs=1e-12)
    assert row["coverage_90"] == row["coverage_50"] == 1
    assert row["points"] == 5 * 8
    assert row["days_to_90_ratio"] == pytest.approx(1.0)
    order = verdict.order.set_index(["model", "measure"])["rho"]
    assert order["simulated", "days to 90%"] == 1.0


def test_times_by_hand():
    """0.2 + 0.1 d reaches one half on day 3, 90 % on day 7, 95 % on day 7.5; shifted by -0.1 a day later."""
    seen, told = tables([0.1])
    late = told.assign(value=told["value"] - 0.1)
    rows = validate(seen, {"late": late}).times
    own = rows[rows["model"] == "simulated"].set_index("level")
    np.testing.assert_allclose(own["observed"], [3.0, 7.0, 7.5])
    np.testing.assert_allclose(own["p50"], [4.0, 8.0, np.inf])
    assert own["error"].tolist()[:2] == pytest.approx([1.0, 1.0])
    assert np.isnan(own["error"].iloc[2])
    assert not own["inside_90"].any()


def test_levels_reached_before_the_prediction_are_no_achievement():
    seen, told = tables([0.25])  # 0.7 on day 2
    assert set(validate(seen, {"mine": told}).times["level"]) == {0.9, 0.95}


def test_coverage_by_hand():
    """Draws spread evenly over -0.2 to 0.2 about a curve that is 0.15 too high: inside the 90 %, not the 50 % band."""
    seen, told = tables([0.01], spread=0.2)
    row = validate(seen, {"wide": told.assign(value=told["value"] + 0.15)}).scores.set_index("model").loc["simulated"]
    assert (row["coverage_50"], row["coverage_90"]) == (0.0, 1.0)
    assert row["median_error"] == pytest.approx(0.15)


def test_days_on_which_all_is_whole_do_not_count_as_running():
    seen, told = tables([0.25])
    row = validate(seen, {"mine": told}).scores.set_index("model").loc["simulated"]
    assert row["points"] == 8
    assert row["running_points"] == 1  # day 3; from day 4 on all is whole


def test_baselines_know_no_more_than_the_prediction():
    seen, told = tables([0.1, 0.15])
    changed = seen.copy()
    changed.loc[changed["day"] > 2, "value"] = 0.5
    for model in ("persistence", "constant rate", "published exponential"):
        both = [validate(table, {"mine": told}).points for table in (seen, changed)]
        a, b = (p[p["model"] == model]["p50"].to_numpy() for p in both)
        assert len(a)
        np.testing.assert_array_equal(a, b)


def test_the_order_of_the_rows_changes_nothing():
    seen, told = tables([0.05, 0.1, 0.15, 0.2], spread=0.1)
    one, other = (
        validate(s, {"mine": t}).scores for s, t in ((seen, told), (seen[::-1], told.sample(frac=1, random_state=1)))
    )
    assert_frame_equal(one, other)


def test_what_was_fitted_is_told():
    seen, told = tables([0.1])
    assert (
        validate(seen, {"mine": told.assign(fitted="crew productivity")}).scores["fitted"].iloc[0]
        == "crew productivity"
    )
    assert validate(seen, {"mine": told.assign(fitted="no")}).scores["fitted"].iloc[0] == ""


def test_nothing_to_compare_gives_empty_tables():
    seen, told = tables([0.1])
    verdict = validate(seen, {"mine": told.assign(area="elsewhere")})
    assert verdict.scores.empty
    assert len(verdict.alone) == 2
