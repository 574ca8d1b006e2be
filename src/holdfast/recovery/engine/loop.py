"""The compiled event loop: one draw, from event to event, from the disaster to the last repair.

A day opens with what falls due: repairs end, spans of commitment end, crews and materials come and go,
actions are taken, tasks are released. Then the networks are updated, buildings and zones that this changes are found
again, and free crews are assigned. Backups end inside the day, to the minute; curves are means over days.
Totals are sums of whole numbers kept up to date by differences, which are exact: a repaired city is exactly, not
nearly, its normal self, and no event costs more than what it changes.
"""

import numba

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.assign import assign
from holdfast.recovery.engine.housing import house_displaced, leave_unserved
from holdfast.recovery.engine.opening import open_day
from holdfast.recovery.engine.records import MINUTES, Calendar, CityArrays, State, Tasks
from holdfast.recovery.engine.totals import propagate, propagate_node, update_changed
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import NetworkState
from holdfast.recovery.networks.service import open_affected, solve_service, update_backups
from holdfast.recovery.networks.spread import spread_service
from holdfast.recovery.strategy.spanning_tree import Tree
from holdfast.types import Floats


@allocation_free
def _mark_ended_backups(now: int, graph: Graph, networks: NetworkState) -> None:
    """Have the networks updated in which a node still works on a backup that has ended."""
    needs, since = graph.needs, networks.outage_since
    for d in range(since.size):
        v = needs.node[d]
        if since[d] >= 0 and now - since[d] >= needs.minutes[d] and networks.works[v]:
            networks.update.changed[graph.network[v]] = True
    for n in range(networks.drained.size):
        if networks.drained[n] == now and now > 0:  # its storage has run out
            networks.update.changed[n] = True


@allocation_free
def _mark_repaired_networks(graph: Graph, networks: NetworkState) -> None:
    """Have the networks of all repaired assets updated from their sources on."""
    repaired = networks.repaired
    for k in range(repaired.size[0]):
        a = repaired.asset[k]
        networks.update.changed[graph.network[a] if a >= 0 else graph.edge_network[-1 - a]] = True
    repaired.size[0] = 0


@allocation_free
def _update_networks(answered: int, city: CityArrays, tasks: Tasks, state: State) -> int:
    """Find the service of all networks that a change may have reached; the external network needed, -1 if done."""
    cursor, graph, networks = state.cursor[0], city.graph, state.networks
    now, least = cursor.now, tasks.least_service
    if not cursor.updating:
        if cursor.backup_ends >= 0 and cursor.backup_ends <= now:
            _mark_ended_backups(now, graph, networks)
            cursor.backup_ends = -1 if networks.update.changed.any() else update_backups(now, least, graph, networks)
        if not networks.update.changed.any():
            # nothing but repairs that can only spread service: the cheap way
            for i in range(spread_service(now, least, graph, networks)):
                propagate_node(networks.update.stack[i], now, least, city, state)
            return -1
        _mark_repaired_networks(graph, networks)
        open_affected(graph, networks)
        cursor.updating = True
    wanted = solve_service(now, answered, least, graph, networks)
    if wanted >= 0:
        return wanted  # the caller asks the model and comes back here
    cursor.updating = False
    cursor.backup_ends = update_backups(now, least, graph, networks)
    propagate(now, least, city, state)
    return -1


@allocation_free
def _close_day(means: Floats, state: State) -> None:
    """Write the means of the day, exactly the total where it did not change, and turn the page."""
    day_sum, cursor = state.functions.day_sum, state.cursor[0]
    for k in range(means.size):
        # whole part and remainder apart, since a day of minutes of a total has more digits than a float
        means[k] = day_sum[k] // MINUTES + (day_sum[k] % MINUTES) / MINUTES
        day_sum[k] = 0
    cursor.day += 1
    cursor.opened = False


@numba.njit(cache=True)
def _morning(city: CityArrays, tasks: Tasks, tree: Tree, calendar: Calendar, state: State) -> None:
    """What follows once a day: people leave, return and are housed, crews start."""
    cursor, shared = state.cursor[0], state.functions.shared[0]
    if shared.unserved > 0:
        leave_unserved(cursor.now, city, state)
        update_changed(cursor.now, city, calendar.sites, state)
    if shared.rehouse:
        house_displaced(city, calendar.sites, state)
        update_changed(cursor.now, city, calendar.sites, state)
    if cursor.assign:
        cursor.assign = False
        assign(cursor.day, city, tasks, tree, state)


@numba.njit(cache=True)
def advance(
    answered: int,
    city: CityArrays,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    state: State,
    curves: Floats,
    first: int,
) -> int:
    """Run until all is done, the curves are full, or a network must be found outside.

    Parameters
    ----------
    answered : int
        External network whose service stands in ``state.networks`` since the last call, -1 at first.
    tree : Tree
        Spanning forest for the damage of the draw.
    curves : ndarray
        Filled with the means of each day, shape (day, total), the first row being that of day `first`.

    Returns
    -------
    int
        External network to find, -1 at the end.
    """
    cursor, totals = state.cursor[0], state.functions.city
    while cursor.day - first < curves.shape[0]:
        if not cursor.opened:
            cursor.now = cursor.day * MINUTES
            open_day(city, tasks, calendar, state)
            cursor.opened = True
        midnight = (cursor.day + 1) * MINUTES
        while cursor.now < midnight:
            wanted = _update_networks(answered, city, tasks, state)
            answered = -1
            if wanted >= 0:
                return wanted
            update_changed(cursor.now, city, calendar.sites, state)
            if cursor.now == cursor.day * MINUTES:
                _morning(city, tasks, tree, calendar, state)
            # until the next backup ends inside the day nothing changes
            stop = midnight if cursor.backup_ends < 0 or cursor.backup_ends > midnight else cursor.backup_ends
            for k in range(totals.size):
                state.functions.day_sum[k] += totals[k] * (stop - cursor.now)
            cursor.now = stop
        _close_day(curves[cursor.day - first], state)
        if cursor.unfinished == 0 and cursor.action == calendar.persons.size:
            return -1
    return -1
