"""Service capacity (SC), the demand for it, and the unmet needs of residents."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.spatial

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.kernels import allocation_free
from holdfast.recovery.function.response import Response, from_residuals
from holdfast.recovery.settings.run_settings import Households

HOME = "home"
"""Category of dwellings: its residents are its daytime occupants, and its residuals say when a home is habitable."""
PLACE_AND_SERVICES = 2
"""Service capacity that one person uses on a normal day: 1 + r_SS with r_SS = 1."""
WHOLE = 2**50
"""Integer that the totals of the city stay below, so that a day of minutes of them fits 64 bits."""
ROOM = 8
"""Times the occupants that persons are counted up to: each needs two units of capacity, and people may come."""


class Services(NamedTuple):
    """The services table as arrays: order of the categories, weight (category,), residual (category, network)."""

    categories: tuple[str, ...]
    weight: np.ndarray
    residual: np.ndarray


class Responses(NamedTuple):
    """What services mean for each building.

    ``production``: Response by kind of occupancy, ``maker`` (building,): its kind; ``service``: Response by
    category, and in its last row the habitability of a home.
    """

    production: Response
    maker: np.ndarray
    service: Response


BUILDING = np.dtype(
    [
        ("production", "f8"),
        ("occupants", "f8"),
        ("residents", "f8"),
        ("daytime", "f8"),
        ("day_places", "f8"),
        ("category", "i8"),
        ("zone", "i8"),
        ("maker", "i8"),
    ]
)


class People(NamedTuple):
    """Who is where and what they need, flat arrays for the compiled loop.

    ``building``: records with ``production`` (money per day), ``occupants``, ``residents`` and ``daytime``
    (persons), ``day_places`` (persons that the building counts for by day, see `baseline_places`), ``category``,
    ``zone`` (positions), ``maker`` (row of ``productive``). ``productive``, ``capable``: responses to services; the
    last row of the second is the habitability of a home. ``counted_residents`` (zone,), ``counted_daytime`` (zone,
    category): persons x ``person_unit``; ``catchment`` (zone, category): the zone whose buildings serve, -1 if the
    city has none; the zones that category c of zone z serves stand at serves[serves_start[z, c]] ..
    serves_start[z, c + 1]; ``weight`` (category,), summing to 1 over the categories that the city has.
    ``money_unit``, ``person_unit``: powers of two; money and persons are counted in whole multiples of their inverse,
    so that sums are exact in any order.
    """

    building: np.ndarray
    productive: Response
    capable: Response
    counted_residents: np.ndarray
    counted_daytime: np.ndarray
    catchment: np.ndarray
    serves_start: np.ndarray
    serves: np.ndarray
    weight: np.ndarray
    households: Households
    money_unit: float
    person_unit: float


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


def baseline_places(residents: np.ndarray, workers: np.ndarray, at_home: float) -> tuple[np.ndarray, np.ndarray]:
    """Persons that each building counts for on a normal day, Q_baseline: by living in it, and by day.

    A resident counts once, in two parts: the share `at_home` of a day where he lives, the rest where people go by
    day. That rest is shared among the buildings by their workers. So the sum over all buildings is the number of
    residents: nobody counts twice, and who works here but lives elsewhere adds none. Where nobody works, all of a
    resident counts at home.

    Parameters
    ----------
    residents, workers : ndarray
        Persons, shape (building,).
    at_home : float
        Share of a resident's time that counts at home, 0..1.

    Returns
    -------
    ndarray, ndarray
        Persons, shape (building,): by living there, by day.

    References
    ----------
    Zhou, Xiao & Xu (2025), SC = sum of Q_baseline (1 + r_SS), with basic housing as the baseline. Not specified in the
    paper: for whom a building that is no home counts.

    Examples
    --------
    >>> home, day = baseline_places(np.array([10.0, 0.0]), np.array([0.0, 5.0]), 0.75)
    >>> home.tolist(), day.tolist()
    ([7.5, 0.0], [0.0, 2.5])
    """
    everybody, work = float(residents.sum()), float(workers.sum())
    if work == 0.0:
        return residents.astype(np.float64), np.zeros(len(residents))
    return at_home * residents, (1.0 - at_home) * everybody / work * workers


def unit(total: float) -> float:
    """Power of two by which amounts are multiplied to count them in whole numbers.

    Parameters
    ----------
    total : float
        Greatest sum there can be.

    Examples
    --------
    >>> unit(1000.0) == 2.0**40
    True
    """
    return float(2.0 ** np.floor(np.log2(WHOLE / total))) if total > 0 else 1.0


def whole(amount: np.ndarray, per: float) -> np.ndarray:
    """Count amounts in whole multiples of 1 / `per`.

    Parameters
    ----------
    amount : ndarray
        Of any shape.
    per : float
        As from `unit`.

    Examples
    --------
    >>> whole(np.array([1.5, 0.1]), 4.0).tolist()
    [6, 0]
    """
    return np.asarray(np.floor(np.asarray(amount) * per + 0.5)).astype(np.int64)


@allocation_free
def count(amount: float, per: float) -> int:
    """Count one amount in whole multiples of 1 / `per`, as `whole`.

    Parameters
    ----------
    amount : float
        In any unit.
    per : float
        As from `unit`.
    """
    return int(np.floor(amount * per + 0.5))


def people(
    buildings: pd.DataFrame,
    zones: gpd.GeoDataFrame,
    production: pd.Series,
    category: pd.Series,
    table: Services,
    responses: Responses | None = None,
    households: Households | None = None,
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
    responses : Responses, optional
        What services mean for each building; without it the residuals of its category, multiplied.
    households : Households, optional
        What people do; the packaged figures if omitted.

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
    _check(buildings, zones, category, table)
    residents = buildings["residents"].to_numpy(np.float64)
    workers = buildings["workers"].to_numpy(np.float64)
    dwelling = kind == table.categories.index(HOME)
    answers = by_residuals(table, kind) if responses is None else responses
    households = Households(*map(float, households or Households()))  # one type for the kernels
    if not workers.any():  # nowhere to go by day
        households = households._replace(time_at_home=1.0)
    building = np.empty(len(buildings), dtype=BUILDING)
    building["production"] = production
    building["occupants"] = residents + workers
    building["residents"] = residents
    building["daytime"] = np.where(dwelling, residents, workers)
    building["day_places"] = baseline_places(residents, workers, households.time_at_home)[1]
    building["category"], building["zone"], building["maker"] = kind, zone, answers.maker
    person_unit = unit(ROOM * float(building["occupants"].sum()))
    inside, total = np.zeros(len(zones), np.int64), np.zeros((len(zones), len(table.categories)), np.int64)
    np.add.at(inside, zone, whole(residents, person_unit))
    np.add.at(total, (zone, kind), whole(building["daytime"], person_unit))
    weight = np.where(total.sum(axis=0) > 0, table.weight, 0.0)
    catchment = _catchments(zones, total)
    start, serves = _served_zones(catchment)
    return People(
        building=building,
        productive=answers.production,
        capable=answers.service,
        counted_residents=inside,
        counted_daytime=total,
        catchment=catchment,
        serves_start=start,
        serves=serves,
        weight=weight / weight.sum() if weight.sum() > 0 else weight,
        households=households,
        money_unit=unit(float(building["production"].sum())),
        person_unit=person_unit,
    )


def _check(buildings: pd.DataFrame, zones: gpd.GeoDataFrame, category: pd.Series, table: Services) -> None:
    """Refuse buildings without a zone and categories without a row."""
    lost = ~buildings["zone_id"].isin(zones.index).to_numpy()
    problems = [
        Problem(f'building {b}: zone "{z}" is not in the zone table', column="zone_id")
        for b, z in buildings["zone_id"][lost].items()
    ]
    wanted = {*category, HOME} - set(table.categories)
    problems += [Problem(f'services has no row for "{c}"', column="category") for c in sorted(wanted)]
    if problems:
        raise TableError("city", problems)


def by_residuals(table: Services, kind: np.ndarray) -> Responses:
    """Responses from the residuals of each category alone.

    Parameters
    ----------
    table : Services
        Residuals.
    kind : ndarray of int
        Category of each building.
    """
    home = table.residual[[table.categories.index(HOME)]]
    return Responses(from_residuals(table.residual), kind, from_residuals(np.concatenate([table.residual, home])))


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


def _served_zones(catchment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zones by the zone and category that serve them: first places (zone, category + 1), and the zones."""
    zones, categories = catchment.shape
    zone, category = np.nonzero(catchment >= 0)
    server = catchment[zone, category] * categories + category
    order = np.argsort(server, kind="stable")
    first = np.searchsorted(server[order], np.arange(zones * categories + 1))
    last = np.arange(zones)[:, None] * categories + np.arange(categories + 1)
    return first[last].astype(np.int64), zone[order].astype(np.int64)


@allocation_free
def without_services(z: int, residents: int, offered: np.ndarray, people: People) -> int:
    """Residents of a zone without essential services, in proportion: N x (1 - sum of weight x share offered).

    A resident who can reach half of the shops and all else counts for half of the weight of shops. Not specified in the
    paper; the weights are assumed.

    Parameters
    ----------
    z, residents : int
        Zone, and persons x ``person_unit`` in it.
    offered : ndarray of int
        Daytime occupants that can be served, persons x ``person_unit``, shape (zone, category).

    Returns
    -------
    int
        Persons x ``person_unit``.
    """
    share, known = 0.0, 0.0
    for c in range(people.weight.size):
        server = people.catchment[z, c]
        if server >= 0:
            share += people.weight[c] * (offered[server, c] / people.counted_daytime[server, c])
            known += people.weight[c]
    lack = 0.0 if known == 0.0 else residents * max(known - share, 0.0) / known
    return int(np.floor(lack + 0.5))


@allocation_free
def capacity_at_home(residents: int, habitable: int, supplied: int) -> float:
    """Service capacity that the homes of a zone give to the people there: places in use x (1 + r_SS).

    Parameters
    ----------
    residents : int
        Persons N in the zone.
    habitable : int
        Places that can be lived in, H.
    supplied : int
        Sum over these places of r_SS.

    Returns
    -------
    float
        Persons x (1 + r_SS) x the unit of the arguments; a place that nobody uses gives nothing.
    """
    if habitable <= residents:
        return float(habitable + supplied)
    return residents * (1.0 + supplied / habitable)
