"""Simulate: from a city, a scenario and seeds to recovery curves and losses."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from holdfast.config import RecoveryOptions, ScenarioOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.damage import DAMAGES, Assets, Consequences, Damage, assets, consequences, damage, given_states
from holdfast.recovery.engine import TASK, Outcome, Tasks, recover
from holdfast.recovery.fragility import STATES, Fragilities, damage_states, fragilities
from holdfast.recovery.hazard import Hazard, hazard
from holdfast.recovery.losses import losses, lost
from holdfast.recovery.network import DOWN, Graph, graph
from holdfast.recovery.productivity import by_occupancy, normal_production, production
from holdfast.recovery.service import People, people, services
from holdfast.recovery.strategy import priority, spanning_tree, strategy, worth
from holdfast.types import City, Losses, Parameters

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


@dataclass(frozen=True)
class BlockResult:
    """What one block of draws gives; plain arrays that a store can write.

    Parameters
    ----------
    EP, SC, unmet : ndarray
        Shape (draw, time), time in days since the event from 0; money per day, persons, persons of unmet
        need above the normal value. A draw that ends before the longest repeats its last day.
    service : ndarray
        Shape (draw, time, network): share of occupants with service.
    normal : ndarray
        EP and SC of the undamaged city, shape (2,).
    repair_cost : ndarray
        Money, shape (draw, 2): buildings, networks.
    damage_state, completion_day, building_repair_cost, lost_days : ndarray
        Shape (draw, building): state 0..4; day since the event from which the building is repaired (0 if
        undamaged, -1 if not by the horizon); money; integral of 1 - functionality, days.
    network_state, network_completion_day : ndarray
        Shape (draw, asset): all nodes, then all edges, networks in order.
    restored_day : ndarray
        Shape (draw, node): first day with service for good, 0 if never dark, -1 if not by the horizon.
    zone_unmet : ndarray
        Person-days, shape (draw, zone).
    """

    EP: np.ndarray
    SC: np.ndarray
    unmet: np.ndarray
    service: np.ndarray
    normal: np.ndarray
    repair_cost: np.ndarray
    damage_state: np.ndarray
    completion_day: np.ndarray
    building_repair_cost: np.ndarray
    lost_days: np.ndarray
    network_state: np.ndarray
    network_completion_day: np.ndarray
    restored_day: np.ndarray
    zone_unmet: np.ndarray


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
        return np.stack([_extend(row, length) for row in rows])

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


def _extend(rows: np.ndarray, length: int) -> np.ndarray:
    """Repeat the last day up to a length."""
    return np.concatenate([rows, np.repeat(rows[-1:], length - len(rows), axis=0)])


def joined(blocks: Sequence[BlockResult]) -> BlockResult:
    """Put blocks end to end.

    Parameters
    ----------
    blocks : sequence of BlockResult
        Of one city and scenario, in the order of their draws.

    Returns
    -------
    BlockResult
        All draws; curves as long as the longest.
    """
    length = max(block.EP.shape[1] for block in blocks)
    arrays = {}
    for name in (f.name for f in fields(BlockResult)):
        parts = [getattr(block, name) for block in blocks]
        if name in ("EP", "SC", "unmet", "service"):
            parts = [np.stack([_extend(row, length) for row in part]) for part in parts]
        arrays[name] = parts[0] if name == "normal" else np.concatenate(parts)
    return BlockResult(**arrays)


def summarise(
    city: City, parameters: Parameters, blocks: Sequence[BlockResult]
) -> tuple[xr.Dataset, Losses, pd.DataFrame]:
    """Recovery curves, losses and a table of buildings over all draws.

    Parameters
    ----------
    city : City
        That was simulated.
    parameters : Parameters
        That it was simulated with.
    blocks : sequence of BlockResult
        In the order of their draws.

    Returns
    -------
    Dataset
        ``EP``, ``SC``, ``demand``, ``unmet`` (draw, time), ``service`` (draw, time, network), ``recovered``
        (draw), units in the attributes; ``EP0`` and ``SC0`` are the normal levels. Where ``recovered`` is
        false the horizon cut the draw off, and its losses run to the horizon only.
    Losses
        Over all draws.
    DataFrame
        Index ``building_id``: ``mean_days_to_repair`` and ``median_days_to_repair`` (null where some, or half,
        of the draws end unrepaired), ``p_none`` to ``p_complete``, ``mean_repair_cost``,
        ``mean_lost_production``, ``mean_loss`` (money), ``mean_days_until_<network>``.
    """
    every = joined(blocks)
    money = f"{city.currency}_{city.price_year}"
    recovered = np.asarray((every.completion_day >= 0).all(axis=1) & (every.network_completion_day >= 0).all(axis=1))
    dataset = _dataset(city, every, money, recovered)
    normal = np.full(len(every.EP), every.normal[0])
    totals = losses(
        every.repair_cost.sum(axis=1),
        lost(normal, every.EP),
        every.unmet.sum(axis=1),
        float(city.buildings["floor_area_m2"].sum()),
        money,
    )
    return dataset, totals, _building_table(city, parameters, every)


def _dataset(city: City, every: BlockResult, money: str, recovered: np.ndarray) -> xr.Dataset:
    """Curves with their units."""
    need = np.full(every.EP.shape, float(city.buildings["residents"].sum()))
    curve = ("draw", "time")
    return xr.Dataset(
        {
            "EP": (curve, every.EP, {"units": f"{money}/day", "long_name": "economic productivity"}),
            "SC": (curve, every.SC, {"units": "persons", "long_name": "service capacity"}),
            "demand": (curve, need, {"units": "persons", "long_name": "residents with needs"}),
            "unmet": (curve, every.unmet, {"units": "persons", "long_name": "unmet need above the normal level"}),
            "service": (
                (*curve, "network"),
                every.service,
                {"units": "1", "long_name": "share of occupants with service"},
            ),
            "recovered": ("draw", recovered, {"units": "1", "long_name": "all repaired by the horizon"}),
            "EP0": ((), every.normal[0], {"units": f"{money}/day", "long_name": "normal economic productivity"}),
            "SC0": ((), every.normal[1], {"units": "persons", "long_name": "normal service capacity"}),
        },
        coords={
            "draw": np.arange(len(every.EP)),
            "time": ("time", np.arange(every.EP.shape[1]), {"units": "days", "long_name": "days since the event"}),
            "network": list(city.networks),
        },
    )


def _building_table(city: City, parameters: Parameters, every: BlockResult) -> pd.DataFrame:
    """Means over the draws of each building."""
    normal = normal_production(city.buildings, parameters.productivity).to_numpy()
    lost_production = production(normal, every.lost_days).mean(axis=0)
    cost = every.building_repair_cost.mean(axis=0)
    columns = {
        "mean_days_to_repair": _mean_days(every.completion_day),
        "median_days_to_repair": _median_days(every.completion_day),
        **{f"p_{s}": (every.damage_state == i).mean(axis=0) for i, s in enumerate(STATES)},
        "mean_repair_cost": cost,
        "mean_lost_production": lost_production,
        "mean_loss": cost + lost_production,
    }
    start = 0
    for name, net in city.networks.items():
        node = net.nodes.index.get_indexer(city.buildings[f"{name}_node"])
        columns[f"mean_days_until_{name}"] = _mean_days(every.restored_day[:, start : start + len(net.nodes)])[node]
        start += len(net.nodes)
    return pd.DataFrame(columns, index=city.buildings.index)


def _mean_days(days: np.ndarray) -> np.ndarray:
    """Mean over draws; null where a draw has no day."""
    return np.where((days < 0).any(axis=0), np.nan, days.mean(axis=0))


def _median_days(days: np.ndarray) -> np.ndarray:
    """Median over draws, those without a day counted as longer than any; null where the median is one of them."""
    middle = np.median(np.where(days < 0, np.inf, days), axis=0)
    return np.where(np.isfinite(middle), middle, np.nan)
