"""Simulate: seeds to draws, draws to blocks, whose sums a store can write."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.recovery.damage.casualties import SEVERITIES, casualties
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.engine import Outcome
from holdfast.recovery.losses.block_result import (
    PARTS,
    REPAIRED_BY,
    BlockResult,
    BuildingSums,
    Curves,
    Damaged,
    DrawTotals,
    NodeSums,
    PeopleTotals,
    ProductionTotals,
    RootCauses,
    ZoneTotals,
    extended,
)
from holdfast.recovery.losses.causes import outages
from holdfast.recovery.losses.losses import lost
from holdfast.recovery.losses.milestones import SHARES, days_to
from holdfast.recovery.losses.results import draw_losses, summarise
from holdfast.recovery.networks.graph import DOWN
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.peopled import Acts, peopled_draw
from holdfast.recovery.simulation.production import Closed, Produced, produced
from holdfast.types import Losses

BLOCK = 10
"""Draws of a block: the unit of work and of storage, whatever the number of workers."""


def draw_seeds(seed: int, draws: int) -> list[list[np.random.SeedSequence]]:
    """Seeds of all draws, one each, in blocks of ten.

    Examples
    --------
    >>> [len(block) for block in draw_seeds(1, 23)]
    [10, 10, 3]
    """
    # a draw's seed depends on its number alone, not on the number of draws, blocks or workers
    seeds = np.random.SeedSequence(seed).spawn(draws)
    return [seeds[i : i + BLOCK] for i in range(0, draws, BLOCK)]


def simulate_block(inputs: DrawInputs, seeds: Sequence[np.random.SeedSequence]) -> BlockResult:
    """Simulate a block of draws, in the order of their seeds.

    Parameters
    ----------
    inputs : DrawInputs
        City, event and settings, as from `prepare`.
    seeds : sequence of SeedSequence
        One per draw, as from `draw_seeds`; not changed.

    Returns
    -------
    BlockResult
        What is stored of the draws: their curves and totals, and sums over them for every building and node.
    """
    damages, outcomes, acts = zip(*(peopled_draw(inputs, seed) for seed in seeds), strict=True)
    injured = _injured(inputs, damages)
    economies = [_produced(inputs, *parts) for parts in zip(damages, outcomes, acts, strict=True)]
    return BlockResult(
        curves=_curves(outcomes, economies),
        draws=_draw_totals(inputs, damages, outcomes, injured),
        production=ProductionTotals(
            net_lost=np.array([e.lost for e in economies]), changes=np.stack([e.changes for e in economies])
        ),
        zones=_zone_totals(inputs, outcomes),
        damaged=_damaged(inputs, damages, outcomes),
        causes=_root_causes(inputs, list(zip(damages, outcomes, strict=True))),
        buildings=_building_sums(inputs, damages, outcomes),
        nodes=NodeSums(
            restored_days=_total(np.maximum(o.restored, 0) for o in outcomes),
            unrestored=_total((o.restored < 0).astype(np.int32) for o in outcomes),
        ),
        people=_people(acts),
    )


def _people(acts: Sequence[Acts]) -> PeopleTotals:
    """What the people of each draw did; null where nobody decides."""
    return PeopleTotals(
        persons=np.stack([a.persons for a in acts]),
        money=np.stack([a.money for a in acts]),
        passes=np.array([a.passes for a in acts]),
        unsettled=np.array([a.unsettled for a in acts]),
        cycle=np.array([a.cycle for a in acts]),
    )


class CityRecovery(NamedTuple):
    """Draws of a city summed up; the first three as from `summarise`, ``draw_losses`` as from the function."""

    curves: xr.Dataset
    losses: Losses
    buildings: pd.DataFrame
    draw_losses: pd.DataFrame


def simulate_draws(inputs: DrawInputs, draws: int = 100, seed: int = 1) -> CityRecovery:
    """Simulate draws of a city and sum them up, in this process.

    Parameters
    ----------
    inputs : DrawInputs
        City, event and settings, as from `prepare`.
    draws : int
        How many, at least 1.
    seed : int
        Of every random number: runs of one seed draw the same numbers, so that `holdfast.recovery.losses.paired` can
        compare them draw by draw.

    Returns
    -------
    CityRecovery
        The same for the same inputs, draws and seed, and the same as of a study with them.

    Raises
    ------
    TableError
        If `draws` is below 1, or a draw of the hazard lacks what the assets need.
    """
    if draws < 1:
        raise TableError("recovery", [Problem(f"{draws} draws; give at least 1", column="draws")])
    blocks = [simulate_block(inputs, seeds) for seeds in draw_seeds(seed, draws)]
    first = inputs.observed.day if inputs.observed else 0
    curves, losses, buildings = summarise(inputs.city, inputs.parameters, blocks, first)
    return CityRecovery(curves, losses, buildings, draw_losses(curves))


def block_worker(
    make: Callable[[], DrawInputs],
) -> Callable[[Sequence[np.random.SeedSequence]], BlockResult]:
    """What a process does with each block; `make` gives the inputs, and is called once per process, not per block."""
    return partial(simulate_block, make())


def _total(rows: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """Sum over the draws, in their order: sums of floats depend on it."""
    return reduce(np.add, rows)


def _produced(inputs: DrawInputs, damage: Damage, outcome: Outcome, acts: Acts) -> Produced:
    """Production of a draw after supply and demand; where all parts are off, what the buildings allow, to the last bit."""
    if inputs.production is None:
        curve = outcome.curves.production
        return Produced(curve, float(lost(outcome.normal[:1], curve[None])[0]), np.zeros(len(PARTS)))
    usable = damage.functional_share[: inputs.assets.buildings]
    closed = Closed(usable, outcome.lost_production, damage.repair_cost)
    first = inputs.observed.day if inputs.observed else 0
    return produced(inputs.production, closed, outcome, first, acts.firms)


def _curves(outcomes: Sequence[Outcome], economies: Sequence[Produced]) -> Curves:
    """Curves of all draws, as long as the longest."""
    # draws end when all is repaired; a shorter curve goes on with its last value
    length = max(o.curves.production.size for o in outcomes)

    def curve(name: str) -> NDArray[np.float64]:
        return np.stack([extended(getattr(o.curves, name), length) for o in outcomes])

    own = ("gap", "demand", "homeless", "unserved", "displaced", "hosted", "sheltered", "converted", "service")
    return Curves(
        EP=curve("production"),
        EP_net=np.stack([extended(e.daily, length) for e in economies]),
        SC=curve("capacity"),
        normal=outcomes[0].normal,
        **{name: curve(name) for name in own},
    )


def _draw_totals(
    inputs: DrawInputs,
    damages: Sequence[Damage],
    outcomes: Sequence[Outcome],
    injured: NDArray[np.float64],
) -> DrawTotals:
    """What each draw sums up to, to its own end."""
    count = inputs.assets.buildings
    return DrawTotals(
        lost_production=np.array([lost(o.normal[:1], o.curves.production[None])[0] for o in outcomes]),
        gap_days=np.array([o.curves.gap.sum() for o in outcomes]),
        homeless_days=np.array([o.curves.homeless.sum() for o in outcomes]),
        unserved_days=np.array([o.curves.unserved.sum() for o in outcomes]),
        repair_cost=np.array(
            [[d.repair_cost[:count].sum(), d.repair_cost[count:].sum(), d.contents_loss.sum()] for d in damages]
        ),
        recovered=np.array([(o.finished >= 0).all() for o in outcomes]),
        state_count=np.array([np.bincount(d.damage_state[:count], minlength=len(STATES)) for d in damages]),
        days_use=np.array([[[days_to(c[None], 1.0, s)[0] for s in SHARES] for c in o.curves.use.T] for o in outcomes]),
        resettled=np.array([o.resettled for o in outcomes]),
        displaced=np.array([o.curves.displaced.max() for o in outcomes]),
        injured=injured,
        in_water=np.array([inputs.damage.inside[d.water_depth[:count] > 0].sum() for d in damages]),
    )


def _zone_totals(inputs: DrawInputs, outcomes: Sequence[Outcome]) -> ZoneTotals:
    """Losses of each draw where they fall."""
    people = inputs.repair.city.people
    own, zones = people.building, people.counted_residents.size
    return ZoneTotals(
        lost_production=np.array(
            [np.bincount(own["zone"], own["production"] * o.lost_production, zones) for o in outcomes]
        ),
        gap_days=np.stack([o.gap_days for o in outcomes]),
        unmet_days=np.stack([o.unmet_days for o in outcomes]),
    )


def _damaged(inputs: DrawInputs, damages: Sequence[Damage], outcomes: Sequence[Outcome]) -> Damaged:
    """Buildings by use and state, and network assets out of service, on each day; an asset is whole once repaired."""
    city, count = inputs.repair.city, inputs.assets.buildings
    use, days = city.people.building["category"], max(o.curves.production.size for o in outcomes)
    network = np.concatenate([city.graph.network, city.graph.edge_network])
    uses, networks = city.people.weight.size, city.graph.node_start.size - 1
    buildings = np.zeros((days + 1, uses * len(STATES)), dtype=np.int64)
    assets = np.zeros((days + 1, networks), dtype=np.int64)
    for damage, out in zip(damages, outcomes, strict=True):
        # on day 0 everybody has his state; on the day of the repair one building goes from it to none
        repaired = np.where(out.finished < 0, days, np.minimum(out.finished, days))
        state = damage.damage_state[:count].astype(np.int64)
        cell, hit = use * len(STATES) + state, state > 0
        buildings[0] += np.bincount(cell, minlength=buildings.shape[1])
        np.add.at(buildings, (repaired[:count][hit], cell[hit]), -1)
        np.add.at(buildings, (repaired[:count][hit], use[hit] * len(STATES)), 1)
        down = np.flatnonzero(damage.damage_state[count:] >= DOWN)
        assets[0] += np.bincount(network[down], minlength=networks)
        np.add.at(assets, (repaired[count:][down], network[down]), -1)
    return Damaged(
        buildings=buildings.cumsum(axis=0)[:days].reshape(days, uses, len(STATES)),
        networks=assets.cumsum(axis=0)[:days],
    )


def _building_sums(inputs: DrawInputs, damages: Sequence[Damage], outcomes: Sequence[Outcome]) -> BuildingSums:
    """What belongs to single buildings, summed over the draws."""
    count = inputs.assets.buildings
    finished = [o.finished[:count] for o in outcomes]
    return BuildingSums(
        states=_total(
            np.stack([d.damage_state[:count] == s for s in range(len(STATES))]).astype(np.int32) for d in damages
        ),
        repair_days=_total(np.maximum(f, 0) for f in finished),
        unrepaired=_total((f < 0).astype(np.int32) for f in finished),
        repaired_by=_total(np.stack([(f >= 0) & (f <= d) for d in REPAIRED_BY]).astype(np.int32) for f in finished),
        repair_cost=_total(d.repair_cost[:count] + d.contents_loss[:count] for d in damages),
        lost_days=_total(o.lost_production for o in outcomes),
    )


def _injured(inputs: DrawInputs, damages: Sequence[Damage]) -> NDArray[np.float64]:
    """Persons injured by severity of every draw; null without the tables."""
    rates, count = inputs.damage.casualty_rates, inputs.assets.buildings
    if rates is None:
        return np.full((len(damages), len(SEVERITIES)), np.nan)
    return np.concatenate([casualties(d.damage_state[None, :count], rates, inputs.damage.inside) for d in damages])


def _root_causes(inputs: DrawInputs, draws: Sequence[tuple[Damage, Outcome]]) -> RootCauses:
    """Per draw and network the root of most person-days without service; from the event on alone."""
    city, count, settings = inputs.repair.city, inputs.assets.buildings, inputs.settings
    networks = city.graph.node_start.size - 1
    asset, most = np.full((len(draws), networks), -1), np.zeros((len(draws), networks))
    persons = city.occupants / city.people.person_unit
    for d, (damage, out) in enumerate(draws):
        # roots are found by repairs that end: without damage to networks, or from an observed state on, there are none
        # to name
        down = damage.damage_state[count:] >= DOWN
        if not settings.causes or not down.any() or inputs.observed is not None:
            continue
        blamed = outages(
            city.graph, persons, down, out.finished[count:], len(out.curves.production), settings.least_service
        )
        for n in range(networks):
            days = blamed.by_network[n]
            if days.max(initial=0.0) > 0:
                asset[d, n], most[d, n] = days.argmax(), days.max()
    return RootCauses(asset, most)
