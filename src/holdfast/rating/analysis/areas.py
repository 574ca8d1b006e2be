"""Areas that people know, in figures: the metro as a whole, and those to look at first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.rating.analysis.aggregate import AreaLevels, weights_of, whole_metro

FIRST_AREAS = 15


@dataclass(frozen=True)
class AreaTable:
    """Areas of one table: how many, how many have a level, and the rows of those with most weight in levels 1 and 2."""

    areas: int
    rated: int
    first: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class AreasSummary:
    """Levels of the metro and of its areas; ``weight`` is the column that is counted, ``housing_units`` or ``region_m2``."""

    weight: str
    metro: AreaLevels
    tables: Mapping[str, AreaTable]


def find_areas(cells: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame]) -> AreasSummary:
    """Levels of the metro and of the areas to look at first.

    Parameters
    ----------
    cells : GeoDataFrame
        ``level``, ``agreement``, ``region_m2`` and perhaps ``housing_units``.
    layers : mapping
        Table to areas, from `holdfast.rating.analysis.aggregate.aggregate`, their weight named as its column.
    """
    weight, column = weights_of(cells)
    tables = {}
    for name, layer in layers.items():
        plain = pd.DataFrame(layer.drop(columns="geometry"))
        low = plain[column] * (plain["share_level_1"] + plain["share_level_2"])
        first = plain.assign(low=low).loc[low.fillna(0.0).sort_values(ascending=False, kind="stable").index]
        first = first[first["low"] > 0].head(FIRST_AREAS).rename(columns={column: "weight"})
        rows = first.astype(object).where(first.notna(), None).to_dict("records")
        tables[name] = AreaTable(len(layer), int(layer["mean_level"].notna().sum()), tuple(rows))
    return AreasSummary(column, whole_metro(cells, weight), tables)
