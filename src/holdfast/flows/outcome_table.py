"""Reading an outcome: which columns of a table are what, and where its areas lie."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.gate.files import sha256
from holdfast.numerals import to_numbers
from holdfast.sources.files import locate
from holdfast.sources.text_tables import read_table
from holdfast.types import InputFile

TABLES = (".csv", ".csv.gz")
NO_PART = "none stated"
PLACE_COLUMNS = (("longitude", "latitude"), ("lon", "lat"))


@dataclass(frozen=True)
class OutcomeColumns:
    """Which column is what: the outcome, the people (``exposure``) and the controls; ``kind`` is ``count`` or ``rate``.

    ``part`` names the part of the region in which an area lies; empty where weights are tested on halves of the blocks.
    """

    outcome: str
    exposure: str
    controls: tuple[str, ...] = ()
    kind: str = "count"
    part: str = ""


@dataclass(frozen=True)
class OutcomeTable:
    """Areas with points, ``outcome``, ``exposure`` and the controls; the file; and what was left out, in words."""

    areas: gpd.GeoDataFrame
    file: InputFile
    left_out: tuple[str, ...]


def read_outcome(path: str | Path, columns: OutcomeColumns) -> OutcomeTable:
    """Read a table of an outcome by area, zeros included.

    Parameters
    ----------
    path : str or Path
        CSV file with a row per area, ``longitude`` and ``latitude`` of its middle (degrees), and the columns named.
    columns : OutcomeColumns
        Which column is what.

    Raises
    ------
    DataMissing
        If there is no such file.
    UnknownName
        If it lacks a column.
    TableError
        If a value is no number or is out of range, naming every row.
    """
    file = locate(Path(), str(path), "OUTCOME", TABLES)
    raw, _ = read_table(file)
    lower = {str(c).lower(): str(c) for c in raw.columns}
    place = next((pair for pair in PLACE_COLUMNS if set(pair) <= set(lower)), None)
    if place is None:
        raise UnknownName("column", "longitude", map(str, raw.columns), str(file))
    wanted = [columns.outcome, columns.exposure, *columns.controls]
    for name in [*wanted, *([columns.part] if columns.part else [])]:
        if name not in raw.columns:
            raise UnknownName("column", name, map(str, raw.columns), str(file))
    east, north = (lower[c] for c in place)
    numbers = _numbers(raw, [*wanted, east, north], file)
    _refuse_out_of_range(numbers, columns, (east, north), file)
    known = numbers.notna().all(axis=1) & (numbers[columns.exposure] > 0)
    left = [
        f"{int(numbers[c].isna().sum())} of {len(numbers)} areas have no value of {c}"
        for c in dict.fromkeys([*wanted, east, north])
        if numbers[c].isna().any()
    ]
    nobody = int((numbers[columns.exposure] == 0).sum())
    left += [f"{nobody} of {len(numbers)} areas have no {columns.exposure}"] if nobody else []
    rest = numbers[known]
    table = pd.DataFrame({"outcome": rest[columns.outcome], "exposure": rest[columns.exposure]})
    for name in columns.controls:
        table[f"control {name}"] = rest[name]
    if columns.part:
        # an area that no part claims is a part of its own, and is told
        part = raw.loc[rest.index, columns.part]
        table["part"] = part.fillna(NO_PART).astype(str)
        left += [f"{int(part.isna().sum())} areas have no {columns.part}"] if part.isna().any() else []
    points = gpd.points_from_xy(rest[east], rest[north])
    areas = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=points, crs="EPSG:4326")
    return OutcomeTable(areas, InputFile("outcome", file.name, sha256(file), len(raw)), tuple(left))


def _numbers(raw: pd.DataFrame, names: list[str], file: Path) -> pd.DataFrame:
    """Columns as numbers; every cell that holds none is named."""
    problems, found = [], {}
    for name in dict.fromkeys(names):
        found[name] = to_numbers(raw[name]).astype(np.float64)
        bad = (raw[name].notna() & found[name].isna()) | np.isinf(found[name])
        problems += [
            Problem(f'"{raw[name].loc[r]}" is no finite number; correct it, or leave it empty', row=int(r), column=name)
            for r in raw.index[bad]
        ]
    if problems:
        raise TableError(str(file), problems)
    return pd.DataFrame(found)


def _refuse_out_of_range(numbers: pd.DataFrame, columns: OutcomeColumns, place: tuple[str, str], file: Path) -> None:
    """Refuse negative people, negative counts and counts that are none, and places off the globe."""
    problems = []
    for row, value in numbers[columns.exposure].items():
        if value < 0:
            problems.append(
                Problem(f"{value:g} is below 0; it says how many people", row=int(row), column=columns.exposure)
            )
    if columns.kind == "count":
        for row, value in numbers[columns.outcome].items():
            if value < 0 or (value % 1 != 0 and not np.isnan(value)):
                text = f"{value:g} is no count; take --kind rate for what is no number of cases"
                problems.append(Problem(text, row=int(row), column=columns.outcome))
    for name, most in zip(place, (180.0, 90.0), strict=True):
        for row, value in numbers[name].items():
            if abs(value) > most:
                text = f"{value:g} lies beyond {most:g} degrees; are longitude and latitude swapped?"
                problems.append(Problem(text, row=int(row), column=name))
    if problems:
        raise TableError(str(file), problems)
