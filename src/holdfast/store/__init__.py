"""Results on disk: folders that are either whole or not there, with what they came from."""

from holdfast.store.arrays import read_arrays, write_arrays
from holdfast.store.exports import write_csv, write_geopackage, write_json, write_netcdf, write_parquet
from holdfast.store.folder import new_result
from holdfast.store.manifest import Result, run_id, versions
from holdfast.store.model import MODEL_ARRAYS, read_model, write_model
from holdfast.store.place import result_place
from holdfast.store.result_files import (
    open_result,
    read_curves,
    read_lines,
    read_shapes_of,
    read_summary,
    read_table_of,
)

__all__ = [
    "MODEL_ARRAYS",
    "Result",
    "new_result",
    "open_result",
    "read_arrays",
    "read_curves",
    "read_lines",
    "read_model",
    "read_shapes_of",
    "read_summary",
    "read_table_of",
    "result_place",
    "run_id",
    "versions",
    "write_arrays",
    "write_csv",
    "write_geopackage",
    "write_json",
    "write_model",
    "write_netcdf",
    "write_parquet",
]
