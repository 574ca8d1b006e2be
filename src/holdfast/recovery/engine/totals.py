"""Functions of buildings and needs of zones: only what an event changes is found again, and the totals follow."""

import numba
import numpy as np

from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import (
    CAPACITY,
    FIRST,
    FUNCTION_UNIT,
    MINUTES,
    PRODUCTION,
    UNMET,
    CityArrays,
    State,
)
from holdfast.recovery.function.response import answer
from holdfast.recovery.function.service_capacity import count, zone_unmet
from holdfast.types import Floats


@numba.njit(cache=True)
def mark_building(b: int, state: State) -> None:
    """Have a building looked at by the next `update_changed`."""
    own, cursor = state.functions, state.cursor[0]
    if not own.building[b].changed:
        own.building[b].changed = True
        own.changed_buildings[cursor.buildings] = b
        cursor.buildings += 1


@numba.njit(cache=True)
def mark_zone(z: int, state: State) -> None:
    """Have a zone looked at by the next `update_changed`."""
    own, cursor = state.functions, state.cursor[0]
    if not own.zone[z].changed:
        own.zone[z].changed = True
        own.changed_zones[cursor.zones] = z
        cursor.zones += 1


@numba.njit(cache=True)
def set_usable(b: int, usable: float, city: CityArrays, state: State) -> None:
    """Change the usable share of a building, 0..1, and what hangs on the nodes that serve it."""
    before = state.functions.building[b].usable
    for n in range(city.dependent.shape[1]):
        # difference of two whole numbers, not the whole of a difference: back at 1 it is exactly what it was
        more = count(city.dependent[b, n] * usable, FUNCTION_UNIT) - count(city.dependent[b, n] * before, FUNCTION_UNIT)
        state.functions.dependent[city.graph.serving[b, n]] += more
    state.functions.building[b].usable = usable
    mark_building(b, state)


@numba.njit(cache=True)
def _pattern(b: int, city: CityArrays, state: State) -> int:
    """Place of the corner of a response: one bit per network, the first the highest; -1 if one serves in part."""
    pattern = 0
    for n in range(city.graph.serving.shape[1]):
        served = state.networks.satisfaction[city.graph.serving[b, n]]
        pattern <<= 1  # the first network ends up as the highest bit
        if served == 1.0:
            pattern += 1
        elif served != 0.0:
            return -1
    return pattern


@numba.njit(cache=True)
def _satisfaction(b: int, city: CityArrays, state: State) -> Floats:
    """Service of each network at a building, shape (network,)."""
    networks = city.graph.serving.shape[1]
    served = np.empty(networks)
    for n in range(networks):
        served[n] = state.networks.satisfaction[city.graph.serving[b, n]]
    return served


@numba.njit(cache=True)
def _count_in(b: int, sign: int, city: CityArrays, state: State) -> None:
    """Add what a building gives now to the totals of its zone and the city, or take it off."""
    who, own, per = city.people.building[b], state.functions.building[b], city.people.person_unit
    totals = state.functions.city
    produced = sign * count(who.production * own.production, city.people.money_unit)
    totals[PRODUCTION] += produced
    networks, categories = city.graph.serving.shape[1], city.people.weight.size
    totals[FIRST + networks + categories + who.maker] += produced
    totals[CAPACITY] += sign * count(who.occupants * own.service + own.shelter * own.home, per)
    served = count(who.daytime * own.service, per)
    totals[FIRST + networks + who.category] += sign * served
    state.functions.offered[who.zone, who.category] += sign * served
    state.functions.zone[who.zone].habitable += sign * count((who.residents + own.shelter) * own.home, per)


@numba.njit(cache=True)
def update_building(b: int, shelter: float, now: int, city: CityArrays, state: State) -> None:
    """Find the functions of a building again and pass the difference on.

    Parameters
    ----------
    shelter : float
        Persons it shelters instead of its use; 0 if it is none.
    now : int
        Minutes since the event.
    """
    who, own, people = city.people.building[b], state.functions.building[b], city.people
    pattern = _pattern(b, city, state)
    # the full interpolation only where a network serves in part: nearly all buildings are a look-up
    served = _satisfaction(b, city, state) if pattern < 0 else np.empty(0)
    production = service = 0.0
    if shelter == 0.0:
        production = own.usable * answer(who.maker, pattern, served, people.productive)
        service = own.usable * answer(who.category, pattern, served, people.capable)
    home = own.usable * answer(people.capable.corner.shape[0] - 1, pattern, served, people.capable)
    if production == own.production and service == own.service and home == own.home and shelter == own.shelter:
        return
    state.cursor[0].events += 1
    days = (now - own.since) / MINUTES
    own.lost_production += (1.0 - own.production) * days
    own.lost_service += (1.0 - own.service) * days
    own.lost_home += (1.0 - own.home) * days
    own.since = now
    # off with the old contribution, on with the new: exact, since both are whole numbers
    _count_in(b, -1, city, state)
    if home != own.home or shelter != own.shelter:
        mark_zone(who.zone, state)
    if service != own.service:
        first, last = people.serves_start[who.zone, who.category], people.serves_start[who.zone, who.category + 1]
        for i in range(first, last):  # every zone whose residents come here
            mark_zone(people.serves[i], state)
    own.production, own.service, own.home, own.shelter = production, service, home, shelter
    _count_in(b, 1, city, state)


@numba.njit(cache=True)
def update_changed(now: int, city: CityArrays, state: State) -> None:
    """Look at all changed buildings, then at the zones whose needs that changes; `now` in minutes since the event."""
    own, cursor = state.functions, state.cursor[0]
    for i in range(cursor.buildings):
        b = own.changed_buildings[i]
        own.building[b].changed = False
        update_building(b, own.building[b].shelter, now, city, state)
    cursor.buildings = 0
    for i in range(cursor.zones):
        z = own.changed_zones[i]
        zone = own.zone[z]
        zone.changed = False
        unmet = zone_unmet(z, zone.residents, zone.habitable, own.offered, city.people)
        if unmet != zone.unmet:
            days = (now - zone.since) / MINUTES
            zone.unmet_days += (zone.unmet - zone.normal) / city.people.person_unit * days
            zone.since = now
            own.city[UNMET] += unmet - zone.unmet
            zone.unmet = unmet
    cursor.zones = 0


@numba.njit(cache=True)
def propagate(now: int, least: float, city: CityArrays, state: State) -> None:
    """Pass on what an update of the networks changed: persons served, buildings, tasks behind a road.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        Service of a road node, 0..1, from which it is open.
    """
    graph, networks = city.graph, state.networks
    for n in range(networks.update.affected.size):
        if networks.update.affected[n]:
            for v in range(graph.node_start[n], graph.node_start[n + 1]):
                if networks.satisfaction[v] != networks.satisfaction_before[v]:
                    propagate_node(v, now, least, city, state)


@numba.njit(cache=True)
def propagate_node(v: int, now: int, least: float, city: CityArrays, state: State) -> None:
    """Pass on that the service of one node has changed; arguments as in `propagate`."""
    graph, networks, cursor = city.graph, state.networks, state.cursor[0]
    before, served = networks.satisfaction_before[v], networks.satisfaction[v]
    cursor.events += 1
    persons = city.occupants[v]
    state.functions.city[FIRST + graph.network[v]] += count(persons * served, 1.0) - count(persons * before, 1.0)
    if (served >= least) != (before >= least):
        state.restored[v] = now // MINUTES if served >= least else -1
        cursor.assign = True  # a road may be open
    for i in range(graph.served.start[v], graph.served.start[v + 1]):
        mark_building(graph.served.building[i], state)
    if served >= least and state.repairs.awaiting_road[v] >= 0:
        _reopen(v, state)


@numba.njit(cache=True)
def _reopen(v: int, state: State) -> None:
    """Let the tasks wait for crews that waited for a road."""
    repairs = state.repairs
    a = repairs.awaiting_road[v]
    while a >= 0:
        following = repairs.asset[a].following
        push(repairs.queue, a)
        a = following
    repairs.awaiting_road[v] = -1
    state.cursor[0].assign = True
