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
from holdfast.sources.files import locate
from holdfast.sources.intensity import to_unit
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.tables import check

FIELDS = {"PGA": "PGA", "PGV": "PGV", "PSA03": "SA0.3", "PSA10": "SA1.0", "SA(0.3)": "SA0.3", "SA(1.0)": "SA1.0"}
"""Names of grid fields, and Holdfast's; other fields (MMI, PSA30) are not used."""
TOTAL, BETWEEN, WITHIN = "STD", "GMPE_INTER_STD", "GMPE_INTRA_STD"
SAME_PLACE = 1e-4  # degrees; the grids are written with four decimals


@dataclass
class GridFile:
    """What a grid file holds: attributes by element, fields as (name, unit), the numbers as text."""

    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: list[tuple[str, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def shakemap(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read a ShakeMap grid.

    Parameters
    ----------
    name : str
        Name of the table in the study.
    options : TableOptions
        ``path`` is the grid.xml, ``attributes`` (if given) the uncertainty.xml of the same map.
    folder : Path
        Folder of the input files.
    within : GeoDataFrame or None
        Not used.

    Returns
    -------
    Loaded
        Schema ``intensities``: one row per grid point, medians in g and cm/s, log standard deviations; the
        notes name event, magnitude and version.

    Raises
    ------
    TableError
        If a file is no ShakeMap grid, is cut off, defines entities, or states an unknown unit.
    DataMissing
        If there is no such file.

    References
    ----------
    Worden et al. (2020), ShakeMap Manual, doi 10.5066/F7D21VPQ: products and formats, grid.xml.
    """
    del within
    file = locate(folder, options.path, f"tables.{name}.path", (".xml",))
    content = _parse(file)
    grid = _numbers(content, file)
    if "PGA" not in grid:
        have = ", ".join(n for n, _ in content.fields)
        raise TableError(str(file), [Problem(f"has no field PGA; it has: {have}", column="grid_field")])
    units = {n: u for n, u in content.fields if n in FIELDS}
    medians = {FIELDS[n]: grid[n] * to_unit(FIELDS[n], u, str(file)) for n, u in units.items()}
    files = [input_file(name, file, len(grid), options, [_event(content)])]
    spread, known = grid, content
    if options.attributes is not None:
        second = locate(folder, options.attributes, f"tables.{name}.attributes", (".xml",))
        known = _parse(second)
        spread = _numbers(known, second)
        _refuse_other_grid(grid, spread, second)
        files.append(input_file(name, second, len(spread), options, [_event(known)]))
    table = pd.DataFrame(
        {"longitude": grid["LON"], "latitude": grid["LAT"], **medians, **_deviations(spread, known, file)}
    )
    empty = table[list(medians)].isna().any(axis=1)
    if empty.any():
        files[0] = input_file(
            name, file, int((~empty).sum()), options, [_event(content), f"{int(empty.sum()):,} empty points left out"]
        )
    table = table[~empty]
    return Loaded(gpd.GeoDataFrame(check(table, "intensities", str(file))), tuple(files))


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

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: inside.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        with file.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        text_ = f"is cut off or no XML ({expat.ErrorString(error.code)}); download it again"
        raise TableError(str(file), [Problem(text_, row=error.lineno)]) from None
    if "shakemap_grid" not in content.attributes:
        found = next(iter(content.attributes), "nothing")
        raise TableError(str(file), [Problem(f"is no ShakeMap grid but <{found}>; take the product grid.xml")])
    return content


def _numbers(content: GridFile, file: Path) -> pd.DataFrame:
    """The grid as a table, one column per field."""
    names = [n for n, _ in content.fields]
    lacking = [Problem("has no such field; is it a grid.xml?", column=n) for n in ("LON", "LAT") if n not in names]
    if lacking:
        raise TableError(str(file), lacking)
    try:
        values = np.array("".join(content.text).split(), dtype=np.float64)
    except ValueError as error:
        raise TableError(
            str(file), [Problem(f"holds something else than numbers: {error}", column="grid_data")]
        ) from None
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


def _deviations(grid: pd.DataFrame, content: GridFile, file: Path) -> dict[str, pd.Series]:
    """Log standard deviations of the measures, and the part between events by the ratio of the models'."""
    units = dict(content.fields)
    found = {}
    for name, measure in FIELDS.items():
        total = TOTAL + name
        if total not in grid:
            continue
        if not units[total].startswith("ln"):
            text = f'{total} has the unit "{units[total]}"; the standard deviation of a natural log is expected'
            raise TableError(str(file), [Problem(text, column="grid_field")])
        found[f"{measure}_sd"] = grid[total]
        if BETWEEN + name in grid and WITHIN + name in grid:
            between, within = grid[BETWEEN + name], grid[WITHIN + name]
            both = np.hypot(between, within)
            found[f"{measure}_between_sd"] = grid[total] * between / both.where(both > 0, 1.0)
    return found


def _refuse_other_grid(grid: pd.DataFrame, other: pd.DataFrame, file: Path) -> None:
    """Both files must speak of the same places."""
    place = ["LON", "LAT"]
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
