"""Schemas as CSV files, and the one check that holds a table to its schema."""

import csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.numerals import to_numbers

GEOMETRIES = {
    "point": {"Point"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}
NEAREST_KNOWN = 8  # values that a message lists
SHOWN_TEXT = 80
BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
LARGEST = 1e15  # beyond it a number is a fault of the file and not a measurement
DEGREES = {"latitude": 90.0, "longitude": 180.0}
OWN = "own_"
"""Beginning of the name of a column that no schema knows: a number that the study gives a meaning (``risk.own``)."""
WITH_OWN = frozenset({"areas", "hazard", "cell_table"})


@dataclass(frozen=True)
class Column:
    """One row of a schema CSV; an empty field is an empty string or None."""

    column: str
    type: str
    unit: str
    required: bool
    nullable: bool
    unique: bool
    minimum: float | None
    maximum: float | None
    values: tuple[str, ...]
    aggregate: str
    description: str
    source: str


def schema_names() -> list[str]:
    """Names of the tables that have a schema.

    Examples
    --------
    >>> "areas" in schema_names()
    True
    """
    folder = resources.files("holdfast") / "schema"
    return sorted(f.name.removesuffix(".csv") for f in folder.iterdir() if f.name.endswith(".csv"))


def schema_rows(name: str) -> list[dict[str, str]]:
    """Rows of a schema CSV, such as ``"features"``, as they stand, for schemas with columns of their own.

    Raises
    ------
    UnknownName
        If no schema has that name.
    """
    if name not in schema_names():
        raise UnknownName("table", name, schema_names())
    text = (resources.files("holdfast") / "schema" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def schema(name: str) -> tuple[Column, ...]:
    """Columns that a table, such as ``"areas"``, must have and may have, in the order of the schema CSV.

    Examples
    --------
    >>> [c.unit for c in schema("hospitals") if c.column == "beds"]
    ['1']
    """

    def number(text: str) -> float | None:
        return float(text) if text else None

    # a schema may leave out fields that none of its columns needs; what is left out is the most permissive
    return tuple(
        Column(
            column=row["column"],
            type=row.get("type", "number"),
            unit=row["unit"],
            required=row["required"] == "yes",
            nullable=row.get("nullable", "yes") == "yes",
            unique=row.get("unique") == "yes",
            minimum=number(row.get("minimum", "")),
            maximum=number(row.get("maximum", "")),
            values=tuple(v for v in row.get("values", "").split("|") if v),
            aggregate=row.get("aggregate", ""),
            description=row["description"],
            source=row["source"],
        )
        for row in schema_rows(name)
    )


def check(table: pd.DataFrame, name: str, file: str = "", only: Collection[str] | None = None) -> pd.DataFrame:
    """Hold a table to its schema.

    Parameters
    ----------
    table : DataFrame or GeoDataFrame
        Text cells are converted to the schema's types; columns outside the schema are dropped, but for numbers whose name
        begins with ``own_`` in a table of areas, hazard or cells.
        An index named ``row`` gives the row numbers of messages; otherwise the first row is 2.
    name : str
        Schema, such as ``"areas"``.
    file : str
        Name for messages; the schema's name if empty.
    only : collection of str, optional
        Check and keep these columns alone, where a table comes from two files.

    Returns
    -------
    DataFrame or GeoDataFrame
        A new table with the schema's columns and types; the index is kept.

    Raises
    ------
    TableError
        Naming every bad row and column.

    Examples
    --------
    >>> check(pd.DataFrame({"area_id": ["a"], "poverty_share": ["x"]}), "areas", "tracts.csv", only=["area_id", "poverty_share"])
    Traceback (most recent call last):
    holdfast.errors.TableError: tracts.csv, 1 error
      row 2, column poverty_share: "x" is not a number; ...
    """
    problems: list[Problem] = []
    columns = {}
    places = _places(table.index)
    for rule in schema(name):
        if only is not None and rule.column not in only:
            continue
        if rule.column not in table.columns:
            if rule.required:
                have = ", ".join(str(c) for c in table.columns[:40])
                text = f"missing ({rule.description}); the file has: {have}; map it under `columns` in the study"
                problems.append(Problem(text, column=rule.column))
            continue
        # all columns are gone through before anything is raised, so that one message names every fault
        values, found = _column(table[rule.column], rule, places)
        columns[rule.column] = values
        problems += found
    for own in [str(c) for c in table.columns if name in WITH_OWN and str(c).startswith(OWN)]:
        columns[own], found = _column(table[own], _own(own), places)
        problems += found
    if not len(table):
        problems.append(Problem("the table has no rows; is it the right file, and did a filter drop them all?"))
    if problems:
        raise TableError(file or name, problems)
    checked = pd.DataFrame(columns, index=table.index)
    return gpd.GeoDataFrame(checked, crs=getattr(table, "crs", None)) if "geometry" in columns else checked


def _own(name: str) -> Column:
    """Rule of a column of the study's own: any number, or none."""
    return Column(
        name, "number", "1", False, True, False, None, None, (), "", "a number of the study's own", "the user"
    )


@dataclass(frozen=True)
class Places:
    """Where each row of a table stands in its file: by row number, or by name where the file has no rows."""

    names: np.ndarray
    numbered: bool

    def problem(self, i: int | np.integer[Any], text: str, column: str) -> Problem:
        """A fault of the row at position `i`."""
        if self.numbered:
            return Problem(text, row=int(self.names[i]), column=column)
        return Problem(text, column=column, place=str(self.names[i]))

    def named(self, i: int) -> str:
        """The row at position `i`, in words."""
        return f"row {self.names[i]}" if self.numbered else str(self.names[i])


def _places(index: pd.Index) -> Places:
    """Rows by number, from 2 where the index does not say; cells and other things by their name."""
    if index.name == "row":
        return Places(index.to_numpy(), numbered=True)
    if index.name is None:
        return Places(np.arange(2, len(index) + 2), numbered=True)  # the header is row 1
    kind = str(index.name).removesuffix("_id")
    return Places(np.array([f"{kind} {name}" for name in index], dtype=object), numbered=False)


def ids(values: pd.Series) -> pd.Series:
    """Identifiers as text: no blanks around them, whole numbers without decimals, so that 1, 1.0 and " 1" agree.

    Leading zeros of texts stay; texts such as ``1.0`` lose their decimals only where the whole column is of whole numbers.

    Examples
    --------
    >>> ids(pd.Series([1.0, 2.0, None])).tolist(), ids(pd.Series(["01", "2.0 "])).tolist()
    (['1', '2', <NA>], ['01', '2'])
    >>> ids(pd.Series(["1.0", "1.5", "b"])).tolist()
    ['1.0', '1.5', 'b']
    """
    if pd.api.types.is_float_dtype(values.dtype):
        numbers = values.astype("float64")
        # larger ones are no ids, and near 2**53 a float no longer holds every whole number
        whole = (numbers == np.floor(numbers)) & (numbers.abs() < LARGEST)
        as_text = numbers.astype("string")
        return as_text.mask(whole, numbers.where(whole).astype("Int64").astype("string"))
    if values.dtype == object:
        # a column of text and numbers, as spreadsheets give it
        values = values.map(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
    text = values.astype("string").str.strip()
    decimal = text.str.fullmatch(r"[+-]?\d+\.0*").fillna(value=False).astype(bool)
    if decimal.any() and (decimal | text.str.fullmatch(r"[+-]?\d+").fillna(value=True).astype(bool)).all():
        return text.mask(decimal, text.str.split(".").str[0])
    return text


def _column(values: pd.Series, rule: Column, places: Places) -> tuple[pd.Series, list[Problem]]:
    """Convert one column and collect its faults."""
    if rule.type in GEOMETRIES:
        return values, _geometry(values, rule, places)
    problems: list[Problem] = []

    def report(bad: np.ndarray, text: str) -> None:
        for i in np.flatnonzero(bad):
            problems.append(places.problem(i, text.replace("{value}", _quoted(values.iloc[i])), rule.column))

    # nulls are reported once, here: the checks below pass over them
    null = values.isna().to_numpy()
    if not rule.nullable:
        report(null, "empty or a code for unknown such as NA; a value is required here: fill it or drop the row")
    if rule.type in ("number", "integer"):
        converted = to_numbers(values).astype("float64")
        _report_numbers(converted.to_numpy(), null, rule, report)
    elif rule.type == "boolean":
        converted = values.astype("string").str.strip().str.lower().map(BOOLEANS)
        report(converted.isna().to_numpy() & ~null, "{value} is neither true nor false")
    else:
        converted = ids(values) if rule.type == "id" else values.astype("string").str.strip()
        # a NUL ends the text for the libraries that read it later
        nul = converted.str.contains("\x00", regex=False).fillna(value=False).to_numpy(dtype=bool)
        report(nul, "{value} holds a NUL byte: the file is damaged; copy or download it again")
        if rule.values:
            known = ", ".join(rule.values[:NEAREST_KNOWN])
            unknown = ~null & ~converted.isin(rule.values).to_numpy(dtype=bool, na_value=False)
            report(unknown, f"{{value}} is not one of: {known}")
    if rule.unique:
        problems += _repeated(converted, rule.column, places)
    return converted, problems


def _quoted(value: object) -> str:
    """A value as a message shows it: text in quotes, cut where it is long, no control characters."""
    if not isinstance(value, str):
        return f"{value}"
    text = "".join(c if c.isprintable() else "?" for c in value[:SHOWN_TEXT])
    return f'"{text}"' if len(value) <= SHOWN_TEXT else f'"{text}..."'


def _report_numbers(
    array: np.ndarray, null: np.ndarray, rule: Column, report: Callable[[np.ndarray, str], None]
) -> None:
    """Report numbers that are none, that have no sense, or that lie outside the range of their column."""
    report(np.isnan(array) & ~null, "{value} is not a number; for an unknown value leave the field empty")
    report(np.isinf(array), "{value} is infinite; for an unknown value leave the field empty")
    finite = np.isfinite(array) & (np.abs(array) <= LARGEST)
    report(
        np.isfinite(array) & ~finite,
        "{value} is too large for any quantity; for an unknown value leave the field empty",
    )
    unit = "" if rule.unit == "1" else f" {rule.unit}"
    if rule.minimum is not None:
        hint = _below_hint(rule)
        report(finite & (array < rule.minimum), f"{{value}} is below {rule.minimum:g}{unit}; {hint}")
    if rule.maximum is not None:
        hint = _above_hint(rule)
        report(finite & (array > rule.maximum), f"{{value}} is above {rule.maximum:g}{unit}; {hint}")
    if rule.type == "integer":
        report(finite & (array != np.round(array)), "{value} is not a whole number")


def _repeated(values: pd.Series, column: str, places: Places) -> list[Problem]:
    """Name the rows whose value stands in an earlier one."""
    again = (values.duplicated() & values.notna()).to_numpy()
    problems = []
    first: dict[object, int] = {}
    # only rows whose value occurs again are walked: the others, nearly all, are found without a loop
    for i in np.flatnonzero(values.isin(values[again].unique())) if again.any() else ():
        value = values.iloc[i]
        if value in first:
            text = f"{_quoted(value)} already stands in {places.named(first[value])}; ids must differ"
            problems.append(places.problem(i, text, column))
        first.setdefault(value, int(i))
    return problems


def _below_hint(rule: Column) -> str:
    """Say what usually goes wrong when a value lies below the range."""
    if rule.column in DEGREES:
        return "are longitude and latitude swapped, or are these metres?"
    # the classic: a survey writes 0 for the oldest class, which as unknown would make the stock younger
    if rule.unit == "year":
        bound = f'recode = {{ {rule.column} = {{ "0" = "1939" }} }}'
        return (
            f'is it a code? One for an open class such as "1939 or earlier" stands for its bound: {bound} in the table; '
            "taken as unknown, the oldest would be left out"
        )
    return "is the sign or the unit wrong, or is it a code for unknown (`null_values` in the study)?"


def _above_hint(rule: Column) -> str:
    """Say what usually goes wrong when a value lies above the range."""
    if rule.column in DEGREES:
        return "are longitude and latitude swapped, or are these metres?"
    if rule.maximum == 1:
        return "is it a percentage? A share lies between 0 and 1"
    return "is the unit wrong?"


def _geometry(values: pd.Series, rule: Column, places: Places) -> list[Problem]:
    """Collect the faults of a geometry column."""
    shapes = values.to_numpy()
    problems = []
    for i in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        text = "has no geometry; drop the feature or give it one"
        problems.append(places.problem(i, text, "geometry"))
    allowed = GEOMETRIES[rule.type]
    kinds = gpd.GeoSeries(values).geom_type
    for i in np.flatnonzero(~kinds.isin([*allowed, None]).to_numpy() & kinds.notna().to_numpy()):
        text = f"is a {kinds.iloc[i]}, expected a {rule.type}"
        problems.append(places.problem(i, text, "geometry"))
    # of missing shapes the bounds are NaN, which is larger than nothing
    bounds = shapely.bounds(shapes)
    for i in np.flatnonzero((np.abs(bounds) > LARGEST).any(axis=1)):
        text = "has a coordinate that is infinite or far too large; correct or drop it"
        problems.append(places.problem(i, text, "geometry"))
    if rule.type == "polygon":
        for i in np.flatnonzero(shapely.area(shapes) == 0):
            problems.append(places.problem(i, "encloses no area", "geometry"))
    return problems
