"""Looking ahead: the best schedule found of a few tasks, of which only what starts today is committed.

A rule that fills every free crew at once gives a crew to a long repair of little value on the day before
one of great value is released, and takes the best-paying small repairs before a large one that needs the
whole pool. Where few tasks are left to a trade, they are scheduled on expected days instead, with those
that are to be released later, and crews are held back where that loses less.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.types import Floats, Ints

TINY = 1e-12
"""Share of the loss below which a better schedule is taken for rounding."""


class Upcoming(NamedTuple):
    """Tasks of one trade, as planners see them today; all (task,).

    ``release``, ``expected`` (days), ``crews``; ``gain_before``, ``gain``: functionality that the task gives back
    per day before and from the day ``services`` on which its services are forecast to be there.
    """

    release: Ints
    expected: Ints
    crews: Ints
    gain_before: Floats
    gain: Floats
    services: Ints


@numba.njit(cache=True)
def best_schedule(tasks: Upcoming, since: Ints, free: Ints, rounds: int) -> Ints:
    """Day on which each task starts in the best schedule found: by gain per crew-day, then by moves and swaps.

    Parameters
    ----------
    since, free : ndarray of int
        Days, from today on, from which so many crews are free if nothing more is started; the last
        number is at least the crews of every task.
    rounds : int
        Passes over all moves and swaps at most.

    Examples
    --------
    >>> release, days, crews, gain = (np.array(x) for x in zip((0, 10, 1, 1.0), (1, 2, 1, 9.0)))
    >>> long_and_poor_then_short_and_rich = Upcoming(release, days, crews, gain, gain, release)
    >>> best_schedule(long_and_poor_then_short_and_rich, np.array([0]), np.array([1]), 9).tolist()
    [3, 1]
    """
    count = tasks.release.size
    best = np.empty(count, np.int64)
    order = np.argsort(-tasks.gain / (tasks.expected * tasks.crews), kind="mergesort")
    # Smith's rule with crews, from which the search starts
    least = _place(order, tasks, since, free, np.inf, best)
    start, other = best.copy(), order.copy()
    for _ in range(rounds):
        before = least
        for i in range(count):
            for k in range(count):
                for swap in range(2):
                    # a swap of neighbours is a move; of any other pair one of (i, k) and (k, i) is enough
                    if k == i or (swap == 1 and k <= i + 1):
                        continue
                    if swap == 1:
                        other[:] = order
                        other[i], other[k] = order[k], order[i]
                    else:
                        _move(order, i, k, other)
                    loss = _place(other, tasks, since, free, least, start)
                    if loss < least - TINY * abs(least):
                        least = loss
                        order[:] = other
                        best[:] = start
        if least == before:
            break
    return best


@numba.njit(cache=True)
def _place(order: Ints, tasks: Upcoming, since: Ints, free: Ints, worst: float, start: Ints) -> float:
    """Start the tasks in order, each on the first day from which its crews are free throughout; the loss.

    Gives up, with a loss of at least `worst`, once that is reached.
    """
    size, loss = since.size, 0.0
    # the profile of free crews, a step function; each task adds at most its start and its end
    days, left = np.empty(size + 2 * order.size, np.int64), np.empty(size + 2 * order.size, np.int64)
    days[:size], left[:size] = since, free
    for j in order:
        begin = max(tasks.release[j], since[0])
        k = 0
        while k < size and days[k] < begin + tasks.expected[j]:
            if left[k] < tasks.crews[j] and k + 1 < size and days[k + 1] > begin:
                begin = days[k + 1]  # no start before this step ends
            k += 1
        start[j] = begin
        end = begin + tasks.expected[j]
        loss += tasks.gain_before[j] * min(end, tasks.services[j]) + tasks.gain[j] * max(end - tasks.services[j], 0)
        if loss >= worst:
            return loss
        size = _insert(days, left, size, begin)
        size = _insert(days, left, size, end)
        for k in range(size):
            if begin <= days[k] < end:
                left[k] -= tasks.crews[j]
    return loss


@numba.njit(cache=True)
def _insert(days: Ints, left: Ints, size: int, day: int) -> int:
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
def _move(order: Ints, i: int, k: int, into: Ints) -> None:
    """Write the order with its entry i moved to place k."""
    into[:] = order
    step = 1 if k > i else -1
    for p in range(i, k, step):
        into[p] = order[p + step]
    into[k] = order[i]
