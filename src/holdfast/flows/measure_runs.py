"""Runs of a study with and without measures, over a set of scenarios with rates and under common random numbers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.config import ScenarioOptions, Study
from holdfast.flows.cities import LoadedCity, load_city, require_city, require_known
from holdfast.flows.draws import PreparedRun, Simulated, prepared_run, simulated
from holdfast.flows.progress import silent
from holdfast.flows.scenarios import single
from holdfast.flows.strengthened import strengthened
from holdfast.recovery.losses.block_result import REPAIRED_BY
from holdfast.recovery.losses.results import draw_losses
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.types import InputFile

MONEY, DAYS = "total_economic_loss", "service_capacity_loss"


class Setting(NamedTuple):
    """What all runs share: the events with their rates (1/year), the folder of the files, and the processes."""

    scenarios: tuple[ScenarioOptions, ...]
    rates: NDArray[np.float64]
    folder: Path
    workers: int


class AnnualRun(NamedTuple):
    """A study over all its scenarios.

    ``losses``: loss to an array (scenario, draw). In a mean year: ``zones`` by ``zone_id`` (``residents``, ``money``,
    ``person_days``); ``buildings`` with ``money`` and ``days_unrepaired`` (mean over the events, by their rates) and
    ``intensity`` (the same of the median of the first measure of the shaking). ``files`` and ``assumed`` as of the city.
    """

    losses: Mapping[str, NDArray[np.float64]]
    zones: pd.DataFrame
    buildings: gpd.GeoDataFrame | None
    files: tuple[InputFile, ...]
    assumed: tuple[str, ...]


Cities = dict[str, LoadedCity]
"""Cities that were loaded, by what describes them."""


def annual_run(study: Study, setting: Setting, cities: Cities, *, by_building: bool = False) -> AnnualRun:
    """Simulate every scenario of a set and sum it up to a mean year.

    Parameters
    ----------
    study : Study
        With the measures carried out.
    setting : Setting
        What all runs share.
    cities : dict
        Cities loaded so far; one that is loaded now is added.
    by_building : bool
        Whether losses and shaking of every building are kept too.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    loaded = city_of(study, setting.folder, cities)
    runs: list[Simulated] = []
    shakings: list[NDArray[np.float64]] = []
    for scenario in setting.scenarios:
        prepared = prepared_run(single(study, scenario), scenario, setting.folder, loaded)
        # every scenario and measure with the seed of the study: draws of one number share their random numbers
        runs.append(simulated(prepared, None, setting.workers, False, silent))
        shakings += [_intensity(prepared)] if by_building else []
    rows = [draw_losses(run.curves) for run in runs]
    return AnnualRun(
        losses={loss: np.stack([table[loss].to_numpy() for table in rows]) for loss in rows[0]},
        zones=_zones(runs, setting.rates),
        buildings=_buildings(runs, shakings, setting.rates) if by_building else None,
        files=tuple({str(file): file for run in runs for file in run.provenance.inputs}.values()),
        assumed=tuple(sorted({line for run in runs for line in run.summary.city.assumed})),
    )


def city_of(study: Study, folder: Path, cities: Cities) -> LoadedCity:
    """The city of a study; read once for all measures that only strengthen what stands there."""
    options = require_city(study)
    bare = options.model_copy(update={"retrofit": {}, "strengthen": [], "backup": []})
    described = f"{study.name} {bare.model_dump_json()} {study.tables}"
    if described not in cities:
        cities[described] = require_known(load_city(study.model_copy(update={"city": bare}), folder), options)
    loaded = cities[described]
    return replace(loaded, city=strengthened(loaded.city, options, loaded.parameters))


def _zones(runs: list[Simulated], rates: NDArray[np.float64]) -> pd.DataFrame:
    """Losses of the zones in a mean year."""
    table = pd.DataFrame({"residents": runs[0].loaded.city.zones["residents"].astype(np.float64)})
    money = sum(
        rate * run.buildings.groupby("zone_id")["mean_loss"].sum() for rate, run in zip(rates, runs, strict=True)
    )
    days = [run.curves["zone_service_capacity_loss"].mean("draw").to_series() for run in runs]
    table["money"] = money.reindex(table.index).fillna(0.0)
    table["person_days"] = sum(rate * of for rate, of in zip(rates, days, strict=True))
    return table


def _buildings(
    runs: list[Simulated], shakings: list[NDArray[np.float64]], rates: NDArray[np.float64]
) -> gpd.GeoDataFrame:
    """Losses, days and shaking of the buildings, over all events by their rates."""
    weights = rates / rates.sum()
    table = runs[0].buildings[["floor_area_m2", "replacement_cost", "geometry"]].copy()
    table["money"] = np.stack([run.buildings["mean_loss"] for run in runs]).T @ rates
    table["days_unrepaired"] = np.stack([days_unrepaired(run.buildings) for run in runs]).T @ weights
    table["intensity"] = np.stack(shakings).T @ weights
    return table


def days_unrepaired(buildings: pd.DataFrame) -> NDArray[np.float64]:
    """Mean days that buildings stay unrepaired in the first two years, by trapezoids between the days that shares are known of.

    Unlike the mean day of repair it is there for buildings that some draws leave unrepaired, which after a great event are most
    (the restricted mean of survival analysis).

    Parameters
    ----------
    buildings : DataFrame
        ``p_none``, and ``repaired_by_<day>_days`` for the days of `REPAIRED_BY`: shares of the draws.

    Examples
    --------
    >>> shares = {"p_none": [0.5]} | {f"repaired_by_{day}_days": [1.0] for day in REPAIRED_BY}
    >>> days_unrepaired(pd.DataFrame(shares)).tolist()
    [7.5]
    """
    known = ["p_none", *(f"repaired_by_{day}_days" for day in REPAIRED_BY)]
    return np.asarray(np.trapezoid(1.0 - buildings[known].to_numpy(np.float64), [0, *REPAIRED_BY], axis=1))


def _intensity(prepared: PreparedRun, events: int = 8) -> NDArray[np.float64]:
    """Mean at each building of the first measure of the hazard, over the first draws of the event."""
    count = len(prepared.loaded.city.buildings)
    seeds = draw_seeds(prepared.study.seed, events)[0]
    drawn: list[Mapping[str, Any]] = [prepared.inputs.damage.field(np.random.default_rng(seed)) for seed in seeds]
    first = next(iter(drawn[0]))
    return np.asarray(np.mean([of[first][:count] for of in drawn], axis=0))
