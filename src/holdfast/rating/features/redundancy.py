"""Redundancy: how many backups a cell has."""

import geopandas as gpd
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables, mean
from holdfast.rating.grid.accessibility import within_reach
from holdfast.rating.grid.streets import disjoint_routes


def hospitals_within_reach(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Hospitals within reach of the centre of each cell, straight or over the streets.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``hospitals``: points in the CRS of `cells`; ``streets`` if `access` is ``streets``.
    options : RatingOptions
        ``reach`` is the distance, m; ``access`` says along what.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1; 0 where there is none.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "hospitals" of the pillar redundancy.
    Departs from the paper's summary, which gives no distance: `reach` is ours.

    Examples
    --------
    >>> from shapely.geometry import Point, box
    >>> cells = gpd.GeoDataFrame(geometry=[box(0, 0, 2e3, 2e3), box(2e4, 0, 2.2e4, 2e3)], crs=32615)
    >>> hospitals = gpd.GeoDataFrame(geometry=[Point(1e3, 5e3)], crs=32615)
    >>> hospitals_within_reach(cells, {"hospitals": hospitals}, RatingOptions()).tolist()
    [1.0, 0.0]
    """
    counts = within_reach(cells, tables["hospitals"], options.reach, options.access, tables)
    return counts.rename("hospitals_within_reach")


def hospital_beds_within_reach(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Staffed beds of the hospitals within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``hospitals`` with ``beds``; ``streets`` if `access` is ``streets``.
    options : RatingOptions
        ``reach`` is the distance, m; ``access`` says along what.

    Returns
    -------
    Series
        Beds per cell, index ``cell_id``; hospitals whose beds are unknown add nothing.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    table = tables["hospitals"]
    beds = within_reach(cells, table, options.reach, options.access, tables, "beds")
    return beds.rename("hospital_beds_within_reach")


def alternative_routes(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Street routes from a cell to a neighbouring cell of which no two share a street.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``; columns ``column``, ``row``; squares of a grid.
    tables : mapping
        Needs ``streets``, from `holdfast.rating.grid.streets.street_segments`.
    options : RatingOptions
        Not used.

    Returns
    -------
    Series
        Index ``cell_id``, unit 1: mean over up to four junctions of the cell and its neighbours with streets;
        0 where there is no street.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "alternative road routes" of the pillar redundancy. Not specified in
    the paper: the measure; ours is the mean number of edge-disjoint paths (see `disjoint_routes`).
    """
    del options
    return pd.Series(disjoint_routes(cells, tables["streets"]), index=cells.index, name="alternative_routes")


def cell_towers_within_reach(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Cell towers no farther than a straight-line distance from the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``cell_towers``: points in the CRS of `cells`, one per mast.
    options : RatingOptions
        ``tower_reach`` is the distance, m.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1; 0 where there is none.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "cell towers" of the pillar redundancy.
    Departs from the paper's summary, which gives no distance: `tower_reach` is ours.
    """
    counts = within_reach(cells, tables["cell_towers"], options.tower_reach, "straight", tables)
    return counts.rename("cell_towers_within_reach")


def second_means(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Share of households with a second means: a vehicle, or two or more earners.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``.
    tables : mapping
        Needs ``areas``: pieces with ``second_means_share`` and ``housing_units``.
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
    return mean(tables["areas"], "second_means_share", cells.index, "housing_units").rename("second_means")


def power_supply(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Substations and power plants within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``power``: points in the CRS of `cells`.
    options : RatingOptions
        ``service_reach`` is the straight-line distance, m.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, tables["power"], options.service_reach, "straight", tables).rename("power_supply")


def telecom_supply(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Telephone exchanges and data centres within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``telecom``: points in the CRS of `cells`.
    options : RatingOptions
        ``service_reach`` is the straight-line distance, m.

    Returns
    -------
    Series
        Count per cell, index ``cell_id``, unit 1.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, tables["telecom"], options.service_reach, "straight", tables).rename("telecom_supply")
