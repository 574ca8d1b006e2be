"""The best set of measures for a budget, where pairs are worth more or less together than apart."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from holdfast.errors import NotConverged


class Programme(NamedTuple):
    """Measures to choose from.

    ``value`` of each alone, shape (measure,); ``interaction``, shape (measure, measure), upper triangle: what a pair is worth
    together beyond the sum of both, in the unit of the value; ``cost``, shape (measure,), money, at least 0; ``excluded``:
    pairs of positions that cannot be had together.
    """

    value: NDArray[np.float64]
    interaction: NDArray[np.float64]
    cost: NDArray[np.float64]
    excluded: Collection[tuple[int, int]] = ()


def value_of(programme: Programme, chosen: Collection[int]) -> float:
    """Value of a set: the sum of its measures and of its pairs.

    Examples
    --------
    >>> pair = Programme(np.array([5.0, 4.0]), np.array([[0.0, -3.0], [0.0, 0.0]]), np.array([1.0, 1.0]))
    >>> value_of(pair, [0, 1])
    6.0
    """
    rows = sorted(chosen)
    return float(programme.value[rows].sum() + np.triu(programme.interaction[np.ix_(rows, rows)], 1).sum())


def best_set(programme: Programme, budget: float) -> tuple[int, ...]:
    """Set of the greatest value that a budget pays for, by a mixed-integer linear programme.

    A binary variable per measure and one per pair that interacts, which is 1 exactly where both measures are chosen
    (linearisation of Fortet 1960), solved to optimality by HiGHS.

    Parameters
    ----------
    programme : Programme
        What there is to choose from.
    budget : float
        Money that the costs may reach.

    Returns
    -------
    tuple of int
        Positions, ascending; of sets of one value the solver's, always the same for the same programme.

    Raises
    ------
    NotConverged
        If the solver finds no proven optimum.

    Examples
    --------
    >>> pair = Programme(np.array([5.0, 4.0]), np.array([[0.0, -4.5], [0.0, 0.0]]), np.array([1.0, 1.0]))
    >>> best_set(pair, 2.0)
    (0,)
    """
    count = len(programme.value)
    if not count:
        return ()
    pairs = np.argwhere(np.triu(programme.interaction, 1) != 0)
    size = count + len(pairs)
    rows = lil_array((1 + 3 * len(pairs) + len(programme.excluded), size))
    upper = np.zeros(rows.shape[0])
    # tolerances of the solver are absolute: money is put in shares of the largest
    most = max(float(programme.cost.max()), abs(budget), 1e-300)
    rows[0, :count], upper[0] = programme.cost / most, budget / most * (1 + 1e-12)
    for k, (i, j) in enumerate(pairs):
        at, both = 1 + 3 * k, count + k
        rows[at, [both]], rows[at, [i]] = 1.0, -1.0
        rows[at + 1, [both]], rows[at + 1, [j]] = 1.0, -1.0
        rows[at + 2, [both]], rows[at + 2, [i]], rows[at + 2, [j]], upper[at + 2] = -1.0, 1.0, 1.0, 1.0
    for k, (i, j) in enumerate(programme.excluded):
        at = 1 + 3 * len(pairs) + k
        rows[at, [i]], rows[at, [j]], upper[at] = 1.0, 1.0, 1.0
    worth = np.concatenate([programme.value, programme.interaction[tuple(pairs.T)]])
    found = milp(
        -worth / max(float(np.abs(worth).max()), 1e-300),
        constraints=LinearConstraint(rows.tocsr(), -np.inf, upper),
        integrality=np.ones(size),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.status != 0:
        text = f"the programme of {count} measures has no proven optimum ({found.message}); take fewer measures"
        raise NotConverged(text)
    return tuple(int(i) for i in np.flatnonzero(found.x[:count] > 0.5))


def greedy_set(programme: Programme, budget: float) -> tuple[int, ...]:
    """Set that always takes next what adds most per money that it costs and still fits, beside `best_set`.

    What costs nothing and adds something comes first; nothing is taken that adds nothing.

    Parameters
    ----------
    programme : Programme
        What there is to choose from.
    budget : float
        Money that the costs may reach.

    Examples
    --------
    >>> apart = Programme(np.array([3.0, 5.0]), np.zeros((2, 2)), np.array([1.0, 2.0]))
    >>> greedy_set(apart, 2.0), best_set(apart, 2.0)
    ((0,), (1,))
    """
    both = programme.interaction + programme.interaction.T
    barred = {i: {b if a == i else a for a, b in programme.excluded if i in (a, b)} for i in range(len(programme.cost))}
    chosen: list[int] = []
    left = budget * (1 + 1e-12)
    while True:
        gains = programme.value + both[:, chosen].sum(axis=1)
        open_ = [
            i
            for i in range(len(gains))
            if i not in chosen and gains[i] > 0 and programme.cost[i] <= left and not barred[i] & set(chosen)
        ]
        if not open_:
            return tuple(sorted(chosen))
        # a cost of 0 makes the ratio infinite: of several, the one that adds most
        best = max(
            open_, key=lambda i: (gains[i] / programme.cost[i] if programme.cost[i] > 0 else np.inf, gains[i], -i)
        )
        chosen.append(best)
        left -= programme.cost[best]
