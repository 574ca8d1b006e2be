"""What makes a folder a result: a manifest of ours that lists every file with its SHA-256."""

import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from holdfast.errors import DataMissing
from holdfast.gate.files import is_file, sha256
from holdfast.gate.limits import OWN_JSON_BYTES, OWN_JSON_DEPTH
from holdfast.gate.text import parse_json
from holdfast.types import InputFile, Provenance

MANIFEST = "manifest.json"
FORMAT, VERSION = "Holdfast result", 2
PACKAGES = ("holdfast", "numpy", "scipy", "pandas", "geopandas", "shapely", "scikit-learn", "torch", "numba", "xarray")
DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*")
"""Names of files in a result: plain, at most one folder down, so that none leads out of it."""
REMEDY = "run the study again with this version"


@dataclass(frozen=True)
class Result:
    """A folder that says it is a result of this version; its files are believed only as far as their digests."""

    folder: Path
    run: str
    provenance: Provenance
    files: dict[str, str]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a result depends on, as far as they are installed, by name."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def run_id(provenance: Provenance) -> str:
    """First twelve hexadecimal digits of the SHA-256 of what a result came from: study, seed, inputs and versions."""
    # sorted: the order in which a study's keys were written does not make another run
    text = json.dumps(asdict(provenance), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def made_result(folder: Path, provenance: Provenance) -> Result:
    """The result that a folder is becoming, with the files written until now."""
    files = {f.relative_to(folder).as_posix(): sha256(f) for f in sorted(folder.rglob("*")) if f.is_file()}
    return Result(folder, run_id(provenance), provenance, files)


def manifest_of(result: Result) -> dict[str, Any]:
    """Content of the manifest of a result that is complete but for it."""
    provenance = asdict(result.provenance)
    return {"format": FORMAT, "version": VERSION, "run": result.run, "provenance": provenance, "files": result.files}


def is_ours(folder: Path) -> bool:
    """Whether a folder says that it is a result of this version."""
    try:
        read_manifest(folder)
    except DataMissing:
        return False
    return True


def listed(result: Result) -> Iterator[tuple[str, bool | None]]:
    """Every file that a manifest lists, and whether it holds what was written.

    Yields
    ------
    tuple
        Name; True, False where it holds something else, None where there is no plain file.
    """
    for name, digest in result.files.items():
        file = result.folder / name
        # a link may lead anywhere, so that it is never read as a file of the result
        linked = is_file(file) and (file.is_symlink() or file.parent.is_symlink())
        yield name, None if not is_file(file) else not linked and _holds(file, digest)


def _holds(file: Path, digest: str) -> bool:
    """Whether a file can be read and has a digest."""
    try:
        return sha256(file) == digest
    except OSError:
        return False


def read_manifest(folder: Path) -> Result:
    """Read a manifest and believe nothing in it that is not of the form this version writes.

    Raises
    ------
    DataMissing
        If there is no manifest of this version.
    """
    path = folder / MANIFEST
    if not is_file(path) or path.is_symlink():
        text = f"{folder}: no Holdfast result here; `holdfast rate` or `holdfast simulate` makes one"
        raise DataMissing(text)
    content = own_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        text = f"{path}: is not a manifest of Holdfast of this version; {REMEDY}"
        raise DataMissing(text)
    # the version first: an older manifest has another form, which is no fault of anybody
    if content.get("version") != VERSION:
        text = f"{path}: was written by another version of Holdfast; {REMEDY}"
        raise DataMissing(text)
    provenance, files = _provenance(content.get("provenance")), content.get("files")
    if (
        # the run is a hash of the provenance: a changed study, seed or input shows
        provenance is None
        or not isinstance(files, dict)
        or not _plain_names(files)
        or content.get("run") != run_id(provenance)
    ):
        text = f"{path}: was changed after the run; {REMEDY}"
        raise DataMissing(text)
    return Result(folder, str(content["run"]), provenance, dict(files))


def listed_file(result: Result, name: str) -> Path:
    """A file of a result, by its name, such as ``"rating.json"``; `DataMissing` if the result holds none of that name."""
    if name not in result.files:
        text = f"{result.folder}: this result holds no {name}; {REMEDY}"
        raise DataMissing(text)
    return result.folder / name


def own_json(path: Path) -> Any:
    """Content of a JSON file that Holdfast writes, held to a size and a depth.

    Raises
    ------
    DataMissing
        If it is not readable JSON.
    """
    try:
        if path.stat().st_size > OWN_JSON_BYTES:
            text = f"{path}: is larger than {OWN_JSON_BYTES:,} bytes, which no file of a result is; {REMEDY}"
            raise DataMissing(text)
        return parse_json(path.read_bytes(), OWN_JSON_DEPTH)
    except OSError:
        text = f"{path}: cannot be opened; is it readable for you?"
    except DataMissing:
        raise
    except ValueError as error:
        text = f"{path}: {error}; {REMEDY}"
    raise DataMissing(text)


def _plain_names(files: dict[Any, Any]) -> bool:
    """Whether these are names inside a folder with digests."""
    return all(NAME.fullmatch(n) and isinstance(d, str) and DIGEST.fullmatch(d) for n, d in files.items())


def _provenance(content: Any) -> Provenance | None:
    """Provenance from a manifest, or None where it has another form."""
    if not isinstance(content, dict) or set(content) != {f.name for f in fields(Provenance)}:
        return None
    names = {f.name for f in fields(InputFile)}
    texts = names - {"rows", "notes", "warnings"}
    inputs = content["inputs"]
    plain = (
        all(isinstance(content[k], str) for k in ("verb", "name"))
        and isinstance(content["study"], dict)
        # not isinstance: true and false are whole numbers to Python
        and type(content["seed"]) is int
        and isinstance(content["versions"], dict)
        and all(isinstance(v, str) for v in content["versions"].values())
        and isinstance(inputs, list)
        and all(isinstance(i, dict) and set(i) == names for i in inputs)
        and all(isinstance(i[k], str) for i in inputs for k in texts)
        and all(type(i["rows"]) is int and _texts(i["notes"]) and _texts(i["warnings"]) for i in inputs)
    )
    if not plain:
        return None
    files = (InputFile(**{**i, "notes": tuple(i["notes"]), "warnings": tuple(i["warnings"])}) for i in inputs)
    return Provenance(**{**content, "inputs": tuple(files)})


def _texts(values: Any) -> bool:
    """Whether this is a list of texts."""
    return isinstance(values, list) and all(isinstance(v, str) for v in values)
