"""Government: opens and closes shelters and calls crews, day by day, by stated rules and within a budget."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from holdfast.recovery.engine import SHELTER, Calendar, Sites
from holdfast.recovery.people.moves import with_actions
from holdfast.types import Floats, Ints


class Government(NamedTuple):
    """What the government of a city has.

    ``zone``: position of the zone with most residents, where its shelter stands; ``site``: place of the shelter in ``calendar``,
    that of the study with the shelter, still closed; ``trade`` (network,): trade that repairs each network, -1 for none;
    ``crews`` (trade,) of the city itself; ``residents``: persons.
    """

    zone: int
    site: int
    calendar: Calendar
    trade: Ints
    crews: Ints
    residents: float


class Public(NamedTuple):
    """What the government does.

    ``places`` (day,): open in its shelter; ``called`` (row, 3): day, trade, change of crews; ``spent``: money for crews and for
    shelters.
    """

    places: Ints
    called: Ints
    spent: tuple[float, float]


def with_shelter(calendar: Calendar, zones: int) -> tuple[Calendar, int]:
    """The calendar with one more shelter that everybody reaches after all others, and its place among them.

    Parameters
    ----------
    calendar : Calendar
        With the shelters of the study.
    zones : int
        How many zones the city has.
    """
    sites = calendar.sites
    new = sites.building.size
    pairs = np.column_stack([np.arange(zones), np.full(zones, new)]).astype(np.int64)
    more = Sites(
        building=np.append(sites.building, -1),
        fixed=np.append(sites.fixed, True),
        nearest=np.concatenate([sites.nearest, pairs]),
    )
    return calendar._replace(sites=more), new


def govern(government: Government, figures: Mapping[str, float], need: Floats, service: Floats) -> Public:
    """What the government does on every day, from what it could know by then.

    Parameters
    ----------
    government : Government
        Of the city, as from `holdfast.recovery.people.agents.agents_of`.
    figures : mapping of str to float
        Of all agents by name, as from `holdfast.recovery.people.agent_figures.agent_figures`.
    need : ndarray
        Displaced people without hosts and without a place in the shelters of others, persons, shape (day,).
    service : ndarray
        Share of the people with service, shape (day, network).

    References
    ----------
    Not specified in the paper, whose government allocates resources as an agent; the rules and their figures are assumed.
    """
    budget = figures["government_budget"]
    places, beds = open_places(need, figures, government.residents, figures["shelter_budget_share"] * budget)
    called, work = called_crews(service, government, figures, figures["crew_budget_share"] * budget)
    return Public(places, called, (work, beds))


def open_places(need: Floats, figures: Mapping[str, float], residents: float, budget: float) -> tuple[Ints, float]:
    """Places open on each day, and what they cost: those that lacked some days before, up to a share of the residents.

    A change of less than a tenth is not made. Where the money of a day is short the shelter closes for good.

    Parameters
    ----------
    need : ndarray
        Places that lack, persons, shape (day,).
    figures : mapping of str to float
        Of all agents by name, of which those of shelters are read.
    residents, budget : float
        Persons of the city, and money for shelters.

    Examples
    --------
    >>> figures = {"shelter_notice": 1, "shelter_most_share": 0.5, "shelter_cost": 10.0}
    >>> places, spent = open_places(np.array([30.0, 30.0, 5.0, 0.0]), figures, 40.0, 1000.0)
    >>> places.tolist(), spent
    ([0, 20, 20, 5, 0], 450.0)
    """
    notice, most = round(figures["shelter_notice"]), np.floor(figures["shelter_most_share"] * residents)
    wanted = np.concatenate([np.zeros(notice), np.minimum(np.ceil(need), most)]).astype(np.int64)
    places, spent, now = np.zeros(wanted.size, dtype=np.int64), 0.0, 0
    for day in range(wanted.size):
        if wanted[day] == 0 or abs(wanted[day] - now) > 0.1 * now:
            now = int(wanted[day])
        if spent + now * figures["shelter_cost"] > budget:
            break
        places[day] = now
        spent += now * figures["shelter_cost"]
    # what is open at the end of the days known closes with them
    return np.append(places, 0) if places[-1] else places, spent


def called_crews(
    service: Floats, government: Government, figures: Mapping[str, float], budget: float
) -> tuple[Ints, float]:
    """Crews called for networks that too many people lack, and what they cost; each day's money is spent in the order of the networks.

    Parameters
    ----------
    service : ndarray
        Share of the people with service, shape (day, network).
    government : Government
        With its trades and crews.
    figures : mapping of str to float
        Of all agents by name, of which those of calls are read.
    budget : float
        Money that crews may cost over all days.

    Returns
    -------
    ndarray
        Day, trade, change of crews, by day, shape (row, 3): as many leave as came.
    float
        Money spent.
    """
    lacking, rows, spent = 1.0 - service, [], 0.0
    here, coming = dict.fromkeys(range(service.shape[1]), 0), dict.fromkeys(range(service.shape[1]), -1)
    last, day = np.flatnonzero((lacking > figures["call_release_share"]).any(axis=1)), 0
    for day in range(1, int(last[-1]) + 3 if last.size else 0):
        before = lacking[min(day - 1, len(lacking) - 1)]
        for n in here:
            trade = int(government.trade[n])
            if trade < 0:
                continue
            if coming[n] < 0 and before[n] > figures["call_outage_share"]:
                coming[n] = day + round(figures["call_travel"])
            crews = int(np.ceil(figures["call_crews_ratio"] * government.crews[trade]))
            stays = coming[n] <= day and coming[n] >= 0 and before[n] > figures["call_release_share"]
            cost = crews * figures["call_crew_cost"]
            wanted = crews if stays and spent + cost <= budget else 0
            if wanted != here[n]:
                rows.append((day, trade, wanted - here[n]))
                here[n] = wanted
            if wanted == 0 and 0 <= coming[n] <= day:
                coming[n] = -1
            spent += wanted * figures["call_crew_cost"]
    # where the lack outlasts what was simulated
    rows += [(day + 1, int(government.trade[n]), -crews) for n, crews in here.items() if crews]
    return np.array(rows, dtype=np.int64).reshape(-1, 3), spent


def with_public(calendar: Calendar, public: Public, government: Government, horizon: int) -> Calendar:
    """The calendar with the shelter and the crews of the government; `calendar` must hold its shelter.

    Parameters
    ----------
    calendar : Calendar
        With the closed shelter of the government, as from `with_shelter`.
    public, government : Public, Government
        What it does in one draw, and what it has.
    horizon : int
        Last day simulated; what falls after it is left out.
    """
    change = np.diff(public.places, prepend=0)
    day = np.flatnonzero(change[: horizon + 1])
    rows = [np.column_stack([day, *(np.full_like(day, v) for v in (SHELTER, government.site, government.zone, -1))])]
    aid = np.concatenate([calendar.aid, public.called])
    own = calendar._replace(aid=aid[np.argsort(aid[:, 0], kind="stable")])
    return with_actions(own, np.concatenate(rows), change[day].astype(np.float64))
