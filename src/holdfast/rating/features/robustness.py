"""Robustness: how well a cell withstands a shock."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables, covered_share, mean

QUARTER = 64  # sides of a polygon, of equal area, that stands for a quarter of a disc


def building_age(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Age of the median home.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``median_year_built`` and ``housing_units``.
    options : RatingOptions
        ``reference_year`` is the year at which homes have their age.

    Returns
    -------
    Series
        Index ``cell_id``, years; null where there are no homes.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "building age" of the pillar robustness. Not specified in
    the paper: the mean of the areas' medians, weighted by housing units.
    """
    built = mean(tables["areas"], "median_year_built", cells.index, "housing_units")
    return (options.reference_year - built).rename("building_age")


def poverty(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of residents below the poverty line.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``poverty_share`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; null where there are no homes.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "poverty" of the pillar robustness. Departs from the paper
    in the weight: housing units, since population is missing for much of the data.
    """
    del options
    return mean(tables["areas"], "poverty_share", cells.index, "housing_units").rename("poverty")


def health_insurance(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of residents with health insurance.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``uninsured_share`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; null where there are no homes.

    Notes
    -----
    Not specified in the paper: one of the two features that its summary does not name; ours.
    """
    del options
    return (1 - mean(tables["areas"], "uninsured_share", cells.index, "housing_units")).rename("health_insurance")


def cell_tower_coverage(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of the area of each cell that lies within the range of a cell tower.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``cell_towers``: points in the CRS of `cells`; column ``range_m`` where known.
    options : RatingOptions
        ``tower_range``: range of towers whose own is not known, m; ``longest_tower_range`` cuts the others.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; ground under several discs counts once.

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
    >>> cell_tower_coverage(cells, {"cell_towers": towers}, RatingOptions()).round(4).tolist()
    [0.7854]
    """
    towers = tables["cell_towers"]
    reach = pd.Series(np.nan, index=towers.index) if "range_m" not in towers else towers["range_m"]
    reach = reach.fillna(options.tower_range).clip(upper=options.longest_tower_range).to_numpy(np.float64)
    points, squares = towers["geometry"].to_numpy()[reach > 0], cells.geometry.to_numpy()
    step = np.pi / 2 / QUARTER
    discs = shapely.buffer(points, reach[reach > 0] * np.sqrt(step / np.sin(step)), quad_segs=QUARTER)
    shapely.prepare(discs)
    cell, disc = shapely.STRtree(discs).query(squares, predicate="intersects")
    whole = np.zeros(len(cells), np.bool_)
    whole[cell[shapely.covers(discs[disc], squares[cell])]] = True
    share = whole.astype(np.float64)
    partly = ~whole[cell]
    cell, disc = cell[partly], disc[partly]
    order = np.argsort(cell, kind="stable")
    parts = shapely.intersection(discs[disc[order]], squares[cell[order]])
    numbers, first = np.unique(cell[order], return_index=True)
    for number, mine in zip(numbers, np.split(parts, first[1:]), strict=bool(len(numbers))):
        share[number] = shapely.area(shapely.union_all(mine)) / shapely.area(squares[number])
    return pd.Series(share.clip(0.0, 1.0), index=cells.index, name="cell_tower_coverage")


def _society(cells: gpd.GeoDataFrame, tables: Tables, column: str, name: str) -> pd.Series:
    """Mean of a column of the areas, weighted by homes."""
    return mean(tables["areas"], column, cells.index, "housing_units").rename(name)


def elderly(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of residents aged 65 or more.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``elderly_share`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; null where there are no homes.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732. Not in the paper: an optional feature.
    """
    del options
    return _society(cells, tables, "elderly_share", "elderly")


def disability(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of residents with a disability.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``disability_share`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; null where there are no homes.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732. Not in the paper: an optional feature.
    """
    del options
    return _society(cells, tables, "disability_share", "disability")


def heat(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Mean land-surface temperature of the warm season.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``heat``: pieces with ``surface_temperature``, as from a raster.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, degC; null where nothing was measured.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    del options
    return mean(tables["heat"], "surface_temperature", cells.index).rename("heat")


def pollution(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Mean concentration of fine particles (PM2.5).

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``pollution``: pieces with ``pm25``, as from a raster.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, ug/m3; null where nothing was measured.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    del options
    return mean(tables["pollution"], "pm25", cells.index).rename("pollution")


def flood_exposure(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of the region in each cell that lies in a flood zone.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``.
    tables : mapping
        Needs ``flood_zones``: pieces of merged polygons.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; 0 where there is no zone: the table must cover the whole region.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    del options
    return covered_share(tables["flood_zones"], cells).rename("flood_exposure")
