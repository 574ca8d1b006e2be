"""Crews, materials and roads: what a task needs to start, and what it gives back."""

import numba

from holdfast.recovery.engine.queue import push, rekey, remove
from holdfast.recovery.engine.records import (
    EVENTS,
    FINISHED,
    LEFT,
    LOGGED,
    NEWS,
    STARTED,
    WITHDRAWN,
    State,
    Tasks,
    Town,
)
from holdfast.recovery.engine.upkeep import set_usable


@numba.njit(cache=True)
def free_crews(trade: int, state: State) -> int:
    """Crews of a trade without a task; below 0 where some must leave as soon as theirs is done.

    Parameters
    ----------
    trade : int
        Position.
    state : State
        Not changed.
    """
    return int(state.trade[trade].capacity - state.trade[trade].committed)


@numba.njit(cache=True)
def days_left(a: int, tasks: Tasks, state: State) -> int:
    """Days of work left on a task, as far as the strategy can know.

    Parameters
    ----------
    a : int
        Asset, not being repaired now.
    tasks : Tasks
        Of the draw.
    state : State
        Not changed.

    Returns
    -------
    int
        What is left of the drawn duration where the strategy sees it, else of the expected one, at least 1.
    """
    task = tasks.asset[a]
    if tasks.sees_durations:
        return int(state.repair[a].left)
    return int(max(task.expected - (task.duration - state.repair[a].left), 1))


@numba.njit(cache=True)
def may_start(a: int, tasks: Tasks, state: State) -> bool:
    """Whether a released task has its road and its material; crews are not looked at.

    Parameters
    ----------
    a : int
        Asset.
    tasks : Tasks
        Of the draw.
    state : State
        Not changed.
    """
    task = tasks.asset[a]
    if task.access >= 0 and state.light.satisfaction[task.access] < tasks.least_service:
        return False
    taken: bool = task.material < 0 or state.repair[a].began >= 0 or state.stock[task.material] >= task.amount
    return taken


@numba.njit(cache=True)
def hold(a: int, tasks: Tasks, state: State) -> None:
    """Take a waiting task that may not start out of the queue until its road opens or a delivery comes.

    Parameters
    ----------
    a : int
        Asset.
    tasks : Tasks
        Of the draw.
    state : State
        Changed.
    """
    remove(state.queue, a)
    task = tasks.asset[a]
    if task.access >= 0 and state.light.satisfaction[task.access] < tasks.least_service:
        state.repair[a].following = state.cut[task.access]
        state.cut[task.access] = a
    else:
        state.repair[a].following = state.lacking[task.material]
        state.lacking[task.material] = a


@numba.njit(cache=True)
def _note(day: int, a: int, what: int, crews: int, state: State) -> None:
    """Write a line of the trace, if one is wanted."""
    state.cursor[EVENTS] += 1
    line = state.cursor[LOGGED]
    if line < state.trace.shape[0]:
        state.trace[line, 0], state.trace[line, 1], state.trace[line, 2], state.trace[line, 3] = day, a, what, crews
        state.cursor[LOGGED] += 1


@numba.njit(cache=True)
def start(a: int, day: int, tasks: Tasks, state: State) -> None:
    """Commit crews to a waiting task, until it is done or for the least span.

    Parameters
    ----------
    a : int
        Asset that waits and may start.
    day : int
        Today.
    tasks : Tasks
        Of the draw.
    state : State
        Changed.
    """
    task, own = tasks.asset[a], state.repair[a]
    remove(state.queue, a)
    if own.began < 0:
        own.began = day
        if task.material >= 0:
            state.stock[task.material] -= task.amount
    own.since, own.running = day, True
    state.trade[task.trade].committed += task.crews
    _note(day, a, STARTED, task.crews, state)
    bind(a, day, tasks, state)


@numba.njit(cache=True)
def bind(a: int, day: int, tasks: Tasks, state: State) -> None:
    """Put a running task into the list of the day on which its crews are free again.

    Parameters
    ----------
    a : int
        Asset whose work or commitment began on `day`.
    day : int
        That day.
    tasks : Tasks
        Of the draw.
    state : State
        Changed.
    """
    own = state.repair[a]
    if tasks.commitment > 0 and own.left > tasks.commitment:
        if day + tasks.commitment < state.leaving.size:
            own.following = state.leaving[day + tasks.commitment]
            state.leaving[day + tasks.commitment] = a
    elif day + own.left < state.ending.size:
        own.following = state.ending[day + own.left]
        state.ending[day + own.left] = a


@numba.njit(cache=True)
def finish(day: int, town: Town, tasks: Tasks, state: State) -> None:
    """End the repairs due today.

    Parameters
    ----------
    day : int
        Today.
    town : Town
        Of the city.
    tasks : Tasks
        Of the draw.
    state : State
        Changed.
    """
    graph = town.graph
    low, high = tasks.usable.size, tasks.usable.size + graph.source.size
    a = state.ending[day]
    while a >= 0:
        task, own = tasks.asset[a], state.repair[a]
        own.finished, own.left, own.running = day, 0, False
        state.trade[task.trade].committed -= task.crews
        state.cursor[LEFT] -= 1
        state.cursor[NEWS] = 1
        _note(day, a, FINISHED, task.crews, state)
        if a < low:
            set_usable(a, 1.0, town, state)
        elif task.down and a < high:
            state.light.node_intact[a - low] = True
            _mend(graph.network[a - low], a - low, state)
        elif task.down:
            state.light.edge_intact[a - high] = True
            _mend(graph.edge_network[a - high], high - a - 1, state)
        a = own.following


@numba.njit(cache=True)
def _mend(network: int, asset: int, state: State) -> None:
    """Have the service of a network looked at, from the repaired asset on where that is enough."""
    light = state.light
    if light.grows[network]:
        light.repaired[light.repairs[0]] = asset
        light.repairs[0] += 1
    else:
        light.changed[network] = True


@numba.njit(cache=True)
def withdraw(day: int, tasks: Tasks, state: State) -> None:
    """Free the crews whose least span ends today; their tasks wait again, with what is left of them.

    Parameters
    ----------
    day : int
        Today.
    tasks : Tasks
        Of the draw.
    state : State
        Changed.
    """
    a = state.leaving[day]
    while a >= 0:
        task, own = tasks.asset[a], state.repair[a]
        following = own.following
        own.left -= day - own.since
        own.running = False
        state.trade[task.trade].committed -= task.crews
        state.cursor[NEWS] = 1
        _note(day, a, WITHDRAWN, task.crews, state)
        if task.value > 0.0:
            revalue(a, tasks, state)
        push(state.queue, a)
        a = following


@numba.njit(cache=True)
def revalue(a: int, tasks: Tasks, state: State) -> None:
    """Move a begun task up the order: the same gain for fewer days.

    Parameters
    ----------
    a : int
        Asset with a task that gains something.
    tasks : Tasks
        Of the draw.
    state : State
        Changed, for the strategies that plan.
    """
    if not tasks.replans:
        return
    task = tasks.asset[a]
    whole = task.duration if tasks.sees_durations else task.expected
    worth = task.value * whole / days_left(a, tasks, state) / task.crews
    low, high = tasks.order_start[task.trade], tasks.order_start[task.trade + 1]
    first = low
    while low < high:
        middle = (low + high) // 2
        other = tasks.asset[tasks.order[middle]]
        if other.value / other.crews > worth:
            low = middle + 1
        else:
            high = middle
    rekey(state.queue, a, low - first - 0.5)
