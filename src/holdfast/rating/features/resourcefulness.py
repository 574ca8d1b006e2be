"""Resourcefulness: what a cell can draw on to recover."""

import geopandas as gpd
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables, mean

M_PER_KM, M2_PER_KM2 = 1e3, 1e6


def road_density(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Length of roads per area of the region in the cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``.
    tables : mapping
        Needs ``roads``: pieces of lines in cells.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, km/km2; 0 where there is no road.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "road density" of the pillar resourcefulness. Road density
    was found to lengthen recovery in Harris County, so its direction can be turned in the study.
    """
    del options
    roads = tables["roads"]
    length = roads.groupby("cell_id")["piece_m"].sum().reindex(cells.index, fill_value=0.0)
    return (length / M_PER_KM / (cells["region_m2"] / M2_PER_KM2)).rename("road_density")


def internet_speed(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Measured download speed, averaged over the area of the cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``internet``: pieces with ``download_mbps``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, Mbit/s; null where nothing was measured.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "internet speed" of the pillar resourcefulness.
    """
    del options
    return mean(tables["internet"], "download_mbps", cells.index).rename("internet_speed")


def green_space(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Mean vegetation index.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``greenness`` (pieces with ``ndvi``, as from a raster), or else ``areas`` with ``ndvi``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, -1..1; null where nothing was measured.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "green space" of the pillar resourcefulness. Not specified
    in the paper: which measure; ours is the normalised difference vegetation index, as ranks.
    """
    del options
    source = "greenness" if "greenness" in tables else "areas"
    return mean(tables[source], "ndvi", cells.index).rename("green_space")


def education(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of adults with at least a high-school education.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``high_school_share`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, 0..1; null where there are no homes.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "education" of the pillar resourcefulness.
    """
    del options
    return mean(tables["areas"], "high_school_share", cells.index, "housing_units").rename("education")
