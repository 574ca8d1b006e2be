"""Firms whose premises cannot be used: they wait, move into vacant floors, or close for good."""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.types import Floats


class Hazards(NamedTuple):
    """How firms without premises decide.

    ``wait``: days before one looks for others; by sector ``moving`` and ``closing`` (1/day); ``reopening``: mean days until a
    new firm works in repaired premises whose firm has closed; ``vacant`` (sector,): production for which floors stand
    empty before the event, money per day.
    """

    wait: float
    moving: Floats
    closing: Floats
    reopening: float
    vacant: Floats


@numba.njit(cache=True)
def relocated(out: Floats, normal: Floats, hazards: Hazards) -> Floats:
    """Production that moved firms make elsewhere, less that of repaired premises which stand empty.

    Of the firms without premises the shares w wait, m have moved and c have closed, w + m + c = 1. From day `wait` on
    m grows by moving x w and c by closing x w per day, as long as m out <= vacant x (1 - out / normal): vacant floors are
    damaged like those in use. Who waits or has moved returns on the day of the repair; of what is repaired the share c
    stands empty, and fills at a rate of 1 / reopening.

    Parameters
    ----------
    out : ndarray
        Production of premises that cannot be used, falling from day to day, money per day, shape (day, sector).
    normal : ndarray
        Production of all premises on a normal day, shape (sector,).
    hazards : Hazards
        How firms decide.

    Returns
    -------
    ndarray
        Money per day, shape (day, sector); below 0 where more stands empty than is made elsewhere.

    References
    ----------
    Not specified in the paper, which has businesses close, reopen and relocate as agents: here constant hazards, of which
    the expected shares are taken and nothing is drawn.
    """
    days, sectors = out.shape
    gain = np.zeros((days, sectors))
    for s in range(sectors):
        moved = closed = empty = before = 0.0
        for t in range(days):
            here = out[t, s]
            empty += closed * max(before - here, 0.0) - empty / hazards.reopening
            before = here
            if here > 0.0:
                room = hazards.vacant[s] * max(1.0 - here / normal[s], 0.0)
                if t >= hazards.wait:
                    waiting = 1.0 - moved - closed
                    moved += waiting * hazards.moving[s]
                    closed += waiting * hazards.closing[s]
                moved = min(moved, room / here)
            gain[t, s] = moved * here - empty
    return gain
