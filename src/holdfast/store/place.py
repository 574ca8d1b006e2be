"""Where a result may go: worked out, or refused before anything is computed."""

import os
import tempfile
import unicodedata
from pathlib import Path

from holdfast.errors import Problem, TableError
from holdfast.store.beside import FOREIGN_IGNORED, PARTIAL, restore
from holdfast.store.manifest import Result, is_ours, listed, read_manifest

LONGEST_NAME = 200
"""Bytes of the name of a result; what stands beside it while it is made has a longer one, and disks allow 255."""
LONGEST_PATH = 3700
"""Bytes of the path of a result; the system's 4,096 less the longest name of a file in it."""
SHOWN, SHOWN_LETTERS = 3, 60  # names, letters of a name


def result_place(out: str | Path, verb: str, name: str | None, overwrite: bool = False) -> Path:
    """Work out where a result goes, and refuse what it may not replace.

    Parameters
    ----------
    out : str or Path
        Folder as the user wrote it; symbolic links and ``..`` are followed.
    verb, name : str, str or None
        Verb and study; a result of another verb or study is not replaced. None where the study is not known yet.
    overwrite : bool
        Replace it even so, and files of a result that were changed since. Files that no result lists always stay.

    Returns
    -------
    Path
        Absolute, without links.

    Raises
    ------
    TableError
        If no result can be there: the name, what lies there or above it, or no permission to write.

    Examples
    --------
    >>> result_place("results/../results/harris", "rate", "Harris County").name
    'harris'
    """
    place = _worked_out(out)
    _refuse_impossible(place)
    # before the place is looked at: an earlier result that stepped aside for a run that died comes back
    restore(place)
    if os.path.lexists(place):
        _refuse_foreign(place, verb, name, overwrite)
    _refuse_unwritable(place)
    return place


def _refused(out: str | Path, text: str) -> TableError:
    """The refusal of a place."""
    return TableError(str(out), [Problem(f"{text}; choose another folder with --out", column="--out")])


def _worked_out(out: str | Path) -> Path:
    """Absolute path without links, of a name that every system and message can hold."""
    # control characters, half surrogates, line and paragraph separators
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in str(out)):
        raise _refused(ascii(str(out)), "the name holds a line break or another character that cannot be shown")
    place = Path(os.path.realpath(out))
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in place.parts) or len(os.fsencode(place)) > LONGEST_PATH:
        text = f"a name is too long: at most {LONGEST_NAME} bytes each, and {LONGEST_PATH:,} in all"
        raise _refused(str(out)[:SHOWN_LETTERS] + "...", text)
    if place.is_symlink():
        raise _refused(out, "is a symbolic link that leads to itself")
    return place


def _refuse_impossible(place: Path) -> None:
    """Refuse the root of a disk, the working directory, what is below a file, and the inside of a result."""
    if place.is_mount():
        raise _refused(place, "is the root of a disk, which a result cannot replace")
    here = Path.cwd()
    if place == here or place in here.parents:
        text = "is the working directory or holds it, and a result replaces its folder whole"
        raise _refused(place, text)
    above = _existing_above(place)
    if not above.is_dir():
        raise _refused(place, f"{above} is a file, below which no folder can lie")
    inside = next((p for p in (above, *above.parents) if p != place and is_ours(p)), None)
    if inside is not None:
        raise _refused(place, f"lies inside the result {inside}, which nothing may be added to")


def _existing_above(place: Path) -> Path:
    """The nearest thing above a place that is there."""
    return next(p for p in place.parents if os.path.lexists(p))


def _refuse_unwritable(place: Path) -> None:
    """Make a folder where the result will be made, and take it away again."""
    above = _existing_above(place)
    try:
        # tried and not asked for: permissions alone do not know of full disks, quotas or read-only mounts
        Path(tempfile.mkdtemp(prefix=f".{place.name}{PARTIAL}{os.getpid()}-", dir=above)).rmdir()
    except OSError:
        raise _refused(place, f"nothing can be written in {above}: no permission, or the disk is full") from None


def _refuse_foreign(place: Path, verb: str, name: str | None, overwrite: bool) -> None:
    """Refuse to replace anything but a result of the same study, as it was written."""
    if not place.is_dir():
        raise _refused(place, "exists and is no folder")
    try:
        there = [f for f in place.iterdir() if f.name not in FOREIGN_IGNORED]
    except OSError:
        raise _refused(place, "exists and cannot be looked into") from None
    if not there:
        return
    if not is_ours(place):
        raise _refused(place, "exists and is no Holdfast result of this version")
    result = read_manifest(place)
    theirs = result.provenance
    if not overwrite and (theirs.verb, theirs.name) != (verb, name or theirs.name):
        what = f'`holdfast {theirs.verb}` of "{theirs.name}"'
        raise _refused(place, f"holds the result of another study: {what}; --overwrite replaces it")
    changed = [] if overwrite else _changed(result)
    if changed:
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        text = f"{', '.join(changed[:SHOWN])}{more} changed after the run; --overwrite gives them up"
        raise _refused(place, text)


def _changed(result: Result) -> list[str]:
    """Files of a result that hold something else now."""
    return [file for file, kept in listed(result) if kept is False]
