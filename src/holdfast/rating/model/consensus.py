"""Many refits of a method, each with a seed and a sample of its own, and their vote."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.config import RatingOptions
from holdfast.errors import NotConverged
from holdfast.rating.model.clustering import assign
from holdfast.rating.model.levels import LEVELS, order
from holdfast.rating.model.methods import Fitted, Ground, codes, method, seen
from holdfast.rating.model.neighbours import neighbour_means
from holdfast.rating.model.orderings import ORDERINGS

FEWEST_SAMPLE = 50  # cells that a refit is fitted to at least
COMPARED = 20_000  # cells on which refits are compared


@dataclass(frozen=True)
class Refits:
    """All refits of a method.

    Parameters
    ----------
    fitted : Fitted
        Frozen encoders and groups.
    levels_of_groups : tuple of ndarray
        Per refit the level of each group.
    levels, clusters : ndarray of int
        Shape (refit, cell).
    """

    fitted: Fitted
    levels_of_groups: tuple[np.ndarray, ...]
    levels: np.ndarray
    clusters: np.ndarray


def refit(scaled: np.ndarray, touching: sparse.csr_array | None, options: RatingOptions, seed: int) -> Refits:
    """Fit a method again and again, to a random sample of the cells each time, and order each result.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.
    touching : csr_array or None
        Shape (cell, cell), 1 where two cells touch.
    options : RatingOptions
        ``method``, ``refits``, ``subsample``, ``most_cells`` and what the method reads.
    seed : int
        Parent of the seeds of all refits.

    Returns
    -------
    Refits
        One row per refit; cells outside a refit's sample are assigned by its frozen groups.

    Raises
    ------
    UnknownName
        If the method is unknown.
    NotConverged
        If a refit diverges or finds fewer than five groups.
    """
    fit = method(options.method)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(options.refits)]
    rows = samples(len(scaled), options, streams)
    around = neighbour_means(scaled, touching)
    with threadpool_limits(1):  # parallel sums differ in the last bit
        fitted = fit(Ground(scaled, around, rows), options, streams)
        clusters = assign_all(fitted, scaled, around)
        scores = np.stack([rule(scaled) for rule in ORDERINGS.values()], axis=1)
        found = [len(np.unique(c)) for c in clusters]
        if min(found) < LEVELS:
            text = f"a refit found {min(found)} groups of cells instead of {LEVELS}; are many cells identical?"
            raise NotConverged(text)
        if "cuts" in fitted.groups[0]:
            levels_of_groups = tuple(np.arange(1, LEVELS + 1) for _ in clusters)
        else:
            levels_of_groups = tuple(order(c, scores) for c in clusters)
    levels = np.stack([of[c] for of, c in zip(levels_of_groups, clusters, strict=True)]).astype(np.int8)
    return Refits(fitted, levels_of_groups, levels, clusters)


def samples(cells: int, options: RatingOptions, generators: Sequence[np.random.Generator]) -> np.ndarray:
    """Cells that each refit is fitted to.

    Parameters
    ----------
    cells : int
        Number of cells.
    options : RatingOptions
        ``subsample`` and ``most_cells``.
    generators : sequence of Generator
        One per refit.

    Returns
    -------
    ndarray of int
        Shape (refit, sample), ascending. In turn, refits leave out each part of one shuffle: at 80 %,
        five refits leave out every cell once, so that their mean hardly depends on the shuffle.

    References
    ----------
    Kott (2001), the delete-a-group jackknife.

    Examples
    --------
    >>> rows = samples(100, RatingOptions(), [np.random.default_rng(s) for s in range(5)])
    >>> rows.shape, sorted(set(np.bincount(rows.ravel()).tolist()))
    ((5, 80), [4])
    """
    size = min(cells, max(FEWEST_SAMPLE, min(round(options.subsample * cells), options.most_cells)))
    parts = round(1.0 / (1.0 - options.subsample)) if options.subsample < 1.0 else 1
    shuffle, rows = np.arange(cells), []
    for number, generator in enumerate(generators):
        if number % parts == 0:
            shuffle = generator.permutation(cells)
        rows.append(np.sort(np.roll(shuffle, -(number % parts) * cells // parts)[:size]))
    return np.stack(rows)


def assign_all(fitted: Fitted, scaled: np.ndarray, around: np.ndarray) -> np.ndarray:
    """Group of every cell under every refit.

    Parameters
    ----------
    fitted : Fitted
        Frozen refits.
    scaled, around : ndarray
        Shape (cell, feature), as in `methods.Ground`.

    Returns
    -------
    ndarray of int
        Shape (refit, cell).
    """
    inputs = seen(fitted.gather, scaled, around)
    shared = codes(fitted, 0, inputs) if all(len(w) == 1 for w, _ in fitted.layers) else None
    groups = [
        assign(g, codes(fitted, number, inputs) if shared is None else shared) for number, g in enumerate(fitted.groups)
    ]
    return np.stack(groups).astype(np.int16)


def shares_of(levels: np.ndarray) -> np.ndarray:
    """Share of the refits that give each level.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), 1..5.

    Returns
    -------
    ndarray
        Shape (cell, 5).
    """
    return np.stack([(levels == level).mean(axis=0) for level in range(1, LEVELS + 1)], axis=1)


def winners(shares: np.ndarray) -> np.ndarray:
    """Level that most refits give.

    Parameters
    ----------
    shares : ndarray
        Shape (cell, 5).

    Returns
    -------
    ndarray of int
        Shape (cell,); of equally frequent levels the one nearest to the mean of the refits.
    """
    numbers = np.arange(1, LEVELS + 1)
    distance = np.abs(numbers - (shares @ numbers)[:, None])
    return np.asarray(np.argmax(shares - 1e-6 * distance, axis=1) + 1)


def vote(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level that most refits give to each cell, and how many give each level.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), 1..5.

    Returns
    -------
    winner : ndarray of int
        Shape (cell,); of equally frequent levels the one nearest to the mean of the refits.
    shares : ndarray
        Shape (cell, 5), share of the refits.

    Raises
    ------
    NotConverged
        If some level wins no cell.

    Examples
    --------
    >>> levels, shares = vote(np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [2, 2, 3, 4, 5]]))
    >>> levels.tolist(), shares[0].round(2).tolist()
    ([1, 2, 3, 4, 5], [0.67, 0.33, 0.0, 0.0, 0.0])
    """
    shares = shares_of(levels)
    winner = winners(shares)
    empty = sorted(set(range(1, LEVELS + 1)) - set(winner.tolist()))
    if empty:
        text = f"no cell has level {empty[0]} in most refits; raise rating.refits or choose other features"
        raise NotConverged(text)
    return winner, shares


def adjusted_rand(first: np.ndarray, second: np.ndarray) -> float:
    """Adjusted Rand index of two sets of levels.

    Parameters
    ----------
    first, second : ndarray of int
        Shape (cell,), from 0.

    Returns
    -------
    float
        1 where they group alike, about 0 where only by chance.

    References
    ----------
    Hubert & Arabie (1985), equation 5.

    Examples
    --------
    >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
    1.0
    """
    height, width = int(first.max()) + 1, int(second.max()) + 1
    pairs = np.bincount(first.astype(np.int64) * width + second, minlength=height * width)
    table = pairs.reshape(height, width).astype(np.float64)
    rows, columns, every = (x * (x - 1) / 2 for x in (table.sum(1), table.sum(0), table.sum()))
    both, chance = (table * (table - 1) / 2).sum(), rows.sum() * columns.sum() / every
    most = (rows.sum() + columns.sum()) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))


def agreement_between(levels: np.ndarray) -> float:
    """Mean adjusted Rand index over all pairs of refits, on at most 20,000 evenly spaced cells.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell).

    Returns
    -------
    float
        1 where all refits agree, about 0 where they agree by chance.

    References
    ----------
    Hubert & Arabie (1985).
    """
    step = -(-levels.shape[1] // COMPARED)
    some = levels[:, ::step].astype(np.int64)
    return float(np.mean([adjusted_rand(a, b) for i, a in enumerate(some) for b in some[i + 1 :]]))
