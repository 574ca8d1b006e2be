"""`holdfast compare`: the same draws under several alternatives, side by side."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.blocks import require_workers
from holdfast.config import Study, StudyLike
from holdfast.errors import Problem, TableError
from holdfast.flows.cities import LoadedCity, load_city, require_known, require_scenario
from holdfast.flows.draws import PreparedRun, Simulated, prepared_run, simulated
from holdfast.flows.inputs import open_study
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.pages.comparison_report import compare_parts
from holdfast.recovery.losses.comparison import paired
from holdfast.recovery.losses.results import compared_losses
from holdfast.recovery.losses.set_summary import ComparisonSummary
from holdfast.recovery.strategy import STRATEGIES
from holdfast.store import new_result, result_place, run_id, write_csv, write_json, write_netcdf
from holdfast.types import Provenance

BASE = "as the study says"
PREPARING = 0.1
"""Share of the work done when all alternatives are prepared."""


def compare(
    study: StudyLike,
    *,
    alternatives: Mapping[str, Mapping[str, Any]] | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Simulate a study and alternatives to it with the same random numbers, so that differences are those of the choices.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study, its content as in TOML, or a study file with ``[city]`` and ``[scenario]``.
    alternatives : mapping, optional
        Name to keys of the study that it changes, such as ``{"more crews": {"recovery.crews.power": 80}}``;
        those of the study's ``[compare]`` if omitted, and every strategy if there are none either.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Keys that are changed in all of them.
    workers : int
        Processes; the result is the same for any number.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        Index ``alternative``, ``loss`` (the two losses and their parts, those after supply and demand, ``unmet_need`` and its
        parts); columns of `recovery.losses.comparison.paired` and ``unit``; ``attrs["draws"]`` holds the
        losses of every draw: name of the alternative to loss to list.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    require_workers(workers)
    base, folder = open_study(study, overrides or {})
    chosen = alternatives_of(base, alternatives)
    place = None if out is None else result_place(out, "compare", base.name, overwrite)
    options = open_alternatives(study, chosen, overrides or {})
    prepared = _prepared(options, folder, progress)
    runs: dict[str, Simulated] = {}
    for number, (name, run) in enumerate(prepared.items()):
        share = PREPARING + (1 - PREPARING) * number / len(options)
        progress(name, share)

        # name and share as defaults: the function is called while they are these, not what the loop makes of them later
        def step_of(step: str, done: float, name: str = name, share: float = share) -> None:
            progress(f"{name}: {step}", share + 0.88 * done / len(options))

        # no blocks are kept and none taken over: to resume is for one simulation
        runs[name] = simulated(run, None, workers, False, step_of, len(options) - number)
    losses = {name: compared_losses(run.curves) for name, run in runs.items()}
    # draw by draw: both sides of a pair saw the same event, damage and delays
    table = pd.concat({n: paired(losses[BASE], losses[n]) for n in chosen}, names=["alternative"])
    table["unit"] = table.index.get_level_values("loss").map(losses[BASE].attrs["units"])
    table.attrs["draws"] = {name: rows.to_dict("list") for name, rows in losses.items()}
    if place is not None:
        summary, provenance = _summary(base, chosen, runs, table)
        progress("writing the result", 0.98)
        curves = _curves(runs)
        with new_result(place, provenance, overwrite) as target:
            write_json(target / "comparison.json", summary)
            write_csv(target / "comparison.csv", pd.concat(losses, names=["alternative"]).reset_index())
            write_netcdf(target / "comparison.nc", curves)
            write_report(target, provenance, {"comparison": compare_parts(curves, summary)})
    progress("done", 1.0)
    return table


def _prepared(options: Mapping[str, Study], folder: Path, progress: Progress) -> dict[str, PreparedRun]:
    """All alternatives, checked before any is simulated; a city that several share is loaded once."""
    scenarios = {name: require_scenario(option)[1] for name, option in options.items()}
    cities: list[tuple[Study, LoadedCity]] = []
    prepared = {}
    for number, (name, option) in enumerate(options.items()):
        progress(f"preparing {name}", PREPARING * number / len(options))
        # most alternatives change crews or strategy and share one city, whose reading takes longest
        loaded = next((city for other, city in cities if _same_city(option, other)), None)
        if loaded is None:
            loaded = require_known(load_city(option, folder), option.city)
            cities.append((option, loaded))
        prepared[name] = prepared_run(option, scenarios[name], folder, loaded)
    return prepared


def _same_city(one: Study, other: Study) -> bool:
    """Whether two studies describe the same city."""
    return (one.name, one.city, one.tables) == (other.name, other.city, other.tables)


def open_alternatives(
    study: StudyLike, chosen: Mapping[str, Mapping[str, Any]], overrides: Mapping[str, Any]
) -> dict[str, Study]:
    """The study itself (``as the study says``) and every alternative to it, from dotted keys by name.

    Raises
    ------
    TableError, UnknownName, DataMissing
        If a key or value cannot be, or an alternative cannot be compared draw by draw.
    """
    base, folder = open_study(study, overrides)
    options = {BASE: base}
    for name, keys in chosen.items():
        # opened again from the file and not copied, so that an alternative passes the same checks as a study
        options[name], folder_of = open_study(study, {**overrides, **keys})
        if folder_of != folder or _fixed(options[name]) != _fixed(base):
            text = (
                "changes seed, draws, data or first day, so that it could not be compared draw by draw; leave these out"
            )
            raise TableError("study", [Problem(text, column=f"compare.{name}")])
    return options


def _fixed(study: Study) -> tuple[int, int, int]:
    """What alternatives have in common."""
    return study.seed, study.recovery.draws, study.recovery.start_day


def alternatives_of(study: Study, given: Mapping[str, Mapping[str, Any]] | None) -> dict[str, dict[str, Any]]:
    """What is compared, as name to dotted keys: as given, as the study says, or every other strategy.

    Raises
    ------
    TableError
        If an alternative has the name that stands for the study itself.
    """
    wanted = given or study.compare
    if BASE in wanted:
        text = "is the name of the study itself; choose another"
        raise TableError("study", [Problem(text, column=f"compare.{BASE}")])
    if wanted:
        return {name: _dotted(keys) for name, keys in wanted.items()}
    return {name: {"recovery.strategy": name} for name in STRATEGIES if name != study.recovery.strategy}


def _dotted(keys: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested sections as dotted keys; a table whose own keys hold dots, such as asset classes, stays whole."""
    flat: dict[str, Any] = {}
    for key, value in keys.items():
        section = isinstance(value, Mapping) and "." not in key and not any("." in str(k) for k in value)
        flat |= _dotted(value, f"{above}{key}.") if section else {f"{above}{key}": value}
    return flat


def _summary(
    study: Study, chosen: dict[str, dict[str, Any]], runs: dict[str, Simulated], table: pd.DataFrame
) -> tuple[dict[str, Any], Provenance]:
    """Content of ``comparison.json``, and what it came from."""
    first = runs[BASE].provenance
    content = {**first.study, "compare": chosen}
    # alternatives share most of their files; text is what tells two apart
    files = {str(file): file for run in runs.values() for file in run.provenance.inputs}
    provenance: Provenance = replace(first, verb="compare", study=content, inputs=tuple(files.values()))
    summary = ComparisonSummary(
        name=study.name,
        run=run_id(provenance),
        draws=study.recovery.draws,
        base=BASE,
        alternatives=chosen,
        scenario=runs[BASE].summary.scenario,
        losses={name: run.summary.losses for name, run in runs.items()},
        days_to={name: run.summary.found.days_to for name, run in runs.items()},
        differences=table.reset_index().to_dict("records"),
        assumed=sorted({line for run in runs.values() for line in run.summary.city.assumed}),
    ).json()
    return summary, provenance


def _curves(runs: dict[str, Simulated]) -> xr.Dataset:
    """Mean, P5 and P95 of the curves of every alternative, as long as the longest."""
    length = max(run.curves.sizes["time"] for run in runs.values())
    first = int(next(iter(runs.values())).curves["time"][0])
    arrays: dict[str, Any] = {}
    for name in ("EP", "SC", "gap"):
        rows = []
        for run in runs.values():
            curve = run.curves[name].transpose("draw", "time").to_numpy()
            # a run ends when all is repaired: from there on a curve keeps its last value
            curve = np.pad(curve, ((0, 0), (0, length - curve.shape[1])), mode="edge")
            rows.append(np.percentile(curve, [5, 50, 95], axis=0))
        units = next(iter(runs.values())).curves[name].attrs
        arrays[name] = (("alternative", "percentile", "time"), np.stack(rows), units)
    for name in ("EP0", "SC0"):
        values = [float(run.curves[name]) for run in runs.values()]
        arrays[name] = ("alternative", values, next(iter(runs.values())).curves[name].attrs)
    coords = {
        "alternative": list(runs),
        "percentile": [5, 50, 95],
        "time": ("time", first + np.arange(length), {"units": "days"}),
    }
    return xr.Dataset(arrays, coords=coords)
