"""Scores of draws against what was observed."""

from typing import NamedTuple

import numpy as np
from scipy import stats

FEWEST_RANKED = 4
"""Areas from which on a rank correlation is given; its interval needs one more than three."""
CONFIDENCE = 0.95


class RankCorrelation(NamedTuple):
    """Spearman's rho, its 95 % interval, and the number of pairs; null where there are too few."""

    rho: float
    low: float
    high: float
    areas: int


def crps(draws: np.ndarray, value: np.ndarray, fair: bool = True) -> np.ndarray:
    """Continuous ranked probability score of an ensemble, in the unit of the values; less is better.

    Parameters
    ----------
    draws : ndarray
        Equally likely values, shape (draw, ...).
    value : ndarray
        What was observed, shape (...).
    fair : bool
        Whether to take the form whose expectation does not depend on the number of draws.

    References
    ----------
    Gneiting & Raftery (2007), equation 21; Ferro (2014), doi 10.1002/qj.2270, for the fair form.

    Examples
    --------
    >>> crps(np.array([[0.0], [2.0]]), np.array([1.0])).tolist()
    [0.0]
    >>> crps(np.array([[0.0], [2.0]]), np.array([1.0]), fair=False).tolist()
    [0.5]
    """
    count = len(draws)
    error = np.abs(draws - value).mean(axis=0)
    if count == 1:
        return np.asarray(error)
    # mean |x_i - y| - sum |x_i - x_j| / (2 m (m - 1)), or 2 m^2 in the ensemble form. The double sum over sorted draws
    # is one with whole weights: x_(k) is added k - 1 times and taken away m - k times, for each order of the pair.
    rank = 2 * np.arange(1, count + 1) - count - 1.0
    between = 2 * np.tensordot(rank, np.sort(draws, axis=0), axes=1)
    return np.asarray(error - between / (2 * count * (count - 1 if fair else count)))


def inside(draws: np.ndarray, value: np.ndarray, share: float) -> np.ndarray:
    """Whether the central band that holds a share of the draws (draw, ...) holds the value (...), ends included.

    Examples
    --------
    >>> inside(np.linspace(0, 1, 11)[:, None], np.array([0.04]), 0.9).tolist()
    [False]
    """
    low, high = np.quantile(draws, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return np.asarray((low <= value) & (value <= high))


def rank_correlation(predicted: np.ndarray, observed: np.ndarray) -> RankCorrelation:
    """Spearman's rank correlation of the order of areas, with its 95 % interval.

    Parameters
    ----------
    predicted, observed : ndarray
        One value per area; pairs with a null are left out, infinity (never reached) ranks last.

    Returns
    -------
    RankCorrelation
        Null with fewer than four pairs, or where one side is the same everywhere; a perfect order has no interval.

    References
    ----------
    Bonett & Wright (2000), Psychometrika 65(1):23-28, doi 10.1007/BF02294183.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 4, 5])).rho
    0.9
    """
    known = ~(np.isnan(predicted) | np.isnan(observed))
    a, b = stats.rankdata(predicted[known]), stats.rankdata(observed[known])
    count = int(known.sum())
    if count < FEWEST_RANKED or np.ptp(a) == 0 or np.ptp(b) == 0:
        return RankCorrelation(np.nan, np.nan, np.nan, count)
    rho = round(float(np.corrcoef(a, b)[0, 1]), 12)
    if abs(rho) == 1:
        return RankCorrelation(rho, np.nan, np.nan, count)
    # Fisher's z, whose standard error is sqrt((1 + rho^2 / 2) / (n - 3))
    z = np.arctanh(rho)
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt((1 + rho**2 / 2) / (count - 3))
    return RankCorrelation(rho, float(np.tanh(z - half)), float(np.tanh(z + half)), count)
