"""Building tables: one row per building, with the traps of parcel data handled in the open."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.sources.shapes import Loaded, points

ATTRIBUTES = ["replacement_cost", "floor_area_m2", "year_built", "stories", "occupancy", "structure"]
OPTIONAL = ["residents", "workers", "damage_state", "asset_class", "zone_id"]
NAMED = 20


def read_buildings(options: TableOptions, folder: Path) -> Loaded:
    """Read a building table from a CSV file with longitudes and latitudes, or from a vector file of points.

    Rows that agree in every attribute but their position and are implausibly large are one parcel that was
    written once per row: the first is kept and the notes name the rows. Rows with a very large area per story are named
    and kept.

    Parameters
    ----------
    options : TableOptions
        ``tables.buildings`` of the study: path, column names, and factors to SI units (`scale`).
    folder : Path
        Folder of the input files.

    Returns
    -------
    Loaded
        Buildings that pass the schema ``buildings``, index ``row`` of the file, and the file with notes.

    Raises
    ------
    TableError
        Naming every bad row and column.
    DataMissing
        If there is no such file.
    """
    loaded = points("buildings", options, folder, None)
    table, notes = count_parcels_once(loaded.table)
    notes += name_implausible(table)
    file = loaded.files[0]
    told = (*notes, *file.notes)
    return Loaded(table, (replace(file, rows=len(table), notes=told), *loaded.files[1:]))


def count_parcels_once(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the first of several large rows that agree in all but id and position.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``.

    Returns
    -------
    GeoDataFrame
        Without the repeated rows; index kept.
    list of str
        What was dropped, in words; empty if nothing was.

    Notes
    -----
    The thresholds (rows, floor area in m2) stand in the packaged table ``figures``.
    """
    alike = [*ATTRIBUTES, *[column for column in OPTIONAL if column in buildings.columns]]
    large = buildings[buildings["floor_area_m2"] > figure("repeated_parcel_floor_area")]
    size = large.groupby(alike, dropna=False)["building_id"].transform("size")
    repeated = large[size >= figure("repeated_parcel_rows")]
    notes = []
    dropped = []
    for _, group in repeated.groupby(alike, sort=False, dropna=False):
        first, rest = group.iloc[0], group.iloc[1:]
        dropped += list(rest.index)
        named = ", ".join(group["building_id"].head(NAMED)) + (", ..." if len(group) > NAMED else "")
        notes.append(
            f"{len(group)} rows agree in {', '.join(alike)} ({first['floor_area_m2']:,.0f} m2 each; ids {named}): "
            f"one parcel, counted once; {len(rest)} rows with a replacement cost of "
            f"{rest['replacement_cost'].sum():,.0f} are left out"
        )
    return buildings.drop(index=dropped), notes


def name_implausible(buildings: gpd.GeoDataFrame) -> list[str]:
    """Name the buildings whose floor area per story is very large; nothing is changed.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``.

    Returns
    -------
    list of str
        One note, or none.
    """
    limit = figure("implausible_footprint")
    odd = buildings[buildings["floor_area_m2"] / buildings["stories"] > limit]
    if odd.empty:
        return []
    named = ", ".join(odd["building_id"].head(NAMED)) + (", ..." if len(odd) > NAMED else "")
    share = odd["floor_area_m2"].sum() / buildings["floor_area_m2"].sum()
    told = f"{len(odd)} rows exceed {limit:,.0f} m2 per story and are kept as given"
    return [f"{told} (ids {named}; {share:.1%} of the area)"]
