"""Resourcefulness: what a cell can draw on to recover."""

import geopandas as gpd
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables, covered_share, mean
from holdfast.rating.grid.accessibility import within_reach

M_PER_KM, M2_PER_KM2 = 1e3, 1e6
GREEN_TABLES = ("greenness", "green_areas", "areas")  # the first that is there is taken


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
    """Mean vegetation index, or the share of the ground that is green.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``; ``region_m2`` where green areas are measured.
    tables : mapping
        Needs one of: ``greenness`` with ``ndvi`` or ``green_share`` (pieces, as from a raster),
        ``green_areas`` (pieces of merged polygons), ``areas`` with ``ndvi``.
    options : RatingOptions
        ``replace`` may name the table; else the first of these that is there is taken.

    Returns
    -------
    Series
        Index ``cell_id``; vegetation index -1..1 (null where nothing was measured), or share 0..1.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "green space" of the pillar resourcefulness. Not specified
    in the paper: which measure; ours is the normalised difference vegetation index, as ranks.
    """
    wanted = [options.replace.get("green_space", ""), *GREEN_TABLES]
    table = next(name for name in wanted if name in tables and _is_green(name, tables))
    if table == "green_areas":
        return covered_share(tables[table], cells).rename("green_space")
    column = "ndvi" if "ndvi" in tables[table] else "green_share"
    return mean(tables[table], column, cells.index).rename("green_space")


def _is_green(name: str, tables: Tables) -> bool:
    """Whether a table says how green the ground is."""
    return name == "green_areas" or bool({"ndvi", "green_share"} & set(tables[name].columns))


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


def emergency_services(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Fire, police and ambulance stations within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``emergency``: points in the CRS of `cells`; ``streets`` if `access` is ``streets``.
    options : RatingOptions
        ``service_reach`` is the distance, m; ``access`` says along what.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    counts = within_reach(cells, tables["emergency"], options.service_reach, options.access, tables)
    return counts.rename("emergency_services")


def social_cohesion(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Years that households have lived in their home: neighbours who know each other.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``tenure_years`` and ``housing_units``.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, years; null where there are no homes.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732, place attachment. Not in the paper: an
    optional feature.
    """
    del options
    return mean(tables["areas"], "tenure_years", cells.index, "housing_units").rename("social_cohesion")


def community_places(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Places of association within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``community``: points in the CRS of `cells`.
    options : RatingOptions
        ``service_reach`` is the straight-line distance, m.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1.

    References
    ----------
    Aldrich & Meyer (2015), doi 10.1177/0002764214550299, on ties and recovery. Not in the paper: an optional
    feature, its measure ours.
    """
    counts = within_reach(cells, tables["community"], options.service_reach, "straight", tables)
    return counts.rename("community_places")
