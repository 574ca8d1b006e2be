"""Tracks of cyclones: a text table with a row per hour or so."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from holdfast.config import TableOptions
from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.numerals import to_numbers
from holdfast.sources.files import CSVS, locate
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check

QUANTITIES = {"wind": "speed", "radius_km": "radius", "pressure": "pressure", "environment": "pressure"}
TIME = "time"
SECONDS_PER_HOUR = 3600.0


def track(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read the track of a cyclone from a CSV file; schema ``track``, a row per place of its centre in the order of time.

    Signature and errors as in `holdfast.sources.readers.Source`. The study's ``columns`` map the columns; ``units`` must name
    the unit of ``wind``, ``radius_km`` and the pressures. Instead of ``time_h`` a column ``time`` may hold dates with hours.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    cells, read = read_table(file)
    raw, notes = tidy(cells, options, file)
    raw = raw.rename(columns={options.longitude: "longitude", options.latitude: "latitude"})
    if TIME in raw and "time_h" not in raw:
        raw, notes = _hours(raw, str(file)), [*notes, "hours count from the first date of the file"]
    known = packaged("intensity_units")
    problems = []
    for column, quantity in QUANTITIES.items():
        if column not in raw:
            continue
        factors = known[known["quantity"] == quantity].set_index("unit")["factor"]
        unit = options.units.get(column)
        if unit not in factors:
            told = "is not stated" if unit is None else f'"{unit}" is not known'
            text = f"the unit of {column} {told}; known: {', '.join(factors.index)}"
            problems.append(Problem(text, column=f"tables.{name}.units"))
            continue
        numbers = to_numbers(raw[column]) * float(factors[unit])
        raw[column] = numbers.where(numbers.notna(), raw[column])  # what is no number stays, for the check to name
    if problems:
        raise TableError(str(file), problems)
    checked = check(raw, "track", str(file)).sort_values("time_h")
    notes.append(
        "units as the study states them: " + ", ".join(f"{c} {options.units[c]}" for c in QUANTITIES if c in raw)
    )
    return Loaded(gpd.GeoDataFrame(checked), (input_file(name, file, len(checked), options, [*read, *notes]),))


def _hours(raw: pd.DataFrame, file: str) -> pd.DataFrame:
    """Hours since the first of the dates."""
    dates = pd.to_datetime(raw[TIME], errors="coerce", utc=True, format="mixed")
    bad = raw.index[dates.isna()]
    if len(bad):
        text = "is no date with an hour, such as 2018-10-10T12:00"
        raise TableError(file, [Problem(f'"{raw.loc[row, TIME]}" {text}', row=row, column=TIME) for row in bad])
    return raw.assign(time_h=(dates - dates.min()).dt.total_seconds() / SECONDS_PER_HOUR)
