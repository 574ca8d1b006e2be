"""From areas to cells: totals and means over the pieces of areas in each cell."""

import geopandas as gpd
import numpy as np
import pandas as pd

HALF = 0.5  # of the people of a cell
MARGIN = 1.645  # standard errors in a margin of error at 90 % confidence


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


def main_source(pieces: pd.DataFrame, area: str, cells: pd.Index, weight: str | None = None) -> pd.Series:
    """Area that gives a cell at least half of its people: what is measured there is measured once.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.pieces.pieces`.
    area : str
        Column that numbers the areas.
    cells : Index
        Of the result.
    weight : str, optional
        Extensive column to weight by, such as ``housing_units``; area if omitted.

    Returns
    -------
    Series
        Index `cells`, the number of the area; null where no area gives half.

    Examples
    --------
    >>> pieces = pd.DataFrame({"cell_id": ["a", "a", "b"], "tract": [1, 2, 2], "piece_m2": [3.0, 1.0, 5.0]})
    >>> main_source(pieces, "tract", pd.Index(["a", "b"], name="cell_id")).tolist()
    [1.0, 2.0]
    """
    weights = pieces["piece_m2"] if weight is None else pieces[weight].fillna(0.0) * pieces["share"]
    # where nobody lives, ground decides
    whole = weights.groupby(pieces["cell_id"]).transform("sum")
    weights = weights.where(whole > 0, pieces["piece_m2"])
    held = weights.groupby([pieces["cell_id"], pieces[area]]).sum().reset_index(name="held")
    first = held.sort_values("held", kind="stable").groupby("cell_id").tail(1).set_index("cell_id")
    total = weights.groupby(pieces["cell_id"]).sum()
    return first[area].astype(float).where(first["held"] >= HALF * total.reindex(first.index)).reindex(cells)


def standard_error(areas: pd.DataFrame, column: str, cells: pd.Index) -> pd.Series:
    """Standard error of a mean of areas in each cell, from the margins of error that are published for the areas.

    Parameters
    ----------
    areas : DataFrame
        Pieces with ``<column>_margin`` (90 % confidence) and ``housing_units``.
    column : str
        Share or age that a home has.
    cells : Index
        Of the result.

    Returns
    -------
    Series
        Index `cells`, unit of `column`; null where a margin is unknown.

    References
    ----------
    US Census Bureau (2020), Understanding and Using ACS Data, chapter 7: margins are 1.645 standard errors; those of
    different areas are independent.

    Examples
    --------
    >>> pieces = pd.DataFrame({"cell_id": ["a", "a"], "share": 1.0, "housing_units": 50.0, "poor_margin": 0.1645})
    >>> standard_error(pieces, "poor", pd.Index(["a"], name="cell_id")).round(4).tolist()
    [0.0707]
    """
    weights, by_cell = areas["housing_units"].fillna(0.0) * areas["share"], areas["cell_id"]
    squares = (weights * areas[f"{column}_margin"] / MARGIN) ** 2
    # one unknown margin leaves the error of the cell unknown
    known = (areas[f"{column}_margin"].notna() | (weights == 0)).groupby(by_cell).all()
    held = weights.groupby(by_cell).sum()
    found = np.sqrt(squares.groupby(by_cell).sum()) / held.where(held > 0, np.nan)
    return found.where(known).reindex(cells).rename(column)
