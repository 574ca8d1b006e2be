"""Keeping the city's totals: only what an event touches is found anew."""

import numba
import numpy as np

from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import (
    CAPACITY,
    DIRTY,
    EVENTS,
    FIRST,
    MINUTES,
    NEWS,
    PRODUCTION,
    STAKE_UNIT,
    TOUCHED,
    UNMET,
    State,
    Town,
)
from holdfast.recovery.function.response import answer
from holdfast.recovery.function.service_capacity import count, zone_unmet


@numba.njit(cache=True)
def touch(b: int, state: State) -> None:
    """Have a building looked at.

    Parameters
    ----------
    b : int
        Building.
    state : State
        Changed.
    """
    if not state.building[b].touched:
        state.building[b].touched = True
        state.touched[state.cursor[TOUCHED]] = b
        state.cursor[TOUCHED] += 1


@numba.njit(cache=True)
def soil(z: int, state: State) -> None:
    """Have a zone looked at.

    Parameters
    ----------
    z : int
        Zone.
    state : State
        Changed.
    """
    if not state.zone[z].dirty:
        state.zone[z].dirty = True
        state.dirty[state.cursor[DIRTY]] = z
        state.cursor[DIRTY] += 1


@numba.njit(cache=True)
def set_usable(b: int, usable: float, town: Town, state: State) -> None:
    """Change the usable share of a building.

    Parameters
    ----------
    b : int
        Building.
    usable : float
        0..1.
    town : Town
        Of the city.
    state : State
        Changed.
    """
    before = state.building[b].usable
    for n in range(town.stake.shape[1]):
        more = count(town.stake[b, n] * usable, STAKE_UNIT) - count(town.stake[b, n] * before, STAKE_UNIT)
        state.potential[town.graph.serving[b, n]] += more
    state.building[b].usable = usable
    touch(b, state)


@numba.njit(cache=True)
def _pattern(b: int, town: Town, state: State) -> int:
    """Place of the corner of a response: one bit per network, the first the highest; -1 if one serves in part."""
    pattern = 0
    for n in range(town.graph.serving.shape[1]):
        served = state.light.satisfaction[town.graph.serving[b, n]]
        pattern <<= 1
        if served == 1.0:
            pattern += 1
        elif served != 0.0:
            return -1
    return pattern


@numba.njit(cache=True)
def _service(b: int, town: Town, state: State) -> np.ndarray:
    """Service of each network at a building."""
    networks = town.graph.serving.shape[1]
    served = np.empty(networks)
    for n in range(networks):
        served[n] = state.light.satisfaction[town.graph.serving[b, n]]
    return served


@numba.njit(cache=True)
def _count_in(b: int, sign: int, town: Town, state: State) -> None:
    """Add what a building gives now to the totals of its zone and the city, or take it off."""
    who, own, per = town.people.building[b], state.building[b], town.people.person_unit
    state.city[PRODUCTION] += sign * count(who.production * own.production, town.people.money_unit)
    state.city[CAPACITY] += sign * count(who.occupants * own.service + own.shelter * own.home, per)
    served = count(who.daytime * own.service, per)
    state.city[FIRST + town.graph.serving.shape[1] + who.category] += sign * served
    state.offered[who.zone, who.category] += sign * served
    state.zone[who.zone].habitable += sign * count((who.residents + own.shelter) * own.home, per)


@numba.njit(cache=True)
def update(b: int, shelter: float, now: int, town: Town, state: State) -> None:
    """Find the functions of a building anew and pass the difference on.

    Parameters
    ----------
    b : int
        Building.
    shelter : float
        Persons it shelters instead of its use; 0 if it is none.
    now : int
        Minutes since the event.
    town : Town
        Of the city.
    state : State
        Changed.
    """
    who, own, people = town.people.building[b], state.building[b], town.people
    pattern = _pattern(b, town, state)
    served = _service(b, town, state) if pattern < 0 else np.empty(0)
    production = service = 0.0
    if shelter == 0.0:
        production = own.usable * answer(who.maker, pattern, served, people.productive)
        service = own.usable * answer(who.category, pattern, served, people.capable)
    home = own.usable * answer(people.capable.corner.shape[0] - 1, pattern, served, people.capable)
    if production == own.production and service == own.service and home == own.home and shelter == own.shelter:
        return
    state.cursor[EVENTS] += 1
    days = (now - own.changed) / MINUTES
    own.lost_production += (1.0 - own.production) * days
    own.lost_service += (1.0 - own.service) * days
    own.lost_home += (1.0 - own.home) * days
    own.changed = now
    _count_in(b, -1, town, state)
    if home != own.home or shelter != own.shelter:
        soil(who.zone, state)
    if service != own.service:
        for i in range(people.serves_start[who.zone, who.category], people.serves_start[who.zone, who.category + 1]):
            soil(people.serves[i], state)
    own.production, own.service, own.home, own.shelter = production, service, home, shelter
    _count_in(b, 1, town, state)


@numba.njit(cache=True)
def refresh(now: int, town: Town, state: State) -> None:
    """Look at all touched buildings, then at the zones whose needs that changes.

    Parameters
    ----------
    now : int
        Minutes since the event.
    town : Town
        Of the city.
    state : State
        Changed.
    """
    for i in range(state.cursor[TOUCHED]):
        b = state.touched[i]
        state.building[b].touched = False
        update(b, state.building[b].shelter, now, town, state)
    state.cursor[TOUCHED] = 0
    for i in range(state.cursor[DIRTY]):
        z = state.dirty[i]
        own = state.zone[z]
        own.dirty = False
        unmet = zone_unmet(z, own.residents, own.habitable, state.offered, town.people)
        if unmet != own.unmet:
            own.unmet_days += (own.unmet - own.normal) / town.people.person_unit * ((now - own.changed) / MINUTES)
            own.changed = now
            state.city[UNMET] += unmet - own.unmet
            own.unmet = unmet
    state.cursor[DIRTY] = 0


@numba.njit(cache=True)
def relit(now: int, least: float, town: Town, state: State) -> None:
    """Pass on what the settled networks changed: persons served, buildings, tasks behind a road.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        Service of a road node from which it is open.
    town : Town
        Of the city.
    state : State
        Changed.
    """
    graph, light = town.graph, state.light
    for n in range(light.affected.size):
        if light.affected[n]:
            for v in range(graph.node_start[n], graph.node_start[n + 1]):
                if light.satisfaction[v] != light.before[v]:
                    pass_on(v, now, least, town, state)


@numba.njit(cache=True)
def pass_on(v: int, now: int, least: float, town: Town, state: State) -> None:
    """Pass on that the service of one node is no longer what it was before.

    Parameters
    ----------
    v : int
        Node.
    now : int
        Minutes since the event.
    least : float
        Service of a road node from which it is open.
    town : Town
        Of the city.
    state : State
        Changed.
    """
    graph, before, served = town.graph, state.light.before[v], state.light.satisfaction[v]
    state.cursor[EVENTS] += 1
    persons = town.occupants[v]
    state.city[FIRST + graph.network[v]] += count(persons * served, 1.0) - count(persons * before, 1.0)
    if (served >= least) != (before >= least):
        state.restored[v] = now // MINUTES if served >= least else -1
        state.cursor[NEWS] = 1  # a road may be open
    for i in range(graph.served_start[v], graph.served_start[v + 1]):
        touch(graph.served[i], state)
    if served >= least and state.cut[v] >= 0:
        _reopen(v, state)


@numba.njit(cache=True)
def _reopen(v: int, state: State) -> None:
    """Let the tasks wait for crews that waited for a road."""
    a = state.cut[v]
    while a >= 0:
        following = state.repair[a].following
        push(state.queue, a)
        a = following
    state.cut[v] = -1
    state.cursor[NEWS] = 1
