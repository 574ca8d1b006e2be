"""USGS ShakeMap: grid.xml, and the standard deviations of its uncertainty.xml."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.numerals import to_numbers
from holdfast.sources.counts import of
from holdfast.sources.files import locate
from holdfast.sources.intensity import to_unit
from holdfast.sources.plausible import all_below_one
from holdfast.sources.positions import turn
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.tables import check

FIELDS = {"PGA": "PGA", "PGV": "PGV", "PSA03": "SA0.3", "PSA10": "SA1.0", "SA(0.3)": "SA0.3", "SA(1.0)": "SA1.0"}
"""Names of grid fields, and Holdfast's; other fields (MMI, PSA30) are not used."""
TOTAL, BETWEEN, WITHIN = "STD", "GMPE_INTER_STD", "GMPE_INTRA_STD"
PLACE = ("LON", "LAT")
SAME_PLACE = 1e-4  # degrees; the grids are written with four decimals


@dataclass
class GridFile:
    """What a grid file holds: attributes by element, fields as (name, unit), the numbers as text."""

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: list[tuple[str, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def shakemap(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read a ShakeMap ``grid.xml``, and deviations from the uncertainty.xml of the same map that ``attributes`` names.

    Signature and errors as in `holdfast.sources.readers.Source`. Schema ``intensities``: one row per grid point, medians
    in g and cm/s, log standard deviations; the notes name event, magnitude and version. Empty points are left out.

    Raises
    ------
    TableError
        Also if a file is no ShakeMap grid, is cut off, defines entities, or states an unknown unit.

    References
    ----------
    Worden et al. (2020), ShakeMap Manual, doi 10.5066/F7D21VPQ: products and formats, grid.xml.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (".xml",))
    content = _parse(file)
    grid = _numbers(content, file)
    if "PGA" not in grid:
        have = ", ".join(n for n, _ in content.fields)
        raise TableError(str(file), [Problem(f"has no field PGA; it has: {have}", column="grid_field")])
    medians, notes = _medians(grid, content, file)
    # an older grid.xml holds its deviations itself
    spread, known, files = grid, content, []
    if options.attributes is not None:
        second = locate(folder, options.attributes, f"tables.{name}.attributes", (".xml",))
        known = _parse(second)
        spread = _numbers(known, second)
        _refuse_other_grid(grid, spread, second)
        files.append(input_file(name, second, len(spread), options, [_event(known)]))
    deviations, left = _deviations(spread, known)
    table = pd.DataFrame({"longitude": grid["LON"], "latitude": grid["LAT"], **medians, **deviations})
    empty = table[list(medians)].isna().any(axis=1)
    lost = [f"{of(int(empty.sum()), len(table), 'points')} are empty and left out"] if empty.any() else []
    table.index = pd.RangeIndex(1, len(table) + 1, name="point")
    table, turned = turn(table[~empty.to_numpy()])
    told = [_event(content), *notes, *left, *lost, *turned]
    files.insert(0, input_file(name, file, len(table), options, told))
    return Loaded(gpd.GeoDataFrame(check(table, "intensities", str(file))), tuple(files))


def _medians(grid: pd.DataFrame, content: GridFile, file: Path) -> tuple[dict[str, pd.Series], list[str]]:
    """Medians in Holdfast's units; and which fields are not used, in words."""
    medians, notes = {}, []
    for name, unit in content.fields:
        if name in FIELDS:
            medians[FIELDS[name]] = grid[name] * to_unit(FIELDS[name], unit, str(file))
            notes += all_below_one(grid[name].to_numpy(), unit, FIELDS[name])
    other = [n for n, _ in content.fields if n not in FIELDS and not n.startswith((TOTAL, "GMPE")) and n not in PLACE]
    return medians, [*notes, *([f"fields not used: {', '.join(other)}"] if other else [])]


def _parse(file: Path) -> GridFile:
    """Read the elements of a grid file; no document type, so that no entity can be defined."""
    content = GridFile()
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        if tag == "grid_field":
            content.fields.append((attributes.get("name", "").upper(), attributes.get("units", "")))
        else:
            content.attributes.setdefault(tag, attributes)

    def text(piece: str) -> None:
        if inside and inside[-1] == "grid_data":
            content.text.append(piece)

    def refuse(*_: Any) -> None:
        raise TableError(str(file), [Problem("declares a document type, which no ShakeMap does; it is not read")])

    # expat alone, without a tree: a grid of a million numbers stays one text, and nothing is fetched or expanded
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: inside.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        with file.open("rb") as stream:
            parser.ParseFile(stream)
    except TableError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter of an encoding that is none
        text_ = "is cut off, damaged or no XML; download it again"
        raise TableError(str(file), [Problem(text_, row=getattr(error, "lineno", None))]) from None
    if "shakemap_grid" not in content.attributes:
        found = next(iter(content.attributes), "nothing")
        raise TableError(str(file), [Problem(f"is no ShakeMap grid but <{found}>; take the product grid.xml")])
    return content


def _numbers(content: GridFile, file: Path) -> pd.DataFrame:
    """The grid as a table, one column per field."""
    names = [n for n, _ in content.fields]
    lacking = [Problem("has no such field; is it a grid.xml?", column=n) for n in ("LON", "LAT") if n not in names]
    lacking += [
        Problem("stands twice; download the file again", column=n)
        for n in sorted({n for n in names if names.count(n) > 1})
    ]
    if lacking:
        raise TableError(str(file), lacking)
    # the parser hands text over in pieces that may end inside a number, so that they are joined first
    words = "".join(content.text).split()
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        bad = to_numbers(pd.Series(words, dtype=object)).isna() & ~pd.Series(words).str.lower().eq("nan")
        shown = words[int(np.argmax(bad))][:40]
        text = f'holds something else than numbers ("{shown}"); download the file again'
        raise TableError(str(file), [Problem(text, column="grid_data")]) from None
    size = content.attributes.get("grid_specification", {})
    try:
        rows = int(size["nlon"]) * int(size["nlat"])
    except (KeyError, ValueError):
        text = "does not state nlon and nlat; take the product grid.xml"
        raise TableError(str(file), [Problem(text, column="grid_specification")]) from None
    if values.size != rows * len(names) or rows == 0:
        text = f"{values.size:,} numbers where nlon x nlat x fields is {rows * len(names):,}; download the file again"
        raise TableError(str(file), [Problem(text, column="grid_data")])
    return pd.DataFrame(values.reshape(rows, len(names)), columns=names)


def _deviations(grid: pd.DataFrame, content: GridFile) -> tuple[dict[str, pd.Series], list[str]]:
    """Log standard deviations of the measures, and the part between events by the ratio of the models'.

    A deviation whose unit is not that of a natural log cannot be read; it is left out and named.
    """
    units = dict(content.fields)
    found, notes = {}, []
    for name, measure in FIELDS.items():
        total = TOTAL + name
        if total not in grid:
            continue
        if not units[total].lower().startswith("ln"):
            notes.append(
                f'{total} is left out: its unit is "{units[total]}", not that of a natural log; the spread is that of the scenario'
            )
            continue
        found[f"{measure}_sd"] = grid[total]
        if BETWEEN + name in grid and WITHIN + name in grid:
            between, within = grid[BETWEEN + name], grid[WITHIN + name]
            both = np.hypot(between, within)
            # the map's total is reduced near stations; the models' ratio of between to total divides it
            found[f"{measure}_between_sd"] = grid[total] * between / both.where(both > 0, 1.0)
    return found, notes


def _refuse_other_grid(grid: pd.DataFrame, other: pd.DataFrame, file: Path) -> None:
    """Both files must speak of the same places."""
    place = list(PLACE)
    if len(grid) != len(other) or (np.abs(grid[place].to_numpy() - other[place].to_numpy()) > SAME_PLACE).any():
        text = "lies on another grid than grid.xml; take both files from one version of the map"
        raise TableError(str(file), [Problem(text, column="attributes")])


def _event(content: GridFile) -> str:
    """Event, magnitude and version, in words."""
    top, event = content.attributes["shakemap_grid"], content.attributes.get("event", {})
    return (
        f"ShakeMap {top.get('event_id', '?')} version {top.get('shakemap_version', '?')} "
        f"({top.get('shakemap_event_type', '?').lower()}, {top.get('map_status', '?').lower()}, "
        f"{top.get('process_timestamp', '?')}): magnitude {event.get('magnitude', '?')}, {event.get('event_description', '').strip()}"
    )
