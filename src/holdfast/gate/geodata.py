"""Layers and tables of shapes, read by one named reader each, with everything off that could reach elsewhere."""

import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj
import rasterio

from holdfast.errors import Problem, TableError
from holdfast.gate.files import refuse_disguised
from holdfast.gate.limits import BLOCK_PIXELS, RASTER_PIXELS
from holdfast.gate.packed import refuse_large_parquet

GDAL_OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml beside a file says anything about it
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",  # no view of a GeoPackage opens another file or address
    "OGR_SQLITE_LOAD_EXTENSIONS": None,  # nor code
}
"""Held for every file that GDAL opens, here and in the readers of rasters."""

# for the whole process, once: a reader that forgot to ask would otherwise look at other files or the network
pyogrio.set_gdal_config_options(GDAL_OPTIONS)
pyproj.network.set_network_enabled(active=False)


def refuse_large_raster(file: Path, dataset: rasterio.DatasetReader) -> None:
    """Refuse an open raster, of which nothing but the header was read, of more pixels than are read, in all or in one block.

    Raises
    ------
    TableError
        With the limit; names `file`.
    """
    pixels = dataset.width * dataset.height * dataset.count
    block = max((rows * columns for rows, columns in dataset.block_shapes), default=0)
    if pixels > RASTER_PIXELS:
        text = f"has {pixels:,} pixels, at most {RASTER_PIXELS:,} are read; cut out the region"
    elif block > BLOCK_PIXELS:
        text = f"is stored in blocks of {block:,} pixels, at most {BLOCK_PIXELS:,} are read; write it in tiles"
    else:
        return
    raise TableError(str(file), [Problem(text)])


def layers(file: Path) -> list[str]:
    """Names of the layers of a GeoPackage or shapefile; `TableError` if it is not what its ending says."""
    refuse_disguised(file)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of the reader, whose words are not ours; what is wrong is refused when it is read
        return [str(name) for name in pyogrio.list_layers(file)[:, 0]]


def geoparquet(file: Path) -> gpd.GeoDataFrame:
    """Table of shapes from a GeoParquet file.

    Raises
    ------
    TableError
        If it is not what its ending says, or larger than can be held.
    """
    refuse_disguised(file)
    refuse_large_parquet(file)
    return gpd.read_parquet(file)
