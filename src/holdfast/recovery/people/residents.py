"""Residents: households on buildings, and what each does day by day, in flat arrays."""

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.errors import DataMissing
from holdfast.recovery.damage.rebuilding.rebuilding import uniforms
from holdfast.recovery.people.dislocation import dislocation_probability
from holdfast.types import Bools, Floats, Ints

NEVER = 2**31
"""Day of what does not happen."""
MONTH = 365.0 / 12.0
GRAIN = 1024.0
"""Persons of a household are multiples of its inverse, so that the same households going and coming back add up exactly."""
ONE_HOUSEHOLD = ("RES1", "RES2")
DISLOCATED, UNIT, AT_ONCE, UNHOUSED, RESETTLES, TENURE, TAKEN = range(7)
"""Places of the uniform numbers of a household."""


class Residents(NamedTuple):
    """Households, all (household,).

    ``building``, ``zone``: positions; ``persons``; ``single_family``; ``renters``, ``black``, ``hispanic``: share of its
    kind or zone, 0..1.
    """

    building: Ints
    zone: Ints
    persons: Floats
    single_family: Bools
    renters: Floats
    black: Floats
    hispanic: Floats


class Seen(NamedTuple):
    """What could be known of a recovery, each part only once its day has come.

    ``loss`` (building,): share of its value, seen at once; ``habitable``, ``eased`` (building,): share that can be lived in
    after the event, and after a temporary repair, done on day ``eased_day``; ``repaired``, ``served`` (building,): day from which it is repaired, and has
    power and water; `NEVER` where it has not come. ``without_place`` (day,): share of the displaced in the city without hosts or shelter.
    ``sold`` (building,): whether its owner sells it to be rebuilt.
    """

    loss: Floats
    habitable: Floats
    eased: Floats
    eased_day: Ints
    repaired: Ints
    served: Ints
    without_place: Floats
    sold: Bools


class Decisions(NamedTuple):
    """What the households do, all (household,).

    ``dislocated``: out of the home from the event on; ``usable``: its part of the building can be lived in from the event
    on; ``home``: day from which it can; ``leaves``, ``returns``: day on which it leaves the city, and on which it is in its home
    again; ``resettles``: stays away for good; ``arrives``: day on which as many people from outside take its home. Days are
    `NEVER` where nothing happens.
    """

    dislocated: Bools
    usable: Bools
    home: Ints
    leaves: Ints
    returns: Ints
    resettles: Bools
    arrives: Ints


def residents_of(buildings: pd.DataFrame, zones: gpd.GeoDataFrame, figures: Mapping[str, float]) -> Residents:
    """Households of a city: as many in a building as its residents fill at the mean size, and all of one size.

    Parameters
    ----------
    buildings : DataFrame
        Of the city, with ``occupancy``, ``residents`` and ``zone_id``.
    zones : GeoDataFrame
        Index ``zone_id``; ``group_renters``, ``group_black``, ``group_hispanic``: shares of the residents, optional.
    figures : mapping of str to float
        Of all agents by name, as from `holdfast.recovery.people.agent_figures.agent_figures`.

    Raises
    ------
    DataMissing
        If a coefficient of a group is not 0 and the zones do not name the group.
    """
    inside = buildings["residents"].to_numpy(np.float64)
    lived_in = inside * GRAIN >= 1.0
    count = np.where(lived_in, np.maximum(np.rint(inside / figure("persons_per_customer")), 1), 0).astype(np.int64)
    building = np.repeat(np.arange(inside.size), count)
    one = buildings["occupancy"].astype(str).isin(ONE_HOUSEHOLD).to_numpy()[building]
    zone = zones.index.get_indexer(buildings["zone_id"])[building]
    rented = np.where(one, figures["renters_single_family"], figures["renters_multi_family"])
    return Residents(
        building=building.astype(np.int64),
        zone=zone.astype(np.int64),
        persons=_persons(inside, building, count),
        single_family=one,
        renters=_share(zones, "renters", zone, rented),
        black=_share(zones, "black", zone, _unknown("black", figures, zones)),
        hispanic=_share(zones, "hispanic", zone, _unknown("hispanic", figures, zones)),
    )


def _persons(inside: Floats, building: Ints, count: Ints) -> Floats:
    """Persons of each household in whole grains: the first of a building take those that are left over."""
    each, over = np.divmod(np.floor(inside * GRAIN).astype(np.int64)[building], count[building])
    rank = np.arange(building.size) - np.repeat(np.cumsum(count) - count, count)
    # less than a grain of a building's residents never moves
    return np.asarray((each + (rank < over)) / GRAIN)


def _share(zones: gpd.GeoDataFrame, group: str, zone: Ints, otherwise: Floats | float) -> Floats:
    """Share of a group in the zone of each household, where the zones name it."""
    column = f"group_{group}"
    if column in zones:
        return zones[column].to_numpy(np.float64)[zone]
    return np.broadcast_to(np.asarray(otherwise, dtype=np.float64), zone.shape).copy()


def _unknown(group: str, figures: Mapping[str, float], zones: gpd.GeoDataFrame) -> float:
    """No share, where it does not matter."""
    if figures[f"dislocation_{group}"] != 0.0 and f"group_{group}" not in zones:
        text = f"recovery.agent_figures states dislocation_{group}, which needs the column group_{group} of the zones"
        raise DataMissing(text)
    return 0.0


def decide(residents: Residents, figures: Mapping[str, float], key: np.uint64, seen: Seen) -> Decisions:
    """What every household does on every day, from what it could know by then.

    A household out of its home (`dislocation_probability`) leaves the city on the first morning with a stated probability,
    later with a hazard in proportion to the displaced who have no place. It returns some days after its home can be lived in
    and has power and water, unless it has settled elsewhere, which it does at a rate of owners or renters, or as an owner
    who has sold. A home left for good is taken by as many people from outside, some time after it can be lived in and is served.

    Parameters
    ----------
    residents : Residents
        Households of the city, as from `residents_of`.
    figures : mapping of str to float
        Of all agents by name, as from `holdfast.recovery.people.agent_figures.agent_figures`.
    key : uint64
        Of the random numbers of this draw: a household draws the same ones whatever it sees.
    seen : Seen
        What could be known of the recovery of this draw.

    References
    ----------
    Not specified in the paper, which has residents leave and return as agents: stated rules, ranges in ``people_figures``.
    """
    who = np.arange(residents.building.size)
    b = residents.building
    chance = dislocation_probability(
        seen.loss[b], residents.single_family, figures, residents.black, residents.hispanic
    )
    dislocated = uniforms(who, DISLOCATED, key) < chance
    unit = uniforms(who, UNIT, key)
    usable = unit < seen.habitable[b]
    home = np.where(usable, 0, np.where(unit < seen.eased[b], seen.eased_day[b], NEVER))
    home = np.minimum(home, seen.repaired[b])
    ready = np.maximum(home, seen.served[b])
    back = np.where(ready < NEVER, ready + round(figures["return_notice"]), NEVER)
    leaves = np.where(uniforms(who, AT_ONCE, key) < figures["leave_share"], 1, _unhoused(who, key, figures, seen))
    leaves = np.where(dislocated & (leaves < back), leaves, NEVER)
    rented = uniforms(who, TENURE, key) < residents.renters
    gives_up = np.where(seen.sold[b] & ~rented, leaves, leaves + _patience(who, rented, key, figures))
    resettles = (leaves < NEVER) & (gives_up < back)
    free = np.where(resettles, np.maximum(gives_up, ready), NEVER)
    returns, arrives = np.where(dislocated & ~resettles, back, NEVER), _taken(who, key, figures, free)
    return Decisions(dislocated, usable, home, leaves, returns, resettles, arrives)


def _taken(who: Ints, key: np.uint64, figures: Mapping[str, float], free: Floats) -> Ints:
    """Day on which people from outside take each home that is ``free`` from a day on: a share of them, after an exponential time."""
    chance, share = uniforms(who, TAKEN, key), figures["refill_share"]
    wait = -figures["refill_days"] * np.log(np.divide(chance, share, out=np.ones(who.size), where=share > 0))
    return np.where((free < NEVER) & (chance < share), np.ceil(free + wait), NEVER).astype(np.int64)


def _patience(who: Ints, rented: Bools, key: np.uint64, figures: Mapping[str, float]) -> Floats:
    """Days away from the city after which a household settles elsewhere, by its tenure."""
    rate = np.where(rented, figures["resettle_rate_renter"], figures["resettle_rate_owner"])
    months = -np.log(uniforms(who, RESETTLES, key))
    # 0 is no rate: nobody settles elsewhere
    return MONTH * np.divide(months, rate, out=np.full(rate.size, np.inf), where=rate > 0)


def _unhoused(who: Ints, key: np.uint64, figures: Mapping[str, float], seen: Seen) -> Ints:
    """Morning on which a household that stays out of its home gives up, by the places that lacked on the days before."""
    hazard = np.cumsum(figures["unhoused_leave_rate"] * seen.without_place)
    day = np.searchsorted(hazard, -np.log(uniforms(who, UNHOUSED, key)))
    # who gives up over the lack of a day leaves on the next morning
    return np.where(day < hazard.size, day + 1, NEVER)
