"""Layers and tables of shapes, read by one named reader each, with everything off that could reach elsewhere."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj

from holdfast.gate.files import refuse_disguised
from holdfast.gate.packed import refuse_large_parquet

GDAL_OPTIONS = {
    "GDAL_PAM_ENABLED": "NO",  # no .aux.xml beside a file says anything about it
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",  # no view of a GeoPackage opens another file or address
    "OGR_SQLITE_LOAD_EXTENSIONS": None,  # nor code
}
"""Held for every file that GDAL opens, here and in the readers of rasters."""

pyogrio.set_gdal_config_options(GDAL_OPTIONS)
pyproj.network.set_network_enabled(active=False)


def layers(file: Path) -> list[str]:
    """Names of the layers of a GeoPackage or shapefile.

    Parameters
    ----------
    file : Path
        A plain file.

    Raises
    ------
    TableError
        If it is not what its ending says.
    """
    refuse_disguised(file)
    return [str(name) for name in pyogrio.list_layers(file)[:, 0]]


def geoparquet(file: Path) -> gpd.GeoDataFrame:
    """Table of shapes from a GeoParquet file.

    Parameters
    ----------
    file : Path
        A plain file.

    Raises
    ------
    TableError
        If it is not what its ending says, or larger than can be held.
    """
    refuse_disguised(file)
    refuse_large_parquet(file)
    return gpd.read_parquet(file)
