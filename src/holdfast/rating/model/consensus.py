"""The vote of many refits, and how far they agree."""

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import NotConverged
from holdfast.rating.model.levels import LEVELS
from holdfast.types import Floats, Ints

COMPARED = 20_000  # cells on which refits are compared
TIE = 1e-6  # far below the share of one refit


def shares_of(levels: NDArray[np.int8] | Ints) -> Floats:
    """Share of the refits that give each level, from levels (refit, cell): shape (cell, 5)."""
    return np.stack([(levels == level).mean(axis=0) for level in range(1, LEVELS + 1)], axis=1)


def winners(shares: Floats) -> Ints:
    """Level that most refits give, from shares (cell, 5).

    Returns
    -------
    ndarray of int
        Shape (cell,); of equally frequent levels the one nearest to the mean of the refits.
    """
    numbers = np.arange(1, LEVELS + 1)
    # breaks ties towards the mean of the refits; far too small to overrule a vote
    distance = np.abs(numbers - (shares @ numbers)[:, None])
    return np.asarray(np.argmax(shares - TIE * distance, axis=1) + 1)


def vote(levels: NDArray[np.int8] | Ints) -> tuple[Ints, Floats]:
    """Level that most refits give to each cell, and how many give each level.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), 1..5.

    Returns
    -------
    winner : ndarray of int
        Shape (cell,), as of `winners`.
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
        text = f"no cell has level {empty[0]} in most refits; take more refits or other features"
        raise NotConverged(text)
    return winner, shares


def adjusted_rand(first: Ints, second: Ints) -> float:
    """Adjusted Rand index of two groupings of the same cells, each numbered from 0.

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


def agreement_between(levels: NDArray[np.int8] | Ints) -> float:
    """Mean adjusted Rand index over all pairs of refits, on at most 20,000 evenly spaced cells.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), groups or levels from 0.

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
    return float(np.mean([adjusted_rand(a, b) for i, a in enumerate(some) for b in some[i + 1 :]]))
