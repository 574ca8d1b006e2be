"""Schemas as CSV files, and the one check that holds a table to its schema."""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError, UnknownName

GEOMETRIES = {
    "point": {"Point"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}
NEAREST_KNOWN = 8
DEGREES = {"latitude": 90.0, "longitude": 180.0}


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
    """Rows of a schema CSV as they stand, for schemas with columns of their own.

    Parameters
    ----------
    name : str
        Table name, such as ``"features"``.

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
    """Columns that a table must have and may have.

    Parameters
    ----------
    name : str
        Table name, such as ``"areas"``.

    Returns
    -------
    tuple of Column
        In the order of the schema CSV.

    Examples
    --------
    >>> [c.unit for c in schema("hospitals") if c.column == "beds"]
    ['1']
    """

    def number(text: str) -> float | None:
        return float(text) if text else None

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
        Text cells are converted to the schema's types; columns outside the schema are dropped.
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
    rows = table.index.to_numpy() if table.index.name == "row" else np.arange(2, len(table) + 2)
    for rule in schema(name):
        if only is not None and rule.column not in only:
            continue
        if rule.column not in table.columns:
            if rule.required:
                have = ", ".join(str(c) for c in table.columns[:40])
                text = f"missing ({rule.description}); the file has: {have}; map it under `columns` in the study"
                problems.append(Problem(text, column=rule.column))
            continue
        values, found = _column(table[rule.column], rule, rows)
        columns[rule.column] = values
        problems += found
    if not len(table):
        problems.append(Problem("the table has no rows; is it the right file, and did a filter drop them all?"))
    if problems:
        raise TableError(file or name, problems)
    checked = pd.DataFrame(columns, index=table.index)
    return gpd.GeoDataFrame(checked, crs=getattr(table, "crs", None)) if "geometry" in columns else checked


def _column(values: pd.Series, rule: Column, rows: np.ndarray) -> tuple[pd.Series, list[Problem]]:
    """Convert one column and collect its faults."""
    if rule.type in GEOMETRIES:
        return values, _geometry(values, rule, rows)
    problems: list[Problem] = []

    def report(bad: np.ndarray, text: str) -> None:
        for i in np.flatnonzero(bad):
            shown = values.iloc[i]
            quoted = f'"{shown}"' if isinstance(shown, str) else f"{shown}"
            problems.append(Problem(text.format(value=quoted), row=int(rows[i]), column=rule.column))

    null = values.isna().to_numpy()
    if not rule.nullable:
        report(null, "empty; a value is required here: fill it or drop the row")
    if rule.type in ("number", "integer"):
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        array = numbers.to_numpy()
        report(np.isnan(array) & ~null, "{value} is not a number; for an unknown value leave the field empty")
        report(np.isinf(array), "{value} is infinite; for an unknown value leave the field empty")
        finite = np.isfinite(array)
        if rule.minimum is not None:
            hint = _below_hint(rule)
            report(finite & (array < rule.minimum), f"{{value}} is below {rule.minimum:g} {rule.unit}; {hint}")
        if rule.maximum is not None:
            hint = _above_hint(rule)
            report(finite & (array > rule.maximum), f"{{value}} is above {rule.maximum:g} {rule.unit}; {hint}")
        if rule.type == "integer":
            report(finite & (array != np.round(array)), "{value} is not a whole number")
        converted = numbers
    elif rule.type == "boolean":
        converted = values.astype("string").str.lower().map({"true": True, "false": False, "1": True, "0": False})
        report(converted.isna().to_numpy() & ~null, "{value} is neither true nor false")
    else:
        converted = values.astype("string").str.strip()
        if rule.values:
            known = ", ".join(rule.values[:NEAREST_KNOWN])
            unknown = ~null & ~converted.isin(rule.values).to_numpy(dtype=bool, na_value=False)
            report(unknown, f"{{value}} is not one of: {known}")
    if rule.unique:
        again = (converted.duplicated() & converted.notna()).to_numpy()
        first: dict[object, int] = {}
        for i in np.flatnonzero(converted.isin(converted[again].unique())) if again.any() else ():
            value = converted.iloc[i]
            if value in first:
                text = f'"{value}" already stands in row {rows[first[value]]}; ids must differ'
                problems.append(Problem(text, row=int(rows[i]), column=rule.column))
            first.setdefault(value, int(i))
    return converted, problems


def _below_hint(rule: Column) -> str:
    """Say what usually goes wrong when a value lies below the range."""
    if rule.column in DEGREES:
        return "are longitude and latitude swapped, or are these metres?"
    return "is the sign or the unit wrong, or is it a code for unknown (`null_values` in the study)?"


def _above_hint(rule: Column) -> str:
    """Say what usually goes wrong when a value lies above the range."""
    if rule.column in DEGREES:
        return "are longitude and latitude swapped, or are these metres?"
    if rule.maximum == 1:
        return "is it a percentage? A share lies between 0 and 1"
    return "is the unit wrong?"


def _geometry(values: pd.Series, rule: Column, rows: np.ndarray) -> list[Problem]:
    """Collect the faults of a geometry column."""
    shapes = values.to_numpy()
    problems = []
    for i in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        text = "has no geometry; drop the feature or give it one"
        problems.append(Problem(text, row=int(rows[i]), column="geometry"))
    allowed = GEOMETRIES[rule.type]
    kinds = gpd.GeoSeries(values).geom_type
    for i in np.flatnonzero(~kinds.isin([*allowed, None]).to_numpy() & kinds.notna().to_numpy()):
        text = f"is a {kinds.iloc[i]}, expected a {rule.type}"
        problems.append(Problem(text, row=int(rows[i]), column="geometry"))
    bounds = shapely.bounds(shapes)
    for i in np.flatnonzero(np.isinf(bounds).any(axis=1)):
        problems.append(Problem("has an infinite coordinate", row=int(rows[i]), column="geometry"))
    if rule.type == "polygon":
        for i in np.flatnonzero(shapely.area(shapes) == 0):
            problems.append(Problem("encloses no area", row=int(rows[i]), column="geometry"))
    return problems
