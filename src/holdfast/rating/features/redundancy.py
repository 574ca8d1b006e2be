"""Redundancy: how many backups a cell has."""

import geopandas as gpd
import pandas as pd

from holdfast.rating.features.interpolate import mean_by_homes
from holdfast.rating.grid.accessibility import within_reach
from holdfast.rating.grid.routes import disjoint_routes


def hospitals_within_reach(
    cells: gpd.GeoDataFrame,
    hospitals: gpd.GeoDataFrame,
    *,
    reach: float = 10_000.0,
    streets: pd.DataFrame | None = None,
) -> pd.Series:
    """Hospitals within reach of the centre of each cell.

    Parameters
    ----------
    cells, hospitals, reach : GeoDataFrame, GeoDataFrame, float
        Polygons in a projected CRS in metres, and points in the same; distance from the centre of the cell, m.
    streets : DataFrame, optional
        From `holdfast.rating.grid.streets.street_segments`, to measure the distance along them; straight if omitted.

    Returns
    -------
    Series
        Count per cell, index of `cells`; 0 where there is none.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "hospitals". Departs from the summary, which gives no distance: `reach` is ours.

    Examples
    --------
    >>> from shapely.geometry import Point, box
    >>> cells = gpd.GeoDataFrame(geometry=[box(0, 0, 2e3, 2e3), box(2e4, 0, 2.2e4, 2e3)], crs=32615)
    >>> hospitals = gpd.GeoDataFrame(geometry=[Point(1e3, 5e3)], crs=32615)
    >>> hospitals_within_reach(cells, hospitals, reach=10_000.0).tolist()
    [1.0, 0.0]
    """
    return within_reach(cells, hospitals, reach, streets=streets)


def hospital_beds_within_reach(
    cells: gpd.GeoDataFrame,
    hospitals: gpd.GeoDataFrame,
    *,
    reach: float = 10_000.0,
    streets: pd.DataFrame | None = None,
) -> pd.Series:
    """Staffed beds of the hospitals within reach of the centre of each cell.

    Parameters
    ----------
    cells, reach, streets
        The same as those of `hospitals_within_reach`.
    hospitals : GeoDataFrame
        Points with ``beds``, which may be null.

    Returns
    -------
    Series
        Beds per cell; hospitals whose beds are unknown add nothing.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, hospitals, reach, streets=streets, weight="beds")


def alternative_routes(cells: gpd.GeoDataFrame, streets: pd.DataFrame) -> pd.Series:
    """Street routes from a cell to a neighbouring cell of which no two share a street.

    Parameters
    ----------
    cells : GeoDataFrame
        Squares of a grid with their positions ``column``, ``row``.
    streets : DataFrame
        Stretches from `holdfast.rating.grid.streets.street_segments`, in the CRS of `cells`.

    Returns
    -------
    Series
        Mean number over up to four junctions of the cell and its neighbours with streets; 0 where there is no street.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "alternative road routes" of the pillar redundancy. Not specified in
    the paper: the measure; ours is the mean number of edge-disjoint paths (see `disjoint_routes`).
    """
    return pd.Series(disjoint_routes(cells, streets), index=cells.index)


def cell_towers_within_reach(
    cells: gpd.GeoDataFrame, cell_towers: gpd.GeoDataFrame, *, tower_reach: float = 3_000.0
) -> pd.Series:
    """Cell towers no farther than a straight-line distance from the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Polygons in a projected CRS in metres.
    cell_towers : GeoDataFrame
        Points in the CRS of `cells`, one per mast.
    tower_reach : float
        Straight distance from the centre of the cell, m.

    Returns
    -------
    Series
        Count per cell; 0 where there is none.

    References
    ----------
    Yin, Li & Mostafavi (2026), feature "cell towers" of the pillar redundancy.
    Departs from the paper's summary, which gives no distance: `tower_reach` is ours.
    """
    return within_reach(cells, cell_towers, tower_reach)


def second_means(cells: gpd.GeoDataFrame, areas: pd.DataFrame) -> pd.Series:
    """Share of households with a second means: a vehicle, or two or more earners.

    Parameters
    ----------
    cells, areas
        As of `holdfast.rating.features.robustness.poverty`; reads ``second_means_share``.

    Notes
    -----
    Not specified in the paper: one of the two features that its summary does not name; ours.
    """
    return mean_by_homes(areas, "second_means_share", cells.index)


def power_supply(cells: gpd.GeoDataFrame, power: gpd.GeoDataFrame, *, service_reach: float = 5_000.0) -> pd.Series:
    """Substations and power plants within reach of the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Polygons in a projected CRS in metres.
    power : GeoDataFrame
        Points in the CRS of `cells`.
    service_reach : float
        Straight distance from the centre of the cell, m.

    Returns
    -------
    Series
        Count per cell.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, power, service_reach)


def telecom_supply(cells: gpd.GeoDataFrame, telecom: gpd.GeoDataFrame, *, service_reach: float = 5_000.0) -> pd.Series:
    """Telephone exchanges and data centres within reach of the centre of each cell.

    Parameters
    ----------
    cells, telecom, service_reach
        Like those of `power_supply`, with points of telecom.

    Notes
    -----
    Not specified in the paper: an optional feature, ours.
    """
    return within_reach(cells, telecom, service_reach)
