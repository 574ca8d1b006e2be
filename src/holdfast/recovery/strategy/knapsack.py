"""Which waiting tasks fill the free crews best."""

import numba
import numpy as np
from numpy.typing import ArrayLike

from holdfast.errors import Problem, TableError
from holdfast.types import Bools, Floats, Ints


def knapsack(value: ArrayLike, crews: ArrayLike, free: int) -> Bools:
    """Set of tasks of the greatest total value that fits the free crews, shape (task,); exact.

    Parameters
    ----------
    value : array_like
        At least 0, in any unit, shape (task,).
    crews : array_like of int
        Crews that each task takes, at least 1, shape (task,).
    free : int
        Crews at hand; time and memory grow with ``len(value) * free``.

    Raises
    ------
    TableError
        If the arrays differ in length or hold what is no value or no number of crews.

    References
    ----------
    Bellman (1957), Dynamic Programming: the 0/1 knapsack.

    Examples
    --------
    >>> knapsack([6.0, 5.0, 5.0], [3, 2, 2], free=4).tolist()
    [False, True, True]
    """
    values, sizes = np.asarray(value, dtype=np.float64), np.asarray(crews)
    problems = []
    if values.ndim != 1 or values.shape != sizes.shape:
        problems.append(Problem(f"value has shape {values.shape}, crews {sizes.shape}; give one of each per task"))
    if not (values >= 0).all() or not np.isfinite(values).all():
        problems.append(Problem("below 0 or no number; give values of at least 0", column="value"))
    if not np.issubdtype(sizes.dtype, np.integer) or (sizes < 1).any():
        problems.append(Problem("not whole or below 1; give whole crews of at least 1", column="crews"))
    if free < 0:
        problems.append(Problem(f"{free} is below 0", column="free"))
    if problems:
        raise TableError("knapsack", problems)
    return np.asarray(exact_set(values, sizes.astype(np.int64), int(free)))


@numba.njit(cache=True)
def exact_set(value: Floats, crews: Ints, free: int) -> Bools:
    """As `knapsack`, unchecked."""
    best = np.zeros(free + 1)
    taken = np.zeros((value.size, free + 1), dtype=np.bool_)
    for i in range(value.size):
        # from full room down, so that best[room - crews] is still that without task i
        for room in range(free, crews[i] - 1, -1):
            with_task = best[room - crews[i]] + value[i]
            if with_task > best[room]:
                best[room] = with_task
                taken[i, room] = True
    chosen = np.zeros(value.size, dtype=np.bool_)
    room = free
    for i in range(value.size - 1, -1, -1):
        if taken[i, room]:
            chosen[i] = True
            room -= crews[i]
    return chosen


@numba.njit(cache=True)
def greedy_set(value: Floats, crews: Ints, free: int) -> Bools:
    """Set of tasks that fits the free crews, greedily by value per crew and bettered by swaps; arguments as `knapsack`.

    Examples
    --------
    >>> greedy_set(np.array([9.0, 4.0]), np.array([4, 1]), 4).tolist()
    [True, False]
    """
    chosen = np.zeros(value.size, dtype=np.bool_)
    left = free
    order = np.argsort(-value / crews, kind="mergesort")  # the one stable sort that numba has
    for i in order:
        if crews[i] <= left:
            chosen[i] = True
            left -= crews[i]
    bettered = True  # in the end no worse than the single best task, so at least half the greatest total value
    while bettered:  # every swap raises the total, so that this ends
        bettered = False
        for i in order:
            if chosen[i] or crews[i] > free:
                continue
            out, gain = -1, 0.0
            for j in range(value.size):
                if chosen[j] and crews[i] - crews[j] <= left and value[i] - value[j] > gain:
                    out, gain = j, value[i] - value[j]
            if out >= 0:
                chosen[out], chosen[i] = False, True
                left += crews[out] - crews[i]
                bettered = True
        for i in order:  # what a swap made room for
            if not chosen[i] and crews[i] <= left:
                chosen[i] = True
                left -= crews[i]
                bettered = True
    return chosen


@numba.njit(cache=True)
def best_set(value: Floats, crews: Ints, free: int, exact: int) -> Bools:
    """The best set of tasks for the free crews: by `exact_set` for up to `exact` tasks, else by `greedy_set`."""
    if value.size <= exact:
        return exact_set(value, crews, free)
    return greedy_set(value, crews, free)
