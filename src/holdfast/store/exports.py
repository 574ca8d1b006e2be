"""Tables, curves and summaries written to a result: the same bytes for the same content, or a clear failure."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import netCDF4
import pandas as pd
import pyarrow as pa
import pyogrio
import xarray as xr
from pyarrow import parquet
from xarray.backends import NetCDF4DataStore

from holdfast.ground import with_named_crs
from holdfast.plain import plain

FIXED_DATE = "2000-01-01T00:00:00.000Z"  # GeoPackage stores a date of change; a fixed one keeps bytes equal
GEOPACKAGE_VERSION = "1.2"  # that of OGC 12-128r15; readers of two years ago warn of a later one
FIRST_BYTES = 2**20
"""Memory that a NetCDF file begins with; it grows."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_json(path: Path, content: object) -> None:
    """Write JSON with two blanks of indent, and null for what is not a number."""
    path.write_text(json.dumps(plain(content), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a CSV file, without the index and empty where null, whose text cells no spreadsheet takes for formulas."""
    safe = table.copy()
    for column in safe.columns:
        if pd.api.types.is_string_dtype(safe[column]) or safe[column].dtype == object:
            text = safe[column].astype("string")
            # a name that begins with "=" comes from a file that anybody may have written; a number below 0 stays one
            formula = text.str.startswith(FORMULA_STARTS, na=False) & safe[column].map(lambda v: isinstance(v, str))
            safe[column] = text.where(~formula, "'" + text)
    safe.to_csv(path, index=False, lineterminator="\n")


def write_parquet(path: Path, table: pd.DataFrame, units: Mapping[str, str], about: str, index: bool = True) -> None:
    """Write a table as Parquet, one with shapes as GeoParquet, whose fields say their units.

    `units` are by field, money as ``USD_2017``, "" for none. They stand in the metadata of the fields (``unit``), which Arrow
    reads, and of the file (``units``, JSON), which other readers of Parquet show; `about` (citation, licence and run) stands
    beside them. A CRS without a name gets one; the index is written where `index` says so.
    """
    # the writer would put whatever stands in the attributes into the file; the caller's table keeps them
    flat = (with_named_crs(table) if isinstance(table, gpd.GeoDataFrame) else table).copy(deep=False)
    flat.attrs = {}
    flat.to_parquet(path, index=index)
    # read again, since geopandas takes no metadata of fields; what it wrote of shapes and CRS is kept
    stored = parquet.read_table(path)
    told = {name: unit for name, unit in units.items() if unit}
    fields = [f.with_metadata({"unit": told[f.name]}) if f.name in told else f.remove_metadata() for f in stored.schema]
    # for readers other than Arrow, which do not see what stands at a field
    whole = {**(stored.schema.metadata or {}), b"about": about.encode(), b"units": json.dumps(told).encode()}
    parquet.write_table(pa.Table.from_arrays(stored.columns, schema=pa.schema(fields, whole)), path)


def write_netcdf(path: Path, content: xr.Dataset) -> None:
    """Write curves as NetCDF in the plain format CDF-5, whose files can refer to no other file.

    What has no entry, such as the service of networks in a city without any, is left out: the format knows no empty
    dimension.
    """
    content = content.drop_dims([name for name, size in content.sizes.items() if size == 0])
    made = netCDF4.Dataset(path.name, mode="w", memory=FIRST_BYTES, format="NETCDF3_64BIT_DATA")
    content.dump_to_store(NetCDF4DataStore(made))
    path.write_bytes(made.close())  # made in memory, since the library crashes where a disk refuses


def write_geopackage(path: Path, layers: Mapping[str, gpd.GeoDataFrame], styles: Mapping[str, str], about: str) -> None:
    """Write a GeoPackage with a default QGIS style (QML) for each layer.

    `about` (citation, licence and run) is stored as the description of each layer; a CRS without a name gets one.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_DATE})
    try:
        for name, features in layers.items():
            pyogrio.write_dataframe(
                with_named_crs(features),
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                layer_options={"DESCRIPTION": about},
                dataset_options={"VERSION": GEOPACKAGE_VERSION},
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    # QGIS reads this table of its own; it is named in the contents, since strict readers refuse a table that is not
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, f_table_schema TEXT, "
            "f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, "
            "useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)"
        )
        for name, style in styles.items():
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
                "VALUES ('', '', ?, 'geom', ?, ?, '', 1, 'Holdfast', '', '', ?)",
                (name, name, style, FIXED_DATE),
            )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (FIXED_DATE,),
        )
