"""The city of a study after what the study does to it before the event: retrofits, hardened networks, backup."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import BackupOptions, CityOptions, StrengthenOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import City, retrofitted
from holdfast.types import Network, Parameters


def strengthened(city: City, options: CityOptions, parameters: Parameters) -> City:
    """A city with stronger buildings and network assets, and longer backup; replacement costs stay as they are.

    Raises
    ------
    TableError, UnknownName
        If a class, zone or network is not known, or nothing fits a filter.
    """
    buildings = city.buildings
    if options.retrofit:
        table = pd.DataFrame({"from_class": list(options.retrofit), "to_class": list(options.retrofit.values())})
        buildings = retrofitted(buildings, table, parameters.fragility)
    for number, row in enumerate(options.strengthen, 1):
        if row.network is None:
            _require_change(row, f"city.strengthen.{number}")
            chosen = _chosen(buildings, row, f"city.strengthen.{number}")
            buildings = _changed(buildings, chosen, row, parameters)
    known = {*parameters.fragility["asset_class"], *parameters.pipes.get("asset_class", ())}
    networks = _hardened(city.networks, options.strengthen, known)
    return replace(city, buildings=buildings, networks=_backed_up(networks, options.backup))


def _chosen(buildings: gpd.GeoDataFrame, row: StrengthenOptions, key: str) -> pd.Index:
    """Buildings that fit all filters of a row."""
    unknown = sorted(set(row.zones) - set(buildings["zone_id"].astype(str)))
    if unknown:
        text = f'no building lies in the zone "{unknown[0]}"; see zone_id in buildings.parquet of a result'
        raise TableError("study", [Problem(text, column=f"{key}.zones")])
    fits = np.ones(len(buildings), bool)
    for column, wanted in (("zone_id", row.zones), ("occupancy", row.occupancies)):
        fits &= buildings[column].isin(wanted).to_numpy(bool) if wanted else True
    if row.from_class is not None:
        fits &= (buildings["asset_class"].astype("string") == row.from_class).fillna(value=False).to_numpy(bool)
    if row.built_before is not None:
        fits &= (buildings["year_built"] < row.built_before).fillna(value=False).to_numpy(bool)
    if not fits.any():
        some = ", ".join(sorted(set(buildings["asset_class"].dropna()))[:12])
        text = f"no building fits the filters; the classes of the city are {some}"
        raise TableError("study", [Problem(text, column=key)])
    return buildings.index[fits]


def _require_change(row: StrengthenOptions, key: str) -> None:
    """Refuse a row that does nothing, or to a network what is done to buildings."""
    of_buildings = row.first_floor_m is not None or row.floodproofed_m is not None or row.shutters
    if row.to_class is None and not (of_buildings and row.network is None):
        text = "changes nothing; state to_class, or first_floor_m, floodproofed_m or shutters of buildings"
        raise TableError("study", [Problem(text, column=key)])


def _changed(
    buildings: gpd.GeoDataFrame, chosen: pd.Index, row: StrengthenOptions, parameters: Parameters
) -> gpd.GeoDataFrame:
    """Buildings of which the chosen have their new class, floor, floodproofing and shutters."""
    if row.to_class is not None:
        table = pd.DataFrame({"building_id": chosen, "to_class": row.to_class})
        buildings = retrofitted(buildings, table, parameters.fragility)
    fits = buildings.index.isin(chosen)
    raised = {
        "first_floor_m": row.first_floor_m,
        "floodproofed_m": row.floodproofed_m,
        "shutters": 1.0 if row.shutters else None,
    }
    for column, value in raised.items():
        if value is not None:
            before = buildings[column].astype(np.float64) if column in buildings else pd.Series(np.nan, buildings.index)
            # what is not known is filled by rules where it is needed, and never higher than what is built now
            buildings = buildings.assign(**{column: before.mask(fits, before.clip(lower=value).fillna(value))})
    return buildings


def _hardened(networks: dict[str, Network], rows: Sequence[StrengthenOptions], known: set[str]) -> dict[str, Network]:
    """Networks whose nodes and edges of a class have become of another."""
    found = dict(networks)
    for number, row in enumerate(rows, 1):
        if row.network is None:
            continue
        _require_change(row, f"city.strengthen.{number}")
        network = _of(found, row.network, f"city.strengthen.{number}.network")
        if row.to_class not in known:
            text = f'"{row.to_class}" is in no table of fragilities or pipes; harden to a class that is'
            raise TableError("study", [Problem(text, column=f"city.strengthen.{number}.to_class")])
        tables = {part: _with_class(getattr(network, part), row) for part in ("nodes", "edges")}
        if all(table is None for table in tables.values()):
            classes = sorted({*network.nodes["asset_class"].dropna(), *network.edges["asset_class"].dropna()})
            text = f"the {row.network} network has no asset of that class; it has {', '.join(classes)}"
            raise TableError("study", [Problem(text, column=f"city.strengthen.{number}.from_class")])
        found[row.network] = replace(network, **{part: table for part, table in tables.items() if table is not None})
    return found


def _with_class(table: pd.DataFrame, row: StrengthenOptions) -> pd.DataFrame | None:
    """Assets with their new class; nothing where none changes. What cannot be damaged stays so."""
    before = table["asset_class"].astype("string")
    fits = before.notna() if row.from_class is None else (before == row.from_class).fillna(value=False)
    if not fits.any():
        return None
    return table.assign(asset_class=before.mask(fits.astype(bool), row.to_class))


def _backed_up(networks: dict[str, Network], rows: Sequence[BackupOptions]) -> dict[str, Network]:
    """Networks whose dependencies bridge at least the hours stated."""
    found = dict(networks)
    for number, row in enumerate(rows, 1):
        network = _of(found, row.network, f"city.backup.{number}.network")
        needs = network.dependencies
        fits = (needs["on_network"] == row.on_network).to_numpy(bool) if len(needs) else np.zeros(0, bool)
        if not fits.any():
            text = f"no node of the {row.network} network needs the {row.on_network} network"
            raise TableError("study", [Problem(text, column=f"city.backup.{number}.on_network")])
        hours = needs["backup_hours"].where(~fits, needs["backup_hours"].clip(lower=row.hours))
        found[row.network] = replace(network, dependencies=needs.assign(backup_hours=hours))
    return found


def _of(networks: dict[str, Network], name: str, key: str) -> Network:
    """A network of the city."""
    if name not in networks:
        raise UnknownName("network of the city", name, networks, key)
    return networks[name]
