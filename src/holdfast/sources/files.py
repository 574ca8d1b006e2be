"""The gate for files: what a path may be, and the plain reading of tables and layers."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.gate.files import refuse_disguised

CSV_NULLS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
UNPACKED_LIMIT = 4 * 2**30
VECTORS = (".gpkg", ".geojson", ".json", ".shp", ".parquet")
ALL_DEGREES = 180.0


def locate(folder: Path, path: str, key: str, suffixes: tuple[str, ...]) -> Path:
    """Find an input file and refuse what is none.

    Parameters
    ----------
    folder : Path
        Folder of the study's data.
    path : str
        As written in the study.
    key : str
        Key of the study that names the file, for messages.
    suffixes : tuple of str
        Endings that the reader can read.

    Returns
    -------
    Path
        An existing, non-empty file whose first bytes fit its ending.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        If it is a URL or a virtual path, empty, of an unknown kind, or not what its ending says.
    """
    if "://" in path or path.startswith(("/vsi", "\\vsi")):
        raise TableError(path, [Problem("is not a local file; download it first", column=key)])
    file = folder / path
    if not file.is_file():
        text = f"{file}: no such file ({key}); pass the folder that holds it with --data, or correct the path"
        raise DataMissing(text)
    if not str(file).lower().endswith(suffixes):
        raise TableError(str(file), [Problem(f"cannot be read here; known endings: {', '.join(suffixes)}", column=key)])
    refuse_disguised(file, key)
    return file


def read_table(file: Path) -> pd.DataFrame:
    """Read a CSV file as text; the schema check converts it.

    Parameters
    ----------
    file : Path
        ``.csv`` or ``.csv.gz``, UTF-8, with a header.

    Returns
    -------
    DataFrame
        Text cells, null where empty; index ``row``, the row of the file (the header is row 1).

    Raises
    ------
    TableError
        If it is no such file, or unpacks to more than 4 GiB.
    """
    try:
        if file.suffix == ".gz":
            with gzip.open(file) as stream:
                content = stream.read(UNPACKED_LIMIT + 1)
            if len(content) > UNPACKED_LIMIT:
                raise TableError(str(file), [Problem("unpacks to more than 4 GiB; split it")])
        else:
            content = file.read_bytes()
        table = pd.read_csv(
            io.BytesIO(content), dtype=str, keep_default_na=False, na_values=CSV_NULLS, skip_blank_lines=False
        )
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise TableError(str(file), [Problem("is not UTF-8 text; save the file as UTF-8", row=row)]) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        text = f"is not a table: {str(error).strip()}; every row needs as many fields as the header"
        raise TableError(str(file), [Problem(text)]) from None
    except (EOFError, OSError) as error:
        raise TableError(str(file), [Problem(f"cannot be unpacked ({error}); copy or download it again")]) from None
    table.index = pd.RangeIndex(2, len(table) + 2, name="row")
    return table.dropna(how="all")


def read_shapes(file: Path, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Read a layer of shapes.

    Parameters
    ----------
    file : Path
        GeoPackage, GeoJSON, shapefile or GeoParquet that passed `locate`.
    layer : str, optional
        Layer of a GeoPackage that has several.
    crs : str, optional
        CRS of a file that states none.

    Returns
    -------
    GeoDataFrame
        Index ``row``, from 1; the CRS fits the coordinates.

    Raises
    ------
    TableError
        If it cannot be read, has no CRS, or has coordinates that the CRS cannot mean.
    """
    try:
        shapes = _read_by_kind(file, layer)
    except TableError:
        raise
    except Exception as error:  # the readers raise a dozen kinds for a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(str(file), [Problem(f"cannot be read ({reason}); copy or download it again")]) from None
    shapes.index = pd.RangeIndex(1, len(shapes) + 1, name="row")
    if shapes.crs is None and crs is not None:
        shapes = shapes.set_crs(crs)
    _refuse_wrong_crs(shapes, f"{file}, layer {layer}" if layer else str(file))
    return shapes


def _read_by_kind(file: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Read with the one reader that the ending calls for."""
    kind = file.suffix.lower()
    if kind == ".parquet":
        return gpd.read_parquet(file)
    if kind in (".geojson", ".json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        if content.get("type") != "FeatureCollection":
            raise TableError(str(file), [Problem('is not GeoJSON with "type": "FeatureCollection"')])
        crs = content.get("crs", {}).get("properties", {}).get("name", "EPSG:4326")
        return _features(content["features"], crs)
    layers = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
    if layer is None and len(layers) > 1:
        raise TableError(str(file), [Problem(f"has several layers, say which: {', '.join(layers)}", column="layer")])
    if layer is not None and layer not in layers:
        raise TableError(str(file), [Problem(f'has no layer "{layer}"; it has: {", ".join(layers)}', column="layer")])
    shapes = gpd.read_file(file, layer=layer or layers[0])
    if not isinstance(shapes, gpd.GeoDataFrame):
        raise TableError(str(file), [Problem("holds a table without shapes")])
    return shapes


def _features(features: list[dict[str, Any]], crs: str) -> gpd.GeoDataFrame:
    """Table of GeoJSON features; points, of which there can be many, all at once."""
    kinds = {(feature.get("geometry") or {}).get("type") for feature in features}
    if kinds == {"Point"}:
        places = np.array([feature["geometry"]["coordinates"][:2] for feature in features], dtype=np.float64)
        columns = pd.DataFrame([feature.get("properties") or {} for feature in features])
        table = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*places.T), crs=crs)
    else:
        table = gpd.GeoDataFrame.from_features(features, crs=crs)
    if "id" not in table.columns and any("id" in feature for feature in features):
        table["id"] = [feature.get("id") for feature in features]
    return table


def _refuse_wrong_crs(shapes: gpd.GeoDataFrame, name: str) -> None:
    """Catch a missing CRS and degrees that claim to be metres, or the other way round."""
    if shapes.crs is None:
        text = 'states no CRS; add `crs = "EPSG:..."` to the table in the study'
        raise TableError(name, [Problem(text, column="geometry")])
    if not len(shapes):
        return
    bounds = shapes.total_bounds
    if not np.isfinite(bounds).all():
        return
    label = shapes.crs.to_string()
    label = label if len(label) < 40 else shapes.crs.name
    extent = f"x {bounds[0]:.6g} to {bounds[2]:.6g}, y {bounds[1]:.6g} to {bounds[3]:.6g}"
    looks_like_degrees = np.abs(bounds).max() <= ALL_DEGREES
    if shapes.crs.is_geographic and (np.abs(bounds[[0, 2]]).max() > ALL_DEGREES or np.abs(bounds[[1, 3]]).max() > 90):
        text = f"the CRS {label} is in degrees but the coordinates are not ({extent}); state the true CRS"
        raise TableError(name, [Problem(text, column="geometry")])
    if shapes.crs.is_projected and looks_like_degrees:
        text = f"the CRS {label} is in metres but the coordinates look like degrees ({extent}); is it EPSG:4326?"
        raise TableError(name, [Problem(text, column="geometry")])


def found(folder: Path, names: tuple[str, ...], advice: str) -> Path:
    """The first of some files that a folder or one of its direct subfolders holds.

    Parameters
    ----------
    folder : Path
        Folder of the user's data.
    names : tuple of str
        File names, the preferred one first.
    advice : str
        Where the files come from, for the message.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    DataMissing
        If there is none of them.
    """
    for name in names:
        there = sorted([*folder.glob(name), *folder.glob(f"*/{name}")])
        if there:
            return there[0]
    text = f"{folder}: holds none of {', '.join(names)}, also not one folder down; {advice}"
    raise DataMissing(text)
