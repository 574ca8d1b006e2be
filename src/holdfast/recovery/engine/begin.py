"""Beginning: the undamaged city, the event, and a present that was observed."""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.engine.queue import Queue, emptied, push, queue
from holdfast.recovery.engine.records import (
    BUILDING,
    CAPACITY,
    DAY,
    FIRST,
    LEFT,
    MINUTES,
    NEWS,
    NOW,
    PRODUCTION,
    REPAIR,
    RUNS_OUT,
    STAKE_UNIT,
    TRADE,
    UNMET,
    ZONE,
    State,
    Tasks,
    Town,
)
from holdfast.recovery.engine.resources import bind, revalue
from holdfast.recovery.engine.upkeep import set_usable
from holdfast.recovery.function.service_capacity import People, whole, zone_unmet
from holdfast.recovery.networks.reachability import Graph, Light, dark, settle, unsettle

CURSOR = 15
"""Length of the cursor."""


class Present(NamedTuple):
    """A city on a day, before that day's events: what was damaged, what has been done.

    ``day``; by asset ``began`` (first day of work, -1 before), ``since`` (first day of the present commitment),
    ``left`` (days of work to do), ``running``, ``finished`` (day, -1 before); ``outage`` (dependency,): minutes
    for which what it needs has been without service, -1 where it has it; ``stock`` (material,), empty for that of the first day. ``assigned``: True
    where crews have been assigned since the last event, so that nothing can start before the next.
    """

    day: int
    began: np.ndarray
    since: np.ndarray
    left: np.ndarray
    running: np.ndarray
    finished: np.ndarray
    outage: np.ndarray
    stock: np.ndarray
    assigned: bool


class Normal(NamedTuple):
    """The undamaged city: ``light`` settled, ``city`` totals, ``potential`` (node,), ``unmet`` (zone,)."""

    light: Light
    city: np.ndarray
    potential: np.ndarray
    unmet: np.ndarray


def town(
    graph: Graph, people: People, stake: np.ndarray, crews: np.ndarray, trade: np.ndarray, trade_network: np.ndarray
) -> Town:
    """Gather what all draws share.

    Parameters
    ----------
    graph, people
        Of the city.
    stake : ndarray
        Share of the city's functionality that each building loses without each network, shape (building, network).
    crews, trade : ndarray of int
        Of each asset, shape (asset,).
    trade_network : ndarray of int
        Network that each trade repairs, -1 for buildings, shape (trade,).

    Returns
    -------
    Town
        As described there.
    """
    persons = whole(people.building["occupants"], people.person_unit)
    occupants = np.zeros(graph.source.size, dtype=np.int64)
    for n in range(graph.serving.shape[1]):
        np.add.at(occupants, graph.serving[:, n], persons)
    layout: Queue = queue(trade, crews, trade_network.size)
    return Town(graph, people, occupants, np.ascontiguousarray(stake), layout, trade_network.astype(np.int64))


def normal(place: Town, external: np.ndarray) -> Normal:
    """Totals and services of the undamaged city.

    Parameters
    ----------
    place : Town
        The city.
    external : ndarray of bool
        Networks whose service a model outside the loop finds; before the event it is 1 wherever a source reaches.

    Returns
    -------
    Normal
        As described there.
    """
    graph, people, own = place.graph, place.people, place.people.building
    light = dark(graph)
    unsettle(graph, light)
    settle(0, -1, 1.0, graph, light)
    networks, categories = graph.serving.shape[1], people.weight.size
    city = np.zeros(FIRST + networks + categories, dtype=np.int64)
    city[PRODUCTION] = whole(own["production"], people.money_unit).sum()
    city[CAPACITY] = whole(own["occupants"], people.person_unit).sum()
    lit = np.floor(place.occupants * light.satisfaction + 0.5).astype(np.int64)
    np.add.at(city, FIRST + graph.network, lit)
    city[FIRST + networks :] = people.counted_daytime.sum(axis=0)
    potential = np.zeros(graph.source.size, dtype=np.int64)
    for n in range(networks):
        np.add.at(potential, graph.serving[:, n], whole(place.stake[:, n], STAKE_UNIT))
    unmet = np.array(
        [zone_unmet(z, r, r, people.counted_daytime, people) for z, r in enumerate(people.counted_residents)], np.int64
    )
    city[UNMET] = unmet.sum()
    light.changed[:] = False
    light = light._replace(external=external, grows=dark(graph, external).grows)
    return Normal(light, city, potential, unmet)


def begin(
    place: Town, before: Normal, tasks: Tasks, crews: np.ndarray, stock: np.ndarray, horizon: int, lines: int
) -> State:
    """State of the undamaged city at the moment of the event.

    Parameters
    ----------
    place : Town
        The city.
    before : Normal
        Its normal self.
    tasks : Tasks
        Repairs of the draw.
    crews, stock : ndarray of int
        Crews of each trade and amount of each material on the day of the event.
    horizon : int
        Last day simulated.
    lines : int
        Greatest length of the trace.

    Returns
    -------
    State
        New arrays throughout.
    """
    people, count = place.people, place.people.building.size
    building = np.zeros(count, dtype=BUILDING)
    for name in ("usable", "production", "service", "home"):
        building[name] = 1.0
    zone = np.zeros(people.counted_residents.size, dtype=ZONE)
    zone["residents"] = zone["habitable"] = people.counted_residents
    zone["unmet"] = zone["normal"] = before.unmet
    trade = np.zeros(crews.size, dtype=TRADE)
    trade["capacity"] = crews
    repair = np.zeros(tasks.asset.size, dtype=REPAIR)
    repair["began"] = repair["following"] = -1
    repair["finished"] = np.where(tasks.asset["damaged"], -1, 0)
    repair["left"] = tasks.asset["duration"]
    waiting = emptied(place.layout)
    waiting.key[tasks.order] = np.arange(tasks.order.size) - np.repeat(
        tasks.order_start[:-1], np.diff(tasks.order_start)
    )
    days = horizon + 2
    return State(
        building=building,
        light=Light(*(array.copy() for array in before.light)),
        zone=zone,
        offered=people.counted_daytime.copy(),
        city=before.city.copy(),
        potential=before.potential.copy(),
        repair=repair,
        trade=trade,
        queue=waiting,
        released=np.full(days, -1),
        ending=np.full(days, -1),
        leaving=np.full(days, -1),
        cut=np.full(place.graph.source.size, -1),
        lacking=np.full(stock.size, -1),
        stock=stock.astype(np.int64),
        persons=np.zeros(1, dtype=np.int64),
        touched=np.empty(count, dtype=np.int64),
        dirty=np.empty(zone.size, dtype=np.int64),
        day_sum=np.zeros_like(before.city),
        restored=np.zeros(place.graph.source.size, dtype=np.int64),
        cursor=np.zeros(CURSOR, dtype=np.int64),
        trace=np.zeros((lines, 4), dtype=np.int64),
    )


@numba.njit(cache=True)
def strike(day: int, place: Town, tasks: Tasks, state: State) -> None:
    """Put the damage that stands on a day into the state, and every task into the list it belongs to.

    Parameters
    ----------
    day : int
        0 for the event.
    place : Town
        The city.
    tasks : Tasks
        Repairs of the draw.
    state : State
        Of the undamaged city, with the repairs of the present; changed.
    """
    low, high = tasks.usable.size, tasks.usable.size + place.graph.source.size
    state.cursor[DAY] = day
    state.cursor[NOW] = day * MINUTES
    state.cursor[RUNS_OUT] = -1
    state.light.changed[:] = True
    for i in range(tasks.order.size):
        a = tasks.order[i]
        task, own = tasks.asset[a], state.repair[a]
        if own.finished >= 0:
            continue
        state.cursor[LEFT] += 1
        if a < low:
            if tasks.usable[a] != 1.0:
                set_usable(a, tasks.usable[a], place, state)
        elif task.down and a < high:
            state.light.node_intact[a - low] = False
        elif task.down:
            state.light.edge_intact[a - high] = False
        if own.running:
            state.trade[task.trade].committed += task.crews
            own.left += day - own.since  # from the first day of the present commitment
            bind(a, max(own.since, day - tasks.commitment) if tasks.commitment > 0 else own.since, tasks, state)
        elif own.began >= 0 or task.release < day:
            if own.began >= 0 and task.value > 0.0:
                revalue(a, tasks, state)
            push(state.queue, a)
        elif task.release < state.released.size:
            own.following = state.released[task.release]
            state.released[task.release] = a


def resume(present: Present, state: State) -> None:
    """Put an observed present into the state of the undamaged city, before `strike`.

    Parameters
    ----------
    present : Present
        The city on its day.
    state : State
        Changed.
    """
    for name in ("began", "since", "left", "running", "finished"):
        state.repair[name] = getattr(present, name)
    start = present.day * MINUTES
    state.light.since[:] = np.where(present.outage < 0, -1, start - present.outage)
    if present.stock.size:
        state.stock[:] = present.stock
    state.cursor[NEWS] = 0 if present.assigned else 1
    state.building["changed"] = state.zone["changed"] = start


def present(state: State) -> Present:
    """Take the present out of the state of a run that has stopped before the events of a day.

    Parameters
    ----------
    state : State
        Not changed.

    Returns
    -------
    Present
        New arrays.
    """
    day, own = int(state.cursor[DAY]), state.repair
    left = own["left"] - np.where(own["running"], day - own["since"], 0)
    outage = np.where(state.light.since < 0, -1, day * MINUTES - state.light.since)
    return Present(
        day=day,
        began=own["began"].copy(),
        since=own["since"].copy(),
        left=left,
        running=own["running"].copy(),
        finished=own["finished"].copy(),
        outage=outage,
        stock=state.stock.copy(),
        assigned=True,
    )
