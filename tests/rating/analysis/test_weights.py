"""Effective weights against independent calculations."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.rating.analysis.weights import grouped, main_effect, relative_weights


def explained(columns: np.ndarray, target: np.ndarray) -> float:
    """R2 of a regression with a constant."""
    base = np.column_stack([np.ones(len(target)), columns])
    left = target - base @ np.linalg.lstsq(base, target, rcond=None)[0]
    return 1 - left.var() / target.var()


@pytest.fixture(scope="module")
def cells():
    """Synthetic features that vary together, and levels from a weighted sum with noise."""
    generator = np.random.default_rng(0)
    common = generator.normal(size=(600, 1))
    scaled = pd.DataFrame(0.7 * common + generator.normal(size=(600, 5)), columns=list("abcde"))
    scaled = (scaled - scaled.mean()) / scaled.std(ddof=0)
    score = scaled @ np.array([2.0, 1.0, 0.5, 0.0, -0.5]) + generator.normal(size=600)
    return scaled, pd.Series(np.digitize(score, np.quantile(score, [0.2, 0.4, 0.6, 0.8])) + 1)


def test_weights_sum_to_the_explained_variance(cells):
    """Origin: R2 by least squares."""
    scaled, levels = cells
    table, share = relative_weights(scaled, levels)
    assert share == pytest.approx(explained(scaled.to_numpy(), levels.to_numpy()), rel=1e-9)
    assert table["weight"].sum() == pytest.approx(1)
    assert table["nominal"].sum() == pytest.approx(1)


def test_weights_come_close_to_shapley_shares(cells):
    """Origin: mean gain in R2 over all orders of entry (Lindeman, Merenda & Gold 1980), all subsets one by one."""
    scaled, levels = cells
    values, target = scaled.to_numpy(), levels.to_numpy(float)
    known = {
        subset: explained(values[:, subset], target) if subset else 0.0
        for size in range(6)
        for subset in itertools.combinations(range(5), size)
    }
    shares = np.zeros(5)
    for feature in range(5):
        for subset in known:
            if feature not in subset:
                order = math.factorial(len(subset)) * math.factorial(4 - len(subset)) / math.factorial(5)
                shares[feature] += order * (known[tuple(sorted((*subset, feature)))] - known[subset])
    table, share = relative_weights(scaled, levels)
    assert np.allclose(table["weight"] * share, shares, atol=0.02)


def test_independent_features_weigh_their_squared_correlation():
    design = pd.DataFrame(np.array(list(itertools.product([-1.0, 1.0], repeat=4)))[:, :3], columns=list("abc"))
    target = 3 * design["a"] + 2 * design["b"] + 1 * design["c"]
    table, share = relative_weights(design, target)
    assert share == pytest.approx(1)
    assert np.allclose(table["weight"], np.array([9, 4, 1]) / 14)


def test_a_feature_entered_twice_shares_its_weight(cells):
    """Two copies weigh alike, nothing else breaks, and together they are one table."""
    scaled, levels = cells
    table, share = relative_weights(scaled.assign(copy=scaled["a"]), levels)
    assert table["weight"]["a"] == pytest.approx(table["weight"]["copy"])
    assert share == pytest.approx(explained(scaled.to_numpy(), levels.to_numpy()))
    sums = grouped(table, {**dict.fromkeys("bcde", "other"), "a": "towers", "copy": "towers"})
    assert sums.loc["towers", "features"] == 2
    assert sums["weight"].sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 100), st.floats(-50, 50), st.permutations(list("abcde")))
def test_weights_know_neither_units_nor_order(scale, shift, order):
    generator = np.random.default_rng(1)
    scaled = pd.DataFrame(generator.normal(size=(80, 5)), columns=list("abcde"))
    levels = pd.Series(generator.integers(1, 6, 80))
    first, _ = relative_weights(scaled, levels)
    second, _ = relative_weights(scaled[order] * scale + shift, levels)
    assert np.allclose(second.loc[list("abcde"), "weight"], first["weight"], atol=1e-6)


def test_the_main_effect_sees_a_curve_and_ignores_noise():
    values = pd.Series(np.random.default_rng(0).normal(size=2000))
    assert main_effect(values, values.abs()) > 0.9
    assert main_effect(values, pd.Series(np.random.default_rng(1).normal(size=2000))) < 0.02
    assert np.isnan(main_effect(values, values * 0))
