"""Interventions of a study: their table, objects that are added, and the features of the cells after them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.choices import policies
from holdfast.flows.inputs import Gathered, gather
from holdfast.flows.progress import Progress
from holdfast.gate.files import is_file
from holdfast.rating.what_if.stated import PLACE, changed_values, chosen_cells
from holdfast.sources.readers import OVER_CELLS, load
from holdfast.sources.shapes import Loaded
from holdfast.tables import schema
from holdfast.types import InputFile

INTERVENTIONS = "interventions"
MOST_POINTS = 100_000  # that one row may put


@dataclass(frozen=True)
class Intervened:
    """What was gathered, after interventions; what each did, as JSON knows it; and the files that state them."""

    gathered: Gathered
    done: tuple[dict[str, Any], ...]
    files: tuple[InputFile, ...]


def require_intervention(study: Study) -> None:
    """Refuse a study that asks nothing, or asks what its inputs cannot answer.

    Raises
    ------
    DataMissing
        If nothing is changed and nothing is to be lifted, or objects are added to a study of a ready cell table.
    UnknownName, TableError
        If objects are added to a table that the study does not have, or that cannot take any.
    """
    asked = study.what_if
    if INTERVENTIONS not in study.tables and not asked.add and asked.lift_to is None:
        text = "the study changes nothing: give it [tables.interventions], [what_if.add.<table>] or what_if.lift_to; see docs/what-if.md"
        raise DataMissing(text)
    if asked.add and study.region.cells is not None:
        text = "objects are added to tables that features are measured from; a ready cell table has none: change its features in [tables.interventions]"
        raise DataMissing(text)
    for name in asked.add:
        if name not in study.tables:
            raise UnknownName("table of the study", name, study.tables, "what_if.add")
        if name == study.region.table or study.tables[name].source in OVER_CELLS:
            text = "takes no further objects: it is the region itself, or holds a row per cell"
            raise TableError("study", [Problem(text, column=f"what_if.add.{name}")])


def intervened(
    study: Study,
    folder: Path,
    gathered: Gathered,
    before: tuple[pd.Series, pd.Series],
    stated_rows: tuple[pd.DataFrame, tuple[InputFile, ...]],
    progress: Progress,
) -> Intervened:
    """Carry out interventions of a study: objects first, measured again, then changes of features in their order.

    `gathered` and `before` (levels, and what each cell counts) are those before; `stated_rows` as of `read_interventions`.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For rows and tables that cannot be carried out.
    """
    (table, files), (levels, people) = stated_rows, before
    meant = {number: chosen_cells(row, gathered.region.cells, levels, number) for number, row in table.iterrows()}
    added, more = _objects(study, folder, gathered)
    done = [{"what": f"{len(o):,} added to {n}", "target": n, "how": "add objects"} for n, o in added.items()]
    for number, row in table[table["how"] == PLACE].iterrows():
        name = _point_table(study, str(row["target"]), number)
        points = _points(gathered.region.cells, meant[number], float(row["amount"]), number)
        done.append(_facts(row, meant[number], people) | {"points": len(points)})
        added[name] = _joined(added[name], points) if name in added else points
    after = gathered
    if added:
        progress("measuring again", 0.5)
        read = {name: _with(study, folder, gathered, name, new) for name, new in added.items()}
        again = gather(study, folder, lambda *_: None, read)
        # a table that gains its first rows could bring a feature that the rating does not have
        known = again.features[list(gathered.features.columns)]
        after = replace(again, features=filled_as_before(study, known, gathered.features))
    changed, rows = _changed(table[table["how"] != PLACE], after.features, meant, people)
    return Intervened(replace(after, features=changed), (*done, *rows), (*files, *more))


def filled_as_before(study: Study, features: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Features with gaps filled, where the study fills them, by the median of those before the interventions.

    Filled again after interventions, cells whose own features stay as they are would move with the median of the region.
    """
    filled = [name for name in features.columns if policies(study.rating)[str(name)] == "median"]
    return features.fillna({name: before[name].median() for name in filled})


def read_interventions(study: Study, folder: Path) -> tuple[pd.DataFrame, tuple[InputFile, ...]]:
    """The table of interventions, index its rows in the file; empty where the study has none."""
    if INTERVENTIONS not in study.tables:
        return pd.DataFrame(columns=["how"]), ()
    loaded = stated(INTERVENTIONS, study, folder)
    return pd.DataFrame(loaded.table), loaded.files


def stated(name: str, study: Study, folder: Path) -> Loaded:
    """A table that a user states, from the folder of the data, or from the working directory where it is not there."""
    options = study.tables[name]
    # data of others lie elsewhere than what one writes oneself; as of `rating.model`
    beside = not is_file(folder / options.path) and is_file(Path(options.path))
    return load(name, options, Path() if beside else folder, None)


def _changed(
    rows: pd.DataFrame, features: pd.DataFrame, meant: Mapping[int, Any], people: pd.Series
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Features after rows that change values, and what each row did."""
    after, done = features.copy(), []
    for number, row in rows.iterrows():
        name = str(row["target"])
        if name not in after:
            raise UnknownName("feature of the rating", name, list(after.columns), f"{INTERVENTIONS}, row {number}")
        seen = (features[name].min(), features[name].max())
        after[name], held = changed_values(after[name], row, meant[number], number)
        beyond = meant[number] & ~after[name].between(*seen).to_numpy() & after[name].notna().to_numpy()
        facts = {"held_in_range": held, "beyond_observed": int(beyond.sum())}
        done.append(_facts(row, meant[number], people) | facts)
    return after, done


def _facts(row: pd.Series, meant: np.ndarray, people: pd.Series) -> dict[str, Any]:
    """What a row states, and whom it means."""
    stated = {name: row[name] for name in ("what", "target", "how")}
    held = float(people.to_numpy()[meant].sum())
    return stated | {"amount": float(row["amount"]), "cells": int(meant.sum()), "people": held}


def _point_table(study: Study, name: str, number: int) -> str:
    """Table that points are put into, or why none can be."""
    place = f"{INTERVENTIONS}, row {number}"
    if study.region.cells is not None:
        text = f"{place}: a ready cell table has no objects; change its features instead (how = add, multiply or set)"
        raise DataMissing(text)
    known = [t for t in study.tables if any(r.column == "geometry" and r.type == "point" for r in schema(t))]
    if name not in known:
        raise UnknownName("table of points of the study", name, known, place)
    return name


def _points(cells: gpd.GeoDataFrame, meant: np.ndarray, amount: float, number: int) -> gpd.GeoDataFrame:
    """So many points in the middle of each cell."""
    count = int(meant.sum())
    if amount < 1 or amount != int(amount) or amount * count > MOST_POINTS:
        text = f"{amount:g} points for each of {count} cells cannot be put; give a whole number from 1, and at most {MOST_POINTS:,} in all"
        raise TableError(INTERVENTIONS, [Problem(text, number, "amount")])
    middle = cells.geometry[meant].centroid
    return gpd.GeoDataFrame(geometry=list(middle) * int(amount), crs=cells.crs)


def _objects(
    study: Study, folder: Path, gathered: Gathered
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[InputFile, ...]]:
    """Objects from files of their own, by the table that they are added to."""
    read = {name: load(name, o, folder, gathered.region.cells) for name, o in study.what_if.add.items()}
    # under a name of their own among the inputs, or they would pass for the table itself
    files = [replace(f, table=f"added to {name}") for name, loaded in read.items() for f in loaded.files]
    return {name: loaded.table for name, loaded in read.items()}, tuple(files)


def _with(study: Study, folder: Path, gathered: Gathered, name: str, new: gpd.GeoDataFrame) -> Loaded:
    """A table of the study with objects added."""
    own = load(name, study.tables[name], folder, gathered.region.cells)
    return Loaded(_joined(own.table, new), own.files)


def _joined(own: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows of both, in the CRS of the first."""
    # columns that are null throughout would decide over the type of the others
    rows = new.to_crs(own.crs).dropna(axis=1, how="all")
    return gpd.GeoDataFrame(pd.concat([own, rows], ignore_index=True), crs=own.crs)
