"""`holdfast what-if`: what would become of a rating, who gains, who falls, and which change is the cheapest."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.config import Study, StudyLike
from holdfast.flows.field_units import changed_units
from holdfast.flows.inputs import Gathered, open_study
from holdfast.flows.interventions import (
    Intervened,
    intervened,
    read_interventions,
    require_intervention,
)
from holdfast.flows.lifted import Costs, Lifted, lifted, read_unit_costs
from holdfast.flows.named_places import place_of_cells
from holdfast.flows.progress import Progress, silent
from holdfast.flows.public_tables import WITHHELD, hidden_cells, privacy_facts, public_what_if, write_public
from holdfast.flows.rated_again import Again, rated_again, who_moved
from holdfast.flows.rated_before import rated_before
from holdfast.flows.report import GROUND, write_report
from holdfast.pages.what_if_report import what_if_parts
from holdfast.plain import plain
from holdfast.rating.model.result import Rating
from holdfast.rating.what_if.monotone_level import monotone_levels
from holdfast.store import new_result, result_place, run_id, versions, write_csv, write_json, write_parquet
from holdfast.types import InputFile, Provenance

VERB = "what_if"


def what_if(
    study: StudyLike,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Change features or add objects, and tell who gains and who falls in three modes; find the cheapest change.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study of a region, its content as in TOML, or a study file, with ``[tables.interventions]``,
        ``[what_if.add.<table>]`` or ``what_if.lift_to``.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Dotted key of the study to value.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    GeoDataFrame
        Index ``cell_id``, the cells that are rated before and after: ``place`` (null where no names are known), ``people`` (homes, or m2 where no homes are known),
        ``changed``, ``worse`` (an oriented feature got worse), ``<mode>_before`` and ``<mode>_after`` (levels), and every
        feature that changed before and after. ``attrs`` holds ``units`` by column and the ``summary``, the content of ``what_if.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    NotConverged
        If no five levels come out, or a cheapest change has no proven optimum.
    """
    opened, folder = open_study(study, overrides or {})
    place = None if out is None else result_place(out, VERB, opened.name, overwrite)
    costs = read_asked(opened, folder)
    asked = _asked(opened, folder, costs, progress)
    summary, provenance = _summary(opened, asked)
    cells = _cells(asked, opened.governance.fewest_households)
    units = changed_units(cells.columns, opened.rating, summary["people_are"])
    cells.attrs = {"units": units, "summary": summary}
    if place is not None:
        progress("writing the result", 0.95)
        with new_result(place, provenance, overwrite) as target:
            _write(target, provenance, cells, asked)
            facts = privacy_facts(asked.before.homes, cells[WITHHELD], opened.governance.fewest_households)
            write_public(target, public_what_if(cells, asked.lifted.flat), facts)
    progress("done", 1.0)
    return cells


def read_asked(study: Study, folder: Path) -> Costs | None:
    """Read what a study asks: its interventions, and the unit costs that are returned; what cannot be read is refused."""
    require_intervention(study)
    read_interventions(study, folder)
    return read_unit_costs(study, folder)


@dataclass(frozen=True)
class Asked:
    """All that was worked out: before, after, three modes, and the cheapest changes."""

    before: Gathered
    after: Intervened
    base: Rating
    again: Again
    lifted: Lifted
    money: str | None
    files: tuple[InputFile, ...]


def _asked(study: Study, folder: Path, costs: Costs | None, progress: Progress) -> Asked:
    """Rate before and after; nothing is written."""
    quiet, before, base, metros, read = rated_before(study, folder, progress)
    rows = read_interventions(quiet, folder)
    after = intervened(quiet, folder, before, (base.levels, base.people), rows, progress)
    progress("rating after", 0.6)
    monotone = monotone_levels(base)
    again = rated_again(quiet, before, base, after.gathered, monotone, metros)
    progress("the cheapest change", 0.85)
    cheapest = lifted(quiet, before, base, monotone, costs) if costs else Lifted([], 0.0, pd.DataFrame())
    files = (*read, *after.files, *(costs.files if costs else ()))
    return Asked(before, after, base, again, cheapest, costs.money if costs else None, files)


def _cells(asked: Asked, fewest: float) -> gpd.GeoDataFrame:
    """Levels before and after with the features that changed, on the squares."""
    cells = asked.again.cells.copy()
    for name in asked.base.used:
        old, new = (g.features.loc[cells.index, name] for g in (asked.before, asked.after.gathered))
        if not old.equals(new):
            cells[f"{name}_before"], cells[f"{name}_after"] = old, new
    region = asked.before.region
    cells = gpd.GeoDataFrame(cells, geometry=region.cells.geometry.loc[cells.index], crs=region.crs)
    cells.insert(0, "place", place_of_cells(cells, asked.before.ground))
    # by the homes of all cells, also of those without a level, so that it is what the rating itself withholds
    homes = asked.before.homes if asked.before.homes is not None else pd.Series(0.0, region.cells.index)
    cells[WITHHELD] = hidden_cells(homes, fewest).loc[cells.index]
    return cells


def _write(folder: Path, provenance: Provenance, cells: gpd.GeoDataFrame, asked: Asked) -> None:
    """Write the files of a result."""
    summary, about = cells.attrs["summary"], f"Holdfast what-if, a screening result. Run {run_id(provenance)}."
    write_parquet(folder / "what_if.parquet", cells, cells.attrs["units"], about)
    write_csv(folder / "what_if.csv", pd.DataFrame(cells.drop(columns="geometry")).reset_index())
    if len(asked.lifted.flat):
        write_csv(folder / "cheapest.csv", asked.lifted.flat)
    ground = asked.before.ground
    if ground is not None:
        write_parquet(folder / GROUND, ground, {}, about)
    write_json(folder / "what_if.json", summary)
    write_report(folder, provenance, {VERB: what_if_parts(cells, summary, ground)})


def _summary(study: Study, asked: Asked) -> tuple[dict[str, Any], Provenance]:
    """Content of ``what_if.json``, and what it came from."""
    content = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance(VERB, study.name, content, study.seed, asked.files, versions())
    homes = asked.before.homes
    rows = [asdict(t) | {"artefact_share": t.artefact_share} for t in asked.again.found]
    summary = {
        "name": study.name,
        "run": run_id(provenance),
        "method": asked.base.model.facts["method"],
        "people_are": "homes" if homes is not None and homes.sum() > 0 else "m2 of the region",
        "cells": len(asked.again.cells),
        "interventions": list(asked.after.done),
        "modes": rows,
        "skipped": asked.again.skipped,
        "monotone": asked.again.facts,
        "who": who_moved(asked.again, asked.before.features[list(asked.base.used)]),
        "features_absent": asked.base.absent,
        "lift_to": study.what_if.lift_to,
        "money": asked.money,
        "cheapest": asked.lifted.rows,
        "shared_cost": asked.lifted.shared_cost,
    }
    return dict(plain(summary)), provenance
