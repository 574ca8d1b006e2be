"""`holdfast contest`: a note of somebody who does not agree with what a rating says of an area."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.store import open_result
from holdfast.store.notes import add_note
from holdfast.store.result_files import read_shapes_of, read_table_of

LONGEST = 2_000  # letters of a note


def contest(result: str | Path, *, area: str, note: str, date: str | None = None) -> dict[str, Any]:
    """Write a note on an area, which stays with the result and is shown by `holdfast report`; no level changes.

    Parameters
    ----------
    result : str or Path
        Result folder of `holdfast rate`; every file is held to its SHA-256 first.
    area : str
        A ``cell_id``, or an ``area_id`` of the areas that levels were summed up to.
    note : str
        What is contested and why, up to 2,000 letters; it is shown to whoever reads the report.
    date : str, optional
        Of the note, as year-month-day; today if omitted.

    Returns
    -------
    dict
        The note with ``run``, ``area``, ``date`` and ``sha256``, which binds it to the notes before it.

    Raises
    ------
    DataMissing, TableError, UnknownName
        If there is no such result, note or area.
    """
    opened = open_result(Path(result))
    text = " ".join(note.split())
    if not text or len(text) > LONGEST or not all(c.isprintable() for c in text):
        wrong = f"holds {len(text):,} letters; write what is contested and why, in 1 to {LONGEST:,} that can be shown"
        raise TableError("contest", [Problem(wrong, column="--note")])
    known = [str(cell) for cell in read_shapes_of(opened, "cells.parquet").index]
    if "areas.csv" in opened.files:
        known += [str(name) for name in read_table_of(opened, "areas.csv")["area_id"]]
    if area not in known:
        raise UnknownName("cell or area of the result", area, known, "--area")
    return add_note(opened, area, text, date or datetime.now(UTC).date().isoformat())
