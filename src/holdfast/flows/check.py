"""`holdfast check`: read everything a run would read, and run nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import Progress, silent
from holdfast.rating.features.catalog import feature_rules
from holdfast.rating.missing import DIRECTIONS, POLICIES, fill, settle


def check(
    study: str | Path, *, overrides: Mapping[str, Any] | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Check a study and its input files.

    Parameters
    ----------
    study : str or Path
        Study file.
    overrides : mapping, optional
        Dotted key of the study to value.
    progress : callable, optional
        Told each step and the share done.

    Returns
    -------
    dict
        ``study`` (complete with defaults), ``data`` (folder), ``cells``, ``rateable``,
        ``features`` (used), ``absent`` (with reasons), ``inputs`` (files with rows and notes).

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    options, folder = open_study(study, overrides or {})
    rules = feature_rules()
    settle(rules, options.rating.directions, "rating.directions", DIRECTIONS)
    settle(rules, options.rating.missing, "rating.missing", POLICIES)
    gathered = gather(options, folder, progress)
    missing = {name: options.rating.missing.get(name, rules[name].missing) for name in gathered.features}
    _, reasons, _ = fill(gathered.features, gathered.homes, missing)
    progress("done", 1.0)
    return {
        "study": options.model_dump(mode="json"),
        "data": str(folder),
        "cells": len(gathered.features),
        "rateable": int((reasons == "").sum()),
        "features": list(gathered.features.columns),
        "absent": gathered.absent,
        "inputs": [{"table": f.table, "file": f.file, "rows": f.rows, "notes": list(f.notes)} for f in gathered.files],
    }
