"""Functions of buildings and needs of zones: only what an event changes is found again, and the totals follow."""

import numpy as np

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.queue import push
from holdfast.recovery.engine.records import (
    CAPACITY,
    DEMAND,
    FIRST,
    FUNCTION_UNIT,
    GAP,
    HOMELESS,
    MINUTES,
    PRODUCTION,
    UNSERVED,
    CityArrays,
    Sites,
    State,
)
from holdfast.recovery.function.response import answer
from holdfast.recovery.function.service_capacity import (
    PLACE_AND_SERVICES,
    capacity_at_home,
    count,
    without_services,
)

SERVED = 1.0 - 1e-9
"""Share of the residents who can stay, from which a home counts as served; the rest is rounding."""


@allocation_free
def mark_building(b: int, state: State) -> None:
    """Have a building looked at by the next `update_changed`."""
    own, cursor = state.functions, state.cursor[0]
    if not own.building[b].changed:
        own.building[b].changed = True
        own.changed_buildings[cursor.buildings] = b
        cursor.buildings += 1


@allocation_free
def mark_zone(z: int, state: State) -> None:
    """Have a zone looked at by the next `update_changed`."""
    own, cursor = state.functions, state.cursor[0]
    if not own.zone[z].changed:
        own.zone[z].changed = True
        own.changed_zones[cursor.zones] = z
        cursor.zones += 1


@allocation_free
def set_usable(b: int, usable: float, reoccupied: float, city: CityArrays, state: State) -> None:
    """Change the shares of a building that can be used and lived in, 0..1, and what hangs on the nodes that serve it."""
    own = state.functions.building[b]
    for n in range(city.dependent.shape[1]):
        work, living = city.dependent[b, n, 0], city.dependent[b, n, 1]
        # difference of two whole numbers, not the whole of a difference: back at 1 it is exactly what it was
        before = count(work * own.usable + living * own.reoccupied, FUNCTION_UNIT)
        after = count(work * usable + living * reoccupied, FUNCTION_UNIT)
        state.functions.dependent[city.graph.serving[b, n]] += after - before
    own.usable, own.reoccupied = usable, reoccupied
    mark_building(b, state)


@allocation_free
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


@allocation_free
def _find_services(b: int, city: CityArrays, state: State) -> None:
    """Find the service of each network at a building."""
    for n in range(city.graph.serving.shape[1]):
        state.networks.at_building[n] = state.networks.satisfaction[city.graph.serving[b, n]]


@allocation_free
def _count_in(b: int, sign: int, city: CityArrays, state: State) -> None:
    """Add what a building gives now to the totals of its zone and the city, or take it off."""
    who, own, per = city.people.building[b], state.functions.building[b], city.people.person_unit
    totals, zone = state.functions.city, state.functions.zone[who.zone]
    produced = sign * count(who.production * own.production, city.people.money_unit)
    totals[PRODUCTION] += produced
    networks, categories = city.graph.serving.shape[1], city.people.weight.size
    totals[FIRST + networks + categories + who.maker] += produced
    state.functions.shared[0].day_places += sign * count(who.day_places * (own.place + own.service), per)
    served = count(who.daytime * own.service, per)
    totals[FIRST + networks + who.category] += sign * served
    state.functions.offered[who.zone, who.category] += sign * served
    zone.habitable += sign * count(who.residents * own.home, per)
    zone.supplied += sign * count(who.residents * own.supply, per)


@allocation_free
def respond_to_services(b: int, now: int, city: CityArrays, state: State) -> tuple[float, float, float]:
    """What the services of a building leave of its production, of its r_SS, and of who can live in it; all 0..1."""
    who, own, people = city.people.building[b], state.functions.building[b], city.people
    pattern = _pattern(b, city, state)
    # the full interpolation only where a network serves in part: nearly all buildings are a look-up
    if pattern < 0:
        _find_services(b, city, state)
    served = state.networks.at_building
    can_live = answer(people.capable.corner.shape[0] - 1, pattern, served, people.capable)
    if can_live >= SERVED:
        own.unserved_since = -1
    elif own.unserved_since < 0:
        own.unserved_since = now
    if who.residents > 0.0 and own.unserved_since >= 0 and not own.listed:
        shared = state.functions.shared[0]
        state.functions.unserved[shared.unserved] = b
        shared.unserved += 1
        own.listed = True
    production = answer(who.maker, pattern, served, people.productive)
    return production, answer(who.category, pattern, served, people.capable), can_live


@allocation_free
def update_building(b: int, now: int, city: CityArrays, state: State) -> None:
    """Find the functions of a building again and pass the difference on; `now` in minutes since the event."""
    who, own, people = city.people.building[b], state.functions.building[b], city.people
    makes, supplies, _ = respond_to_services(b, now, city, state)
    place = own.usable if own.shelter == 0.0 else 0.0  # a shelter stands instead of its use
    production, service = place * makes, place * supplies
    home = own.reoccupied * own.staying
    supply = home * supplies
    if own.shelter > 0.0:
        state.functions.shared[0].sites_changed = True
    same = production == own.production and place == own.place and service == own.service
    if same and home == own.home and supply == own.supply:
        return
    state.cursor[0].events += 1
    own.lost_production += (1.0 - own.production) * ((now - own.since) / MINUTES)
    own.since = now
    # off with the old contribution, on with the new: exact, since both are whole numbers
    _count_in(b, -1, city, state)
    if home != own.home or supply != own.supply:
        mark_zone(who.zone, state)
    if home != own.home:
        state.functions.shared[0].rehouse = True
    if service != own.service:
        first, last = people.serves_start[who.zone, who.category], people.serves_start[who.zone, who.category + 1]
        for i in range(first, last):  # every zone whose residents come here
            mark_zone(people.serves[i], state)
    own.production, own.place, own.service = production, place, service
    own.home, own.supply = home, supply
    _count_in(b, 1, city, state)


@allocation_free
def update_changed(now: int, city: CityArrays, sites: Sites, state: State) -> None:
    """Look at all changed buildings, then at the zones whose needs that changes; `now` in minutes since the event."""
    own, cursor = state.functions, state.cursor[0]
    for i in range(cursor.buildings):
        b = own.changed_buildings[i]
        own.building[b].changed = False
        update_building(b, now, city, state)
    cursor.buildings = 0
    if own.shared[0].sites_changed:
        _update_sites(now, city, sites, state)
    for i in range(cursor.zones):
        z = own.changed_zones[i]
        own.zone[z].changed = False
        _update_zone(z, now, city, state)
    cursor.zones = 0
    settle_day(now, state)


@allocation_free
def _update_sites(now: int, city: CityArrays, sites: Sites, state: State) -> None:
    """Find the mean r_SS of the people in shelters again: that of the converted building, 1 in shelters of a zone."""
    own, inside, supply = state.functions, 0, 0.0
    for s in range(sites.building.size):
        if own.site[s].inside > 0:
            b = sites.building[s]
            inside += own.site[s].inside
            supply += own.site[s].inside * (respond_to_services(b, now, city, state)[1] if b >= 0 else 1.0)
    mean = supply / inside if inside > 0 else 1.0
    if mean != own.shared[0].site_supply:
        own.shared[0].site_supply = mean
        for z in range(own.zone.size):
            if own.zone[z].sheltered > 0:
                mark_zone(z, state)
    own.shared[0].sites_changed = False


@allocation_free
def _update_zone(z: int, now: int, city: CityArrays, state: State) -> None:
    """Find what the people of a zone have again, and pass the difference on to the city.

    A host gives a place but no further services: r_SS is 0 there.
    """
    own, zone, people = state.functions, state.functions.zone[z], city.people
    at_home = people.households.time_at_home
    guests = zone.hosted + zone.sheltered * (1.0 + own.shared[0].site_supply)
    used = capacity_at_home(zone.residents, zone.habitable, zone.supplied) + guests
    capacity = int(np.floor(at_home * used + 0.5))
    gap = int(np.floor(at_home * (PLACE_AND_SERVICES * zone.residents) + 0.5)) - capacity
    homeless = max(zone.residents - zone.habitable, 0) - zone.hosted - zone.sheltered
    unserved = without_services(z, zone.residents, own.offered, people)
    days = (now - zone.since) / MINUTES / people.person_unit
    zone.gap_days += zone.gap / PLACE_AND_SERVICES * days
    # homes and essential services count for one half each
    zone.unmet_days += (zone.homeless + zone.unserved) / 2 * days
    zone.since = now
    own.city[CAPACITY] += capacity - zone.capacity
    own.city[GAP] += gap - zone.gap
    own.city[HOMELESS] += homeless - zone.homeless
    own.city[UNSERVED] += unserved - zone.unserved
    zone.capacity, zone.gap, zone.homeless, zone.unserved = capacity, gap, homeless, unserved


@allocation_free
def settle_day(now: int, state: State) -> None:
    """Find the capacity of the places where people go by day again, and its gap for each person there.

    What buildings give beyond what the people there use is not counted.
    """
    shared, totals = state.functions.shared[0], state.functions.city
    wanted = shared.day_normal
    if totals[DEMAND] != shared.normal_demand:
        per_head = shared.day_normal / shared.normal_demand if shared.normal_demand > 0 else 0.0
        wanted = int(np.floor(per_head * totals[DEMAND] + 0.5))
    capacity = min(shared.day_places, wanted)
    each = shared.day_gap / PLACE_AND_SERVICES / shared.day_demand if shared.day_demand > 0 else 0.0
    shared.day_gap_each += each * ((now - shared.day_since) / MINUTES)
    shared.day_since = now
    totals[CAPACITY] += capacity - shared.day_capacity
    totals[GAP] += wanted - capacity - shared.day_gap
    shared.day_capacity, shared.day_gap, shared.day_demand = capacity, wanted - capacity, totals[DEMAND]


@allocation_free
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


@allocation_free
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


@allocation_free
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
