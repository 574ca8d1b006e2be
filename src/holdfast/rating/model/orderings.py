"""Ways of ordering cells or groups from least to most resilient; the dict `ORDERINGS` is the seam."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from holdfast.rating.model.levels import share_cuts
from holdfast.types import Floats, Ints

PREFERENCE = 1.0  # standard deviations by which a cell must lead to be wholly preferred

Ordering = Callable[[Floats], Floats]


def mean(scaled: Floats) -> Floats:
    """Mean of the oriented features, every feature counting alike.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.

    Returns
    -------
    ndarray
        Shape (cell,), more is better.
    """
    return np.asarray(scaled.mean(axis=1))


def topsis(scaled: Floats) -> Floats:
    """Closeness to the best value of every feature against closeness to the worst.

    Returns
    -------
    ndarray
        Shape (cell,), 0..1, more is better.

    References
    ----------
    Hwang & Yoon (1981). Departs from it in standardised instead of vector-normalised features.

    Examples
    --------
    >>> topsis(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]])).tolist()
    [0.0, 1.0, 0.5]
    """
    to_best = np.linalg.norm(scaled - scaled.max(axis=0), axis=1)
    to_worst = np.linalg.norm(scaled - scaled.min(axis=0), axis=1)
    both = to_worst + to_best
    return np.where(both > 0, to_worst / np.where(both > 0, both, 1.0), 0.5)  # all cells alike: neither


def promethee(scaled: Floats) -> Floats:
    """Net preference over all other cells, feature by feature.

    Returns
    -------
    ndarray
        Shape (cell,), -1..1, more is better.

    References
    ----------
    Brans & Vincke (1985), PROMETHEE II with a linear preference up to one standard deviation.

    Examples
    --------
    >>> promethee(np.array([[0.0], [0.5], [9.0]])).tolist()
    [-0.75, -0.25, 1.0]
    """
    cells = len(scaled)
    flow = np.zeros(cells)
    for values in scaled.T:
        ordered = np.sort(values)
        sums = np.concatenate([[0.0], np.cumsum(ordered)])
        # sorted sums give every pairwise preference without comparing all pairs
        below = np.searchsorted(ordered, values - PREFERENCE, side="left")
        above = np.searchsorted(ordered, values + PREFERENCE, side="right")
        near = (above - below) * values - (sums[above] - sums[below])
        flow += below - (cells - above) + near / PREFERENCE
    return np.asarray(flow / max(cells - 1, 1) / scaled.shape[1])


ORDERINGS: dict[str, Ordering] = {"mean": mean, "topsis": topsis, "promethee": promethee}


@dataclass(frozen=True)
class OrderingAgreement:
    """How far one rule would order cells and levels as the published levels do.

    Parameters
    ----------
    same_order : bool
        Whether the mean scores of the levels ascend.
    spearman : float
        Rank correlation of the rule with the level.
    same_level_share, far_share : float
        Shares of the cells that keep their level, and that move by two or more, if the rule alone cut the cells into
        levels of the published sizes.
    """

    ordering: str
    same_order: bool
    spearman: float
    same_level_share: float
    far_share: float


def compare_orderings(scaled: Floats, levels: Ints) -> tuple[OrderingAgreement, ...]:
    """How far each rule agrees with published levels.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.
    levels : ndarray of int
        Shape (cell,), 1..5; a level may have no cell.

    Examples
    --------
    >>> rows = compare_orderings(np.arange(10.0)[:, None], np.repeat(np.arange(1, 6), 2))
    >>> [(row.ordering, row.same_order, row.same_level_share) for row in rows]
    [('mean', True, 1.0), ('topsis', True, 1.0), ('promethee', True, 1.0)]
    """
    found, group = np.unique(levels, return_inverse=True)
    sizes = np.bincount(group)
    rows = []
    for name, rule in ORDERINGS.items():
        score = rule(scaled)
        means = np.bincount(group, weights=score) / sizes
        cuts = share_cuts(score, np.cumsum(sizes)[:-1] / len(score))
        other = found[np.searchsorted(cuts, score, side="left")]
        position = np.argsort(np.argsort(score, kind="stable"), kind="stable")
        rows.append(
            OrderingAgreement(
                ordering=name,
                same_order=bool((np.diff(means) > 0).all()),
                spearman=float(np.corrcoef(position, levels)[0, 1]) if len(found) > 1 else float("nan"),
                same_level_share=float((other == levels).mean()),
                far_share=float((np.abs(other - levels) >= 2).mean()),
            )
        )
    return tuple(rows)
