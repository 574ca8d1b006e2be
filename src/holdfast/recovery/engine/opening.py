"""The opening of a day: what falls due, before networks are updated and crews assigned."""

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.housing import convert, move
from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import MOVE, SHELTER, Calendar, CityArrays, State, Tasks
from holdfast.recovery.engine.resources import finish_due, withdraw_due
from holdfast.recovery.engine.totals import set_usable
from holdfast.recovery.function.service_capacity import count
from holdfast.types import Ints


@allocation_free
def open_day(city: CityArrays, tasks: Tasks, calendar: Calendar, state: State) -> None:
    """Deal with what falls due at the beginning of the day that the cursor stands on."""
    cursor, repairs = state.cursor[0], state.repairs
    day = cursor.day
    # crews that end or withdraw today can be assigned today, as can those that arrive
    finish_due(day, city, tasks, state)
    _shut_off(city, tasks, state)
    withdraw_due(day, tasks, state)
    while cursor.aid < calendar.aid.shape[0] and calendar.aid[cursor.aid, 0] <= day:
        repairs.trade[calendar.aid[cursor.aid, 1]].capacity += calendar.aid[cursor.aid, 2]
        cursor.aid += 1
        cursor.assign = True
    while cursor.delivery < calendar.deliveries.shape[0] and calendar.deliveries[cursor.delivery, 0] <= day:
        material = calendar.deliveries[cursor.delivery, 1]
        repairs.stock[material] += calendar.deliveries[cursor.delivery, 2]
        cursor.delivery += 1
        cursor.assign = True
        # all that wait for it are offered; those it does not suffice for are set aside again
        _offer(repairs.awaiting_material, material, state)
    _ease(city, tasks, state)
    _act(city, calendar, state)
    _offer(repairs.released, day, state)


@allocation_free
def _shut_off(city: CityArrays, tasks: Tasks, state: State) -> None:
    """Shut off the broken pipes whose day has come: they lose no more than their leaks until they are repaired."""
    cursor, networks = state.cursor[0], state.networks
    high = tasks.usable.size + city.graph.source.size
    while cursor.isolation < tasks.isolation.shape[0] and tasks.isolation[cursor.isolation, 0] <= cursor.day:
        e = tasks.isolation[cursor.isolation, 1]
        cursor.isolation += 1
        if state.repairs.asset[high + e].finished < 0:
            networks.leak[e] = tasks.asset[high + e].leak
            networks.update.changed[city.graph.edge_network[e]] = True


@allocation_free
def _offer(first: Ints, place: int, state: State) -> None:
    """Let the tasks of a list wait for crews."""
    a = first[place]
    while a >= 0:
        following = state.repairs.asset[a].following
        push(state.repairs.queue, a)
        state.cursor[0].assign = True
        a = following
    first[place] = -1


@allocation_free
def _ease(city: CityArrays, tasks: Tasks, state: State) -> None:
    """Let people back where temporary repairs are done by today, unless the repair itself is; after a restart those of all days."""
    cursor = state.cursor[0]
    while cursor.eased < tasks.eased_share.size and tasks.eased[cursor.eased, 0] <= cursor.day:
        b, share = tasks.eased[cursor.eased, 1], tasks.eased_share[cursor.eased]
        own = state.functions.building[b]
        if state.repairs.asset[b].finished < 0 and own.reoccupied < share:
            set_usable(b, own.usable, share, city, state)
        cursor.eased += 1


@allocation_free
def _act(city: CityArrays, calendar: Calendar, state: State) -> None:
    """Take today's actions: open or close shelters, move people; after a restart those of all days until now."""
    cursor, own = state.cursor[0], state.functions
    while cursor.action < calendar.persons.size and calendar.actions[cursor.action, 0] <= cursor.day:
        row, persons = calendar.actions[cursor.action], calendar.persons[cursor.action]
        day, kind, s = row[0], row[1], row[2]
        cursor.action += 1
        if kind == MOVE:
            move(persons, row[3], row[4], cursor.now, city, state)
            continue
        own.shared[0].rehouse = True
        if kind == SHELTER:
            own.site[s].places += count(persons, city.people.person_unit)
        else:
            if day == cursor.day:
                own.site[s].closed = False
            # what closed by itself before a restart stays closed
            places = 0.0 if own.site[s].closed else persons
            convert(calendar.sites.building[s], places, state)
