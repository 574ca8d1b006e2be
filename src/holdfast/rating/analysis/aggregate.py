"""From cells to the areas that people know: tracts, neighbourhoods, municipalities, the whole metro."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.rating.grid.pieces import pieces
from holdfast.rating.model.levels import LEVELS

WORST_SHARE = 0.01  # of an area's weight; a sliver of a weak cell does not name the worst level
NAMES = range(1, LEVELS + 1)


@dataclass(frozen=True)
class AreaLevels:
    """Levels of one area.

    Parameters
    ----------
    weight, rated_share : float
        Homes, residents or m2 in rated cells, and their share of all.
    mean_level : float
        1..5; the step between two levels counts as one.
    share_level_1, share_level_2, share_level_3, share_level_4, share_level_5 : float
        Of the weight; sum to 1.
    worst_level : float
        Lowest level that holds at least 1 % of the weight.
    agreement : float
        Mean over the weight, 0..1.
    """

    weight: float
    rated_share: float
    mean_level: float
    share_level_1: float
    share_level_2: float
    share_level_3: float
    share_level_4: float
    share_level_5: float
    worst_level: float
    agreement: float


def weights_of(cells: pd.DataFrame) -> tuple[pd.Series, str]:
    """Weight of each cell, its homes where any are known, else its area of the region; and the column it comes from.

    Cells that are marked as ``sparse`` weigh nothing.
    """
    if "housing_units" in cells and cells["housing_units"].sum() > 0:
        homes = cells["housing_units"].fillna(0.0)
        return homes.where(~cells["sparse"].astype(bool), 0.0) if "sparse" in cells else homes, "housing_units"
    return cells["region_m2"], "region_m2"


def spread(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, weight: pd.Series) -> pd.DataFrame:
    """Share the weight of each cell out to the areas it lies in.

    Parameters
    ----------
    cells, areas : GeoDataFrame
        Index ``cell_id``, column ``region_m2``; polygons that do not overlap; both in one equal-area CRS.
    weight : Series
        Index ``cell_id``: homes, residents or m2, evenly over the cell's part of the region.

    Returns
    -------
    DataFrame
        One row per piece: ``cell_id``, ``area`` (place in `areas`), ``weight``; what lies in no area is left out.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> from shapely.geometry import box
    >>> cells = squares(np.array([0]), np.array([0]), 10.0, "EPSG:32615").assign(region_m2=100.0)
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 4, 10), box(4, 0, 30, 10)], crs=32615)
    >>> spread(cells, areas, pd.Series([50.0], index=cells.index))["weight"].tolist()
    [20.0, 30.0]
    """
    shapes = gpd.GeoDataFrame({"area": np.arange(len(areas))}, geometry=areas.geometry.to_numpy(), crs=areas.crs)
    cut = pieces(cells, shapes)
    of_cell = cut.groupby("cell_id")["piece_m2"].transform("sum")
    # where areas reach beyond the region (over water, say), they share a cell by area, so that no weight counts twice
    region = cells["region_m2"].reindex(cut["cell_id"]).to_numpy()
    share = cut["piece_m2"] / np.maximum(region, of_cell)
    return pd.DataFrame(
        {"cell_id": cut["cell_id"], "area": cut["area"], "weight": share * weight.reindex(cut["cell_id"]).to_numpy()}
    )


def summarise(parts: pd.DataFrame, levels: pd.Series, agreement: pd.Series, count: int) -> pd.DataFrame:
    """Levels of `count` areas, as `AreaLevels`, by the parts of cells from `spread`; null without any rated weight.

    Examples
    --------
    >>> parts = pd.DataFrame({"cell_id": ["a", "b"], "area": [0, 0], "weight": [30.0, 10.0]})
    >>> levels = pd.Series([1, 5], index=["a", "b"])
    >>> row = summarise(parts, levels, levels * 0.2, 1).iloc[0]
    >>> float(row["mean_level"]), float(row["share_level_1"]), float(row["worst_level"])
    (2.0, 0.75, 1.0)
    """
    level = levels.reindex(parts["cell_id"]).to_numpy(dtype=np.float64, na_value=np.nan)
    vote = agreement.reindex(parts["cell_id"]).to_numpy(dtype=np.float64, na_value=np.nan)
    weight, area = parts["weight"].to_numpy(np.float64), parts["area"].to_numpy(np.int64)
    rated = ~np.isnan(level)
    whole = np.bincount(area, weights=weight, minlength=count)
    held = np.zeros((count, LEVELS))
    np.add.at(held, (area[rated], level[rated].astype(np.int64) - 1), weight[rated])
    votes = np.bincount(area[rated], weights=(weight * vote)[rated], minlength=count)
    known = held.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(known[:, None] > 0, held / known[:, None], np.nan)
        table = {
            "weight": known,
            "rated_share": np.where(whole > 0, known / whole, np.nan),
            # a mean takes the step between two levels as one: an area of mean 3 may be all of level 3, or half 1, half
            # 5
            "mean_level": shares @ np.arange(1, LEVELS + 1),
            **{f"share_level_{k}": shares[:, k - 1] for k in NAMES},
            "worst_level": np.where(known > 0, np.argmax(shares >= WORST_SHARE, axis=1) + 1.0, np.nan),
            "agreement": np.where(known > 0, votes / known, np.nan),
        }
    return pd.DataFrame(table)


def aggregate(cells: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, weight: pd.Series) -> gpd.GeoDataFrame:
    """Levels of areas, with their outlines.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``; columns ``region_m2``, ``level``, ``agreement``; projected equal-area CRS.
    areas : GeoDataFrame
        Polygons that do not overlap, in any CRS, with columns to keep, such as ``area_id``.
    weight : Series
        Index ``cell_id``: homes, residents or m2.

    Returns
    -------
    GeoDataFrame
        One row per area, sorted as `areas`, CRS of `cells`: the columns of `areas` and of `summarise`.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> from shapely.geometry import box
    >>> cells = squares(np.array([0, 1]), np.array([0, 0]), 10.0, "EPSG:32615")
    >>> cells = cells.assign(region_m2=100.0, level=[2, 4], agreement=1.0)
    >>> areas = gpd.GeoDataFrame({"area_id": ["x"]}, geometry=[box(0, 0, 20, 10)], crs=32615)
    >>> float(aggregate(cells, areas, pd.Series([3.0, 1.0], index=cells.index))["mean_level"].iloc[0])
    2.5
    """
    shapes = areas.to_crs(cells.crs)
    table = summarise(spread(cells, shapes, weight), cells["level"], cells["agreement"], len(shapes))
    kept = shapes.drop(columns="geometry").reset_index(drop=True)
    return gpd.GeoDataFrame(kept.join(table), geometry=shapes.geometry.to_numpy(), crs=cells.crs)


def whole_metro(cells: pd.DataFrame, weight: pd.Series) -> AreaLevels:
    """Levels of the region as one area; `weight` are homes, residents or m2 of the cells.

    Examples
    --------
    >>> cells = pd.DataFrame({"level": [1, 3], "agreement": [1.0, 0.5]})
    >>> whole_metro(cells, pd.Series([1.0, 1.0])).mean_level
    2.0
    """
    parts = pd.DataFrame({"cell_id": cells.index, "area": 0, "weight": weight.reindex(cells.index).to_numpy()})
    row = summarise(parts, cells["level"], cells["agreement"], 1).iloc[0]
    return AreaLevels(**{str(name): float(value) for name, value in row.items()})
