"""Resourcefulness: what a cell can draw on to recover."""

import geopandas as gpd
import pandas as pd

from holdfast.rating.features.interpolate import covered_share, mean, mean_by_homes
from holdfast.rating.features.rules import M2_PER_KM2
from holdfast.rating.grid.accessibility import within_reach

M_PER_KM = 1e3


def road_density(cells: gpd.GeoDataFrame, roads: pd.DataFrame) -> pd.Series:
    """Length of roads per area of the region in the cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Column ``region_m2``: area of the region in the cell.
    roads : DataFrame
        Pieces of lines in cells, from `holdfast.rating.grid.pieces.pieces`.

    Returns
    -------
    Series
        Index of `cells`, km/km2; 0 where there is no road.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "road density" of the pillar resourcefulness. Road density
    was found to lengthen recovery in Harris County, so its direction can be turned in the study.
    """
    length = roads.groupby("cell_id")["piece_m"].sum().reindex(cells.index, fill_value=0.0)
    return length / M_PER_KM / (cells["region_m2"] / M2_PER_KM2)


def internet_speed(cells: gpd.GeoDataFrame, internet: pd.DataFrame) -> pd.Series:
    """Measured download speed, averaged over the tests in the cell, or over its area where they are not counted.

    Parameters
    ----------
    internet : DataFrame
        Pieces with ``download_mbps``; ``tests`` where the file counts them.

    Returns
    -------
    Series
        Index of `cells`, Mbit/s; null where nothing was measured.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "internet speed" of the pillar resourcefulness.
    """
    return mean(internet, "download_mbps", cells.index, "tests" if "tests" in internet else None)


def green_space(cells: gpd.GeoDataFrame, green: pd.DataFrame) -> pd.Series:
    """Mean vegetation index, or the share of the ground that is green.

    Parameters
    ----------
    cells : GeoDataFrame
        Column ``region_m2`` where green areas are measured.
    green : DataFrame
        Pieces with ``ndvi`` or ``green_share``, as from a raster, or else pieces of merged green polygons.

    Returns
    -------
    Series
        Index of `cells`; vegetation index -1..1 (null where nothing was measured), or share 0..1.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "green space" of the pillar resourcefulness. Not specified
    in the paper: which measure; ours is the normalised difference vegetation index, as ranks.
    """
    # a measured index before a drawn outline: the first that the table has
    measured = [column for column in ("ndvi", "green_share") if column in green]
    return mean(green, measured[0], cells.index) if measured else covered_share(green, cells)


def education(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of adults with at least a high-school education.

    Parameters
    ----------
    cells, areas
        As of `holdfast.rating.features.robustness.poverty`; reads ``high_school_share``.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "education" of the pillar resourcefulness.
    """
    return mean_by_homes(areas, "high_school_share", cells.index)


def emergency_services(
    cells: gpd.GeoDataFrame,
    emergency: gpd.GeoDataFrame,
    *,
    service_reach: float = 5_000.0,
    streets: pd.DataFrame | None = None,
) -> pd.Series:
    """Fire, police and ambulance stations within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Polygons in a projected CRS in metres.
    emergency : GeoDataFrame
        Points in the CRS of `cells`.
    service_reach : float
        Distance from the centre of the cell, m.
    streets : DataFrame, optional
        To measure the distance along them, as of `hospitals_within_reach`.

    Returns
    -------
    Series
        Count per cell.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, emergency, service_reach, streets=streets)


def social_cohesion(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Years that households have lived in their home: neighbours who know each other.

    Parameters
    ----------
    cells, areas
        As of `holdfast.rating.features.robustness.poverty`; reads ``tenure_years``.

    References
    ----------
    Cutter, Burton & Emrich (2010), doi 10.2202/1547-7355.1732, place attachment. Not in the paper: an
    optional feature.
    """
    return mean_by_homes(areas, "tenure_years", cells.index)


def community_places(
    cells: gpd.GeoDataFrame, community: gpd.GeoDataFrame, *, service_reach: float = 5_000.0
) -> pd.Series:
    """Places of association within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Polygons in a projected CRS in metres.
    community : GeoDataFrame
        Points in the CRS of `cells`.
    service_reach : float
        Straight distance from the centre of the cell, m.

    Returns
    -------
    Series
        Count per cell.

    References
    ----------
    Aldrich & Meyer (2015), doi 10.1177/0002764214550299, on ties and recovery. Not in the paper: an optional
    feature, its measure ours.
    """
    return within_reach(cells, community, service_reach)
