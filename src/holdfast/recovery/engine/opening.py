"""The opening of a day: what falls due, before networks are updated and crews assigned."""

import numba

from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import (
    CAPACITY,
    CONVERT,
    SHELTER,
    Calendar,
    CityArrays,
    State,
    Tasks,
)
from holdfast.recovery.engine.resources import finish_due, withdraw_due
from holdfast.recovery.engine.totals import mark_zone, update_building
from holdfast.recovery.function.service_capacity import count
from holdfast.types import Ints


@numba.njit(cache=True)
def open_day(city: CityArrays, tasks: Tasks, calendar: Calendar, state: State) -> None:
    """Deal with what falls due at the beginning of the day that the cursor stands on."""
    cursor, repairs = state.cursor[0], state.repairs
    day = cursor.day
    # crews that end or withdraw today can be assigned today, as can those that arrive
    finish_due(day, city, tasks, state)
    withdraw_due(day, tasks, state)
    while cursor.aid < calendar.aid.shape[0] and calendar.aid[cursor.aid, 0] <= day:
        repairs.trade[calendar.aid[cursor.aid, 1]].capacity += calendar.aid[cursor.aid, 2]
        cursor.aid += 1
        cursor.assign = True
    while cursor.delivery < calendar.deliveries.shape[0] and calendar.deliveries[cursor.delivery, 0] <= day:
        material = calendar.deliveries[cursor.delivery, 1]
        repairs.stock[material] += calendar.deliveries[cursor.delivery, 2]
        cursor.delivery += 1
        cursor.assign = True
        # all that wait for it are offered; those it does not suffice for are set aside again
        _offer(repairs.awaiting_material, material, state)
    _act(city, calendar, state)
    _offer(repairs.released, day, state)


@numba.njit(cache=True)
def _offer(first: Ints, place: int, state: State) -> None:
    """Let the tasks of a list wait for crews."""
    a = first[place]
    while a >= 0:
        following = state.repairs.asset[a].following
        push(state.repairs.queue, a)
        state.cursor[0].assign = True
        a = following
    first[place] = -1


@numba.njit(cache=True)
def _act(city: CityArrays, calendar: Calendar, state: State) -> None:
    """Take today's actions: convert a building to a shelter or back, build a shelter, move people."""
    cursor, zone, per = state.cursor[0], state.functions.zone, city.people.person_unit
    while cursor.action < calendar.persons.size and calendar.actions[cursor.action, 0] <= cursor.day:
        row, persons = calendar.actions[cursor.action], calendar.persons[cursor.action]
        kind, building, at, to = row[1], row[2], row[3], row[4]
        cursor.action += 1
        if kind == CONVERT:
            update_building(building, persons, cursor.now, city, state)
        elif kind == SHELTER:
            zone[at].habitable += count(persons, per)
            state.functions.city[CAPACITY] += count(persons, per)
            mark_zone(at, state)
        else:
            # nobody moves who is not there
            moved = min(count(persons, per), zone[at].residents)
            zone[at].residents -= moved
            mark_zone(at, state)
            if to >= 0:
                zone[to].residents += moved
                mark_zone(to, state)
            else:  # they leave the city for good
                state.functions.resettled[0] += moved
