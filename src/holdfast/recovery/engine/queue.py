"""Waiting tasks: one indexed binary heap per trade and size of crew."""

from typing import NamedTuple

import numpy as np

from holdfast.kernels import allocation_free
from holdfast.types import Floats, Ints


class Queue(NamedTuple):
    """Released tasks without a crew.

    Heap c holds ``size[c]`` assets at heap[start[c]] .., least ``key`` first, of tasks that take ``crews[c]`` crews;
    ``kind`` (asset,): its heap; ``place`` (asset,): where it stands, -1 if it does not wait. The heaps of trade t are
    ``trade_start[t]`` .. trade_start[t + 1], and ``trade_of`` (heap,) their trade; ``waiting`` (trade,): tasks.
    """

    heap: Ints
    key: Floats
    place: Ints
    kind: Ints
    start: Ints
    size: Ints
    crews: Ints
    trade_start: Ints
    trade_of: Ints
    waiting: Ints


def queue(trade: Ints, crews: Ints, trades: int) -> Queue:
    """Empty heaps for the assets of a city; every key is 0.

    Parameters
    ----------
    trade, crews : ndarray of int
        Trade that repairs each asset, and crews that it takes, shape (asset,).

    Examples
    --------
    >>> queue(np.array([0, 1, 0]), np.array([1, 1, 5]), 2).trade_start.tolist()
    [0, 2, 3]
    """
    most = int(crews.max(initial=0)) + 1
    # one kind per pair of trade and crews, sorted by trade, so that the heaps of a trade stand together
    kinds, kind, count = np.unique(trade * most + crews, return_inverse=True, return_counts=True)
    return Queue(
        heap=np.empty(trade.size, dtype=np.int64),
        key=np.zeros(trade.size),
        place=np.full(trade.size, -1, dtype=np.int64),
        kind=kind.astype(np.int64),
        start=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        size=np.zeros(kinds.size, dtype=np.int64),
        crews=(kinds % most).astype(np.int64),
        trade_start=np.searchsorted(kinds // most, np.arange(trades + 1)).astype(np.int64),
        trade_of=(kinds // most).astype(np.int64),
        waiting=np.zeros(trades, dtype=np.int64),
    )


def emptied(layout: Queue) -> Queue:
    """The same heaps with nothing in them, to be filled in one draw; `layout` is not changed."""
    return layout._replace(
        heap=np.empty_like(layout.heap),
        key=np.zeros_like(layout.key),
        place=np.full_like(layout.place, -1),
        size=np.zeros_like(layout.size),
        waiting=np.zeros_like(layout.waiting),
    )


@allocation_free
def _before(q: Queue, a: int, b: int) -> bool:
    """Whether task a comes before task b; of equal keys the earlier asset."""
    first: bool = q.key[a] < q.key[b] or (q.key[a] == q.key[b] and a < b)
    return first


@allocation_free
def _rise(q: Queue, c: int, i: int) -> int:
    """Move the task at place i of heap c towards the top as far as it goes; where it stands then."""
    base, a = q.start[c], q.heap[q.start[c] + i]
    while i > 0:
        above = (i - 1) // 2
        b = q.heap[base + above]
        if not _before(q, a, b):
            break
        q.heap[base + i] = b
        q.place[b] = i
        i = above
    q.heap[base + i] = a
    q.place[a] = i
    return i


@allocation_free
def _sink(q: Queue, c: int, i: int) -> None:
    """Move the task at place i of heap c away from the top as far as it goes."""
    base, a = q.start[c], q.heap[q.start[c] + i]
    while True:
        below = 2 * i + 1
        if below >= q.size[c]:
            break
        if below + 1 < q.size[c] and _before(q, q.heap[base + below + 1], q.heap[base + below]):
            below += 1
        b = q.heap[base + below]
        if not _before(q, b, a):
            break
        q.heap[base + i] = b
        q.place[b] = i
        i = below
    q.heap[base + i] = a
    q.place[a] = i


@allocation_free
def push(q: Queue, a: int) -> None:
    """Let an asset that does not wait yet wait, by its key."""
    c = q.kind[a]
    i = q.size[c]
    q.size[c] += 1
    q.heap[q.start[c] + i] = a
    q.waiting[q.trade_of[c]] += 1
    _rise(q, c, i)


@allocation_free
def remove(q: Queue, a: int) -> None:
    """Take a waiting asset out."""
    c, i = q.kind[a], q.place[a]
    q.size[c] -= 1
    q.waiting[q.trade_of[c]] -= 1
    q.place[a] = -1
    last = q.heap[q.start[c] + q.size[c]]
    if last != a:
        # the last of the heap fills the gap, and may belong above or below it
        q.heap[q.start[c] + i] = last
        q.place[last] = i
        _sink(q, c, _rise(q, c, i))


@allocation_free
def rekey(q: Queue, a: int, key: float) -> None:
    """Change the key of an asset, waiting or not; least first."""
    q.key[a] = key
    if q.place[a] >= 0:
        _sink(q, q.kind[a], _rise(q, q.kind[a], q.place[a]))


@allocation_free
def first_that_fits(q: Queue, trade: int, free: int) -> int:
    """Waiting asset of a trade with the least key among those that `free` crews can do; -1 if none.

    Examples
    --------
    >>> q = queue(np.array([0, 0, 0]), np.array([1, 1, 5]), 1)
    >>> for asset, key in enumerate([7.0, 3.0, 1.0]):
    ...     rekey(q, asset, key)
    ...     push(q, asset)
    >>> first_that_fits(q, 0, 4), first_that_fits(q, 0, 5)
    (1, 2)
    """
    found = -1
    # the tops of the heaps of those sizes of crew that fit: no heap need be searched
    for c in range(q.trade_start[trade], q.trade_start[trade + 1]):
        if q.crews[c] <= free and q.size[c] > 0:
            a = q.heap[q.start[c]]
            if found < 0 or _before(q, a, found):
                found = a
    return found
