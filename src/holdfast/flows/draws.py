"""Draws of a study: the city is built, every draw played through and summed up; nothing is written but blocks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from holdfast.config import ScenarioOptions, Study
from holdfast.errors import DataMissing
from holdfast.flows.cities import Built, build_city, require_scenario
from holdfast.flows.played import Kept, played
from holdfast.flows.progress import Progress
from holdfast.flows.scenarios import read_shaking
from holdfast.kernels import compiled
from holdfast.recovery.city.occupy import inferred_share
from holdfast.recovery.damage.assets import assets
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.hazard import Intensities
from holdfast.recovery.losses.milestones import SHARES, days_to
from holdfast.recovery.losses.results import BlockResult, summarise
from holdfast.recovery.present import Observed, present_table
from holdfast.recovery.simulate import Ready, draw, draw_seeds, prepare, present_at, simulate_block
from holdfast.sources.readers import load
from holdfast.store import run_id, versions
from holdfast.types import City, InputFile, Provenance

PRESENT = "present"
"""Table of the study that holds an observed state."""
MOST_CAUSES = 5
"""Root causes of darkness that are named for each network."""
LOSSES = ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss")


@dataclass(frozen=True)
class Simulated:
    """A simulation before it is written: curves, losses and facts, buildings, blocks, provenance, the state of a day."""

    built: Built
    curves: xr.Dataset
    summary: dict[str, Any]
    buildings: gpd.GeoDataFrame
    blocks: tuple[BlockResult, ...]
    provenance: Provenance
    state: pd.DataFrame | None


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
    built, ready, known = made_ready(study, scenario, folder, build_city(study, folder))
    described = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance("simulate", study.name, described, study.seed, built.files, versions())
    seeds = draw_seeds(study.seed, study.recovery.draws)
    given = (built.city, built.parameters, scenario, study.recovery)
    work = partial(simulate_block, *given, intensities=known.intensities, observed=known.observed)
    if not compiled("loop.advance"):
        progress("compiling kernels, once on this machine", 0.05)
        work(seeds[0][:1])  # here, so that every worker finds them
    progress("simulating the draws", 0.1)
    kept = None if out is None else Kept(out, run_id(provenance), resume)
    sizes = {"building_states": len(built.city.buildings), "zone_unmet": len(built.city.zones)}
    blocks = []
    for number, block in enumerate(played(work, seeds, workers, kept, sizes)):
        blocks.append(block)
        progress(
            f"draws {len(seeds[0]) * number + len(seeds[number])} of {study.recovery.draws}",
            0.1 + 0.8 * (number + 1) / len(seeds),
        )
    first = study.recovery.start_day if known.observed else 0
    curves, losses, buildings = summarise(built.city, built.parameters, blocks, first)
    frame = built.city.buildings.join(buildings)
    summary = _summary(study, built, curves, blocks, run_id(provenance))
    summary["lost_operating_surplus"] = _surplus(built, frame)
    summary["losses"] = {f.name: asdict(getattr(losses, f.name)) for f in fields(losses)}
    told = _state(study, ready, seeds[0][0])
    return Simulated(built, curves, summary, frame, tuple(blocks), provenance, told)


def draw_losses(curves: xr.Dataset) -> pd.DataFrame:
    """Losses of every draw.

    Parameters
    ----------
    curves : Dataset
        From `simulate`.

    Returns
    -------
    DataFrame
        Index ``draw``; columns ``LOSSES``, the total being repair cost and lost production.
    """
    table = pd.DataFrame({name: curves[name].to_numpy() for name in LOSSES[1:]})
    table.insert(0, LOSSES[0], table["repair_cost"] + table["lost_production"])
    return table.rename_axis("draw")


class Known(NamedTuple):
    """What is known of an event beside the study: tables of its shaking, and the observed state of a later day."""

    intensities: Intensities | None
    observed: Observed | None


def made_ready(study: Study, scenario: ScenarioOptions, folder: Path, built: Built) -> tuple[Built, Ready, Known]:
    """Read what is known of a scenario and hold it, the city, the parameters and the options to one another.

    Parameters
    ----------
    study : Study
        With the city that was built.
    scenario : ScenarioOptions
        One of its events.
    folder : Path
        Folder of the input files.
    built : Built
        From `build_city`.

    Returns
    -------
    Built
        With the files and assumptions of the shaking and the observed state.
    Ready
        The arrays that every draw uses.
    Known
        Tables for the hazard and the state observed.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input.
    """
    shaking = read_shaking(study, scenario, folder, built.city, assets(built.city, study.recovery.crews).site)
    observed, files = _observed(study, folder)
    ready = prepare(built.city, built.parameters, scenario, study.recovery, shaking.intensities, observed)
    told = (*built.assumed, *shaking.assumed, *ready.functions.notes)
    built = replace(built, files=(*built.files, *shaking.files, *files), assumed=told)
    return built, ready, Known(shaking.intensities, observed)


def _observed(study: Study, folder: Path) -> tuple[Observed | None, tuple[InputFile, ...]]:
    """The observed state, if the study has one, and its file."""
    day = study.recovery.start_day
    if PRESENT not in study.tables:
        if day > 0:
            text = f"recovery.start_day is {day}, but the study has no [tables.{PRESENT}] with the state of that day"
            raise DataMissing(text)
        return None, ()
    loaded = load(PRESENT, study.tables[PRESENT], folder, None)
    if "damage_state" not in loaded.table:
        text = f'tables.{PRESENT}: its source must be "{PRESENT}"'
        raise DataMissing(text)
    return Observed(day, loaded.table), loaded.files


def _state(study: Study, ready: Ready, seed: np.random.SeedSequence) -> pd.DataFrame | None:
    """State of the first draw on the day that the study asks for, as a table that a later study can start from."""
    day = study.recovery.tell_day
    if day is None:
        return None
    states = draw(ready, study.recovery, seed).damage.damage_state
    table = present_table(present_at(ready, study.recovery, seed, day), states > 0, ready.names)
    table.insert(0, "damage_state", states[states > 0])
    return table


def _summary(study: Study, built: Built, curves: xr.Dataset, blocks: Sequence[BlockResult], run: str) -> dict[str, Any]:
    """Everything about a simulation that is not a curve or a building."""
    city = built.city
    counts = np.concatenate([b.state_count for b in blocks])
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
        "uses": {
            str(use): {
                f"{share:.0%}": _spread(curves["days_to_use"].sel(use=use)[:, i]) for i, share in enumerate(SHARES)
            }
            for use in curves["use"].to_numpy()
            if np.isfinite(curves["days_to_use"].sel(use=use)).any()
        },
        "people": {
            "displaced": _spread(curves["displaced"]),
            "resettled": _spread(curves["resettled"]),
            **{f"severity_{s}": _spread(curves["injured"].sel(severity=s)) for s in curves["severity"].to_numpy()},
        },
        "causes": _causes(city, curves),
        "recovered_share": float(curves["recovered"].mean()),
        "inferred": {
            str(c): {"buildings": r["buildings"], "floor_area": r["floor_area"]} for c, r in inferred.iterrows()
        },
        "assumed": list(built.assumed),
    }


def _surplus(built: Built, buildings: gpd.GeoDataFrame) -> dict[str, float | str]:
    """Part of the mean lost production that is gross operating surplus, by the shares of the occupancies."""
    shares = built.parameters.occupancies.set_index("occupancy")["operating_surplus_share"]
    share = buildings["occupancy"].astype(str).map(shares).astype("float64").fillna(0.0)
    money = f"{built.city.currency}_{built.city.price_year}"
    return {"unit": money, "mean": float((share * buildings["mean_lost_production"]).sum())}


def _causes(city: City, curves: xr.Dataset) -> list[dict[str, Any]]:
    """Assets that were most often the root of darkness, by the person-days without service that go back to them."""
    networks = city.networks.values()
    names = [str(i) for table in (*(n.nodes for n in networks), *(n.edges for n in networks)) for i in table.index]
    rows = []
    draws = curves.sizes["draw"]
    for network in curves["network"].to_numpy():
        root = curves["root"].sel(network=network).to_numpy().astype(np.int64)
        dark = pd.Series(curves["root_person_days"].sel(network=network).to_numpy())
        table = dark[root >= 0].groupby(root[root >= 0]).agg(["sum", "size"])
        for asset, row in table.nlargest(MOST_CAUSES, "sum").iterrows():
            share, days = row["size"] / draws, row["sum"] / draws
            rows.append({"network": str(network), "asset": names[asset], "draws_share": share, "person_days": days})
    return rows


def _milestones(curves: xr.Dataset) -> dict[str, dict[str, dict[str, float]]]:
    """Days until production, capacity and each network reach shares of their normal level."""
    first = int(curves["time"][0])
    rows = {
        "economic productivity": (curves["EP"], float(curves["EP0"])),
        "service capacity": (curves["SC"], float(curves["SC0"])),
    }
    rows |= {f"{n} service": (curves["service"].sel(network=n), 1.0) for n in curves["network"].to_numpy()}
    return {
        name: {f"{share:.0%}": _spread(days_to(curve.to_numpy(), normal, share) + first) for share in SHARES}
        for name, (curve, normal) in rows.items()
        if normal > 0
    }


def _spread(values: np.ndarray) -> dict[str, float]:
    """P5, P50 and P95 over the draws; a draw that never gets there counts as longer than any."""
    low, middle, high = np.percentile(np.where(np.isnan(values), np.inf, values), [5, 50, 95], method="nearest")
    return {"p5": float(low), "p50": float(middle), "p95": float(high)}
