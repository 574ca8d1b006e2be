"""What needs no simulation: predictions that a simulation must better before it is worth its name."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged


class Known(NamedTuple):
    """What a baseline may know.

    ``days``, ``share`` (time,): what was observed up to the first predicted day, at least once; ``published``: ``share``
    recovered ``days`` after other events, of the same quantity.
    """

    days: np.ndarray
    share: np.ndarray
    published: pd.DataFrame


Baseline = Callable[[Known, np.ndarray], np.ndarray | None]
"""(what is known, days wanted) -> recovered shares, shape (draw, day), or None if too little is known for it."""


def persistence(known: Known, days: np.ndarray) -> np.ndarray | None:
    """Nothing changes after the last known day: one draw.

    Examples
    --------
    >>> known = Known(np.array([0.0, 1.0]), np.array([0.4, 0.5]), pd.DataFrame())
    >>> persistence(known, np.array([2.0, 3.0])).tolist()
    [[0.5, 0.5]]
    """
    return np.full((1, len(days)), known.share[-1])


def constant_rate(known: Known, days: np.ndarray) -> np.ndarray | None:
    """The mean rate since the lowest known day goes on until all is recovered: one draw, none before a second day.

    Examples
    --------
    >>> known = Known(np.array([0.0, 1.0]), np.array([0.4, 0.6]), pd.DataFrame())
    >>> constant_rate(known, np.array([2.0, 9.0])).tolist()
    [[0.8, 1.0]]
    """
    lowest = int(np.argmin(known.share))
    passed = known.days[-1] - known.days[lowest]
    if passed <= 0:
        return None
    last = known.share[-1]
    rise = last + (last - known.share[lowest]) / passed * (days - known.days[-1])
    # a share that was above normal already does not fall back to it; rounded, since 1 is compared with levels
    return np.round(np.minimum(rise, max(1.0, last)), 12)[None]


def published_exponential(known: Known, days: np.ndarray) -> np.ndarray | None:
    """What is missing on the last known day fades at the rates published of other events, one draw each.

    Examples
    --------
    >>> known = Known(np.array([0.0]), np.array([0.5]), pd.DataFrame({"share": [0.9], "days": [10.0]}))
    >>> published_exponential(known, np.array([10.0])).round(3).tolist()
    [[0.95]]
    """
    if known.published.empty:
        return None
    share, took = (known.published[c].to_numpy(np.float64) for c in ("share", "days"))
    # 1 - share = exp(-rate days) gives the rate of each published time.
    fading = np.exp(np.outer(np.log1p(-share) / took, days - known.days[-1]))
    return np.asarray(1.0 - (1.0 - known.share[-1]) * fading)


BASELINES: dict[str, Baseline] = {
    "persistence": persistence,
    "constant rate": constant_rate,
    "published exponential": published_exponential,
}


def published_times(quantity: str, event: str) -> pd.DataFrame:
    """Published times of recovery of a quantity, without those of the event that is to be predicted.

    Returns
    -------
    DataFrame
        Rows of the packaged table ``published_recoveries``: of each event and area the last that is not yet whole.

    Examples
    --------
    >>> published_times("homes_repaired", "Northridge 1994")[["share", "days"]].to_numpy().tolist()
    [[0.65, 1071.0], [0.5, 1460.0]]
    """
    table = packaged("published_recoveries")
    # a share of 1 would be an infinite rate
    own = table[(table["quantity"] == quantity) & (table["event"] != event) & (table["value"] < 1)]
    last = own.sort_values("day", kind="stable").groupby(["event", "area"], sort=False).tail(1)
    return last.rename(columns={"value": "share", "day": "days"})
