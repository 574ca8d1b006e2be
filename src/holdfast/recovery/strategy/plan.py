"""Looking ahead: the best schedule found of a few tasks, of which only what starts today is committed.

A rule that fills every free crew at once gives a crew to a long repair of little worth on the day before
one of great worth is released, and takes the best-paying small repairs before a large one that needs the
whole pool. Where few tasks are left to a trade, they are scheduled on expected days instead, with those
that are to be released later, and crews are held back where that loses less.
"""

from typing import NamedTuple

import numba
import numpy as np

TINY = 1e-12
"""Share of the loss below which a better schedule is taken for rounding."""


class Ahead(NamedTuple):
    """Tasks of one trade, as planners see them today; all (task,).

    ``release``, ``expected`` (days), ``crews``: int; ``dark``, ``full``: functionality that the task gives back
    per day before and from the day ``back`` on which its services are forecast to be there.
    """

    release: np.ndarray
    expected: np.ndarray
    crews: np.ndarray
    dark: np.ndarray
    full: np.ndarray
    back: np.ndarray


@numba.njit(cache=True)
def _insert(days: np.ndarray, left: np.ndarray, size: int, day: int) -> int:
    """Split the profile of free crews at a day; its new length."""
    k = size
    while k > 0 and days[k - 1] > day:
        k -= 1
    if k > 0 and days[k - 1] == day:
        return size
    for i in range(size, k, -1):
        days[i], left[i] = days[i - 1], left[i - 1]
    days[k], left[k] = day, left[k - 1]
    return size + 1


@numba.njit(cache=True)
def _schedule(
    order: np.ndarray, ahead: Ahead, since: np.ndarray, free: np.ndarray, worst: float, start: np.ndarray
) -> float:
    """Start the tasks in order, each on the first day from which its crews are free throughout; the loss.

    Gives up, with a loss of at least `worst`, once that is reached.
    """
    size, loss = since.size, 0.0
    days, left = np.empty(size + 2 * order.size, np.int64), np.empty(size + 2 * order.size, np.int64)
    days[:size], left[:size] = since, free
    for j in order:
        begin = max(ahead.release[j], since[0])
        k = 0
        while k < size and days[k] < begin + ahead.expected[j]:
            if left[k] < ahead.crews[j] and k + 1 < size and days[k + 1] > begin:
                begin = days[k + 1]
            k += 1
        start[j] = begin
        end = begin + ahead.expected[j]
        loss += ahead.dark[j] * min(end, ahead.back[j]) + ahead.full[j] * max(end - ahead.back[j], 0)
        if loss >= worst:
            return loss
        size = _insert(days, left, size, begin)
        size = _insert(days, left, size, end)
        for k in range(size):
            if begin <= days[k] < end:
                left[k] -= ahead.crews[j]
    return loss


@numba.njit(cache=True)
def _moved(order: np.ndarray, i: int, k: int, into: np.ndarray) -> None:
    """The order with its entry i moved to place k."""
    into[:] = order
    step = 1 if k > i else -1
    for p in range(i, k, step):
        into[p] = order[p + step]
    into[k] = order[i]


@numba.njit(cache=True)
def plan(ahead: Ahead, since: np.ndarray, free: np.ndarray, rounds: int) -> np.ndarray:
    """Starts of the best schedule found: by gain per crew-day first, then bettered by moves and swaps.

    Parameters
    ----------
    ahead : Ahead
        Waiting tasks, and those to be released.
    since, free : ndarray of int
        Days, from today on, from which so many crews are free if nothing more is started; the last
        number is at least the crews of every task.
    rounds : int
        Passes over all moves and swaps at most.

    Returns
    -------
    ndarray of int
        Day on which each task is to start, shape (task,).

    Examples
    --------
    >>> long_and_poor, short_and_rich = (0, 10, 1, 1.0), (1, 2, 1, 9.0)
    >>> release, days, crews, gain = (np.array(x) for x in zip(long_and_poor, short_and_rich))
    >>> ahead = Ahead(release, days, crews, gain, gain, release)
    >>> plan(ahead, np.array([0]), np.array([1]), 9).tolist()
    [3, 1]
    """
    count = ahead.release.size
    best = np.empty(count, np.int64)
    order = np.argsort(-ahead.full / (ahead.expected * ahead.crews), kind="mergesort")
    least = _schedule(order, ahead, since, free, np.inf, best)
    start, other = best.copy(), order.copy()
    for _ in range(rounds):
        before = least
        for i in range(count):
            for k in range(count):
                for swap in range(2):
                    if k == i or (swap == 1 and k <= i + 1):
                        continue
                    if swap == 1:
                        other[:] = order
                        other[i], other[k] = order[k], order[i]
                    else:
                        _moved(order, i, k, other)
                    loss = _schedule(other, ahead, since, free, least, start)
                    if loss < least - TINY * abs(least):
                        least = loss
                        order[:] = other
                        best[:] = start
        if least == before:
            break
    return best
