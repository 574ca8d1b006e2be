"""The compiled event loop: one draw, day by day, from the event to the last repair.

A day on which nothing ends, is released or runs out repeats the day before; an event touches only the
zones of the buildings it affects. Zones are summed anew from their buildings, never updated by
differences, so that a repaired city is exactly, not nearly, its normal self.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.network import Graph, supply
from holdfast.recovery.service import People, response, unmet_need
from holdfast.recovery.strategy import SEMI_FLEXIBLE, Tree, best_branch, branches, dark_demand, knapsack

EXACT_TASKS = 64
"""Waiting tasks with a gain up to which the knapsack is solved exactly; above, by value per crew."""


TASK = np.dtype(
    [
        ("damaged", "?"),
        ("down", "?"),
        ("release", "i8"),
        ("duration", "i8"),
        ("crews", "i8"),
        ("trade", "i8"),
        ("value", "f8"),
    ],
    align=True,
)
BUILDING = np.dtype([("usable", "f8"), ("functionality", "f8"), ("changed_on", "i8"), ("lost_days", "f8")])
REPAIR = np.dtype([("started", "?"), ("finished", "i8"), ("next_end", "i8")], align=True)
ZONE = np.dtype(
    [
        ("dirty", "?"),
        ("production", "f8"),
        ("capacity", "f8"),
        ("habitable", "f8"),
        ("unmet", "f8"),
        ("normal_unmet", "f8"),
        ("unmet_days", "f8"),
    ],
    align=True,
)
TRADE = np.dtype([("free", "i8"), ("first", "i8")])


class Tasks(NamedTuple):
    """Repairs of one draw.

    ``asset``: records, buildings then nodes then edges, with ``damaged``, ``down`` (a network asset out of
    service), ``release`` (first day on which repair can start), ``duration`` (days), ``crews``, ``trade`` and, of
    buildings, ``value`` (1/day). ``usable`` (building,): share before repair. ``worth`` (building,): share of the
    city's functionality. ``order``: damaged assets, trade by trade, each by priority. ``strategy``: its code.
    """

    asset: np.ndarray
    usable: np.ndarray
    worth: np.ndarray
    order: np.ndarray
    strategy: int


class State(NamedTuple):
    """What changes in a draw.

    ``building``: records with ``usable``, ``functionality``, ``changed_on`` (day of its last change) and
    ``lost_days`` (integral of 1 - functionality until then). ``node_works``, ``lit``, ``restored`` (first day with
    service for good, 0 if never dark) by node, ``edge_works`` by edge, ``since`` by dependency. ``zone``: records
    with ``dirty``, ``production`` (money/day), ``capacity``, ``habitable``, ``unmet``, ``normal_unmet`` (persons), ``unmet_days``;
    ``served`` (zone, network): occupants with service; ``offered`` (zone, category): share of the daytime
    occupants that can be served. ``repair`` by asset: ``started``, ``finished`` (day, -1 while damaged),
    ``next_end`` (next asset whose repair ends on the same day). ``trade``: ``free`` crews and ``first`` waiting
    position in the order, ``after``: the next one, -1 at the end. ``ends`` (day,): first asset that ends then.
    """

    building: np.ndarray
    node_works: np.ndarray
    edge_works: np.ndarray
    lit: np.ndarray
    restored: np.ndarray
    since: np.ndarray
    zone: np.ndarray
    served: np.ndarray
    offered: np.ndarray
    repair: np.ndarray
    trade: np.ndarray
    after: np.ndarray
    ends: np.ndarray


class Outcome(NamedTuple):
    """What one draw gives.

    By day since the event, from 0 to the last event: ``production`` (money/day), ``capacity``
    (persons), ``unmet`` (persons above normal), ``service`` (day, network: share of occupants).
    ``normal``: the first three on a normal day. By building ``lost_days``, by asset ``finished`` (day, -1
    if not by the horizon), by node ``restored``, by zone ``unmet_days`` above normal.
    """

    production: np.ndarray
    capacity: np.ndarray
    unmet: np.ndarray
    service: np.ndarray
    normal: np.ndarray
    lost_days: np.ndarray
    finished: np.ndarray
    restored: np.ndarray
    unmet_days: np.ndarray


def _begin(graph: Graph, people: People, tasks: Tasks, crews: np.ndarray, horizon: int) -> State:
    """State of the undamaged city, with every zone still to be summed."""
    building = np.zeros(tasks.usable.size, dtype=BUILDING)
    building["usable"] = building["functionality"] = 1.0
    zone = np.zeros(people.zone_residents.size, dtype=ZONE)
    zone["dirty"] = True
    repair = np.zeros(tasks.asset.size, dtype=REPAIR)
    repair["finished"] = np.where(tasks.asset["damaged"], -1, 0)
    repair["next_end"] = -1
    trade = np.zeros(crews.size, dtype=TRADE)
    trade["free"], trade["first"] = crews, -1
    return State(
        building=building,
        node_works=np.ones(graph.source.size, dtype=np.bool_),
        edge_works=np.ones(len(graph.ends), dtype=np.bool_),
        lit=np.ones(graph.source.size, dtype=np.bool_),
        restored=np.zeros(graph.source.size, dtype=np.int64),
        since=np.full(graph.needs_node.size, -1),
        zone=zone,
        served=np.zeros((zone.size, people.home_residual.size)),
        offered=np.ones((zone.size, people.weight.size)),
        repair=repair,
        trade=trade,
        after=np.full(tasks.order.size, -1),
        ends=np.full(horizon + 1, -1),
    )


@numba.njit(cache=True)
def _sum_zone(z: int, day: int, graph: Graph, people: People, state: State) -> None:
    """Sum one zone anew from its buildings."""
    networks = people.home_residual.size
    satisfaction = np.empty(networks)
    production, capacity, habitable = 0.0, 0.0, 0.0
    for n in range(networks):
        state.served[z, n] = 0.0
    for c in range(people.weight.size):
        state.offered[z, c] = 0.0
    for i in range(people.zone_start[z], people.zone_start[z + 1]):
        b = people.zone_building[i]
        who, own = people.building[b], state.building[b]
        for n in range(networks):
            satisfaction[n] = 1.0 if state.lit[graph.serving[b, n]] else 0.0
            state.served[z, n] += who.occupants * satisfaction[n]
        now = own.usable * response(satisfaction, people.residual[b])
        if now != own.functionality:
            own.lost_days += (1.0 - own.functionality) * (day - own.changed_on)
            own.changed_on = day
            own.functionality = now
        production += who.production * now
        capacity += who.occupants * (1.0 + now)
        habitable += who.residents * (own.usable * response(satisfaction, people.home_residual))
        state.offered[z, who.category] += who.daytime * now
    for c in range(people.weight.size):
        if people.daytime_total[z, c] > 0.0:
            state.offered[z, c] /= people.daytime_total[z, c]
    state.zone[z].production, state.zone[z].capacity, state.zone[z].habitable = production, capacity, habitable


@numba.njit(cache=True)
def _refresh(day: int, graph: Graph, people: People, state: State, totals: np.ndarray, service: np.ndarray) -> bool:
    """Sum the touched zones anew; fill the production, capacity and unmet need of the city, and who has service."""
    changed = False
    for z in range(state.zone.size):
        if state.zone[z].dirty:
            _sum_zone(z, day, graph, people, state)
            state.zone[z].dirty = False
            changed = True
    if changed:
        totals[2] = unmet_need(people, state.zone["habitable"], state.offered, state.zone["unmet"])
        totals[0] = totals[1] = 0.0
        service[:] = 0.0
        for z in range(state.zone.size):
            totals[0] += state.zone[z].production
            totals[1] += state.zone[z].capacity
            for n in range(service.size):
                service[n] += state.served[z, n]
    return changed


@numba.njit(cache=True)
def _relight(day: int, graph: Graph, people: People, state: State) -> int:
    """Find who has service and mark the zones of those for whom it changed; the next day a backup ends."""
    before = state.lit.copy()
    runs_out: int = supply(graph, state.node_works, state.edge_works, state.since, day, state.lit)
    for v in range(before.size):
        if before[v] != state.lit[v]:
            state.restored[v] = day if state.lit[v] else -1
            for i in range(graph.served_start[v], graph.served_start[v + 1]):
                state.zone[people.building[graph.served[i]].zone].dirty = True
    return runs_out


def _strike(tasks: Tasks, people: People, state: State) -> None:
    """Put the damage of the event into the state."""
    low, high = tasks.usable.size, tasks.usable.size + state.lit.size
    state.building["usable"] = tasks.usable
    state.zone["dirty"][people.building["zone"][tasks.usable != 1.0]] = True
    state.node_works[tasks.asset["down"][low:high]] = False
    state.edge_works[tasks.asset["down"][high:]] = False


@numba.njit(cache=True)
def _finish(day: int, tasks: Tasks, people: People, state: State) -> tuple[int, bool]:
    """End the repairs due on a day; how many, and whether a network asset came back."""
    a, count, network = state.ends[day], 0, False
    low, high = tasks.usable.size, tasks.usable.size + state.lit.size
    while a >= 0:
        task = tasks.asset[a]
        state.repair[a].finished = day
        state.trade[task.trade].free += task.crews
        count += 1
        if a < low:
            state.building[a].usable = 1.0
            state.zone[people.building[a].zone].dirty = True
        elif task.down:
            network = True
            if a < high:
                state.node_works[a - low] = True
            else:
                state.edge_works[a - high] = True
        a = state.repair[a].next_end
    return count, network


@numba.njit(cache=True)
def _start(a: int, day: int, tasks: Tasks, state: State) -> None:
    """Commit crews to a task until it is done."""
    task = tasks.asset[a]
    state.repair[a].started = True
    state.trade[task.trade].free -= task.crews
    end = day + task.duration
    if end < state.ends.size:
        state.repair[a].next_end = state.ends[end]
        state.ends[end] = a


@numba.njit(cache=True)
def _queue(day: int, tasks: Tasks, state: State) -> int:
    """Chain the released tasks without a crew by trade, in their order; the next day of a release, -1 if none."""
    for t in range(state.trade.size):
        state.trade[t].first = -1
    soonest = -1
    for i in range(tasks.order.size - 1, -1, -1):
        task = tasks.asset[tasks.order[i]]
        if state.repair[tasks.order[i]].started:
            continue
        if task.release <= day:
            state.after[i] = state.trade[task.trade].first
            state.trade[task.trade].first = i
        elif soonest < 0 or task.release < soonest:
            soonest = task.release
    return soonest


@numba.njit(cache=True)
def _start_best_set(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Where few tasks with a gain wait and not all fit, start the exact best set of them."""
    waiting, value, crews = np.empty(EXACT_TASKS, np.int64), np.empty(EXACT_TASKS), np.empty(EXACT_TASKS, np.int64)
    count, wanted, i = 0, 0, state.trade[trade].first
    while i >= 0:
        a = tasks.order[i]
        if tasks.asset[a].value <= 0.0:
            break
        if not state.repair[a].started:
            if count == EXACT_TASKS:
                return
            waiting[count], value[count], crews[count] = a, tasks.asset[a].value, tasks.asset[a].crews
            wanted += crews[count]
            count += 1
        i = state.after[i]
    if wanted <= state.trade[trade].free:
        return
    chosen = knapsack(value[:count], crews[:count], state.trade[trade].free)
    for k in range(count):
        if chosen[k]:
            _start(waiting[k], day, tasks, state)


@numba.njit(cache=True)
def _start_in_order(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Walk the waiting tasks by priority, start each that fits, and unchain what has started."""
    before, i = -1, state.trade[trade].first
    while i >= 0 and state.trade[trade].free > 0:
        a = tasks.order[i]
        if not state.repair[a].started and tasks.asset[a].crews <= state.trade[trade].free:
            _start(a, day, tasks, state)
        if not state.repair[a].started:
            before = i
        elif before < 0:
            state.trade[trade].first = state.after[i]
        else:
            state.after[before] = state.after[i]
        i = state.after[i]


@numba.njit(cache=True)
def _first_on_path(h: int, above: np.ndarray, assets: np.ndarray, day: int, tasks: Tasks, state: State) -> int:
    """Asset nearest the source on the path to a branch that can be given a crew today, -1 if none."""
    found = -1
    while h > 0:
        for k in range(assets.shape[1] - 1, -1, -1):
            a = assets[h, k]
            if a >= 0 and not state.repair[a].started and tasks.asset[a].release <= day:
                found = a
        h = above[h]
    return found


@numba.njit(cache=True)
def _start_branches(trade: int, day: int, graph: Graph, people: People, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the crews of a network, one by one, to the path that brings back most per crew-day."""
    low = tasks.usable.size
    demand = dark_demand(graph, people.residual, tree, tasks.worth, state.building["usable"], state.lit)
    pending = np.empty(tasks.asset.size - low, dtype=np.bool_)
    for k in range(pending.size):
        pending[k] = tasks.asset[low + k].down and not state.repair[low + k].started
    above, assets, gain = branches(graph, tree, demand, pending, trade - 1)
    work = np.zeros(above.size)
    for h in range(1, above.size):
        for k in range(assets.shape[1]):
            if assets[h, k] >= 0:
                assets[h, k] += low
                work[h] += tasks.asset[assets[h, k]].duration
    blocked = np.zeros(above.size, dtype=np.bool_)
    while state.trade[trade].free > 0:
        h = best_branch(above, work, gain, blocked)
        if h == 0:
            return
        a = _first_on_path(h, above, assets, day, tasks, state)
        if a < 0:
            blocked[h] = True
            continue
        _start(a, day, tasks, state)
        while a != assets[h, 0] and a != assets[h, 1]:
            h = above[h]
        work[h] -= tasks.asset[a].duration


@numba.njit(cache=True)
def _assign(day: int, graph: Graph, people: People, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the free crews of every trade their next tasks."""
    for trade in range(state.trade.size):
        if state.trade[trade].free == 0 or state.trade[trade].first < 0:
            continue
        if tasks.strategy == SEMI_FLEXIBLE and trade == 0:
            _start_best_set(trade, day, tasks, state)
        elif tasks.strategy == SEMI_FLEXIBLE:
            _start_branches(trade, day, graph, people, tasks, tree, state)
        _start_in_order(trade, day, tasks, state)


@numba.njit(cache=True)
def _run(
    graph: Graph, people: People, tasks: Tasks, tree: Tree, state: State, curves: np.ndarray, service: np.ndarray
) -> int:
    """The loop over days; fills the curves and gives the number of days simulated."""
    left, release, runs_out = tasks.order.size, 0, -1
    for day in range(state.ends.size):
        ended, network = _finish(day, tasks, people, state)
        left -= ended
        if network or day == 0 or day == runs_out:
            runs_out = _relight(day, graph, people, state)
        if day > 0:
            curves[day] = curves[day - 1]
            service[day] = service[day - 1]
        _refresh(day, graph, people, state, curves[day], service[day])
        for z in range(state.zone.size):
            state.zone[z].unmet_days += state.zone[z].unmet - state.zone[z].normal_unmet
        if left == 0:
            return day + 1
        if day == release:
            release = _queue(day, tasks, state)
            ended += 1
        if ended > 0:
            _assign(day, graph, people, tasks, tree, state)
    return int(state.ends.size)


def recover(graph: Graph, people: People, tasks: Tasks, tree: Tree, crews: np.ndarray, horizon: int) -> Outcome:
    """Run one draw from the event to the last repair or the horizon.

    On each day repairs end first, then services and functions are found anew, then free crews are
    assigned; what a crew starts on day r with duration d works again from day r + d on.

    Parameters
    ----------
    graph : Graph
        The networks.
    people : People
        Buildings, zones and needs.
    tasks : Tasks
        Repairs of this draw.
    tree : Tree
        Spanning forest for the damage of this draw.
    crews : ndarray of int
        Crews of each trade, shape (trade,).
    horizon : int
        Last day simulated.

    Returns
    -------
    Outcome
        Arrays as described there.
    """
    state = _begin(graph, people, tasks, crews, horizon)
    normal, everyone = np.zeros(3), np.zeros(state.served.shape[1])
    _refresh(0, graph, people, state, normal, everyone)
    state.zone["normal_unmet"] = state.zone["unmet"]
    curves, served = np.zeros((horizon + 1, normal.size)), np.zeros((horizon + 1, everyone.size))
    curves[0], served[0] = normal, everyone
    _strike(tasks, people, state)
    days = _run(graph, people, tasks, tree, state, curves, served)
    own = state.building
    share = np.divide(served[:days], everyone, out=np.ones((days, everyone.size)), where=everyone > 0)
    return Outcome(
        production=curves[:days, 0].copy(),
        capacity=curves[:days, 1].copy(),
        unmet=curves[:days, 2] - normal[2],
        service=share,
        normal=normal,
        lost_days=own["lost_days"] + (1.0 - own["functionality"]) * (days - own["changed_on"]),
        finished=state.repair["finished"].copy(),
        restored=state.restored,
        unmet_days=state.zone["unmet_days"].copy(),
    )
