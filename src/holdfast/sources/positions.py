"""Positions that are stated: from columns of degrees, and what lies at none."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.ground import WGS84, crs_name, known_crs, wrapped
from holdfast.numerals import to_numbers
from holdfast.sources.counts import named, of, weighed
from holdfast.sources.tidy import tidy
from holdfast.tables import check

DEGREES = ["longitude", "latitude"]


def placed_rows(raw: pd.DataFrame, options: TableOptions, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Rows of a text table as points in EPSG:4326, from the columns of degrees that the study names, after `tidy`.

    Returns
    -------
    GeoDataFrame
        Longitudes past 180 are turned by a full circle.
    list of str
        What was dropped or turned.

    Raises
    ------
    TableError
        Naming every row without a position, or if the study names a CRS that is not in degrees.
    """
    places = {"longitude": options.longitude, "latitude": options.latitude}
    kept, notes = tidy(raw, options.model_copy(update={"columns": {**options.columns, **places}}), file)
    # turned before the check, which knows longitudes from -180 to 180
    turned, told = turn(kept)
    place = check(turned, "positions", str(file))
    points = gpd.points_from_xy(place["longitude"], place["latitude"], crs=_of_degrees(options, file))
    return gpd.GeoDataFrame(turned, geometry=points).to_crs(WGS84), [*notes, *told]


def _of_degrees(options: TableOptions, file: Path) -> pyproj.CRS:
    """The CRS of two columns of degrees: WGS 84 unless the study names another in degrees."""
    crs = known_crs(options.crs or WGS84, str(file), "crs")
    if not crs.is_geographic:
        text = f"{crs_name(crs)} is in metres, yet columns of longitude and latitude hold degrees; take `crs` out, or turn the columns into degrees"
        raise TableError(str(file), [Problem(text, column="crs")])
    return crs


def turn(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Column ``longitude`` (text or numbers) of a table between -180 and 180, where it counts on past the date line.

    Returns
    -------
    DataFrame
        The table itself, or a copy with that column changed.
    list of str
        How many were turned.
    """
    if "longitude" not in table:
        return table, []
    east = to_numbers(table["longitude"]).to_numpy(np.float64)
    new = wrapped(east)
    changed = np.isfinite(new) & (new != east)
    if not changed.any():
        return table, []
    # as objects: cells that are no number stay text, for the check to name
    column = table["longitude"].astype(object).where(~changed, new)
    return table.assign(longitude=column), [
        f"{int(changed.sum()):,} longitudes past 180 degrees turned by a full circle"
    ]


def nowhere(points: gpd.GeoDataFrame) -> np.ndarray:
    """Points at longitude 0 and latitude 0, which is what programs write for a place that they do not know."""
    # only in degrees: the origin of a projected system may be a true place
    if points.crs is None or not points.crs.is_geographic:
        return np.zeros(len(points), dtype=bool)
    geometry = points.geometry.to_numpy()
    return np.asarray((shapely.get_x(geometry) == 0) & (shapely.get_y(geometry) == 0))


def without_nowhere(points: gpd.GeoDataFrame, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Leave out points at 0, 0, counted and named by their index ``row``; refused where they are many.

    Raises
    ------
    DataMissing
        If it is more than a tenth; names `file`.
    """
    lost = nowhere(points)
    if not lost.any():
        return points, []
    text = f"{of(int(lost.sum()), len(points), 'rows')} lie at longitude 0, latitude 0, where nothing is: their place is not stated (rows {named(points.index[lost])}); left out"
    return points[~lost], [weighed(text, lost.mean(), file, "give them their places, or drop them")]


def require_places(points: gpd.GeoDataFrame, file: Path, what: str, place: Callable[[object], str]) -> None:
    """Refuse what needs all of its places where some lie at 0, 0 or are missing.

    Parameters
    ----------
    points : GeoDataFrame
        Points, index ``row`` or a name.
    file : Path
        File that the message names.
    what : str
        What they are, in the plural, such as ``nodes``.
    place : callable
        From an index to how a message names it.

    Raises
    ------
    TableError
        With their count and the first of their names.
    """
    geometry = points.geometry.to_numpy()
    lost = nowhere(points) | shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if lost.any():
        names = named([place(i) for i in points.index[lost]])
        text = f"{of(int(lost.sum()), len(points), what)} have no position, or lie at 0, 0 where nothing is ({names}); give them their places"
        raise TableError(str(file), [Problem(text, column="geometry")])
