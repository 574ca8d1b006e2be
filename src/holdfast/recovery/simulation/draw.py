"""One draw: its damage and repair tasks, and the recovery from the event or from a later day to the end."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from holdfast.recovery.damage.damage import draw_damage
from holdfast.recovery.damage.damage_inputs import DamageInputs
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.rebuilding.rebuilding import NOBODY, rebuilt
from holdfast.recovery.damage.shut_off import with_shut_off
from holdfast.recovery.damage.storm import after_storm, apply_storm, dry_from
from holdfast.recovery.damage.storm_assets import under_water
from holdfast.recovery.engine import TASK, Outcome, Present, Run, Tasks, run_draw, run_until
from holdfast.recovery.hazard.sites import DEPTH
from holdfast.recovery.networks.graph import DOWN
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.leaks import with_losses
from holdfast.recovery.simulation.present import present_from_table
from holdfast.recovery.strategy import Inspected, Tree, repair_tree
from holdfast.recovery.strategy.valuation import LIVING, WORK

STREAMS = 7
"""Independent random streams of a draw: shaking, damage, strategy, durations, shutting off of pipes, debris, rebuilding."""
WAITING = STREAMS - 1
"""Number of the last of them."""


class Drawn(NamedTuple):
    """One draw before its recovery: its damage, its tasks and the tree of its network repairs."""

    damage: Damage
    tasks: Tasks
    tree: Tree


def draw(inputs: DrawInputs, seed: np.random.SeedSequence) -> Drawn:
    """Draw what happens: shaking, damage, durations; the same for the same seed, which is not changed."""
    # a stream for each purpose: more numbers taken in one leave the others as they are; the keys are those that `spawn`
    # would give, which counts up in the seed and so changes it
    shaking, damaging, choosing, lasting, shutting, falling = (_stream(seed, k) for k in range(WAITING))
    of = inputs.damage
    damage = event_damage(of, of.field(shaking), damaging)
    if of.shut_off is not None:
        damage = with_shut_off(damage, of.shut_off, falling)
    eased = NOBODY
    if inputs.rebuilding is not None:
        key, count = waiting_key(seed), inputs.assets.buildings
        held = None
        if of.storm is not None and of.given is None:
            held = dry_from(damage.damage_state[:count], damage.water_depth[:count], of.storm)
        damage, eased = rebuilt(damage, key, inputs.rebuilding, held)
    tasks = _tasks(inputs, damage, choosing, lasting)
    if inputs.repair.losses is not None and of.storm is None:
        tasks = tasks._replace(isolation=with_losses(tasks.asset, damage, inputs.repair.losses, shutting))
    if inputs.rebuilding is not None and inputs.rebuilding.temporary is not None:
        share = np.full(len(eased), inputs.rebuilding.temporary.share)
        tasks = tasks._replace(eased=eased, eased_share=share)
    low, high = inputs.assets.buildings, inputs.assets.buildings + inputs.assets.nodes
    # the tree joins what is out of service by the least expected work, crew-days, in networks alone
    work = np.where(tasks.asset["down"], tasks.asset["expected"], 0).astype(np.float64)
    return Drawn(damage, tasks, repair_tree(inputs.repair.city.graph, work[low:high], work[high:]))


def _stream(seed: np.random.SeedSequence, number: int) -> np.random.Generator:
    """One of the random streams of a draw, from its first number on."""
    return np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))


def waiting_key(seed: np.random.SeedSequence) -> np.uint64:
    """Key of the random numbers of rebuilding in a draw, whose seed is not changed."""
    return _stream(seed, WAITING).integers(2**64, dtype=np.uint64)


def event_damage(of: DamageInputs, intensity: dict[str, NDArray[np.float64]], rng: np.random.Generator) -> Damage:
    """Damage of one draw by shaking, or by water and wind, whose states of buildings are drawn first and then given.

    Parameters
    ----------
    of : DamageInputs
        Of an event and a city, as from `damage_inputs`.
    intensity : dict of str to ndarray
        One draw of its field, shape (asset,).
    rng : Generator
        One number is taken from it for shaking, two for water and wind.
    """
    if of.storm is None or of.given is not None:
        return draw_damage(intensity, of.functions, of.table, of.given, rng)
    lost, table = apply_storm(of.storm, intensity, rng), of.table
    damage = draw_damage(intensity, of.functions, table, lost.state, rng)
    damage = after_storm(damage, lost, of.storm, table)
    if DEPTH not in intensity:
        return damage
    return under_water(damage, intensity[DEPTH], lost.state.size, of.storm.meaning.water_days)


def simulate_draw(
    inputs: DrawInputs, seed: np.random.SeedSequence, start: Present | None = None
) -> tuple[Damage, Outcome]:
    """One draw from the event, or from a present, to the end.

    Parameters
    ----------
    inputs : DrawInputs
        City, event and settings, as from `prepare`.
    seed : SeedSequence
        Of the draw; not changed.
    start : Present, optional
        Where to start; from what was observed, else from the event, if omitted.

    Returns
    -------
    Damage
        Arrays of shape (asset,).
    Outcome
        Curves by day and what became of every asset.
    """
    drawn, of = draw(inputs, seed), inputs.repair
    run = Run(of.models, _began(inputs, drawn.tasks) if start is None else start)
    pools = (inputs.damage.table.pools, of.materials.stock)
    horizon = inputs.settings.horizon_days
    return drawn.damage, run_draw(of.city, of.baseline, drawn.tasks, drawn.tree, of.calendar, pools, horizon, run)


def _began(inputs: DrawInputs, tasks: Tasks) -> Present | None:
    """State from which a draw goes on: what was observed, or none for the event."""
    if inputs.observed is None:
        return None
    day, table = inputs.observed
    return present_from_table(day, table, tasks, inputs.names, inputs.repair.city.graph.needs.node.size)


def present_at(inputs: DrawInputs, seed: np.random.SeedSequence, day: int) -> Present:
    """State of one draw on the morning of a day since the event, from which `simulate_draw` goes on exactly."""
    drawn, of = draw(inputs, seed), inputs.repair
    run = Run(of.models, _began(inputs, drawn.tasks))
    pools = (inputs.damage.table.pools, of.materials.stock)
    return run_until(day, of.city, of.baseline, drawn.tasks, drawn.tree, of.calendar, pools, run)


def _tasks(inputs: DrawInputs, damage: Damage, choosing: np.random.Generator, lasting: np.random.Generator) -> Tasks:
    """Repairs of one draw, ordered by the strategy within each trade."""
    listed, of, states = inputs.assets, inputs.repair, damage.damage_state
    damaged, count, crews = states > 0, listed.buildings, inputs.damage.table.crews
    expected = np.maximum(damage.repair_days, 1)
    duration = _durations(expected, inputs.duration_dispersion, lasting)
    # planners go by expected days, unless the strategy may see what was drawn
    known = duration if of.strategy.sees_durations else expected
    value = np.zeros(states.size)
    # what a repair gives back at full service, per day, 0 in networks. Not specified in the paper: services are
    # forecast as restored by then, since networks take days where buildings take months
    usable, reoccupied = damage.functional_share[:count], damage.reoccupied_share[:count]
    value[:count] = (of.value[:, WORK] * (1.0 - usable) + of.value[:, LIVING] * (1.0 - reoccupied)) / known[:count]
    size = np.where(np.arange(states.size) < count, listed.floor_area, known * crews)
    order, inspected = [], Inspected(value, crews, size, damage.repair_cost)
    # in the order of the trades, since a random strategy takes its numbers from one stream
    for trade in range(len(listed.trades)):
        own = np.flatnonzero(damaged & (listed.trade == trade))
        order.append(of.order(own, inspected, choosing))
    asset = np.zeros(states.size, dtype=TASK)
    # only networks can be out of service as a whole; a damaged building keeps the usable share of its state
    asset["damaged"], asset["down"] = damaged, (states >= DOWN) & (np.arange(states.size) >= count)
    asset["release"], asset["expected"], asset["duration"] = damage.delay, expected, duration
    asset["crews"], asset["trade"], asset["value"], asset["access"] = crews, listed.trade, value, of.access
    asset["material"] = of.materials.of_trade[listed.trade]
    asset["amount"] = np.rint(of.materials.per_crew_day[listed.trade] * expected * crews)
    return Tasks(
        asset=asset,
        usable=usable,
        reoccupied=reoccupied,
        order=np.concatenate(order).astype(np.int64),
        order_start=np.concatenate([[0], np.cumsum([len(o) for o in order])]).astype(np.int64),
        replans=of.strategy.replans,
        sees_durations=of.strategy.sees_durations,
        # crews that may move are held for a day at a time
        commitment=1 if of.strategy.moves_crews else inputs.settings.commitment_days,
        least_service=inputs.settings.least_service,
    )


def _durations(expected: np.ndarray, dispersion: float, rng: np.random.Generator) -> np.ndarray:
    """Days of work, whole, at least 1. Not specified in the paper: lognormal, with the expected ones as the median."""
    if dispersion <= 0:
        return expected
    spread = np.exp(dispersion * rng.standard_normal(expected.size))
    return np.maximum(np.rint(expected * spread), 1).astype(np.int64)
