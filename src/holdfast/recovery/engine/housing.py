"""People without a home: who leaves a home without services, who finds hosts, and who goes to which shelter."""

import numba
import numpy as np

from holdfast.kernels import allocation_free
from holdfast.recovery.engine.records import (
    CONVERTED,
    DEMAND,
    DISPLACED,
    HOSTED,
    MINUTES,
    SHELTERED,
    CityArrays,
    Sites,
    State,
)
from holdfast.recovery.engine.totals import mark_building, mark_zone, respond_to_services, settle_day
from holdfast.recovery.function.service_capacity import count


@allocation_free
def leave_unserved(now: int, city: CityArrays, state: State) -> None:
    """Let people leave homes that have lacked power or water for longer than their patience, and return to others.

    Both happen in the morning. Not specified in the paper: the patience, and that all come back with the services.
    """
    own, shared = state.functions, state.functions.shared[0]
    patience, kept = city.people.households.patience_days * MINUTES, 0
    for i in range(shared.unserved):
        b = own.unserved[i]
        building = own.building[b]
        lacking = building.unserved_since >= 0
        staying = 1.0
        if lacking and now - building.unserved_since >= patience:
            staying = respond_to_services(b, now, city, state)[2]
        if staying != building.staying:
            building.staying = staying
            mark_building(b, state)
        building.listed = lacking
        if lacking:
            own.unserved[kept] = b
            kept += 1
    shared.unserved = kept


@numba.njit(cache=True)
def house_displaced(city: CityArrays, sites: Sites, state: State) -> None:
    """House the displaced: hosts first, by a stated share, then the nearest open places of the whole city.

    Hosts take at most one guest for each place that can be lived in. Pairs of zone and shelter are taken by distance, each as far as people and places go: nobody is left without a place
    while one is open. Not specified in the paper. Whole households are not kept together.
    """
    own, shared, people = state.functions, state.functions.shared[0], city.people
    shared.rehouse = False
    for s in range(sites.building.size):
        own.site[s].inside = 0
    need = np.zeros(own.zone.size, dtype=np.int64)
    habitable = 0
    for z in range(own.zone.size):
        zone = own.zone[z]
        lacking = max(zone.residents - zone.habitable, 0)
        need[z] = int(np.floor(lacking * (1.0 - people.households.stay_share) + 0.5))
        habitable += zone.habitable
    displaced = need.sum()
    hosts = people.households.host_share
    if displaced * hosts > habitable:
        hosts = habitable / displaced
    hosted = 0
    for z in range(own.zone.size):
        guests = int(np.floor(need[z] * hosts + 0.5))
        need[z] -= guests
        hosted += guests
        if guests != own.zone[z].hosted:
            own.zone[z].hosted = guests
            mark_zone(z, state)
    wanting = need.copy()
    converted = 0
    for i in range(sites.nearest.shape[0]):
        z, s = sites.nearest[i, 0], sites.nearest[i, 1]
        taken = min(need[z], _places(s, city, sites, state) - own.site[s].inside)
        if taken > 0:
            need[z] -= taken
            own.site[s].inside += taken
            if sites.building[s] >= 0:
                converted += taken
    sheltered = 0
    for z in range(own.zone.size):
        found = wanting[z] - need[z]
        sheltered += found
        if found != own.zone[z].sheltered:
            own.zone[z].sheltered = found
            mark_zone(z, state)
    totals = own.city
    totals[DISPLACED], totals[HOSTED] = displaced, hosted
    totals[SHELTERED], totals[CONVERTED] = sheltered - converted, converted
    shared.sites_changed = sites.building.size > 0
    if displaced == 0:
        _close_converted(sites, state)


@allocation_free
def _places(s: int, city: CityArrays, sites: Sites, state: State) -> int:
    """Places of a shelter now, persons x unit; of a converted building as far as damage lets people in."""
    b, own = sites.building[s], state.functions
    if b < 0:
        return max(own.site[s].places, 0)
    return count(own.building[b].shelter * own.building[b].reoccupied, city.people.person_unit)


@allocation_free
def _close_converted(sites: Sites, state: State) -> None:
    """Return converted buildings to their use once nobody is displaced, unless they close by date."""
    for s in range(sites.building.size):
        b = sites.building[s]
        if b >= 0 and not sites.fixed[s] and state.functions.building[b].shelter > 0.0:
            state.functions.site[s].closed = True
            convert(b, 0.0, state)


@allocation_free
def convert(b: int, places: float, state: State) -> None:
    """Make a building a shelter for so many persons, or with 0 return it to its use; found by the next update."""
    # not updated at once: after a restart the services of the day are not known yet
    state.functions.building[b].shelter = places
    state.functions.shared[0].sites_changed = True
    mark_building(b, state)


@allocation_free
def move(persons: float, zone: int, to_zone: int, now: int, city: CityArrays, state: State) -> None:
    """Move people between zones, away for good (`to_zone` -1), or here from outside (`zone` -1)."""
    own, shared = state.functions, state.functions.shared[0]
    moved = count(persons, city.people.person_unit)
    settle_day(now, state)  # what was missing by day until now falls on those who were there
    if zone >= 0:
        moved = min(moved, own.zone[zone].residents)  # nobody moves who is not there
        _settle(zone, city, state)
        own.zone[zone].residents -= moved
        own.city[DEMAND] -= moved
        mark_zone(zone, state)
    if to_zone >= 0:
        _settle(to_zone, city, state)
        own.zone[to_zone].residents += moved
        own.city[DEMAND] += moved
        mark_zone(to_zone, state)
    else:
        shared.resettled += moved
    shared.rehouse = True
    settle_day(now, state)


@allocation_free
def _settle(z: int, city: CityArrays, state: State) -> None:
    """Charge a zone with its people's part of the gap by day until now, before their number changes."""
    zone, until = state.functions.zone[z], state.functions.shared[0].day_gap_each
    zone.gap_days += zone.residents / city.people.person_unit * (until - zone.day_gap_until)
    zone.day_gap_until = until
