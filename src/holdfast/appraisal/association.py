"""Association by ranks of two things that zones have, with a third held constant."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from holdfast.errors import Problem, TableError

FEWEST = 6
CONFIDENCE = 0.95
SPREAD = 1.06
"""Variance of Fisher's z of a rank correlation times its degrees of freedom (Fieller, Hartley & Pearson 1957)."""


class RankAssociation(NamedTuple):
    """Spearman's correlation, and its partial form with 95 % interval; ``places`` that it counts."""

    plain: float
    controlled: float
    low: float
    high: float
    places: int


def rank_association(
    one: NDArray[np.float64], other: NDArray[np.float64], control: NDArray[np.float64] | None = None
) -> RankAssociation:
    """Spearman's rank correlation of two quantities, and what is left of it with a third held constant.

    Parameters
    ----------
    one, other : ndarray
        Shape (place,); places where any is null do not count.
    control : ndarray, optional
        Shape (place,), such as the intensity of shaking. One that is the same everywhere, or is omitted, changes nothing.

    Returns
    -------
    RankAssociation
        -1..1; null where one of the two is the same everywhere. The interval takes places for independent; neighbours are
        alike, so that it is the narrowest it can be.

    Raises
    ------
    TableError
        If fewer than six places have all values.

    Examples
    --------
    >>> level = np.array([1.0, 2, 3, 4, 5, 5])
    >>> round(rank_association(level, np.array([9.0, 8, 6, 5, 2, 1])).plain, 3)
    -0.986
    """
    rows = np.stack([one, other, np.zeros_like(one) if control is None else control])
    rows = rows[:, np.isfinite(rows).all(axis=0)]
    count = rows.shape[1]
    if count < FEWEST:
        text = f"only {count} places have both a level and a loss; {FEWEST} are needed"
        raise TableError("rating and losses", [Problem(text)])
    first, second, third = (stats.rankdata(row) for row in rows)
    plain = _pearson(first, second)
    used = int(third.min() < third.max())
    controlled = _pearson(_left(first, third), _left(second, third)) if used else plain
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(SPREAD / (count - 3 - used))
    # a correlation of 1 has no finite z
    z = np.arctanh(np.clip(controlled, -1 + 1e-12, 1 - 1e-12))
    return RankAssociation(plain, controlled, float(np.tanh(z - half)), float(np.tanh(z + half)), count)


def _left(values: NDArray[np.float64], control: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a straight line through the ranks of the control does not explain."""
    slope, base = np.polyfit(control, values, 1)
    return np.asarray(values - slope * control - base)


def _pearson(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's correlation; null where either does not vary."""
    first, second = one - one.mean(), other - other.mean()
    size = float(np.sqrt((first @ first) * (second @ second)))
    # what rounding leaves of a quantity that does not vary is no variation
    return float(first @ second) / size if size > 1e-9 * len(one) else np.nan
