"""Trade pools: how many crews a network of a city's size has, and what mutual aid brings, where a study names none."""

import math
from collections.abc import Mapping
from dataclasses import replace

from holdfast.data import figure, packaged
from holdfast.recovery.city import City
from holdfast.recovery.settings.run_settings import Aid, Resources
from holdfast.types import Network

THOUSAND = 1000.0


def customers(city: City) -> float:
    """Customers of a network: households, or as many as people work there where that is more; 1 at least."""
    people = max(float(city.buildings["residents"].sum()), float(city.buildings["workers"].sum()))
    return max(people / figure("persons_per_customer"), 1.0)


def usual_crews(networks: Mapping[str, Network], served: float) -> tuple[dict[str, int], list[Aid]]:
    """Own crews of each network's trade, and the crews of mutual aid day by day.

    Parameters
    ----------
    networks : mapping
        The networks that are there, by name.
    served : float
        Customers, as of `customers`.

    Returns
    -------
    dict of str to int
        Crews of four on the day of the event, 1 at least.
    list of Aid
        As many each day as bring all in equal steps, from the first day to the last of the packaged table ``trade_pools``.

    Examples
    --------
    >>> crews, aid = usual_crews({"water": None}, 100_000)
    >>> crews, sum(a.crews for a in aid), aid[0].day, aid[-1].day
    ({'water': 8}, 16, 2, 10)
    """
    crews, aid = {}, []
    for row in packaged("trade_pools").itertuples():
        if row.trade not in networks:
            continue
        own = max(1, math.ceil(row.crews_per_1000 * served / THOUSAND))
        crews[str(row.trade)] = own
        first, last = int(row.aid_from_day), int(row.aid_full_day)
        more, days = math.ceil(own * (row.aid_factor - 1)), last - first + 1
        there = [more * (d + 1) // days for d in range(days)]
        steps = [now - before for now, before in zip(there, [0, *there], strict=False)]
        aid += [Aid(str(row.trade), first + d, step) for d, step in enumerate(steps) if step]
    return crews, aid


def with_usual_crews(resources: Resources, city: City) -> tuple[Resources, tuple[str, ...]]:
    """The means of a recovery with usual crews for each network whose trade has none, and what was assumed, in words.

    What `resources` name is kept as it is. Not specified in the paper: how many crews there are.
    """
    open_trades = {n: w for n, w in city.networks.items() if n not in resources.crews}
    if not open_trades:
        return resources, ()
    crews, aid = usual_crews(open_trades, customers(city))
    parts = []
    for trade, own in crews.items():
        more = sum(a.crews for a in aid if a.trade == trade)
        last = max((a.day for a in aid if a.trade == trade), default=0)
        parts.append(f"{trade} {own}, and {more} of mutual aid by day {last}")
    told = f"crews by the usual number for {customers(city):,.0f} customers (table trade pools): {'; '.join(parts)}"
    return replace(resources, crews={**resources.crews, **crews}, aid=[*resources.aid, *aid]), (told,)
