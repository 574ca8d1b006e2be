"""Interventions stated in a table, carried out on the features of cells."""

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.rating.features.rules import is_share
from holdfast.types import Bools

ADD, MULTIPLY, SET, PLACE = "add", "multiply", "set", "place"


def chosen_cells(row: pd.Series, cells: gpd.GeoDataFrame, levels: pd.Series, number: int) -> Bools:
    """Which cells a row of the table ``interventions`` means: those that meet all that it states, (cell,).

    Parameters
    ----------
    row, number : Series, int
        ``cells``, ``levels`` (lists apart by semicolons), ``longitude``, ``latitude`` and ``within_m``, each perhaps null;
        and the number of the row in the file, for messages.
    cells, levels : GeoDataFrame, Series
        Squares in a projected CRS, and their levels before, null where they have none; index ``cell_id``.

    Raises
    ------
    TableError
        If a cell is unknown, a level is none, a place is stated in part, or no cell is meant.
    """
    meant = levels.notna().to_numpy()
    if pd.notna(row.get("cells")):
        wanted = [part.strip() for part in str(row["cells"]).split(";") if part.strip()]
        unknown = [name for name in wanted if name not in cells.index]
        if unknown:
            text = f"the region has no cell {', '.join(unknown[:5])}; ids are those of `holdfast rate`, such as {cells.index[0]}"
            raise TableError("interventions", [Problem(text, number, "cells")])
        meant = meant & cells.index.isin(wanted)
    if pd.notna(row.get("levels")):
        meant = meant & levels.isin(_levels(str(row["levels"]), number)).to_numpy(dtype=bool, na_value=False)
    meant = meant & _near(row, cells, number)
    if not meant.any():
        text = "no rated cell meets all that the row states of cells, levels and place"
        raise TableError("interventions", [Problem(text, number)])
    return np.asarray(meant)


def _near(row: pd.Series, cells: gpd.GeoDataFrame, number: int) -> Bools:
    """Cells whose centre lies within the distance of the place that a row states; all where it states none."""
    place = [row.get(name) for name in ("longitude", "latitude", "within_m")]
    if all(pd.isna(value) for value in place):
        return np.ones(len(cells), dtype=bool)
    if any(pd.isna(value) for value in place):
        text = "a place needs longitude, latitude and within_m; state all three or none"
        raise TableError("interventions", [Problem(text, number, "within_m")])
    centre = gpd.GeoSeries.from_xy([place[0]], [place[1]], crs="EPSG:4326").to_crs(cells.crs).iloc[0]
    return np.asarray(cells.geometry.centroid.distance(centre) <= float(place[2]))


def _levels(text: str, number: int) -> list[int]:
    """Levels from ``"1;2"``."""
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if not all(part in ("1", "2", "3", "4", "5") for part in parts):
        problem = Problem(f'"{text}" names no levels; write them apart by semicolons, such as 1;2', number, "levels")
        raise TableError("interventions", [problem])
    return [int(part) for part in parts]


def changed_values(values: pd.Series, row: pd.Series, meant: Bools, number: int) -> tuple[pd.Series, int]:
    """A feature after one row of the table ``interventions``, and how many cells were held at an end of its range.

    Parameters
    ----------
    values : Series
        The feature ``row["target"]`` in its own unit; a null stays null unless it is set.
    row, meant, number : Series, ndarray of bool, int
        With ``target``, ``how`` (add, multiply or set) and ``amount``; from `chosen_cells`; row in the file, for messages.

    Raises
    ------
    TableError
        If a share is set outside 0..1, or what is never negative is set below 0.

    Examples
    --------
    >>> row = pd.Series({"target": "poverty", "how": "add", "amount": -0.2})
    >>> after, held = changed_values(pd.Series([0.1, 0.3]), row, np.array([True, True]), 2)
    >>> after.round(2).tolist(), held
    ([0.0, 0.1], 1)
    """
    name, how, amount = str(row["target"]), str(row["how"]), float(row["amount"])
    low = 0.0 if not (values < 0).any() else -np.inf
    high = 1.0 if is_share(name) else np.inf
    if how == SET and not low <= amount <= high:
        text = f"{amount:g} is no value of {name}, which lies between {low:g} and {high:g}; is it a percentage?"
        raise TableError("interventions", [Problem(text, number, "amount")])
    raw = {ADD: values + amount, MULTIPLY: values * amount, SET: values * 0 + amount}[how]
    raw = raw.fillna(amount) if how == SET else raw
    after = values.where(~meant, raw.clip(low, high))
    return after, int(((raw != raw.clip(low, high)) & raw.notna() & meant).sum())
