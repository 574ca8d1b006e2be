"""`holdfast validate recovery`: simulated recoveries beside observed ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.flows.predictions import TABLES, Prediction, read_prediction, register
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.gate.files import sha256
from holdfast.pages.validation_report import validation_parts
from holdfast.plain import plain
from holdfast.recovery.validation import Verdict, validate
from holdfast.sources.files import locate
from holdfast.sources.text_tables import read_table
from holdfast.store import new_result, result_place, run_id, versions, write_csv, write_json
from holdfast.tables import check
from holdfast.types import InputFile, Provenance

VERB = "validate recovery"


def validate_recovery(
    observed: str | Path | None = None,
    *,
    predicted: Sequence[str | Path],
    event: str | None = None,
    registration: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Register a prediction, or hold predictions to what was observed.

    Parameters
    ----------
    observed : str or Path, optional
        Table of schema ``observed``.
    predicted : sequence of str or Path
        Tables of schema ``predicted``, results of `holdfast simulate`, or registrations.
    event : str, optional
        Name of the event that results of `holdfast simulate` predict.
    registration : str or Path, optional
        Folder into which the one prediction is written with its hash; no observation may be given with it.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    DataFrame
        One row per prediction, model (the prediction and the baselines), event and quantity, as
        `recovery.validation.validate` gives it, with ``registered`` (the hash, or ""). For a registration the
        registered table. ``attrs["summary"]`` is the content of ``validation.json`` or ``registration.json``.

    Raises
    ------
    TableError, DataMissing
        For bad input; nothing is written.
    """
    # a prediction that is registered together with the observation proves nothing
    if (observed is None) == (registration is None):
        text = "give the observed table to compare, or --register to write a prediction down before; not both"
        raise TableError("validate recovery", [Problem(text)])
    progress("reading the predictions", 0.0)
    predictions = [read_prediction(Path(p), event) for p in predicted]
    _check_names(predictions)
    if observed is None or registration is not None:
        summary = register(predictions, Path(str(registration)), overwrite)
        table = predictions[0].table.copy()
        table.attrs["summary"] = summary
        return table
    place = None if out is None else result_place(out, VERB, None, overwrite)
    progress("reading what was observed", 0.3)
    file = locate(Path(), str(observed), "OBSERVED", TABLES)
    seen = check(read_table(file)[0], "observed", str(file))
    progress("scoring", 0.5)
    verdict = validate(seen, {p.name: p.table for p in predictions})
    # an empty table of scores would read as a success
    if verdict.scores.empty:
        why = "; ".join(f"{r.event}, {r.quantity}, {r.area}: {r.why}" for r in verdict.alone.head().itertuples())
        raise TableError(str(file), [Problem(f"nothing in it can be compared with the predictions ({why})")])
    # empty for a prediction that was not registered: the scores then say so
    hashes = {p.name: p.sha256 for p in predictions}
    scores = verdict.scores.assign(registered=verdict.scores["prediction"].map(hashes))
    inputs = (InputFile("observed", file.name, sha256(file), len(seen)), *(p.file for p in predictions))
    name = f"Recovery validated: {', '.join(sorted(scores['event'].unique()))}"
    provenance = Provenance(VERB, name, {"predictions": sorted(hashes)}, 0, inputs, versions())
    summary = _summary(name, provenance, hashes, verdict._replace(scores=scores))
    if place is not None:
        progress("writing the result", 0.9)
        with new_result(place, provenance, overwrite) as folder:
            for part in ("points", "times", "order", "scores", "alone"):
                write_csv(folder / f"{part}.csv", scores if part == "scores" else getattr(verdict, part))
            write_json(folder / "validation.json", summary)
            write_report(folder, provenance, {"validation": validation_parts(verdict.points, plain(summary))})
    scores.attrs["summary"] = summary
    progress("done", 1.0)
    return scores


def _check_names(predictions: list[Prediction]) -> None:
    """Refuse none, and two of one name."""
    names = [p.name for p in predictions]
    if not names:
        raise TableError("--predicted", [Problem("give at least one prediction")])
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        text = "two predictions have this name; rename one of the files"
        raise TableError("--predicted", [Problem(f"{n}: {text}") for n in twice])


def _summary(name: str, provenance: Provenance, hashes: dict[str, str], verdict: Verdict) -> dict[str, Any]:
    """Content of ``validation.json``."""
    return {
        "name": name,
        "run": run_id(provenance),
        "predictions": [{"name": n, "registered": bool(h), "sha256": h or None} for n, h in hashes.items()],
        "scores": verdict.scores.to_dict("records"),
        "order": verdict.order.to_dict("records"),
        "alone": verdict.alone.to_dict("records"),
    }
