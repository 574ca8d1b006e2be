"""Measuring features: the seam's type, and how tables and keywords reach each feature."""

from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.keywords import bound
from holdfast.rating.features.interpolate import mean, total
from holdfast.rating.features.needs import GIVEN, Wanted, tables_of
from holdfast.rating.features.rules import CELL, M2_PER_KM2, PERSONS, RULES
from holdfast.rating.grid.accessibility import sum_within
from holdfast.rating.grid.frames import rows_named

Tables = Mapping[str, pd.DataFrame]
Feature = Callable[..., pd.Series]
"""From cells, then one table for each that the feature needs, and keywords with defaults and units, to a Series with
the index of the cells. Polygons and lines arrive as pieces in cells, points as they are."""


def measure(
    features: Mapping[str, Feature],
    cells: gpd.GeoDataFrame,
    tables: Tables,
    *,
    wanted: Wanted | None = None,
    per: Mapping[str, str] | None = None,
    keywords: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Measure features of all cells: a column each, in the unit of `chosen_rules`, null where not known.

    Parameters
    ----------
    features : mapping
        Name to function; names are keys of `RULES`.
    cells : GeoDataFrame
        Squares with ``region_m2``, ``column`` and ``row``.
    tables : mapping
        Polygons and lines as pieces in cells, points as they are; ``streets`` where there are roads.
    wanted : Wanted, optional
        Its ``replace`` says which table to take a feature from.
    per : mapping, optional
        Count to ``person`` or ``km2``: divide it by the people or the area on the ground over which it was taken.
    keywords : mapping, optional
        Keyword to value; every feature takes those it declares, the others keep their defaults.

    Raises
    ------
    TableError
        If a feature comes out infinite.
    DataMissing
        If a count shall be taken per person and nothing says where people live.
    """
    keywords, per, replace = keywords or {}, per or {}, wanted.replace if wanted else {}
    columns = {name: set(table.columns) for name, table in tables.items()}
    measured = {}
    for name, feature in features.items():
        chosen, _ = tables_of(name, columns, replace.get(name))
        own = bound(feature, keywords)
        if chosen == (GIVEN,):
            values = _given(name, cells, tables[GIVEN])
        else:
            values = feature(cells, *(tables[t] for t in chosen), **own)
        if name in per:
            values = _divided(values, per[name], RULES[name].extent, own, cells, tables)
        measured[name] = values.rename(name)
    table = pd.DataFrame(measured, index=cells.index)
    wild = {name: np.isinf(table[name].to_numpy(np.float64)) for name in table.columns}
    faults = [
        Problem(
            f"is infinite in {rows_named(table.index, bad)}; one of the values it is made of has no sense", column=name
        )
        for name, bad in wild.items()
        if bad.any()
    ]
    if faults:
        raise TableError("features", faults)
    return table


def _given(name: str, cells: gpd.GeoDataFrame, given: pd.DataFrame) -> pd.Series:
    """Mean of ready values, by homes for features of the system society where homes are given, else by area."""
    weight = "housing_units" if RULES[name].system == "society" and "housing_units" in given else None
    return mean(given, name, cells.index, weight)


def _divided(
    values: pd.Series, unit: str, extent: str, keywords: Mapping[str, Any], cells: gpd.GeoDataFrame, tables: Tables
) -> pd.Series:
    """Divide a count by the people or the area on the ground over which it was taken."""
    if unit == "km2" and extent == CELL:
        return values
    area = cells["region_m2"] / M2_PER_KM2
    divisor = area if unit == "km2" else _thousands_of_people(cells, tables)
    if extent == CELL:
        values = values * area  # it came per km2
    else:
        # a count within reach is taken over many cells, so its people are too
        divisor = sum_within(cells, divisor, float(keywords[extent]))
    return values / divisor.where(divisor > 0, np.nan)


def _thousands_of_people(cells: gpd.GeoDataFrame, tables: Tables) -> pd.Series:
    """Thousands of residents of each cell, or of homes where residents are not known."""
    areas = tables.get("areas", pd.DataFrame())
    for column in ("population", "housing_units"):
        if column in areas and areas[column].notna().any():
            return total(areas, column, cells.index) / PERSONS
    text = 'a count per "person" needs areas.population or areas.housing_units; add one, or take it per "km2"'
    raise DataMissing(text)
