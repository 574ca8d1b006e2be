"""From what households decide to what the engine takes: homes lived in, people who go and come, who stays in a ruin."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.engine import MOVE, Calendar
from holdfast.recovery.people.residents import NEVER, Decisions, Residents
from holdfast.types import Floats, Ints


class Homes(NamedTuple):
    """Homes as their households live in them.

    ``share`` (building,): of the residents in their home right after the event; ``eased`` (row, 2): day and building on which more
    of them are, by day, and ``eased_share`` (row,) of it; ``stay_share``: of those whose home cannot be used, or who have
    left one that could, share who stay in it all the same.
    """

    share: Floats
    eased: Ints
    eased_share: Floats
    stay_share: float


def homes_of(residents: Residents, decided: Decisions, habitable: Floats) -> Homes:
    """Homes as their households live in them until they are repaired.

    Parameters
    ----------
    residents, decided : Residents, Decisions
        Households and what they do in one draw.
    habitable : ndarray
        Share of each building that can be lived in after the event, kept where nobody lives, shape (building,).
    """
    b, persons = residents.building, residents.persons
    total = np.bincount(b, persons, habitable.size)
    at_home = decided.usable & ~decided.dislocated
    first = np.bincount(b, persons * at_home, habitable.size)
    share = np.divide(first, total, out=habitable.astype(np.float64), where=total > 0)
    day = np.where(decided.dislocated, np.minimum(decided.returns, decided.arrives), decided.home)
    # who comes when the building is repaired finds all of it: the engine passes over such rows
    later = np.flatnonzero(~at_home & (day < NEVER))
    later = later[np.lexsort((day[later], b[later]))]
    # running sums of each building: those of all, less what stood before its first row
    back = np.cumsum(persons[later])
    start = np.searchsorted(b[later], b[later])
    back -= np.concatenate([[0.0], back])[start]
    risen = np.minimum((first[b[later]] + back) / total[b[later]], 1.0)
    order = np.argsort(day[later], kind="stable")
    out, staying = persons[~at_home].sum(), persons[~decided.usable & ~decided.dislocated].sum()
    return Homes(
        share=share,
        eased=np.column_stack([day[later], b[later]])[order].astype(np.int64),
        eased_share=risen[order],
        stay_share=float(staying / out) if out > 0 else 0.0,
    )


def with_moves(calendar: Calendar, residents: Residents, decided: Decisions, horizon: int) -> Calendar:
    """The calendar with those who leave the city, come back, and come from outside, by zone and day; after the actions of the study.

    Parameters
    ----------
    calendar : Calendar
        With the actions of the study, by day.
    residents, decided : Residents, Decisions
        Households and what they do in one draw.
    horizon : int
        Last day simulated; what falls after it is left out.
    """
    gone = decided.leaves < NEVER
    out = _by_zone(decided.leaves[gone], residents.zone[gone], residents.persons[gone], horizon)
    back = gone & (decided.returns < NEVER)
    into = _by_zone(decided.returns[back], residents.zone[back], residents.persons[back], horizon)
    new = decided.arrives < NEVER
    more = _by_zone(decided.arrives[new], residents.zone[new], residents.persons[new], horizon)
    rows = [
        np.column_stack([day, np.full_like(day, MOVE), np.full_like(day, -1), *places])
        for day, places in (
            (out[0], (out[1], np.full_like(out[1], -1))),
            *((at[0], (np.full_like(at[1], -1), at[1])) for at in (into, more)),
        )
    ]
    return with_actions(calendar, np.concatenate(rows), np.concatenate([out[2], into[2], more[2]]))


def _by_zone(day: Ints, zone: Ints, persons: Floats, horizon: int) -> tuple[Ints, Ints, Floats]:
    """Day, zone and persons of those who move by the horizon, summed."""
    on = day <= horizon
    zones = int(zone.max(initial=0)) + 1
    pair, which = np.unique(day[on] * zones + zone[on], return_inverse=True)
    summed = np.bincount(which, persons[on], pair.size)
    return (pair // zones).astype(np.int64), (pair % zones).astype(np.int64), summed.astype(np.float64)


def with_actions(calendar: Calendar, actions: Ints, persons: Floats) -> Calendar:
    """The calendar with more actions; of one day those come last that are added last.

    Parameters
    ----------
    calendar : Calendar
        With actions by day.
    actions, persons : ndarray
        Rows as in `Calendar`, in any order.
    """
    rows = np.concatenate([calendar.actions, actions]).astype(np.int64)
    order = np.argsort(rows[:, 0], kind="stable")
    return calendar._replace(actions=rows[order], persons=np.concatenate([calendar.persons, persons])[order])
