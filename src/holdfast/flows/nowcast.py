"""`holdfast nowcast`: a predicted recovery, weighted by what has been observed so far."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.flows.predictions import ORDER, TABLES, read_prediction
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.gate.files import is_folder, sha256
from holdfast.pages.nowcast_report import nowcast_parts
from holdfast.plain import plain
from holdfast.recovery.validation.weighted_draws import (
    PERCENTILES,
    Discrepancy,
    Nowcast,
    forecast,
    weighted_percentiles,
)
from holdfast.recovery.validation.weighted_draws import nowcast as weigh
from holdfast.sources.files import locate
from holdfast.sources.text_tables import read_table
from holdfast.store import new_result, open_result, result_place, run_id, versions, write_csv, write_json
from holdfast.store.result_files import read_curves
from holdfast.tables import check
from holdfast.types import InputFile, Provenance

VERB = "nowcast"
LOSSES = {
    "repair_cost": "repair cost",
    "lost_production": "lost production",
    "service_capacity_loss": "service-capacity loss",
}


def nowcast(
    predicted: str | Path,
    observed: str | Path,
    *,
    event: str = "this event",
    until: float | None = None,
    errors: Discrepancy | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Weight the draws of a predicted recovery by what has been observed of it, and go on with the forecast.

    Parameters
    ----------
    predicted : str or Path
        Result of `holdfast simulate`, or a table of schema ``predicted``.
    observed : str or Path
        Table of schema ``observed``: shares in service, output, people in shelters, by day.
    event : str
        Name of the event in the observed table, which a result of `holdfast simulate` lacks.
    until : float, optional
        Last day, since the event, of the observations that weigh; all of them without it.
    errors : Discrepancy, optional
        Standard deviations of an observed value and of the model, shares of a normal day, and the days over which an error of
        the model lasts.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        Percentiles of every curve and day before and after, as `recovery.validation.nowcast` gives them;
        ``attrs["summary"]`` is the content of ``nowcast.json``.

    Raises
    ------
    TableError, DataMissing
        For bad input; nothing is written.
    """
    terms = errors or Discrepancy()
    _check_terms(terms)
    place = None if out is None else result_place(out, VERB, None, overwrite)
    progress("reading the prediction", 0.0)
    prediction = read_prediction(Path(predicted), event)
    file = locate(Path(), str(observed), "OBSERVED", TABLES)
    seen = check(read_table(file)[0], "observed", str(file))
    progress("weighting the draws", 0.3)
    last = np.inf if until is None else float(until)
    found = weigh(seen, prediction.table, until=last, discrepancy=terms)
    inputs = (InputFile("observed", file.name, sha256(file), len(seen)), prediction.file)
    settings = {"until": until, "event": event, **terms._asdict()}
    provenance = Provenance(VERB, f"Nowcast: {prediction.name}", settings, 0, inputs, versions())
    summary = _summary(provenance, found, _losses(Path(predicted), found))
    if place is not None:
        progress("writing the result", 0.8)
        with new_result(place, provenance, overwrite) as folder:
            # again a prediction, to be held to what is observed later
            write_csv(folder / "predicted.csv", forecast(prediction.table, found).sort_values(ORDER))
            _write(folder, found, summary)
            write_report(folder, provenance, {"nowcast": nowcast_parts(found.bands, found.used, plain(summary))})
    found.bands.attrs["summary"] = summary
    progress("done", 1.0)
    return found.bands


def _write(folder: Path, found: Nowcast, summary: dict[str, Any]) -> None:
    """Write bands, observations, weights and summary."""
    write_csv(folder / "bands.csv", found.bands)
    write_csv(folder / "observed.csv", found.used)
    rows = {"draw": np.arange(len(found.weights)), "weight": found.weights, "copies": found.copies}
    write_csv(folder / "weights.csv", pd.DataFrame(rows))
    write_json(folder / "nowcast.json", summary)


def _check_terms(terms: Discrepancy) -> None:
    """Refuse errors that weigh nothing or everything."""
    problems = [
        Problem(f"{name}: {value:g}; give a finite number above 0")
        for name, value in zip(("--observation-error", "--model-error", "--memory-days"), terms, strict=True)
        if not (np.isfinite(value) and value > 0)
    ]
    if problems:
        raise TableError("nowcast", problems)


def _losses(predicted: Path, found: Nowcast) -> dict[str, dict[str, Any]]:
    """Losses of a simulation before and after, percentiles over the draws; empty for other predictions."""
    if not is_folder(predicted):
        return {}
    result = open_result(predicted)
    if "recovery.nc" not in result.files:
        return {}
    data = read_curves(result, "recovery.nc")
    equal = np.full(len(found.weights), 1 / len(found.weights))
    told: dict[str, dict[str, Any]] = {}
    for name, text in LOSSES.items():
        values = data[name].to_numpy().astype(np.float64)
        told[name] = {"name": text, "unit": str(data[name].attrs["units"])}
        for when, weights in (("before", equal), ("after", found.weights)):
            made = weighted_percentiles(values, weights, PERCENTILES)
            told[name][when] = {f"p{p}": float(v) for p, v in zip(PERCENTILES, made, strict=True)}
    return told


def _summary(provenance: Provenance, found: Nowcast, losses: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Content of ``nowcast.json``."""
    known = found.used[found.used["known"]]
    return {
        "name": provenance.name,
        "run": run_id(provenance),
        "observations": len(known),
        "last_day": float(known["day"].max()),
        "draws": len(found.weights),
        "effective_draws": found.effective,
        "exponent": found.exponent,
        "errors": {k: provenance.study[k] for k in Discrepancy._fields},
        "losses": losses,
    }
