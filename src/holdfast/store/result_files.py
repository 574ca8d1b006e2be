"""Files of a result, by name and after their digest was checked, through the gate that inputs pass."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import refuse_disguised
from holdfast.gate.geodata import geoparquet, layers
from holdfast.store.beside import restore
from holdfast.store.manifest import REMEDY, Result, listed, listed_file, own_json, read_manifest

Content = TypeVar("Content")


def open_result(folder: str | Path) -> Result:
    """Read a result's manifest and hold every file to its SHA-256: all are there and as they were written.

    Raises
    ------
    DataMissing
        If there is no result of this version.
    TableError
        If a file is missing or was changed.
    """
    # a run that died may have left the result half replaced
    restore(Path(os.path.realpath(folder)))
    result = read_manifest(Path(folder))
    problems = [
        Problem(f"{name} {'is missing' if kept is None else 'was changed after the run'}; run the study again")
        for name, kept in listed(result)
        if not kept
    ]
    if problems:
        raise TableError(str(folder), problems)
    return result


def read_summary(result: Result, name: str) -> dict[str, Any]:
    """Content of a JSON file of a result (from `open_result`), such as ``"rating.json"``.

    Raises
    ------
    DataMissing
        If there is none, or it is no JSON object.
    """
    file = listed_file(result, name)
    content = own_json(file)
    if not isinstance(content, dict):
        text = f"{file}: is no summary of a result; {REMEDY}"
        raise DataMissing(text)
    return content


def read_shapes_of(result: Result, name: str) -> gpd.GeoDataFrame:
    """Content of a GeoParquet file of a result; `DataMissing` if there is none, or it is no GeoParquet."""
    return _content(result, name, geoparquet)


def read_layer(result: Result, name: str, layer: str) -> gpd.GeoDataFrame:
    """A layer of a GeoPackage of a result; `DataMissing` if there is none, or it is no GeoPackage."""
    return _content(result, name, partial(gpd.read_file, layer=layer))


def read_table_of(result: Result, name: str) -> pd.DataFrame:
    """Content of a CSV file of a result; `DataMissing` if there is none, or it is no table."""
    return _content(result, name, partial(pd.read_csv, float_precision="round_trip"))


def read_curves(result: Result, name: str) -> xr.Dataset:
    """Content of a NetCDF file of a result; `DataMissing` if there is none, or it is not of the format CDF-5."""
    return _content(result, name, _curves)


def read_lines(result: Result, name: str) -> np.ndarray:
    """Ends of the edges of the first network in a GeoPackage of a result, shape (edge, 2, 2); none without such a file.

    Raises
    ------
    DataMissing
        If it is no GeoPackage with a layer of edges.
    """
    return _content(result, name, _lines) if name in result.files else np.empty((0, 2, 2))


def _content(result: Result, name: str, read: Callable[[Path], Content]) -> Content:
    """What a reader makes of a file; whatever it stumbles over, the file is none of ours."""
    file = listed_file(result, name)
    try:
        refuse_disguised(file)
        return read(file)
    except Exception as error:  # a file that anybody may have written provokes any error of any library
        text = f"{file}: is not what a result holds under this name; {REMEDY}"
        raise DataMissing(text) from error


def _curves(file: Path) -> xr.Dataset:
    """Variables of a file whose header asks for no more numbers than the file holds."""
    # lazily: the sizes in the header are seen before any array of them is made
    with xr.open_dataset(file, engine="netcdf4", decode_timedelta=False, decode_times=False) as curves:
        if curves.nbytes > 2 * file.stat().st_size:
            text = "the header names more numbers than there are"
            raise ValueError(text)
        return curves.load()


def _lines(file: Path) -> np.ndarray:
    """Lines of the first layer of edges."""
    first = next(name for name in layers(file) if name.endswith("_edges"))
    # edges are written as straight lines of two ends
    ends = shapely.get_coordinates(gpd.read_file(file, layer=first).geometry.to_numpy())
    return np.asarray(ends.reshape(-1, 2, 2))
