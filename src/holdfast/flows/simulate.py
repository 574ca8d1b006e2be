"""`holdfast simulate`: play scenarios through many times, write curves, losses and buildings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from holdfast.blocks import require_workers
from holdfast.config import StudyLike
from holdfast.flows.cities import load_city, require_known, require_scenario
from holdfast.flows.draws import Simulated, prepared_run, simulated
from holdfast.flows.field_units import field_units
from holdfast.flows.inputs import open_study
from holdfast.flows.played import block_name, write_block
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import FOOTPRINTS, write_report
from holdfast.flows.scenario_set import simulate_set
from holdfast.pages.qgis import days_style, line_style, node_style, with_aliases
from holdfast.pages.recovery_report import recovery_parts
from holdfast.store import (
    new_result,
    result_place,
    run_id,
    write_csv,
    write_geopackage,
    write_json,
    write_netcdf,
    write_parquet,
)
from holdfast.store.kept import blocks_folder, going_on_told
from holdfast.types import Network

NOTICE = (
    "Holdfast simulation, a screening result, no forecast. Cite Zhou, Xiao & Xu (2025), "
    "doi 10.1016/j.eng.2025.05.007, and this software."
)


def simulate(
    study: StudyLike,
    *,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 1,
    resume: bool = False,
    progress: Progress = silent,
) -> xr.Dataset:
    """Simulate how a city loses and regains its functions.

    Parameters
    ----------
    study : Study, mapping, str or Path
        A study, its content as in TOML, or a study file with ``[city]`` and ``[scenario]`` or, each with an annual
        rate, ``[[scenarios]]``.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Dotted key of the study to value, such as ``{"recovery.draws": 100}``.
    workers : int
        Processes; the result is the same for any number.
    resume : bool
        Take over the blocks of draws that a stopped run of the same study left beside `out`.
    progress : callable, optional
        Called with each step and the share done, 0..1.

    Returns
    -------
    Dataset
        ``EP``, ``SC``, ``demand``, ``gap`` (draw, time), ``service`` (draw, time, network), units
        in the attributes; ``attrs["summary"]`` is the content of ``losses.json``. Of a set of scenarios: losses
        (scenario, draw), ``attrs["summary"]`` being the content of ``scenarios.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    require_workers(workers)
    options, folder = open_study(study, overrides or {})
    place = None if out is None else result_place(out, "simulate", options.name, overwrite)
    with going_on_told(place):
        if options.scenarios:
            return simulate_set(options, folder, place, workers, resume, progress, overwrite)
        _, scenario = require_scenario(options)
        progress("loading the city", 0.02)
        prepared = prepared_run(options, scenario, folder, require_known(load_city(options, folder), options.city))
        done = simulated(prepared, place, workers, resume, progress)
        if place is not None:
            progress("writing the result", 0.95)
            # the kept blocks go when the result, which holds them all, is in its place
            blocks = [blocks_folder(place, run_id(done.provenance))]
            with new_result(place, done.provenance, overwrite, blocks) as target:
                write_simulation(target, done)
                write_report(target, done.provenance, {"recovery": simulation_parts(done)})
    progress("done", 1.0)
    # after writing, since netCDF holds no nested attributes
    done.curves.attrs["summary"] = done.summary.json()
    return done.curves


def simulation_parts(done: Simulated) -> dict[str, Any]:
    """What the report shows of a simulation; on its map the edges of the first network."""
    networks = list(done.loaded.city.networks.values())
    lines = _ends(networks[0]) if networks else np.empty((0, 2, 2))
    return recovery_parts(
        done.curves, done.summary.json(), done.buildings, lines, done.loaded.ground, done.loaded.outlines
    )


def write_simulation(folder: Path, done: Simulated) -> None:
    """Write the result files of a simulation into a folder, without manifest and report."""
    about = f"{NOTICE} Run {done.summary.run}. Licences of the inputs: see manifest.json."
    write_json(folder / "losses.json", done.summary.json())
    curves = done.curves.assign_attrs(Conventions="CF-1.10", title=done.summary.name, comment=about)
    write_netcdf(folder / "recovery.nc", curves)
    frame = done.buildings
    money = f"{done.loaded.city.currency}_{done.loaded.city.price_year}"
    units = field_units(frame.reset_index().columns, ("buildings", "building_results"), money)
    write_parquet(folder / "buildings.parquet", frame, units, about)
    style = with_aliases(days_style(), units)
    layers, styles = {"buildings": frame.reset_index()}, {"buildings": style}
    if done.loaded.outlines is not None:
        # of the buildings of the city alone, with all their fields: the layer can be coloured by any of them
        shapes = done.loaded.outlines.reindex(frame.index).dropna()
        outlined = frame.loc[shapes.index].set_geometry(shapes)
        layers["footprints"], styles["footprints"] = outlined.reset_index(), with_aliases(days_style(fill=True), units)
        write_parquet(folder / FOOTPRINTS, outlined[["geometry"]], {}, about)
    write_geopackage(folder / "buildings.gpkg", layers, styles, about)
    if done.loaded.ground is not None and len(done.loaded.ground):
        write_parquet(folder / "ground.parquet", done.loaded.ground, {}, about)
    if done.loaded.city.networks:
        write_geopackage(folder / "networks.gpkg", *_network_layers(done.loaded.city.networks, money), about)
    if done.snapshot is not None:
        write_csv(folder / "present.csv", done.snapshot.reset_index())
    # the draws themselves, from which any other summary can be made without simulating again
    (folder / "blocks").mkdir()
    for number, block in enumerate(done.blocks):
        write_block(folder / "blocks" / block_name(number), block, done.summary.run, number)


def _network_layers(networks: Mapping[str, Network], money: str) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, str]]:
    """Nodes and edges of every network as layers, and their styles."""
    layers: dict[str, gpd.GeoDataFrame] = {}
    styles: dict[str, str] = {}
    # the place of a network gives both of its layers one colour
    for number, (name, network) in enumerate(networks.items()):
        lines = shapely.linestrings(_ends(network))
        edges = gpd.GeoDataFrame(network.edges.reset_index(), geometry=lines, crs=network.nodes.crs)
        for part, table, style in (
            ("nodes", network.nodes.reset_index(), node_style(number)),
            ("edges", edges, line_style(number)),
        ):
            layers[f"{name}_{part}"] = table
            units = field_units(table.columns, (f"network_{part}",), money)
            styles[f"{name}_{part}"] = with_aliases(style, units)
    return layers, styles


def _ends(network: Network) -> NDArray[np.float64]:
    """Ends of the edges, shape (edge, 2, 2), m."""
    ends = [network.nodes.geometry.loc[network.edges[c]].to_numpy() for c in ("from_node", "to_node")]
    return np.stack([shapely.get_coordinates(end) for end in ends], axis=1)
