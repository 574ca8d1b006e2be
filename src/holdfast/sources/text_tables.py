"""Tables in text files, as offices and statistical bureaus write them: separators, encodings, grouped numbers."""

import io
import re
import warnings
from pathlib import Path

import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.gate.packed import unpacked

NULLS = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?(?:[eE][+-]?\d+)?")  # 1234,5
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")  # 1,234.5
POINT_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")  # 1.234,5
FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


def read_table(file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Read a table in text, cell by cell; the schema check converts it.

    Parameters
    ----------
    file : Path
        ``.csv`` or ``.csv.gz`` with a header. Separated by commas, semicolons, tabs or bars, whichever the header
        holds most of; UTF-8, UTF-16 with its mark, else Windows-1252 (Latin-1), which is noted.

    Returns
    -------
    DataFrame
        Text cells, null where empty; index ``row``, the row of the file (the header is row 1).
    list of str
        How the file was read where that is not the usual way.

    Raises
    ------
    TableError
        If it is no table, is damaged, or unpacks to more than can be held.
    """
    text, notes = decoded(unpacked(file), file)
    # blank lines above the header are cut off here and counted, so that a row keeps the number an editor shows
    skipped = len(text) - len(text.lstrip("\r\n"))
    first = text[:skipped].count("\n")
    text = text[skipped:]
    header = text.split("\n", 1)[0].rstrip("\r")
    separator = max(SEPARATORS, key=lambda s: _unquoted(header).count(s)) if header else ","
    if separator != ",":
        notes.append(f"columns are separated by {SEPARATORS[separator]}")
    table = _parsed(text, separator, file, first)
    table.columns = pd.Index([str(c).strip() for c in table.columns])
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise TableError(
            str(file), [Problem("two columns have this name; rename one", row=first + 1, column=c) for c in twice]
        )
    # numbered before blank rows are dropped, for the same reason
    table.index = pd.RangeIndex(first + 2, first + len(table) + 2, name="row")
    table = table.dropna(how="all")
    return _plain_numbers(table, separator, file, notes), notes


def decoded(content: bytes, file: Path) -> tuple[str, list[str]]:
    """Text of the `content` of a file in any of the usual encodings, without byte order mark; the encoding unless UTF-8.

    Raises
    ------
    TableError
        If it is no text; names `file` and the row.
    """
    # the mark decides; without one UTF-8 is tried, since a text in another encoding hardly ever passes as UTF-8
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    try:
        text, notes = content.decode(marked or "utf-8"), [f"read as {marked.upper()}"] if marked == "utf-16" else []
    except UnicodeDecodeError:
        if marked is not None:
            text = f"is no text in {marked.upper()} although its first bytes say so; save it as UTF-8"
            raise TableError(str(file), [Problem(text)]) from None
        text, notes = (
            _western(content),
            ["not UTF-8: read as Windows-1252 (Latin-1); save it as UTF-8 if names look odd"],
        )
    # UTF-16 without its mark passes as UTF-8, every other character a NUL
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        reason = "is no text: it holds a NUL byte; is it packed, damaged, or UTF-16 without its mark? Unpack it, or save it as UTF-8"
        raise TableError(str(file), [Problem(reason, row=row)])
    return text, notes


def _western(content: bytes) -> str:
    """Text in Windows-1252, or in Latin-1 where it holds one of the five bytes that the former leaves open."""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _unquoted(line: str) -> str:
    """A line without what stands in quotes."""
    return re.sub(r'"[^"]*"', "", line)


def _parsed(text: str, separator: str, file: Path, first: int) -> pd.DataFrame:
    """Cells of the text; every row has as many fields as the header, or fewer at its end."""
    advice = "every row needs as many fields as the header; is a separator inside of a text that is not quoted?"
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            table = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                dtype=str,
                index_col=False,
                # pandas' own list differs between its versions
                keep_default_na=False,
                na_values=NULLS,
                # blank lines become empty rows, which keep the count of rows
                skip_blank_lines=False,
            )
    except pd.errors.ParserError as error:
        fields = FIELDS.search(str(error))
        if fields:
            reason = f"has {fields[3]} fields where the header has {fields[1]}; {advice}"
            raise TableError(str(file), [Problem(reason, row=first + int(fields[2]))]) from None
        reason = "is not a table: a quote is opened and not closed, or the file is cut off"
        raise TableError(str(file), [Problem(reason)]) from None
    except pd.errors.EmptyDataError:
        raise TableError(str(file), [Problem("is empty: it has no header and no rows")]) from None
    # with index_col=False pandas only warns of a row that is too long, and cuts it off
    if any(issubclass(w.category, pd.errors.ParserWarning) for w in told):
        raise TableError(str(file), [Problem(f"rows have more fields than the header; {advice}")])
    return table


def _plain_numbers(table: pd.DataFrame, separator: str, file: Path, notes: list[str]) -> pd.DataFrame:
    """Numbers without thousands separators and with decimal points, in columns that hold nothing else."""
    known = {c: table[c].dropna().str.strip() for c in table.columns}
    commas = {c: v for c, v in known.items() if v.str.contains(",", regex=False).any()}
    grouped = [c for c, v in commas.items() if _all(v, GROUPED, PLAIN)]
    # between commas a comma in a (quoted) number groups thousands; elsewhere it may also be the decimal sign
    if separator == ",":
        changed, decimal = grouped, []
    else:
        decimal = [c for c, v in commas.items() if _all(v, DECIMAL_COMMA) or _all(v, POINT_GROUPED, DECIMAL_COMMA)]
        # "1,234" is 1234 or 1.234: another column settles it, one with decimal points or one that can only be decimal
        unclear = [c for c in decimal if c in grouped]
        points = any(
            _all(v, PLAIN) and v.str.contains(".", regex=False).any() for c, v in known.items() if c not in commas
        )
        if unclear and not points and len(unclear) == len(decimal):
            shown = commas[unclear[0]][commas[unclear[0]].str.contains(",", regex=False)].iloc[0]
            text = f'"{shown}" may be {shown.replace(",", ".")} or {shown.replace(",", "")}; write numbers without thousands separators'
            raise TableError(str(file), [Problem(text, row=int(commas[c].index[0]), column=c) for c in unclear])
        changed = unclear if points else []
        decimal = [c for c in decimal if c not in changed]
    table = table.copy() if changed or decimal else table
    for column in changed:
        table[column] = table[column].str.replace(",", "", regex=False)
    for column in decimal:
        # 1.234,5: the points that group thousands go before the comma becomes a point
        if _all(commas[column], POINT_GROUPED, DECIMAL_COMMA) and not _all(commas[column], DECIMAL_COMMA):
            table[column] = table[column].str.replace(".", "", regex=False)
        table[column] = table[column].str.replace(",", ".", regex=False)
    notes += [f"thousands separators taken out of {', '.join(changed)}"] if changed else []
    notes += [f"decimal commas read in {', '.join(decimal)}"] if decimal else []
    return table


def _all(values: pd.Series, *patterns: re.Pattern[str]) -> bool:
    """Whether every value is of one of some forms."""
    found = pd.Series(data=False, index=values.index)
    for pattern in patterns:
        found |= values.str.fullmatch(pattern)
    return bool(found.all())
