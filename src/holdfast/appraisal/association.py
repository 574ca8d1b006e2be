"""Association by ranks of two things that zones have, with a third held constant."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from holdfast.errors import Problem, TableError

FEWEST = 6
CLASSES = 8
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
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    control: NDArray[np.float64] | None = None,
    points: NDArray[np.float64] | None = None,
) -> RankAssociation:
    """Spearman's rank correlation of two quantities, and what is left of it with a third held constant.

    Parameters
    ----------
    one, other : ndarray
        Shape (place,); places where any is null do not count.
    control : ndarray, optional
        Shape (place,), such as the intensity of shaking. One that is the same everywhere, or is omitted, changes nothing.
    points : ndarray, optional
        Where the places lie, shape (place, 2), m. Neighbours are alike, so that many places say no more than a few: the
        interval is that of so many independent ones. Without it all places count as independent.

    Returns
    -------
    RankAssociation
        -1..1; null where one of the two is the same everywhere.

    Raises
    ------
    TableError
        If fewer than six places have all values.

    References
    ----------
    Clifford, Richardson & Hemon (1989), Biometrics 45(1), doi 10.2307/2532039: number of independent places. Not specified in
    the paper: `CLASSES` classes of distance with as many pairs each, up to half the largest distance, on ranks.

    Examples
    --------
    >>> level = np.array([1.0, 2, 3, 4, 5, 5])
    >>> round(rank_association(level, np.array([9.0, 8, 6, 5, 2, 1])).plain, 3)
    -0.986
    """
    rows = np.stack([one, other, np.zeros_like(one) if control is None else control])
    known = np.isfinite(rows).all(axis=0)
    rows = rows[:, known]
    count = rows.shape[1]
    if count < FEWEST:
        text = f"only {count} places have both a level and a loss; {FEWEST} are needed"
        raise TableError("rating and losses", [Problem(text)])
    first, second, third = (stats.rankdata(row) for row in rows)
    plain = _pearson(first, second)
    used = int(third.min() < third.max())
    if used:
        first, second = _left(first, third), _left(second, third)
    controlled = _pearson(first, second)
    apart = count if points is None else independent_places(first, second, points[known])
    half = stats.norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(SPREAD / max(apart - 3 - used, 1.0))
    # a correlation of 1 has no finite z
    z = np.arctanh(np.clip(controlled, -1 + 1e-12, 1 - 1e-12))
    return RankAssociation(plain, controlled, float(np.tanh(z - half)), float(np.tanh(z + half)), count)


def independent_places(one: NDArray[np.float64], other: NDArray[np.float64], points: NDArray[np.float64]) -> float:
    """How many independent places say as much of a correlation as these, `FEWEST` to all; see `rank_association`.

    Examples
    --------
    >>> rng, points = np.random.default_rng(1), np.stack(np.divmod(np.arange(100.0), 10), axis=1)
    >>> smooth = points.sum(axis=1)
    >>> independent_places(smooth, points[:, 0], points) < 20 < independent_places(smooth, rng.normal(size=100), points)
    True
    """
    count = len(one)
    first, second = ((v - v.mean()) / max(float(v.std()), 1e-300) for v in (one, other))
    i, j = np.triu_indices(count, 1)
    distance = np.hypot(*(points[i] - points[j]).T)
    # beyond half of the largest distance few pairs are left, and what they say is noise
    near = distance <= distance.max() / 2
    edges = np.quantile(distance[near], np.linspace(0, 1, CLASSES + 1))
    place = np.searchsorted(edges[1:-1], distance[near])
    pairs = np.bincount(place, minlength=CLASSES)
    alike = [np.bincount(place, (v[i] * v[j])[near], CLASSES) / np.maximum(pairs, 1) for v in (first, second)]
    variance = (count + 2 * float((pairs * alike[0] * alike[1]).sum())) / count**2
    return float(np.clip(1 + 1 / max(variance, 1e-300), FEWEST, count))


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
