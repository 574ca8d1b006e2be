"""The city before the event: what all draws share, and its normal self."""

import numpy as np

from holdfast.recovery.engine.queue import queue
from holdfast.recovery.engine.records import (
    CAPACITY,
    CITY,
    DEMAND,
    FIRST,
    FUNCTION_UNIT,
    PRODUCTION,
    ZONE,
    Baseline,
    CityArrays,
)
from holdfast.recovery.function.service_capacity import PLACE_AND_SERVICES, People, whole
from holdfast.recovery.networks.graph import Graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.service import open_affected, solve_service
from holdfast.types import Bools, Floats, Ints


def city_arrays(
    graph: Graph, people: People, dependent: Floats, crews: Ints, trade: Ints, trade_network: Ints
) -> CityArrays:
    """Gather what all draws of a city share.

    Parameters
    ----------
    dependent : ndarray
        Share of the city's functionality that each building loses without each network, of work and of living, shape
        (building, network, 2).
    crews, trade : ndarray of int
        What each asset takes when it is repaired, shape (asset,).
    trade_network : ndarray of int
        Network that each trade repairs, -1 for buildings, shape (trade,).
    """
    persons = whole(people.building["occupants"], people.person_unit)
    # a building counts once in each network, behind the node that serves it there
    occupants = np.zeros(graph.source.size, dtype=np.int64)
    for n in range(graph.serving.shape[1]):
        np.add.at(occupants, graph.serving[:, n], persons)
    layout = queue(trade, crews, trade_network.size)
    return CityArrays(graph, people, occupants, np.ascontiguousarray(dependent), layout, trade_network.astype(np.int64))


def baseline(city: CityArrays, external: Bools) -> Baseline:
    """Totals and services of the undamaged city.

    Parameters
    ----------
    external : ndarray of bool
        Networks whose service a model outside the loop finds, shape (network,); before the event it is 1 wherever a
        source reaches.
    """
    graph, people, own = city.graph, city.people, city.people.building
    networks = intact(graph)
    open_affected(graph, networks)
    solve_service(0, -1, 1.0, graph, networks)
    count, categories = graph.serving.shape[1], people.weight.size
    totals = np.zeros(FIRST + count + categories + len(people.productive.corner), dtype=np.int64)
    produced = whole(own["production"], people.money_unit)
    totals[PRODUCTION] = produced.sum()
    np.add.at(totals, FIRST + count + categories + own["maker"], produced)
    zone = np.zeros(people.counted_residents.size, dtype=ZONE)
    for name in ("residents", "habitable", "supplied"):
        zone[name] = people.counted_residents  # of each place r_SS is 1
    # rounded as the loop rounds
    at_home = people.households.time_at_home * (PLACE_AND_SERVICES * people.counted_residents)
    zone["capacity"] = np.floor(at_home + 0.5).astype(np.int64)
    shared = np.zeros(1, dtype=CITY)
    by_day = whole(own["day_places"] * PLACE_AND_SERVICES, people.person_unit).sum()
    shared["day_places"] = shared["day_normal"] = shared["day_capacity"] = by_day
    shared["normal_demand"] = shared["day_demand"] = totals[DEMAND] = people.counted_residents.sum()
    shared["site_supply"] = 1.0
    totals[CAPACITY] = zone["capacity"].sum() + by_day
    # rounded as the loop rounds, so that its differences end where this begins
    served = np.floor(city.occupants * networks.satisfaction + 0.5).astype(np.int64)
    np.add.at(totals, FIRST + graph.network, served)
    totals[FIRST + count : FIRST + count + categories] = people.counted_daytime.sum(axis=0)
    dependent = np.zeros(graph.source.size, dtype=np.int64)
    for n in range(count):
        np.add.at(dependent, graph.serving[:, n], whole(city.dependent[:, n].sum(axis=-1), FUNCTION_UNIT))
    # what was found by connection stands as the normal service of the external networks too
    update = intact(graph, external).update
    update.changed[:] = False
    return Baseline(networks._replace(update=update), totals, dependent, zone, shared)
