"""The state at the beginning of a run: the undamaged city, then the damage that stands on the first day."""

import numba
import numpy as np

from holdfast.recovery.engine.queue import emptied, push
from holdfast.recovery.engine.records import (
    BUILDING,
    CURSOR,
    MINUTES,
    REPAIR,
    SITE,
    TRADE,
    Baseline,
    Calendar,
    CityArrays,
    Functions,
    Repairs,
    State,
    Tasks,
)
from holdfast.recovery.engine.resources import commit, reprioritise
from holdfast.recovery.engine.totals import set_usable
from holdfast.recovery.networks.network_state import copied
from holdfast.recovery.networks.pressure import drained_at
from holdfast.types import Ints


def initial_state(
    city: CityArrays,
    before: Baseline,
    tasks: Tasks,
    calendar: Calendar,
    pools: tuple[Ints, Ints],
    days: int,
    lines: int,
) -> State:
    """State of the undamaged city at the moment of the event; new arrays throughout.

    Parameters
    ----------
    pools : tuple of ndarray
        Crews of each trade and amount of each material on the day of the event.
    days : int
        Days to simulate, from that of the event on.
    lines : int
        Greatest length of the trace.
    """
    nodes = city.graph.source.size
    return State(
        functions=_functions(city, before, calendar.sites.building.size),
        repairs=_repairs(city, tasks, pools, days + 2),
        networks=copied(before.networks),
        restored=np.zeros(nodes, dtype=np.int64),
        cursor=np.zeros(1, dtype=CURSOR),
        trace=np.zeros((lines, 4), dtype=np.int64),
    )


def _functions(city: CityArrays, before: Baseline, sites: int) -> Functions:
    """Every building does all it can."""
    people, count = city.people, city.people.building.size
    building = np.zeros(count, dtype=BUILDING)
    for name in ("usable", "reoccupied", "production", "place", "service", "home", "supply", "staying"):
        building[name] = 1.0
    building["unserved_since"] = -1
    return Functions(
        building=building,
        zone=before.zone.copy(),
        site=np.zeros(sites, dtype=SITE),
        offered=people.counted_daytime.copy(),
        city=before.city.copy(),
        day_sum=np.zeros_like(before.city),
        shared=before.shared.copy(),
        dependent=before.dependent.copy(),
        changed_buildings=np.empty(count, dtype=np.int64),
        changed_zones=np.empty(before.zone.size, dtype=np.int64),
        unserved=np.empty(count, dtype=np.int64),
    )


def _repairs(city: CityArrays, tasks: Tasks, pools: tuple[Ints, Ints], days: int) -> Repairs:
    """No task has begun, none waits, no crew works."""
    crews, stock = pools
    trade = np.zeros(crews.size, dtype=TRADE)
    trade["capacity"] = crews
    asset = np.zeros(tasks.asset.size, dtype=REPAIR)
    asset["began"] = asset["following"] = -1
    asset["finished"] = np.where(tasks.asset["damaged"], -1, 0)  # what was never damaged works from day 0
    asset["left"] = tasks.asset["duration"]
    waiting = emptied(city.layout)
    # the key of a task is its place in the order of its trade
    first = np.repeat(tasks.order_start[:-1], np.diff(tasks.order_start))
    waiting.key[tasks.order] = np.arange(tasks.order.size) - first
    return Repairs(
        asset=asset,
        trade=trade,
        queue=waiting,
        released=np.full(days, -1),
        ending=np.full(days, -1),
        leaving=np.full(days, -1),
        awaiting_road=np.full(city.graph.source.size, -1),
        awaiting_material=np.full(stock.size, -1),
        stock=stock.astype(np.int64),
    )


@numba.njit(cache=True)
def apply_damage(day: int, city: CityArrays, tasks: Tasks, state: State) -> None:
    """Put the damage that stands on a day into the state, and every task into the list that it belongs to.

    Parameters
    ----------
    day : int
        0 for the event; else that of the present, whose repairs are in the state already.
    """
    low, high = tasks.usable.size, tasks.usable.size + city.graph.source.size
    networks, repairs, cursor = state.networks, state.repairs, state.cursor[0]
    cursor.day, cursor.now, cursor.backup_ends = day, day * MINUTES, -1
    networks.update.changed[:] = True  # all of them are found once, damaged or not
    for i in range(tasks.order.size):
        a = tasks.order[i]
        task, own = tasks.asset[a], repairs.asset[a]
        if own.finished >= 0:
            continue  # of a present: repaired by now
        cursor.unfinished += 1
        if a < low:  # buildings come first, then nodes, then edges
            if tasks.usable[a] != 1.0 or tasks.reoccupied[a] != 1.0:
                set_usable(a, tasks.usable[a], tasks.reoccupied[a], city, state)
        elif task.down and a < high:
            networks.node_intact[a - low] = False
        elif task.down:
            networks.edge_intact[a - high] = False
        if a >= high:
            networks.leak[a - high] = task.leak + task.spill
        if own.running:
            repairs.trade[task.trade].committed += task.crews
            own.left += day - own.since  # from the first day of the present commitment
            # a commitment that would have ended by now ends today
            commit(a, max(own.since, day - tasks.commitment) if tasks.commitment > 0 else own.since, tasks, state)
        elif own.began >= 0 or task.release < day:
            if own.began >= 0 and task.value > 0.0:
                reprioritise(a, tasks, state)
            push(repairs.queue, a)
        elif task.release < repairs.released.size:  # a release after the horizon never comes
            own.following = repairs.released[task.release]
            repairs.released[task.release] = a
    _fill_storage(city, tasks, state)


@numba.njit(cache=True)
def _fill_storage(city: CityArrays, tasks: Tasks, state: State) -> None:
    """Find when the storage of each network that loses pressure runs out, by the damage of the event alone."""
    graph, own = city.graph, city.graph.pressure
    low, high = tasks.usable.size, tasks.usable.size + graph.source.size
    given, wanted, lost = np.zeros(own.leaky.size), np.zeros(own.leaky.size), np.zeros(own.leaky.size)
    for v in range(graph.source.size):
        given[graph.network[v]] += 0.0 if tasks.asset[low + v].down else own.supply[v]
        wanted[graph.network[v]] += own.want[v]
    for e in range(graph.edge_network.size):
        lost[graph.edge_network[e]] += tasks.asset[high + e].leak + tasks.asset[high + e].spill
    for n in range(own.leaky.size):
        if own.leaky[n]:
            state.networks.drained[n] = drained_at(n, given[n], wanted[n], lost[n], own)
