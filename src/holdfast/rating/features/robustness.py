"""Robustness: how well a cell withstands a shock."""

import geopandas as gpd
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables, mean


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
