"""Recapture: what is made up by overtime after an interruption, and when."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.function.productivity import not_recaptured
from holdfast.recovery.simulation.production.spread import daily
from holdfast.types import Floats, Ints


class Interruptions(NamedTuple):
    """What buildings have lost, all (building,).

    ``lost``: production, money; ``share``: made up after a short interruption, 0..1 (``recapture_share`` of the
    occupancies); ``sector``; ``reopened``: day from which each works as on a normal day, counted from the first day
    simulated, -1 if it does not; ``age``: days from the event to that first day.
    """

    lost: Floats
    share: Floats
    sector: Ints
    reopened: Ints
    age: int = 0


def made_up(of: Interruptions, shape: tuple[int, int], fade: float) -> Floats:
    """Production that is made up on each day.

    A firm makes up, after it works again, the share of what it lost that `not_recaptured` leaves, spread evenly over the
    following `fade` days. That never asks for more than a quarter above normal: after d days without production the
    share s (1 - d / fade) of d days is made up in `fade` days, at most s / 4 of a normal day per day.

    Parameters
    ----------
    of : Interruptions
        Of every building.
    shape : tuple of int
        Days and sectors.
    fade : float
        Days after which nothing is made up any more (figure ``recapture_fade``).

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
    >>> one = Interruptions(np.array([300.0]), np.array([0.9]), np.array([0]), np.array([30]))
    >>> late = made_up(one, (200, 1), fade=90.0)
    >>> late[29:31, 0].round(9).tolist(), round(float(late.sum()), 9)
    ([0.0, 2.0], 180.0)
    """
    able = (of.reopened >= 0) & (of.lost > 0)
    start = np.where(able, of.reopened, 0)
    length = (start + of.age).astype(np.float64)
    back = np.where(able, of.lost - not_recaptured(of.lost, of.share, length, fade), 0.0)
    return daily(back / fade, of.sector, start, start + round(fade), *shape)
