"""What a simulation will take of memory and disk, before anything is computed."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from holdfast.data import figure
from holdfast.errors import Problem, TableError
from holdfast.gate.limits import SHARE_OF_MACHINE
from holdfast.gate.machine import disk, memory
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.simulate_draws import BLOCK, draw_seeds

NUMBER = 8  # bytes
CURVES = 12  # of the city, as `recovery.nc` holds them; and one per network
COPIES = 3  # of the curves at the end: in blocks, put end to end, and on their way into the file
PER_BUILDING = 68  # bytes of the sums over the draws of a block, as the fields of `BuildingSums` add up
PER_NODE = 12  # of `NodeSums`
LONGER = 2.0  # times the first draw that the longest may last
ON_DISK = 2  # blocks beside the result until it is there, and in it
GB = 1e9


class RunSize(NamedTuple):
    """Bytes that a run takes: of memory beyond what is held already, and of disk."""

    memory: float
    disk: float


def run_size(inputs: DrawInputs, draws: int, days: float, workers: int = 1, runs: int = 1) -> RunSize:
    """Bound of what a run takes.

    Parameters
    ----------
    inputs : DrawInputs
        The city and the event, prepared in this process.
    draws : int
        Number of all draws of one run.
    days : float
        Length of the longest draw, days.
    workers : int
        Processes; with one, draws are played in this one.
    runs : int
        Runs whose blocks are held at the same time: scenarios of a set, alternatives.
    """
    listed, networks = len(inputs.names), inputs.repair.city.graph.node_start.size - 1
    zones = inputs.repair.city.people.counted_residents.size
    by_day = NUMBER * days * (CURVES + networks)
    blocks = np.ceil(draws / BLOCK)
    damaged = NUMBER * days * (len(STATES) * inputs.repair.city.people.weight.size + networks)
    sums = blocks * (PER_BUILDING * inputs.assets.buildings + PER_NODE * inputs.assets.nodes + damaged)
    held = sums + draws * (by_day + 3 * NUMBER * zones)
    played = min(BLOCK, draws) * (figure("drawn_asset_bytes") * listed + 2 * by_day)
    worker = figure("process_bytes") + figure("prepared_asset_bytes") * listed + played
    playing = played if workers == 1 else min(workers, blocks) * worker
    at_the_end = (COPIES - 1) * draws * by_day
    tables = figure("written_asset_bytes") * listed
    memory_needed = runs * held + max(playing, at_the_end) + figure("writing_bytes")
    return RunSize(memory_needed, ON_DISK * held * runs + draws * by_day + tables)


def require_room(inputs: DrawInputs, draws: int, place: Path | None, workers: int = 1, runs: int = 1) -> None:
    """Refuse a run (as of `run_size`) that would take more than 80 % of the memory, or of the disk at `place`, that is free.

    Raises
    ------
    TableError
        With what is needed, what is there, and how many draws would fit.
    """
    have = {
        "memory": SHARE_OF_MACHINE * memory(),
        "disk": np.inf if place is None else SHARE_OF_MACHINE * disk(place),
    }

    def over(days: float, count: int) -> list[str]:
        need = run_size(inputs, count, days, workers, runs)._asdict()
        return [kind for kind in have if need[kind] > have[kind]]

    # curves are taken to last to the horizon; where that is too much, one draw shows how long they last
    days = float(inputs.settings.horizon_days)
    if over(days, draws):
        days = min(days, LONGER * _days_of_one(inputs))
    lacking = over(days, draws)
    if not lacking:
        return
    kind = lacking[0]
    need = getattr(run_size(inputs, draws, days, workers, runs), kind)
    fit = _most(lambda count: not over(days, count), draws)
    remedy = f"at most about {fit:,} draws fit" if fit else "not even one draw fits: take a smaller city"
    remedy += ", or fewer workers" if workers > 1 and kind == "memory" else ""
    remedy += ", or another disk" if kind == "disk" else ""
    text = (
        f"{draws:,} draws of {len(inputs.names):,} assets take about {need / GB:,.1f} GB of {kind}, more than 80 % of the "
        f"{have[kind] / SHARE_OF_MACHINE / GB:,.1f} GB that are free; {remedy}"
    )
    raise TableError("study", [Problem(text, column="recovery.draws")])


def _days_of_one(inputs: DrawInputs) -> int:
    """Days that one draw lasts."""
    return len(simulate_draw(inputs, draw_seeds(0, 1)[0][0])[1].curves.production)


def _most(fits: Callable[[int], bool], draws: int) -> int:
    """The largest number below `draws` that fits, by halving; 0 if none does."""
    low, high = 0, draws
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
