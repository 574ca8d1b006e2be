"""Notes that contest a result: a file of its own inside the folder, each note bound to the run and to the note before it."""

import hashlib
import json
from typing import Any

from holdfast.errors import Problem, TableError
from holdfast.gate.files import is_file
from holdfast.store.exports import write_json
from holdfast.store.manifest import Result, own_json

CONTESTS = "contests.json"
PARTS = ("run", "area", "note", "date")


def read_notes(result: Result) -> list[dict[str, Any]]:
    """Notes on a result, and on earlier ones in its place, oldest first; none where nobody has written any.

    Raises
    ------
    TableError, DataMissing
        If a note was changed or taken away since, or the file is none of ours.
    """
    path = result.folder / CONTESTS
    if not is_file(path) or path.is_symlink():
        return []
    notes = own_json(path)
    before = ""
    for number, note in enumerate(notes if isinstance(notes, list) else [None], 1):
        plain = (
            isinstance(note, dict)
            and set(note) == {*PARTS, "sha256"}
            and all(isinstance(v, str) for v in note.values())
        )
        if not plain or note["sha256"] != _digest(note, before):
            text = "was changed since it was written; put the file back as it was, or remove it with all notes"
            raise TableError(str(path), [Problem(text, place=f"note {number}")])
        before = note["sha256"]
    return list(notes)


def add_note(result: Result, area: str, note: str, date: str) -> dict[str, Any]:
    """Add a note to those on a result, which itself is not changed, and return it with its digest."""
    notes = read_notes(result)
    added = {"run": result.run, "area": area, "note": note, "date": date}
    added["sha256"] = _digest(added, notes[-1]["sha256"] if notes else "")
    partial = result.folder / f".{CONTESTS}.partial"
    # whole or not there: a note of somebody else must not be lost to a full disk
    write_json(partial, [*notes, added])
    partial.replace(result.folder / CONTESTS)
    return added


def _digest(note: dict[str, Any], before: str) -> str:
    """SHA-256 of a note and of the digest of the one before it."""
    text = json.dumps([before, *(note[part] for part in PARTS)], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
