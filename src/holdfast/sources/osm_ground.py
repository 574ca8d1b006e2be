"""What lies under a map: names of places, main roads, water and borders of an OpenStreetMap extract."""

from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.numerals import to_numbers

PLACE, ROAD, WATER, BORDER = "place", "road", "water", "border"
PLACES = ("city", "town", "borough", "suburb", "village", "quarter", "neighbourhood", "hamlet", "island")
"""Kinds of places, the more important first."""
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
WATERS = {"natural": ["water", "coastline"], "waterway": ["river", "canal", "riverbank"]}
COLUMNS = ["kind", "name", "rank", "geometry"]


def ground(extract: Any, roads: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Places, main roads, water and borders of an extract.

    Parameters
    ----------
    extract : pyrosm.OSM
        Opened.
    roads : GeoDataFrame or None
        Its drivable streets, with ``highway``.

    Returns
    -------
    GeoDataFrame
        ``kind`` (place, road, water, border), ``name`` (empty where there is none), ``rank`` (0 for what counts most),
        ``geometry`` in EPSG:4326; empty where the map has none of it.
    """
    places = _layer(extract, {"place": list(PLACES)}, ["name", "place"], nodes=True)
    borders = _layer(extract, {"boundary": ["administrative"]}, ["name", "admin_level"], nodes=False)
    water = _layer(extract, WATERS, ["name", "natural", "waterway"], nodes=False)
    parts = []
    if places is not None and "name" in places.columns:
        named = places[places["name"].notna() & (places.geom_type == "Point")]
        parts.append(_part(named, PLACE, named["place"].map({p: i for i, p in enumerate(PLACES)})))
    if roads is not None and "highway" in roads.columns:
        main = roads[roads["highway"].isin(MAIN_ROADS)]
        parts.append(_part(main, ROAD, main["highway"].map({r: i for i, r in enumerate(MAIN_ROADS)})))
    if water is not None:
        parts.append(_part(water, WATER, 0))
    if borders is not None:
        level = borders.get("admin_level", pd.Series(None, index=borders.index, dtype=object))
        parts.append(_part(borders, BORDER, to_numbers(level)))
    if not parts:
        return gpd.GeoDataFrame(columns=COLUMNS, geometry="geometry", crs="EPSG:4326")
    # one order whatever the file's, so that the same extract gives the same bytes
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    return table.sort_values(["kind", "rank", "name"], kind="stable").reset_index(drop=True)


def named_points(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Places of a table (schema ``places``) in the form of `ground`, ranked by their kind; its CRS is kept."""
    kinds = places["kind"] if "kind" in places.columns else pd.Series(None, index=places.index, dtype=object)
    rank = kinds.astype("string").str.replace(r"^.*=", "", regex=True).map({p: i for i, p in enumerate(PLACES)})
    return _part(places, PLACE, rank)[COLUMNS].sort_values(["rank", "name"], kind="stable").reset_index(drop=True)


def _layer(extract: Any, wanted: dict[str, list[str]], tags: list[str], *, nodes: bool) -> gpd.GeoDataFrame | None:
    """Features with some tags: points alone, or ways and relations."""
    found = extract.get_data_by_custom_criteria(
        wanted,
        filter_type="keep",
        keep_nodes=nodes,
        keep_ways=not nodes,
        keep_relations=not nodes,
        tags_as_columns=tags,
    )
    return None if found is None or not len(found) else found[found.geometry.notna()]


def _part(features: gpd.GeoDataFrame, kind: str, rank: pd.Series | int) -> gpd.GeoDataFrame:
    """Features of one kind."""
    names = features["name"] if "name" in features.columns else pd.Series(None, index=features.index, dtype=object)
    made = {"kind": kind, "name": names.fillna("").astype(str), "rank": rank, "geometry": features.geometry}
    table = gpd.GeoDataFrame(made, index=features.index, crs=features.crs)
    return table.assign(rank=table["rank"].fillna(99).astype("int64"))
