"""Result folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName, system_words
from holdfast.store.beside import PARTIAL, put_in_place, sync
from holdfast.store.exports import write_json
from holdfast.store.manifest import MANIFEST, made_result, manifest_of
from holdfast.store.place import result_place
from holdfast.types import Provenance

OURS = (TableError, UnknownName, DataMissing, NotConverged)
TRIED = 64 * 2**20
"""Bytes that are asked for at least to find out why a library could not write."""


@contextmanager
def new_result(
    out: Path, provenance: Provenance, overwrite: bool = False, blocks: Sequence[Path] = ()
) -> Iterator[Path]:
    """Write a result folder that appears at once and whole, or not at all.

    Parameters
    ----------
    out : Path
        Folder of the result, from `result_place`. Of an earlier result there, the files it lists are replaced; all
        others stay.
    provenance : Provenance
        Stored in ``manifest.json`` with the SHA-256 of every file.
    overwrite : bool
        As in `result_place`.
    blocks : sequence of Path
        Folders of finished blocks beside `out`: removed when the result is there, and when the disk cannot hold it.

    Yields
    ------
    Path
        A folder beside `out` to write into. It is removed if the block fails.

    Raises
    ------
    TableError
        If `out` is a place that no result may take.
    OSError
        If the disk refuses; the message says why, and that nothing was changed.
    """
    place = result_place(out, provenance.verb, provenance.name, overwrite)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{place.name}{PARTIAL}{os.getpid()}-", dir=place.parent))
    except OSError as error:
        raise refused_write(place, error.errno) from error
    try:
        yield folder
        write_json(folder / MANIFEST, manifest_of(made_result(folder, provenance)))
        for path in [*folder.rglob("*"), folder]:
            sync(path)
        folder.chmod(0o755)
        put_in_place(folder, place, overwrite)
    except OURS:
        raise
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        number = number or _asked_again(folder)
        if number is None:
            raise
        _remove(blocks)
        raise refused_write(place, number) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _remove(blocks)


def _remove(folders: Sequence[Path]) -> None:
    """Remove folders of ours."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def refused_write(place: Path, number: int | None) -> OSError:
    """The system's refusal to write something, in plain words.

    Parameters
    ----------
    place : Path
        What was to be written.
    number : int or None
        Of the system's error.
    """
    text = f"{place}: could not be written: {system_words(number)}. Nothing was changed there"
    return OSError(number, text)


def _asked_again(folder: Path) -> int | None:
    """Number of the system's error when room is asked for, twice the largest file of a folder; None if it is given.

    Libraries hide the system's answer in words of their own.
    """
    sizes = [f.stat().st_size for f in folder.rglob("*") if f.is_file()]
    wanted = max(TRIED, 2 * max(sizes, default=0))
    try:
        with tempfile.TemporaryFile(dir=folder) as stream:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(stream.fileno(), 0, wanted)
            else:
                stream.write(bytes(wanted))
            stream.flush()
    except OSError as refused:
        return refused.errno
    return None
