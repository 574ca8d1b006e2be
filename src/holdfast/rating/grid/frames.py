"""What every stage asks of a table with geometry before it computes with it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError
from holdfast.types import Bools

SHOWN = 5  # rows that a message names


def rows_named(index: pd.Index, bad: Bools) -> str:
    """Labels of the first rows that are bad, for a message.

    Examples
    --------
    >>> rows_named(pd.Index(["a", "b", "c"]), np.array([True, False, True]))
    'a, c'
    """
    labels = [str(label) for label in index[bad][:SHOWN]]
    return ", ".join(labels) + (f" and {int(bad.sum()) - SHOWN:,} more" if bad.sum() > SHOWN else "")


def finite_numbers(frame: pd.DataFrame, columns: list[str], name: str) -> pd.DataFrame:
    """Some columns of a frame as floats, null where not known; `name` is that of the frame in messages.

    Raises
    ------
    TableError
        If any holds something else than finite numbers; names every column at once.

    Examples
    --------
    >>> finite_numbers(pd.DataFrame({"a": [1, None], "b": ["x", "y"]}), ["a"], "frame")["a"].tolist()
    [1.0, nan]
    """
    problems, numbers = [], {}
    for column in columns:
        values = frame.loc[:, [str(c) == column for c in frame.columns]].iloc[:, 0]
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_complex_dtype(values):
            problems.append(Problem(f"holds {values.dtype}, not numbers", column=column))
            continue
        numbers[column] = values.to_numpy(dtype=np.float64, na_value=np.nan)
        infinite = np.isinf(numbers[column])
        if infinite.any():
            text = f"is infinite in {rows_named(frame.index, infinite)}; make it null, or give it a number"
            problems.append(Problem(text, column=column))
    if problems:
        raise TableError(name, problems)
    return pd.DataFrame(numbers, index=frame.index)


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
