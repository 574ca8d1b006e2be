"""Shaking from tables: a ShakeMap grid, realisations at sites, or a raster sampled at the sites."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from holdfast.data import figure
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.ground import TURN
from holdfast.recovery.hazard.correlation import PUBLISHED, Correlation
from holdfast.recovery.hazard.shaking import (
    GROUND,
    SHAKING,
    lognormal,
    refuse_unknown,
    require_deviations,
    selected,
)
from holdfast.recovery.hazard.sites import Field, Hazard, Sites

KM_PER_DEGREE = 111.195
NEIGHBOURS = {"nearest": 1, "idw": 4}
"""Places that a site takes its value from, by the name of the extension."""
POWER = 2.0  # of inverse distance, as usual
SMALLEST = 1e-9  # stands for zero where logs are averaged
BETWEEN, TOTAL = "_between_sd", "_sd"


class Extension(NamedTuple):
    """From the places of a table to sites: ``way`` nearest or idw (inverse distance), the usual one if None.

    A site more than ``farthest_km`` from all places is refused.
    """

    way: str | None = None
    farthest_km: float = 10.0


USUAL = Extension()


class Weights(NamedTuple):
    """Where each site takes its values: ``place`` (site, neighbour), ``share`` (site, neighbour), summing to 1."""

    place: NDArray[np.int64]
    share: NDArray[np.float64]


class _Spread(NamedTuple):
    """Standard deviations where the table states none, the correlation of residuals, ground deformation in cm."""

    between_event_sd: float
    within_event_sd: float
    correlation: Correlation
    pgd_cm: float | None


def intensities(
    table: pd.DataFrame,
    between_event_sd: float = 0.0,
    within_event_sd: float = 0.0,
    correlation: Correlation = PUBLISHED,
    pgd_cm: float | None = None,
    extension: Extension = USUAL,
) -> Hazard:
    """Shaking from a table: medians to which residuals come, or realisations as they stand.

    Parameters
    ----------
    table : DataFrame
        Schema ``intensities``: ``longitude``, ``latitude``, a column per measure in its unit. Several rows per place,
        told apart by ``realisation``, give one of them per draw, all equally likely; others are medians.
    between_event_sd, within_event_sd : float
        Standard deviations of the natural logarithm, for a table of medians that states none.
    correlation : Correlation
        How alike residuals within the event are.
    pgd_cm : float, optional
        Permanent ground deformation everywhere, cm, where the table has none.
    extension : Extension
        idw for medians and nearest for realisations, if it names no way.

    Raises
    ------
    TableError
        If the table is not complete; when it is prepared, if a site lies too far from all its places.
    UnknownName
        If there is no such way.
    """
    lacking = [Problem("no such column; add it", column=c) for c in ("longitude", "latitude") if c not in table]
    if lacking or not len(table):
        raise TableError("shaking", lacking or [Problem("has no rows")])
    require_deviations(between_event_sd, within_event_sd)
    if extension.way is not None and extension.way not in NEIGHBOURS:
        raise UnknownName("extension", extension.way, NEIGHBOURS, "scenario.extension")
    stated = () if pgd_cm is None else (GROUND,)
    measures = tuple(m for m in (*SHAKING, GROUND) if m in table or m in stated)
    spread = _Spread(between_event_sd, within_event_sd, correlation, pgd_cm)
    return Hazard(measures, partial(_at, table, spread, extension))


def _at(table: pd.DataFrame, spread: _Spread, extension: Extension, sites: Sites, measures: tuple[str, ...]) -> Field:
    """Field at sites."""
    stated = () if spread.pgd_cm is None else (GROUND,)
    refuse_unknown(measures, tuple(m for m in (*SHAKING, GROUND) if m in table or m in stated))
    # a column with one value alone tells no rows apart: medians
    if "realisation" in table and table["realisation"].min() < table["realisation"].max():
        return selected(_realisations(sites, spread, extension, table), measures)
    weights = weights_of(sites, extension, table, "idw")
    shaking = [m for m in measures if m in SHAKING]
    median = {m: averaged(np.log(np.maximum(table[m].to_numpy(), SMALLEST)), weights) for m in shaking}
    pairs = {m: _deviations(spread, table, m, weights) for m in shaking}
    between, within = ({m: pair[i] for m, pair in pairs.items()} for i in (0, 1))
    field = lognormal(sites, median, between, within, spread.correlation, spread.pgd_cm)
    if GROUND not in table:
        return selected(field, measures)
    ground = averaged(table[GROUND].to_numpy(), weights)
    return selected(lambda rng: field(rng) | {GROUND: ground}, measures)


def _realisations(sites: Sites, spread: _Spread, extension: Extension, table: pd.DataFrame) -> Field:
    """One realisation per draw."""
    if spread.between_event_sd > 0 or spread.within_event_sd > 0:
        text = "the table holds realisations, which contain the spread already; take the standard deviations out"
        raise TableError("scenario", [Problem(text, column="between_event_sd")])
    # the nearest place alone: a mean of several would be smoother than any of the realisations
    places = table[["longitude", "latitude"]].drop_duplicates()
    cube = _cube(table, places)
    weights = weights_of(sites, extension, places, "nearest")
    count = len(next(iter(cube.values())))

    def field(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        row = int(rng.integers(count))
        drawn = {m: _extended(m, values[row], weights) for m, values in cube.items()}
        if GROUND not in drawn and spread.pgd_cm is not None:
            drawn[GROUND] = np.full(len(sites.position), spread.pgd_cm)
        return drawn

    return field


def _cube(table: pd.DataFrame, places: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    """Each measure as (realisation, place), in the order of `places`."""
    number = places.reset_index(drop=True).reset_index(names="place")
    keyed = table.merge(number, on=["longitude", "latitude"])
    twice = keyed[keyed.duplicated(["place", "realisation"])]
    counts = keyed.groupby("realisation")["place"].nunique()
    problems = [
        Problem(f"realisation {r:g} stands twice at {x:g}, {y:g}; keep one", column="realisation")
        for r, x, y in twice[["realisation", "longitude", "latitude"]].itertuples(index=False)
    ]
    problems += [
        Problem(f"realisation {r:g} has {n} of {len(places)} places; give all of them", column="realisation")
        for r, n in counts[counts < len(places)].items()
    ]
    if problems:
        raise TableError("shaking", problems)
    ordered = keyed.sort_values(["realisation", "place"])
    return {m: ordered[m].to_numpy().reshape(-1, len(places)) for m in (*SHAKING, GROUND) if m in table}


def _extended(measure: str, values: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Values at sites: the mean of logs, for ground deformation the plain mean since it is often zero."""
    if measure == GROUND:
        return averaged(values, weights)
    return np.asarray(np.exp(averaged(np.log(np.maximum(values, SMALLEST)), weights)))


def averaged(values: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Weighted mean of the places of each site."""
    return np.asarray((values[weights.place] * weights.share).sum(axis=1))


def weights_of(sites: Sites, extension: Extension, places: pd.DataFrame, usual: str, name: str = "shaking") -> Weights:
    """Neighbours of each site by distance on a plane map, and their shares; `name` of the table stands in the message."""
    # a degree of longitude is shorter by the cosine of the latitude: flat enough within a city
    middle = np.radians(sites.latitude.mean())
    scale = KM_PER_DEGREE * np.array([np.cos(middle), 1.0])
    spots = places[["longitude", "latitude"]].to_numpy(np.float64)
    # both by the turn of the first site: the map has no edge at 180 degrees
    spots[:, 0], east = _same_turn(spots[:, 0], sites.longitude), _same_turn(sites.longitude, sites.longitude)
    tree = cKDTree(spots * scale)
    here = np.column_stack([east, sites.latitude]) * scale
    count = min(NEIGHBOURS[extension.way or usual], len(places))
    far, place = tree.query(here, k=list(range(1, count + 1)))
    beyond = far[:, 0] > extension.farthest_km
    if beyond.any():
        text = (
            f"{int(beyond.sum()):,} of {len(far):,} sites lie more than {extension.farthest_km:g} km from every place of "
            f"the table, one {far[:, 0].max():,.1f} km; does it cover the city, are longitude and latitude swapped, or "
            "is a larger scenario.farthest_km meant?"
        )
        raise TableError(name, [Problem(text, column="longitude")])
    share = 1.0 / np.maximum(far, SMALLEST) ** POWER
    return Weights(place, share / share.sum(axis=1, keepdims=True))


def _same_turn(longitude: NDArray[np.float64], sites: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitudes within half a turn of the first site."""
    return np.asarray(longitude + TURN * np.round((sites[0] - longitude) / TURN))


def _deviations(
    spread: _Spread, table: pd.DataFrame, measure: str, weights: Weights
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviations between and within events at sites: of the table, else as stated."""
    if measure + TOTAL not in table:
        shape = weights.place.shape[:1]
        return np.full(shape, spread.between_event_sd), np.full(shape, spread.within_event_sd)
    total = averaged(table[measure + TOTAL].to_numpy(), weights)
    if measure + BETWEEN in table:
        # averages of places may cross; between events there is never more spread than in all
        between = np.minimum(averaged(table[measure + BETWEEN].to_numpy(), weights), total)
    else:
        between = total * np.sqrt(figure("between_event_variance_share"))
    # variances between and within events add up to the total
    return between, np.sqrt(total**2 - between**2)
