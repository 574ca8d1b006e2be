"""From unordered groups, or from a score, to five ordered levels."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from holdfast.types import Floats, Ints

LEVELS = 5
LEVEL_NAMES = ("very low", "low", "moderate", "high", "very high")
FEWEST_SHARE = 0.05  # of the cells that a level holds at least
CUT_SHARE = 0.06  # of a refit's cells, so that 5 % of all cells are left after the vote
ROUNDS = 200  # of the one-dimensional k-means; it converges long before


def natural_cuts(score: Floats, people: Floats | None = None, levels: int = LEVELS) -> Floats:
    """Cuts, ascending, between five `levels` so that scores (cell,) of the people within a level are alike.

    A level holds at least 6 % of the `people`, (cell,), where values are not tied; all cells count alike if omitted.

    References
    ----------
    Lloyd (1982) in one dimension, from the fifths; for one peak the optimum is unique (Fleischer
    1964). Jenks (1967) calls it natural breaks.

    Examples
    --------
    >>> natural_cuts(np.repeat([0.0, 1.0, 2.0, 3.0, 4.0], 20)).tolist()
    [0.5, 1.5, 2.5, 3.5]
    """
    order = np.argsort(score, kind="stable")
    values = np.asarray(score, dtype=np.float64)[order]
    held = np.ones(len(values)) if people is None else np.asarray(people, dtype=np.float64)[order]
    # cumulated, so that the mean of any run of sorted values is one subtraction
    mass = np.concatenate([[0.0], np.cumsum(held)])
    moment = np.concatenate([[0.0], np.cumsum(held * values)])

    def at(share: float) -> float:
        return float(values[min(np.searchsorted(mass[1:], share * mass[-1], side="left"), len(values) - 1)])

    steps = np.arange(1, levels)
    cuts = np.array([at(s / levels) for s in steps])
    for _ in range(ROUNDS):
        edge = np.concatenate([[0], np.searchsorted(values, cuts, side="right"), [len(values)]])
        inside = np.maximum(np.diff(mass[edge]), 1e-300)  # no division by 0 where a level is empty
        centres = np.where(np.diff(mass[edge]) > 0, np.diff(moment[edge]) / inside, np.nan)
        # an empty level keeps its place: the cut below it
        centres = np.where(np.isnan(centres), np.concatenate([cuts, cuts[-1:]]), centres)
        new = (centres[1:] + centres[:-1]) / 2
        if np.array_equal(new, cuts):
            break
        cuts = new
    # a cut may not leave a level with almost nobody, however far out its values lie
    lowest = np.array([at(CUT_SHARE * s) for s in steps])
    highest = np.array([at(1.0 - CUT_SHARE * (levels - s)) for s in steps])
    return np.asarray(np.clip(cuts, lowest, highest))


def share_cuts(score: Floats, shares: Sequence[float] | Floats, people: Floats | None = None) -> Floats:
    """Cuts that leave cumulated shares of the people, without 0 and 1, below them; each midway between two cells.

    All cells count alike if `people`, (cell,), are omitted.

    Examples
    --------
    >>> share_cuts(np.array([4.0, 1, 3, 2]), [0.25, 0.5]).tolist()
    [1.5, 2.5]
    """
    order = np.argsort(score, kind="stable")
    held = np.ones(len(score)) if people is None else np.asarray(people, dtype=np.float64)[order]
    values, mass = np.asarray(score, dtype=np.float64)[order], np.cumsum(held)
    # the cell at which the share is nearest to being reached
    nearest = np.searchsorted(mass - held / 2, np.asarray(shares) * mass[-1], side="left")
    place = np.clip(nearest, 1, len(values) - 1)
    return np.asarray((values[place - 1] + values[place]) / 2)


def level_pairs(first: Ints, second: Ints, weight: Floats, of: int = LEVELS) -> Floats:
    """What cells count, by the first of two levels (rows, 1 to 5) and the second (columns, 1 to `of`).

    Examples
    --------
    >>> level_pairs(np.array([1, 1]), np.array([2, 2]), np.array([3.0, 4.0]))[0].tolist()
    [0.0, 7.0, 0.0, 0.0, 0.0]
    """
    table = np.zeros((LEVELS, of))
    np.add.at(table, (first - 1, second - 1), weight)
    return table


def order(clusters: Ints, scores: Floats, people: Floats | None = None, levels: int = LEVELS) -> Ints:
    """Level 1..5 of every group, by the ranks that several ordering rules give it.

    Parameters
    ----------
    clusters : ndarray of int
        Shape (cell,), groups from 0, none empty.
    scores : ndarray
        Shape (cell, rule), more is better; the first rule breaks ties.
    people : ndarray, optional
        Shape (cell,), what each cell counts; all alike if omitted.
    levels : int
        How many there are; more groups are joined to as many.

    References
    ----------
    Yin, Li & Mostafavi (2026), module 3. Not specified in the paper: the rule of the order; ours is
    the sum of the ranks under all rules (Borda 1781), each rule seeing the mean of a group's cells.

    Examples
    --------
    >>> order(np.array([0, 0, 1]), np.array([[1.0], [0.8], [-1.8]])).tolist()
    [2, 1]
    """
    held = np.ones(len(clusters)) if people is None else people
    # a group in whose cells nobody is counted still has a place in the order: that of its cells
    held = held + 1e-9 * held.sum() / len(held)
    sizes = np.maximum(np.bincount(clusters, weights=held), 1e-300)
    means = np.stack([np.bincount(clusters, weights=s * held) / sizes for s in scores.T], axis=1)
    # more groups than levels are joined by the mean of their first score; fewer keep their order, from 1
    if len(sizes) > levels:
        return _joined(means[:, 0], sizes, levels)
    # the double argsort gives ranks; ties keep their order, and the first rule breaks them below
    ranks = np.argsort(np.argsort(means, axis=0, kind="stable"), axis=0, kind="stable").sum(axis=1)
    position = np.empty(len(sizes), dtype=np.int64)
    position[np.lexsort((means[:, 0], ranks))] = np.arange(1, len(sizes) + 1)
    return position


def _joined(means: Floats, sizes: Floats, levels: int) -> Ints:
    """Level of each of a few groups: the split of the ordered means into `levels` with the least sum of squares."""
    place = np.argsort(means, kind="stable")
    value, weight = means[place], sizes[place]

    def loss(edges: tuple[int, ...]) -> float:
        parts = zip(np.split(value, edges), np.split(weight, edges), strict=True)
        return float(sum((w * (v - np.average(v, weights=w)) ** 2).sum() for v, w in parts))

    # at most eight groups: 35 splits are tried one by one
    best = min(combinations(range(1, len(value)), levels - 1), key=loss)
    level = np.empty(len(means), dtype=np.int64)
    level[place] = 1 + np.searchsorted(best, np.arange(len(value)), side="right")
    return level


def level_names(levels: pd.Series) -> pd.Series:
    """Names of levels 1 to 5, null where null.

    Examples
    --------
    >>> level_names(pd.Series([1, 5])).tolist()
    ['very low', 'very high']
    """
    return levels.map(dict(enumerate(LEVEL_NAMES, 1))).astype(object)
