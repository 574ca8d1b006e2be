"""Radio cells of OpenCelliD as masts."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.errors import Problem, TableError
from holdfast.ground import WGS84
from holdfast.sources.counts import of
from holdfast.sources.files import CSVS, locate
from holdfast.sources.positions import turn, without_nowhere
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check, schema

LTE = "LTE"
COLUMNS = {"longitude": "lon", "latitude": "lat", "range_m": "range"}  # OpenCelliD's own names
IDENTITY = ["radio", "mcc", "net", "area", "cell"]
SITE = ["mcc", "net", "site"]  # one operator's site: country, network, identity without its last 8 bits


def opencellid(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read radio cells in the layout of OpenCelliD and join those that share a mast.

    Drops rows without a place and repeated identities, both counted. Signature and errors as in
    `holdfast.sources.readers.Source`; the study's ``where`` keeps rows, such as ``radio = ["LTE"]``.

    Returns
    -------
    Loaded
        One row per mast, EPSG:4326; see `masts`.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    raw, read = read_table(file)
    if not set(COLUMNS.values()) <= set(raw.columns):
        have = ", ".join(str(c) for c in raw.columns)
        text = f"is not in the layout of OpenCelliD (radio, mcc, net, area, cell, ..., lon, lat, range; it has: {have})"
        raise TableError(str(file), [Problem(text)])
    kept, notes = tidy(raw, options.model_copy(update={"columns": {**COLUMNS, **options.columns}}), file)
    # before the check, which refuses longitudes past 180
    kept, turned = turn(kept)
    cells = check(kept, "radio_cells", str(file), only=[c.column for c in schema("radio_cells")])
    cells, lost = _placed_once(cells, file)
    notes += [*turned, *lost]
    radius, how = position_error(cells)
    table = check(masts(cells, radius), name, str(file))
    notes.append(
        f"{len(cells):,} radio cells joined to {len(table):,} masts: the cells of one LTE site, and what lies within "
        f"{radius:,.0f} m of the best-measured position ({how}); positions are estimated from samples"
    )
    return Loaded(table, (input_file(name, file, len(table), options, [*read, *notes]),))


def _placed_once(cells: pd.DataFrame, file: Path) -> tuple[pd.DataFrame, list[str]]:
    """Radio cells that have a place, each once: rows of one identity are one cell, the best measured counts."""
    spots = gpd.GeoDataFrame(cells, geometry=gpd.points_from_xy(cells["longitude"], cells["latitude"], crs=WGS84))
    kept, notes = without_nowhere(spots, file)
    table = pd.DataFrame(kept.drop(columns="geometry"))
    best = table.sort_values("samples", ascending=False, kind="stable") if "samples" in table else table
    # found with the best measured first, given back in the order of the file
    again = best.duplicated(IDENTITY).reindex(table.index).to_numpy(bool)
    if again.any():
        notes.append(f"{of(int(again.sum()), len(table), 'radio cells')} stand twice and count once")
    return table[~again], notes


def position_error(cells: pd.DataFrame) -> tuple[float, str]:
    """How far the estimated position of a radio cell (schema ``radio_cells``) typically lies from its mast.

    Returns
    -------
    float
        Median distance of the LTE cells from the middle of their site, m; the packaged figure ``mast_radius``
        where fewer cells than ``enough_lte_cells`` share a site.
    str
        Which of the two it is.
    """
    table = _flat(cells)
    # a site of one cell lies in its own middle and would pull the median to 0
    shared = table["site"].map(table["site"].value_counts()) > 1
    if shared.sum() < figure("enough_lte_cells"):
        return figure("mast_radius"), "assumed"
    middle = table[shared].groupby("site")[["x", "y"]].transform("mean")
    off = np.hypot(table.loc[shared, "x"] - middle["x"], table.loc[shared, "y"] - middle["y"])
    return float(off.median()), f"median distance of {int(shared.sum()):,} LTE cells from the middle of their site"


def masts(cells: pd.DataFrame, radius: float) -> gpd.GeoDataFrame:
    """Join radio cells whose positions lie within `radius` (m, such as from `position_error`) of one mast.

    Returns
    -------
    GeoDataFrame
        Schema ``cell_towers``, EPSG:4326: the mean position weighted by samples, the radios, the number of
        cells, and as range the median of the cells' known ranges. Sorted by longitude, then latitude.

    Notes
    -----
    Not specified in the paper; ours, in two steps. (1) LTE cells of one network whose identity agrees but for
    the last 8 bits belong to one site (3GPP TS 36.300). (2) Sites and other cells, best measured first, found
    a mast or join the nearest founder within `radius`. Every cell belongs to one mast, so cells add up. The
    number of masts depends on the radius (Liechtenstein: 786 at 100 m, 184 at 500 m, 72 at 1,000 m).
    """
    table = _flat(cells)
    sites = _mean_place(table, "site")
    mast = pd.Series(_founders(sites, radius), index=sites.index)
    table["mast"] = table["site"].map(mast)
    spots = _mean_place(table, "mast")
    by_mast = cells.reset_index(drop=True).groupby(table["mast"])
    ranges = by_mast["range_m"].median() if "range_m" in cells else np.nan
    made = gpd.GeoDataFrame(
        {
            "radio": by_mast["radio"].agg(lambda radios: " ".join(sorted(set(radios)))),
            "cells": by_mast.size().astype(float),
            "range_m": ranges,
        },
        geometry=gpd.points_from_xy(spots["x"], spots["y"], crs=table.attrs["crs"]),
        index=spots.index,
    ).to_crs("EPSG:4326")
    # numbers depend on the places alone, not on the order of the file
    made = made.iloc[np.lexsort((made.geometry.y, made.geometry.x))].reset_index(drop=True)
    return made.assign(tower_id=[f"mast-{i + 1}" for i in range(len(made))])


def _flat(cells: pd.DataFrame) -> pd.DataFrame:
    """Position in metres, weight and number of the site of every radio cell; only LTE cells share sites."""
    places = gpd.GeoSeries.from_xy(cells["longitude"], cells["latitude"], crs="EPSG:4326")
    places = places.to_crs(places.estimate_utm_crs())
    weight = cells["samples"].fillna(1.0).clip(lower=1.0) if "samples" in cells else pd.Series(1.0, index=cells.index)
    # every other cell is a site of its own: negative numbers meet no LTE site
    site = (cells["cell"] // figure("lte_cells_per_site")).where(cells["radio"] == LTE, -1.0 - np.arange(len(cells)))
    number = cells[["mcc", "net"]].assign(site=site).groupby(SITE).ngroup()
    table = pd.DataFrame({"x": places.x.array, "y": places.y.array, "weight": weight.array, "site": number.array})
    table.attrs["crs"] = places.crs.to_string()
    return table


def _mean_place(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Position of each group, weighted by samples, and its weight."""
    moments = pd.DataFrame(
        {"x": table["x"] * table["weight"], "y": table["y"] * table["weight"], "weight": table["weight"]}
    )
    sums = moments.groupby(table[by]).sum()
    return sums.assign(x=sums["x"] / sums["weight"], y=sums["y"] / sums["weight"])


def _founders(sites: pd.DataFrame, radius: float) -> np.ndarray:
    """Number of the site that founded each site's mast; best measured first, ties from west to east."""
    xy = sites[["x", "y"]].to_numpy()
    order = np.lexsort((xy[:, 1], xy[:, 0], -sites["weight"].to_numpy()))
    near = KDTree(xy).query_ball_point(xy, radius)
    founder = np.full(len(xy), -1)
    for i in order:
        # only founders take others in: a mast is no wider than the radius around its best-measured site
        there = np.array([j for j in near[i] if founder[j] == j], dtype=np.int64)
        off = np.hypot(*(xy[there] - xy[i]).T)
        founder[i] = there[np.argmin(off)] if len(there) else i
    return founder
