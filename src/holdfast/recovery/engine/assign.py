"""Assignment: which waiting task the free crews take next, by the traits of the strategy."""

import numba
import numpy as np

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.assign_networks import start_branches
from holdfast.recovery.engine.lookahead import start_as_planned
from holdfast.recovery.engine.queue import first_that_fits
from holdfast.recovery.engine.records import CityArrays, State, Tasks
from holdfast.recovery.engine.resources import (
    days_left,
    free_crews,
    known_duration,
    may_start,
    set_aside,
    start,
)
from holdfast.recovery.strategy.knapsack import best_set
from holdfast.recovery.strategy.spanning_tree import Tree
from holdfast.types import Ints

EXACT_TASKS = 64
"""Waiting tasks with a gain up to which the knapsack is solved exactly."""
PACKED_TASKS = 192
"""Up to which it is packed greedily and bettered by swaps; above, tasks start by value per crew alone."""
LOOKED_AT = 512
"""Waiting tasks up to which those with a gain are counted at all."""


@numba.njit(cache=True)
def assign(day: int, city: CityArrays, tasks: Tasks, tree: Tree, state: State) -> None:
    """Give the free crews of every trade their next tasks."""
    for trade in range(state.repairs.trade.size):  # they share no crews, but may share a material
        if free_crews(trade, state) <= 0 or state.repairs.queue.waiting[trade] == 0:
            continue
        if tasks.replans and city.trade_network[trade] < 0:
            # crews that may move soon need no look ahead: they are assigned again then
            if tasks.commitment == 0 and start_as_planned(trade, day, tasks, state):
                continue
            _start_best_set(trade, day, tasks, state)
        elif tasks.replans:
            start_branches(trade, day, city, tasks, tree, state)
        _start_in_order(trade, day, tasks, state)


@allocation_free
def _start_in_order(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Start the first task in the order that fits, until none fits."""
    while True:
        free = free_crews(trade, state)
        a = first_that_fits(state.repairs.queue, trade, free) if free > 0 else -1
        if a < 0:
            return
        if may_start(a, tasks, state):
            start(a, day, tasks, state)
        else:
            set_aside(a, tasks, state)


@numba.njit(cache=True)
def _waiting_tasks(trade: int, most: int, tasks: Tasks, state: State) -> Ints:
    """Tasks of a trade that wait, may start and gain something, in the order of the heaps; none if over `most` wait.

    Those that may not start leave the queue.
    """
    q = state.repairs.queue
    found = np.empty(min(q.waiting[trade], most), dtype=np.int64)
    size = 0
    if q.waiting[trade] <= most:
        for c in range(q.trade_start[trade], q.trade_start[trade + 1]):
            for i in range(q.start[c], q.start[c] + q.size[c]):
                found[size] = q.heap[i]
                size += 1
    kept = 0
    for i in range(size):  # only now, since a heap changes where a task leaves it
        a = found[i]
        if not may_start(a, tasks, state):
            set_aside(a, tasks, state)
        elif tasks.asset[a].value > 0.0:
            found[kept] = a
            kept += 1
    return found[:kept]


@numba.njit(cache=True)
def _start_best_set(trade: int, day: int, tasks: Tasks, state: State) -> None:
    """Where not too many tasks with a gain wait and not all fit, start the best set of them."""
    free = free_crews(trade, state)
    found = _waiting_tasks(trade, LOOKED_AT, tasks, state)
    if found.size == 0 or found.size > PACKED_TASKS:
        return
    value, crews, wanted = np.empty(found.size), np.empty(found.size, np.int64), 0
    for i in range(found.size):
        task = tasks.asset[found[i]]
        # gain per day that is left, which is more than the task's value once it has begun
        value[i] = task.value * known_duration(found[i], tasks) / days_left(found[i], tasks, state)
        crews[i] = task.crews
        wanted += task.crews
    if wanted <= free:  # all of them fit: nothing to choose
        return
    chosen = best_set(value, crews, free, EXACT_TASKS)
    for i in range(found.size):
        # asked again, since the tasks started before it may have taken the last of a material
        if chosen[i] and may_start(found[i], tasks, state):
            start(found[i], day, tasks, state)
