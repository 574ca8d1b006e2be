"""Recapture: what is made up by overtime after an interruption, and when."""

import numpy as np

from holdfast.recovery.function.productivity import not_recaptured
from holdfast.recovery.production.spread import daily
from holdfast.types import Floats, Ints


def made_up(lost: Floats, share: Floats, sector: Ints, reopened: Ints, days: int, fade: float, sectors: int) -> Floats:
    """Production that is made up on each day.

    A firm makes up, after it works again, the share of what it lost that `not_recaptured` leaves, spread evenly over the
    following `fade` days. That never asks for more than a quarter above normal: after d days without production the
    share s (1 - d / fade) of d days is made up in `fade` days, at most s / 4 of a normal day per day.

    Parameters
    ----------
    lost : ndarray
        Production lost by each building, money, shape (building,).
    share : ndarray
        Made up after a short interruption, 0..1, same shape (``recapture_share`` of the occupancies).
    sector : ndarray of int
        Of each building.
    reopened : ndarray of int
        Day from which each works as on a normal day, counted from the first day; -1 if it does not.
    days : int
        Number of days.
    fade : float
        Days after which nothing is made up any more (figure ``recapture_fade``).
    sectors : int
        Number of sectors.

    Returns
    -------
    ndarray
        Money per day, shape (day, sector).

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual, direct economic losses: output recapture factors, which hold for
    interruptions of up to about three months. Not specified there: when it is made up; here over `fade` days.

    Examples
    --------
    >>> late = made_up(np.array([300.0]), np.array([0.9]), np.array([0]), np.array([30]), 200, 90.0, 1)
    >>> late[29:31, 0].round(9).tolist(), round(float(late.sum()), 9)
    ([0.0, 2.0], 180.0)
    """
    able = (reopened >= 0) & (lost > 0)
    length = np.where(able, reopened, 0).astype(np.float64)
    back = np.where(able, lost - not_recaptured(lost, share, length, fade), 0.0)
    start = np.where(able, reopened, 0)
    return daily(back / fade, sector, start, start + round(fade), days, sectors)
