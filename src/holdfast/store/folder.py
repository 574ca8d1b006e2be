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
        As in `result_place`: also over a result of another study.
    blocks : sequence of Path
        Folders of finished blocks beside `out`: removed when the result is there, and when the disk cannot hold it.

    Yields
    ------
    Path
        A folder beside `out` to write into. It is removed if the block fails.

    Raises
    ------
    TableError, OSError
        If `out` is a place that no result may take; if the disk refuses, which is said in words.
    """
    place = result_place(out, provenance.verb, provenance.name, overwrite)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # beside the place, on the same disk, so that one rename brings it there; named for this process
        folder = Path(tempfile.mkdtemp(prefix=f".{place.name}{PARTIAL}{os.getpid()}-", dir=place.parent))
    except OSError as error:
        raise refused_write(place, error.errno) from error
    try:
        yield folder
        write_json(folder / MANIFEST, manifest_of(made_result(folder, provenance)))
        # all of it on the disk before it gets its name
        for path in [*folder.rglob("*"), folder]:
            sync(path)
        folder.chmod(0o755)  # temporary folders are made for their owner alone
        put_in_place(folder, place, overwrite)
    except OURS:
        raise
    except Exception as error:
        # libraries raise anything where a disk is full; only if the disk itself says so are the words ours
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
    """The system's refusal (number of its error) to write something at a place, in plain words."""
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
            # room that is really given: a file of zeros written in the usual way may take none
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(stream.fileno(), 0, wanted)
            else:
                stream.write(bytes(wanted))
            stream.flush()
    except OSError as refused:
        return refused.errno
    return None
