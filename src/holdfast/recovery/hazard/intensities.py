"""Shaking from tables: a ShakeMap grid, realisations at sites, or a raster sampled at the sites."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.config import ScenarioOptions
from holdfast.data import figure
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.recovery.hazard.shaking import GROUND, SHAKING, lognormal, refuse_unknown, selected
from holdfast.recovery.hazard.sites import Field, Intensities, Sites

TABLE = "shaking"
KM_PER_DEGREE = 111.195
NEIGHBOURS = {"nearest": 1, "idw": 4}
"""Places that a site takes its value from, by the name of the extension."""
POWER = 2.0  # of inverse distance, as usual
SMALLEST = 1e-9  # stands for zero where logs are averaged
BETWEEN, TOTAL = "_between_sd", "_sd"


class Weights(NamedTuple):
    """Where each site takes its values: ``place`` (site, neighbour), ``share`` (site, neighbour), summing to 1."""

    place: np.ndarray
    share: np.ndarray


def intensities(
    sites: Sites, scenario: ScenarioOptions, measures: tuple[str, ...], intensities: Intensities | None
) -> Field:
    """Shaking from a table.

    A table with realisations (several rows per place, told apart by ``realisation``) gives one of them per
    draw, all equally likely, as it stands. Any other table gives medians: to them come the standard
    deviations of the table (a ShakeMap), else those of the scenario.

    Parameters
    ----------
    sites : Sites
        By longitude and latitude.
    scenario : ScenarioOptions
        Extension to other places, farthest place, standard deviations.
    measures : tuple of str
        Measures wanted.
    intensities : mapping
        Table ``shaking``, schema ``intensities``.

    Returns
    -------
    Field
        Draws of shape (site,), in the unit of the measure.

    Raises
    ------
    DataMissing
        If there is no table.
    TableError
        If it lacks a measure, is not complete, or a site lies too far from all its places.
    UnknownName
        If there is no such extension.
    """
    refuse_unknown(measures, table_measures(scenario, intensities), "intensities")
    table = _table(intensities)
    if "realisation" in table and table["realisation"].min() < table["realisation"].max():
        return selected(_realisations(sites, scenario, table), measures)
    weights = _weights(sites, scenario, table, "idw")
    shaking = [m for m in measures if m in SHAKING]
    median = {m: _spread(np.log(np.maximum(table[m].to_numpy(), SMALLEST)), weights) for m in shaking}
    pairs = {m: _deviations(scenario, table, m, weights) for m in shaking}
    field = lognormal(sites, scenario, median, {m: p[0] for m, p in pairs.items()}, {m: p[1] for m, p in pairs.items()})
    if GROUND not in table:
        return selected(field, measures)
    ground = _spread(table[GROUND].to_numpy(), weights)
    return selected(lambda rng: field(rng) | {GROUND: ground}, measures)


def table_measures(scenario: ScenarioOptions, intensities: Intensities | None) -> tuple[str, ...]:
    """Measures that the table has, and PGD where the scenario states it.

    Parameters
    ----------
    scenario : ScenarioOptions
        With or without ``pgd_cm``.
    intensities : mapping
        Table ``shaking``.

    Raises
    ------
    DataMissing
        If there is no table.
    """
    table = _table(intensities)
    stated = () if scenario.pgd_cm is None else (GROUND,)
    return tuple(m for m in (*SHAKING, GROUND) if m in table or m in stated)


def _table(intensities: Intensities | None) -> pd.DataFrame:
    """The table of shaking."""
    if intensities is None or TABLE not in intensities:
        text = "the hazard intensities needs a table of shaking; add [tables.shaking] (docs/earthquake.md)"
        raise DataMissing(text)
    return intensities[TABLE]


def _realisations(sites: Sites, scenario: ScenarioOptions, table: pd.DataFrame) -> Field:
    """One realisation per draw."""
    if scenario.between_event_sd > 0 or scenario.within_event_sd > 0:
        text = "the table holds realisations, which contain the spread already; take the standard deviations out"
        raise TableError("scenario", [Problem(text, column="scenario.between_event_sd")])
    places = table[["longitude", "latitude"]].drop_duplicates()
    cube = _cube(table, places)
    weights = _weights(sites, scenario, places, "nearest")
    count = len(next(iter(cube.values())))

    def field(rng: np.random.Generator) -> dict[str, np.ndarray]:
        row = int(rng.integers(count))
        drawn = {m: _extended(m, values[row], weights) for m, values in cube.items()}
        if GROUND not in drawn and scenario.pgd_cm is not None:
            drawn[GROUND] = np.full(len(sites.position), scenario.pgd_cm)
        return drawn

    return field


def _cube(table: pd.DataFrame, places: pd.DataFrame) -> dict[str, np.ndarray]:
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
        raise TableError(TABLE, problems)
    ordered = keyed.sort_values(["realisation", "place"])
    return {m: ordered[m].to_numpy().reshape(-1, len(places)) for m in (*SHAKING, GROUND) if m in table}


def _extended(measure: str, values: np.ndarray, weights: Weights) -> np.ndarray:
    """Values at sites: the mean of logs, for ground deformation the plain mean since it is often zero."""
    if measure == GROUND:
        return _spread(values, weights)
    return np.asarray(np.exp(_spread(np.log(np.maximum(values, SMALLEST)), weights)))


def _spread(values: np.ndarray, weights: Weights) -> np.ndarray:
    """Weighted mean of the places of each site."""
    return np.asarray((values[weights.place] * weights.share).sum(axis=1))


def _weights(sites: Sites, scenario: ScenarioOptions, places: pd.DataFrame, usual: str) -> Weights:
    """Neighbours of each site by distance on a plane map, and their shares."""
    extension = scenario.extension or usual
    if extension not in NEIGHBOURS:
        raise UnknownName("extension", extension, NEIGHBOURS, "scenario.extension")
    middle = np.radians(sites.latitude.mean())
    scale = KM_PER_DEGREE * np.array([np.cos(middle), 1.0])
    tree = cKDTree(places[["longitude", "latitude"]].to_numpy(np.float64) * scale)
    here = np.column_stack([sites.longitude, sites.latitude]) * scale
    count = min(NEIGHBOURS[extension], len(places))
    far, place = tree.query(here, k=list(range(1, count + 1)))
    beyond = far[:, 0] > scenario.farthest_km
    if beyond.any():
        text = (
            f"{int(beyond.sum()):,} of {len(far):,} sites lie more than {scenario.farthest_km:g} km from every place of "
            f"the table, one {far[:, 0].max():,.1f} km; does it cover the city, are longitude and latitude swapped, or "
            "is a larger scenario.farthest_km meant?"
        )
        raise TableError(TABLE, [Problem(text, column="longitude")])
    share = 1.0 / np.maximum(far, SMALLEST) ** POWER
    return Weights(place, share / share.sum(axis=1, keepdims=True))


def _deviations(
    scenario: ScenarioOptions, table: pd.DataFrame, measure: str, weights: Weights
) -> tuple[np.ndarray, np.ndarray]:
    """Standard deviations between and within events at sites: of the table, else of the scenario."""
    if measure + TOTAL not in table:
        shape = weights.place.shape[:1]
        return np.full(shape, scenario.between_event_sd), np.full(shape, scenario.within_event_sd)
    total = _spread(table[measure + TOTAL].to_numpy(), weights)
    if measure + BETWEEN in table:
        between = np.minimum(_spread(table[measure + BETWEEN].to_numpy(), weights), total)
    else:
        between = total * np.sqrt(figure("between_event_variance_share"))
    return between, np.sqrt(total**2 - between**2)
