"""`holdfast update`: new data under the model of an earlier rating: what drifted, which cells moved, and why."""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study, StudyLike
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.flows.fetched import Fetched, fetch_tables
from holdfast.flows.handed_on import HandedOn, handed_on, write_handed_on
from holdfast.flows.inputs import open_study
from holdfast.flows.progress import Progress, silent
from holdfast.flows.public_tables import WITHHELD, marked, public_moved
from holdfast.flows.rate import write_rating
from holdfast.flows.rated_region import Rated, rated
from holdfast.flows.remembered import Memory, table_files
from holdfast.flows.report import write_report
from holdfast.gate.files import sha256
from holdfast.pages.model_card import governance_parts
from holdfast.pages.rating_report import rating_parts
from holdfast.pages.update_report import update_parts
from holdfast.plain import plain
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.analysis.drift import drift
from holdfast.rating.analysis.moved_cells import moved_cells, refit_facts
from holdfast.store import Result, new_result, open_result, result_place, run_id, write_csv, write_json
from holdfast.store.result_files import read_shapes_of, read_summary

VERB = "update"


@dataclass(frozen=True)
class Asked:
    """What an update is asked for, as `update` takes it."""

    result: str | Path
    study: StudyLike
    refit: bool = False
    fetch: bool = False
    out: str | Path | None = None
    overwrite: bool = False
    overrides: Mapping[str, Any] | None = None


def update(
    result: str | Path,
    study: StudyLike,
    *,
    refit: bool = False,
    fetch: bool = False,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Rate new data by the frozen model of an earlier rating, and say what changed.

    Parameters
    ----------
    result : str or Path
        Result of `holdfast rate`, or of an earlier update: its vintages go on as a series, under the first one's model.
    study : Study, mapping, str or Path
        The same region with new tables; `rating.model` is set to `result`.
    refit : bool
        Fit a new model too, and say how far its levels are those of the frozen one.
    fetch : bool
        Fetch tables whose ``path`` or ``attributes`` is an http address; without it such a study is refused, and nothing leaves
        the machine. What was fetched stays in the folder ``fetched`` of the result.
    out, overwrite, overrides, progress
        As of `holdfast.rate`.

    Returns
    -------
    GeoDataFrame
        As of `holdfast.rate`, with the levels under the frozen model; ``attrs["update"]`` is the content of ``update.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input, or where the cells are not those of `result`; nothing is written.
    """
    return updated(Asked(result, study, refit, fetch, out, overwrite, overrides), progress)


def updated(asked: Asked, progress: Progress = silent, memory: Memory | None = None) -> gpd.GeoDataFrame:
    """As `update`; with a `memory` of an earlier call for the same study only what was made from other files is made again."""
    with tempfile.TemporaryDirectory() as place:
        fetched = Fetched({}, {})
        if asked.fetch:
            progress("fetching", 0.0)
            fetched = fetch_tables(asked.study, asked.overrides or {}, Path(place))
        return _updated(asked, fetched, progress, memory)


def _updated(asked: Asked, fetched: Fetched, progress: Progress, memory: Memory | None) -> gpd.GeoDataFrame:
    """Rate, compare and write, with the tables that were fetched."""
    opened, result = open_result(Path(asked.result)), str(Path(asked.result).resolve())
    options, folder = open_study(asked.study, {**(asked.overrides or {}), **fetched.overrides, "rating.model": result})
    place = None if asked.out is None else result_place(asked.out, VERB, options.name, asked.overwrite)
    before = read_shapes_of(opened, "cells.parquet")
    done = rated(options, folder, progress, memory)
    _refuse_other_cells(before, done.cells, str(asked.result))
    # what the earlier vintage withheld stays so: shown now, it would tell of the others then
    done = replace(done, cells=marked(done.cells, options.governance.fewest_households, before.get(WITHHELD)))
    done = replace(done, provenance=replace(fetched.told(done.provenance), verb=VERB))
    summary = _compared(opened, before, done)
    if asked.refit:
        progress("fitting a new model", 0.6)
        summary["refit"] = _refitted(options, folder, done)
    done = replace(done, summary=replace(done.summary, run=run_id(done.provenance)))
    summary["series"][-1]["run"] = done.summary.run
    done.cells.attrs |= {"summary": done.summary.json(), "update": summary}
    if place is not None:
        progress("writing the result", 0.9)
        _write(place, done, summary, (handed_on(options, done), fetched), asked.overwrite)
    progress("done", 1.0)
    return done.cells


def _refuse_other_cells(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, result: str) -> None:
    """Refuse vintages of which not one cell is the same square."""
    same = before.index.intersection(after.index)
    alike = (
        len(same)
        and before.geometry.loc[same].geom_equals_exact(after.geometry.loc[same].to_crs(before.crs), 1.0).any()
    )
    if not alike:
        text = "no cell of the study is a cell of this result; take region.crs, region.cell_size and region.offset of the first vintage"
        raise TableError(result, [Problem(text, column="region")])


def _compared(opened: Result, before: gpd.GeoDataFrame, done: Rated) -> dict[str, Any]:
    """Drift, moved cells and the series of vintages."""
    same = before.index.intersection(done.cells.index)
    old, new = before.loc[same], done.cells.loc[same]
    people = {"before": weights_of(old)[0], "after": weights_of(new)[0]}
    names = [name for name in done.model.facts["features"] if name in old]
    found = moved_cells(old, new, done.model)
    held = people["after"].reindex(found.index).fillna(0.0)
    rows = found.assign(people=held, withheld=done.cells[WITHHELD].reindex(found.index)).sort_values(
        ["beyond", "people"], ascending=False, kind="stable"
    )
    whole = float(people["after"][new["level"].notna()].sum())
    by_driver = rows[rows["beyond"]].groupby("driver")["people"].sum().sort_values(ascending=False)
    earlier = (
        read_summary(opened, "update.json")["series"] if "update.json" in opened.files else [_vintage(opened, before)]
    )
    summary = {
        "name": done.summary.region.name,
        "before": {"run": opened.run, "name": opened.provenance.name},
        "cells": {"same": len(same), "gone": len(before) - len(same), "new": len(done.cells) - len(same)},
        "drift": [asdict(row) for row in drift(old[names], new[names], people)],
        "moved": {"cells": len(rows), "beyond": int(rows["beyond"].sum())},
        "people": {"moved": float(held.sum()), "beyond": float(held[found["beyond"]].sum()), "all": whole},
        "drivers": by_driver.to_dict(),
        "table": rows.rename_axis("cell_id").reset_index().to_dict("records"),
        "series": [*earlier, _vintage(None, done.cells)],
    }
    return dict(plain(summary))


def _vintage(opened: Result | None, cells: gpd.GeoDataFrame) -> dict[str, Any]:
    """One row of the series: people by level, and their mean level."""
    people = weights_of(cells)[0][cells["level"].notna()]
    levels = cells["level"].dropna().astype(int)
    held = people.groupby(levels).sum().reindex(range(1, 6), fill_value=0.0)
    mean = float((held * held.index).sum() / held.sum()) if held.sum() > 0 else None
    return {"run": "" if opened is None else opened.run, "mean_level": mean, "people": held.tolist()}


def _refitted(options: Study, folder: Path, done: Rated) -> dict[str, Any]:
    """How far the levels of a new fit are those of the frozen model, by people: both are ordered, 1 to 5."""
    content = options.model_copy(update={"rating": options.rating.model_copy(update={"model": None})})
    fresh = rated(content, folder, silent).cells
    both = fresh["level"].notna() & done.cells["level"].notna()
    people = weights_of(fresh)[0][both].to_numpy(np.float64)
    frozen, new = (t.loc[both, "level"].to_numpy(np.int64) for t in (done.cells, fresh))
    return refit_facts(frozen, new, people)


def _write(
    place: Path, done: Rated, summary: dict[str, Any], beside: tuple[HandedOn, Fetched], overwrite: bool
) -> None:
    """Write the result folder of an update, with what is handed on and what was fetched."""
    handed, fetched = beside
    with new_result(place, done.provenance, overwrite) as target:
        fetched.keep(target)
        write_rating(target, done)
        public = public_moved(summary["table"], done.cells[WITHHELD])
        write_handed_on(target, handed, done.summary.json(), public)
        write_json(target / "update.json", summary)
        write_csv(target / "moved.csv", pd.DataFrame(summary["table"]))
        write_csv(target / "drift.csv", pd.DataFrame(summary["drift"]))
        parts = {
            "update": update_parts(summary),
            "rating": rating_parts(done.cells, done.summary.json(), done.ground),
            "governance": governance_parts(handed.summary, done.summary.run),
        }
        write_report(target, done.provenance, parts)


def watched(
    digest: Callable[[], object],
    run: Callable[[], None],
    seconds: float,
    times: int | None = None,
    missed: Callable[[str], None] = lambda _: None,
) -> int:
    """Run again whenever a digest of the inputs changes, looking every so many seconds; how often it ran.

    `times` ends it after as many looks; without it only the user does. An input that cannot be had at a later look is told to `missed`,
    and looked for again.
    """
    seen, ran, looks = None, 0, 0
    while times is None or looks < times:
        try:
            found = digest()
        except DataMissing as error:
            if seen is None:
                raise
            # an address that does not answer once is no end of a watch
            missed(str(error))
            found = seen
        if found != seen:
            run()
            seen, ran = found, ran + 1
        looks += 1
        if times is None or looks < times:
            time.sleep(seconds)
    return ran


def inputs_digest(asked: Asked) -> tuple[str, ...]:
    """What the tables of a study hold, and its cells: other once a file was changed, or what an address gives."""
    with tempfile.TemporaryDirectory() as place:
        fetched = fetch_tables(asked.study, asked.overrides or {}, Path(place)) if asked.fetch else Fetched({}, {})
        options, folder = open_study(asked.study, {**(asked.overrides or {}), **fetched.overrides})
        files = {f.name: f for t in options.tables.values() for f in table_files(t, folder)}
        if options.region.cells and (cells := folder / options.region.cells).is_file():
            files[cells.name] = cells
        return tuple(f"{name} {sha256(file)}" for name, file in sorted(files.items()))
