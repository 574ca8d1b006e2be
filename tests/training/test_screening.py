"""The tests behind the choice of features.

Origin of the goldens: scipy.stats (ttest_ind, f_oneway, kruskal) where weights are equal; statsmodels' DescrStatsW and
multipletests; Cohen's d, eta squared and epsilon squared by hand from their definitions.
"""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from holdfast.training.screening import (
    effective_number,
    holm,
    kept,
    kruskal_wallis,
    screen,
    student_t,
    variance_analysis,
)


@pytest.fixture
def data():
    rng = np.random.default_rng(4)
    group = rng.integers(0, 3, 240)
    return rng.normal(0, 1, 240) + 0.4 * group, group, rng


def test_student_t_is_scipys_with_equal_weights(data):
    value, group, _ = data
    first = group == 1
    t, p, d = student_t(value, first, np.full(value.size, 7.0))
    expected = scipy.stats.ttest_ind(value[first], value[~first])
    assert (t, p) == pytest.approx((expected.statistic, expected.pvalue))
    n1, n2 = first.sum(), (~first).sum()
    pooled = ((n1 - 1) * value[first].var(ddof=1) + (n2 - 1) * value[~first].var(ddof=1)) / (n1 + n2 - 2)
    assert d == pytest.approx((value[first].mean() - value[~first].mean()) / pooled**0.5)


def test_analysis_of_variance_is_scipys_with_equal_weights(data):
    value, group, _ = data
    f, p, eta = variance_analysis(value, group, np.ones(value.size))
    expected = scipy.stats.f_oneway(*[value[group == g] for g in range(3)])
    assert (f, p) == pytest.approx((expected.statistic, expected.pvalue))
    between = sum((group == g).sum() * (value[group == g].mean() - value.mean()) ** 2 for g in range(3))
    assert eta == pytest.approx(between / ((value - value.mean()) ** 2).sum())


def test_kruskal_wallis_is_scipys(data):
    value, group, _ = data
    h, p, epsilon = kruskal_wallis(value, group)
    expected = scipy.stats.kruskal(*[value[group == g] for g in range(3)])
    assert (h, p) == pytest.approx((expected.statistic, expected.pvalue))
    assert epsilon == pytest.approx(h * (value.size + 1) / (value.size**2 - 1))


def test_weights_give_the_weighted_means(data):
    """Origin: statsmodels DescrStatsW, the mean and variance of weighted rows."""
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    value, group, rng = data
    weight = rng.uniform(0.5, 2, value.size)
    first = group == 2
    _, _, d = student_t(value, first, weight)
    one, two = (weightstats.DescrStatsW(value[s], weights=weight[s], ddof=0) for s in (first, ~first))
    size = [effective_number(weight[s]) for s in (first, ~first)]
    pooled = (size[0] * one.var + size[1] * two.var) / (sum(size) - 2)
    assert d == pytest.approx((one.mean - two.mean) / pooled**0.5)


def test_a_weight_of_two_never_counts_as_two_rows(data):
    value, group, rng = data
    heavy = rng.uniform(0.1, 5, value.size)
    assert effective_number(heavy) < value.size
    assert variance_analysis(value, group, heavy)[0] != variance_analysis(value, group, np.ones(value.size))[0]
    assert variance_analysis(value, group, heavy) == pytest.approx(variance_analysis(value, group, 3 * heavy))


def test_holm_is_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(1).uniform(0, 0.2, 30)
    np.testing.assert_allclose(holm(p), multitest.multipletests(p, method="holm")[1])


def test_pure_noise_is_dropped_and_a_signal_kept():
    rng = np.random.default_rng(8)
    features = pd.DataFrame(
        {
            "noise": rng.normal(size=900),
            "word_noise": rng.choice(["a", "b", "c"], 900),
            "signal": rng.normal(size=900),
            "word": rng.choice(["x", "y", "z"], 900),
            "constant": 1.0,
        }
    )
    value = features["signal"].to_numpy() + 0.8 * (features["word"] == "x").to_numpy() + rng.normal(size=900)
    assert kept(screen(features, value, np.ones(900))) == ["signal", "word"]


def test_false_findings_stay_rare():
    """Law: among 40 tables of pure noise (Holm at 1 percent) no more than a few keep anything; 4 standard errors."""
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        features = pd.DataFrame(rng.normal(size=(200, 5)), columns=list("abcde"))
        found += bool(kept(screen(features, rng.normal(size=200), np.ones(200))))
    assert found <= 40 * 0.01 + 4 * (40 * 0.01 * 0.99) ** 0.5
