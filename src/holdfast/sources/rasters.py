"""Rasters: the mean of the pixels in each cell, or the share of some classes, by exact fractions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.errors import Problem, TableError
from holdfast.sources.counts import named, of
from holdfast.sources.files import locate
from holdfast.sources.raster_files import MOST_PIXELS, TIFFS, Raster, in_its_longitudes, opened, window_of
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.tables import check, schema

CLASS, SHARE = "value", "green_share"


def raster(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Average a GeoTIFF over the cells of the region `within`; the schema's first number column takes the mean.

    Signature and errors as in `holdfast.sources.readers.Source`; ``null_values`` and ``scale`` name the column or
    ``value``. One row per cell: ``area_id`` (the cell's id), the mean (null where no pixel has a value), ``geometry``.

    Raises
    ------
    TableError
        Also if the file is no GeoTIFF, has no CRS, or does not overlap the region.
    """
    value = next(rule.column for rule in schema(name) if rule.type == "number")
    return _over_cells(name, options, folder, within, value)


def land_cover(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Share of some land-cover classes in the cells of the region `within`, column ``green_share`` of ``greenness``.

    Signature and errors as in `holdfast.sources.readers.Source`; ``where = { value = [10, 20, 30] }`` names the classes.
    One row per cell: ``area_id`` (the cell's id), the share of the pixels with a value that are of these classes, by exact
    fractions (null where no pixel has a value), ``geometry``.

    Raises
    ------
    TableError
        Also if no classes are named, or as `raster`.
    """
    classes = [float(v) for v in options.where.get(CLASS, []) if not isinstance(v, str)]
    if not classes:
        text = "land cover needs its classes: where = { value = [10, 20] }"
        raise TableError(options.path, [Problem(text, column=f"tables.{name}.where")])
    return _over_cells(name, options, folder, within, SHARE, classes)


def _over_cells(
    name: str,
    options: TableOptions,
    folder: Path,
    within: gpd.GeoDataFrame | None,
    value: str,
    classes: list[float] | None = None,
) -> Loaded:
    """Mean of the pixels in each cell, or share of those of some classes."""
    file = locate(folder, options.path, f"tables.{name}.path", TIFFS)
    if within is None:
        raise TableError(str(file), [Problem("a raster cannot define the region itself", column="region.table")])
    with opened(file, options, value) as raster:
        _refuse_rotated(raster)
        shapes = in_its_longitudes(within.geometry, raster)
        found, covered = _measured(raster, shapes, classes)
        notes = raster.remarks(CLASS if classes is not None else value)
    if np.isnan(found).all():
        raise TableError(
            str(file), [Problem("does not overlap the region, or holds no value there; is the CRS right?")]
        )
    table = within[["geometry"]].assign(area_id=within.index.astype("string"), **{value: found})
    checked = check(table.rename_axis("cell"), name, str(file))
    notes += _coverage(pd.Series(covered, index=within.index))
    return Loaded(checked, (input_file(name, file, len(table), options, notes),))


def _refuse_rotated(raster: Raster) -> None:
    """Refuse pixels that do not run from north to south and from west to east."""
    place = raster.dataset.transform
    if place.b or place.d or place.a <= 0 or place.e >= 0:
        text = "is rotated or upside down: its pixels do not run from north-west to south-east; warp it north-up (gdalwarp)"
        raise TableError(raster.name, [Problem(text)])


def _measured(raster: Raster, shapes: np.ndarray, classes: list[float] | None) -> tuple[np.ndarray, np.ndarray]:
    """Value of each cell, and the share of its ground under pixels that have one."""
    found, covered = np.full(len(shapes), np.nan), np.zeros(len(shapes))
    bounds = shapely.bounds(shapes)
    place = raster.dataset.transform
    for rows in _groups(raster, bounds, np.arange(len(shapes))):
        window = window_of(raster, bounds[rows])
        if window.width <= 0 or window.height <= 0:
            continue
        west, north = place @ (window.col_off, window.row_off)
        east, south = place @ (window.col_off + window.width, window.row_off + window.height)
        # from memory: exactextract by itself would open the file again, past the limits and the codes for unknown
        sheet = NumPyRasterSource(
            raster.read(window),
            xmin=west,
            ymin=south,
            xmax=east,
            ymax=north,
            nodata=np.nan,
            srs_wkt=raster.crs.to_wkt(),
        )
        cells = gpd.GeoDataFrame({"cell": rows}, geometry=shapes[rows], crs=raster.crs)
        what = ["count", "mean"] if classes is None else ["count", "unique", "frac"]
        told = exact_extract(sheet, cells, what, include_cols=["cell"], output="pandas")
        at = told["cell"].to_numpy(np.int64)
        # `count` is in pixels: times their area over the cell's, both in the units of the CRS squared, it is a share
        pixel = abs(place.a * place.e)
        covered[at] = told["count"].to_numpy(np.float64) * pixel / shapely.area(shapes[at])
        found[at] = told["mean"] if classes is None else [_share(row, classes) for row in told.itertuples()]
    return found, covered


def _share(row: Any, classes: list[float]) -> float:
    """Share of some classes in one cell; null where no pixel has a value."""
    values, shares = np.asarray(row.unique, np.float64), np.asarray(row.frac, np.float64)
    return float(shares[np.isin(values, classes)].sum()) if len(values) else np.nan


def _groups(raster: Raster, bounds: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Cells whose pixels together can be held at a time."""
    window = window_of(raster, bounds[rows])
    if window.width * window.height <= MOST_PIXELS:
        yield rows
        return
    if len(rows) == 1:
        text = f"has more than {MOST_PIXELS:,} pixels in one cell; give it in a coarser resolution"
        raise TableError(raster.name, [Problem(text)])
    # halved across the longer side in pixels, so that parts stay compact
    axis = 0 if np.ptp(bounds[rows, 0]) * window.height > np.ptp(bounds[rows, 1]) * window.width else 1
    order = rows[np.argsort(bounds[rows, axis], kind="stable")]
    half = len(rows) // 2
    yield from _groups(raster, bounds, order[:half])
    yield from _groups(raster, bounds, order[half:])


def _coverage(covered: pd.Series) -> list[str]:
    """How much of the ground of the cells has a value, and which cells have little."""
    least = figure("raster_coverage_told")
    low = covered < least
    if not low.any():
        return [
            f"pixels with a value cover {covered.mean():.1%} of the cells, {covered.min():.0%} of the least covered"
        ]
    names = named([f"{cell} {share:.0%}" for cell, share in covered[low].sort_values().items()])
    text = f"{of(int(low.sum()), len(covered), 'cells')} have values on less than {least:.0%} of their ground ({names})"
    return [text]
