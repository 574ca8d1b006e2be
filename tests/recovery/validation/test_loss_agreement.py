"""Predicted losses beside observed ones: SciPy's rank correlation, biases by hand, and truths that were planted."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from holdfast.errors import TableError, UnknownName
from holdfast.recovery import flood_losses
from holdfast.recovery.validation import loss_agreement


def test_as_scipy_and_by_hand():
    rng = np.random.default_rng(3)
    observed = pd.Series(rng.uniform(size=60).round(1))  # with ties
    predicted = pd.DataFrame({"curve": observed + rng.normal(0, 0.2, 60) - 0.1, "depth": rng.uniform(0, 3, 60)})
    found = loss_agreement(predicted, observed, "depth", resamples=200)
    for name in predicted:
        assert found.loc[name, "rho"] == pytest.approx(stats.spearmanr(predicted[name], observed)[0])
        assert found.loc[name, "bias"] == pytest.approx((predicted[name] - observed).mean())
    assert found.loc["depth", ["more", "more_low", "more_high"]].tolist() == [0, 0, 0]
    assert found.loc["curve", "more"] == pytest.approx(found.loc["curve", "rho"] - found.loc["depth", "rho"])


def test_interval_of_the_bias_is_that_of_a_mean():
    """Origin: the normal interval of a mean of 400 values, which resampling comes near."""
    rng = np.random.default_rng(4)
    observed = pd.Series(rng.normal(0.5, 0.1, 400))
    predicted = pd.DataFrame({"curve": observed + rng.normal(0.05, 0.1, 400)})
    found = loss_agreement(predicted, observed, "curve").loc["curve"]
    off = predicted["curve"] - observed
    half = 1.96 * off.std() / 20
    assert found[["bias_low", "bias_high"]].tolist() == pytest.approx(
        [off.mean() - half, off.mean() + half], abs=0.15 * half
    )


def test_intervals_hold_a_planted_correlation():
    """Of 100 samples of 80 buildings with normal ranks and a correlation of 0.6, Spearman's rho (6/pi) asin(0.3) lies in about 95."""
    rng, inside, true = np.random.default_rng(5), 0, 6 / np.pi * np.arcsin(0.3)
    for _ in range(100):
        x, noise = rng.normal(size=(2, 80))
        observed = pd.Series(0.6 * x + 0.8 * noise)
        found = loss_agreement(pd.DataFrame({"x": x}), observed, "x", resamples=300).loc["x"]
        inside += found["rho_low"] <= true <= found["rho_high"]
    assert inside >= 95 - 4 * np.sqrt(100 * 0.95 * 0.05)


def test_planted_losses_are_told_from_depth_alone():
    """Losses drawn from one set, of houses with and without basement: its curve orders them better than depth, and has no bias."""
    rng = np.random.default_rng(6)
    homes = pd.DataFrame(
        {"occupancy": "RES1", "stories": rng.integers(1, 3, 400), "foundation": rng.choice(["slab", "pier"], 400)}
    )
    depth = pd.Series(rng.uniform(0.5, 3.5, 400))
    curve = flood_losses(homes, depth, curves="usace")["structure"]
    observed = (curve + rng.normal(0, 0.03, 400)).clip(0, 1)
    other = flood_losses(homes, depth, curves="jrc", continent="Asia")["structure"]
    found = loss_agreement(
        pd.DataFrame({"own": curve, "other": other, "depth": depth}), observed, "depth", resamples=500
    )
    assert found.loc["own", "more_low"] > 0
    assert found.loc["own", "bias_low"] <= 0.005
    assert found.loc["own", "bias_high"] >= -0.005
    assert found.loc["other", "bias_low"] > 0


def test_what_cannot_be_compared_is_refused():
    few = pd.DataFrame({"depth": np.arange(5.0)})
    with pytest.raises(TableError, match="at least 10"):
        loss_agreement(few, few["depth"], "depth")
    many = pd.DataFrame({"depth": np.arange(12.0)})
    with pytest.raises(TableError, match="all its values are the same"):
        loss_agreement(many, many["depth"] * 0, "depth")
    with pytest.raises(TableError, match="1 of 12 values are missing"):
        loss_agreement(many.mask(many > 10), many["depth"], "depth")
    with pytest.raises(TableError, match="align it"):
        loss_agreement(many, many["depth"].iloc[::-1], "depth")
    with pytest.raises(UnknownName, match="level"):
        loss_agreement(many, many["depth"], "level")
