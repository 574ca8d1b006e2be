"""`holdfast init`: a commented study file to start from, for what the user has."""

import csv
import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from string import Template

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.sources.vectors import UNREADABLE

RATING, CITY = "rating", "city"
KINDS = (RATING, CITY)
EXTRACT = (".osm.pbf", ".pbf")
TABLES = (".csv", ".gpkg", ".geojson", ".parquet")
# names that columns of buildings have elsewhere; the first that a table has is taken
USUAL_NAMES = {
    "building_id": ("building_id", "id", "fid", "nr"),
    "occupancy": ("occupancy", "use", "occtype", "building_use"),
    "structure": ("structure", "frame", "material", "bldgtype"),
    "stories": ("stories", "floors", "levels", "num_story"),
    "year_built": ("year_built", "built", "year", "med_yr_blt"),
    "floor_area_m2": ("floor_area_m2", "area_m2", "floor_area"),
    "replacement_cost": ("replacement_cost", "cost", "value"),
    "residents": ("residents", "population"),
}
PLACES = {"longitude": ("longitude", "lon", "x"), "latitude": ("latitude", "lat", "y")}
RULES = {
    "stories": '2                        # or "median"',
    "year_built": '1970                     # or "median"',
    "floor_area_m2": '"footprint"              # outline times stories',
    "structure": '"masonry"                # or "light_frame"',
    "replacement_cost": '"unit_cost"',
    "occupancy": '"RES1"                   # one use for all buildings without',
}


def init(
    path: str | Path = "study.toml",
    *,
    kind: str | None = None,
    source: str | Path | None = None,
    bbox: tuple[float, float, float, float] | None = None,
) -> Path:
    """Write a commented study file to a path where nothing is yet, and return the path.

    Parameters
    ----------
    path : str or Path
        File to write.
    kind : str, optional
        ``rating`` or ``city``; by `source` if omitted, ``rating`` without one.
    source : str or Path, optional
        What the study is about: an OpenStreetMap extract (.osm.pbf) or a table of buildings (CSV, GeoPackage, GeoJSON,
        GeoParquet). A city without one is the extract of central Helsinki that is installed.
    bbox : tuple of float, optional
        West, south, east, north in degrees: the part of an extract to read.

    Raises
    ------
    TableError
        If the file exists, or no folder for it; if what is given does not fit together.
    DataMissing
        If there is no such `source`.
    UnknownName
        If there is no such kind.
    """
    target = Path(path)
    if target.exists():
        raise TableError(str(target), [Problem("already exists; name another file, nothing was changed")])
    if not target.parent.is_dir():
        raise TableError(str(target), [Problem(f"the folder {target.parent} does not exist; make it first")])
    if kind is not None and kind not in KINDS:
        raise UnknownName("kind of study", kind, KINDS, "kind")
    file = None if source is None else _there(Path(source))
    if bbox is not None and (file is None or not file.name.lower().endswith(EXTRACT)):
        raise TableError(
            "init", [Problem("is a part of an OpenStreetMap extract; name one with --from", column="--bbox")]
        )
    kind = kind or (RATING if file is None else CITY)
    target.write_text(_text(kind, target, file, bbox), encoding="utf-8")
    return target


def _there(file: Path) -> Path:
    """A file that a study can be written for."""
    if not file.is_file():
        text = f"{file}: no such file; name an OpenStreetMap extract (.osm.pbf) or a table of buildings"
        raise DataMissing(text)
    if not file.name.lower().endswith((*EXTRACT, *TABLES)):
        known = ", ".join((EXTRACT[0], *TABLES))
        raise TableError(
            str(file), [Problem(f"is of no kind that a study is written for; known: {known}", column="--from")]
        )
    return file


def _text(kind: str, target: Path, file: Path | None, bbox: tuple[float, float, float, float] | None) -> str:
    """Content of the study."""
    folder = resources.files("holdfast") / "data"
    if kind == RATING and file is None:
        return (folder / "study.toml").read_text(encoding="utf-8")
    # from the folder of the study, so that both can be moved together
    data = "." if file is None else Path(os.path.relpath(file.parent, target.parent)).as_posix()
    name = "Central Helsinki" if file is None else file.name.split(".")[0].replace("_", " ")
    if kind == RATING:
        return _rating_of(file, name, data)
    keys = {"file": target.name, "name": _quoted(name), "data": _quoted(data), "tables": ""}
    if file is None or file.name.lower().endswith(EXTRACT):
        keys["source"] = _extract_lines(file, bbox)
    else:
        keys |= {"source": 'source = "buildings"', "tables": _table_lines(file)}
    return Template((folder / "city_template.toml").read_text(encoding="utf-8")).substitute(keys)


def _quoted(text: str) -> str:
    """Text as it stands between quotes in TOML."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _extract_lines(file: Path | None, bbox: tuple[float, float, float, float] | None) -> str:
    """Keys of a city that is read from a map."""
    lines = ['source = "osm"                     # buildings and streets of an OpenStreetMap extract']
    lines.append(
        '# path = "town.osm.pbf"            # the packaged extract if omitted'
        if file is None
        else f'path = "{_quoted(file.name)}"'
    )
    if bbox is not None:
        lines.append(f"bbox = {list(bbox)}          # west, south, east, north, degrees")
    return "\n".join(lines)


def _table_lines(file: Path) -> str:
    """The table of buildings, its columns as far as their names tell, and a rule for each that lacks."""
    columns = _columns(file)
    found = {ours: next((columns[n] for n in names if n in columns), None) for ours, names in USUAL_NAMES.items()}
    lines = ["", "[tables.buildings]", 'source = "buildings"', f'path = "{_quoted(file.name)}"']
    if file.suffix.lower() == ".csv":
        for ours, names in PLACES.items():
            lines.append(f'{ours} = "{_quoted(next((columns[n] for n in names if n in columns), ours))}"')
    lines += ["", "[tables.buildings.columns]         # Holdfast's column = your column"]
    lines += [f'{ours} = "{_quoted(theirs)}"' for ours, theirs in found.items() if theirs is not None]
    lines += [
        "",
        "[tables.buildings.infer]           # what your table lacks, by stated rules; every filled value is marked",
    ]
    lines += [f"{ours} = {rule}" for ours, rule in RULES.items() if found[ours] is None]
    return "\n".join([*lines, ""])


def _columns(file: Path) -> dict[str, str]:
    """Names of the columns of a table, by their lower case."""
    if file.suffix.lower() == ".csv":
        with file.open(newline="", encoding="utf-8-sig", errors="replace") as stream:
            names = next(csv.reader(stream), [])
    elif file.suffix.lower() == ".parquet":
        from pyarrow import parquet

        names = _read(file, lambda: list(parquet.read_schema(file).names))
    else:
        import pyogrio

        names = _read(file, lambda: [str(name) for name in pyogrio.read_info(file)["fields"]])
    return {name.strip().lower(): name.strip() for name in names}


def _read(file: Path, names: Callable[[], list[str]]) -> list[str]:
    """Names of the columns as a library of the format reads them; what it cannot read is no table of this kind."""
    try:
        return names()
    except Exception as error:  # these libraries raise whatever they meet
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from error


def _rating_of(file: Path | None, name: str, data: str) -> str:
    """A rating that needs nothing but an extract: cells over its rectangle, features of roads, hospitals and green."""
    if file is None or not file.name.lower().endswith(EXTRACT):
        text = "a rating is written for an OpenStreetMap extract, or without --from for tables that you name yourself"
        raise TableError(str(file), [Problem(text, column="--from")])
    path = _quoted(file.name)
    tables = [
        ("areas", "bounds", 'the rectangle of the roads; source = "osm" with where = { admin_level = [8] } for a town')
    ]
    tables += [
        ("homes", "osm", "homes of the map, so that people count and not ground; a census table of areas is better")
    ]
    tables += [(t, "osm", "") for t in ("roads", "hospitals", "green_areas")]
    lines = [
        "# A rating from an extract alone: society features and building age are absent and reported so.",
        f'name = "{_quoted(name)}"',
        "seed = 1",
        f'data = "{_quoted(data)}"',
        "",
        "[region]",
        "cell_size = 500                    # side of a cell, m; at least 50 cells must be rateable",
    ]
    for table, kind, note in tables:
        lines += ["", f"[tables.{table}]" + (f"   # {note}" if note else ""), f'source = "{kind}"', f'path = "{path}"']
    lines += [
        "",
        "[rating]",
        'access = "streets"                 # hospitals by road; "straight" as the crow flies',
        "",
    ]
    return "\n".join(lines)
