"""Regression of counts, against direct maximisation of the published likelihood and closed forms."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom

from holdfast.errors import NotConverged
from holdfast.rating.analysis.regression import COUNT, RATE, clustered_p, deviance, regress


@pytest.fixture
def counts():
    """Synthetic cases of 300 areas with a known effect."""
    rng = np.random.default_rng(5)
    x, people = rng.normal(size=300), rng.lognormal(8, 0.7, 300)
    mean = people * np.exp(-6.0 - 0.4 * x)
    return np.column_stack([np.ones(300), x]), rng.negative_binomial(2, 2 / (2 + mean)).astype(float), people


def test_negative_binomial_against_its_likelihood(counts):
    """Origin: scipy.stats.nbinom, maximised over all three numbers at once by another routine."""
    design, cases, people = counts

    def lacking(b):
        size = np.exp(-b[2])
        mean = np.exp(design @ b[:2] + np.log(people))
        return -nbinom.logpmf(cases, size, size / (size + mean)).sum()

    best = minimize(
        lacking, [-6.0, 0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 4000}
    )
    fit = regress(design, cases, people)
    assert fit.coefficients == pytest.approx(best.x[:2], abs=1e-3)
    assert fit.dispersion == pytest.approx(np.exp(best.x[2]), rel=0.01)
    assert fit.coefficients[1] == pytest.approx(-0.4, abs=0.2)


def test_without_dispersion_it_is_a_poisson_regression():
    """Closed form: with one column of ones the rate is all cases over all people. By hand: 12 / 60 = 0.2."""
    fit = regress(np.ones((3, 1)), np.array([2.0, 4.0, 6.0]), np.array([10.0, 20.0, 30.0]), dispersion=0.0)
    assert np.exp(fit.coefficients[0]) == pytest.approx(0.2)
    cases, people = np.array([2.0, 4.0, 6.0]), np.array([10.0, 20.0, 30.0])
    assert deviance(cases, fit.means, people, 0.0, "count") == pytest.approx(0, abs=1e-9)
    assert deviance(np.zeros(2), np.full(2, 3.0), np.ones(2), 0.0, COUNT) == pytest.approx(12)


def test_rates_by_least_squares():
    """Origin: numpy's own least squares with each row as often as its weight."""
    rng = np.random.default_rng(6)
    design, rate, people = (
        np.column_stack([np.ones(40), rng.normal(size=40)]),
        rng.normal(size=40),
        rng.integers(1, 4, 40),
    )
    often = np.repeat(np.arange(40), people)
    expected = np.linalg.lstsq(design[often], rate[often], rcond=None)[0]
    assert regress(design, rate, people.astype(float), RATE).coefficients == pytest.approx(expected)


def test_columns_that_say_the_same_are_refused():
    with pytest.raises(NotConverged, match="the same"):
        regress(np.ones((5, 2)), np.ones(5), np.ones(5))


@pytest.mark.parametrize("kind", [COUNT, RATE])
def test_chance_is_found_at_its_rate_where_blocks_share_their_errors(kind):
    """Law: a column and errors that both go by blocks are found in about 5 % of the trials; within 4 standard errors of 300."""
    rng = np.random.default_rng(7)
    blocks, people = np.repeat(np.arange(30), 8), np.full(240, 2000.0)
    found = 0
    for _ in range(300):
        x, shared = (rng.normal(size=30)[blocks] for _ in range(2))
        design = np.column_stack([np.ones(240), x])
        mean = people * np.exp(-5 + 0.4 * shared)
        y = rng.poisson(mean).astype(float) if kind == COUNT else shared + 0.3 * rng.normal(size=240)
        fit = regress(design, y, people, kind, 0.2 if kind == COUNT else None)
        found += clustered_p(design, y, people, fit, blocks, 1, kind) < 0.05
    assert found / 300 == pytest.approx(0.06, abs=4 * np.sqrt(0.05 * 0.95 / 300))
