"""From a file's own columns to Holdfast's: filters, codes for unknown, names."""

from pathlib import Path

import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.gate.files import sha256
from holdfast.numerals import to_numbers
from holdfast.sources.counts import WARNING, named, of
from holdfast.tables import OWN
from holdfast.types import InputFile


def tidy(raw: pd.DataFrame, options: TableOptions, file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Apply a study's `where`, `null_values`, `columns`, `recode`, `scale` and `drop_null` to a table, in this order.

    Parameters
    ----------
    raw : DataFrame
        As read, index ``row``.
    options, file : TableOptions, Path
        The table's section of the study, and the file that messages name.

    Returns
    -------
    DataFrame
        Renamed copy; the file's other columns stay.
    list of str
        What was dropped, in words.

    Raises
    ------
    TableError
        If the study names columns that the file lacks, or its filter lets no row through.
    """
    # filters and codes for unknown speak of the file's own columns, all later steps of Holdfast's
    renames = {theirs: ours for ours, theirs in options.columns.items()}
    missing = [c for c in (*options.where, *options.null_values, *renames) if c not in raw.columns]
    if missing:
        have = ", ".join(str(c) for c in raw.columns[:40])
        raise TableError(str(file), [Problem(f"no such column; the file has: {have}", column=c) for c in missing])
    notes = []
    kept = raw
    for column, values in options.where.items():
        kept = kept[_matches(kept[column], values)]
    if len(kept) < len(raw):
        notes.append(f"{of(len(kept), len(raw), 'rows')} kept by the study's filter")
        if not len(kept):
            raise TableError(str(file), [_no_hit(raw, options)])
    # a copy: a table that is kept as read serves several sections of a study
    kept = kept.copy()
    for column, unknown in options.null_values.items():
        coded = _matches(kept[column], unknown)
        kept.loc[coded, column] = None
        notes += (
            [f"{of(int(coded.sum()), len(kept), 'values')} of {column} taken as unknown, as the study says"]
            if coded.any()
            else []
        )
    # a column of the file that already has the name of a mapped one would be there twice after renaming
    # and one whose name looks like a column of the study's own is none unless the study maps it
    own = [c for c in kept.columns if str(c).startswith(OWN) and c not in renames]
    kept = kept.drop(columns=[*own, *(o for o in renames.values() if o in kept.columns and o not in (*renames, *own))])
    kept = kept.rename(columns=renames)
    # a column of the file may be two of ours, such as poverty and an index to lay beside it: a rename keeps one alone
    for ours, theirs in options.columns.items():
        if renames[theirs] != ours:
            kept[ours] = kept[renames[theirs]]
    for column, codes in options.recode.items():
        if column not in kept.columns:
            raise TableError(str(file), [Problem("`recode` names a column that is not mapped", column=column)])
        kept[column] = recoded(kept[column], codes)
    for column, factor in options.scale.items():
        if column not in kept.columns:
            raise TableError(str(file), [Problem("`scale` names a column that is not mapped", column=column)])
        numbers = to_numbers(kept[column])
        kept[column] = (numbers * factor).where(numbers.notna(), kept[column])  # text stays, for the check to name
    empty = kept[[c for c in options.drop_null if c in kept.columns]].isna().any(axis=1)
    if empty.any():
        notes.append(
            f"{of(int(empty.sum()), len(kept), 'rows')} dropped because {', '.join(options.drop_null)} is empty"
        )
    return kept[~empty], notes


def recoded(values: pd.Series, codes: dict[str, str]) -> pd.Series:
    """Values with the codes of a file replaced; a code that is a number fits however it is written.

    Values without a code stay, for the check to name.

    Examples
    --------
    >>> recoded(pd.Series(["0.0", "1972", "x"]), {"0": "1939", "x": "y"}).tolist()
    ['1939', '1972', 'y']
    """
    text = values.astype("string").str.strip()
    numbers = to_numbers(text)
    found = text.map(codes).astype("string")
    # by number only where the text did not fit: "01" and "1" may be two codes of one file
    for code, number in zip(codes, to_numbers(pd.Series(list(codes), dtype=object)), strict=True):
        if pd.notna(number):
            found = found.mask(found.isna() & (numbers == number).fillna(value=False).astype(bool), codes[code])
    return found.fillna(text)


def _no_hit(raw: pd.DataFrame, options: TableOptions) -> Problem:
    """Which values there are, where a filter finds none."""
    parts = []
    for column, values in options.where.items():
        there = raw[column].dropna().astype("string").value_counts().index
        held = f"which has {named(there)}" if len(there) else "which is empty"
        parts.append(f"{named(list(values))} in {column}, {held}")
    return Problem(f"no row passes the filter: {'; '.join(parts)}", column="where")


def _matches(column: pd.Series, values: list[str | int | float | bool] | list[str | int | float]) -> pd.Series:
    """Rows whose cell equals one of the values, as text or as a number."""
    # as text and as number: 48 in the study also finds "048" and "48.0", which files write for one code
    as_text = column.astype("string").isin([str(v) for v in values]).fillna(value=False)
    numbers = [float(v) for v in values if isinstance(v, (int, float))]
    as_number = to_numbers(column).isin(numbers)
    return (as_text | as_number).astype(bool)


def input_file(table: str, file: Path, rows: int, options: TableOptions, notes: list[str]) -> InputFile:
    """Provenance of one file that was read.

    Parameters
    ----------
    table : str
        Table that the file fills.
    file, rows : Path, int
        What was read, and how many of its rows were kept.
    options : TableOptions
        Holds title, licence, date, link and note of the data set.
    notes : list of str
        What was dropped or repaired; those that begin with `WARNING` become warnings.
    """
    told = [*notes, options.note] if options.note else notes
    first = tuple(note.removeprefix(WARNING) for note in told if note.startswith(WARNING))
    return InputFile(
        table=table,
        file=file.name,
        sha256=sha256(file),
        rows=rows,
        warnings=first,
        notes=tuple(note for note in told if not note.startswith(WARNING)),
        source=options.title,
        licence=options.licence,
        date=options.date,
        link=options.link,
    )
