"""A grid of square cells over a region."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.errors import Problem, TableError
from holdfast.ground import equal_area_crs, require_true_scale
from holdfast.rating.grid.pieces import pieces
from holdfast.types import Ints, Region

SLIVER = 1.0  # m2; a cell that touches the region by less than this is not in it
OVERLAP = 0.01  # share of a cell by which outlines may overlap, since borders are digitised
MOST_CELLS = 5_000_000
NAMED = 5


def grid(name: str, areas: gpd.GeoDataFrame, cell_size: float, crs: str | None = None, offset: float = 0.0) -> Region:
    """Lay square cells over the union of some areas.

    Parameters
    ----------
    name : str
        Title of the region, for maps and reports.
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
        Every cell that holds at least 1 m2 of the region, sorted by row, then column.

    Raises
    ------
    TableError
        If the CRS is not in metres or its lengths are off by more than 1 %, areas overlap, or the grid would have
        more than five million cells.

    Examples
    --------
    >>> areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4000, 2000)], crs=32615)
    >>> grid("Two cells", areas, 2000, "EPSG:32615").cells["region_m2"].tolist()
    [4000000.0, 4000000.0]
    """
    crs = crs or equal_area_crs(areas)
    require_true_scale(crs, areas, "region", "crs")
    shapes = areas.geometry.to_crs(crs)
    # the grid starts from the origin of the CRS, not from the region, so that two regions can share it
    left, bottom, right, top = np.floor(shapes.total_bounds / cell_size - offset).astype(np.int64)
    count = (right - left + 1) * (top - bottom + 1)
    if count > MOST_CELLS:
        text = f"{cell_size:g} m makes {count:,} cells; take larger cells or a smaller region"
        raise TableError("region", [Problem(text, column="cell_size")])
    rows, columns = (a.ravel() for a in np.mgrid[bottom : top + 1, left : right + 1])
    cells = squares(columns, rows, cell_size, crs, offset)
    # of each area apart: their union would hide that two of them overlap
    held = pieces(cells, gpd.GeoDataFrame({"area_id": np.arange(len(shapes))}, geometry=shapes.to_numpy(), crs=crs))
    cells["region_m2"] = held.groupby("cell_id")["piece_m2"].sum().reindex(cells.index, fill_value=0.0)
    if cells["region_m2"].max() > cell_size**2 * (1 + OVERLAP):
        raise TableError("region", [Problem(_overlaps(areas.assign(geometry=shapes)), column="geometry")])
    return Region(name, crs, cell_size, cells[cells["region_m2"] >= SLIVER])


def _overlaps(areas: gpd.GeoDataFrame) -> str:
    """Which areas overlap, the largest overlaps first, in words."""
    names = areas["area_id"].astype(str).to_numpy() if "area_id" in areas else areas.index.astype(str).to_numpy()
    shapes = areas.geometry.to_numpy()
    one, other = areas.sindex.query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    first = np.argsort(-shared, kind="stable")[:NAMED]
    pairs = ", ".join(
        f"{names[one[i]]} and {names[other[i]]} ({shared[i]:,.0f} m2)" for i in first if shared[i] > SLIVER
    )
    return f"the areas of the region overlap one another; keep one outline of every place: {pairs}"


def squares(columns: Ints, rows: Ints, cell_size: float, crs: str, offset: float = 0.0) -> gpd.GeoDataFrame:
    """Square cells at positions of the grid: index ``cell_id`` (such as ``E12N-3``); ``column``, ``row``, ``geometry``.

    Parameters
    ----------
    columns, rows : ndarray of int
        Positions; the lower left corner of a cell is (position + `offset`) times `cell_size`.
    cell_size : float
        Side of a cell, m.
    crs : str
        Projected CRS, in metres, of the result.
    offset : float
        Share of a cell by which the grid is shifted to the east and north.
    """
    left, bottom = (columns + offset) * cell_size, (rows + offset) * cell_size
    geometry = shapely.box(left, bottom, left + cell_size, bottom + cell_size)
    ids = pd.Index([f"E{c}N{r}" for c, r in zip(columns, rows, strict=True)], name="cell_id")
    return gpd.GeoDataFrame({"column": columns, "row": rows}, geometry=geometry, index=ids, crs=crs)
