"""The people of a city: who is where, and what services mean to them."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from holdfast.recovery.function.productivity import by_occupancy, normal_production
from holdfast.recovery.function.response import from_table
from holdfast.recovery.function.service_capacity import People, Responses, by_residuals, people, services
from holdfast.recovery.function.supplementary import trained
from holdfast.recovery.settings.run_settings import Households
from holdfast.types import Parameters


def city_people(
    buildings: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    networks: Sequence[str],
    parameters: Parameters,
    households: Households,
) -> People:
    """Gather the buildings, zones and needs of a city for the compiled loop.

    Parameters
    ----------
    buildings, zones : GeoDataFrame
        Of a city.
    networks : sequence of str
        Names of its networks, in order.
    parameters : Parameters
        Tables ``occupancies``, ``productivity``, ``services`` and, unless it is empty, ``service_capacity``.

    Raises
    ------
    TableError
        If an occupancy or category has no row, or a building lies in no zone.
    UnknownName
        If a table lacks a network of the city.
    """
    normal = normal_production(buildings, parameters.productivity)
    category = by_occupancy(buildings, parameters.occupancies, "category")
    needs = services(parameters.services, tuple(networks))
    kinds, production = from_table(parameters.productivity, "occupancy", "productivity_per_area", tuple(networks))
    maker = kinds.get_indexer(buildings["occupancy"].astype(str))
    kind = np.array([needs.categories.index(c) if c in needs.categories else -1 for c in category])
    archive = parameters.service_capacity
    service = (
        by_residuals(needs, kind).service if archive.empty else trained(archive, needs.categories, tuple(networks))
    )
    return people(buildings, zones, normal, category, needs, Responses(production, maker, service), households)
