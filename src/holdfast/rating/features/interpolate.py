"""From areas to cells: totals and means over the pieces of areas in each cell."""

import geopandas as gpd
import numpy as np
import pandas as pd


def total(pieces: pd.DataFrame, column: str, cells: pd.Index) -> pd.Series:
    """Sum of an extensive quantity, such as housing units, in each cell.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.pieces.pieces`; null counts as nothing known and adds nothing.
    column : str
        Quantity of the whole area.
    cells : Index
        Of the result, also cells without a piece.

    Returns
    -------
    Series
        Index `cells`, unit of `column`; 0 where there is none.

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
        From `holdfast.rating.grid.pieces.pieces`; pieces with null in `column` are left out.
    column : str
        Quantity that does not add up, such as a share.
    cells : Index
        Of the result, also cells without a piece.
    weight : str, optional
        Extensive column to weight by, such as ``housing_units``; area if omitted.

    Returns
    -------
    Series
        Index `cells`, unit of `column`; null where nothing is known or nobody is there.

    Examples
    --------
    >>> pieces = pd.DataFrame({"cell_id": ["a", "a"], "share": [0.5, 1.0], "homes": [10.0, 15.0], "poor": [0.4, 0.2]})
    >>> mean(pieces, "poor", pd.Index(["a"], name="cell_id"), "homes").round(3).tolist()
    [0.25]
    """
    weights = pieces["piece_m2"] if weight is None else pieces[weight].fillna(0.0) * pieces["share"]
    known = pieces[column].notna()
    by_cell = pieces["cell_id"]
    # areas of unknown value leave the mean with their weight, instead of counting as zero
    held = weights.where(known, 0.0).groupby(by_cell).sum()
    sums = (weights * pieces[column]).where(known, 0.0).groupby(by_cell).sum()
    return (sums / held.where(held > 0, np.nan)).reindex(cells).rename(column)


def mean_by_homes(areas: pd.DataFrame, column: str, cells: pd.Index) -> pd.Series:
    """Mean of a column of the areas, such as the share of poor residents, weighted by ``housing_units``.

    Parameters
    ----------
    areas : DataFrame
        Pieces with `column` and ``housing_units``.
    column : str
        Share or age that a home has.
    cells : Index
        Of the result, also cells without a piece.

    Returns
    -------
    Series
        Index `cells`, unit of `column`; null where there are no homes.
    """
    return mean(areas, column, cells, "housing_units")


def covered_share(pieces: pd.DataFrame, cells: gpd.GeoDataFrame) -> pd.Series:
    """Share of the region in each cell that disjoint polygons cover.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.pieces.pieces` of polygons that do not overlap (see `dissolve` there).
    cells : GeoDataFrame
        Column ``region_m2``: area of the region in the cell.

    Returns
    -------
    Series
        Index of `cells`, 0..1. At the rim, polygons beyond the region count too, up to 1.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"region_m2": [100.0, 50.0]}, index=pd.Index(["a", "b"], name="cell_id"))
    >>> covered_share(pd.DataFrame({"cell_id": ["a"], "piece_m2": [25.0]}), cells).tolist()
    [0.25, 0.0]
    """
    area = pieces.groupby("cell_id")["piece_m2"].sum().reindex(cells.index, fill_value=0.0)
    return (area / cells["region_m2"]).clip(upper=1.0)
