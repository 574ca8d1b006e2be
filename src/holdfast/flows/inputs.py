"""Reading what a rating needs: the study, the region, its tables and features."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.config import Study, load_study
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.progress import Progress
from holdfast.rating.features.catalog import available, feature_rules, measure
from holdfast.rating.features.measure import total
from holdfast.rating.missing import DIRECTIONS, POLICIES, settle
from holdfast.rating.region import grid, pieces, squares
from holdfast.sources.catalog import SOURCES, load
from holdfast.sources.cells import read_cells
from holdfast.tables import schema, schema_names
from holdfast.types import InputFile, Region

FARTHEST = 500_000.0  # m; a table all of whose shapes lie farther from the region is in the wrong place


@dataclass(frozen=True)
class Gathered:
    """A region with the features of its cells and what they came from.

    ``features`` and ``homes`` have index ``cell_id``; ``totals`` holds each quantity before and
    after interpolation; ``absent`` the features that the data do not allow, with the reason.
    """

    region: Region
    features: pd.DataFrame
    homes: pd.Series | None
    absent: dict[str, str]
    totals: dict[str, dict[str, float]]
    files: tuple[InputFile, ...]


def open_study(study: str | Path, overrides: Mapping[str, Any]) -> tuple[Study, Path]:
    """Read a study and refuse the names in it that nothing answers to.

    Parameters
    ----------
    study : str or Path
        Study file.
    overrides : mapping
        Dotted key to value, over the file's.

    Returns
    -------
    Study
        Complete with defaults.
    Path
        Folder of the input files.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For a bad study.
    """
    path = Path(study)
    content, folder = load_study(path, dict(overrides))
    for name, options in content.tables.items():
        if name not in schema_names():
            raise UnknownName("table", name, [n for n in schema_names() if schema(n)], f"{path}: tables")
        if options.source not in SOURCES:
            raise UnknownName("source", options.source, SOURCES, f"{path}: tables.{name}.source")
    return content, folder


def policies(study: Study) -> dict[str, str]:
    """Policy for missing values of every feature.

    Parameters
    ----------
    study : Study
        Whose choices go over the schema's.

    Raises
    ------
    UnknownName, TableError
        If the study names an unknown feature, policy or direction.
    """
    rules = feature_rules()
    settle(rules, study.rating.directions, "rating.directions", DIRECTIONS)
    settle(rules, study.rating.missing, "rating.missing", POLICIES)
    return {name: study.rating.missing.get(name, rule.missing) for name, rule in rules.items()}


def gather(study: Study, folder: Path, progress: Progress) -> Gathered:
    """Read the region and compute the features of its cells.

    Parameters
    ----------
    study : Study
        With either ``region.cells`` or ``tables``.
    folder : Path
        Folder of the input files.
    progress : callable
        Told of each step.

    Returns
    -------
    Gathered
        The region, features and provenance.

    Raises
    ------
    TableError, UnknownName, DataMissing
        From the readers and checks.
    """
    policies(study)
    if study.region.cells is not None:
        return _from_cells(study, folder, progress)
    return _from_tables(study, folder, progress)


def _from_cells(study: Study, folder: Path, progress: Progress) -> Gathered:
    """Take cells and features from a ready table."""
    progress("reading the cell table", 0.02)
    crs = study.region.crs
    if crs is None:
        raise TableError("study", [Problem("a ready cell table needs the CRS of its grid", column="region.crs")])
    table = read_cells(str(study.region.cells), folder, list(feature_rules()))
    wanted = study.rating.features or list(feature_rules())
    used = [name for name in table.features.columns if name in wanted]
    absent = {name: "no data: not in the cell table" for name in feature_rules() if name not in table.features}
    absent |= {name: "left out by the study" for name in table.features.columns if name not in used}
    columns, rows = (table.cells[c].to_numpy().astype(int) for c in ("column", "row"))
    cells = squares(columns, rows, study.region.cell_size, crs)
    cells["region_m2"] = table.cells["region_m2"].to_numpy()
    features = table.features[used].set_axis(cells.index)
    homes = table.cells["housing_units"].set_axis(cells.index) if "housing_units" in table.cells else None
    order = cells.sort_values(["row", "column"]).index
    region = Region(study.name, crs, study.region.cell_size, cells.loc[order])
    return Gathered(region, features.loc[order], None if homes is None else homes.loc[order], absent, {}, table.files)


def _from_tables(study: Study, folder: Path, progress: Progress) -> Gathered:
    """Lay a grid over the region and interpolate the tables to it."""
    base = study.region.table
    if base not in study.tables:
        have = ", ".join(study.tables) or "none"
        text = f"the study has no [tables.{base}], whose union is the region (it has: {have})"
        raise DataMissing(text)
    progress(f"reading {base}", 0.02)
    loaded = load(base, study.tables[base], folder, None)
    region = grid(study.name, loaded.table, study.region.cell_size, study.region.crs)
    tables: dict[str, gpd.GeoDataFrame] = {base: loaded.table.to_crs(region.crs)}
    files = list(loaded.files)
    for number, (name, options) in enumerate(study.tables.items()):
        if name == base or name == "buildings":
            continue
        progress(f"reading {name}", 0.05 + 0.15 * number / len(study.tables))
        other = load(name, options, folder, region.cells)
        tables[name] = other.table.to_crs(region.crs)
        _refuse_far(name, options.path, tables[name], region)
        files += other.files
    columns = {name: {str(c) for c in table.columns if table[c].notna().any()} for name, table in tables.items()}
    used, absent = available(columns, study.rating.features)
    progress("interpolating to cells", 0.22)
    in_cells = {name: _cut(table, region) for name, table in tables.items()}
    features = measure(region.cells, in_cells, used, study.rating)
    homes, totals = None, {"region_m2": _both(tables[base].area.sum(), region.cells["region_m2"].sum())}
    if base == "areas" and "housing_units" in columns["areas"]:
        homes = total(in_cells["areas"], "housing_units", region.cells.index)
        totals["housing_units"] = _both(tables["areas"]["housing_units"].sum(), homes.sum())
    return Gathered(region, features, homes, absent, totals, tuple(files))


def _cut(table: gpd.GeoDataFrame, region: Region) -> pd.DataFrame:
    """Polygons and lines become pieces in cells, points stay."""
    if (table.geom_type == "Point").all():
        return table
    return pieces(region.cells, table)


def _both(before: float, after: float) -> dict[str, float]:
    """Pair a total before and after interpolation with the relative error."""
    return {"source": float(before), "cells": float(after), "relative_error": float(abs(after - before) / before)}


def _refuse_far(name: str, path: str, table: gpd.GeoDataFrame, region: Region) -> None:
    """Refuse a table that lies nowhere near the region."""
    left, bottom, right, top = region.cells.total_bounds
    near = table.cx[left - FARTHEST : right + FARTHEST, bottom - FARTHEST : top + FARTHEST]
    if not len(near):
        text = "none of its shapes lies within 500 km of the region; are longitude and latitude swapped, or is the CRS wrong?"
        raise TableError(path, [Problem(text, column=f"tables.{name}")])
