"""The people of a city: who is where, and what services mean to them."""

import numpy as np

from holdfast.recovery.function.productivity import by_occupancy, normal_production
from holdfast.recovery.function.response import from_table
from holdfast.recovery.function.service_capacity import People, Responses, by_residuals, people, services
from holdfast.recovery.function.supplementary import trained
from holdfast.types import City, Parameters


def city_people(city: City, parameters: Parameters) -> People:
    """Gather the buildings, zones and needs of a city for the compiled loop.

    Parameters
    ----------
    city : City
        Assembled.
    parameters : Parameters
        Tables ``occupancies``, ``productivity``, ``services`` and, unless it is empty, ``service_capacity``.

    Raises
    ------
    TableError
        If an occupancy or category has no row, or a building lies in no zone.
    UnknownName
        If a table lacks a network of the city.
    """
    networks = tuple(city.networks)
    normal = normal_production(city.buildings, parameters.productivity)
    category = by_occupancy(city.buildings, parameters.occupancies, "category")
    needs = services(parameters.services, networks)
    kinds, production = from_table(parameters.productivity, "occupancy", "productivity_per_area", networks)
    maker = kinds.get_indexer(city.buildings["occupancy"].astype(str))
    kind = np.array([needs.categories.index(c) if c in needs.categories else -1 for c in category])
    archive = parameters.service_capacity
    service = by_residuals(needs, kind).service if archive.empty else trained(archive, needs.categories, networks)
    return people(city.buildings, city.zones, normal, category, needs, Responses(production, maker, service))
