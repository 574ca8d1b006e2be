"""`holdfast check`: read everything a run would read, and run nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.config import CityOptions, Study, StudyLike, WhatIfOptions, named
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.flows.choices import policies
from holdfast.flows.inputs import gather, open_study
from holdfast.flows.models import applied_model
from holdfast.flows.pooled_metros import read_pool
from holdfast.flows.progress import Progress, silent
from holdfast.plain import plain
from holdfast.rating.model.missing import fill
from holdfast.store import new_result, result_place, run_id, versions, write_json
from holdfast.types import InputFile, Provenance

if TYPE_CHECKING:
    from holdfast.flows.cities import LoadedCity


def check(
    study: StudyLike,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Check a study and its input files: read everything that a run would read, and run nothing.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study, its content as in TOML, or a study file.
    out : str or Path, optional
        Folder for the plausibility report of the city: ``city.html``, ``plausibility.json`` and a manifest, whole
        or not there.
    overwrite : bool
        Replace the report of another study, and files of a report that were changed since.
    overrides : mapping, optional
        Dotted key of the study to value.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    dict
        ``study`` (complete with defaults) and ``data`` (folder); ``rating`` where the study has a
        region (``cells``, ``rateable``, ``features``, ``absent`` with reasons, ``pool``, ``inputs``);
        ``recovery`` where it has a city (``buildings``, ``residents``, ``networks``, ``inferred``,
        ``inputs``, ``plausibility`` (the report's tables), ``verdict`` and ``told`` (lines of text)); ``report`` where
        it was written.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    options, folder = open_study(study, overrides or {})
    result: dict[str, Any] = {"study": options.model_dump(mode="json"), "data": str(folder)}
    if out is not None:
        if options.city is None:
            text = "needs a [city]; the report of a region is that of `holdfast rate`"
            raise TableError(named(study), [Problem(text, column="--out")])
        # a place that cannot be written is refused before minutes of reading
        out = result_place(out, "check", options.name, overwrite)
    has_region = options.region.cells is not None or options.region.table in options.tables
    if has_region:
        result["rating"] = _rating(options, folder, progress)
    if options.compare:
        # imported here since it brings what compiles; opening an alternative holds its keys to the study's rules
        from holdfast.flows.compare import alternatives_of, open_alternatives

        open_alternatives(study, alternatives_of(options, None), overrides or {})
    if "measures" in options.tables:
        from holdfast.flows.measures import read_given

        read_given(options, folder)
    if "interventions" in options.tables or options.what_if != WhatIfOptions():
        from holdfast.flows.what_if import read_asked

        read_asked(options, folder)
    if options.city is not None:
        result["recovery"], found = _recovery(options, folder, progress)
        if out is not None:
            result["report"] = str(_write_report(Path(out), overwrite, options, found))
    if not has_region and options.city is None:
        text = f"{named(study)}: describes neither a region to rate ([tables.{options.region.table}]) nor a [city] to simulate"
        raise DataMissing(text)
    progress("done", 1.0)
    return result


def _rating(study: Study, folder: Path, progress: Progress) -> dict[str, Any]:
    """What a rating would find."""
    gathered = gather(study, folder, progress)
    metros, pooled = read_pool(study, folder)
    applied_model(study, folder)
    _, reasons, _ = fill(gathered.features, gathered.homes, policies(study.rating))
    return {
        "cells": len(gathered.features),
        "rateable": int((reasons == "").sum()),
        "features": list(gathered.features.columns),
        "absent": gathered.absent,
        "pool": sorted(metros),
        "inputs": _inputs((*gathered.files, *pooled)),
    }


def _recovery(study: Study, folder: Path, progress: Progress) -> tuple[dict[str, Any], "LoadedCity"]:
    """What a simulation would find; imported here since some of it compiles."""
    from holdfast.flows.cities import load_city, require_city
    from holdfast.pages.city_report import plausibility_facts, summary_lines

    options = require_city(study)
    progress("loading the city", 0.6)
    loaded = load_city(study, folder)
    # prepared as for a run, which refuses what does not fit together; a city of networks alone has nothing to simulate
    if (study.scenario is not None or study.scenarios) and len(loaded.city.buildings):
        from holdfast.flows.draws import prepared_run
        from holdfast.flows.run_size import require_room
        from holdfast.flows.scenarios import scenario_set

        events = scenario_set(study)
        for scenario in events:
            run = prepared_run(study, scenario, folder, loaded)
            require_room(run.inputs, study.recovery.draws, None, runs=len(events))
    # every building has one rule at most for an attribute, so that shares add up
    share = loaded.found.inferred.groupby("attribute", sort=False)["buildings_share"].sum()
    return {
        "buildings": len(loaded.city.buildings),
        "residents": float(loaded.found.totals.get("residents", 0.0)),
        "networks": {name: len(network.nodes) for name, network in loaded.city.networks.items()},
        "inferred": share.to_dict(),
        "inputs": _inputs(loaded.files),
        "plausibility": plausibility_facts(loaded.found),
        "verdict": plain(loaded.verdict),
        "told": [
            loaded.verdict.first,
            *_refusal(loaded, options),
            *summary_lines(study.name, f"{options.currency}_{options.price_year}", loaded.found),
        ],
    }, loaded


def _refusal(loaded: "LoadedCity", options: CityOptions) -> list[str]:
    """Why this city would not be simulated, in words; empty where it would."""
    from holdfast.flows.cities import require_known

    try:
        require_known(loaded, options)
    except DataMissing as refused:
        return [f"A simulation would refuse it: {refused}"]
    return []


def _write_report(out: Path, overwrite: bool, study: Study, loaded: "LoadedCity") -> Path:
    """Write the plausibility report as a folder that is whole or not there."""
    from holdfast.pages.city_report import city_page, plausibility_facts

    content = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance("check", study.name, content, study.seed, loaded.files, versions())
    with new_result(out, provenance, overwrite) as folder:
        write_json(folder / "plausibility.json", plausibility_facts(loaded.found) | {"verdict": plain(loaded.verdict)})
        run = run_id(provenance)
        page = city_page(loaded.city, loaded.found, loaded.verdict, provenance, run, loaded.assumed, loaded.ground)
        (folder / "city.html").write_text(page, encoding="utf-8")
    return out / "city.html"


def _inputs(files: tuple[InputFile, ...]) -> list[dict[str, Any]]:
    """Files with what was kept of them."""
    return [
        {"table": f.table, "file": f.file, "rows": f.rows, "warnings": list(f.warnings), "notes": list(f.notes)}
        for f in files
    ]
