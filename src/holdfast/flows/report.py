"""`holdfast report`: a result folder as one page for people."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd

from holdfast.errors import Problem, TableError
from holdfast.pages.rating import rating_page
from holdfast.store import read_manifest
from holdfast.types import InputFile, Provenance

REPORT = "report.html"


def write_rating_report(folder: Path, cells: gpd.GeoDataFrame, summary: dict[str, Any], provenance: Provenance) -> None:
    """Write ``report.html`` of a rating.

    Parameters
    ----------
    folder : Path
        Folder to write into.
    cells : GeoDataFrame
        As `holdfast.rate` returns it.
    summary : dict
        Content of ``rating.json``.
    provenance : Provenance
        What the rating came from.
    """
    (folder / REPORT).write_text(rating_page(cells, summary, provenance), encoding="utf-8")


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
    summary = json.loads((folder / "rating.json").read_text(encoding="utf-8"))
    page = rating_page(gpd.read_parquet(folder / "cells.parquet"), summary, provenance)
    partial = target.with_name(f".{target.name}.partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(target)
    return target
