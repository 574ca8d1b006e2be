"""`holdfast report`: a result folder as one page for people."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
import xarray as xr

from holdfast.errors import Problem, TableError
from holdfast.pages.compare import compare_parts
from holdfast.pages.page import page
from holdfast.pages.rating import rating_parts
from holdfast.pages.recovery import recovery_parts
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
    rating = recovery = comparison = None
    if (folder / "rating.json").is_file():
        summary = json.loads((folder / "rating.json").read_text(encoding="utf-8"))
        rating = rating_parts(gpd.read_parquet(folder / "cells.parquet"), summary)
    if (folder / "losses.json").is_file():
        summary = json.loads((folder / "losses.json").read_text(encoding="utf-8"))
        with xr.open_dataset(folder / "recovery.nc", engine="netcdf4", decode_timedelta=False) as curves:
            loaded = curves.load()
        recovery = recovery_parts(loaded, summary, gpd.read_parquet(folder / "buildings.parquet"), _lines(folder))
    if (folder / "comparison.json").is_file():
        summary = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
        with xr.open_dataset(folder / "comparison.nc", engine="netcdf4", decode_timedelta=False) as curves:
            comparison = compare_parts(curves.load(), summary)
    return page(provenance, run_id(provenance), rating, recovery, comparison)


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
