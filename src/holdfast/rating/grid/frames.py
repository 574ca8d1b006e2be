"""What every stage asks of a table with geometry before it computes with it."""

import geopandas as gpd
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError
from holdfast.types import Bools

SHOWN = 5  # rows that a message names


def rows_named(index: pd.Index, bad: Bools) -> str:
    """Labels of the first rows that are bad, for a message.

    Examples
    --------
    >>> rows_named(pd.Index(["a", "b", "c"]), pd.array([True, False, True]).to_numpy(bool))
    'a, c'
    """
    labels = [str(label) for label in index[bad][:SHOWN]]
    return ", ".join(labels) + (f" and {int(bad.sum()) - SHOWN:,} more" if bad.sum() > SHOWN else "")


def require_geometry(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table without geometry, or with shapes that are missing or empty.

    Raises
    ------
    TableError
        Naming the rows.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        text = "has no geometry; make it a GeoDataFrame"
        raise TableError(name, [Problem(text, column="geometry")])
    shapes = frame.geometry.to_numpy()
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.any():
        text = f"missing or empty in {rows_named(frame.index, bad)}; drop these rows"
        raise TableError(name, [Problem(text, column="geometry")])


def require_metres(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table whose CRS is not projected and in metres.

    Raises
    ------
    TableError
        Saying which CRS it has.
    """
    require_geometry(frame, name)
    if frame.crs is None:
        text = "has no CRS; say which with set_crs, then to_crs a projected one in metres"
        raise TableError(name, [Problem(text, column="geometry")])
    if frame.crs.is_geographic or frame.crs.axis_info[0].unit_name != "metre":
        text = f"is in {frame.crs.name}, not in metres; bring it to a projected CRS, such as to_crs(frame.estimate_utm_crs())"
        raise TableError(name, [Problem(text, column="geometry")])


def require_same_crs(cells: gpd.GeoDataFrame, shapes: pd.DataFrame, name: str) -> None:
    """Refuse a table that does not share the CRS of the cells.

    Raises
    ------
    TableError
        Naming both.
    """
    require_geometry(shapes, name)
    if shapes.crs != cells.crs:
        theirs = "no CRS" if shapes.crs is None else shapes.crs.name
        text = f"is in {theirs}, the cells in {cells.crs.name}; use to_crs(cells.crs)"
        raise TableError(name, [Problem(text, column="geometry")])
