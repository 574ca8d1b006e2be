"""Ways of ordering cells or groups from least to most resilient; the dict `ORDERINGS` is the seam."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from holdfast.rating.model.levels import share_cuts
from holdfast.rating.model.people import correlations, midranks
from holdfast.types import Floats, Ints

FAR = 2  # levels between two that are far from one another
PREFERENCE = 1.0  # standard deviations by which a cell must lead to be wholly preferred

Ordering = Callable[[Floats, Floats, Floats], Floats]
"""From oriented features (cell, feature), their weights (feature,), summing to 1, and people (cell,) to a score (cell,)."""


def mean(scaled: Floats, weights: Floats, people: Floats) -> Floats:  # noqa: ARG001 (a rule may look at the others)
    """Weighted mean of the oriented features.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.
    weights : ndarray
        Shape (feature,), what each feature is meant to weigh; sums to 1.
    people : ndarray
        Shape (cell,), what each cell counts.

    Returns
    -------
    ndarray
        Shape (cell,), more is better.
    """
    return np.asarray(scaled @ weights)


def topsis(scaled: Floats, weights: Floats, people: Floats) -> Floats:
    """Closeness to the best value of every feature against closeness to the worst, where people are counted.

    Returns
    -------
    ndarray
        Shape (cell,), 0..1, more is better.

    References
    ----------
    Hwang & Yoon (1981). Departs from it in standardised instead of vector-normalised features.

    Examples
    --------
    >>> topsis(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5]), np.ones(3)).tolist()
    [0.0, 1.0, 0.5]
    """
    shaping = scaled[people > 0]
    to_best = np.linalg.norm((scaled - shaping.max(axis=0)) * weights, axis=1)
    to_worst = np.linalg.norm((scaled - shaping.min(axis=0)) * weights, axis=1)
    both = to_worst + to_best
    return np.where(both > 0, to_worst / np.where(both > 0, both, 1.0), 0.5)  # all cells alike: neither


def promethee(scaled: Floats, weights: Floats, people: Floats) -> Floats:
    """Net preference over where all other people live, feature by feature.

    Returns
    -------
    ndarray
        Shape (cell,), -1..1, more is better.

    References
    ----------
    Brans & Vincke (1985), PROMETHEE II with a linear preference up to one standard deviation.

    Examples
    --------
    >>> promethee(np.array([[0.0], [0.5], [9.0]]), np.ones(1), np.ones(3)).tolist()
    [-0.75, -0.25, 1.0]
    """
    flow = np.zeros(len(scaled))
    for values, weight in zip(scaled.T, weights, strict=True):
        place = np.argsort(values, kind="stable")
        ordered = values[place]
        held = np.concatenate([[0.0], np.cumsum(people[place])])
        sums = np.concatenate([[0.0], np.cumsum(people[place] * ordered)])
        # sorted sums give every pairwise preference without comparing all pairs
        below = np.searchsorted(ordered, values - PREFERENCE, side="left")
        above = np.searchsorted(ordered, values + PREFERENCE, side="right")
        near = (held[above] - held[below]) * values - (sums[above] - sums[below])
        flow += weight * (held[below] - (held[-1] - held[above]) + near / PREFERENCE)
    return np.asarray(flow / np.maximum(people.sum() - people, 1e-300))


ORDERINGS: dict[str, Ordering] = {"mean": mean, "topsis": topsis, "promethee": promethee}


@dataclass(frozen=True)
class OrderingAgreement:
    """How far one rule would order cells and levels as the published levels do.

    Parameters
    ----------
    same_order : bool
        Whether the mean scores of the levels ascend.
    spearman : float
        Rank correlation of the rule with the level, over people.
    same_level_share, far_share : float
        Shares of the people whose cell keeps its level, and moves by two or more, if the rule alone cut the cells into
        levels that hold as many people as the published ones.
    """

    ordering: str
    same_order: bool
    spearman: float
    same_level_share: float
    far_share: float


def compare_orderings(scaled: Floats, levels: Ints, weights: Floats, people: Floats) -> tuple[OrderingAgreement, ...]:
    """How far each rule agrees with published levels, (cell,), 1..5, of which one may have no cell; the rest as of `mean`.

    Examples
    --------
    >>> rows = compare_orderings(np.arange(10.0)[:, None], np.repeat(np.arange(1, 6), 2), np.ones(1), np.ones(10))
    >>> [(row.ordering, row.same_order, row.same_level_share) for row in rows]
    [('mean', True, 1.0), ('topsis', True, 1.0), ('promethee', True, 1.0)]
    """
    found, group = np.unique(levels[people > 0], return_inverse=True)
    some = people[people > 0]
    sizes = np.bincount(group, weights=some)
    rows = []
    for name, rule in ORDERINGS.items():
        score = rule(scaled, weights, people)[people > 0]
        means = np.bincount(group, weights=score * some) / sizes
        cuts = share_cuts(score, np.cumsum(sizes)[:-1] / some.sum(), some)
        other = np.searchsorted(cuts, score, side="left")
        both = np.column_stack([midranks(score, some), midranks(found[group].astype(np.float64), some)])
        rows.append(
            OrderingAgreement(
                ordering=name,
                same_order=bool((np.diff(means) > 0).all()),
                spearman=float(correlations(both, some)[0, 1]) if len(found) > 1 else float("nan"),
                same_level_share=float(np.average(other == group, weights=some)),
                far_share=float(np.average(np.abs(found[other] - found[group]) >= FAR, weights=some)),
            )
        )
    return tuple(rows)
