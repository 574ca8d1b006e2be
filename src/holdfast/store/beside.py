"""What stands beside a result while it is made or replaced, and how it is cleared when a run died."""

import os
import shutil
import time
from pathlib import Path

from holdfast.gate.files import is_folder, sha256
from holdfast.store.manifest import MANIFEST, Result, is_ours, read_manifest

PARTIAL, PREVIOUS, KEPT = ".partial-", ".previous", ".kept"
FOREIGN_IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that file managers leave in any folder."""
ABANDONED_DAYS = 30
"""Age from which a folder that a run left beside a result is cleared whatever became of the run."""
DAY = 86_400


def put_in_place(folder: Path, place: Path, overwrite: bool) -> None:
    """Let a whole new result, beside `place`, take its place; files that the earlier one does not list move into it.

    With `overwrite` files of the earlier result that were changed are given up, else they are kept under another name.
    """
    previous = _previous(place)
    if place.is_dir() and not any(place.iterdir()):
        place.rmdir()
    # two renames, each at once: a run that dies between them is finished or undone by `restore`
    if place.exists():
        place.rename(previous)
    try:
        folder.rename(place)
    except OSError:
        if previous.is_dir():
            previous.rename(place)
        raise
    sync(place.parent)
    if previous.is_dir():
        _give_up(previous, place, overwrite)


def restore(place: Path) -> None:
    """Finish or undo what a run that died was doing to a result, and clear what it left."""
    previous = _previous(place)
    if is_folder(previous) and not previous.is_symlink():
        # the earlier result had stepped aside and the new one had not come: back with it; else the new one is there
        if not os.path.lexists(place) and is_ours(previous):
            previous.rename(place)
        elif is_ours(place):
            _give_up(previous, place, overwrite=False)
    for leftover in place.parent.glob(f".{escaped(place.name)}{PARTIAL}*"):
        if leftover.is_dir() and not leftover.is_symlink() and _abandoned(leftover):
            shutil.rmtree(leftover, ignore_errors=True)


def _previous(place: Path) -> Path:
    """Name of an earlier result while a new one takes its place."""
    return place.with_name(f".{place.name}{PREVIOUS}")


def escaped(name: str) -> str:
    """A name that `glob` takes as it is.

    Examples
    --------
    >>> escaped("a[1]*")
    'a[[]1][*]'
    """
    return "".join(f"[{c}]" if c in "[*?" else c for c in name)


def _abandoned(leftover: Path) -> bool:
    """Whether the process that a folder is named for has ended, or the folder is old."""
    if time.time() - leftover.stat().st_mtime > ABANDONED_DAYS * DAY:
        return True
    if os.name == "nt":  # where signal 0 is no harmless question
        return False
    process = leftover.name.rsplit(PARTIAL, 1)[1].split("-")[0]
    try:
        # signal 0 asks whether the process is there and does nothing to it
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (ValueError, OverflowError, OSError):
        return False
    return False


def _give_up(previous: Path, place: Path, overwrite: bool) -> None:
    """Remove the files that an earlier result lists, and move all others into the new one."""
    if is_ours(previous):
        result = read_manifest(previous)
        for name in result.files:
            if overwrite or _as_written(result, name):
                (previous / name).unlink(missing_ok=True)
        (previous / MANIFEST).unlink()  # last, so that a run that dies here is finished by the next
    for file in sorted(p for p in previous.rglob("*") if p.is_symlink() or not p.is_dir()):
        if file.name in FOREIGN_IGNORED:
            file.unlink()
        else:
            _keep(file, file.relative_to(previous), place)
    for folder in sorted((p for p in previous.rglob("*") if p.is_dir() and not p.is_symlink()), reverse=True):
        folder.rmdir()
    previous.rmdir()


def _as_written(result: Result, name: str) -> bool:
    """Whether a file of a result holds what was written; the digest settles it where the time does not."""
    file = result.folder / name
    if file.is_symlink() or not file.is_file():
        return False
    # the manifest is written last: what is older than it was not changed since, and large files need no digest
    older = file.stat().st_mtime_ns <= (result.folder / MANIFEST).stat().st_mtime_ns
    return older or sha256(file) == result.files[name]


def _keep(file: Path, name: Path, place: Path) -> None:
    """Move a file of the user into the new result, under another name where its own is taken."""
    first, *rest = name.parts
    # a folder of the user's where the new result has a file of that name
    if rest and os.path.lexists(place / first) and not (place / first).is_dir():
        first += KEPT
    target = place.joinpath(first, *rest)
    while os.path.lexists(target):
        target = target.with_name(f"{target.name}{KEPT}")
    target.parent.mkdir(parents=True, exist_ok=True)
    file.rename(target)


def sync(path: Path) -> None:
    """Push a file, or a folder's list of names, to the disk; Windows cannot open folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
