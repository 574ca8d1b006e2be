"""The ground of a rating: a grid of square cells over a region, and what lies in each."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from holdfast.errors import Problem, TableError
from holdfast.types import Region

SLIVER = 1.0  # m2; a cell that touches the region by less than this is not in it
OVERLAP = 0.01  # share of a cell by which outlines may overlap, since borders are digitised
MOST_CELLS = 5_000_000


def equal_area_crs(areas: gpd.GeoDataFrame) -> str:
    """Lambert azimuthal equal-area CRS centred on the middle of some shapes.

    Parameters
    ----------
    areas : GeoDataFrame
        Shapes in any CRS.

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
        Name of the region.
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
        raise TableError("study", [Problem(text, column="region.crs")])
    left, bottom, right, top = np.floor(shapes.total_bounds / cell_size - offset).astype(np.int64)
    count = (right - left + 1) * (top - bottom + 1)
    if count > MOST_CELLS:
        text = f"{cell_size:g} m makes {count:,} cells; take larger cells or a smaller region"
        raise TableError("study", [Problem(text, column="region.cell_size")])
    rows, columns = (a.ravel() for a in np.mgrid[bottom : top + 1, left : right + 1])
    cells = squares(columns, rows, cell_size, crs, offset)
    held = pieces(cells, gpd.GeoDataFrame({"area_id": np.arange(len(shapes))}, geometry=shapes.to_numpy(), crs=crs))
    cells["region_m2"] = held.groupby("cell_id")["piece_m2"].sum().reindex(cells.index, fill_value=0.0)
    if cells["region_m2"].max() > cell_size**2 * (1 + OVERLAP):
        text = "the areas of the region overlap one another; keep one outline of every place"
        raise TableError("region", [Problem(text, column="geometry")])
    return Region(name, crs, cell_size, cells[cells["region_m2"] >= SLIVER])


def squares(columns: np.ndarray, rows: np.ndarray, cell_size: float, crs: str, offset: float = 0.0) -> gpd.GeoDataFrame:
    """Square cells at positions of the grid.

    Parameters
    ----------
    columns, rows : ndarray of int
        Positions; the lower left corner of a cell is (position + `offset`) times `cell_size`.
    cell_size : float
        Side of a cell, m.
    crs : str
        CRS of the grid.
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


def pieces(cells: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut polygons or lines by the cells.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, projected CRS.
    shapes : GeoDataFrame
        Polygons or lines in the CRS of `cells`, with any columns.

    Returns
    -------
    DataFrame
        One row per piece: ``cell_id``, ``piece_m2`` (polygons) or ``piece_m`` (lines), ``share``
        (of the whole shape that lies in the piece), and the columns of `shapes`. Pieces of a
        shape sum to the part of it that the cells cover.

    Notes
    -----
    Area weighting (Goodchild & Lam 1980) assumes that what a shape holds is spread evenly over it.

    Examples
    --------
    >>> cells = squares(np.array([0, 1]), np.array([0, 0]), 10.0, "EPSG:32615")
    >>> shapes = gpd.GeoDataFrame({"people": [9.0]}, geometry=[shapely.box(5, 0, 20, 10)], crs=32615)
    >>> pieces(cells, shapes)["share"].round(3).tolist()
    [0.333, 0.667]
    """
    geometry = shapes.geometry.to_numpy()
    cell, shape = cells.sindex.query(geometry, predicate="intersects")[::-1]
    order = np.lexsort((shape, cell))
    cell, shape = cell[order], shape[order]
    cut = shapely.intersection(cells.geometry.to_numpy()[cell], geometry[shape])
    linear = bool(np.isin(shapely.get_type_id(geometry), (1, 5)).all())
    measure, column = (shapely.length, "piece_m") if linear else (shapely.area, "piece_m2")
    size, whole = measure(cut), measure(geometry)[shape]
    if linear:
        size = size - _shared(cut, cells.geometry.to_numpy()[cell], shape)
    keep = size > 0
    table = shapes.drop(columns="geometry").iloc[shape[keep]].reset_index(drop=True)
    table.insert(0, "cell_id", cells.index.to_numpy()[cell[keep]])
    table.insert(1, column, size[keep])
    return table.assign(share=size[keep] / whole[keep])


def _shared(cut: np.ndarray, places: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Half of the length of each piece that a neighbouring cell counts too: what runs along a border between them."""
    excess = np.zeros(len(cut))
    border = shapely.intersection(cut, shapely.boundary(places))
    along = np.flatnonzero(shapely.length(border) > 0)
    rows = pd.DataFrame({"shape": shape[along], "piece": along})
    pairs = rows.merge(rows, on="shape")
    pairs = pairs[pairs["piece_x"] != pairs["piece_y"]]
    one, other = (pairs[c].to_numpy() for c in ("piece_x", "piece_y"))
    np.add.at(excess, one, shapely.length(shapely.intersection(border[one], border[other])) / 2)
    return excess


def dissolve(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge polygons so that ground under several of them counts once.

    Parameters
    ----------
    shapes : GeoDataFrame
        Polygons that may overlap.

    Returns
    -------
    GeoDataFrame
        Disjoint polygons in the same CRS, geometry alone.

    Examples
    --------
    >>> parks = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)], crs=32615)
    >>> dissolve(parks).area.tolist()
    [3.0]
    """
    merged = shapely.union_all(shapely.make_valid(shapes.geometry.to_numpy()))
    parts = shapely.get_parts(shapely.get_parts(merged))
    return gpd.GeoDataFrame(geometry=parts[shapely.area(parts) > 0], crs=shapes.crs)


def clip(shapes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut lines or polygons off at the rim of a region.

    Parameters
    ----------
    shapes : GeoDataFrame
        Lines or polygons, with any columns.
    areas : GeoDataFrame
        Polygons in the same CRS whose union is the region.

    Returns
    -------
    GeoDataFrame
        What lies in the region; shapes that lie outside are gone.

    Examples
    --------
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (9, 0)])], crs=32615)
    >>> clip(road, gpd.GeoDataFrame(geometry=[shapely.box(-1, -1, 4, 1)], crs=32615)).length.tolist()
    [4.0]
    """
    outline = shapely.union_all(areas.geometry.to_numpy())
    shapely.prepare(outline)
    geometry = shapes.geometry.to_numpy(copy=True)
    kinds = shapely.get_dimensions(geometry)
    across = ~shapely.contains_properly(outline, geometry)
    geometry[across] = shapely.intersection(geometry[across], outline)
    kept = (shapely.get_dimensions(geometry) == kinds) & ~shapely.is_empty(geometry)
    mixed = shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION
    for i in np.flatnonzero(mixed):  # shapes that also touch the rim in a point or along a line
        parts = shapely.get_parts(geometry[i])
        geometry[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == kinds[i]])
    return shapes.set_geometry(gpd.GeoSeries(geometry, index=shapes.index, crs=shapes.crs))[kept]


def neighbours(cells: pd.DataFrame) -> sparse.csr_array:
    """Which cells touch, by a side or a corner (queen contiguity).

    Parameters
    ----------
    cells : DataFrame
        Columns ``column`` and ``row``, positions in the grid.

    Returns
    -------
    csr_array
        Shape (cell, cell), 1 where two cells touch, symmetric, zero diagonal.

    Examples
    --------
    >>> neighbours(pd.DataFrame({"column": [0, 1, 3], "row": [0, 1, 0]})).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    columns, rows = (cells[c].to_numpy(np.int64) for c in ("column", "row"))
    width = int(columns.max() - columns.min()) + 3
    code = (rows - rows.min() + 1) * width + columns - columns.min() + 1
    order = np.argsort(code)
    first, second = [], []
    for step in (1, width - 1, width, width + 1):  # each pair once: east, north-west, north, north-east
        place = np.searchsorted(code[order], code + step)
        found = code[order][np.minimum(place, len(code) - 1)] == code + step
        first.append(np.flatnonzero(found))
        second.append(order[place[found]])
    i, j = np.concatenate(first), np.concatenate(second)
    half = sparse.coo_array((np.ones(len(i)), (i, j)), shape=(len(code), len(code)))
    return (half + half.T).tocsr()
