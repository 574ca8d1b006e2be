"""Which cells, or areas of any shape, are neighbours: those that share a border or a corner."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from holdfast.rating.grid.frames import require_geometry
from holdfast.types import Bools, Ints

ROUNDING = 1e-6  # of the side of a typical area; coordinates of one border may differ by so much


def neighbours(areas: gpd.GeoDataFrame, *, gap: float | None = None) -> sparse.csr_array:
    """Which areas of any shape share a border or a corner (queen contiguity), or overlap: 1 at (row, row), symmetric.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons in any CRS, or in none.
    gap : float, optional
        Distance up to which two areas still count as neighbours, in the unit of the CRS; a millionth of the side of
        the median area if omitted, so that rounded coordinates part no neighbours.

    Raises
    ------
    TableError
        If shapes are missing or empty.

    Examples
    --------
    >>> areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 3), shapely.box(1, 1, 2, 2), shapely.box(8, 8, 9, 9)])
    >>> neighbours(areas).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    require_geometry(areas, "areas")
    shapes = areas.geometry.to_numpy(copy=True)
    # predicates of crossed outlines are not defined
    crossed = ~shapely.is_valid(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed])
    if gap is None:
        gap = ROUNDING * float(np.sqrt(np.median(shapely.area(shapes)))) if len(shapes) else 0.0
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap)
    others = first != second
    pairs = first[others], second[others]
    return sparse.coo_array((np.ones(others.sum()), pairs), shape=(len(shapes), len(shapes))).tocsr()


def grid_neighbours(cells: pd.DataFrame) -> sparse.csr_array:
    """Which cells of a grid share a side or a corner, by their whole numbers ``column`` and ``row``; as `neighbours`.

    Examples
    --------
    >>> grid_neighbours(pd.DataFrame({"column": [0, 1, 3], "row": [0, 1, 0]})).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    columns, rows = (cells[c].to_numpy(np.int64) for c in ("column", "row"))
    width = int(columns.max() - columns.min()) + 3
    # one number per position, with a free column at each side so that no row runs into the next
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


def among(touching: sparse.csr_array, chosen: Ints | Bools) -> sparse.csr_array:
    """The neighbour relation among some of the cells, in the order of `chosen`: their places in any order, or a mask.

    Examples
    --------
    >>> line = sparse.csr_array(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> among(line, np.array([2, 1])).toarray().tolist()
    [[0, 1], [1, 0]]
    """
    part = touching[chosen][:, chosen]
    part.sort_indices()  # so that sums over neighbours do not depend on how the relation was found
    return part
