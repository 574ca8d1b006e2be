"""`holdfast check`: read everything a run would read, and run nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.config import Study
from holdfast.errors import DataMissing
from holdfast.flows.inputs import gather, open_study, policies
from holdfast.flows.pool import read_pool
from holdfast.flows.progress import Progress, silent
from holdfast.rating.missing import fill
from holdfast.types import InputFile


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
        ``study`` (complete with defaults) and ``data`` (folder); ``rating`` where the study has a
        region (``cells``, ``rateable``, ``features``, ``absent`` with reasons, ``pool``, ``inputs``);
        ``recovery`` where it has a city (``buildings``, ``residents``, ``networks``, ``inferred``,
        ``inputs``).

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    options, folder = open_study(study, overrides or {})
    result: dict[str, Any] = {"study": options.model_dump(mode="json"), "data": str(folder)}
    has_region = options.region.cells is not None or options.region.table in options.tables
    if has_region:
        result["rating"] = _rating(options, folder, progress)
    if options.city is not None:
        result["recovery"] = _recovery(options, folder, progress)
    if not has_region and options.city is None:
        text = f"{study}: describes neither a region to rate ([tables.{options.region.table}]) nor a [city] to simulate"
        raise DataMissing(text)
    progress("done", 1.0)
    return result


def _rating(study: Study, folder: Path, progress: Progress) -> dict[str, Any]:
    """What a rating would find."""
    gathered = gather(study, folder, progress)
    metros, pooled = read_pool(study, folder)
    _, reasons, _ = fill(gathered.features, gathered.homes, policies(study))
    return {
        "cells": len(gathered.features),
        "rateable": int((reasons == "").sum()),
        "features": list(gathered.features.columns),
        "absent": gathered.absent,
        "pool": sorted(metros),
        "inputs": _inputs((*gathered.files, *pooled)),
    }


def _recovery(study: Study, folder: Path, progress: Progress) -> dict[str, Any]:
    """What a simulation would find; imported here since it compiles."""
    from holdfast.flows.cities import build_city, require_scenario
    from holdfast.recovery.city import inferred_share
    from holdfast.recovery.simulate import prepare

    _, scenario = require_scenario(study)
    progress("building the city", 0.6)
    built = build_city(study, folder)
    prepare(built.city, built.parameters, scenario, study.recovery)
    return {
        "buildings": len(built.city.buildings),
        "residents": float(built.city.buildings["residents"].sum()),
        "networks": {name: len(network.nodes) for name, network in built.city.networks.items()},
        "inferred": inferred_share(built.city.buildings)["buildings"].to_dict(),
        "inputs": _inputs(built.files),
    }


def _inputs(files: tuple[InputFile, ...]) -> list[dict[str, Any]]:
    """Files with what was kept of them."""
    return [{"table": f.table, "file": f.file, "rows": f.rows, "notes": list(f.notes)} for f in files]
