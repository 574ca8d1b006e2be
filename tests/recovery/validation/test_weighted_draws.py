"""Draws weighted by observations.

By hand, one curve, one observation at .5 with errors .3 (observed) and .4 (model): the variance is .25. Draws at .5 and 1 have
the misfits 0 and 1, hence weights 1 : exp(-1/2), .6225 and .3775, worth 1 / (.6225^2 + .3775^2) = 1.887 draws.
Two days a memory apart have the model's covariance .16 / e = .05886 between them.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import TableError
from holdfast.recovery.validation.weighted_draws import Discrepancy, forecast, nowcast, resampled, weighted_percentiles

KEY = {"event": "e", "quantity": "power", "area": "a", "unit": "share"}
ERRORS = Discrepancy(observation=0.3, model=0.4, memory=5.0)


def curves(values, days, **changed):
    """A row per draw and day."""
    return pd.DataFrame(
        [
            KEY | changed | {"draw": i, "day": d, "value": v}
            for i, row in enumerate(values)
            for d, v in zip(days, row, strict=True)
        ]
    )


def seen(values, days, **changed):
    return pd.DataFrame(
        [KEY | changed | {"day": d, "value": v, "normal": 1.0} for d, v in zip(days, values, strict=True)]
    )


def test_weights_by_hand():
    two = nowcast(seen([0.5], [1.0]), curves([[0, 0.5], [0, 1.0]], [0, 1]), discrepancy=ERRORS, least_effective=0)
    # two draws can never be worth ten: both are kept, alike
    assert two.weights == pytest.approx([0.5, 0.5], abs=1e-6)
    many = nowcast(seen([0.5], [1.0]), curves([[0, 0.5], [0, 1.0]] * 20, [0, 1]), discrepancy=ERRORS, least_effective=0)
    assert many.exponent == 1
    assert many.effective == pytest.approx(20 * 1.887, abs=0.01)
    assert many.weights[:2] / many.weights[:2].sum() == pytest.approx([0.6225, 0.3775], abs=1e-4)


def test_errors_that_last_count_for_less_than_independent_ones():
    """Residuals of (.5, .5) five days apart: 2 x .25 / (.25 + .05886) = 1.6188, not 2; by the inverse of a 2 x 2 matrix."""
    draws = curves([[0, 0.5, 0.5], [0, 1.0, 1.0]] * 20, [0, 1, 6])
    found = nowcast(seen([0.5, 0.5], [1.0, 6.0]), draws, discrepancy=ERRORS, least_effective=0)
    ratio = found.weights[1] / found.weights[0]
    assert -2 * np.log(ratio) == pytest.approx(2 * 0.25 / (0.25 + 0.16 * np.exp(-1)), rel=1e-9)


def test_a_gaussian_ensemble_gives_the_known_posterior():
    """Draws from N(m, s), one observation y with variance v: mean (m v + y s^2) / (v + s^2), variance v s^2 / (v + s^2)."""
    s, v, y = 0.2, 0.1**2 + 0.05**2, 0.9
    level = np.random.default_rng(2).normal(0.5, s, 200_000)
    days = [0.0, 1.0]
    table = pd.DataFrame(
        {
            **KEY,
            "draw": np.repeat(np.arange(level.size), 2),
            "day": np.tile(days, level.size),
            "value": np.repeat(level, 2),
        }
    )
    found = nowcast(seen([y], [1.0]), table, discrepancy=Discrepancy(0.05, 0.1, 14.0), least_effective=0)
    mean = (0.5 * v + y * s**2) / (v + s**2)
    spread = np.sqrt(v * s**2 / (v + s**2))
    last = found.bands.set_index("day").loc[1.0]
    assert last["after_p50"] == pytest.approx(mean, abs=0.005)
    assert last["after_p95"] - last["after_p5"] == pytest.approx(2 * 1.645 * spread, rel=0.02)


def test_every_curve_of_a_draw_has_its_weight():
    """Power was seen; water of the same draws moves with it, and what is not observed keeps its unit."""
    days = [0.0, 5.0, 10.0]
    speed = np.linspace(0.0, 0.1, 50)[:, None] * np.array(days)
    table = pd.concat([curves(speed, days), curves(100 * speed, days, quantity="water", unit="m3")], ignore_index=True)
    found = nowcast(seen([0.5], [5.0]), table, discrepancy=Discrepancy(0.01, 0.01, 5.0))
    water = found.bands[found.bands["quantity"] == "water"].set_index("day").loc[10.0]
    assert water["unit"] == "m3"
    assert water["after_p50"] > 90 > 60 > water["before_p50"]


def test_later_observations_do_not_weigh_and_are_shown():
    days = [0.0, 5.0, 10.0]
    table = curves(np.linspace(0.0, 0.1, 50)[:, None] * np.array(days), days)
    observed = seen([0.1, 0.9], [5.0, 10.0])
    early = nowcast(observed, table, until=5)
    assert early.weights.tolist() == nowcast(observed.head(1), table).weights.tolist()
    assert early.used["known"].tolist() == [True, False]
    rest = forecast(table, early)
    assert rest["day"].min() == 5
    assert rest["draw"].nunique() == 50
    assert rest["fitted"].unique().tolist() == ["weights, by observations to day 5"]
    # the median of the resampled draws is that of the weights, within one draw
    late = rest[rest["day"] == 10]["value"].median()
    assert late == pytest.approx(early.bands.set_index("day").loc[10.0, "after_p50"], abs=0.021)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40).filter(lambda w: sum(w) > 1e-6))
def test_resampling_keeps_the_number_and_is_within_one_of_the_share(weights):
    share = np.array(weights) / sum(weights)
    copies = resampled(share)
    assert copies.sum() == len(share)
    assert (np.abs(copies - len(share) * share) < 1 + 1e-9).all()


def test_percentiles_of_equal_weights_are_those_of_numpy():
    values = np.random.default_rng(1).normal(size=(3, 21))
    made = weighted_percentiles(values, np.full(21, 1 / 21), [5, 50, 95])
    assert made == pytest.approx(np.percentile(values, [5, 50, 95], axis=-1, method="inverted_cdf"))


def test_what_does_not_fit_is_refused():
    table = curves([[0, 0.5], [0, 1.0]], [0, 1])
    with pytest.raises(TableError, match=r"no observation up to day 0\.5"):
        nowcast(seen([0.5], [1.0]), table, until=0.5)
    with pytest.raises(TableError, match="every curve needs the same draws"):
        nowcast(seen([0.5], [1.0]), pd.concat([table, curves([[0, 1.0]], [0, 1], area="b")]))
