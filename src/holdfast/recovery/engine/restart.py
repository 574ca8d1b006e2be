"""A present, observed or simulated, from which a run goes on."""

from typing import NamedTuple

import numpy as np

from holdfast.recovery.engine.records import MINUTES, CityArrays, State
from holdfast.recovery.engine.totals import mark_building
from holdfast.types import Bools, Floats, Ints


class Present(NamedTuple):
    """A city on a day, before that day's events: what was damaged, what has been done.

    ``day``; by asset ``began`` (first day of work, -1 before), ``since`` (first day of the present commitment),
    ``left`` (days of work to do), ``running``, ``finished`` (day, -1 before); ``outage`` (dependency,): minutes
    for which what it needs has been without service, -1 where it has it; ``stock`` (material,), empty for that of
    the first day; ``unserved`` (building,): minutes for which a home has lacked power or water, -1 where it has them, and
    the share of its people ``staying``; ``closed`` (site,): converted buildings that have returned to their use;
    empty where nothing is known of them. ``assigned``: True where crews have been assigned since the last event, so that nothing can start
    before the next.
    """

    day: int
    began: Ints
    since: Ints
    left: Ints
    running: Bools
    finished: Ints
    outage: Ints
    stock: Ints
    unserved: Ints
    staying: Floats
    closed: Bools
    assigned: bool


def resume(present: Present, city: CityArrays, state: State) -> None:
    """Put an observed present into the state of the undamaged city, before `apply_damage`."""
    for name in ("began", "since", "left", "running", "finished"):
        state.repairs.asset[name] = getattr(present, name)
    start = present.day * MINUTES
    # minutes of outage become the minute in which it began, which may lie before the event
    state.networks.outage_since[:] = np.where(present.outage < 0, -1, start - present.outage)
    if present.stock.size:
        state.repairs.stock[:] = present.stock
    state.cursor["assign"] = not present.assigned
    own = state.functions
    if present.unserved.size:
        own.building["unserved_since"] = np.where(present.unserved < 0, -1, start - present.unserved)
        own.building["staying"] = present.staying
        listed = np.flatnonzero((present.unserved >= 0) & (city.people.building["residents"] > 0))
        own.building["listed"][listed] = True
        own.unserved[: listed.size] = listed
        own.shared["unserved"] = listed.size
        for b in listed:
            mark_building(int(b), state)
        own.site["closed"] = present.closed
    # what was lost before this day is not counted again
    own.building["since"] = own.zone["since"] = own.shared["day_since"] = start


def present_of(state: State) -> Present:
    """Take the present out of the state of a run that has stopped before the events of a day; new arrays."""
    day, own = int(state.cursor["day"][0]), state.repairs.asset
    since = state.networks.outage_since
    building = state.functions.building
    unserved = building["unserved_since"]
    return Present(
        day=day,
        began=own["began"].copy(),
        since=own["since"].copy(),
        left=own["left"] - np.where(own["running"], day - own["since"], 0),
        running=own["running"].copy(),
        finished=own["finished"].copy(),
        outage=np.where(since < 0, -1, day * MINUTES - since),
        stock=state.repairs.stock.copy(),
        unserved=np.where(unserved < 0, -1, day * MINUTES - unserved),
        staying=building["staying"].copy(),
        closed=state.functions.site["closed"].copy(),
        assigned=True,
    )
