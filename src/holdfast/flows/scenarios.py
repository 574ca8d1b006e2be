"""The hazard side of a study: its scenarios, and the tables of shaking that they read."""

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.config import ScenarioOptions, Study
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.recovery.hazard import Intensities
from holdfast.recovery.losses.exceedance import annual_rates
from holdfast.sources.readers import load
from holdfast.types import City, InputFile

VS30 = "vs30"


class Shaking(NamedTuple):
    """What a hazard reads from files: tables (None if it needs none), the files, what is assumed, in words."""

    intensities: Intensities | None
    files: tuple[InputFile, ...]
    assumed: tuple[str, ...]


def scenario_set(study: Study) -> tuple[ScenarioOptions, ...]:
    """All scenarios of a study: those of ``[[scenarios]]``, else the one of ``[scenario]``.

    Parameters
    ----------
    study : Study
        To be simulated.

    Returns
    -------
    tuple of ScenarioOptions
        In the order of the study; several have rates and names that differ.

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
        annual_rates(study.scenarios)
        return tuple(study.scenarios)
    if study.scenario is None:
        text = "the study has no [scenario] section, which a simulation needs; see docs/earthquake.md"
        raise DataMissing(text)
    return (study.scenario,)


def single(study: Study, scenario: ScenarioOptions) -> Study:
    """The study of one scenario of a set: same seed, so that draws share their random numbers.

    Parameters
    ----------
    study : Study
        With a set of scenarios.
    scenario : ScenarioOptions
        One of them.

    Returns
    -------
    Study
        With ``scenario`` alone.
    """
    return study.model_copy(update={"scenario": scenario, "scenarios": ()})


def read_shaking(study: Study, scenario: ScenarioOptions, folder: Path, city: City, places: np.ndarray) -> Shaking:
    """Read the tables of shaking and of site conditions that a scenario names.

    Parameters
    ----------
    study : Study
        Holds the tables.
    scenario : ScenarioOptions
        Names them.
    folder : Path
        Folder of the input files.
    city : City
        For its CRS and the vs30 of its buildings.
    places : ndarray
        Sites of all assets, shape (asset, 2), m in the CRS of the city, buildings first.

    Returns
    -------
    Shaking
        Tables ``shaking`` and ``vs30``, as far as they are named or known.

    Raises
    ------
    DataMissing
        If the study has no such table, or there is no such file.
    TableError, UnknownName
        From the readers.
    """
    sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy(places[:, 0], places[:, 1]), crs=city.crs)
    tables: dict[str, pd.DataFrame] = {}
    files: list[InputFile] = []
    wanted = {"shaking": scenario.table} if scenario.hazard == "intensities" else {}
    if scenario.vs30_table is not None:
        wanted[VS30] = scenario.vs30_table
    for kind, name in wanted.items():
        if name not in study.tables:
            text = f"the scenario {scenario.name} needs [tables.{name}], which the study lacks; see docs/earthquake.md"
            raise DataMissing(text)
        loaded = load(name, study.tables[name], folder, sites)
        _refuse_other_table(kind, name, loaded.table)
        tables[kind] = pd.DataFrame(loaded.table)
        files += loaded.files
    if VS30 not in tables and VS30 in city.buildings and city.buildings[VS30].notna().any():
        tables[VS30] = _of_buildings(city, places)
    return Shaking(tables or None, tuple(files), _assumed(scenario, tables))


def _refuse_other_table(kind: str, name: str, table: pd.DataFrame) -> None:
    """Refuse a reader that gives something else than shaking or vs30."""
    column = VS30 if kind == VS30 else "longitude"
    if column not in table:
        text = f"tables.{name} holds no {kind}; its source must be a reader of it, see docs/earthquake.md"
        raise DataMissing(text)


def _of_buildings(city: City, places: np.ndarray) -> pd.DataFrame:
    """vs30 of the building table; other assets and gaps have that of the nearest building."""
    own = city.buildings[VS30].to_numpy(np.float64)
    known = np.flatnonzero(~np.isnan(own))
    _, nearest = cKDTree(places[known]).query(places)
    values = own[known][nearest]
    values[known] = own[known]
    return pd.DataFrame({VS30: values})


def _assumed(scenario: ScenarioOptions, tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """What the shaking assumes, for the report."""
    told = []
    if scenario.hazard == "ground_motion" and VS30 not in tables:
        told.append(f"the ground is the same everywhere: vs30 of {scenario.vs30:g} m/s")
    if scenario.hazard == "intensities" and "realisation" in tables.get("shaking", ()):
        way = scenario.extension or "nearest"
        told.append(
            f"shaking at a building is that of places of the table up to {scenario.farthest_km:g} km away ({way}), not "
            "recorded or simulated there"
        )
    if "PGD" in tables.get("shaking", ()):
        return tuple(told)
    if scenario.pgd_cm is None:
        told.append("no permanent ground deformation is given: liquefaction, landslide and fault offset are left out")
    else:
        told.append(f"permanent ground deformation is {scenario.pgd_cm:g} cm everywhere, as the study states")
    return tuple(told)
