"""`holdfast simulate`: from a study to recovery curves and losses."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from holdfast.blocks import run
from holdfast.config import Study
from holdfast.flows.cities import Built, build_city, require_scenario
from holdfast.flows.inputs import open_study
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.pages.qgis import days_style, line_style
from holdfast.recovery.city import inferred_share
from holdfast.recovery.fragility import STATES
from holdfast.recovery.milestones import SHARES, days_to
from holdfast.recovery.results import BlockResult, summarise
from holdfast.recovery.simulate import draw_seeds, prepare, simulate_block
from holdfast.store import (
    new_result,
    read_arrays,
    refuse_foreign,
    run_id,
    versions,
    write_arrays,
    write_geopackage,
    write_json,
)
from holdfast.types import Provenance

NOTICE = (
    "Holdfast simulation, a screening result, no forecast. Cite Zhou, Xiao & Xu (2025), "
    "doi 10.1016/j.eng.2025.05.007, and this software."
)


@dataclass(frozen=True)
class Simulated:
    """A simulation before it is written: curves, losses and facts, buildings, blocks, provenance."""

    built: Built
    curves: xr.Dataset
    summary: dict[str, Any]
    buildings: gpd.GeoDataFrame
    blocks: tuple[BlockResult, ...]
    provenance: Provenance


def simulate(
    study: str | Path,
    *,
    out: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    workers: int = 1,
    resume: bool = False,
    progress: Progress = silent,
) -> xr.Dataset:
    """Simulate how a city loses and regains its functions.

    Parameters
    ----------
    study : str or Path
        Study file with ``[city]`` and ``[scenario]``.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overrides : mapping, optional
        Dotted key of the study to value, such as ``{"recovery.draws": 100}``.
    workers : int
        Processes; the result is the same for any number.
    resume : bool
        Take over the blocks of draws that a stopped run of the same study left beside `out`.
    progress : callable, optional
        Told each step and the share done.

    Returns
    -------
    Dataset
        ``EP``, ``SC``, ``demand``, ``unmet`` (draw, time), ``service`` (draw, time, network), units
        in the attributes; ``attrs["summary"]`` is the content of ``losses.json``.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    """
    options, folder = open_study(study, overrides or {})
    if out is not None:
        refuse_foreign(Path(out))
    done = simulated(options, folder, None if out is None else Path(out), workers, resume, progress)
    if out is not None:
        progress("writing the result", 0.95)
        with new_result(Path(out), done.provenance) as target:
            write_simulation(target, done)
            write_report(target, done.provenance)
        shutil.rmtree(_unfinished(Path(out), run_id(done.provenance)), ignore_errors=True)
    progress("done", 1.0)
    done.curves.attrs["summary"] = done.summary
    return done.curves


def simulated(
    study: Study, folder: Path, out: Path | None, workers: int, resume: bool, progress: Progress
) -> Simulated:
    """Build the city, run all draws and sum them up; write no result.

    Parameters
    ----------
    study : Study
        With city and scenario.
    folder : Path
        Folder of the input files.
    out : Path or None
        Result folder, beside which finished blocks are kept until the result is there.
    workers : int
        Processes.
    resume : bool
        Use blocks that a stopped run left.
    progress : callable
        Told each step and the share done.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    _, scenario = require_scenario(study)
    progress("building the city", 0.02)
    built = build_city(study, folder)
    prepare(built.city, built.parameters, scenario, study.recovery)
    provenance = Provenance(
        "simulate", study.name, study.model_dump(mode="json", exclude={"data"}), study.seed, built.files, versions()
    )
    seeds = draw_seeds(study.seed, study.recovery.draws)
    work = partial(simulate_block, built.city, built.parameters, scenario, study.recovery)
    unfinished = None if out is None else _unfinished(out, run_id(provenance))
    if unfinished is not None and not resume:
        shutil.rmtree(unfinished, ignore_errors=True)
    blocks = []
    for number, block in enumerate(_blocks(work, seeds, workers, unfinished)):
        blocks.append(block)
        progress(
            f"draws {len(seeds[0]) * number + len(seeds[number])} of {study.recovery.draws}",
            0.1 + 0.8 * (number + 1) / len(seeds),
        )
    curves, losses, buildings = summarise(built.city, built.parameters, blocks)
    frame = built.city.buildings.join(buildings)
    summary = _summary(study, built, curves, blocks, run_id(provenance))
    summary["losses"] = {f.name: asdict(getattr(losses, f.name)) for f in fields(losses)}
    return Simulated(built, curves, summary, frame, tuple(blocks), provenance)


def _unfinished(out: Path, run: str) -> Path:
    """Folder beside the result in which a run keeps its blocks until the result is there."""
    return out.with_name(f".{out.name}.blocks-{run}")


def _blocks(
    work: partial[BlockResult], seeds: list[list[np.random.SeedSequence]], workers: int, kept: Path | None
) -> Iterator[BlockResult]:
    """Results of all blocks in order; finished ones are kept as files and not computed again."""
    files = [None if kept is None else kept / f"block-{i:06d}.npz" for i in range(len(seeds))]
    there = [f is not None and f.is_file() for f in files]
    todo: Sequence[Any] = [s for s, known in zip(seeds, there, strict=True) if not known]
    results = run(work, todo, workers)
    for file, known in zip(files, there, strict=True):
        if known and file is not None:
            yield BlockResult(**read_arrays(file))
            continue
        block = next(results)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_arrays(file, {f.name: getattr(block, f.name) for f in fields(block)})
        yield block


def _summary(study: Study, built: Built, curves: xr.Dataset, blocks: Sequence[BlockResult], run: str) -> dict[str, Any]:
    """Everything about a simulation that is not a curve or a building."""
    city = built.city
    states = np.concatenate([b.damage_state for b in blocks])
    counts = np.stack([(states == k).sum(axis=1) for k in range(len(STATES))], axis=1)
    inferred = inferred_share(city.buildings)
    _, scenario = require_scenario(study)
    return {
        "name": study.name,
        "run": run,
        "draws": study.recovery.draws,
        "scenario": scenario.model_dump(mode="json"),
        "recovery": study.recovery.model_dump(mode="json"),
        "money": f"{city.currency}_{city.price_year}",
        "buildings": len(city.buildings),
        "floor_area_m2": float(city.buildings["floor_area_m2"].sum()),
        "residents": float(city.buildings["residents"].sum()),
        "replacement_cost": float(city.buildings["replacement_cost"].sum()),
        "normal": {"EP": float(curves["EP0"]), "SC": float(curves["SC0"])},
        "networks": {
            n: {"nodes": len(w.nodes), "edges": len(w.edges), "synthetic": w.synthetic}
            for n, w in city.networks.items()
        },
        "damaged_buildings": {s: _spread(counts[:, k]) for k, s in enumerate(STATES)},
        "days_to": _milestones(curves),
        "recovered_share": float(curves["recovered"].mean()),
        "inferred": {
            str(c): {"buildings": r["buildings"], "floor_area": r["floor_area"]} for c, r in inferred.iterrows()
        },
        "assumed": list(built.assumed),
    }


def _milestones(curves: xr.Dataset) -> dict[str, dict[str, dict[str, float]]]:
    """Days until production, capacity and each network reach shares of their normal level."""
    rows = {
        "economic productivity": (curves["EP"], float(curves["EP0"])),
        "service capacity": (curves["SC"], float(curves["SC0"])),
    }
    rows |= {f"{n} service": (curves["service"].sel(network=n), 1.0) for n in curves["network"].to_numpy()}
    return {
        name: {f"{share:.0%}": _spread(days_to(curve.to_numpy(), normal, share)) for share in SHARES}
        for name, (curve, normal) in rows.items()
        if normal > 0
    }


def _spread(values: np.ndarray) -> dict[str, float]:
    """P5, P50 and P95 over the draws; a draw that never gets there counts as longer than any."""
    low, middle, high = np.percentile(np.where(np.isnan(values), np.inf, values), [5, 50, 95], method="nearest")
    return {"p5": float(low), "p50": float(middle), "p95": float(high)}


def write_simulation(folder: Path, done: Simulated) -> None:
    """Write the result files of a simulation, without manifest and report.

    Parameters
    ----------
    folder : Path
        Folder to write into.
    done : Simulated
        The simulation.
    """
    about = f"{NOTICE} Run {done.summary['run']}. Licences of the inputs: see manifest.json."
    write_json(folder / "losses.json", done.summary)
    curves = done.curves.assign_attrs(Conventions="CF-1.10", title=done.summary["name"], comment=about)
    curves.to_netcdf(folder / "recovery.nc", engine="netcdf4")
    frame = done.buildings
    frame.to_parquet(folder / "buildings.parquet")
    write_geopackage(folder / "buildings.gpkg", {"buildings": frame.reset_index()}, {"buildings": days_style()}, about)
    layers: dict[str, gpd.GeoDataFrame] = {}
    styles: dict[str, str] = {}
    for name, network in done.built.city.networks.items():
        layers[f"{name}_nodes"] = network.nodes.reset_index()
        layers[f"{name}_edges"] = _drawn(network.nodes, network.edges)
        styles[f"{name}_edges"] = line_style(len(styles))
    if layers:
        write_geopackage(folder / "networks.gpkg", layers, styles, about)
    (folder / "blocks").mkdir()
    for number, block in enumerate(done.blocks):
        write_arrays(
            folder / "blocks" / f"block-{number:06d}.npz", {f.name: getattr(block, f.name) for f in fields(block)}
        )


def _drawn(nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> gpd.GeoDataFrame:
    """Edges as straight lines between their nodes."""
    ends = [nodes.geometry.loc[edges[c]].to_numpy() for c in ("from_node", "to_node")]
    places = np.stack([shapely.get_coordinates(end) for end in ends], axis=1)
    return gpd.GeoDataFrame(edges.reset_index(), geometry=shapely.linestrings(places), crs=nodes.crs)
