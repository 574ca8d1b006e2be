"""Rasters: the mean of the pixels in each cell, by exact fractions."""

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
    file = locate(folder, options.path, f"tables.{name}.path", (".tif", ".tiff"))
    if within is None:
        raise TableError(str(file), [Problem("a raster cannot define the region itself", column="region.table")])
    value = next(rule.column for rule in schema(name) if rule.type == "number")
    try:
        with rasterio.open(file, driver="GTiff") as dataset:
            if dataset.crs is None and options.crs is None:
                text = 'states no CRS; add `crs = "EPSG:..."` to the table in the study'
                raise TableError(str(file), [Problem(text)])
            cells = within.reset_index()[["cell_id", "geometry"]].to_crs(dataset.crs or options.crs)
            means = exactextract.exact_extract(dataset, cells, ["mean"], include_cols=["cell_id"], output="pandas")
    except rasterio.errors.RasterioError as error:
        raise TableError(str(file), [Problem(f"cannot be read as a GeoTIFF ({error})")]) from None
    means = means.set_index("cell_id")["mean"].reindex(within.index)
    if means.isna().all():
        raise TableError(str(file), [Problem("does not overlap the region; is the CRS right?")])
    table = within[["geometry"]].assign(area_id=within.index.astype("string"), **{value: means.to_numpy(np.float64)})
    checked = check(table, name, str(file))
    return Loaded(checked, (input_file(name, file, len(table), options, []),))
