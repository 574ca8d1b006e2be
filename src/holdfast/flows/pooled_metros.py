"""Reading the results of other metros, to put a region on one scale with them."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from holdfast.config import Study
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.flows.choices import study_keys
from holdfast.gate.files import is_folder
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.pool import Metro
from holdfast.store import open_result
from holdfast.store.manifest import REMEDY
from holdfast.store.result_files import read_shapes_of, read_summary
from holdfast.types import InputFile, Provenance

POOL = "pool"
NOT_SHARED = "not in every metro of the pool"


def read_pool(study: Study, folder: Path) -> tuple[dict[str, Metro], tuple[InputFile, ...]]:
    """Cells of the results that the study names in ``rating.pool``, by name of the metro, with the cell tables read.

    A relative path starts at `folder`, before the working directory; features are in units of their own.

    Raises
    ------
    DataMissing
        If there is no result, or it holds no rating.
    TableError
        If a file of a result was changed, two metros have one name (the study's own among them), or one was
        measured otherwise.
    """
    metros: dict[str, Metro] = {}
    files = []
    for path in study.rating.pool:
        result = next((p for p in (folder / path, Path(path)) if is_folder(p)), folder / path)
        opened = open_result(result)
        summary = read_summary(opened, "rating.json")
        name, size = str(summary["name"]), float(summary["cell_size_m"])
        if name == study.name or name in metros:
            text = f'two metros are called "{name}"; a metro may stand in its pool once'
            raise TableError("study", [Problem(text, column="rating.pool")])
        _refuse_other_measures(study, opened.provenance, name)
        metros[name] = metro_of(read_shapes_of(opened, "cells.parquet"), size)
        sha = opened.files["cells.parquet"]
        note = f"rated by run {opened.run}"
        files.append(InputFile(POOL, f"{path}/cells.parquet", sha, len(metros[name].features), (note,), source=name))
    return metros, tuple(files)


def _refuse_other_measures(study: Study, provenance: Provenance, name: str) -> None:
    """Refuse a metro whose features have other units or reaches than those of the study."""
    content = provenance.study.get("rating")
    theirs = content.get("rating", content) if isinstance(content, dict) else None  # the demo keeps two studies
    if not isinstance(theirs, dict):
        text = f'"{name}" does not say how it was measured; {REMEDY}'
        raise DataMissing(text)
    mine = study.rating.model_dump(mode="json")
    problems = [
        Problem(f'is {mine[key]} here, but "{name}" was measured with {theirs[key]}', column=f"rating.{key}")
        for key in ("per", "access", *study_keys(FEATURES))
        if key in theirs and theirs[key] != mine[key]
    ]
    if problems:
        raise TableError("study", problems)


def metro_of(cells: gpd.GeoDataFrame, size: float) -> Metro:
    """Features, reasons and places from a cell table; a filled value comes back as the median that filled it."""
    features = pd.DataFrame(cells[[name for name in RULES if name in cells]])
    for name in features.columns:
        flag = f"{name}_imputed"
        if flag in cells:
            # the table holds what was measured, so that the median of the rest is what filled the gap
            features.loc[cells[flag].fillna(value=False).astype(bool), name] = features[name].median()
    # positions are reckoned from the squares, whatever grid they were laid on
    corner = cells.geometry.bounds[["minx", "miny"]].set_axis(["column", "row"], axis=1)
    places = ((corner - corner.min()) / size).round().astype("int64")
    people, unit = weights_of(cells)
    reasons = cells["reason"].fillna("").astype("string")
    return Metro(features, reasons, grid_neighbours(places), size, people.astype(float), unit)
