"""Prepare: a city, an event and the settings put into the arrays that every draw reads, once."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import Assets
from holdfast.recovery.damage.damage_inputs import DamageInputs, assets_in_event, damage_inputs
from holdfast.recovery.damage.delays import QUEUES
from holdfast.recovery.damage.rebuilding.builders import with_builders
from holdfast.recovery.damage.rebuilding.rebuilding_inputs import RebuildingInputs, rebuilding_inputs
from holdfast.recovery.engine import Baseline, Calendar, CityArrays, baseline, city_arrays
from holdfast.recovery.engine.supplies import Materials, access, calendar, materials
from holdfast.recovery.function.city_people import city_people
from holdfast.recovery.hazard import Hazard
from holdfast.recovery.networks import LEAK_MODELS, LeakModel, outside_models
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.networks.pressure import LEAKY, pressure_of
from holdfast.recovery.networks.service import check_service
from holdfast.recovery.people.agents import RESIDENTS, Agents, Means, agents_of
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.settings.run_settings import DamageSettings, RecoverySettings, Resources
from holdfast.recovery.simulation.leaks import PipeLosses, losses_of_pipes
from holdfast.recovery.simulation.present import Observed, asset_names, observed_states
from holdfast.recovery.simulation.production import ProductionInputs, production_inputs
from holdfast.recovery.strategy import CityOrder, Strategy, city_order, marginal_value, strategy
from holdfast.recovery.strategy.valuation import by_use, dependent_function, left_without
from holdfast.types import Parameters

KEYS = {
    "fragility": ("asset_class", "intensity_measure", "damage_state"),
    "repair": ("asset_class", "damage_state"),
    "usability": ("occupancy", "damage_state"),
    "delays": ("damage_state", "step"),
    "occupancies": ("occupancy",),
    "productivity": ("occupancy", "power", "water", "gas", "telecom", "transport"),
    "services": ("category",),
    "service_capacity": ("category", "power", "water", "gas", "telecom", "transport"),
    "pipes": ("asset_class", "intensity_measure"),
    "pipe_repair": ("asset_class", "repair"),
    "sectors": ("sector",),
    "input_output": ("supplier", "buyer"),
    "production_figures": ("figure", "sector"),
    "contents": ("occupancy",),
    "rebuilding_steps": ("step", "damage_state"),
    "rebuilding_owners": ("use", "way"),
    "rebuilding_figures": ("figure",),
}
"""Columns that tell the rows of each parameter table apart."""
DAMAGE, RECOVERY = DamageSettings(), RecoverySettings()


class RepairInputs(NamedTuple):
    """How the assets of a city are repaired.

    ``value`` (building, 2): share of the city's functionality that hangs on each building, of work and of living; ``strategy``, ``order``: how
    crews are assigned, and the order of tasks in this city; ``access`` (asset,): node of the roads from which it is repaired;
    ``models``: networks whose service is found outside the loop, by position; ``losses``: what damaged pipes lose, None
    where nothing does.
    """

    city: CityArrays
    baseline: Baseline
    value: NDArray[np.float64]
    strategy: Strategy
    order: CityOrder
    calendar: Calendar
    materials: Materials
    access: NDArray[np.int64]
    models: dict[int, LeakModel]
    losses: PipeLosses | None


class DrawInputs(NamedTuple):
    """What every draw reads: a city with its figures and the names of its assets, damage, repair, a later state observed.

    ``rebuilding``: queues before repairs of buildings, None where each waits by itself; ``production``: the economy on top,
    None where it is off; ``agents``: who decides, None where nobody does.
    """

    city: City
    parameters: Parameters
    assets: Assets
    names: pd.Index
    damage: DamageInputs
    repair: RepairInputs
    observed: Observed | None
    duration_dispersion: float
    settings: RecoverySettings
    rebuilding: RebuildingInputs | None
    production: ProductionInputs | None
    agents: Agents | None


def prepare(
    city: City,
    hazard: Hazard,
    resources: Resources,
    damage: DamageSettings = DAMAGE,
    settings: RecoverySettings = RECOVERY,
    parameters: Parameters | None = None,
    vs30: NDArray[np.float64] | float = 760.0,
    observed: Observed | None = None,
) -> DrawInputs:
    """Hold a city, an event, the settings and the published figures to one another, and put them into arrays.

    Parameters
    ----------
    city : City
        Buildings, zones and networks, assembled.
    hazard : Hazard
        The event, as a room of hazards makes it.
    resources : Resources
        Crews, materials, aid and actions of the recovery.
    damage : DamageSettings
        Where damage comes from, and what it means.
    settings : RecoverySettings
        How the city recovers.
    parameters : Parameters, optional
        Published figures; those that the package ships if omitted.
    vs30 : ndarray or float
        Shear-wave velocity of the upper 30 m at all assets, m/s, shape (asset,) or one value.
    observed : Observed, optional
        State of a later day, from which to go on instead of from the event; no damage is drawn then.

    Raises
    ------
    TableError
        If tables do not fit together; see the rooms.
    UnknownName
        If a strategy, trade, network, network model, material, model of delays or source of damage is unknown.
    """
    parameters = load_parameters() if parameters is None else parameters
    _check_keys(parameters)
    _check_start(settings, observed)
    resources = with_builders(city, parameters, resources)
    names, listed = asset_names(city), assets_in_event(city, hazard, resources)
    # observed states take the place of those that the building table may give
    of_event = damage if observed is None else replace(damage, damage="draw")
    drawn = damage_inputs(city, listed, parameters, hazard, resources, of_event, vs30)
    if observed is not None:
        drawn = drawn._replace(given=observed_states(observed.table, names), shut_off=None)
    repair = _repair_inputs(city, listed, parameters, resources, settings, drawn.table.crews)
    economy = production_inputs(
        city.buildings,
        list(city.networks),
        repair.city,
        repair.baseline,
        parameters,
        settings.production,
    )
    queued = None
    if damage.delays == QUEUES:
        queued = rebuilding_inputs(city, parameters, resources, drawn.table, settings.rebuilding)
    if economy is not None and RESIDENTS in settings.agents.groups:
        # who is displaced and stays in the city can work there: those who cannot have left it
        economy = economy._replace(workers=economy.workers._replace(gone=0.0))
    trade = [listed.trades.index(n) if n in listed.trades else -1 for n in city.networks]
    means = Means(repair.calendar, np.array(trade, dtype=np.int64), drawn.table.pools)
    dispersion, agents = damage.duration_dispersion, agents_of(city.buildings, city.zones, settings.agents, means)
    return DrawInputs(
        city, parameters, listed, names, drawn, repair, observed, dispersion, settings, queued, economy, agents
    )


def _repair_inputs(
    city: City,
    listed: Assets,
    parameters: Parameters,
    resources: Resources,
    settings: RecoverySettings,
    crews: NDArray[np.int64],
) -> RepairInputs:
    """Networks, people, strategy and means as arrays."""
    chosen = strategy(settings.strategy)
    networks = {name: n for n, name in enumerate(city.networks)}
    flat, people = (
        graph(city.buildings, city.networks),
        city_people(city.buildings, city.zones, list(city.networks), parameters, settings.households),
    )
    models = outside_models(settings.network_models, city.networks)
    if settings.lost_pressure:
        flat = flat._replace(pressure=pressure_of(city.networks, [n for n, k in networks.items() if k in models]))
    # a building that nothing serves is refused before anything is computed for it
    check_service(flat, city.buildings, city.networks)
    share = marginal_value(people, settings.weight)
    taking = np.array([n in LEAKY and settings.network_models.get(n) in LEAK_MODELS for n in networks], dtype=np.bool_)
    leaking = settings.lost_pressure and bool((taking | flat.pressure.leaky).any())
    arrays = city_arrays(
        flat,
        people,
        dependent_function(share, left_without(people)),
        crews,
        listed.trade,
        np.array([networks.get(t, -1) for t in listed.trades]),
    )
    before = baseline(arrays, np.array([n in models for n in range(len(networks))], dtype=np.bool_))
    # no road is asked for: repairs never wait for access
    nowhere = np.full(len(listed.site), -1, dtype=np.int64)
    return RepairInputs(
        city=arrays,
        baseline=before,
        value=by_use(share),
        strategy=chosen,
        order=city_order(chosen, city.buildings, flat, listed.site),
        calendar=calendar(city, listed.trades, resources),
        materials=materials(listed.trades, resources),
        access=access(city, listed, flat, before.networks.satisfaction > 0) if settings.road_access else nowhere,
        models=models,
        losses=losses_of_pipes(city, flat, taking) if leaking else None,
    )


def _check_start(settings: RecoverySettings, observed: Observed | None) -> None:
    """Refuse a start that lies after the end."""
    start = observed.day if observed else 0
    if start > settings.horizon_days:
        text = f"{start} is after the horizon of {settings.horizon_days} days; nothing would be simulated"
        raise TableError("recovery", [Problem(text, column="start_day")])
    if observed is not None and settings.agents.groups:
        text = "agents decide from the event on, of which a state observed later says nothing; leave agents empty"
        raise TableError("recovery", [Problem(text, column="agents")])


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
