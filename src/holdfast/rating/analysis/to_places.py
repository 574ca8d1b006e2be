"""From cells to the places that an outcome is known of: polygons, or points that stand for the ground nearest to them."""

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.types import Floats


def parts_of_places(cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame, weight: pd.Series) -> pd.DataFrame:
    """Share the weight of each cell out to the places it belongs to.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``, projected.
    places : GeoDataFrame
        Points in the CRS of `cells`.
    weight : Series
        Index ``cell_id``, homes or m2.

    Returns
    -------
    DataFrame
        ``cell_id``, ``area`` (place in `places`), ``weight``; a cell belongs to the point nearest to its centre.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> cells = squares(np.array([0, 1]), np.array([0, 0]), 10.0, "EPSG:32615").assign(region_m2=100.0)
    >>> places = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 20], [5, 5]), crs=32615)
    >>> parts_of_places(cells, places, pd.Series([3.0, 4.0], index=cells.index))["area"].tolist()
    [0, 1]
    """
    centres = cells.geometry.centroid
    tree = cKDTree(np.column_stack([places.geometry.x, places.geometry.y]))
    nearest = tree.query(np.column_stack([centres.x, centres.y]))[1]
    return pd.DataFrame({"cell_id": cells.index, "area": nearest, "weight": weight.loc[cells.index].to_numpy()})


def mean_in_places(parts: pd.DataFrame, values: pd.Series, count: int) -> Floats:
    """Mean of cells over the people of each of `count` places, shape (place,); null where nobody has a value.

    Examples
    --------
    >>> parts = pd.DataFrame({"cell_id": ["a", "b"], "area": [0, 0], "weight": [1.0, 3.0]})
    >>> mean_in_places(parts, pd.Series([4.0, 0.0], index=["a", "b"]), 2).tolist()
    [1.0, nan]
    """
    here = values.reindex(parts["cell_id"]).to_numpy(np.float64)
    known = ~np.isnan(here)
    held = np.where(known, parts["weight"].to_numpy(np.float64), 0.0)
    area = parts["area"].to_numpy(np.int64)
    total = np.bincount(area, weights=held, minlength=count)
    sums = np.bincount(area, weights=held * np.where(known, here, 0.0), minlength=count)
    return np.asarray(np.divide(sums, total, out=np.full(count, np.nan), where=total > 0))
