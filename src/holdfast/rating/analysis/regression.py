"""Regression of counts and rates on what is known of areas, with errors that neighbours may share."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, xlogy
from scipy.stats import t

from holdfast.errors import NotConverged
from holdfast.types import Floats, Ints

COUNT, RATE = "count", "rate"
ROUNDS = 100
STEP = 1e-8  # change of the deviance below which a fit stands still
LARGEST = 30.0  # of the logarithm of a mean, so that no step overflows


@dataclass(frozen=True)
class Regression:
    """A fitted regression.

    Parameters
    ----------
    coefficients : ndarray
        Shape (column,), per unit of each column; of counts on the logarithm of the mean.
    dispersion : float
        Of counts: variance is mean + dispersion x mean squared; of rates the residual variance.
    means : ndarray
        Shape (area,), expected outcome.
    """

    coefficients: Floats
    dispersion: float
    means: Floats


def deviance(outcome: Floats, means: Floats, weights: Floats, dispersion: float, kind: str) -> float:
    """Twice the log likelihood that an expectation lacks to the outcome itself.

    References
    ----------
    McCullagh & Nelder (1989), Generalized Linear Models, section 11.2, for the negative binomial distribution.

    Examples
    --------
    >>> deviance(np.array([2.0, 0.0]), np.array([2.0, 1.0]), np.ones(2), 0.0, "count")
    2.0
    """
    if kind == RATE:
        return float(weights @ (outcome - means) ** 2)
    if dispersion <= 0:
        parts = xlogy(outcome, outcome / means) - (outcome - means)
    else:
        size = 1.0 / dispersion
        parts = xlogy(outcome, outcome / means) - (outcome + size) * np.log((outcome + size) / (means + size))
    return float(2.0 * parts.sum())


def independent(design: Floats) -> list[int]:
    """Columns of a design, from the left, that do not follow from those before them.

    Examples
    --------
    >>> independent(np.array([[1.0, 2.0, 0.0, 1.0], [1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 2.0, 3.0]]))
    [0, 2]
    """
    kept: list[int] = []
    for column in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, column]]) > len(kept):
            kept.append(column)
    return kept


def regress(
    design: Floats, outcome: Floats, exposure: Floats, kind: str = COUNT, dispersion: float | None = None
) -> Regression:
    """Regress an outcome of areas on columns: counts by a negative binomial model, rates by weighted least squares.

    Parameters
    ----------
    design : ndarray
        Shape (area, column), with a column of ones.
    outcome : ndarray
        Shape (area,): counts, zeros included, or rates.
    exposure : ndarray
        Shape (area,), above 0: people. The logarithm is the offset of counts; rates are weighted by it.
    kind : str
        ``count`` or ``rate``.
    dispersion : float, optional
        Of counts; the likeliest if omitted.

    Raises
    ------
    NotConverged
        If the columns do not determine a fit.

    References
    ----------
    Hilbe (2011), Negative Binomial Regression, NB2; fitted by iteratively reweighted least squares.

    Examples
    --------
    >>> fit = regress(np.ones((3, 1)), np.array([2.0, 4.0, 6.0]), np.array([10.0, 20.0, 30.0]), dispersion=0.0)
    >>> float(np.exp(fit.coefficients[0]).round(6))
    0.2
    """
    if np.linalg.matrix_rank(design) < design.shape[1]:
        text = "the columns say the same as one another in these areas; leave some out"
        raise NotConverged(text)
    if kind == RATE:
        root = np.sqrt(exposure)[:, None]
        found = np.linalg.lstsq(design * root, outcome * root[:, 0], rcond=None)[0]
        left = deviance(outcome, design @ found, exposure, 0.0, RATE)
        free = max(len(outcome) - design.shape[1], 1)
        return Regression(np.asarray(found, dtype=np.float64), left / free, design @ found)
    offset = np.log(exposure)
    if dispersion is None:
        dispersion = _likeliest(design, outcome, offset)
    coefficients, means = _reweighted(design, outcome, offset, dispersion)
    return Regression(coefficients, float(dispersion), means)


def _likeliest(design: Floats, outcome: Floats, offset: Floats) -> float:
    """Dispersion of the greatest likelihood, between that of nearly none and of 50."""

    def lacking(logarithm: float) -> float:
        size = np.exp(-logarithm)
        _, means = _reweighted(design, outcome, offset, float(np.exp(logarithm)))
        parts = gammaln(outcome + size) - gammaln(size) + size * np.log(size / (size + means))
        return -float((parts + xlogy(outcome, means / (size + means))).sum())

    return float(np.exp(minimize_scalar(lacking, bounds=(-8.0, 4.0), method="bounded", options={"xatol": 1e-3}).x))


def _reweighted(design: Floats, outcome: Floats, offset: Floats, dispersion: float) -> tuple[Floats, Floats]:
    """Coefficients and means of counts of a given dispersion."""
    means = np.maximum(outcome, 0.5 * max(float(outcome.mean()), 1e-9))
    before = np.inf
    coefficients: Floats = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        weights = means / (1.0 + dispersion * means)
        working = np.log(means) - offset + (outcome - means) / means
        normal = design.T @ (design * weights[:, None])
        solved = np.linalg.solve(normal + 1e-10 * np.eye(len(normal)), design.T @ (weights * working))
        coefficients = np.asarray(solved, dtype=np.float64)
        means = np.exp(np.clip(design @ coefficients + offset, -LARGEST, LARGEST))
        now = deviance(outcome, means, means, dispersion, COUNT)
        if abs(before - now) < STEP * (1.0 + abs(now)):
            break
        before = now
    return coefficients, means


def clustered_p(
    design: Floats, outcome: Floats, exposure: Floats, fit: Regression, blocks: Ints, column: int, kind: str
) -> float:
    """Two-sided p of one coefficient where the errors of areas of one block may go together.

    Parameters
    ----------
    design, outcome, exposure, fit, kind
        As of `regress`, and what it gave.
    blocks : ndarray of int
        Shape (area,), from 0.
    column : int
        Of the coefficient.

    References
    ----------
    Liang & Zeger (1986), the sandwich over blocks; Bell & McCaffrey (2002), its jackknife form (CR3); Cameron & Miller (2015),
    A practitioner's guide to cluster-robust inference, J. Human Resources 50(2), for the t distribution of few blocks.
    """
    count = int(blocks.max()) + 1
    root = np.sqrt(fit.means / (1.0 + fit.dispersion * fit.means) if kind == COUNT else exposure)
    columns = design * root[:, None]
    left = root * (outcome - fit.means) / (fit.means if kind == COUNT else 1.0)
    inverse = np.linalg.pinv(columns.T @ columns, hermitian=True)
    sums = np.empty((count, design.shape[1]))
    for block in range(count):
        mine = columns[blocks == block]
        # what a block pulls the fit to itself is taken out of its errors: without it, few blocks look surer than they are
        pulled = np.eye(len(mine)) - mine @ inverse @ mine.T
        sums[block] = mine.T @ np.linalg.lstsq(pulled, left[blocks == block], rcond=None)[0]
    few = (count - 1) / max(count, 1)
    spread = np.sqrt(few * float((inverse @ (sums.T @ sums) @ inverse)[column, column]))
    if not spread > 0:
        return float("nan")
    return float(2.0 * t.sf(abs(fit.coefficients[column]) / spread, max(count - 1, 1)))
