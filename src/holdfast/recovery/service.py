"""Service capacity (SC), response to services, and the unmet needs of residents."""

from typing import NamedTuple

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import scipy.spatial

from holdfast.errors import Problem, TableError, UnknownName

HOME = "home"
"""Category of dwellings: its residents are its daytime occupants, and its residuals say when a home is habitable."""
HALF = 0.5
"""Share of the home in the needs of a resident; the other half are the services of living."""


class Services(NamedTuple):
    """The services table as arrays: order of the categories, weight (category,), residual (category, network)."""

    categories: tuple[str, ...]
    weight: np.ndarray
    residual: np.ndarray


BUILDING = np.dtype(
    [
        ("production", "f8"),
        ("occupants", "f8"),
        ("residents", "f8"),
        ("daytime", "f8"),
        ("category", "i8"),
        ("zone", "i8"),
    ]
)


class People(NamedTuple):
    """Who is where and what they need, flat arrays for the compiled loop.

    ``building``: records with ``production`` (money per day), ``occupants``, ``residents`` and ``daytime``
    (persons), ``category``, ``zone`` (positions); ``residual`` (building, network) and ``home_residual``
    (network,): function left without a network; ``zone_start`` and ``zone_building``: the buildings of zone z
    are zone_building[zone_start[z] : zone_start[z + 1]]; ``zone_residents`` (zone,); ``daytime_total`` (zone,
    category); ``catchment`` (zone, category): the zone whose buildings serve, -1 if the city has none;
    ``weight`` (category,), summing to 1 over the categories that the city has.
    """

    building: np.ndarray
    residual: np.ndarray
    home_residual: np.ndarray
    zone_start: np.ndarray
    zone_building: np.ndarray
    zone_residents: np.ndarray
    daytime_total: np.ndarray
    catchment: np.ndarray
    weight: np.ndarray


def services(table: pd.DataFrame, networks: tuple[str, ...]) -> Services:
    """Put the services table into arrays.

    Parameters
    ----------
    table : DataFrame
        Schema ``services``.
    networks : tuple of str
        Networks of the city, in order.

    Returns
    -------
    Services
        Categories sorted by name.

    Raises
    ------
    UnknownName
        If the table has no residual for a network.

    Examples
    --------
    >>> table = pd.DataFrame({"category": ["home"], "weight": [1.0], "power_residual": [0.3]})
    >>> services(table, ("power",)).residual.tolist()
    [[0.3]]
    """
    for name in networks:
        if f"{name}_residual" not in table.columns:
            known = [str(c).removesuffix("_residual") for c in table.columns if str(c).endswith("_residual")]
            raise UnknownName("network", name, known)
    rows = table.sort_values("category")
    residual = rows[[f"{name}_residual" for name in networks]].to_numpy(np.float64)
    return Services(tuple(rows["category"].astype(str)), rows["weight"].to_numpy(np.float64), residual)


def baseline_occupancy(buildings: pd.DataFrame) -> pd.Series:
    """Residents and workers of each building on a normal day: Q_baseline.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``residents`` and ``workers``; index ``building_id``.

    Returns
    -------
    Series
        Persons, index ``building_id``.

    References
    ----------
    Zhou, Xiao & Xu (2025), SC = sum of Q_baseline (1 + r_SS). Not specified in the paper: who is counted;
    here those who live in the building and those who work there by day.

    Examples
    --------
    >>> baseline_occupancy(pd.DataFrame({"residents": [4.0], "workers": [1.0]})).tolist()
    [5.0]
    """
    occupants = buildings["residents"].astype("float64") + buildings["workers"].astype("float64")
    return occupants.rename("baseline_occupancy")


@numba.njit(cache=True)
def response(satisfaction: np.ndarray, residual: np.ndarray) -> float:
    """Share of a building's function that its services allow.

    product over networks of residual + (1 - residual) x satisfaction

    (computed as 1 - (1 - residual)(1 - satisfaction), which is exactly 1 at full service).

    Not specified in the paper: the product, and the straight line between residual and 1.

    Parameters
    ----------
    satisfaction : ndarray
        Met / wanted supply of each network, 0..1, shape (network,).
    residual : ndarray
        Function left without each network, 0..1, shape (network,).

    Returns
    -------
    float
        0..1.

    Examples
    --------
    >>> response(np.array([1.0, 0.0]), np.array([0.1, 0.5]))
    0.5
    """
    share = 1.0
    for n in range(residual.size):
        share *= 1.0 - (1.0 - residual[n]) * (1.0 - satisfaction[n])
    return share


def people(
    buildings: pd.DataFrame, zones: gpd.GeoDataFrame, production: pd.Series, category: pd.Series, table: Services
) -> People:
    """Gather what the compiled loop must know of buildings, zones and needs.

    Daytime occupants are the workers, in dwellings the residents. A zone without a category is
    served by the nearest zone (centroid to centroid) that has it; a category that the whole city
    lacks is left out and the other weights scaled to sum to 1. Not specified in the paper.

    Parameters
    ----------
    buildings : DataFrame
        Schema ``buildings`` with ``residents``, ``workers`` and ``zone_id``.
    zones : GeoDataFrame
        Index ``zone_id``.
    production : Series
        Money per day of each building on a normal day.
    category : Series
        Service category of each building.
    table : Services
        Weights and residuals.

    Returns
    -------
    People
        Arrays in the order of `buildings`, `zones` and ``table.categories``.

    Raises
    ------
    TableError
        If a building lies in no zone or a category has no row in the services table.
    """
    zone = zones.index.get_indexer(buildings["zone_id"])
    kind = pd.Index(table.categories).get_indexer(category)
    problems = [
        Problem(
            f'building {buildings.index[i]}: zone "{buildings["zone_id"].iloc[i]}" is not in the zone table',
            column="zone_id",
        )
        for i in np.flatnonzero(zone < 0)
    ]
    problems += [Problem(f'services has no row for "{c}"', column="category") for c in sorted(set(category[kind < 0]))]
    problems += [] if HOME in table.categories else [Problem(f'services has no row for "{HOME}"', column="category")]
    if problems:
        raise TableError("city", problems)
    residents = buildings["residents"].to_numpy(np.float64)
    dwelling = kind == table.categories.index(HOME)
    daytime = np.where(dwelling, residents, buildings["workers"].to_numpy(np.float64))
    total = np.zeros((len(zones), len(table.categories)))
    np.add.at(total, (zone, kind), daytime)
    served = total.sum(axis=0) > 0
    weight = np.where(served, table.weight, 0.0)
    order = np.argsort(zone, kind="stable")
    building = np.empty(len(buildings), dtype=BUILDING)
    building["production"] = production
    building["occupants"] = baseline_occupancy(buildings)
    building["residents"] = residents
    building["daytime"] = daytime
    building["category"] = kind
    building["zone"] = zone
    return People(
        building=building,
        residual=np.ascontiguousarray(table.residual[kind]),
        home_residual=np.ascontiguousarray(table.residual[table.categories.index(HOME)]),
        zone_start=np.concatenate([[0], np.cumsum(np.bincount(zone, minlength=len(zones)))]).astype(np.int64),
        zone_building=order.astype(np.int64),
        zone_residents=np.bincount(zone, weights=residents, minlength=len(zones)),
        daytime_total=total,
        catchment=_catchments(zones, total),
        weight=weight / weight.sum() if weight.sum() > 0 else weight,
    )


def _catchments(zones: gpd.GeoDataFrame, total: np.ndarray) -> np.ndarray:
    """Zone that serves each zone in each category: itself, else the nearest that can."""
    centroid = zones.geometry.centroid
    place = np.column_stack([centroid.x, centroid.y])
    serving = np.full(total.shape, -1, dtype=np.int64)
    for c in range(total.shape[1]):
        able = np.flatnonzero(total[:, c] > 0)
        if able.size:
            nearest = scipy.spatial.cKDTree(place[able]).query(place)[1]
            serving[:, c] = np.where(total[:, c] > 0, np.arange(len(total)), able[nearest])
    return serving


@numba.njit(cache=True)
def unmet_need(people: People, habitable: np.ndarray, offered: np.ndarray, unmet: np.ndarray) -> float:
    """Persons in each zone whose needs are not met.

    unmet = 1/2 [(N - H)+ + (N - S)+],  S = N x sum over categories of weight x share offered

    Parameters
    ----------
    people : People
        Residents N, catchments and weights.
    habitable : ndarray
        Habitable places H of each zone, persons, shape (zone,).
    offered : ndarray
        Share of the daytime occupants of each zone and category that can be served, 0..1.
    unmet : ndarray
        Filled with the result, persons, shape (zone,).

    Returns
    -------
    float
        Persons in the whole city.
    """
    city = 0.0
    for z in range(unmet.size):
        residents = people.zone_residents[z]
        share, known = 0.0, 0.0
        for c in range(people.weight.size):
            if people.catchment[z, c] >= 0:
                share += people.weight[c] * offered[people.catchment[z, c], c]
                known += people.weight[c]
        services = residents * share if known > 0.0 else residents
        unmet[z] = HALF * (max(residents - habitable[z], 0.0) + max(residents - services, 0.0))
        city += unmet[z]
    return city
