"""A set of scenarios with annual rates: each simulated with common random numbers, then put together."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from holdfast.config import ScenarioOptions, Study
from holdfast.flows.cities import load_city, require_known
from holdfast.flows.draws import Simulated, prepared_run, simulated
from holdfast.flows.progress import Progress
from holdfast.flows.report import write_report
from holdfast.flows.scenarios import rates_of, scenario_set, single
from holdfast.pages.scenarios_report import scenario_parts
from holdfast.recovery.losses.exceedance import (
    average_annual_loss,
    event_of_return_period,
    exceedance,
    loss_of_return_period,
)
from holdfast.recovery.losses.results import LOSSES, draw_losses
from holdfast.recovery.losses.set_summary import (
    AverageAnnualLoss,
    ReturnPeriodEvent,
    ReturnPeriodLosses,
    ScenarioLosses,
    ScenariosSummary,
)
from holdfast.sources.counts import told_first
from holdfast.store import new_result, run_id, write_csv, write_json
from holdfast.store.kept import blocks_folder
from holdfast.types import Provenance

RETURN_PERIODS = (10, 25, 50, 100, 250, 475, 500, 1000, 2500)
"""Years for which the report names the loss; only those that the set resolves are shown."""
STEPS = 200  # points of an exceedance curve


def simulate_set(
    study: Study,
    folder: Path,
    out: Path | None,
    workers: int,
    resume: bool,
    progress: Progress,
    overwrite: bool = False,
) -> xr.Dataset:
    """Simulate every scenario of a set and sum their losses up by rate; parameters as of `holdfast.simulate`.

    Returns
    -------
    Dataset
        Losses by (scenario, draw) with units; ``annual_rate`` (scenario); ``attrs["summary"]`` is the content of
        ``scenarios.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    chosen = scenario_set(study)
    rates = rates_of(chosen)
    progress("loading the city", 0.0)
    # once: the city is the same before every event
    loaded = require_known(load_city(study, folder), study.city)
    runs: list[Simulated] = []
    for number, scenario in enumerate(chosen):
        share = number / len(chosen)

        def step_of(step: str, done: float, name: str = scenario.name, share: float = share) -> None:
            progress(f"{name}: {step}", share + 0.98 * done / len(chosen))

        # each with the seed of the study: draws of two events share their random numbers
        prepared = prepared_run(single(study, scenario), scenario, folder, loaded)
        runs.append(simulated(prepared, out, workers, resume, step_of, len(chosen) - number))
    names = [scenario.name for scenario in chosen]
    losses = pd.concat({n: draw_losses(r.curves) for n, r in zip(names, runs, strict=True)}, names=["scenario"])
    units = {loss: getattr(runs[0].summary.losses, loss).unit for loss in LOSSES}
    by_loss = {loss: np.stack([losses[loss].loc[n].to_numpy() for n in names]) for loss in LOSSES}
    # a file that several events read is named once
    kept = {str(file): file for run in runs for file in run.provenance.inputs}
    described = study.model_dump(mode="json", exclude={"data"})
    provenance: Provenance = replace(runs[0].provenance, study=described, inputs=tuple(kept.values()))
    summary = ScenariosSummary(
        name=study.name,
        run=run_id(provenance),
        draws=study.recovery.draws,
        scenarios=[
            ScenarioLosses(s.model_dump(mode="json"), float(rate), run.summary.losses)
            for s, rate, run in zip(chosen, rates, runs, strict=True)
        ],
        average_annual_loss={
            loss: AverageAnnualLoss(*average_annual_loss(rates, by_loss[loss]), f"{units[loss]}/year")
            for loss in LOSSES
        },
        loss_of_return_period={
            loss: _by_return_period(rates, by_loss[loss], units[loss], study.recovery.draws) for loss in LOSSES
        },
        events_of_return_period=_events(rates, by_loss["total_economic_loss"], runs, chosen),
        assumed=sorted({line for run in runs for line in run.summary.city.assumed}),
        warnings=told_first(provenance.inputs),
    ).json()
    if out is not None:
        # blocks of all events go when the result is there, and not before
        blocks = [blocks_folder(out, run_id(run.provenance)) for run in runs]
        curves = _curves(rates, by_loss, units)
        with new_result(out, provenance, overwrite, blocks) as target:
            write_json(target / "scenarios.json", summary)
            write_csv(target / "scenario_losses.csv", losses.reset_index())
            write_csv(target / "exceedance.csv", curves)
            write_report(target, provenance, {"scenarios": scenario_parts(curves, summary)})
    result = _dataset(names, rates, by_loss, units)
    result.attrs["summary"] = summary
    progress("done", 1.0)
    return result


def _events(
    rates: NDArray[np.float64], losses: NDArray[np.float64], runs: list[Simulated], chosen: Sequence[ScenarioOptions]
) -> list[ReturnPeriodEvent]:
    """The event of each return period that the set reaches."""
    found = [(years, event_of_return_period(rates, losses, years)) for years in RETURN_PERIODS]
    return [
        ReturnPeriodEvent(y, chosen[e].name, chosen[e].hazard, runs[e].summary.losses)
        for y, e in found
        if e is not None
    ]


def _by_return_period(
    rates: NDArray[np.float64], losses: NDArray[np.float64], unit: str, draws: int
) -> ReturnPeriodLosses:
    """Losses of the return periods that the set resolves."""
    # no shorter than the mean time between any two events, no longer than what the commonest event's draws cover
    years = [y for y in RETURN_PERIODS if 1 / rates.sum() <= y <= draws / rates.max()]
    return ReturnPeriodLosses(unit, {str(y): loss_of_return_period(rates, losses, y) for y in years})


def _dataset(
    names: list[str], rates: NDArray[np.float64], by_loss: dict[str, NDArray[np.float64]], units: dict[str, str]
) -> xr.Dataset:
    """Losses with their units."""
    arrays: dict[str, Any] = {n: (("scenario", "draw"), v, {"units": units[n]}) for n, v in by_loss.items()}
    arrays["annual_rate"] = ("scenario", rates, {"units": "1/year"})
    return xr.Dataset(arrays, coords={"scenario": names})


def _curves(rates: NDArray[np.float64], by_loss: dict[str, NDArray[np.float64]], units: dict[str, str]) -> pd.DataFrame:
    """Exceedance curves at even steps of the loss."""
    rows = []
    for loss, values in by_loss.items():
        steps = np.linspace(0.0, float(values.max()), STEPS)
        curve = exceedance(rates, values, steps)
        rows.append(
            pd.DataFrame(
                {
                    "loss": loss,
                    "unit": units[loss],
                    "threshold": curve.loss,
                    "annual_rate": curve.rate,
                    "mean_error": curve.error,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)
