"""The compiled event loop: one draw, from event to event, from the disaster to the last repair.

A day opens with what falls due: repairs end, spans of commitment end, crews and materials come and go,
actions are taken, tasks are released. Then the networks settle, buildings and zones that this touches are found
anew, and free crews are assigned. Backups run out inside the day, to the minute; curves are means over days.
Totals are sums of whole numbers kept up to date by differences, which are exact: a repaired city is exactly, not
nearly, its normal self, and no event costs more than what it touches.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.engine.assign import assign
from holdfast.recovery.engine.begin import Normal, Present, begin, present, resume, strike
from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import (
    ACTION,
    AID,
    CAPACITY,
    CONVERT,
    DAY,
    DELIVERY,
    EVENTS,
    FIRST,
    LEFT,
    LOGGED,
    MINUTES,
    NEWS,
    NOW,
    OPENED,
    PRODUCTION,
    RUNS_OUT,
    SETTLING,
    SHELTER,
    UNMET,
    Calendar,
    Outcome,
    State,
    Tasks,
    Town,
)
from holdfast.recovery.engine.resources import finish, withdraw
from holdfast.recovery.engine.upkeep import pass_on, refresh, relit, soil, update
from holdfast.recovery.function.service_capacity import count
from holdfast.recovery.networks.reachability import Graph, Light, grow, recharge, settle, unsettle
from holdfast.recovery.strategy import Tree

External = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Run(NamedTuple):
    """How to run one draw.

    ``models``: network -> function of which nodes and edges work that gives the service of the nodes, for the
    networks that the loop does not light itself; ``present``: where to start, None for the event; ``lines``:
    greatest length of the trace.
    """

    models: Mapping[int, External]
    present: Present | None = None
    lines: int = 0


@numba.njit(cache=True)
def _act(town: Town, calendar: Calendar, state: State) -> None:
    """Take today's actions: convert a building to a shelter or back, build a shelter, move people."""
    c, per = state.cursor, town.people.person_unit
    while c[ACTION] < calendar.persons.size and calendar.actions[c[ACTION], 0] <= c[DAY]:
        row, persons = calendar.actions[c[ACTION]], calendar.persons[c[ACTION]]
        c[ACTION] += 1
        if row[1] == CONVERT:
            update(row[2], persons, c[NOW], town, state)
        elif row[1] == SHELTER:
            state.zone[row[3]].habitable += count(persons, per)
            state.city[CAPACITY] += count(persons, per)
            soil(row[3], state)
        else:
            moved = min(count(persons, per), state.zone[row[3]].residents)
            state.zone[row[3]].residents -= moved
            soil(row[3], state)
            if row[4] >= 0:
                state.zone[row[4]].residents += moved
                soil(row[4], state)
            else:
                state.persons[0] += moved


@numba.njit(cache=True)
def _open(town: Town, tasks: Tasks, calendar: Calendar, state: State) -> None:
    """What falls due at the beginning of a day."""
    c = state.cursor
    day = c[DAY]
    finish(day, town, tasks, state)
    withdraw(day, tasks, state)
    while c[AID] < calendar.aid.shape[0] and calendar.aid[c[AID], 0] <= day:
        state.trade[calendar.aid[c[AID], 1]].capacity += calendar.aid[c[AID], 2]
        c[AID] += 1
        c[NEWS] = 1
    while c[DELIVERY] < calendar.deliveries.shape[0] and calendar.deliveries[c[DELIVERY], 0] <= day:
        material = calendar.deliveries[c[DELIVERY], 1]
        state.stock[material] += calendar.deliveries[c[DELIVERY], 2]
        c[DELIVERY] += 1
        c[NEWS] = 1
        _offer(state.lacking, material, state)
    _act(town, calendar, state)
    _offer(state.released, day, state)


@numba.njit(cache=True)
def _offer(first: np.ndarray, place: int, state: State) -> None:
    """Let the tasks of a list wait for crews."""
    a = first[place]
    while a >= 0:
        following = state.repair[a].following
        push(state.queue, a)
        state.cursor[NEWS] = 1
        a = following
    first[place] = -1


@numba.njit(cache=True)
def _expire(now: int, graph: Graph, light: Light) -> None:
    """Have the networks looked at in which a backup has run out."""
    for d in range(light.since.size):
        v = graph.needs_node[d]
        if light.since[d] >= 0 and now - light.since[d] >= graph.needs_minutes[d] and light.works[v]:
            light.changed[graph.network[v]] = True


@numba.njit(cache=True)
def _settle_networks(answered: int, town: Town, tasks: Tasks, state: State) -> int:
    """Find the service of all networks that a change may have reached; the external network needed, -1 if done."""
    c, graph, light = state.cursor, town.graph, state.light
    now, least = c[NOW], tasks.least_service
    if c[SETTLING] == 0:
        if c[RUNS_OUT] >= 0 and c[RUNS_OUT] <= now:
            _expire(now, graph, light)
            c[RUNS_OUT] = -1 if light.changed.any() else recharge(now, least, graph, light)
        if not light.changed.any():
            for i in range(grow(now, least, graph, light)):
                pass_on(light.stack[i], now, least, town, state)
            return -1
        for k in range(light.repairs[0]):
            a = light.repaired[k]
            light.changed[graph.network[a] if a >= 0 else graph.edge_network[-1 - a]] = True
        light.repairs[0] = 0
        unsettle(graph, light)
        c[SETTLING] = 1
    wanted = settle(now, answered, least, graph, light)
    if wanted >= 0:
        return wanted
    c[SETTLING] = 0
    c[RUNS_OUT] = recharge(now, least, graph, light)
    relit(now, least, town, state)
    return -1


@numba.njit(cache=True)
def _close(curve: np.ndarray, state: State) -> None:
    """Write the means of the day: exactly the total where it did not change."""
    for k in range(curve.size):
        curve[k] = state.day_sum[k] // MINUTES + (state.day_sum[k] % MINUTES) / MINUTES
        state.day_sum[k] = 0
    state.cursor[DAY] += 1
    state.cursor[OPENED] = 0


@numba.njit(cache=True)
def advance(
    answered: int,
    town: Town,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    state: State,
    curves: np.ndarray,
    first: int,
) -> int:
    """Run until all is done, the curves are full, or a network must be found outside.

    Parameters
    ----------
    answered : int
        External network whose service stands in ``state.light.satisfaction`` since the last call, -1 at first.
    town : Town
        The city.
    tasks : Tasks
        Repairs of the draw.
    tree : Tree
        Spanning forest for its damage.
    calendar : Calendar
        What comes on fixed days.
    state : State
        Changed.
    curves : ndarray
        Filled with the means of each day, shape (day, total).
    first : int
        Day of the first row.

    Returns
    -------
    int
        External network to find, -1 at the end.
    """
    c = state.cursor
    while c[DAY] - first < curves.shape[0]:
        if c[OPENED] == 0:
            c[NOW] = c[DAY] * MINUTES
            _open(town, tasks, calendar, state)
            c[OPENED] = 1
        midnight = (c[DAY] + 1) * MINUTES
        while c[NOW] < midnight:
            wanted = _settle_networks(answered, town, tasks, state)
            answered = -1
            if wanted >= 0:
                return wanted
            refresh(c[NOW], town, state)
            if c[NEWS] == 1 and c[NOW] == c[DAY] * MINUTES:
                c[NEWS] = 0
                assign(c[DAY], town, tasks, tree, state)
            stop = midnight if c[RUNS_OUT] < 0 or c[RUNS_OUT] > midnight else c[RUNS_OUT]
            for k in range(state.city.size):
                state.day_sum[k] += state.city[k] * (stop - c[NOW])
            c[NOW] = stop
        _close(curves[c[DAY] - first], state)
        if c[LEFT] == 0 and c[ACTION] == calendar.persons.size:
            return -1
    return -1


def recover(
    town: Town,
    before: Normal,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[np.ndarray, np.ndarray],
    horizon: int,
    run: Run,
) -> Outcome:
    """Run one draw from the event, or from a present, to the last repair or the horizon.

    What a crew starts on day r with duration d works again from day r + d on.

    Parameters
    ----------
    town : Town
        The city.
    before : Normal
        Its normal self.
    tasks : Tasks
        Repairs of this draw.
    tree : Tree
        Spanning forest for the damage of this draw.
    calendar : Calendar
        What comes on fixed days.
    pools : tuple of ndarray
        Crews of each trade and stock of each material on the day of the event.
    horizon : int
        Last day simulated.
    run : Run
        Models outside the loop, present to start from, length of the trace.

    Returns
    -------
    Outcome
        Arrays as described there.
    """
    first = 0 if run.present is None else run.present.day
    state, curves = _simulated(town, before, tasks, tree, calendar, pools, horizon + 1, run)
    return _outcome(first, town, before, state, curves)


def state_at(
    day: int,
    town: Town,
    before: Normal,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[np.ndarray, np.ndarray],
    run: Run,
) -> Present:
    """Run one draw up to a day and give the present before that day's events.

    Parameters
    ----------
    day : int
        Days since the event; if all is repaired earlier, the present is that of the day after.
    town, before, tasks, tree, calendar, pools, run
        As in `recover`.

    Returns
    -------
    Present
        From which `recover` goes on exactly as the whole run does.
    """
    state, _ = _simulated(town, before, tasks, tree, calendar, pools, day, run)
    return present(state)


def _simulated(
    town: Town,
    before: Normal,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[np.ndarray, np.ndarray],
    days: int,
    run: Run,
) -> tuple[State, np.ndarray]:
    """State after a number of days since the event, and the means of each day."""
    state = begin(town, before, tasks, *pools, days, run.lines)
    first = 0
    if run.present is not None:
        first = run.present.day
        resume(run.present, state)
        state.cursor[DELIVERY] = np.searchsorted(calendar.deliveries[:, 0], first)
    strike(first, town, tasks, state)
    curves = np.zeros((max(days - first, 0), state.city.size))
    wanted = advance(-1, town, tasks, tree, calendar, state, curves, first)
    while wanted >= 0:
        nodes = slice(town.graph.node_start[wanted], town.graph.node_start[wanted + 1])
        edges = slice(*np.searchsorted(town.graph.edge_network, [wanted, wanted + 1]))
        works = state.light.works[nodes].copy(), state.light.edge_intact[edges].copy()
        state.light.satisfaction[nodes] = run.models[wanted](*works)
        wanted = advance(wanted, town, tasks, tree, calendar, state, curves, first)
    return state, curves[: state.cursor[DAY] - first]


def _outcome(first: int, town: Town, before: Normal, state: State, curves: np.ndarray) -> Outcome:
    """Put the end of a run into the units of its readers."""
    own, zone, per = state.building, state.zone, town.people.person_unit
    end = (first + len(curves)) * MINUTES
    networks = town.graph.serving.shape[1]
    rest = {
        kind: own[f"lost_{kind}"] + (1.0 - own[kind]) * ((end - own["changed"]) / MINUTES)
        for kind in ("production", "service", "home")
    }
    whole, part = before.city[FIRST:].astype(np.float64), curves[:, FIRST:]
    share = np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
    unmet = (zone["unmet"] - zone["normal"]) / per * ((end - zone["changed"]) / MINUTES)
    scale = np.array([town.people.money_unit, per, per])
    occupants = before.city[CAPACITY]
    shift = np.array([0, occupants, -before.city[UNMET]])
    level = (curves[:, :FIRST] + shift) / scale
    return Outcome(
        production=level[:, PRODUCTION],
        capacity=level[:, CAPACITY],
        unmet=level[:, UNMET],
        service=share[:, :networks],
        use=share[:, networks:],
        normal=(before.city[:FIRST] + np.array([0, occupants, 0])) / scale,
        lost_days=rest["production"],
        lost_service=rest["service"],
        lost_home=rest["home"],
        began=state.repair["began"].copy(),
        finished=state.repair["finished"].copy(),
        restored=state.restored,
        unmet_days=zone["unmet_days"] + unmet,
        resettled=float(state.persons[0] / per),
        events=int(state.cursor[EVENTS]),
        trace=state.trace[: state.cursor[LOGGED]],
        stock=state.stock,
    )
