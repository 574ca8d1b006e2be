"""Results on disk: a folder that is either whole or not there, with what it came from."""

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.types import Model, Provenance

MANIFEST = "manifest.json"
FORMAT = 1
FIXED_DATE = "2000-01-01T00:00:00.000Z"  # GeoPackage stores a date of change; a fixed one keeps bytes equal
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
PACKAGES = ("holdfast", "numpy", "scipy", "pandas", "geopandas", "shapely", "scikit-learn", "torch", "numba", "xarray")
MODEL_ARRAYS, MODEL_FACTS = "model.safetensors", "model.json"
BACKUP, PARTIAL = ".previous", ".partial-"


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on.

    Returns
    -------
    dict
        Package to version; only packages that are installed.
    """
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def run_id(provenance: Provenance) -> str:
    """First twelve hexadecimal digits of the SHA-256 of what a result came from.

    Parameters
    ----------
    provenance : Provenance
        Study, seed, inputs and versions.
    """
    text = json.dumps(asdict(provenance), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@contextmanager
def new_result(out: Path, provenance: Provenance) -> Iterator[Path]:
    """Write a result folder that appears at once and whole, or not at all.

    Parameters
    ----------
    out : Path
        Folder of the result. An earlier result there is replaced; another folder is refused.
    provenance : Provenance
        Stored in ``manifest.json`` with the SHA-256 of every file.

    Yields
    ------
    Path
        A folder beside `out` to write into. It is removed if the block fails.

    Raises
    ------
    TableError
        If `out` is a file, or a folder that holds something else than a result.
    """
    refuse_foreign(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    _clear_partial(out)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}{PARTIAL}{os.getpid()}-", dir=out.parent))
    try:
        yield folder
        files = {str(f.relative_to(folder)): _digest(f) for f in sorted(folder.rglob("*")) if f.is_file()}
        manifest = {"format": FORMAT, "run": run_id(provenance), "provenance": asdict(provenance), "files": files}
        write_json(folder / MANIFEST, manifest)
        for path in [*folder.rglob("*"), folder]:
            _sync(path)
        folder.chmod(0o755)
        backup = out.with_name(f".{out.name}{BACKUP}")
        if out.is_dir() and not any(out.iterdir()):
            out.rmdir()
        if out.exists():
            shutil.rmtree(backup, ignore_errors=True)
            out.rename(backup)
        folder.rename(out)
        _sync(out.parent)
        shutil.rmtree(backup, ignore_errors=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def refuse_foreign(out: Path) -> None:
    """Refuse to replace anything but an earlier result.

    Parameters
    ----------
    out : Path
        Folder that a result is to take.

    Raises
    ------
    TableError
        If `out` is a file, or a folder that holds something else than a result.
    """
    restore(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MANIFEST).is_file()):
        text = "exists and is no Holdfast result; choose another folder with --out"
        raise TableError(str(out), [Problem(text)])


def restore(out: Path) -> None:
    """Bring back an earlier result if a run died between taking it away and putting the new one.

    Parameters
    ----------
    out : Path
        Folder of the result.
    """
    backup = out.with_name(f".{out.name}{BACKUP}")
    if backup.is_dir() and not out.exists():
        backup.rename(out)


def _clear_partial(out: Path) -> None:
    """Remove what runs that died have left beside `out`; those of living processes stay."""
    if os.name == "nt":  # where signal 0 is no harmless question
        return
    for leftover in out.parent.glob(f".{out.name}{PARTIAL}*"):
        process = leftover.name.split(PARTIAL)[1].split("-")[0]
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            shutil.rmtree(leftover, ignore_errors=True)
        except (ValueError, OSError):
            continue


def _digest(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Push a file or folder to the disk; Windows cannot open folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a result's manifest and hold every file to its SHA-256.

    Parameters
    ----------
    folder : Path
        Result folder.

    Returns
    -------
    dict
        ``format``, ``run``, ``provenance`` and ``files``.

    Raises
    ------
    DataMissing
        If there is no result.
    TableError
        If a file is missing or was changed.
    """
    restore(folder)
    path = folder / MANIFEST
    if not path.is_file():
        text = f"{folder}: no Holdfast result here; `holdfast rate` or `holdfast simulate` makes one"
        raise DataMissing(text)
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = dict(manifest["files"])
    except (ValueError, KeyError, TypeError):
        raise TableError(str(path), [Problem("is not a manifest of Holdfast; run the study again")]) from None
    problems = []
    for name, digest in files.items():
        file = folder / name
        if not file.is_file():
            problems.append(Problem(f"{name} is missing; run the study again"))
        elif _digest(file) != digest:
            problems.append(Problem(f"{name} was changed after the run; run the study again"))
    if problems:
        raise TableError(str(folder), problems)
    return manifest


def write_json(path: Path, content: object) -> None:
    """Write JSON with two blanks of indent, and null for what is not a number.

    Parameters
    ----------
    path : Path
        File to write.
    content : object
        Of dicts, lists, text and numbers.
    """

    def clean(value: object) -> object:
        if isinstance(value, Mapping):
            return {str(k): clean(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [clean(v) for v in value]
        if hasattr(value, "item"):
            value = value.item()
        return None if isinstance(value, float) and value - value != 0 else value

    path.write_text(json.dumps(clean(content), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to one file that is whole or not there.

    Parameters
    ----------
    path : Path
        ``.npz`` file to write.
    arrays : mapping
        Name to array of numbers.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}{os.getpid()}")
    with partial.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read arrays that `write_arrays` wrote.

    Parameters
    ----------
    path : Path
        ``.npz`` file.

    Raises
    ------
    TableError
        If the file is none.
    """
    try:
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in content.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError):
        raise TableError(str(path), [Problem("is no block of draws; delete it and run again")]) from None


def write_model(folder: Path, model: Model) -> None:
    """Write a rating model as ``model.safetensors`` and ``model.json``.

    Parameters
    ----------
    folder : Path
        Folder to write into.
    model : Model
        Facts and arrays.
    """
    whole = {name: np.ascontiguousarray(values) for name, values in sorted(model.arrays.items())}
    (folder / MODEL_ARRAYS).write_bytes(save(whole))
    write_json(folder / MODEL_FACTS, model.facts)


def read_model(folder: Path) -> Model:
    """Read a rating model from a result folder.

    Parameters
    ----------
    folder : Path
        Result of `holdfast rate`.

    Raises
    ------
    DataMissing
        If there is no result, or it holds no model.
    TableError
        If a file of the result was changed, or the model is not readable.
    """
    manifest = read_manifest(folder)
    if MODEL_ARRAYS not in manifest["files"]:
        text = f"{folder}: this result holds no model; rate it with this version of Holdfast"
        raise DataMissing(text)
    try:
        facts = json.loads((folder / MODEL_FACTS).read_text(encoding="utf-8"))
        arrays = {name: np.asarray(values) for name, values in load_file(folder / MODEL_ARRAYS).items()}
    except (ValueError, OSError, SafetensorError):
        raise TableError(str(folder / MODEL_ARRAYS), [Problem("is no model; rate the region again")]) from None
    return Model(facts, arrays)


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV file whose text cells no spreadsheet takes for formulas.

    Parameters
    ----------
    path : Path
        File to write.
    table : DataFrame
        Without its index; empty where null.
    """
    safe = table.copy()
    for column in safe.columns:
        if pd.api.types.is_string_dtype(safe[column]) or safe[column].dtype == object:
            text = safe[column].astype("string")
            safe[column] = text.where(~text.str.startswith(FORMULA_STARTS, na=False), "'" + text)
    safe.to_csv(path, index=False, lineterminator="\n")


def write_geopackage(path: Path, layers: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, str], about: str) -> None:
    """Write a GeoPackage with a default QGIS style for each layer.

    Parameters
    ----------
    path : Path
        File to write.
    layers : mapping
        Layer name to its features.
    styles : mapping
        Layer name to a style in QGIS's QML.
    about : str
        Citation, licence and run, stored as the description of each layer.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        for name, features in layers.items():
            pyogrio.write_dataframe(
                features, path, layer=name, driver="GPKG", append=path.exists(), layer_options={"DESCRIPTION": about}
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, f_table_schema TEXT, "
            "f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)"
        )
        for name, style in styles.items():
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
                "VALUES ('', '', ?, 'geom', ?, ?, '', 1, 'Holdfast', '', '', ?)",
                (name, name, style, FIXED_DATE),
            )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (FIXED_DATE,),
        )
