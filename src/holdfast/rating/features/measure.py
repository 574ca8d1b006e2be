"""Means and totals over the pieces of areas in each cell, which several features share."""

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import RatingOptions

Tables = Mapping[str, pd.DataFrame]
Feature = Callable[[gpd.GeoDataFrame, Tables, RatingOptions], pd.Series]


def total(pieces: pd.DataFrame, column: str, cells: pd.Index) -> pd.Series:
    """Sum of an extensive quantity, such as housing units, in each cell.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.region.pieces`; null counts as nothing known and adds nothing.
    column : str
        Quantity of the whole area.
    cells : Index
        ``cell_id`` of the result.

    Returns
    -------
    Series
        Index ``cell_id``, unit of `column`; 0 where there is none.

    Examples
    --------
    >>> pieces = pd.DataFrame({"cell_id": ["a", "b"], "share": [0.25, 0.75], "homes": [100.0, 100.0]})
    >>> total(pieces, "homes", pd.Index(["a", "b", "c"], name="cell_id")).tolist()
    [25.0, 75.0, 0.0]
    """
    part = pieces[column] * pieces["share"]
    return part.groupby(pieces["cell_id"]).sum().reindex(cells, fill_value=0.0).rename(column)


def mean(pieces: pd.DataFrame, column: str, cells: pd.Index, weight: str | None = None) -> pd.Series:
    """Mean of an intensive quantity, such as a share, in each cell.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.region.pieces`; pieces with null in `column` are left out.
    column : str
        Quantity to average.
    cells : Index
        ``cell_id`` of the result.
    weight : str, optional
        Extensive column to weight by; area if omitted.

    Returns
    -------
    Series
        Index ``cell_id``, unit of `column`; null where nothing is known or nobody is there.

    Examples
    --------
    >>> pieces = pd.DataFrame({"cell_id": ["a", "a"], "share": [0.5, 1.0], "homes": [10.0, 15.0], "poor": [0.4, 0.2]})
    >>> mean(pieces, "poor", pd.Index(["a"], name="cell_id"), "homes").round(3).tolist()
    [0.25]
    """
    weights = pieces["piece_m2"] if weight is None else pieces[weight].fillna(0.0) * pieces["share"]
    known = pieces[column].notna()
    by_cell = pieces["cell_id"]
    held = weights.where(known, 0.0).groupby(by_cell).sum()
    sums = (weights * pieces[column]).where(known, 0.0).groupby(by_cell).sum()
    return (sums / held.where(held > 0, np.nan)).reindex(cells).rename(column)


def covered_share(pieces: pd.DataFrame, cells: gpd.GeoDataFrame) -> pd.Series:
    """Share of the region in each cell that disjoint polygons cover.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.region.pieces` of polygons that do not overlap (see `dissolve`).
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1. At the rim, polygons beyond the region count too, up to 1.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"region_m2": [100.0, 50.0]}, index=pd.Index(["a", "b"], name="cell_id"))
    >>> covered_share(pd.DataFrame({"cell_id": ["a"], "piece_m2": [25.0]}), cells).tolist()
    [0.25, 0.0]
    """
    area = pieces.groupby("cell_id")["piece_m2"].sum().reindex(cells.index, fill_value=0.0)
    return (area / cells["region_m2"]).clip(upper=1.0)
