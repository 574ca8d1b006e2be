"""Golden: the CRPS against scoringrules 0.10 (independent), the closed form of a normal distribution (Gneiting & Raftery
2007, equation 5) and its definition summed by hand; Spearman's rho against scipy. Laws: coverage of right draws.
"""

import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from holdfast.recovery.validation.scores import crps, inside, rank_correlation

NUMBERS = st.floats(-50, 50, allow_nan=False)


@pytest.mark.parametrize(("fair", "estimator"), [(True, "fair"), (False, "nrg")])
def test_crps_is_that_of_scoringrules(fair, estimator):
    rng = np.random.default_rng(1)
    draws, value = rng.lognormal(size=(17, 40)), rng.lognormal(size=40)
    theirs = scoringrules.crps_ensemble(value, draws.T, estimator=estimator)
    np.testing.assert_allclose(crps(draws, value, fair=fair), theirs, rtol=1e-12, atol=1e-12)


def test_crps_of_many_normal_draws_is_the_closed_form():
    """Within four standard errors over 400 ensembles."""
    rng, z = np.random.default_rng(2), 0.7
    closed = z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi)
    scores = crps(rng.standard_normal((50, 400)), np.full(400, z))
    assert abs(scores.mean() - closed) < 4 * scores.std(ddof=1) / np.sqrt(400)


def test_the_fair_form_does_not_depend_on_the_number_of_draws_and_the_other_does():
    rng = np.random.default_rng(3)
    value = rng.standard_normal(20_000)
    few, many = (crps(rng.standard_normal((m, value.size)), value) for m in (3, 30))
    error = 4 * np.sqrt((few.var() + many.var()) / value.size)
    assert abs(few.mean() - many.mean()) < error
    biased = crps(rng.standard_normal((3, value.size)), value, fair=False)
    assert biased.mean() - many.mean() > error


@given(st.lists(NUMBERS, min_size=2, max_size=8), NUMBERS)
def test_crps_is_its_definition(draws, value):
    x = np.array(draws)
    by_hand = np.abs(x - value).mean() - np.abs(x[:, None] - x).sum() / (2 * len(x) * (len(x) - 1))
    assert crps(x[:, None], np.array([value]))[0] == pytest.approx(by_hand, abs=1e-9)


def test_one_draw_scores_its_absolute_error():
    assert crps(np.array([[0.25]]), np.array([1.0])).tolist() == [0.75]


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_bands_of_right_draws_hold_their_share(share):
    rng = np.random.default_rng(4)
    draws, value = rng.standard_normal((400, 4000)), rng.standard_normal(4000)
    found = inside(draws, value, share).mean()
    assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / 4000) + 1 / 400


def test_a_band_of_equal_draws_holds_that_value_alone():
    assert inside(np.ones((5, 2)), np.array([1.0, 1.01]), 0.9).tolist() == [True, False]


def test_rank_correlation_is_that_of_scipy_with_ties():
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 9, 30).astype(float), rng.integers(0, 9, 30).astype(float)
    found = rank_correlation(a, b)
    assert found.rho == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-9)
    assert found.low < found.rho < found.high


def test_the_interval_holds_the_true_rank_correlation_in_about_95_of_100():
    rng, rho, hits = np.random.default_rng(6), 0.6, 0
    true = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's rho of a bivariate normal distribution
    for _ in range(400):
        a, b = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 30).T
        found = rank_correlation(a, b)
        hits += found.low <= true <= found.high
    assert 0.91 < hits / 400 < 0.985


def test_never_reached_ranks_last_and_too_few_areas_are_not_ranked():
    assert np.isnan(rank_correlation(np.arange(5.0), np.arange(5.0)).low)  # a perfect order has no interval
    assert rank_correlation(np.array([1.0, 2, 3, np.inf]), np.array([1.0, 2, 3, 9])).rho == 1.0
    assert np.isnan(rank_correlation(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])).rho)
    assert np.isnan(rank_correlation(np.ones(5), np.arange(5.0)).rho)
    assert rank_correlation(np.array([1.0, np.nan, 2, 3, 4]), np.arange(5.0)).areas == 4
