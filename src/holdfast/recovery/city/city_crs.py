"""The CRS in which a city is computed."""

import geopandas as gpd
import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.ground import require_true_scale


def city_crs(table: gpd.GeoDataFrame, crs: str | None) -> str:
    """CRS in which a city is computed, in metres: the study's, or an equal-area one around the buildings.

    Raises
    ------
    TableError
        If the table has no CRS, or the study's does not fit the place.

    Examples
    --------
    >>> city_crs(gpd.GeoDataFrame(geometry=gpd.points_from_xy([9.5, 9.6], [47.1, 47.2]), crs=4326), None)
    '+proj=laea +lat_0=47.2 +lon_0=9.5 +datum=WGS84 +units=m +no_defs'
    """
    if table.crs is None:
        raise TableError("buildings", [Problem("state no CRS; the positions cannot be placed", column="geometry")])
    if crs is not None:
        require_true_scale(crs, table, "city", "crs")
        return crs
    _, south, _, north = table.to_crs("EPSG:4326").total_bounds
    east = np.radians(table.geometry.to_crs("EPSG:4326").x.to_numpy())
    middle = np.degrees(np.arctan2(np.sin(east).mean(), np.cos(east).mean()))  # also across the date line
    # rounded to 0.1 degree, so that a building more or less does not move the whole city
    latitude, longitude = round((south + north) / 2, 1), round(float(middle), 1)
    return f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m +no_defs"
