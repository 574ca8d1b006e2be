"""Simulate: from a city, a scenario and seeds to blocks of draws."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from holdfast.config import RecoveryOptions, ScenarioOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.damage import DAMAGES, Assets, Consequences, Damage, assets, consequences, damage, given_states
from holdfast.recovery.engine import TASK, Outcome, Tasks, recover
from holdfast.recovery.fragility import Fragilities, damage_states, fragilities
from holdfast.recovery.hazard import Hazard, hazard
from holdfast.recovery.network import DOWN, Graph, graph
from holdfast.recovery.productivity import by_occupancy, normal_production
from holdfast.recovery.results import BlockResult, extended
from holdfast.recovery.service import People, people, services
from holdfast.recovery.strategy import priority, spanning_tree, strategy, worth
from holdfast.types import City, Parameters

BLOCK = 10
"""Draws of a block: the unit of work and of storage, whatever the number of workers."""
KEYS = {
    "fragility": ("asset_class", "damage_state"),
    "repair": ("asset_class", "damage_state"),
    "usability": ("damage_state",),
    "delays": ("damage_state", "step"),
    "productivity": ("occupancy",),
    "services": ("category",),
}
"""Columns that tell the rows of each parameter table apart."""
STREAMS = 3
"""Independent random streams of a draw: shaking, damage, strategy."""


class Ready(NamedTuple):
    """A city, its parameters and the options, as the arrays that every draw uses."""

    listed: Assets
    functions: Fragilities
    table: Consequences
    graph: Graph
    people: People
    worth: np.ndarray
    hazard: Hazard
    strategy: int
    given: np.ndarray | None


def draw_seeds(seed: int, draws: int) -> list[list[np.random.SeedSequence]]:
    """Seeds of all draws, one each, in blocks of ten.

    Parameters
    ----------
    seed : int
        Seed of the study.
    draws : int
        Number of draws.

    Returns
    -------
    list of list of SeedSequence
        A draw's seed depends on its number alone, not on the number of draws, blocks or workers.

    Examples
    --------
    >>> [len(block) for block in draw_seeds(1, 23)]
    [10, 10, 3]
    """
    seeds = np.random.SeedSequence(seed).spawn(draws)
    return [seeds[i : i + BLOCK] for i in range(0, draws, BLOCK)]


def prepare(city: City, parameters: Parameters, scenario: ScenarioOptions, options: RecoveryOptions) -> Ready:
    """Check a city against parameters and options and put all of it into arrays.

    Parameters
    ----------
    city : City
        Assembled.
    parameters : Parameters
        Checked tables.
    scenario : ScenarioOptions
        The event.
    options : RecoveryOptions
        How the city recovers.

    Returns
    -------
    Ready
        What `simulate_block` needs.

    Raises
    ------
    TableError
        If tables do not fit together; see the rooms.
    UnknownName
        If a hazard, strategy, trade, network, model of delays or source of damage is unknown.
    """
    _check_keys(parameters)
    if options.damage not in DAMAGES:
        raise UnknownName("source of damage", options.damage, DAMAGES)
    chosen, code = hazard(scenario.hazard), strategy(options.strategy)
    listed = assets(city)
    table = consequences(listed, parameters, options)
    normal = normal_production(city.buildings, parameters.productivity)
    category = by_occupancy(city.buildings, parameters.productivity, "category")
    needs = services(parameters.services, tuple(city.networks))
    who = people(city.buildings, city.zones, normal, category, needs)
    return Ready(
        listed=listed,
        functions=fragilities(parameters.fragility, listed.asset_class, scenario),
        table=table,
        graph=graph(city),
        people=who,
        worth=worth(who.building["production"], who.building["occupants"], options.weight),
        hazard=chosen,
        strategy=code,
        given=given_states(city) if options.damage == "given" else None,
    )


def _check_keys(parameters: Parameters) -> None:
    """Refuse parameter tables that say the same thing twice."""
    for name, key in KEYS.items():
        table = getattr(parameters, name)
        twice = table[list(key)][table.duplicated(list(key))].drop_duplicates()
        if len(twice):
            text = "stands in more than one row; keep one"
            problems = [Problem(f"{', '.join(map(str, row))} {text}") for row in twice.itertuples(index=False)]
            raise TableError(name, problems)


def simulate_block(
    city: City,
    parameters: Parameters,
    scenario: ScenarioOptions,
    options: RecoveryOptions,
    seeds: Sequence[np.random.SeedSequence],
) -> BlockResult:
    """Simulate a block of draws, one per seed.

    With ``options.damage`` "given" the buildings have the damage states of their table; networks
    are still drawn from the scenario's shaking.

    Parameters
    ----------
    city : City
        Assembled.
    parameters : Parameters
        Checked tables.
    scenario : ScenarioOptions
        The event.
    options : RecoveryOptions
        How the city recovers.
    seeds : sequence of SeedSequence
        One per draw, as from `draw_seeds`; not changed.

    Returns
    -------
    BlockResult
        Draws in the order of the seeds.

    Raises
    ------
    TableError, UnknownName
        As `prepare`.
    """
    ready = prepare(city, parameters, scenario, options)
    draws = [_draw(ready, scenario, options, seed) for seed in seeds]
    return _gather(ready, draws)


def _draw(
    ready: Ready, scenario: ScenarioOptions, options: RecoveryOptions, seed: np.random.SeedSequence
) -> tuple[Damage, Outcome]:
    """One draw: shaking, damage, recovery; each from a stream of its own."""
    keys = [(*seed.spawn_key, k) for k in range(STREAMS)]
    shaking, damaging, choosing = (
        np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key)) for key in keys
    )
    intensity = ready.hazard(ready.listed.site, scenario, shaking)
    states = damage_states(intensity, ready.functions, damaging.standard_normal(intensity.size))
    if ready.given is not None:
        states[: ready.listed.buildings] = ready.given
    hurt = damage(states, ready.table)
    tasks = _tasks(ready, hurt, choosing)
    low, high = ready.listed.buildings, ready.listed.buildings + ready.listed.nodes
    work = np.where(tasks.asset["down"], tasks.asset["duration"], 0).astype(np.float64)
    tree = spanning_tree(ready.graph, work[low:high], work[high:])
    return hurt, recover(ready.graph, ready.people, tasks, tree, ready.table.pools, options.horizon_days)


def _tasks(ready: Ready, hurt: Damage, rng: np.random.Generator) -> Tasks:
    """Repairs of one draw, ordered by the strategy within each trade.

    The value of repairing a building is what it gives back at full service, per day of repair.
    Not specified in the paper: services on the day of completion are forecast as restored, since
    networks take days where buildings take months.
    """
    listed, states = ready.listed, hurt.damage_state
    damaged = states > 0
    count = listed.buildings
    value = np.zeros(states.size)
    duration = np.maximum(hurt.repair_days, 1)
    value[:count] = ready.worth * (1.0 - hurt.usable_share[:count]) / duration[:count]
    crews = ready.table.crews
    size = np.where(listed.trade == 0, listed.floor_area, duration * crews)
    order = []
    for trade in range(len(listed.trades)):
        own = np.flatnonzero(damaged & (listed.trade == trade))
        order.append(own[priority(ready.strategy, value[own], crews[own], size[own], rng)])
    asset = np.zeros(states.size, dtype=TASK)
    asset["damaged"], asset["down"] = damaged, (states >= DOWN) & (listed.trade > 0)
    asset["release"], asset["duration"], asset["crews"] = hurt.delay, duration, crews
    asset["trade"], asset["value"] = listed.trade, value
    return Tasks(
        asset=asset,
        usable=hurt.usable_share[:count],
        worth=ready.worth,
        order=np.concatenate(order).astype(np.int64),
        strategy=ready.strategy,
    )


def _gather(ready: Ready, draws: list[tuple[Damage, Outcome]]) -> BlockResult:
    """Stack the draws of a block."""
    count = ready.listed.buildings
    hurt, out = [d for d, _ in draws], [o for _, o in draws]
    length = max(o.production.size for o in out)

    def curve(rows: list[np.ndarray]) -> np.ndarray:
        return np.stack([extended(row, length) for row in rows])

    cost = np.stack([h.repair_cost for h in hurt])
    finished = np.stack([o.finished for o in out]).astype(np.int32)
    states = np.stack([h.damage_state for h in hurt])
    return BlockResult(
        EP=curve([o.production for o in out]),
        SC=curve([o.capacity for o in out]),
        unmet=curve([o.unmet for o in out]),
        service=curve([o.service for o in out]),
        normal=out[0].normal[:2],
        repair_cost=np.column_stack([cost[:, :count].sum(axis=1), cost[:, count:].sum(axis=1)]),
        damage_state=states[:, :count],
        completion_day=finished[:, :count],
        building_repair_cost=cost[:, :count],
        lost_days=np.stack([o.lost_days for o in out]),
        network_state=states[:, count:],
        network_completion_day=finished[:, count:],
        restored_day=np.stack([o.restored for o in out]).astype(np.int32),
        zone_unmet=np.stack([o.unmet_days for o in out]),
    )
