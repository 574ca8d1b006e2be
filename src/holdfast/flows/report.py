"""`holdfast report`: a result folder as one page for people."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xarray as xr

from holdfast.errors import Problem, TableError
from holdfast.pages.comparison_report import compare_parts
from holdfast.pages.page import page
from holdfast.pages.rating_report import rating_parts
from holdfast.pages.recovery_report import recovery_parts
from holdfast.pages.scenarios_report import scenario_parts
from holdfast.pages.validation_report import validation_parts
from holdfast.store import read_manifest, run_id
from holdfast.types import InputFile, Provenance

REPORT = "report.html"


def write_report(folder: Path, provenance: Provenance) -> None:
    """Write ``report.html`` from the files of a result.

    Parameters
    ----------
    folder : Path
        Folder with the files of a rating, a simulation, both, or a comparison.
    provenance : Provenance
        What they came from.
    """
    (folder / REPORT).write_text(_compose(folder, provenance), encoding="utf-8")


def _compose(folder: Path, provenance: Provenance) -> str:
    """Page of whatever the folder holds."""
    parts: dict[str, dict[str, Any]] = {}
    if (folder / "rating.json").is_file():
        parts["rating"] = rating_parts(gpd.read_parquet(folder / "cells.parquet"), _read(folder / "rating.json"))
    if (folder / "losses.json").is_file():
        buildings, summary = gpd.read_parquet(folder / "buildings.parquet"), _read(folder / "losses.json")
        parts["recovery"] = recovery_parts(_curves(folder / "recovery.nc"), summary, buildings, _lines(folder))
    if (folder / "scenarios.json").is_file():
        parts["scenarios"] = scenario_parts(pd.read_csv(folder / "exceedance.csv"), _read(folder / "scenarios.json"))
    if (folder / "comparison.json").is_file():
        parts["comparison"] = compare_parts(_curves(folder / "comparison.nc"), _read(folder / "comparison.json"))
    if (folder / "validation.json").is_file():
        parts["validation"] = validation_parts(pd.read_csv(folder / "points.csv"), _read(folder / "validation.json"))
    return page(provenance, run_id(provenance), parts)


def _read(file: Path) -> dict[str, Any]:
    """Content of a JSON file."""
    return dict(json.loads(file.read_text(encoding="utf-8")))


def _curves(file: Path) -> xr.Dataset:
    """Content of a NetCDF file."""
    with xr.open_dataset(file, engine="netcdf4", decode_timedelta=False) as curves:
        return curves.load()


def _lines(folder: Path) -> np.ndarray:
    """Ends of the edges of the first network, to draw beneath the buildings."""
    file = folder / "networks.gpkg"
    if not file.is_file():
        return np.empty((0, 2, 2))
    layers = [str(name) for name in pyogrio.list_layers(file)[:, 0] if str(name).endswith("_edges")]
    shapes = gpd.read_file(file, layer=layers[0]).geometry.to_numpy()
    return np.asarray(shapely.get_coordinates(shapes).reshape(-1, 2, 2))


def report(result: str | Path, *, out: str | Path | None = None) -> Path:
    """Write the report of a result anew.

    Parameters
    ----------
    result : str or Path
        Result folder; every file is held to its SHA-256 first.
    out : str or Path, optional
        HTML file to write; ``report-<run>.html`` beside the folder if omitted, since a result is
        never changed.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DataMissing
        If there is no result.
    TableError
        If a file of the result was changed, or `out` is a folder.
    """
    folder = Path(result)
    manifest = read_manifest(folder)
    content = manifest["provenance"]
    inputs = tuple(InputFile(**{**i, "notes": tuple(i["notes"])}) for i in content["inputs"])
    provenance = Provenance(**{**content, "inputs": inputs})
    target = Path(out) if out is not None else folder.parent / f"report-{manifest['run']}.html"
    if target.is_dir():
        raise TableError(str(target), [Problem("is a folder; name an HTML file")])
    partial = target.with_name(f".{target.name}.partial")
    partial.write_text(_compose(folder, provenance), encoding="utf-8")
    partial.replace(target)
    return target
