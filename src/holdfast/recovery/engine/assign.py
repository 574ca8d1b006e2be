"""Assignment: which waiting task the free crews take next. Here the strategies are called."""

import numba
import numpy as np

from holdfast.recovery.engine.ahead import start_as_planned
from holdfast.recovery.engine.queue import first_that_fits
from holdfast.recovery.engine.records import STAKE_UNIT, State, Tasks, Town
from holdfast.recovery.engine.resources import days_left, free_crews, hold, may_start, start
from holdfast.recovery.strategy import Tree, best_branch, best_set, branches

EXACT_TASKS = 64
"""Waiting tasks with a gain up to which the knapsack is solved exactly."""
PACKED_TASKS = 192
"""Up to which it is packed greedily and bettered by swaps; above, tasks start by value per crew alone."""


@numba.njit(cache=True)
def assign(day: int, town: Town, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the free crews of every trade their next tasks.

    Parameters
    ----------
    day : int
        Today.
    town : Town
        Of the city.
    tasks : Tasks
        Of the draw.
    tree : Tree
        Spanning forest for the damage of the draw.
    state : State
        Changed.
    """
    for trade in range(state.trade.size):
        if free_crews(trade, state) <= 0 or state.queue.waiting[trade] == 0:
            continue
        if tasks.replans and town.trade_network[trade] < 0:
            if tasks.commitment == 0 and start_as_planned(trade, day, tasks, state):
                continue
            _start_best_set(trade, day, tasks, state)
        elif tasks.replans:
            _start_branches(trade, day, town, tasks, tree, state)
        _start_in_order(trade, day, tasks, state)


@numba.njit(cache=True)
def _start_in_order(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Start the first task in the order that fits, until none fits."""
    while True:
        free = free_crews(trade, state)
        a = first_that_fits(state.queue, trade, free) if free > 0 else -1
        if a < 0:
            return
        if may_start(a, tasks, state):
            start(a, day, tasks, state)
        else:
            hold(a, tasks, state)


@numba.njit(cache=True)
def waiting_tasks(trade: int, most: int, tasks: Tasks, state: State) -> np.ndarray:
    """Tasks of a trade that wait, may start and gain something; none if more than `most` wait.

    Parameters
    ----------
    trade : int
        Position.
    most : int
        How many may wait.
    tasks : Tasks
        Of the draw.
    state : State
        Tasks that may not start leave its queue.

    Returns
    -------
    ndarray of int
        Assets, in the order of the heaps.
    """
    q = state.queue
    found = np.empty(min(q.waiting[trade], most), dtype=np.int64)
    size = 0
    if q.waiting[trade] <= most:
        for c in range(q.trade_start[trade], q.trade_start[trade + 1]):
            for i in range(q.start[c], q.start[c] + q.size[c]):
                found[size] = q.heap[i]
                size += 1
    kept = 0
    for i in range(size):
        a = found[i]
        if not may_start(a, tasks, state):
            hold(a, tasks, state)
        elif tasks.asset[a].value > 0.0:
            found[kept] = a
            kept += 1
    return found[:kept]


@numba.njit(cache=True)
def _start_best_set(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Where not too many tasks with a gain wait and not all fit, start the best set of them."""
    free = free_crews(trade, state)
    found = waiting_tasks(trade, 8 * EXACT_TASKS, tasks, state)
    if found.size == 0 or found.size > PACKED_TASKS:
        return
    value, crews, wanted = np.empty(found.size), np.empty(found.size, np.int64), 0
    for i in range(found.size):
        task = tasks.asset[found[i]]
        whole = task.duration if tasks.sees_durations else task.expected
        value[i], crews[i] = task.value * whole / days_left(found[i], tasks, state), task.crews
        wanted += task.crews
    if wanted <= free:
        return
    chosen = best_set(value, crews, free, EXACT_TASKS)
    for i in range(found.size):
        if chosen[i] and may_start(found[i], tasks, state):
            start(found[i], day, tasks, state)


@numba.njit(cache=True)
def dark_demand(town: Town, tree: Tree, state: State, least: float) -> np.ndarray:
    """Functionality that each dark node would give back if it had service.

    Of each building that the node serves: usable share x what it loses without the network. A node on which
    another network's node depends is credited with all that is dark behind that node in its tree.

    Parameters
    ----------
    town : Town
        Of the city.
    tree : Tree
        Spanning forest.
    state : State
        Not changed.
    least : float
        Service from which a node is not dark.

    Returns
    -------
    ndarray
        Share of the city's functionality, shape (node,); 0 where there is service.
    """
    graph, served = town.graph, state.light.satisfaction
    demand = np.zeros(served.size)
    for v in range(served.size):
        if served[v] < 1.0:
            demand[v] = state.potential[v] / STAKE_UNIT * (1.0 - served[v])
    if graph.needs_node.size > 0:
        behind = demand.copy()
        for i in range(tree.order.size - 1, -1, -1):
            v = tree.order[i]
            if tree.parent[v] >= 0:
                behind[tree.parent[v]] += behind[v]
        for d in range(graph.needs_node.size):
            if served[graph.needs_node[d]] < least and served[graph.needs_on[d]] < least:
                demand[graph.needs_on[d]] += behind[graph.needs_node[d]]
    return demand


@numba.njit(cache=True)
def _first_on_path(h: int, above: np.ndarray, assets: np.ndarray, tasks: Tasks, state: State) -> int:
    """Asset nearest the source on the path to a branch that can be given a crew today, -1 if none."""
    found = -1
    while h > 0:
        for k in range(assets.shape[1] - 1, -1, -1):
            a = assets[h, k]
            if a >= 0 and state.queue.place[a] >= 0 and may_start(a, tasks, state):
                found = a
        h = above[h]
    return found


@numba.njit(cache=True)
def _start_branches(trade: int, day: int, town: Town, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the crews of a network, one by one, to the path that brings back most per crew-day."""
    low = tasks.usable.size
    demand = dark_demand(town, tree, state, tasks.least_service)
    pending = np.empty(tasks.asset.size - low, dtype=np.bool_)
    for k in range(pending.size):
        own = state.repair[low + k]
        pending[k] = tasks.asset[low + k].down and own.finished < 0 and not own.running
    above, assets, gain = branches(town.graph, tree, demand, pending, town.trade_network[trade])
    work = np.zeros(above.size)
    for h in range(1, above.size):
        for k in range(assets.shape[1]):
            if assets[h, k] >= 0:
                assets[h, k] += low
                work[h] += days_left(assets[h, k], tasks, state)
    blocked = np.zeros(above.size, dtype=np.bool_)
    while free_crews(trade, state) > 0:
        h = best_branch(above, work, gain, blocked)
        if h == 0:
            return
        a = _first_on_path(h, above, assets, tasks, state)
        if a < 0:
            blocked[h] = True
            continue
        spare = days_left(a, tasks, state)
        start(a, day, tasks, state)
        while a != assets[h, 0] and a != assets[h, 1]:
            h = above[h]
        work[h] -= spare
