"""Losses over scenarios with annual rates: exceedance curve and average annual loss."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError

SAME_RATE = 0.01  # relative difference of a rate and a return period that are rounded forms of one number
SLACK = 1e-9  # sums of rates are rounded


class AnnualLoss(NamedTuple):
    """A mean over draws and its Monte-Carlo standard error; no spread of outcomes."""

    value: float
    error: float


class Curve(NamedTuple):
    """Mean number of events a year with a loss above each of `loss`, and its Monte-Carlo standard error."""

    loss: NDArray[np.float64]
    rate: NDArray[np.float64]
    error: NDArray[np.float64]


def annual_rates(
    names: Sequence[str], rates: Sequence[float | None], periods: Sequence[float | None]
) -> NDArray[np.float64]:
    """Mean number of events a year of each scenario, from its rate or its return period.

    Parameters
    ----------
    names : sequence of str
        Of the scenarios, all different.
    rates : sequence of float or None
        1/year.
    periods : sequence of float or None
        Return periods, years; where both are known, forms of one number.

    Returns
    -------
    ndarray
        Shape (scenario,), 1/year.

    Raises
    ------
    TableError
        Naming every scenario that has neither, two that disagree, or a name twice.

    Examples
    --------
    >>> annual_rates(["Hayward"], [None], [475.0]).round(5).tolist()
    [0.00211]
    """
    problems, found = [], []
    for number, (name, rate, period) in enumerate(zip(names, rates, periods, strict=True), 1):
        where = f"scenarios.{number}"
        if rate is None and period is None:
            text = f'"{name}" has no annual rate; state annual_rate or return_period_years'
            problems.append(Problem(text, column=where))
        elif rate is not None and period is not None and abs(rate * period - 1) > SAME_RATE:
            text = f'"{name}": a return period of {period:g} years is a rate of {1 / period:.3g}, not {rate:g}'
            problems.append(Problem(text, column=where))
        found.append(rate or (1 / period if period else np.nan))
    twice = sorted({n for n in names if list(names).count(n) > 1})
    problems += [Problem(f'"{n}" names more than one scenario; names must differ', column="scenarios") for n in twice]
    if problems:
        raise TableError("study", problems)
    return np.array(found)


def average_annual_loss(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> AnnualLoss:
    """Mean loss per year: the sum over scenarios of rate times mean loss.

    Parameters
    ----------
    rates : ndarray
        Shape (scenario,), 1/year.
    losses : ndarray
        Shape (scenario, draw). Draws of one number share their random numbers, so the error is that of the
        sum over scenarios, draw by draw.

    Returns
    -------
    AnnualLoss
        In the unit of the losses, per year.

    Examples
    --------
    >>> average_annual_loss(np.array([0.1, 0.01]), np.array([[1.0, 3.0], [10.0, 30.0]])).value
    0.4
    """
    return _mean((rates[:, None] * losses).sum(axis=0))


def exceedance(
    rates: NDArray[np.float64], losses: NDArray[np.float64], thresholds: NDArray[np.float64] | None = None
) -> Curve:
    """Mean number of events a year whose loss exceeds a threshold: sum over scenarios of rate x P(L > l).

    Parameters
    ----------
    rates : ndarray
        Shape (scenario,), 1/year.
    losses : ndarray
        Shape (scenario, draw); draws of one number share their random numbers.
    thresholds : ndarray, optional
        Shape (threshold,), ascending; each loss that occurs, and 0, if omitted.

    Returns
    -------
    Curve
        Arrays of shape (threshold,).

    References
    ----------
    The probability of one or more in a year is 1 - exp(-rate) for independent events (Poisson).

    Examples
    --------
    >>> curve = exceedance(np.array([0.1, 0.01]), np.array([[0.0, 2.0], [5.0, 9.0]]), np.array([1.0, 6.0]))
    >>> curve.rate.tolist()
    [0.06, 0.005]
    """
    if thresholds is None:
        thresholds = np.unique(np.append(losses.ravel(), 0.0))
    draws = losses.shape[1]
    total, squares = np.zeros(len(thresholds)), np.zeros(len(thresholds))
    for draw in range(draws):
        order = np.argsort(losses[:, draw])
        above = np.append(np.cumsum(rates[order][::-1])[::-1], 0.0)
        one = above[np.searchsorted(losses[order, draw], thresholds, side="right")]
        total += one
        squares += one**2
    rate = total / draws
    variance = np.maximum(squares / draws - rate**2, 0.0) * draws / max(draws - 1, 1)
    error = np.sqrt(variance / draws) if draws > 1 else np.full(len(thresholds), np.nan)
    return Curve(thresholds, rate, error)


def loss_of_return_period(rates: NDArray[np.float64], losses: NDArray[np.float64], years: float) -> float:
    """Smallest loss that is exceeded less often than once in so many years, on average.

    Parameters
    ----------
    rates : ndarray
        Shape (scenario,), 1/year.
    losses : ndarray
        Shape (scenario, draw).
    years : float
        Return period.

    Returns
    -------
    float
        In the unit of the losses; 0 where all events together are rarer.

    Examples
    --------
    >>> loss_of_return_period(np.array([0.1]), np.array([[0.0, 1.0, 2.0, 3.0]]), 20.0)
    1.0
    """
    curve = exceedance(rates, losses)
    return float(curve.loss[np.flatnonzero(curve.rate <= (1 + SLACK) / years)[0]])


def event_of_return_period(rates: NDArray[np.float64], losses: NDArray[np.float64], years: float) -> int | None:
    """Event of a set that is reached or exceeded once in so many years, by its median loss.

    Parameters
    ----------
    rates : ndarray
        Shape (scenario,), 1/year.
    losses : ndarray
        Shape (scenario, draw).
    years : float
        Return period.

    Returns
    -------
    int or None
        Position of the most harmful event that, with all that are worse, occurs at least once in so many years; None where
        all events together are rarer, and where the worst is more frequent: the set then says nothing of so rare a one.

    Examples
    --------
    >>> event_of_return_period(np.array([0.01, 0.001]), np.array([[1.0, 3.0], [10.0, 30.0]]), 500.0)
    0
    """
    order = np.argsort(-np.median(losses, axis=1), kind="stable")
    if rates[order[0]] * years > 1 + SLACK:
        return None
    reached = np.flatnonzero(np.cumsum(rates[order]) * years >= 1 - SLACK)
    return int(order[reached[0]]) if reached.size else None


def _mean(values: NDArray[np.float64]) -> AnnualLoss:
    """Mean over draws and its standard error, unknown for a single draw."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return AnnualLoss(float(values.mean()), float(error))
