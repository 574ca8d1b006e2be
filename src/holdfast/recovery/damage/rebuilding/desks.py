"""Desks: queues of many servers, some of whom come later, that take the most urgent of those who wait."""

import heapq

import numba
import numpy as np

from holdfast.types import Floats, Ints


def served(arrival: Floats, effort: Floats, rank: Ints, opens: Floats) -> Floats:
    """When each of those who ask a desk has been served, days.

    A free server takes at once who has the lowest rank of those waiting, of one rank who came first, of one moment who
    stands first in the arrays; nobody is sent back once begun, and no server rests while anybody waits.

    Parameters
    ----------
    arrival, effort : ndarray of float
        Day on which each asks, and days of a server that he takes, 0 for who needs none; shape (asker,).
    rank : ndarray of int
        The lower, the sooner, shape (asker,).
    opens : ndarray of float
        Day from which each server works, shape (server,), at least one.

    Returns
    -------
    ndarray of float
        Day, shape (asker,); that of the arrival where the effort is 0.

    References
    ----------
    Kleinrock (1975), Queueing Systems, volume 1: the queue G/G/c; volume 2, chapter 3: priority without preemption.

    Examples
    --------
    >>> served(np.array([0.0, 0.0, 0.0]), np.full(3, 2.0), np.array([1, 1, 0]), np.zeros(1)).tolist()
    [4.0, 6.0, 2.0]
    """
    done = arrival.copy()
    asking = np.flatnonzero(effort > 0)
    if asking.size:
        order = asking[np.argsort(arrival[asking], kind="stable")]
        _serve(order, arrival, effort, rank, np.sort(opens), done)
    return done


@numba.njit(cache=True)
def _serve(order: Ints, arrival: Floats, effort: Floats, rank: Ints, opens: Floats, done: Floats) -> None:
    """Fill `done` for those in `order`, which is by arrival; `opens` is sorted, and so a heap."""
    free = list(opens)
    waiting = [(rank[0], arrival[0], order[0])]
    waiting.pop()
    coming, now = 0, 0.0
    for _ in range(order.size):
        # the first server who is free takes over where somebody waits, else he waits for the next to come; of two who come
        # at once the second finds a server who has been free for long, hence the present moment
        now = max(now, free[0]) if len(waiting) > 0 else max(free[0], arrival[order[coming]])
        while coming < order.size and arrival[order[coming]] <= now:
            a = order[coming]
            heapq.heappush(waiting, (rank[a], arrival[a], a))
            coming += 1
        chosen = heapq.heappop(waiting)[2]
        done[chosen] = now + effort[chosen]
        heapq.heapreplace(free, done[chosen])


def opening_days(first: float, outside: float, days: float) -> Floats:
    """Day from which each server of a desk works: `first` of them at once, others as they come from outside.

    servers(t) = first x (1 + outside x (1 - exp(-t / days))), in whole ones, at least one.

    Parameters
    ----------
    first : float
        Servers on the first day; what is no whole number is rounded.
    outside : float
        Servers who come, over those of the first day.
    days : float
        Time constant of their coming.

    Examples
    --------
    >>> opening_days(2, 1, 10).round(2).tolist()
    [0.0, 0.0, 2.88, 13.86]
    """
    here, coming = max(round(first), 1), round(max(first, 1) * outside)
    # each comes when the curve stands in the middle of his step, so that the last one comes at all
    share = (np.arange(coming) + 0.5) / max(coming, 1)
    return np.concatenate([np.zeros(here), -days * np.log1p(-share)])
