"""The events of a study: its scenarios, and the tables of shaking and of a later state that they read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from holdfast.config import ScenarioOptions, Study
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.flows.hazards import GUSTS, PLACES, SHAKING, TRACK, WATER, ground_of, hazard_of
from holdfast.recovery.city import City
from holdfast.recovery.hazard import Hazard
from holdfast.recovery.hazard.shaking import GROUND
from holdfast.recovery.losses.exceedance import annual_rates
from holdfast.recovery.simulation.present import Observed
from holdfast.sources.readers import load
from holdfast.types import InputFile

VS30, PRESENT = "vs30", "present"
STORMS = ("flood", "wind", "storm")


class Event(NamedTuple):
    """A scenario with what its study knows of it.

    ``vs30`` at the assets, m/s; ``observed``: the state of a later day, if there is one; ``files`` that were read;
    ``assumed``, in words.
    """

    hazard: Hazard
    vs30: NDArray[np.float64] | float
    observed: Observed | None
    files: tuple[InputFile, ...]
    assumed: tuple[str, ...]


def scenario_set(study: Study) -> tuple[ScenarioOptions, ...]:
    """All scenarios of a study: those of ``[[scenarios]]``, in their order, else the one of ``[scenario]``.

    Raises
    ------
    DataMissing
        If there is none.
    TableError
        If both kinds are given, or one of several has no annual rate.
    """
    if study.scenarios and study.scenario is not None:
        text = "the study has a [scenario] and [[scenarios]]; move the one into the set"
        raise TableError("study", [Problem(text, column="scenario")])
    if study.scenarios:
        rates_of(study.scenarios)
        return tuple(study.scenarios)
    if study.scenario is None:
        text = "the study has no [scenario] section, which a simulation needs; see docs/earthquake.md"
        raise DataMissing(text)
    return (study.scenario,)


def single(study: Study, scenario: ScenarioOptions) -> Study:
    """The study of one scenario of a set: same seed, so that draws share their random numbers."""
    return study.model_copy(update={"scenario": scenario, "scenarios": ()})


def rates_of(scenarios: Sequence[ScenarioOptions]) -> NDArray[np.float64]:
    """Annual rate of every scenario of a set, 1/year.

    Raises
    ------
    TableError
        Naming every scenario without one.
    """
    rates, periods = [s.annual_rate for s in scenarios], [s.return_period_years for s in scenarios]
    return annual_rates([s.name for s in scenarios], rates, periods)


def read_event(study: Study, scenario: ScenarioOptions, folder: Path, city: City, places: NDArray[np.float64]) -> Event:
    """Read the tables that a scenario names, and the observed state of a later day.

    Parameters
    ----------
    study : Study
        With the tables that the scenario may name.
    scenario : ScenarioOptions
        One of the events of the study.
    folder : Path
        Folder that the paths in the study count from.
    city : City
        For its CRS and the vs30 of its buildings.
    places : ndarray
        Sites of all assets, shape (asset, 2), m in the CRS of the city, buildings first.

    Raises
    ------
    DataMissing
        If the study has no such table, or there is no such file.
    TableError, UnknownName
        From the readers, or if the scenario does not say what its hazard needs.
    """
    tables, files = _read_tables(study, scenario, folder, city, places)
    observed, more = _observed(study, folder)
    # a table that is named goes before the buildings' own column, and that before one figure for all
    vs30 = np.asarray(tables[VS30][VS30], dtype=np.float64) if VS30 in tables else scenario.vs30
    return Event(hazard_of(scenario, tables), vs30, observed, (*files, *more), _assumed(scenario, tables))


def _read_tables(
    study: Study, scenario: ScenarioOptions, folder: Path, city: City, places: NDArray[np.float64]
) -> tuple[dict[str, pd.DataFrame], list[InputFile]]:
    """Shaking and vs30 as far as they are named or known, at the places of all assets (m)."""
    sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy(places[:, 0], places[:, 1]), crs=city.crs)
    tables: dict[str, pd.DataFrame] = {}
    files: list[InputFile] = []
    wanted = {SHAKING: scenario.table} if scenario.hazard == "intensities" else _of_storm(scenario)
    if scenario.vs30_table is not None:
        wanted[VS30] = scenario.vs30_table
    if PLACES in study.tables:
        wanted[PLACES] = PLACES
    for kind, name in wanted.items():
        if name not in study.tables:
            text = f"the scenario {scenario.name} needs [tables.{name}], which the study lacks; see docs/earthquake.md"
            raise DataMissing(text)
        loaded = load(name, study.tables[name], folder, sites)
        _refuse_other_table(kind, name, loaded.table)
        tables[kind] = loaded.table if kind == PLACES else pd.DataFrame(loaded.table)
        files += loaded.files
    if VS30 not in tables and VS30 in city.buildings and city.buildings[VS30].notna().any():
        tables[VS30] = _of_buildings(city, places)
    return tables, files


def _of_storm(scenario: ScenarioOptions) -> dict[str, str]:
    """Tables that the water and wind of a scenario name."""
    named: dict[str, str | None] = {}
    if scenario.hazard in ("flood", "storm") and scenario.flood is not None:
        named[WATER] = scenario.flood.table
    if scenario.hazard in ("wind", "storm") and scenario.wind is not None:
        named |= {GUSTS: scenario.wind.table, TRACK: scenario.wind.track}
    return {kind: name for kind, name in named.items() if name is not None}


def _observed(study: Study, folder: Path) -> tuple[Observed | None, tuple[InputFile, ...]]:
    """The observed state, if the study has one, and its file."""
    day = study.recovery.start_day
    if PRESENT not in study.tables:
        if day > 0:
            text = f"recovery.start_day is {day}, but the study has no [tables.{PRESENT}] with the state of that day"
            raise DataMissing(text)
        return None, ()
    loaded = load(PRESENT, study.tables[PRESENT], folder, None)
    if "damage_state" not in loaded.table:
        text = f'tables.{PRESENT}: its source must be "{PRESENT}"'
        raise DataMissing(text)
    return Observed(day, loaded.table), loaded.files


def _refuse_other_table(kind: str, name: str, table: pd.DataFrame) -> None:
    """Refuse a reader that gives something else than shaking, vs30, water, wind or places with classes of the ground."""
    if kind == PLACES:
        return  # its name is that of its schema, to which its reader has held it
    column, page = {
        VS30: (VS30, "earthquake"),
        WATER: ("depth", "flood"),
        GUSTS: ("gust", "wind"),
        TRACK: ("radius_km", "wind"),
    }.get(kind, ("longitude", "earthquake"))
    if column not in table:
        text = f"tables.{name} holds no {kind}; its source must be a reader of it, see docs/{page}.md"
        raise DataMissing(text)


def _of_buildings(city: City, places: NDArray[np.float64]) -> pd.DataFrame:
    """vs30 of the building table; other assets and gaps have that of the nearest building."""
    own = city.buildings[VS30].to_numpy(np.float64)
    known = np.flatnonzero(~np.isnan(own))
    _, nearest = cKDTree(places[known]).query(places)
    values = own[known][nearest]
    # buildings in one place may find each other's value as the nearest
    values[known] = own[known]
    return pd.DataFrame({VS30: values})


def _assumed(scenario: ScenarioOptions, tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """What the event assumes, for the report."""
    if scenario.hazard in STORMS:
        return _assumed_of_storm(scenario)
    found = []
    if scenario.hazard == "ground_motion" and VS30 not in tables:
        found.append(f"the ground is the same everywhere: vs30 of {scenario.vs30:g} m/s")
    if scenario.hazard == "intensities" and "realisation" in tables.get(SHAKING, ()):
        way = scenario.extension or "nearest"
        found.append(
            f"shaking at a building is that of places of the table up to {scenario.farthest_km:g} km away ({way}), not "
            "recorded or simulated there"
        )
    # ground deformation from the table itself: nothing is assumed about it
    if "PGD" in tables.get(SHAKING, ()):
        return tuple(found)
    found.append(_ground_told(scenario, tables))
    return tuple(found)


def _assumed_of_storm(scenario: ScenarioOptions) -> tuple[str, ...]:
    """What water and wind assume, for the report."""
    found = []
    if scenario.flood is not None and scenario.hazard != "wind":
        if scenario.flood.depth_m is not None:
            found.append(f"water stands {scenario.flood.depth_m:g} m above the ground everywhere: a stress test")
        found.append("deaths and injuries by water are not simulated: people inside buildings in water are counted")
    if scenario.wind is not None and scenario.hazard != "flood":
        if scenario.wind.gust_m_s is not None:
            found.append(f"the gust is {scenario.wind.gust_m_s:g} m/s everywhere: a stress test")
        found.append("contents are lost to water alone: rain that comes in through damaged roofs is not simulated")
    return tuple(found)


def _ground_told(scenario: ScenarioOptions, tables: dict[str, pd.DataFrame]) -> str:
    """What is assumed of the ground, in words."""
    if scenario.pgd_cm is not None:
        return f"permanent ground deformation is {scenario.pgd_cm:g} cm everywhere, as the study states"
    if GROUND not in hazard_of(scenario, tables).measures:
        return "no permanent ground deformation is given: liquefaction, landslide and fault offset are left out"
    ground = ground_of(scenario)
    where = "where its table of the ground says nothing" if PLACES in tables else "everywhere"
    return (
        f"ground failure: susceptibility to liquefaction {ground.liquefaction}, to landslides {ground.landslide} {where}, "
        f"groundwater at {ground.groundwater_m:g} m, magnitude {ground.magnitude:g} (table ground failure); fault offset is "
        "left out"
    )
