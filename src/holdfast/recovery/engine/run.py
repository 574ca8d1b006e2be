"""One draw as the engine runs it: state and loop, models outside the loop, and what comes out."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from holdfast.recovery.engine.initial import apply_damage, initial_state
from holdfast.recovery.engine.loop import advance
from holdfast.recovery.engine.records import (
    CAPACITY,
    DEMAND,
    FIRST,
    GAP,
    MINUTES,
    PRODUCTION,
    Baseline,
    Calendar,
    CityArrays,
    Curves,
    Functions,
    Outcome,
    State,
    Tasks,
)
from holdfast.recovery.engine.restart import Present, present_of, resume
from holdfast.recovery.function.service_capacity import PLACE_AND_SERVICES
from holdfast.recovery.networks import LeakModel
from holdfast.recovery.strategy.spanning_tree import Tree
from holdfast.types import Floats, Ints


class Run(NamedTuple):
    """How to run one draw.

    ``models``: network -> the model that finds its service, for those which the loop does not find itself; ``present``:
    where to start, None for the event; ``lines``: greatest length of the trace.
    """

    models: Mapping[int, LeakModel]
    present: Present | None = None
    lines: int = 0


def run_draw(
    city: CityArrays,
    before: Baseline,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[Ints, Ints],
    horizon: int,
    run: Run,
) -> Outcome:
    """Run one draw from the event, or from a present, to the last repair or the horizon.

    What a crew starts on day r with duration d works again from day r + d on.

    Parameters
    ----------
    tree : Tree
        Spanning forest for the damage of this draw.
    pools : tuple of ndarray
        Crews of each trade and stock of each material on the day of the event.
    horizon : int
        Last day simulated.
    """
    first = 0 if run.present is None else run.present.day
    state, curves = _simulated(city, before, tasks, tree, calendar, pools, horizon + 1, run)
    return _outcome(first, city, before, state, curves)


def run_until(
    day: int,
    city: CityArrays,
    before: Baseline,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[Ints, Ints],
    run: Run,
) -> Present:
    """Run one draw up to a day and give the present before that day's events, from which `run_draw` goes on exactly.

    Parameters
    ----------
    day : int
        Days since the event; if all is repaired earlier, the present is that of the day after.
    """
    state, _ = _simulated(city, before, tasks, tree, calendar, pools, day, run)
    return present_of(state)


def _simulated(
    city: CityArrays,
    before: Baseline,
    tasks: Tasks,
    tree: Tree,
    calendar: Calendar,
    pools: tuple[Ints, Ints],
    days: int,
    run: Run,
) -> tuple[State, Floats]:
    """State after a number of days since the event, and the means of each day."""
    state = initial_state(city, before, tasks, calendar, pools, days, run.lines)
    first = 0
    if run.present is not None:
        first = run.present.day
        resume(run.present, city, state)
        # deliveries of earlier days are in the stock; crews that came and actions taken are not, and are made up for
        state.cursor["delivery"] = np.searchsorted(calendar.deliveries[:, 0], first)
    apply_damage(first, city, tasks, state)
    curves = np.zeros((max(days - first, 0), before.city.size))
    wanted = advance(-1, city, tasks, tree, calendar, state, curves, first)
    while wanted >= 0:  # the loop cannot call Python: it stops, and goes on with the answer
        nodes = slice(city.graph.node_start[wanted], city.graph.node_start[wanted + 1])
        edges = slice(*np.searchsorted(city.graph.edge_network, [wanted, wanted + 1]))
        # copies: what a model does with them is no business of the state
        works = state.networks.works[nodes].copy(), state.networks.edge_intact[edges].copy()
        leak = state.networks.leak[edges].copy()
        state.networks.satisfaction[nodes] = run.models[wanted](*works, leak)
        wanted = advance(wanted, city, tasks, tree, calendar, state, curves, first)
    return state, curves[: state.cursor["day"][0] - first]


def _outcome(first: int, city: CityArrays, before: Baseline, state: State, curves: Floats) -> Outcome:
    """Put the end of a run into the units of its readers."""
    own, per = state.functions, city.people.person_unit
    end = (first + len(curves)) * MINUTES
    scale = np.full(FIRST, per)
    scale[PRODUCTION] = city.people.money_unit
    scale[GAP] = PLACE_AND_SERVICES * per  # as persons who lack both
    level = curves[:, :FIRST] / scale
    gap_days, unmet_days = _person_days(end, city, own)
    return Outcome(
        curves=Curves(**dict(zip(Curves._fields, (*level.T, *_parts(city, before, curves)), strict=True))),
        normal=before.city[[PRODUCTION, CAPACITY, DEMAND]] / scale[[PRODUCTION, CAPACITY, DEMAND]],
        lost_production=_lost_production(own, end),
        began=state.repairs.asset["began"].copy(),
        finished=state.repairs.asset["finished"].copy(),
        restored=state.restored,
        gap_days=gap_days,
        unmet_days=unmet_days,
        resettled=float(own.shared["resettled"][0] / per),
        events=int(state.cursor["events"][0]),
        trace=state.trace[: state.cursor["lines"][0]],
        stock=state.repairs.stock,
    )


def _person_days(end: int, city: CityArrays, own: Functions) -> tuple[Floats, Floats]:
    """Person-days of missing service capacity and of unmet needs of each zone, to the minute `end`."""
    zone, shared, per = own.zone, own.shared[0], city.people.person_unit
    days = (end - zone["since"]) / MINUTES / per
    unmet = zone["unmet_days"] + (zone["homeless"] + zone["unserved"]) / 2 * days
    each = shared["day_gap"] / PLACE_AND_SERVICES / max(shared["day_demand"], 1)
    by_day = shared["day_gap_each"] + each * ((end - shared["day_since"]) / MINUTES) - zone["day_gap_until"]
    gap = zone["gap_days"] + zone["gap"] / PLACE_AND_SERVICES * days + zone["residents"] / per * by_day
    return gap, unmet


def _parts(city: CityArrays, before: Baseline, curves: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of the occupants with service, by network, and of the persons served, by category; production by kind."""
    networks, people = city.graph.serving.shape[1], city.people
    first_kind = FIRST + networks + people.weight.size
    whole, part = before.city[FIRST:first_kind].astype(np.float64), curves[:, FIRST:first_kind]
    share = np.divide(part, whole, out=np.ones_like(part), where=whole > 0)  # of nobody, all are served
    return share[:, :networks], share[:, networks:], curves[:, first_kind:] / people.money_unit


def _lost_production(own: Functions, end: int) -> Floats:
    """Integral of what each building lacked of its production, days, to the minute `end`."""
    building = own.building
    lost: Floats = building["lost_production"] + (1.0 - building["production"]) * ((end - building["since"]) / MINUTES)
    return lost
