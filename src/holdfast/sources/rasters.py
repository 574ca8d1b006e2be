"""Rasters: the mean of the pixels in each cell, or the share of some classes, by exact fractions."""

from pathlib import Path

import exactextract
import geopandas as gpd
import numpy as np
import rasterio

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.sources.files import locate
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.tables import check, schema

CLASS, SHARE = "value", "green_share"


def raster(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Average a GeoTIFF over the cells of the region.

    Parameters
    ----------
    name : str
        Table and schema name; the schema's first number column takes the mean.
    options : TableOptions
        The table's section of the study.
    folder : Path
        Folder of the input files.
    within : GeoDataFrame or None
        Cells of the region; needed.

    Returns
    -------
    Loaded
        One row per cell: ``area_id`` (the cell's id), the mean (null where no pixel has a value),
        ``geometry`` (the cell).

    Raises
    ------
    TableError
        If the file is no GeoTIFF, has no CRS, or does not overlap the region.
    DataMissing
        If there is no such file.
    """
    value = next(rule.column for rule in schema(name) if rule.type == "number")
    return _over_cells(name, options, folder, within, value)


def land_cover(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Measure the share of some land-cover classes in the cells of the region.

    Parameters
    ----------
    name : str
        Table and schema name, ``greenness``; its column ``green_share`` takes the share.
    options : TableOptions
        ``where = { value = [10, 20, 30] }`` names the classes.
    folder : Path
        Folder of the input files.
    within : GeoDataFrame or None
        Cells of the region; needed.

    Returns
    -------
    Loaded
        One row per cell: ``area_id`` (the cell's id), the share of the pixels with a value that are of these
        classes, by exact fractions (null where no pixel has a value), ``geometry`` (the cell).

    Raises
    ------
    TableError
        If no classes are named, or as `raster`.
    DataMissing
        If there is no such file.
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
    file = locate(folder, options.path, f"tables.{name}.path", (".tif", ".tiff"))
    if within is None:
        raise TableError(str(file), [Problem("a raster cannot define the region itself", column="region.table")])
    try:
        with rasterio.open(file, driver="GTiff") as dataset:
            if dataset.crs is None and options.crs is None:
                text = 'states no CRS; add `crs = "EPSG:..."` to the table in the study'
                raise TableError(str(file), [Problem(text)])
            cells = within.reset_index()[["cell_id", "geometry"]].to_crs(dataset.crs or options.crs)
            found = exactextract.exact_extract(
                dataset,
                cells,
                ["mean"] if classes is None else ["unique", "frac"],
                include_cols=["cell_id"],
                output="pandas",
            )
    except rasterio.errors.RasterioError as error:
        raise TableError(str(file), [Problem(f"cannot be read as a GeoTIFF ({error})")]) from None
    if classes is not None:
        found["mean"] = [
            float(np.asarray(f)[np.isin(np.asarray(u, np.float64), classes)].sum()) if len(f) else np.nan
            for u, f in zip(found["unique"], found["frac"], strict=True)
        ]
    means = found.set_index("cell_id")["mean"].reindex(within.index)
    if means.isna().all():
        raise TableError(str(file), [Problem("does not overlap the region; is the CRS right?")])
    table = within[["geometry"]].assign(area_id=within.index.astype("string"), **{value: means.to_numpy(np.float64)})
    checked = check(table, name, str(file))
    return Loaded(checked, (input_file(name, file, len(table), options, []),))
