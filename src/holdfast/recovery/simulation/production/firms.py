"""Firms that decide one by one: each waits, moves into a vacant floor, closes for good, or returns with its premises."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.damage.rebuilding.rebuilding import uniforms
from holdfast.recovery.simulation.production.relocation import Hazards
from holdfast.recovery.simulation.production.spread import daily
from holdfast.types import Bools, Floats, Ints

MOVES, CLOSES, REOPENS = range(3)
"""Places of the uniform numbers of a firm."""
NEVER = 2**31


class Deciding(NamedTuple):
    """How firms decide: ``key`` of their random numbers; ``absence``: rise of the hazard of closing per share of the residents away."""

    key: np.uint64
    absence: float


class Firms(NamedTuple):
    """Firms of damaged premises, one to a building, all (building,).

    ``idle``: production that the damage keeps from being made, money per day, 0 without a firm; ``sector``; ``until``: day
    on which the premises are repaired.
    """

    idle: Floats
    sector: Ints
    until: Ints


class Queue(NamedTuple):
    """Firms of one sector, all (firm,).

    Days on which each ``looks`` for a floor, ``gives_up`` and is repaired (``until``), and its ``idle`` production.
    """

    looks: Ints
    gives_up: Ints
    until: Ints
    idle: Floats


class FirmDays(NamedTuple):
    """What the firms do that have damaged premises, all (firm,).

    ``own``: positions of their buildings; ``moves``: day on which each moves into another floor, `NEVER` for who does not;
    ``until``: day on which its premises are repaired; ``shut``: whether it has closed for good by then, and ``fills``: day on
    which another firm takes its premises.
    """

    own: Ints
    moves: Ints
    until: Ints
    shut: Bools
    fills: Ints


def moved_firms(
    firms: Firms, out: Floats, here: Floats, normal: Floats, hazards: Hazards, deciding: Deciding
) -> Floats:
    """Production that moved firms make elsewhere, less that of repaired premises whose firm has closed.

    Parameters
    ----------
    firms : Firms
        Of one draw, in the order of the buildings.
    out : ndarray
        Production of premises that cannot be used, money per day, shape (day, sector).
    here : ndarray
        Share of the residents in the city, shape (day,).
    normal : ndarray
        Production of all premises on a normal day, shape (sector,).
    hazards : Hazards
        Of the city, with the days counted from the first.
    deciding : Deciding
        Random numbers, and what firms make of absent customers.

    Returns
    -------
    ndarray
        Money per day, shape (day, sector).
    """
    days, sectors = out.shape
    did = firm_days(firms, out, here, normal, hazards, deciding)
    sector, idle, shut = firms.sector[did.own], firms.idle[did.own], did.shut
    gain = daily(idle, sector, np.minimum(did.moves, days), did.until, days, sectors)
    return gain - daily(idle[shut], sector[shut], did.until[shut], did.fills[shut], days, sectors)


def firm_days(
    firms: Firms, out: Floats, here: Floats, normal: Floats, hazards: Hazards, deciding: Deciding
) -> FirmDays:
    """When each firm moves, closes and returns.

    From day `wait` on a firm that waits decides every day to look for a floor, with the probability `moving`, and to close, with
    `closing` x (1 + absence x share of the residents away the day before). Who looks takes a floor once one large enough is vacant,
    the first who looked first. Premises of a closed firm are taken again after a time with the mean `reopening`. The
    mean over many small firms, with floors for all and nobody away, is `relocated`, but for who would do both on one day: it closes.

    Parameters
    ----------
    firms, out, here, normal, hazards, deciding
        As of `moved_firms`; a firm still out on the last day of `out` has its repair on the day after.

    References
    ----------
    Not specified in the paper, which has businesses close, reopen and relocate as agents: hazards as in `relocated`.
    """
    days = len(out)
    own = np.flatnonzero((firms.idle > 0) & (firms.sector >= 0))
    sector, until, idle = firms.sector[own], np.minimum(firms.until[own], days), firms.idle[own]
    looks = _first(own, sector, hazards.moving, np.ones(days), hazards.wait, MOVES, deciding)
    # what is known on a morning is who was there the day before
    away = 1.0 + deciding.absence * (1.0 - np.concatenate([[1.0], here[: days - 1]]))
    closes = _first(own, sector, hazards.closing, away, hazards.wait, CLOSES, deciding)
    gives_up, moves = np.minimum(until, closes), np.full(own.size, NEVER)
    for s in np.unique(sector):
        of = sector == s
        room = hazards.vacant[s] * np.maximum(1.0 - out[:, s] / normal[s], 0.0)
        moves[of] = _let(Queue(looks[of], gives_up[of], until[of], idle[of]), room)
    shut = (closes < until) & (moves == NEVER)
    return FirmDays(own, moves, until, shut, until + 1 + _wait(own, hazards.reopening, deciding))


def _first(own: Ints, sector: Ints, rate: Floats, factor: Floats, wait: float, place: int, deciding: Deciding) -> Ints:
    """First day on which each firm decides so, of days from `wait` on with the probability rate x factor, shape (firm,)."""
    chance = -np.log(uniforms(own, place, deciding.key))
    day, found = np.arange(factor.size), np.full(own.size, NEVER)
    for s in range(rate.size):
        of = sector == s
        hazard = np.where(day >= wait, -np.log1p(-np.minimum(rate[s] * factor, 1.0 - 1e-12)), 0.0).cumsum()
        first = np.searchsorted(hazard, chance[of])
        found[of] = np.where(first < day.size, first, NEVER)
    return found


def _wait(own: Ints, mean: float, deciding: Deciding) -> Ints:
    """Whole days until repaired premises are taken again, from the day after, with the probability 1 / mean a day."""
    if mean <= 1.0:
        return np.zeros(own.size, dtype=np.int64)
    chance = -np.log(uniforms(own, REOPENS, deciding.key))
    return np.floor(chance / -np.log1p(-1.0 / mean)).astype(np.int64)


def _let(firms: Queue, room: Floats) -> Ints:
    """Day on which each firm of a sector moves, `NEVER` for whom no floor is free before it gives up or is repaired.

    ``room`` (day,): production for which floors are vacant.
    """
    moves, queue = np.full(firms.looks.size, NEVER), np.argsort(firms.looks, kind="stable")
    # floors become free by repairs, of firms that have moved or of the floors themselves: on no other day is more let
    days = np.unique(np.concatenate([firms.looks, firms.until, np.flatnonzero(np.diff(room) > 0) + 1]))
    for day in days[days < room.size]:
        queue = queue[(moves[queue] == NEVER) & (firms.gives_up[queue] > day)]
        ready = queue[firms.looks[queue] <= day]
        free = room[day] - firms.idle[(moves < NEVER) & (firms.until > day)].sum()
        moves[ready[_fit(firms.idle[ready], free)]] = day
    return moves


def _fit(amount: Floats, free: float) -> Bools:
    """Which of the amounts, one after the other, still fit; shape (item,)."""
    if amount.sum() <= free:
        return np.ones(amount.size, dtype=np.bool_)
    fits = np.zeros(amount.size, dtype=np.bool_)
    for i in np.flatnonzero(amount <= free):
        if amount[i] <= free:
            fits[i], free = True, free - amount[i]
    return fits
