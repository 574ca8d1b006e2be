"""`holdfast report`: a result folder as one page for people."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.pages.cities_report import cities_parts
from holdfast.pages.comparison_report import compare_parts
from holdfast.pages.explanation_report import explanation_parts
from holdfast.pages.measures_report import measure_parts
from holdfast.pages.model_card import governance_parts
from holdfast.pages.nowcast_report import nowcast_parts
from holdfast.pages.other_maps_report import other_maps_parts
from holdfast.pages.outcome_report import outcome_parts
from holdfast.pages.overlay_report import overlay_parts
from holdfast.pages.page import MARK, page
from holdfast.pages.rating_report import rating_parts
from holdfast.pages.recovery_report import recovery_parts
from holdfast.pages.scenarios_report import scenario_parts
from holdfast.pages.update_report import update_parts
from holdfast.pages.validation_report import validation_parts
from holdfast.pages.what_if_report import what_if_parts
from holdfast.store import Result, open_result, run_id
from holdfast.store.folder import refused_write
from holdfast.store.manifest import REMEDY, is_ours
from holdfast.store.notes import read_notes
from holdfast.store.result_files import read_curves, read_lines, read_shapes_of, read_summary, read_table_of
from holdfast.types import Provenance

REPORT, GROUND, FOOTPRINTS = "report.html", "ground.parquet", "footprints.parquet"
EMPTY = pd.DataFrame(columns=["cell_id", "map", "level"])
Parts = Mapping[str, dict[str, Any]]
HEAD = 1000  # a mark further down may be a quotation
"""First bytes of a page, in which a report bears its mark."""


def write_report(folder: Path, provenance: Provenance, parts: Parts) -> None:
    """Write ``report.html`` of what was computed, from the parts that `holdfast.pages.page.page` takes."""
    (folder / REPORT).write_text(page(provenance, run_id(provenance), parts), encoding="utf-8")


def _compose(result: Result) -> str:
    """Page of whatever a result holds."""
    parts: dict[str, dict[str, Any]] = {}
    if "rating.json" in result.files:
        cells, summary = read_shapes_of(result, "cells.parquet"), read_summary(result, "rating.json")
        parts["rating"] = rating_parts(cells, summary, _ground_of(result))
        if "other_maps.json" in result.files:
            found = read_table_of(result, "other_maps.csv") if "other_maps.csv" in result.files else EMPTY
            parts["other_maps"] = other_maps_parts(cells, found, read_summary(result, "other_maps.json"))
        if "overlay.json" in result.files:
            parts["overlay"] = overlay_parts(cells, read_summary(result, "overlay.json"))
    if "explanation.json" in result.files:
        parts["explanation"] = explanation_parts(read_summary(result, "explanation.json"))
    if "update.json" in result.files:
        parts["update"] = update_parts(read_summary(result, "update.json"))
    if "governance.json" in result.files:
        summary, notes = read_summary(result, "governance.json"), read_notes(result)
        parts["governance"] = governance_parts(summary, result.run, notes)
    if "losses.json" in result.files:
        parts["recovery"] = recovery_parts(
            read_curves(result, "recovery.nc"),
            read_summary(result, "losses.json"),
            read_shapes_of(result, "buildings.parquet"),
            read_lines(result, "networks.gpkg"),
            _ground_of(result),
            read_shapes_of(result, FOOTPRINTS).geometry if FOOTPRINTS in result.files else None,
        )
    if "scenarios.json" in result.files:
        table = read_table_of(result, "exceedance.csv")
        parts["scenarios"] = scenario_parts(table, read_summary(result, "scenarios.json"))
    if "comparison.json" in result.files:
        summary = read_summary(result, "comparison.json")
        parts["comparison"] = compare_parts(read_curves(result, "comparison.nc"), summary)
    if "measures.json" in result.files:
        parts["measures"] = measure_parts(read_summary(result, "measures.json"))
    if "cities.json" in result.files:
        parts["cities"] = cities_parts(read_summary(result, "cities.json"))
    if "outcome.json" in result.files:
        parts["outcome"] = outcome_parts(read_summary(result, "outcome.json"))
    if "validation.json" in result.files:
        table = read_table_of(result, "points.csv")
        parts["validation"] = validation_parts(table, read_summary(result, "validation.json"))
    if "nowcast.json" in result.files:
        bands, used = (read_table_of(result, f"{name}.csv") for name in ("bands", "observed"))
        parts["nowcast"] = nowcast_parts(bands, used, read_summary(result, "nowcast.json"))
    if "what_if.json" in result.files:
        parts["what_if"] = what_if_parts(
            read_shapes_of(result, "what_if.parquet"), read_summary(result, "what_if.json"), _ground_of(result)
        )
    return page(result.provenance, result.run, parts)


def _ground_of(result: Result) -> gpd.GeoDataFrame | None:
    """What lies under the maps of a result; null where it holds none."""
    return read_shapes_of(result, GROUND) if GROUND in result.files else None


def report(result: str | Path, *, out: str | Path | None = None) -> Path:
    """Write the report of a result again, and return the file written.

    Parameters
    ----------
    result : str or Path
        Result folder; every file is held to its SHA-256 first.
    out : str or Path, optional
        HTML file to write; ``report-<run>.html`` beside the folder if omitted, since a result is
        never changed. Only an earlier report is overwritten.

    Raises
    ------
    DataMissing
        If there is no result of this version, or its files are not what a result holds.
    TableError, OSError
        If a file of the result was changed, or `out` is a place that no report may take; if the disk refuses.
    """
    folder = Path(result)
    target = None if out is None else _target(Path(out))
    opened = open_result(folder)
    target = target or _target(folder.parent / f"report-{opened.run}.html")
    try:
        text = _compose(opened)
    except (TableError, DataMissing):
        raise
    except Exception as error:  # numbers and names that anybody may have written provoke any error
        text = f"{folder}: its files do not hold what a result of this version holds; {REMEDY}"
        raise DataMissing(text) from error
    _write(target, text)
    return target


def _target(out: Path) -> Path:
    """Where a report may go: a new file, or in the place of an earlier report."""
    # followed to its end: a link must not lead into a result
    target = Path(os.path.realpath(out))
    if target.is_dir():
        text = "is a folder"
    elif not target.parent.is_dir():
        text = f"the folder {target.parent} does not exist"
    elif any(is_ours(folder) for folder in target.parents):
        text = "lies inside a result, which is never changed"
    elif os.path.lexists(target) and not _is_report(target):
        text = "exists and is no report of Holdfast"
    else:
        return target
    raise TableError(str(out), [Problem(f"{text}; name another file with --out", column="--out")])


def _is_report(file: Path) -> bool:
    """Whether a file begins like a report."""
    if file.is_symlink() or not file.is_file():
        return False
    try:
        with file.open("rb") as stream:
            return MARK.encode() in stream.read(HEAD)
    except OSError:
        return False


def _write(target: Path, text: str) -> None:
    """Write a page that is whole or not there."""
    try:
        # in the same folder, since a file can take the place of another at once only on one disk
        handle, partial = tempfile.mkstemp(prefix=".report-", suffix=".partial", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            Path(partial).chmod(0o644)  # temporary files are made for their owner alone
            Path(partial).replace(target)
        finally:
            # still there only if something went wrong before
            Path(partial).unlink(missing_ok=True)
    except OSError as error:
        raise refused_write(target, error.errno) from error
