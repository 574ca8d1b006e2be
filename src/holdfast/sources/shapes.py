"""Polygons, lines and points from vector files, with attributes from a CSV file if wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.sources.files import VECTORS, locate, read_shapes, read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check, schema
from holdfast.types import InputFile

CSVS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Loaded:
    """A checked table and the files it came from."""

    table: gpd.GeoDataFrame
    files: tuple[InputFile, ...]


def polygons(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read areas, such as census tracts, and join attributes to them.

    Parameters
    ----------
    name : str
        Table and schema name.
    options : TableOptions
        The table's section of the study.
    folder : Path
        Folder of the input files.
    within : GeoDataFrame or None
        Cells of the region; not used here.

    Returns
    -------
    Loaded
        Polygons in the file's CRS that pass the schema; invalid outlines are repaired and counted.

    Raises
    ------
    TableError
        Naming every bad row and column.
    DataMissing
        If a file is missing.
    """
    del within
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
    shapes = read_shapes(file, options.layer, options.crs)
    if options.attributes is None:
        kept, notes = tidy(shapes, options, file)
        kept, repaired = _repair(gpd.GeoDataFrame(kept, crs=shapes.crs))
        table = check(kept, name, str(file))
        return Loaded(table, (input_file(name, file, len(table), options, notes + repaired),))
    return _joined(name, options, folder, file, shapes)


def _joined(name: str, options: TableOptions, folder: Path, file: Path, shapes: gpd.GeoDataFrame) -> Loaded:
    """Join shapes and attributes one to one by the key."""
    if options.key is None:
        raise TableError(str(file), [Problem("attributes need a `key` to join them by", column=f"tables.{name}.key")])
    attributes = locate(folder, str(options.attributes), f"tables.{name}.attributes", CSVS)
    raw = read_table(attributes)
    for where, table in ((file, shapes), (attributes, raw)):
        if options.key not in table.columns:
            have = ", ".join(str(c) for c in table.columns[:40])
            raise TableError(str(where), [Problem(f"no such column; the file has: {have}", column=options.key)])
    raw = raw.assign(area_id=raw[options.key])
    kept, notes = tidy(raw, options, attributes)
    values = check(kept, name, str(attributes), only=[c.column for c in schema(name) if c.column != "geometry"])
    outlines = shapes[["geometry"]].assign(area_id=shapes[options.key].astype("string").str.strip())
    outlines = outlines[outlines["area_id"].isin(values["area_id"])]
    outlines, repaired = _repair(outlines)
    table = check(outlines, name, str(file), only=("area_id", "geometry")).merge(values, on="area_id")
    if len(table) < len(values):
        notes.append(f"{len(values) - len(table):,} rows have no outline and are left out")
    table = gpd.GeoDataFrame(table, crs=shapes.crs)
    files = (
        input_file(name, file, len(table), options, repaired),
        input_file(name, attributes, len(table), options, notes),
    )
    return Loaded(table, files)


def _repair(shapes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Make invalid outlines valid, and count them."""
    geometry = shapes.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    if not invalid.any():
        return shapes, []
    fixed = geometry.copy()
    fixed[invalid] = shapely.buffer(shapely.make_valid(geometry[invalid]), 0)
    return shapes.set_geometry(gpd.GeoSeries(fixed, index=shapes.index, crs=shapes.crs)), [
        f"{int(invalid.sum()):,} self-crossing outlines repaired"
    ]


def lines(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read lines, such as roads; a line that stands twice, in either direction, counts once.

    Parameters
    ----------
    name, options, folder, within
        As in `polygons`.

    Returns
    -------
    Loaded
        Lines in the file's CRS that pass the schema.

    Raises
    ------
    TableError, DataMissing
        As in `polygons`.
    """
    del within
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
    shapes = read_shapes(file, options.layer, options.crs)
    kept, notes = tidy(shapes, options, file)
    table = check(gpd.GeoDataFrame(kept, crs=shapes.crs), name, str(file))
    once = ~pd.Series(shapely.to_wkb(shapely.normalize(table.geometry.to_numpy()))).duplicated().to_numpy()
    if not once.all():
        notes.append(f"{int((~once).sum()):,} lines stand twice (opposite directions) and count once")
    table = table[once]
    return Loaded(table, (input_file(name, file, len(table), options, notes),))


def points(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read points from a vector file, or from the longitudes and latitudes of a CSV file.

    Parameters
    ----------
    name, options, folder, within
        As in `polygons`.

    Returns
    -------
    Loaded
        Points that pass the schema; EPSG:4326 if they came from a CSV file.

    Raises
    ------
    TableError, DataMissing
        As in `polygons`.
    """
    del within
    table, file, notes = unchecked_points(name, options, folder)
    table = check(table, name, str(file))
    return Loaded(table, (input_file(name, file, len(table), options, notes),))


def unchecked_points(
    name: str, options: TableOptions, folder: Path, settle: Callable[[list[str]], TableOptions] | None = None
) -> tuple[gpd.GeoDataFrame, Path, list[str]]:
    """Read shapes with the study's filters and names applied, not yet checked against their schema.

    Parameters
    ----------
    name, options, folder
        As in `polygons`.
    settle : callable, optional
        From the columns of the file to the options to use, for layouts whose columns are known beforehand.

    Returns
    -------
    GeoDataFrame
        Index ``row`` of the file; shapes in the file's CRS, or points in EPSG:4326 from a CSV file.
    Path
        The file.
    list of str
        What was dropped, in words.

    Raises
    ------
    TableError, DataMissing
        As in `polygons`.
    """
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS + CSVS)
    if not str(file).lower().endswith(CSVS):
        shapes = read_shapes(file, options.layer, options.crs)
        options = options if settle is None else settle([str(c) for c in shapes.columns])
        kept, notes = tidy(shapes, options, file)
        return gpd.GeoDataFrame(kept, crs=shapes.crs), file, notes
    raw = read_table(file)
    options = options if settle is None else settle([str(c) for c in raw.columns])
    places = {"longitude": options.longitude, "latitude": options.latitude}
    mapped = options.model_copy(update={"columns": {**options.columns, **places}})
    kept, notes = tidy(raw, mapped, file)
    place = check(kept, "positions", str(file))
    geometry = gpd.points_from_xy(place["longitude"], place["latitude"], crs="EPSG:4326")
    return gpd.GeoDataFrame(kept, geometry=geometry), file, notes


def nearest_areas(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Make stand-in areas around points: every place belongs to its nearest point.

    For data by ZIP code of which only centroids are at hand. The outlines are Voronoi polygons,
    no true boundaries, and the provenance says so.

    Parameters
    ----------
    name, options, folder
        As in `polygons`.
    within : GeoDataFrame or None
        Cells of the region, whose CRS and extent are used; needed.

    Returns
    -------
    Loaded
        Polygons in the CRS of `within` that pass the schema.

    Raises
    ------
    TableError, DataMissing
        As in `polygons`.
    """
    if within is None:
        text = "stand-in areas cannot define the region itself; use a table of true polygons"
        raise TableError(options.path, [Problem(text, column="region.table")])
    table, file, notes = unchecked_points(name, options, folder)
    table = table.to_crs(within.crs)
    same = table.geometry.to_wkb().duplicated().to_numpy()
    if same.any():
        notes.append(f"{int(same.sum()):,} points lie where another lies and are left out")
        table = table[~same]
    frame = shapely.box(*within.total_bounds)
    outlines = shapely.voronoi_polygons(shapely.multipoints(table.geometry.to_numpy()), extend_to=frame, ordered=True)
    table = table.set_geometry(gpd.GeoSeries(shapely.get_parts(outlines), index=table.index, crs=within.crs))
    table = check(table, name, str(file))
    notes.append("stand-in areas: every place takes the value of the nearest point, not of its true area")
    return Loaded(table, (input_file(name, file, len(table), options, notes),))
