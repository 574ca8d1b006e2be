"""Redundancy: how many backups a cell has."""

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.rating.features.measure import Tables


def hospitals_within_reach(cells: gpd.GeoDataFrame, tables: Tables, options: RatingOptions) -> pd.Series:
    """Hospitals no farther than a straight-line distance from the centre of each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Grid cells in a projected CRS, index ``cell_id``.
    tables : mapping
        Needs ``hospitals``: points in the CRS of `cells`.
    options : RatingOptions
        ``reach`` is the distance, m.

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
    points = gpd.GeoSeries(tables["hospitals"]["geometry"])
    cell, _ = points.sindex.query(cells.geometry.centroid, predicate="dwithin", distance=options.reach)
    counts = np.bincount(cell, minlength=len(cells)).astype(np.float64)
    return pd.Series(counts, index=cells.index, name="hospitals_within_reach")
