"""Robustness: how well a cell withstands a shock."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from holdfast.rating.features.interpolate import mean, mean_by_homes
from holdfast.rating.grid.frames import require_metres, require_same_crs
from holdfast.types import Floats

QUARTER = 64  # sides of a polygon, of equal area, that stands for a quarter of a disc


def building_age(cells: gpd.GeoDataFrame, areas: pd.DataFrame, *, reference_year: int = 2018) -> pd.Series:
    """Age of the median home.

    Parameters
    ----------
    cells, areas
        As of `poverty`; reads ``median_year_built``.
    reference_year : int
        Year at which homes have their age.

    Returns
    -------
    Series
        Index of `cells`, years; null where there are no homes.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "building age" of the pillar robustness. Not specified in
    the paper: the mean of the areas' medians, weighted by housing units.
    """
    return reference_year - mean_by_homes(areas, "median_year_built", cells.index)


def poverty(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of residents below the poverty line.

    Parameters
    ----------
    areas : DataFrame
        Pieces of areas in cells, from `holdfast.rating.grid.pieces.pieces`: ``poverty_share`` and ``housing_units``.

    Returns
    -------
    Series
        Index of `cells`, 0..1; null where there are no homes.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "poverty" of the pillar robustness. Departs from the paper
    in the weight: housing units, since population is missing for much of the data.

    Examples
    --------
    >>> from holdfast.rating.grid.pieces import pieces
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2e3, 2e3)], index=["a"], crs=32615)
    >>> tracts = gpd.GeoDataFrame(
    ...     {"poverty_share": [0.1, 0.3], "housing_units": [300.0, 100.0]},
    ...     geometry=[shapely.box(0, 0, 1e3, 2e3), shapely.box(1e3, 0, 2e3, 2e3)], crs=32615,
    ... )
    >>> poverty(cells, pieces(cells, tracts)).round(3).to_dict()
    {'a': 0.15}
    """
    return mean_by_homes(areas, "poverty_share", cells.index)


def health_insurance(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of residents with health insurance.

    Parameters
    ----------
    cells, areas
        As of `poverty`; reads ``uninsured_share``.

    Notes
    -----
    Not specified in the paper: one of the two features that its summary does not name; ours.
    """
    # tables of a census count who is not insured; more insured is more robust
    return 1 - mean_by_homes(areas, "uninsured_share", cells.index)


def cell_tower_coverage(
    cells: gpd.GeoDataFrame,
    cell_towers: gpd.GeoDataFrame,
    *,
    tower_range: float = 1_000.0,
    longest_tower_range: float = 5_000.0,
) -> pd.Series:
    """Share of the area of each cell that lies within the range of a cell tower.

    Parameters
    ----------
    cells : GeoDataFrame
        Polygons in a projected CRS in metres.
    cell_towers : GeoDataFrame
        Points in the CRS of `cells`; column ``range_m`` where known.
    tower_range : float
        Range of towers whose own is not known, m.
    longest_tower_range : float
        Longer ranges are cut to this, m.

    Returns
    -------
    Series
        Index of `cells`, 0..1; ground under several discs counts once.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "cell-tower coverage" of the pillar robustness. Not specified in the
    paper: the measure; ours is the union of discs. Terrain and antenna direction are not looked at.

    Notes
    -----
    A disc is a polygon of 256 sides and of the disc's area; its rim is off by at most 0.02 % of the range.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], crs=32615)
    >>> towers = gpd.GeoDataFrame({"range_m": [50.0]}, geometry=[shapely.Point(50, 50)], crs=32615)
    >>> cell_tower_coverage(cells, towers).round(4).tolist()
    [0.7854]
    """
    require_metres(cells, "cells")
    require_same_crs(cells, cell_towers, "cell_towers")
    stated = cell_towers["range_m"] if "range_m" in cell_towers else pd.Series(np.nan, index=cell_towers.index)
    reach = stated.fillna(tower_range).clip(upper=longest_tower_range).to_numpy(np.float64)
    points = cell_towers.geometry.to_numpy()[reach > 0]
    # a polygon drawn inside the circle is too small: its corners are moved out until the areas agree
    step = np.pi / 2 / QUARTER
    discs = shapely.buffer(points, reach[reach > 0] * np.sqrt(step / np.sin(step)), quad_segs=QUARTER)
    return pd.Series(_union_share(cells.geometry.to_numpy(), discs), index=cells.index)


def _union_share(cells: NDArray[np.object_], shapes: NDArray[np.object_]) -> Floats:
    """Share of each cell that lies under any of the shapes, shape (cell,)."""
    shapely.prepare(shapes)
    cell, shape = shapely.STRtree(shapes).query(cells, predicate="intersects")
    whole = np.zeros(len(cells), np.bool_)
    whole[cell[shapely.covers(shapes[shape], cells[cell])]] = True
    # a cell under one whole disc needs no cutting
    share = whole.astype(np.float64)
    partly = ~whole[cell]  # only there is a union worth its time
    cell, shape = cell[partly], shape[partly]
    order = np.argsort(cell, kind="stable")
    parts = shapely.intersection(shapes[shape[order]], cells[cell[order]])
    numbers, first = np.unique(cell[order], return_index=True)
    for number, mine in zip(numbers, np.split(parts, first[1:]), strict=bool(len(numbers))):
        share[number] = shapely.area(shapely.union_all(mine)) / shapely.area(cells[number])
    return share.clip(0.0, 1.0)


def elderly(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of residents aged 65 or more.

    Parameters
    ----------
    cells, areas
        As of `poverty`; reads ``elderly_share``.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732. Not in the paper: an optional feature.
    """
    return mean_by_homes(areas, "elderly_share", cells.index)


def disability(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of residents with a disability.

    Parameters
    ----------
    cells, areas
        As of `poverty`; reads ``disability_share``.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732. Not in the paper: an optional feature.
    """
    return mean_by_homes(areas, "disability_share", cells.index)


def heat(cells: gpd.GeoDataFrame, heat: pd.DataFrame) -> pd.Series:
    """Mean land-surface temperature of the warm season.

    Parameters
    ----------
    heat : DataFrame
        Pieces with ``surface_temperature``, as from a raster.

    Returns
    -------
    Series
        Index of `cells`, degC; null where nothing was measured.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return mean(heat, "surface_temperature", cells.index)


def pollution(cells: gpd.GeoDataFrame, pollution: pd.DataFrame) -> pd.Series:
    """Mean concentration of fine particles (PM2.5).

    Parameters
    ----------
    pollution : DataFrame
        Pieces with ``pm25``, as from a raster.

    Returns
    -------
    Series
        Index of `cells`, ug/m3; null where nothing was measured.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return mean(pollution, "pm25", cells.index)
