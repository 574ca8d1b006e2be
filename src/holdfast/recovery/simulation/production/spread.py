"""Amounts that stand for a span of days, summed by day."""

import numpy as np

from holdfast.types import Floats, Ints


def daily(amount: Floats, row: Ints, start: Ints, stop: Ints, days: int, rows: int) -> Floats:
    """Sum of the amounts that stand on each day, by row.

    Parameters
    ----------
    amount : ndarray
        Per day, shape (item,).
    row : ndarray of int
        Of each item.
    start, stop : ndarray of int
        First day on which it stands, and first day after; outside 0 .. `days` it is cut off.
    days, rows : int
        Shape of the result.

    Returns
    -------
    ndarray
        Shape (day, row), exactly 0 where nothing stands.

    Examples
    --------
    >>> two = daily(np.array([0.1, 0.2]), np.zeros(2, int), np.array([0, 1]), np.array([2, 9]), 4, 1)
    >>> two[:, 0].round(9).tolist()
    [0.1, 0.3, 0.2, 0.2]
    """
    start, stop = np.clip(start, 0, days), np.clip(stop, 0, days)
    on = (start < stop) & (amount != 0)
    first, last = start[on] * rows + row[on], stop[on] * rows + row[on]
    size = (days + 1) * rows
    change = np.bincount(first, amount[on], size) - np.bincount(last, amount[on], size)
    count = np.bincount(first, minlength=size) - np.bincount(last, minlength=size)
    standing = count.reshape(-1, rows)[:days].cumsum(axis=0)
    # a sum of differences ends a rounding error beside 0; how many stand is exact
    return np.where(standing > 0, change.reshape(-1, rows)[:days].cumsum(axis=0), 0.0)
