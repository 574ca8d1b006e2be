"""Draws of a study: prepared once, every draw simulated and summed up; nothing is written but blocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from holdfast.config import ScenarioOptions, Study
from holdfast.errors import Problem, TableError
from holdfast.flows.bind import damage_settings_of, keys_of_the_study, recovery_settings_of, resources_of
from holdfast.flows.cities import LoadedCity
from holdfast.flows.played import Kept, played
from holdfast.flows.progress import Progress
from holdfast.flows.run_size import require_room
from holdfast.flows.scenarios import read_event
from holdfast.frames.marks import marks_text
from holdfast.kernels import compiled
from holdfast.recovery.damage.assets import BUILDING, assets
from holdfast.recovery.damage.fragility import substitutions
from holdfast.recovery.damage.trade_pools import with_usual_crews
from holdfast.recovery.losses.block_result import BlockResult
from holdfast.recovery.losses.results import summarise
from holdfast.recovery.losses.summary import Summary, city_facts, recovery_facts, told_of_passes
from holdfast.recovery.simulation.draw import draw, present_at
from holdfast.recovery.simulation.draw_inputs import DrawInputs, prepare
from holdfast.recovery.simulation.present import present_table
from holdfast.recovery.simulation.simulate_draws import block_worker, draw_seeds, simulate_block
from holdfast.sources.counts import told_first
from holdfast.store import run_id, versions
from holdfast.types import Provenance


@dataclass(frozen=True)
class PreparedRun:
    """One event of a study and everything that its draws read; ``make`` makes ``inputs`` again, in another process."""

    study: Study
    scenario: ScenarioOptions
    loaded: LoadedCity
    inputs: DrawInputs
    make: Callable[[], DrawInputs]


@dataclass(frozen=True)
class Simulated:
    """A simulation before it is written; ``snapshot``: the state of the first draw on the day that the study names."""

    loaded: LoadedCity
    curves: xr.Dataset
    summary: Summary
    buildings: gpd.GeoDataFrame
    blocks: tuple[BlockResult, ...]
    provenance: Provenance
    snapshot: pd.DataFrame | None


@keys_of_the_study()
def prepared_run(study: Study, scenario: ScenarioOptions, folder: Path, loaded: LoadedCity) -> PreparedRun:
    """Read what is known of an event and hold it, the city, the figures and the settings to one another.

    The city that comes back has the files and assumptions of the event added.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    sites = assets(loaded.city, study.recovery.crews).site
    event = read_event(study, scenario, folder, loaded.city, sites)
    options = study.recovery
    resources, told = with_usual_crews(resources_of(options), loaded.city)
    # a partial of a plain function can be sent to another process, which prepares the same inputs there once
    make = partial(
        prepare,
        loaded.city,
        event.hazard,
        resources,
        damage_settings_of(options, scenario),
        recovery_settings_of(options),
        loaded.parameters,
        event.vs30,
        event.observed,
    )
    _check_snapshot(study)
    inputs = make()
    assumed = (*loaded.assumed, *event.assumed, *told, *substitutions(inputs.damage.functions.substituted))
    assumed = (*assumed, *_of_storm(inputs), *_of_builders(study, inputs), *_of_agents(study))
    # which classes had no fragility of their own is known only when all assets are at hand
    loaded = replace(loaded, files=(*loaded.files, *event.files), assumed=assumed)
    return PreparedRun(study, scenario, loaded, inputs, make)


def _of_storm(inputs: DrawInputs) -> tuple[str, ...]:
    """What is assumed of water and wind."""
    return () if inputs.damage.storm is None else inputs.damage.storm.assumed


def _of_builders(study: Study, inputs: DrawInputs) -> tuple[str, ...]:
    """What is assumed of the crews that repair buildings."""
    if BUILDING in study.recovery.crews:
        return ()
    crews = inputs.damage.table.pools[inputs.assets.trades.index(BUILDING)]
    return (f"building crews: the builders of the city itself, {crews} on the first day, more over the years",)


def _of_agents(study: Study) -> tuple[str, ...]:
    """What is assumed of people who decide."""
    if not study.recovery.agents:
        return ()
    who = ", ".join(study.recovery.agents)
    return (f"who decides: {who}; by a published function and stated rules, most of whose figures are assumed",)


def _check_snapshot(study: Study) -> None:
    """Refuse a day of the snapshot that lies outside the simulation."""
    day, start, horizon = study.recovery.snapshot_day, study.recovery.start_day, study.recovery.horizon_days
    if day is not None and not start < day <= horizon:
        text = f"{day} must lie after the start, day {start}, and not after the horizon"
        raise TableError("study", [Problem(text, column="recovery.snapshot_day")])
    if day is not None and study.recovery.agents:
        text = "a state says nothing of who has left the city; leave recovery.agents empty, or this out"
        raise TableError("study", [Problem(text, column="recovery.snapshot_day")])


def simulated(
    prepared: PreparedRun, out: Path | None, workers: int, resume: bool, progress: Progress, runs: int = 1
) -> Simulated:
    """Run all draws and sum them up; write no result.

    Blocks that are done are kept beside the folder `out`, if it is given, until the result is there; with `resume` those
    that a stopped run left are taken over. The result is the same for any number of `workers`. `runs` counts the runs that
    are still to come, with this one, whose draws are held until the last has ended.

    Raises
    ------
    TableError
        If memory or disk cannot hold them.
    """
    study, loaded = prepared.study, prepared.loaded
    require_room(prepared.inputs, study.recovery.draws, out, workers, runs)
    described = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance("simulate", study.name, described, study.seed, loaded.files, versions())
    seeds = draw_seeds(study.seed, study.recovery.draws)
    if not compiled("loop.advance"):
        progress("compiling kernels, once on this machine", 0.05)
        simulate_block(prepared.inputs, seeds[0][:1])  # here, so that every worker finds them
    progress("simulating the draws", 0.1)
    kept = None if out is None else Kept(out, run_id(provenance), resume)
    sizes = {"buildings.states": len(loaded.city.buildings), "zones.gap_days": len(loaded.city.zones)}
    work, make = partial(simulate_block, prepared.inputs), partial(block_worker, prepared.make)
    blocks = []
    for number, block in enumerate(played(work, make, seeds, workers, kept, sizes)):
        blocks.append(block)
        # all blocks but the last hold as many draws as the first
        done = len(seeds[0]) * number + len(seeds[number])
        progress(f"draws {done} of {study.recovery.draws}", 0.1 + 0.8 * (number + 1) / len(seeds))
    first = study.recovery.start_day if prepared.inputs.observed else 0
    # in the order of the draws, however the blocks came back: sums of floats depend on it
    curves, losses, table = summarise(loaded.city, loaded.parameters, blocks, first)
    words = marks_text(loaded.city.inferred, loaded.city.buildings.index)
    buildings = loaded.city.buildings.assign(inferred=words).join(table)
    summary = Summary(
        name=study.name,
        run=run_id(provenance),
        draws=study.recovery.draws,
        scenario=prepared.scenario.model_dump(mode="json"),
        recovery=study.recovery.model_dump(mode="json"),
        city=city_facts(loaded.city, (*loaded.assumed, *told_of_passes(curves)), loaded.verdict),
        found=recovery_facts(loaded.city, loaded.parameters, blocks, curves, buildings),
        losses=losses,
        warnings=told_first(loaded.files),
    )
    snapshot = _snapshot(prepared, seeds[0][0])
    return Simulated(loaded, curves, summary, buildings, tuple(blocks), provenance, snapshot)


def _snapshot(prepared: PreparedRun, seed: np.random.SeedSequence) -> pd.DataFrame | None:
    """State of the first draw on the day that the study names, as a table that a later study can start from."""
    day, inputs = prepared.study.recovery.snapshot_day, prepared.inputs
    if day is None:
        return None
    # the first draw is played again up to the day; to keep every state of every draw would fill the memory
    states = draw(inputs, seed).damage.damage_state
    table = present_table(present_at(inputs, seed, day), states > 0, inputs.names)
    table.insert(0, "damage_state", states[states > 0])
    return table
