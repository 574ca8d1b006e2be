"""Polygons, lines and points from vector files, with attributes from a CSV file if wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.sources.counts import of
from holdfast.sources.files import CSVS, VECTORS, locate
from holdfast.sources.joined_areas import joined, one_outline_each
from holdfast.sources.once import lines_once, points_once
from holdfast.sources.plausible import plausibility
from holdfast.sources.positions import placed_rows, without_nowhere
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import read_shapes
from holdfast.tables import check, ids
from holdfast.types import InputFile


@dataclass(frozen=True)
class Loaded:
    """A checked table and the files it came from; ``outlines``: of buildings by their ids, where their file holds any."""

    table: gpd.GeoDataFrame
    files: tuple[InputFile, ...]
    outlines: gpd.GeoSeries | None = None


def polygons(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read areas, such as census tracts, in the file's CRS, and join a file of attributes to them where the study names one.

    Signature and errors as in `holdfast.sources.readers.Source`. Invalid outlines are repaired, equal ones count once, and
    what has no partner in the other file is left out; all are counted.

    Raises
    ------
    DataMissing
        Also if too much has no partner in the other file.
    """
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
    shapes, read = read_shapes(file, options.layer, options.crs)
    if options.attributes is None:
        kept, notes = tidy(shapes, options, file)
        table, repaired = repaired_outlines(gpd.GeoDataFrame(kept, crs=shapes.crs))
        once: list[str] = []
        if "area_id" in table.columns:
            table, once = one_outline_each(table.assign(area_id=ids(table["area_id"])), name, options, file)
        table = check(table, name, str(file))
        told = [*read, *notes, *repaired, *once, *plausibility(table, name)]
        return Loaded(table, (input_file(name, file, len(table), options, told),))
    shapes, repaired = repaired_outlines(shapes)
    table, (merged, notes), (attributes, more) = joined(name, options, folder, file, shapes)
    files = (
        input_file(name, file, len(table), options, [*read, *repaired, *merged]),
        input_file(name, attributes, len(table), options, [*notes, *plausibility(table, name)]),
        *more,
    )
    return Loaded(table, files)


def repaired_outlines(shapes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Make invalid outlines valid, and count them."""
    geometry = shapes.geometry.to_numpy()
    invalid = ~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)
    if not invalid.any():
        return shapes, []
    fixed = geometry.copy()
    # `make_valid` may return lines beside polygons; a buffer of 0 keeps the areas alone
    fixed[invalid] = shapely.buffer(shapely.make_valid(geometry[invalid]), 0)
    return shapes.set_geometry(gpd.GeoSeries(fixed, index=shapes.index, crs=shapes.crs)), [
        f"{int(invalid.sum()):,} self-crossing outlines repaired"
    ]


def lines(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read lines, such as roads, in the file's CRS; one that stands twice, in either direction, counts once.

    Signature and errors as in `holdfast.sources.readers.Source`. Lines of no length are left out, which is counted.
    """
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
    shapes, read = read_shapes(file, options.layer, options.crs)
    kept, notes = tidy(shapes, options, file)
    table, short = without_lengthless(gpd.GeoDataFrame(kept, crs=shapes.crs))
    table, once = lines_once(check(table, name, str(file)))
    return Loaded(table, (input_file(name, file, len(table), options, [*read, *notes, *short, *once]),))


def without_lengthless(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Leave out lines of no length, and count them; shapes that are no lines stay."""
    geometry = lines.geometry.to_numpy()
    linear = (shapely.get_dimensions(geometry) == 1) & ~shapely.is_empty(geometry)
    short = linear & (shapely.length(geometry) == 0)
    if not short.any():
        return lines, []
    return lines[~short], [f"{of(int(short.sum()), len(lines), 'lines')} have no length and are left out"]


def points(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read points from a vector file, or from the longitudes and latitudes of a CSV file (then EPSG:4326).

    Signature and errors as in `holdfast.sources.readers.Source`. Points at 0, 0 are left out; what stands twice counts
    once; both are counted.

    Raises
    ------
    DataMissing
        Also if more than a tenth of the points lie at 0, 0.
    """
    table, file, notes = unchecked_points(name, options, folder)
    table, lost = without_nowhere(table, file)
    table, once = points_once(check(table, name, str(file)))
    return Loaded(table, (input_file(name, file, len(table), options, [*notes, *lost, *once]),))


def unchecked_points(
    name: str, options: TableOptions, folder: Path, settle: Callable[[list[str]], TableOptions] | None = None
) -> tuple[gpd.GeoDataFrame, Path, list[str]]:
    """Read shapes with the study's filters and names applied, not yet checked against their schema.

    Signature and errors as in `holdfast.sources.readers.Source`; `settle` makes the options to use from the columns of
    the file, for layouts whose columns are known beforehand.

    Returns
    -------
    GeoDataFrame
        Index ``row`` of the file; shapes in the file's CRS, or points in EPSG:4326 from a CSV file.
    Path, list of str
        The file, and what was dropped, in words.
    """
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS + CSVS)
    if not str(file).lower().endswith(CSVS):
        shapes, read = read_shapes(file, options.layer, options.crs)
        options = options if settle is None else settle([str(c) for c in shapes.columns])
        kept, notes = tidy(shapes, options, file)
        return gpd.GeoDataFrame(kept, crs=shapes.crs), file, [*read, *notes]
    raw, read = read_table(file)
    options = options if settle is None else settle([str(c) for c in raw.columns])
    table, notes = placed_rows(raw, options, file)
    return table, file, [*read, *notes]


def nearest_areas(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Make stand-in areas around points: every place in the cells of the region `within` belongs to its nearest point.

    For data by ZIP code of which only centroids are at hand. The outlines are Voronoi polygons in the CRS of `within`,
    no true boundaries, and the provenance says so. Signature and errors as in `holdfast.sources.readers.Source`.

    Raises
    ------
    TableError
        Also if the table is to define the region itself, so that there are no cells yet.
    DataMissing
        Also if more than a tenth of the points lie at 0, 0.
    """
    if within is None:
        text = "stand-in areas cannot define the region itself; use a table of true polygons"
        raise TableError(options.path, [Problem(text, column="region.table")])
    table, file, notes = unchecked_points(name, options, folder)
    table, lost = without_nowhere(table, file)
    notes += lost
    table = table.to_crs(within.crs)
    # two points in one place share one Voronoi polygon, which the table would then lack a row for
    same = table.geometry.to_wkb().duplicated().to_numpy()
    if same.any():
        notes.append(f"{int(same.sum()):,} points lie where another lies and are left out")
        table = table[~same]
    frame = shapely.box(*within.total_bounds)
    # ordered: the polygons come in the order of their points, which is what joins them to the rows
    outlines = shapely.voronoi_polygons(shapely.multipoints(table.geometry.to_numpy()), extend_to=frame, ordered=True)
    table = table.set_geometry(gpd.GeoSeries(shapely.get_parts(outlines), index=table.index, crs=within.crs))
    table = check(table, name, str(file))
    notes.append("stand-in areas: every place takes the value of the nearest point, not of its true area")
    return Loaded(table, (input_file(name, file, len(table), options, notes),))
