"""Which waiting tasks fill the free crews best."""

import numba
import numpy as np


@numba.njit(cache=True)
def knapsack(value: np.ndarray, crews: np.ndarray, free: int) -> np.ndarray:
    """Set of tasks of the greatest total value that fits the free crews; exact.

    Parameters
    ----------
    value : ndarray
        At least 0, shape (task,).
    crews : ndarray of int
        Crews of each task.
    free : int
        Free crews.

    Returns
    -------
    ndarray of bool
        Shape (task,).

    References
    ----------
    Bellman (1957), dynamic programming of the 0/1 knapsack.

    Examples
    --------
    >>> knapsack(np.array([6.0, 5.0, 5.0]), np.array([3, 2, 2]), 4).tolist()
    [False, True, True]
    """
    best = np.zeros(free + 1)
    taken = np.zeros((value.size, free + 1), dtype=np.bool_)
    for i in range(value.size):
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
def packed(value: np.ndarray, crews: np.ndarray, free: int) -> np.ndarray:
    """Set of tasks that fits the free crews, greedily by value per crew and bettered by swaps.

    Tasks are taken in order of value per crew while they fit; then a task left out replaces one taken
    wherever that fits and gains, until no such swap is left. At least as good as the single best task,
    so at least half the greatest total value.

    Parameters
    ----------
    value : ndarray
        At least 0, shape (task,).
    crews : ndarray of int
        Crews of each task, at least 1.
    free : int
        Free crews.

    Returns
    -------
    ndarray of bool
        Shape (task,).

    Examples
    --------
    >>> packed(np.array([6.0, 5.0, 5.0]), np.array([3, 2, 2]), 4).tolist()
    [False, True, True]
    >>> packed(np.array([9.0, 4.0]), np.array([4, 1]), 4).tolist()
    [True, False]
    """
    chosen = np.zeros(value.size, dtype=np.bool_)
    left = free
    order = np.argsort(-value / crews, kind="mergesort")
    for i in order:
        if crews[i] <= left:
            chosen[i] = True
            left -= crews[i]
    bettered = True
    while bettered:
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
        for i in order:
            if not chosen[i] and crews[i] <= left:
                chosen[i] = True
                left -= crews[i]
                bettered = True
    return chosen


@numba.njit(cache=True)
def best_set(value: np.ndarray, crews: np.ndarray, free: int, exact: int) -> np.ndarray:
    """The best set of tasks for the free crews: exact for up to `exact` tasks, else by `packed`.

    Parameters
    ----------
    value : ndarray
        At least 0, shape (task,).
    crews : ndarray of int
        Crews of each task, at least 1.
    free : int
        Free crews.
    exact : int
        Number of tasks up to which dynamic programming is used.

    Returns
    -------
    ndarray of bool
        Shape (task,).

    Examples
    --------
    >>> best_set(np.array([6.0, 5.0, 5.0]), np.array([3, 2, 2]), 4, 64).tolist()
    [False, True, True]
    """
    if value.size <= exact:
        return knapsack(value, crews, free)
    return packed(value, crews, free)
