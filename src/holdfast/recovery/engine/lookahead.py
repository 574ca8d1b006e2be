"""Looking ahead where a trade has few tasks left: crews are held back where that loses less."""

import numba
import numpy as np

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.queue import Queue
from holdfast.recovery.engine.records import State, Tasks
from holdfast.recovery.engine.resources import days_left, free_crews, may_start, start
from holdfast.recovery.strategy.schedule import Upcoming, best_schedule
from holdfast.types import Ints

MOST_LISTED = 1024
"""Damaged assets of a trade up to which its remaining tasks are counted at every assignment."""
MOST_PLANNED = 24
"""Tasks, waiting or still to be released, that are scheduled together."""
ROUNDS = 4
"""Passes of the search for a better schedule."""


@numba.njit(cache=True)
def start_as_planned(trade: int, day: int, tasks: Tasks, state: State) -> bool:
    """Schedule the tasks left to a trade that works on buildings on expected days, and start those due today.

    Not specified in the paper: the look ahead. Crews may wait for a task that is to be released soon, or for
    enough of them to be free, although another task could start, where the schedule loses less that way.

    Returns
    -------
    bool
        Whether the schedule could be kept; if not, where tasks are many or a material or crews are lacking, the
        other rules are to fill the free crews.
    """
    left, running = _open_tasks(trade, tasks, state)
    if left.size > MOST_PLANNED or left.size == 0:
        return False
    release, expected = np.empty(left.size, np.int64), np.empty(left.size, np.int64)
    crews, gain = np.empty(left.size, np.int64), np.empty(left.size)
    for i in range(left.size):
        task = tasks.asset[left[i]]
        release[i] = day if _waits(left[i], state.repairs.queue) else max(task.release, day + 1)
        expected[i], crews[i] = days_left(left[i], tasks, state), task.crews
        gain[i] = task.value * task.expected
    since, free = _free_profile(trade, day, running, tasks, state)
    # services are forecast as back on the day of release, so that both gains are the same
    begin = best_schedule(Upcoming(release, expected, crews, gain, gain, release), since, free, ROUNDS)
    kept = True
    for i in range(left.size):
        a = left[i]
        if begin[i] > day:
            continue  # planned for later, and planned again when something changes
        if tasks.asset[a].crews <= free_crews(trade, state) and may_start(a, tasks, state):
            start(a, day, tasks, state)
        else:
            kept = False
    return kept


@allocation_free
def _waits(a: int, q: Queue) -> bool:
    """Whether a task is released and may start as far as is known."""
    waiting: bool = q.place[a] >= 0
    return waiting


@numba.njit(cache=True)
def _open_tasks(trade: int, tasks: Tasks, state: State) -> tuple[Ints, Ints]:
    """Tasks of a trade that wait or are to be released, by priority, and those being repaired.

    A task held up by a road or a material is left out. More than the planned number are cut short.
    """
    low, high = tasks.order_start[trade], tasks.order_start[trade + 1]
    if high - low > MOST_LISTED:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    left, running = np.empty(MOST_PLANNED + 1, np.int64), np.empty(high - low, np.int64)
    count, busy, today = 0, 0, state.cursor[0].day
    for k in range(low, high):
        a = tasks.order[k]
        own, task = state.repairs.asset[a], tasks.asset[a]
        if own.running:
            running[busy] = a
            busy += 1
        elif own.finished < 0 and count < left.size and (_waits(a, state.repairs.queue) or task.release > today):
            left[count] = a
            count += 1
    return left[:count], running[:busy]


@numba.njit(cache=True)
def _free_profile(trade: int, day: int, running: Ints, tasks: Tasks, state: State) -> tuple[Ints, Ints]:
    """Days from today on from which so many crews are expected to be free if nothing more starts."""
    end = np.empty(running.size, np.int64)
    for i in range(running.size):
        a = running[i]
        end[i] = max(state.repairs.asset[a].since + days_left(a, tasks, state), day + 1)
    order = np.argsort(end, kind="mergesort")
    since, free = np.empty(running.size + 1, np.int64), np.empty(running.size + 1, np.int64)
    since[0], free[0], size = day, free_crews(trade, state), 1
    for i in order:
        crews = tasks.asset[running[i]].crews
        if end[i] == since[size - 1]:  # one step of the profile for all that end on one day
            free[size - 1] += crews
        else:
            since[size], free[size] = end[i], free[size - 1] + crews
            size += 1
    return since[:size], free[:size]
