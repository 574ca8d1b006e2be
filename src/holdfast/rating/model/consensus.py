"""The vote of many refits, and how far they agree."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import NotConverged
from holdfast.rating.model.levels import LEVELS
from holdfast.types import Floats, Ints

COMPARED = 20_000  # cells on which refits are compared
RANGE = 0.8  # of the draws, in the range of levels of a cell
TIE = 1e-6  # far below the share of one refit


def shares_of(levels: NDArray[np.int8] | Ints, count: int = LEVELS) -> Floats:
    """Share of the refits that give each of `count` levels, from levels (refit, cell): shape (cell, level)."""
    return np.stack([(levels == level).mean(axis=0) for level in range(1, count + 1)], axis=1)


def winners(shares: Floats) -> Ints:
    """Level that most refits give, from shares (cell, level).

    Returns
    -------
    ndarray of int
        Shape (cell,); of equally frequent levels the one nearest to the mean of the refits.
    """
    numbers = np.arange(1, shares.shape[1] + 1)
    # breaks ties towards the mean of the refits; far too small to overrule a vote
    distance = np.abs(numbers - (shares @ numbers)[:, None])
    return np.asarray(np.argmax(shares - TIE * distance, axis=1) + 1)


def level_range(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Range of levels that holds about 80 % of the draws, from their shares (a column per level, from 1).

    It starts from the likeliest level and takes the likelier neighbour as long as that brings it nearer to 80 %.

    Returns
    -------
    DataFrame
        Index of `probabilities`; ``level_low`` and ``level_high``, null where these are.

    Examples
    --------
    >>> level_range(pd.DataFrame([[0.5, 0.35, 0.15, 0, 0], [0.1, 0.75, 0.15, 0, 0]], columns=range(1, 6))).to_numpy().tolist()
    [[1, 2], [2, 2]]
    """
    known = probabilities.dropna()
    count = known.shape[1]
    shares = np.pad(known.to_numpy(np.float64), ((0, 0), (1, 1)), constant_values=-1.0)
    rows = np.arange(len(shares))
    low = np.argmax(shares, axis=1)
    high, held = low.copy(), shares[rows, low]
    for _ in range(count - 1):
        down, up = shares[rows, np.maximum(low - 1, 0)], shares[rows, np.minimum(high + 1, count + 1)]
        gain = np.maximum(down, up)
        nearer = (gain > 0) & (np.abs(held + gain - RANGE) < np.abs(held - RANGE))
        low, high = np.where(nearer & (down >= up), low - 1, low), np.where(nearer & (down < up), high + 1, high)
        held = np.where(nearer, held + gain, held)
    table = pd.DataFrame({"level_low": low, "level_high": high}, known.index)
    return table.astype("Int64").reindex(probabilities.index)


def vote(levels: NDArray[np.int8] | Ints, count: int = LEVELS) -> tuple[Ints, Floats]:
    """Level that most refits give to each cell, and how many give each level.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), from 1.
    count : int
        How many levels there are.

    Returns
    -------
    winner : ndarray of int
        Shape (cell,), as of `winners`.
    shares : ndarray
        Shape (cell, level), share of the refits.

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
    shares = shares_of(levels, count)
    winner = winners(shares)
    empty = sorted(set(range(1, count + 1)) - set(winner.tolist()))
    if empty:
        text = f"no cell has level {empty[0]} in most refits; take more refits or other features"
        raise NotConverged(text)
    return winner, shares


def adjusted_rand(first: Ints, second: Ints, people: Floats | None = None) -> float:
    """Adjusted Rand index of two groupings of the same cells, each numbered from 0.

    With `people`, (cell,), a pair of cells counts as much as the people of one times those of the other; in what they are
    counted changes nothing. Departs from the reference, which counts pairs of equal objects.

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
    held = np.ones(len(first)) if people is None else people / people.sum()
    both_groups = first.astype(np.int64) * width + second
    # pairs of two cells, each as much as what its cells hold multiplied: a cell makes no pair with itself
    held_by, alone = (np.bincount(both_groups, weights=w, minlength=height * width) for w in (held, held**2))
    sums, squares = held_by.reshape(height, width), alone.reshape(height, width)
    rows, columns, every = (float((sums.sum(k) ** 2 - squares.sum(k)).sum()) for k in (1, 0, (0, 1)))
    both, chance, most = float((sums**2 - squares).sum()), rows * columns / every, (rows + columns) / 2
    return 1.0 if most - chance <= 1e-12 * every else (both - chance) / (most - chance)


def agreement_between(levels: NDArray[np.int8] | Ints, people: Floats | None = None) -> float:
    """Mean adjusted Rand index over all pairs of refits, by people, on at most 20,000 evenly spaced cells.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), groups or levels from 0.
    people : ndarray, optional
        Shape (cell,), what each cell counts; all alike if omitted.

    Returns
    -------
    float
        1 where all refits agree, about 0 where they agree by chance; null of a single refit.

    References
    ----------
    Hubert & Arabie (1985).
    """
    if len(levels) < 2:
        return float("nan")
    step = -(-levels.shape[1] // COMPARED)
    some = levels[:, ::step].astype(np.int64)
    held = None if people is None else people[::step]
    return float(np.mean([adjusted_rand(a, b, held) for i, a in enumerate(some) for b in some[i + 1 :]]))
