"""Homes where they stand: mapped buildings say in which part of an area its people live."""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.types import Floats


def _first_around(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Row of the first area around each point, -1 where there is none."""
    around, inside = points.sindex.query(areas.geometry.to_numpy(), predicate="intersects")
    found = np.full(len(points), len(areas))
    np.minimum.at(found, inside, around)
    return np.where(found == len(areas), -1, found)


def homes_by_cell(cells: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> pd.Series:
    """Homes of the buildings in each cell.

    Parameters
    ----------
    cells : GeoDataFrame
        Squares.
    homes : GeoDataFrame
        Points in the same CRS, perhaps with ``housing_units``; a building without the figure holds one.

    Returns
    -------
    Series
        Index of `cells`.

    Examples
    --------
    >>> from shapely import Point, box
    >>> cells = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2), box(2, 0, 4, 2)], index=["west", "east"])
    >>> homes_by_cell(cells, gpd.GeoDataFrame({"housing_units": [8.0, None]}, geometry=[Point(1, 1)] * 2)).to_dict()
    {'west': 9.0, 'east': 0.0}
    """
    cell = _first_around(homes, cells)
    held = np.bincount(cell[cell >= 0], weights=_units(homes)[cell >= 0], minlength=len(cells))
    return pd.Series(held, index=cells.index, name="housing_units")


def _units(homes: gpd.GeoDataFrame) -> Floats:
    """Homes of each building."""
    if "housing_units" not in homes.columns:
        return np.ones(len(homes))
    return np.asarray(homes["housing_units"].fillna(1.0), dtype=np.float64)


def shared_by_homes(
    pieces: pd.DataFrame, areas: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, number: str
) -> tuple[pd.DataFrame, int]:
    """Pieces of areas whose ``share`` is that of the area's mapped homes in the place of that of its ground.

    Parameters
    ----------
    pieces : DataFrame
        From `holdfast.rating.grid.pieces.pieces`, of `areas` and `cells`; `number` holds the row of the area.
    areas, cells, homes : GeoDataFrame
        In one CRS; homes as of `homes_by_cell`.
    number : str
        Name of the column.

    Returns
    -------
    DataFrame
        As `pieces`; an area without mapped homes keeps its shares.
    int
        Areas whose homes are placed.

    References
    ----------
    Mennis (2003), Generating surface models of population using dasymetric mapping, The Professional Geographer 55.

    Examples
    --------
    >>> from shapely import Point, box
    >>> from holdfast.rating.grid.pieces import pieces
    >>> cells = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 2), box(2, 0, 4, 2)], index=["west", "east"], crs=32615)
    >>> areas = gpd.GeoDataFrame({"nr": [0]}, geometry=[box(0, 0, 4, 2)], crs=32615)
    >>> homes = gpd.GeoDataFrame(geometry=[Point(3, 1)] * 3 + [Point(1, 1)], crs=32615)
    >>> shared_by_homes(pieces(cells, areas), areas, cells, homes, "nr")[0]["share"].tolist()
    [0.25, 0.75]
    """
    area, cell = _first_around(homes, areas), _first_around(homes, cells)
    kept = (area >= 0) & (cell >= 0)
    held = pd.Series(_units(homes)[kept]).groupby([area[kept], cells.index.to_numpy()[cell[kept]]]).sum()
    whole = held.groupby(level=0).sum()
    whole = whole[whole > 0]
    keys = pd.MultiIndex.from_arrays([pieces[number].to_numpy(), pieces["cell_id"].to_numpy()])
    share = held.reindex(keys, fill_value=0.0).to_numpy() / pieces[number].map(whole).to_numpy(np.float64)
    return pieces.assign(share=np.where(np.isnan(share), pieces["share"], share)), len(whole)
