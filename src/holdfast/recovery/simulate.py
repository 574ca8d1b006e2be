"""Simulate: from a city, a scenario and seeds to blocks of draws."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.config import RecoveryOptions, ScenarioOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city.retrofit import CLASS_BEFORE
from holdfast.recovery.damage.assets import Assets, Consequences, assets, consequences, given_states
from holdfast.recovery.damage.casualties import SEVERITIES, Harm, casualties, harm
from holdfast.recovery.damage.damage import DAMAGES, Damage, draw_damage
from holdfast.recovery.damage.fragility import STATES, Fragilities, fragilities
from holdfast.recovery.engine import (
    TASK,
    Calendar,
    External,
    Normal,
    Outcome,
    Present,
    Run,
    Tasks,
    Town,
    recover,
    state_at,
    town,
)
from holdfast.recovery.engine import normal as undamaged
from holdfast.recovery.function.productivity import by_occupancy, normal_production
from holdfast.recovery.function.response import from_table
from holdfast.recovery.function.service_capacity import People, Responses, by_residuals, people, services
from holdfast.recovery.function.supplementary import trained
from holdfast.recovery.hazard import Field, Intensities, gives, hazard, sites_of, vs30_at
from holdfast.recovery.losses.causes import darkness
from holdfast.recovery.losses.losses import lost
from holdfast.recovery.losses.milestones import SHARES, days_to
from holdfast.recovery.losses.results import REPAIRED_BY, BlockResult, extended
from holdfast.recovery.networks import network_model
from holdfast.recovery.networks.reachability import DOWN, graph
from holdfast.recovery.present import Observed, asset_names, observed_states, present_from_table
from holdfast.recovery.strategy import (
    CityOrder,
    Inspected,
    Strategy,
    Tree,
    city_order,
    spanning_tree,
    strategy,
    worth,
)
from holdfast.recovery.strategy.valuation import left_without, stake
from holdfast.recovery.supplies import Materials, access, calendar, materials
from holdfast.types import City, Parameters

BLOCK = 10
"""Draws of a block: the unit of work and of storage, whatever the number of workers."""
KEYS = {
    "fragility": ("asset_class", "intensity_measure", "damage_state"),
    "repair": ("asset_class", "damage_state"),
    "usability": ("damage_state",),
    "delays": ("damage_state", "step"),
    "occupancies": ("occupancy",),
    "productivity": ("occupancy", "power", "water", "gas", "telecom", "transport"),
    "services": ("category",),
    "service_capacity": ("category", "power", "water", "gas", "telecom", "transport"),
    "pipes": ("asset_class", "intensity_measure"),
    "pipe_repair": ("asset_class", "repair"),
}
"""Columns that tell the rows of each parameter table apart."""
STREAMS = 4
"""Independent random streams of a draw: shaking, damage, strategy, durations."""


class Ready(NamedTuple):
    """A city, its parameters and the options, as the arrays that every draw uses.

    ``worth`` (building,): share of the city's functionality that hangs on each building; ``access`` (asset,): node of
    the roads from which it is repaired; ``models``: networks whose service is found outside the loop; ``harm``, ``inside`` (building,): what damage does to
    the people inside, None without the tables.
    """

    listed: Assets
    functions: Fragilities
    table: Consequences
    town: Town
    normal: Normal
    worth: np.ndarray
    field: Field
    strategy: Strategy
    order: CityOrder
    given: np.ndarray | None
    names: pd.Index
    observed: Observed | None
    calendar: Calendar
    materials: Materials
    access: np.ndarray
    models: dict[int, External]
    harm: Harm | None
    inside: np.ndarray


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


def prepare(
    city: City,
    parameters: Parameters,
    scenario: ScenarioOptions,
    options: RecoveryOptions,
    intensities: Intensities | None = None,
    observed: Observed | None = None,
) -> Ready:
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
    intensities : mapping of DataFrame, optional
        Tables that the hazard needs.
    observed : Observed, optional
        State of a later day, from which to go on instead of from the event; no damage is drawn then.

    Returns
    -------
    Ready
        What `simulate_block` needs.

    Raises
    ------
    TableError
        If tables do not fit together; see the rooms.
    UnknownName
        If a hazard, strategy, trade, network, network model, material, model of delays or source of damage is unknown.
    """
    _check_keys(parameters)
    if options.damage not in DAMAGES:
        raise UnknownName("source of damage", options.damage, DAMAGES)
    _check_days(options, observed)
    chosen, rules, names = hazard(scenario.hazard), strategy(options.strategy), asset_names(city)
    listed = assets(city, options.crews)
    table = consequences(listed, parameters, options)
    measures = gives(scenario, intensities)
    functions = fragilities(
        parameters,
        listed.asset_class,
        measures,
        block=listed.block,
        correlation=options.damage_correlation,
        luck=_luck(city, listed),
    )
    flat, who = graph(city), _people(city, parameters)
    share = worth(who, options.weight)
    networks = {name: n for n, name in enumerate(city.networks)}
    models = _models(city, options)
    place = town(
        flat,
        who,
        stake(share, left_without(who)),
        table.crews,
        listed.trade,
        np.array([networks.get(t, -1) for t in listed.trades]),
    )
    before = undamaged(place, np.array([n in models for n in range(len(networks))], dtype=np.bool_))
    reached = before.light.satisfaction > 0
    return Ready(
        listed=listed,
        functions=functions,
        table=table,
        town=place,
        normal=before,
        worth=share.sum(axis=1),
        field=chosen(
            sites_of(listed.site, city.crs, vs30_at(scenario, intensities)), scenario, functions.measures, intensities
        ),
        strategy=rules,
        order=city_order(rules, city.buildings, flat, listed.site),
        given=_given(city, options, names, observed),
        names=names,
        observed=observed,
        calendar=calendar(city, listed.trades, options),
        materials=materials(listed.trades, options),
        access=access(city, listed, flat, reached, options),
        models=models,
        harm=_harm(city, parameters),
        inside=_inside(city, options),
    )


def _inside(city: City, options: RecoveryOptions) -> np.ndarray:
    """People in each building at the hour of the event; residents by night, workers by day, where no column tells."""
    stand_in = {"night": "residents", "day": "workers"}
    column = f"{options.hour}_occupants"
    known = city.buildings[column if column in city.buildings else stand_in[options.hour]]
    return np.asarray(known, dtype=np.float64)


def _harm(city: City, parameters: Parameters) -> Harm | None:
    """What damage does to the people inside; none without the tables."""
    if parameters.casualties.empty:
        return None
    return harm(city.buildings["asset_class"], city.buildings["occupancy"], parameters)


def _luck(city: City, listed: Assets) -> pd.Series:
    """Class by which assets share their luck: that before a retrofit, so that a retrofit changes nothing else."""
    luck = listed.asset_class.astype(object).copy()
    if CLASS_BEFORE in city.buildings:
        luck.iloc[: listed.buildings] = city.buildings[CLASS_BEFORE].to_numpy(dtype=object)
    return luck


def _check_days(options: RecoveryOptions, observed: Observed | None) -> None:
    """Refuse days that lie outside the simulation."""
    start, problems = observed.day if observed else 0, []
    if start > options.horizon_days:
        text = f"{start} is after the horizon of {options.horizon_days} days; nothing would be simulated"
        problems.append(Problem(text, column="recovery.start_day"))
    if options.tell_day is not None and not start < options.tell_day <= options.horizon_days:
        text = f"{options.tell_day} must lie after the start, day {start}, and not after the horizon"
        problems.append(Problem(text, column="recovery.tell_day"))
    if problems:
        raise TableError("study", problems)


def _given(city: City, options: RecoveryOptions, names: pd.Index, observed: Observed | None) -> np.ndarray | None:
    """Damage states that are known: of all assets on a later day, of the buildings, or none."""
    if observed is not None:
        return observed_states(observed.table, names)
    return given_states(city) if options.damage == "given" else None


def _people(city: City, parameters: Parameters) -> People:
    """Who is where, and what services mean to them."""
    networks = tuple(city.networks)
    normal = normal_production(city.buildings, parameters.productivity)
    category = by_occupancy(city.buildings, parameters.occupancies, "category")
    needs = services(parameters.services, networks)
    kinds, production = from_table(parameters.productivity, "occupancy", "productivity_per_area", networks)
    maker = kinds.get_indexer(city.buildings["occupancy"].astype(str))
    kind = np.array([needs.categories.index(c) if c in needs.categories else -1 for c in category])
    archive = parameters.service_capacity
    service = by_residuals(needs, kind).service if archive.empty else trained(archive, needs.categories, networks)
    return people(city.buildings, city.zones, normal, category, needs, Responses(production, maker, service))


def _models(city: City, options: RecoveryOptions) -> dict[int, External]:
    """Networks whose service a model outside the loop finds, by position."""
    names = list(city.networks)
    for name in options.network_models:
        if name not in names:
            raise UnknownName("network", name, names, "recovery.network_models")
    found = {names.index(n): network_model(m, city.networks[n]) for n, m in options.network_models.items()}
    return {n: model for n, model in found.items() if model is not None}


def _check_keys(parameters: Parameters) -> None:
    """Refuse parameter tables that say the same thing twice."""
    for name, key in KEYS.items():
        table = getattr(parameters, name)
        if table.empty:
            continue
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
    intensities: Intensities | None = None,
    observed: Observed | None = None,
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
    intensities : mapping of DataFrame, optional
        Tables that the hazard needs.
    observed : Observed, optional
        As in `prepare`.

    Returns
    -------
    BlockResult
        Draws in the order of the seeds.

    Raises
    ------
    TableError, UnknownName
        As `prepare`.
    """
    ready = prepare(city, parameters, scenario, options, intensities, observed)
    draws = [simulate_draw(ready, options, seed) for seed in seeds]
    return _gather(ready, options, draws)


class Drawn(NamedTuple):
    """One draw before it is played through: its damage, its tasks and the tree of its network repairs."""

    damage: Damage
    tasks: Tasks
    tree: Tree


def draw(ready: Ready, options: RecoveryOptions, seed: np.random.SeedSequence) -> Drawn:
    """Draw what happens: shaking, damage, durations; each from a stream of its own.

    Parameters
    ----------
    ready : Ready
        The city.
    options : RecoveryOptions
        How it recovers.
    seed : SeedSequence
        Of the draw; not changed.

    Returns
    -------
    Drawn
        The same for the same seed.
    """
    keys = [(*seed.spawn_key, k) for k in range(STREAMS)]
    shaking, damaging, choosing, lasting = (
        np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=key)) for key in keys
    )
    hurt = draw_damage(ready.field(shaking), ready.functions, ready.table, ready.given, damaging)
    tasks = _tasks(ready, options, hurt, choosing, lasting)
    low, high = ready.listed.buildings, ready.listed.buildings + ready.listed.nodes
    work = np.where(tasks.asset["down"], tasks.asset["expected"], 0).astype(np.float64)
    return Drawn(hurt, tasks, spanning_tree(ready.town.graph, work[low:high], work[high:]))


def simulate_draw(
    ready: Ready, options: RecoveryOptions, seed: np.random.SeedSequence, start: Present | None = None
) -> tuple[Damage, Outcome]:
    """One draw from the event, or from a present, to the end.

    Parameters
    ----------
    ready : Ready
        The city.
    options : RecoveryOptions
        How it recovers.
    seed : SeedSequence
        Of the draw; not changed.
    start : Present, optional
        Where to start; from what was observed, else from the event, if omitted.
    """
    drawn = draw(ready, options, seed)
    run = Run(ready.models, _began(ready, drawn.tasks) if start is None else start)
    pools = (ready.table.pools, ready.materials.stock)
    town, before = ready.town, ready.normal
    return drawn.damage, recover(
        town, before, drawn.tasks, drawn.tree, ready.calendar, pools, options.horizon_days, run
    )


def _began(ready: Ready, tasks: Tasks) -> Present | None:
    """State from which a draw goes on: what was observed, or none for the event."""
    if ready.observed is None:
        return None
    day, table = ready.observed
    return present_from_table(day, table, tasks, ready.names, ready.town.graph.needs_node.size)


def present_at(ready: Ready, options: RecoveryOptions, seed: np.random.SeedSequence, day: int) -> Present:
    """State of one draw on a day, before that day's events, from which `simulate_draw` goes on exactly.

    Parameters
    ----------
    ready : Ready
        The city.
    options : RecoveryOptions
        How it recovers.
    seed : SeedSequence
        Of the draw; not changed.
    day : int
        Days since the event.
    """
    drawn = draw(ready, options, seed)
    run = Run(ready.models, _began(ready, drawn.tasks))
    pools = (ready.table.pools, ready.materials.stock)
    return state_at(day, ready.town, ready.normal, drawn.tasks, drawn.tree, ready.calendar, pools, run)


def _tasks(
    ready: Ready, options: RecoveryOptions, hurt: Damage, choosing: np.random.Generator, lasting: np.random.Generator
) -> Tasks:
    """Repairs of one draw, ordered by the strategy within each trade.

    The value of repairing a building is what it gives back at full service, per day of repair.
    Not specified in the paper: services on the day of completion are forecast as restored, since
    networks take days where buildings take months; and the distribution of durations, here lognormal about the
    expected one.
    """
    listed, states = ready.listed, hurt.damage_state
    damaged, count, crews = states > 0, listed.buildings, ready.table.crews
    expected = np.maximum(hurt.repair_days, 1)
    duration = expected
    if options.duration_dispersion > 0:
        spread = np.exp(options.duration_dispersion * lasting.standard_normal(states.size))
        duration = np.maximum(np.rint(expected * spread), 1).astype(np.int64)
    known = duration if ready.strategy.sees_durations else expected
    value = np.zeros(states.size)
    value[:count] = ready.worth * (1.0 - hurt.usable_share[:count]) / known[:count]
    size = np.where(np.arange(states.size) < count, listed.floor_area, known * crews)
    order, inspected = [], Inspected(value, crews, size, hurt.repair_cost)
    for trade in range(len(listed.trades)):
        own = np.flatnonzero(damaged & (listed.trade == trade))
        order.append(ready.order(own, inspected, choosing))
    asset = np.zeros(states.size, dtype=TASK)
    asset["damaged"], asset["down"] = damaged, (states >= DOWN) & (np.arange(states.size) >= count)
    asset["release"], asset["expected"], asset["duration"] = hurt.delay, expected, duration
    asset["crews"], asset["trade"], asset["value"], asset["access"] = crews, listed.trade, value, ready.access
    asset["material"] = ready.materials.of_trade[listed.trade]
    asset["amount"] = np.rint(ready.materials.per_crew_day[listed.trade] * expected * crews)
    return Tasks(
        asset=asset,
        usable=hurt.usable_share[:count],
        order=np.concatenate(order).astype(np.int64),
        order_start=np.concatenate([[0], np.cumsum([len(o) for o in order])]).astype(np.int64),
        replans=ready.strategy.replans,
        sees_durations=ready.strategy.sees_durations,
        commitment=1 if ready.strategy.moves_crews else options.commitment_days,
        least_service=options.least_service,
    )


def _gather(ready: Ready, options: RecoveryOptions, draws: list[tuple[Damage, Outcome]]) -> BlockResult:
    """Put the draws of a block together; what belongs to single buildings and nodes is summed."""
    count, own = ready.listed.buildings, ready.town.people.building
    hurt, out = [d for d, _ in draws], [o for _, o in draws]
    length = max(o.production.size for o in out)
    finished = [o.finished[:count] for o in out]
    harmed = _harmed(ready, hurt)
    roots = [_roots(ready, options, d, o) for d, o in draws]

    def curve(name: str) -> np.ndarray:
        return np.stack([extended(getattr(o, name), length) for o in out])

    def total(rows: Iterable[np.ndarray]) -> np.ndarray:
        return reduce(np.add, rows)

    zones = ready.town.people.counted_residents.size
    return BlockResult(
        EP=curve("production"),
        SC=curve("capacity"),
        unmet=curve("unmet"),
        service=curve("service"),
        normal=out[0].normal[:2],
        lost_production=np.array([lost(o.normal[:1], o.production[None])[0] for o in out]),
        unmet_days=np.array([o.unmet.sum() for o in out]),
        repair_cost=np.array([[h.repair_cost[:count].sum(), h.repair_cost[count:].sum()] for h in hurt]),
        recovered=np.array([(o.finished >= 0).all() for o in out]),
        state_count=np.array([np.bincount(h.damage_state[:count], minlength=len(STATES)) for h in hurt]),
        days_use=np.array([[[days_to(c[None], 1.0, s)[0] for s in SHARES] for c in o.use.T] for o in out]),
        zone_production=np.array([np.bincount(own["zone"], own["production"] * o.lost_days, zones) for o in out]),
        zone_unmet=np.stack([o.unmet_days for o in out]),
        resettled=np.array([o.resettled for o in out]),
        root=np.array([r for r, _ in roots], dtype=np.int64),
        root_person_days=np.array([d for _, d in roots], dtype=np.float64),
        injured=harmed[0],
        displaced=harmed[1],
        building_states=total(
            np.stack([h.damage_state[:count] == s for s in range(len(STATES))]).astype(np.int32) for h in hurt
        ),
        repair_days=total(np.maximum(f, 0) for f in finished),
        unrepaired=total((f < 0).astype(np.int32) for f in finished),
        repaired_by=total(np.stack([(f >= 0) & (f <= d) for d in REPAIRED_BY]).astype(np.int32) for f in finished),
        building_repair_cost=total(h.repair_cost[:count] for h in hurt),
        lost_days=total(o.lost_days for o in out),
        lost_service=total(o.lost_service for o in out),
        lost_home=total(o.lost_home for o in out),
        restored_days=total(np.maximum(o.restored, 0) for o in out),
        unrestored=total((o.restored < 0).astype(np.int32) for o in out),
    )


def _harmed(ready: Ready, hurt: list[Damage]) -> tuple[np.ndarray, np.ndarray]:
    """Persons hurt by severity and out of their homes, of every draw; null without the tables."""
    if ready.harm is None:
        return np.full((len(hurt), len(SEVERITIES)), np.nan), np.full(len(hurt), np.nan)
    own, count = ready.town.people.building, ready.listed.buildings
    found = [casualties(h.damage_state[None, :count], ready.harm, ready.inside, own["residents"]) for h in hurt]
    return np.concatenate([f.injured for f in found]), np.concatenate([f.displaced for f in found])


def _roots(ready: Ready, options: RecoveryOptions, hurt: Damage, out: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """Per network the root of most person-days without service, and those person-days; from the event on alone."""
    graph, count = ready.town.graph, ready.listed.buildings
    networks = graph.node_start.size - 1
    best, most = np.full(networks, -1), np.zeros(networks)
    down = hurt.damage_state[count:] >= DOWN
    if options.causes and down.any() and ready.observed is None:
        persons = ready.town.occupants / ready.town.people.person_unit
        blamed = darkness(graph, persons, down, out.finished[count:], len(out.production), options.least_service)
        for n in range(networks):
            days = blamed.by_network[n]
            if days.max(initial=0.0) > 0:
                best[n], most[n] = days.argmax(), days.max()
    return best, most
