"""People as the unit of every statistic: what a cell counts, and means, spreads and ranks weighted by it."""

import numpy as np
import pandas as pd

from holdfast.types import Floats

FEWEST_HOMES = 10.0  # set on four metros (docs/rating-method.md)
MOST_LEFT_OUT = 0.01  # of the homes, in cells below the least number


def counted(homes: pd.Series, fewest: float = FEWEST_HOMES) -> pd.Series:
    """What each cell counts: its homes, and 0 where it holds fewer than `fewest`.

    Where cells are so small that those below hold more than 1 % of all homes, the least number is lowered until they do not.

    Examples
    --------
    >>> counted(pd.Series([3.0, 500.0, 900.0])).tolist()
    [0.0, 500.0, 900.0]
    >>> counted(pd.Series([6.0, 6.0, 7.0])).tolist()
    [6.0, 6.0, 7.0]
    """
    values = homes.fillna(0.0).to_numpy(np.float64)
    order = np.argsort(values, kind="stable")
    below = np.cumsum(values[order])
    # cells in the order of their homes, as long as they hold next to nothing together
    few = np.zeros(len(values), dtype=bool)
    few[order] = (values[order] < fewest) & (below <= MOST_LEFT_OUT * max(float(below[-1]), 0.0))
    return pd.Series(np.where(few, 0.0, values), index=homes.index, name="counted")


def midranks(values: Floats, people: Floats) -> Floats:
    """Share of the people in cells of lower values, and half of those in cells of the same one; shape (cell,).

    Examples
    --------
    >>> midranks(np.array([2.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])).tolist()
    [0.75, 0.25, 0.75]
    """
    unique, place = np.unique(values, return_inverse=True)
    held = np.bincount(place, weights=people, minlength=len(unique))
    below = np.cumsum(held) - held / 2
    return np.asarray(below[place] / held.sum())


def quantile(values: Floats, people: Floats, share: float) -> float:
    """Least value that at least a share of the people, 0..1, do not pass; over the cells where nobody is counted.

    Examples
    --------
    >>> quantile(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 8.0]), 0.5)
    2.0
    """
    held = people if people.sum() > 0 else np.ones(len(values))
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(held[order])
    return float(values[order][min(int(np.searchsorted(mass, share * mass[-1], side="left")), len(values) - 1)])


def mean_and_spread(values: Floats, people: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation over people of each column of values, (cell, number)."""
    centre = np.average(values, axis=0, weights=people)
    return centre, np.sqrt(np.average((values - centre) ** 2, axis=0, weights=people))


def correlations(values: Floats, people: Floats) -> Floats:
    """Correlations over people of the columns of values, (cell, number): shape (number, number).

    Examples
    --------
    >>> correlations(np.array([[0.0, 0.0], [1.0, 2.0], [9.0, -9.0]]), np.array([1.0, 1.0, 0.0])).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    centre, spread = mean_and_spread(values, people)
    scaled = (values - centre) / np.where(spread > 0, spread, 1.0)
    return np.asarray((scaled * (people / people.sum())[:, None]).T @ scaled)
