"""Finished blocks of a run that has not ended yet, kept beside the place of its result."""

import importlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from holdfast.errors import Problem, TableError
from holdfast.store.beside import ABANDONED_DAYS, DAY, escaped
from holdfast.store.folder import refused_write

LOCK = "held"
BLOCKS = ".blocks-"


class Stopped(NamedTuple):
    """Blocks that a stopped run left: their folder, how many, their bytes, and the days since the last was written."""

    folder: Path
    blocks: int
    bytes: int
    days: float


def blocks_folder(place: Path, run: str) -> Path:
    """Folder beside a result (from `result_place`) in which a run (hash of the provenance) keeps its blocks until it is there."""
    return place.with_name(f".{place.name}{BLOCKS}{run}")


@contextmanager
def kept_blocks(place: Path, run: str, resume: bool) -> Iterator[Path]:
    """A folder for the blocks of a run, which this process holds while it computes.

    It stays when the run is stopped, so that the run can go on; a disk that refuses to be written to leaves none.
    With `resume` the blocks that are there are kept.

    Raises
    ------
    TableError
        If another process runs the same study to the same place.
    OSError
        If the disk refuses; the message says why.
    """
    clear_abandoned(place)
    folder = blocks_folder(place, run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / LOCK).open("ab")
    except OSError as error:
        raise refused_write(place, error.errno) from error
    try:
        if not _take(held):
            text = "another process runs this study to the same place; wait for it, or choose another folder with --out"
            raise TableError(str(place), [Problem(text, column="--out")])
        # only now, with the lock in hand: the blocks of a run that goes on are not ours to remove
        for file in () if resume else folder.glob("*.npz"):
            file.unlink()
        yield folder
    except (TableError, ChildProcessError):
        raise
    except OSError as error:
        # a full disk is not held full by what can be computed again
        shutil.rmtree(folder, ignore_errors=True)
        raise refused_write(place, error.errno) from error
    finally:
        held.close()
        if not any(folder.glob("*.npz")):  # an empty folder is no run to go on with
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def going_on_told(place: Path | None) -> Iterator[None]:
    """Say how to go on to whoever stops a run, and to whom a worker was ended.

    Raises
    ------
    KeyboardInterrupt, ChildProcessError
        As raised inside, with a word on how to go on where blocks are kept beside `place`.
    """
    try:
        yield
    except (KeyboardInterrupt, ChildProcessError) as stop:
        count = 0 if place is None else sum(len(list(folder.glob("*.npz"))) for folder in _folders(place))
        words = f"{count} finished blocks of draws are kept; the same command with --resume goes on" if count else ""
        if isinstance(stop, KeyboardInterrupt):
            raise KeyboardInterrupt(words) from None
        raise ChildProcessError(stop.errno, "; ".join(filter(None, [stop.strerror, words]))) from None


def _folders(place: Path) -> list[Path]:
    """Folders of blocks beside a result."""
    there = place.parent.glob(f".{escaped(place.name)}{BLOCKS}*")
    return sorted(folder for folder in there if folder.is_dir() and not folder.is_symlink())


def stopped_runs(place: Path) -> list[Stopped]:
    """Blocks that stopped runs left beside a result; those of a run that goes on are none of them."""
    found = []
    for folder in _folders(place):
        if _is_held(folder):
            continue
        facts = [f.stat() for f in folder.glob("*.npz")]
        last = max((f.st_mtime for f in facts), default=folder.stat().st_mtime)
        found.append(Stopped(folder, len(facts), sum(f.st_size for f in facts), (time.time() - last) / DAY))
    return found


def clear_abandoned(place: Path) -> None:
    """Remove blocks beside a result that no run has written to for 30 days."""
    for left in stopped_runs(place):
        if left.days > ABANDONED_DAYS:
            shutil.rmtree(left.folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    """Whether a living process holds a folder of blocks."""
    try:
        with (folder / LOCK).open("ab") as stream:
            # the lock is given back as the file closes
            return not _take(stream)
    except OSError:
        return False


def _take(stream: BinaryIO) -> bool:
    """Take the lock of an open file, which the system gives back when this process ends, however it ends."""
    try:
        if os.name == "nt":
            windows: Any = importlib.import_module("msvcrt")
            windows.locking(stream.fileno(), windows.LK_NBLCK, 1)
        else:
            posix: Any = importlib.import_module("fcntl")
            posix.flock(stream.fileno(), posix.LOCK_EX | posix.LOCK_NB)
    except OSError:
        return False
    return True
