"""Speed-test tiles: squares of the web map, named by quadkeys."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.gate.packed import refuse_large_parquet
from holdfast.numerals import to_numbers
from holdfast.sources.files import CSVS, locate
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import UNREADABLE
from holdfast.tables import check

QUADKEY, KBPS = "quadkey", "avg_d_kbps"
MBPS_PER_KBPS = 1e-3
WEIGHTS = ("tests", "devices")
DEEPEST = 23  # zoom levels of the tiling


def tile_boxes(quadkeys: pd.Series) -> np.ndarray:
    """Outlines of web-map tiles in degrees (EPSG:4326), from quadkeys: a digit 0..3 per zoom level, leading zeros count.

    References
    ----------
    Bing Maps Tile System, https://learn.microsoft.com/en-us/bingmaps/articles/bing-maps-tile-system.

    Examples
    --------
    >>> shapely.bounds(tile_boxes(pd.Series(["0"]))).round(2).tolist()
    [[-180.0, 0.0, 0.0, 85.05]]
    """
    depth = quadkeys.str.len().to_numpy(np.int64)
    column, row = np.zeros(len(quadkeys), np.int64), np.zeros(len(quadkeys), np.int64)
    # each digit holds one bit of the column and one of the row; keys of different depth may stand in one file
    for level in range(int(depth.max(initial=0))):
        digit = to_numbers(quadkeys.str[level]).fillna(-1).to_numpy(np.int64)
        there = digit >= 0
        column[there] = 2 * column[there] + (digit[there] & 1)
        row[there] = 2 * row[there] + (digit[there] >> 1)
    count = 2.0**depth

    # inverse of the web-Mercator projection, on which tiles are squares
    def latitude(y: np.ndarray) -> np.ndarray:
        return np.asarray(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y / count)))))

    west, east = column / count * 360 - 180, (column + 1) / count * 360 - 180
    return np.asarray(shapely.box(west, latitude(row + 1), east, latitude(row)))


def tiles(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read speed-test tiles in the layout of Ookla's open data, polygons in EPSG:4326 with ``area_id`` the quadkey.

    Signature and errors as in `holdfast.sources.readers.Source`; ``avg_d_kbps`` is taken as ``download_mbps`` unless the
    study maps another. Tiles that do not meet the bounds of the cells `within` are left out and counted.
    """
    file = locate(folder, options.path, f"tables.{name}.path", (*CSVS, ".parquet"))
    raw, read = _read(file)
    key = options.columns.get("area_id", QUADKEY)
    if key not in raw.columns:
        text = f"no such column; the file has: {', '.join(str(c) for c in raw.columns[:40])}"
        raise TableError(str(file), [Problem(text, column=key)])
    keys = raw[key].astype("string")
    bad = ~keys.str.fullmatch(f"[0-3]{{1,{DEEPEST}}}").fillna(value=False).to_numpy(dtype=bool)
    if bad.any():
        text = "is no quadkey (digits 0 to 3, read as text: leading zeros count)"
        raise TableError(str(file), [Problem(f'"{keys[r]}" {text}', row=int(r), column=key) for r in raw.index[bad]])
    raw = gpd.GeoDataFrame(raw, geometry=tile_boxes(keys), crs="EPSG:4326")
    notes = []
    if within is not None:
        west, south, east, north = within.to_crs("EPSG:4326").total_bounds
        # one file covers the world: only what meets the region is held to the schema
        near = raw.cx[west:east, south:north]
        notes = [f"{len(near):,} of {len(raw):,} tiles meet the region"] if len(near) < len(raw) else []
        raw = near
    columns, scale = {"area_id": key, **options.columns}, dict(options.scale)
    if "download_mbps" not in columns and KBPS in raw.columns:
        columns["download_mbps"], scale["download_mbps"] = KBPS, MBPS_PER_KBPS
    columns, weighed = _with_weights(columns, [str(c) for c in raw.columns])
    kept, dropped = tidy(raw, options.model_copy(update={"columns": columns, "scale": scale}), file)
    table = check(gpd.GeoDataFrame(kept, crs=raw.crs), name, str(file))
    return Loaded(table, (input_file(name, file, len(table), options, [*read, *notes, *dropped, *weighed]),))


def _with_weights(columns: dict[str, str], have: list[str]) -> tuple[dict[str, str], list[str]]:
    """The number of tests behind each value, so that one test does not weigh like a thousand; devices where there is none."""
    found = columns.get("tests") or next((c for c in WEIGHTS if c in have), None)
    if found is None:
        return columns, ["the file has no number of tests: every tile weighs by its area"]
    return columns | {"tests": found}, [f"tiles weigh by {found}"]


def _read(file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Rows of a CSV or Parquet file, numbered for messages."""
    if file.suffix.lower() != ".parquet":
        return read_table(file)
    refuse_large_parquet(file)
    try:
        table = pd.read_parquet(file)
    except Exception:  # the reader raises many kinds for a broken file
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    return table.drop(columns="tile", errors="ignore"), []
