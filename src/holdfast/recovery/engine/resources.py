"""Crews, materials and roads: what a task needs to start, and what it gives back."""

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.queue import push, rekey, remove
from holdfast.recovery.engine.records import FINISHED, STARTED, WITHDRAWN, CityArrays, State, Tasks
from holdfast.recovery.engine.totals import set_usable


@allocation_free
def free_crews(trade: int, state: State) -> int:
    """Crews of a trade without a task; below 0 where some must leave as soon as theirs is done."""
    return int(state.repairs.trade[trade].capacity - state.repairs.trade[trade].committed)


@allocation_free
def known_duration(a: int, tasks: Tasks) -> int:
    """Days of work on a task, as far as the strategy can know."""
    task = tasks.asset[a]
    return int(task.duration if tasks.sees_durations else task.expected)


@allocation_free
def days_left(a: int, tasks: Tasks, state: State) -> int:
    """Days of work left on a task that is not being repaired now, as far as the strategy can know; else at least 1."""
    if tasks.sees_durations:
        return int(state.repairs.asset[a].left)
    task = tasks.asset[a]
    # a task that takes longer than expected is always expected to end tomorrow
    return int(max(task.expected - (task.duration - state.repairs.asset[a].left), 1))


@allocation_free
def _road_closed(a: int, tasks: Tasks, state: State) -> bool:
    """Whether the road to an asset has no service."""
    access = tasks.asset[a].access
    closed: bool = access >= 0 and state.networks.satisfaction[access] < tasks.least_service
    return closed


@allocation_free
def may_start(a: int, tasks: Tasks, state: State) -> bool:
    """Whether a released task has its road and its material; crews are not looked at."""
    task = tasks.asset[a]
    if _road_closed(a, tasks, state):
        return False
    begun = state.repairs.asset[a].began >= 0  # the material of a begun task is taken
    supplied: bool = task.material < 0 or begun or state.repairs.stock[task.material] >= task.amount
    return supplied


@allocation_free
def set_aside(a: int, tasks: Tasks, state: State) -> None:
    """Take a waiting task that may not start out of the queue until its road opens or a delivery comes."""
    repairs = state.repairs
    remove(repairs.queue, a)
    task = tasks.asset[a]
    if _road_closed(a, tasks, state):
        repairs.asset[a].following = repairs.awaiting_road[task.access]
        repairs.awaiting_road[task.access] = a
    else:
        repairs.asset[a].following = repairs.awaiting_material[task.material]
        repairs.awaiting_material[task.material] = a


@allocation_free
def _log(day: int, a: int, what: int, crews: int, state: State) -> None:
    """Write a line of the trace, if there is room."""
    cursor, trace = state.cursor[0], state.trace
    cursor.events += 1
    line = cursor.lines
    if line < trace.shape[0]:
        trace[line, 0], trace[line, 1], trace[line, 2], trace[line, 3] = day, a, what, crews
        cursor.lines += 1


@allocation_free
def start(a: int, day: int, tasks: Tasks, state: State) -> None:
    """Commit crews to a waiting task that may start, until it is done or for the least span."""
    repairs = state.repairs
    task, own = tasks.asset[a], repairs.asset[a]
    remove(repairs.queue, a)
    if own.began < 0:
        own.began = day
        if task.material >= 0:
            repairs.stock[task.material] -= task.amount
    own.since, own.running = day, True
    repairs.trade[task.trade].committed += task.crews
    _log(day, a, STARTED, task.crews, state)
    commit(a, day, tasks, state)


@allocation_free
def commit(a: int, day: int, tasks: Tasks, state: State) -> None:
    """Put a task whose commitment began on `day` into the list of the day on which its crews are free again."""
    repairs = state.repairs
    own = repairs.asset[a]
    left = own.left - (day - own.since)  # work of a restart may have begun before the span that counts
    if tasks.commitment > 0 and left > tasks.commitment:
        if day + tasks.commitment < repairs.leaving.size:  # beyond the horizon nothing falls due
            own.following = repairs.leaving[day + tasks.commitment]
            repairs.leaving[day + tasks.commitment] = a
    elif day + left < repairs.ending.size:
        own.following = repairs.ending[day + left]
        repairs.ending[day + left] = a


@allocation_free
def finish_due(day: int, city: CityArrays, tasks: Tasks, state: State) -> None:
    """End the repairs due today; the services that they bring back are found by the next update."""
    graph, networks, repairs, cursor = city.graph, state.networks, state.repairs, state.cursor[0]
    low, high = tasks.usable.size, tasks.usable.size + graph.source.size
    a = repairs.ending[day]
    while a >= 0:
        task, own = tasks.asset[a], repairs.asset[a]
        own.finished, own.left, own.running = day, 0, False
        repairs.trade[task.trade].committed -= task.crews
        cursor.unfinished -= 1
        cursor.assign = True
        _log(day, a, FINISHED, task.crews, state)
        if a < low:
            set_usable(a, 1.0, 1.0, city, state)
        elif task.down and a < high:
            networks.node_intact[a - low] = True
            _mark_repaired(graph.network[a - low], a - low, state)
        elif task.down:
            networks.edge_intact[a - high] = True
            _mark_repaired(graph.edge_network[a - high], high - a - 1, state)
        if a >= high and networks.leak[a - high] > 0.0:
            networks.leak[a - high] = 0.0
            networks.update.changed[graph.edge_network[a - high]] = True
        a = own.following


@allocation_free
def _mark_repaired(network: int, asset: int, state: State) -> None:
    """Have the service of a network updated, from the repaired asset on where that is enough."""
    update, repaired = state.networks.update, state.networks.repaired
    if update.gains_only[network]:
        repaired.asset[repaired.size[0]] = asset
        repaired.size[0] += 1
    else:
        update.changed[network] = True


@allocation_free
def withdraw_due(day: int, tasks: Tasks, state: State) -> None:
    """Free the crews whose least span ends today; their tasks wait again, with what is left of them."""
    repairs = state.repairs
    a = repairs.leaving[day]
    while a >= 0:
        task, own = tasks.asset[a], repairs.asset[a]
        following = own.following
        own.left -= day - own.since
        own.running = False
        repairs.trade[task.trade].committed -= task.crews
        state.cursor[0].assign = True
        _log(day, a, WITHDRAWN, task.crews, state)
        if task.value > 0.0:
            reprioritise(a, tasks, state)
        push(repairs.queue, a)
        a = following


@allocation_free
def reprioritise(a: int, tasks: Tasks, state: State) -> None:
    """Move a begun task with a gain up the order: the same gain for fewer days; only where the strategy re-plans."""
    if not tasks.replans:
        return
    task = tasks.asset[a]
    value = task.value * known_duration(a, tasks) / days_left(a, tasks, state) / task.crews
    low, high = tasks.order_start[task.trade], tasks.order_start[task.trade + 1]
    first = low
    while low < high:  # binary search: the order stands by value per crew
        middle = (low + high) // 2
        other = tasks.asset[tasks.order[middle]]
        if other.value / other.crews > value:
            low = middle + 1
        else:
            high = middle
    # keys are places in the order, so that half a place less comes before the task that stands there
    rekey(state.repairs.queue, a, low - first - 0.5)
