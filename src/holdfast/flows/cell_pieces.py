"""Tables of a study cut by the cells of its region: pieces, totals before and after, what lies outside or far away."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.rating.analysis.rating_summary import Total
from holdfast.rating.features.interpolate import standard_error
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.dasymetric import homes_by_cell, shared_by_homes
from holdfast.rating.grid.pieces import clip, dissolve, pieces
from holdfast.sources.counts import of
from holdfast.sources.osm_homes import HOMES
from holdfast.tables import schema
from holdfast.types import Region

CLIPPED = 5e-4  # share outside of the region that is worth a word
SOURCE = "source_number"  # of an area, in the order of its table
STREETS = 5.0  # km/km2 from which on people live along the roads of a cell
LEAST_MAPPED = 0.7  # share of such cells that must hold a mapped home, else the map is bare
FARTHEST = 500_000.0  # m; a table all of whose shapes lie farther from the region is in the wrong place


def placed_homes(
    areas: pd.DataFrame, tables: Mapping[str, gpd.GeoDataFrame], base: str, region: Region
) -> tuple[pd.DataFrame, str]:
    """Pieces of the areas shared out by where mapped homes stand, and how many areas that is, in words."""
    placed, count = shared_by_homes(areas, tables[base], region.cells, tables[HOMES], SOURCE)
    return placed, f"homes stand where the map has them in {of(count, len(tables[base]), 'areas')}"


def bare_of_homes(homes: gpd.GeoDataFrame, roads: pd.DataFrame, region: Region) -> str:
    """Why mapped homes cannot stand for people, in words; empty where they can.

    Where many cells full of streets hold no building the map lacks buildings, and not the place people.
    """
    length = roads.groupby("cell_id")["piece_m"].sum().reindex(region.cells.index, fill_value=0.0)
    streets = length * 1000.0 / region.cells["region_m2"] >= STREETS
    held = homes_by_cell(region.cells, homes)[streets] > 0
    if held.mean() >= LEAST_MAPPED or not streets.any():
        return ""
    found = of(int(held.sum()), len(held), "cells with streets")
    return f"the map has homes in {found} alone: they are not used, and ground counts in the place of people"


def fed_by(table: str, used: list[str], columns: set[str]) -> bool:
    """Whether a feature is measured from a column of a table."""
    needs = {need for name in used for group in RULES[name].needs for need in group}
    return any(f"{table}.{column}" in needs for column in columns)


def published_errors(used: list[str], areas: pd.DataFrame, columns: set[str], cells: pd.Index) -> pd.DataFrame:
    """Standard errors of the features whose areas have published margins, index of the cells."""
    found = {}
    for name in used:
        table, _, column = RULES[name].needs[0][0].partition(".")
        if table == "areas" and f"{column}_margin" in columns and "housing_units" in columns:
            found[name] = standard_error(areas, column, cells)
    return pd.DataFrame(found, index=cells)


def cut(
    name: str, table: gpd.GeoDataFrame, region: Region, areas: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, dict[str, Total], list[str]]:
    """Polygons and lines become pieces in cells, points stay; totals before and after; and what lies outside, in words.

    Lines, and polygons whose overlaps count once by the schema, end at the rim of the region: what is measured
    per area of the region must lie in it. Polygons with values may reach beyond it, since values are averaged.
    """
    kinds = set(table.geom_type)
    if kinds == {"Point"}:
        return table, {}, []
    merged = any(rule.aggregate == "union" for rule in schema(name))
    if not merged and not kinds <= {"LineString", "MultiLineString"}:
        return pieces(region.cells, table), {}, []
    whole = dissolve(table) if merged else table
    inside = clip(whole, areas)
    size, what = ("area", "m2") if merged else ("length", "m")
    left = 1 - getattr(inside, size).sum() / getattr(whole, size).sum()
    told = [f"{left:.1%} of the {size} lies outside of the region and is not used"] if left > CLIPPED else []
    if inside.empty:
        return pd.DataFrame({"cell_id": [], "piece_m": [], "piece_m2": []}), {}, told
    parts = pieces(region.cells, inside)
    return parts, {f"{name}_{what}": both(getattr(inside, size).sum(), parts[f"piece_{what}"].sum())}, told


def both(before: float, after: float) -> Total:
    """Pair a total before and after interpolation with the relative error."""
    error = abs(after - before) / before if before else 0.0  # an area table may hold no homes at all
    return Total(float(before), float(after), float(error))


def far_rows(name: str, path: str, table: gpd.GeoDataFrame, region: Region) -> list[str]:
    """Refuse a table that lies nowhere near the region; and say how much of one does, in words."""
    left, bottom, right, top = region.cells.total_bounds
    near = table.cx[left - FARTHEST : right + FARTHEST, bottom - FARTHEST : top + FARTHEST]
    if not len(near):
        text = "none of its shapes lies within 500 km of the region; are longitude and latitude swapped, or is the CRS wrong?"
        raise TableError(path, [Problem(text, column=f"tables.{name}")])
    away = len(table) - len(near)
    return [f"{of(away, len(table), 'rows')} lie more than 500 km from the region"] if away else []
