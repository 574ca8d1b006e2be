"""A grid of square cells over a region."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError
from holdfast.rating.grid.pieces import pieces
from holdfast.types import Ints, Region

SLIVER = 1.0  # m2; a cell that touches the region by less than this is not in it
OVERLAP = 0.01  # share of a cell by which outlines may overlap, since borders are digitised
MOST_CELLS = 5_000_000


def equal_area_crs(areas: gpd.GeoDataFrame) -> str:
    """Lambert azimuthal equal-area CRS centred on some shapes.

    Returns
    -------
    str
        PROJ string, its centre rounded to 0.1 degrees.

    Examples
    --------
    >>> equal_area_crs(gpd.GeoDataFrame(geometry=[shapely.box(-96, 29, -95, 30)], crs=4326))
    '+proj=laea +lat_0=29.5 +lon_0=-95.5 +datum=WGS84 +units=m +no_defs'
    """
    west, south, east, north = areas.to_crs("EPSG:4326").total_bounds
    latitude, longitude = round((south + north) / 2, 1), round((west + east) / 2, 1)
    return f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m +no_defs"


def grid(name: str, areas: gpd.GeoDataFrame, cell_size: float, crs: str | None = None, offset: float = 0.0) -> Region:
    """Lay square cells over the union of some areas.

    Parameters
    ----------
    name : str
        Title of the region.
    areas : GeoDataFrame
        Polygons in any CRS that together make up the region.
    cell_size : float
        Side of a cell, m.
    crs : str, optional
        Projected CRS in metres; equal-area around the region if omitted.
    offset : float
        Share of a cell by which the grid is shifted to the east and north, 0..1.

    Returns
    -------
    Region
        Every cell that holds at least 1 m2 of the region. Corners are multiples of `cell_size`, so
        two regions in one CRS and with one `offset` share one grid. Cells are sorted by row, then column.

    Raises
    ------
    TableError
        If the CRS is not in metres, areas overlap, or the grid would have more than five million cells.

    Examples
    --------
    >>> areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4000, 2000)], crs=32615)
    >>> grid("Two cells", areas, 2000, "EPSG:32615").cells["region_m2"].tolist()
    [4000000.0, 4000000.0]
    """
    crs = crs or equal_area_crs(areas)
    shapes = areas.geometry.to_crs(crs)
    if shapes.crs.is_geographic or shapes.crs.axis_info[0].unit_name != "metre":
        text = f'"{crs}" is not in metres; leave it out, or name a projected equal-area CRS'
        raise TableError("region", [Problem(text, column="crs")])
    left, bottom, right, top = np.floor(shapes.total_bounds / cell_size - offset).astype(np.int64)
    count = (right - left + 1) * (top - bottom + 1)
    if count > MOST_CELLS:
        text = f"{cell_size:g} m makes {count:,} cells; take larger cells or a smaller region"
        raise TableError("region", [Problem(text, column="cell_size")])
    rows, columns = (a.ravel() for a in np.mgrid[bottom : top + 1, left : right + 1])
    cells = squares(columns, rows, cell_size, crs, offset)
    held = pieces(cells, gpd.GeoDataFrame({"area_id": np.arange(len(shapes))}, geometry=shapes.to_numpy(), crs=crs))
    cells["region_m2"] = held.groupby("cell_id")["piece_m2"].sum().reindex(cells.index, fill_value=0.0)
    if cells["region_m2"].max() > cell_size**2 * (1 + OVERLAP):
        text = "the areas of the region overlap one another; keep one outline of every place"
        raise TableError("region", [Problem(text, column="geometry")])
    return Region(name, crs, cell_size, cells[cells["region_m2"] >= SLIVER])


def squares(columns: Ints, rows: Ints, cell_size: float, crs: str, offset: float = 0.0) -> gpd.GeoDataFrame:
    """Square cells at positions of the grid.

    Parameters
    ----------
    columns, rows : ndarray of int
        Positions; the lower left corner of a cell is (position + `offset`) times `cell_size`.
    cell_size : float
        Side of a cell, m.
    offset : float
        Share of a cell by which the grid is shifted to the east and north.

    Returns
    -------
    GeoDataFrame
        Index ``cell_id`` (such as ``E12N-3``); columns ``column``, ``row``, ``geometry``.
    """
    left, bottom = (columns + offset) * cell_size, (rows + offset) * cell_size
    geometry = shapely.box(left, bottom, left + cell_size, bottom + cell_size)
    ids = pd.Index([f"E{c}N{r}" for c, r in zip(columns, rows, strict=True)], name="cell_id")
    return gpd.GeoDataFrame({"column": columns, "row": rows}, geometry=geometry, index=ids, crs=crs)
