"""What the rebuilding of a city hangs on: its desks, who pays for repairs, how scarce builders are."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import City
from holdfast.recovery.damage.assets import BUILDING, Consequences
from holdfast.recovery.damage.fragility import STATES
from holdfast.recovery.damage.rebuilding.builders import figure_in, normal_crews, units_of
from holdfast.recovery.damage.rebuilding.desks import opening_days
from holdfast.recovery.function.productivity import by_occupancy
from holdfast.recovery.settings.run_settings import RebuildingSettings, Resources
from holdfast.types import Floats, Ints, Parameters

STEPS = ("inspection", "debris", "assessment", "engineering", "permit", "tender")
INSPECTION, DEBRIS, ASSESSMENT, ENGINEERING, PERMIT, TENDER = range(len(STEPS))
DESKS = STEPS[:TENDER]
"""Steps with a queue; a builder who has made an offer is waited for in the engine."""
USES, WAYS = ("home", "other"), ("insured", "loan", "aid", "own")
HOME = USES.index("home")
INSURED, LOAN, AID, OWN = range(len(WAYS))
FIRST_SERVED = ("care", "public", "school")
"""Categories that every desk takes before all others."""
YEAR = 365.0
MODERATE, EXTENSIVE, COMPLETE = (STATES.index(s) for s in ("moderate", "extensive", "complete"))
WHOLE = 1e-6  # by which shares as written may differ from 1


class Desks(NamedTuple):
    """Whom a repair waits for.

    ``effort``, ``median``, ``dispersion`` (step, state): days of a server per building unit, and the lognormal days that
    pass before he is asked, states 0..4; ``opens``: per desk the day from which each server works.
    """

    effort: Floats
    median: Floats
    dispersion: Floats
    opens: tuple[Floats, ...]


class Owners(NamedTuple):
    """What repairs are paid from: ``below`` (use, way) shares summed up, ``median`` and ``dispersion`` (use, way) of the days."""

    below: Floats
    median: Floats
    dispersion: Floats


class Replacement(NamedTuple):
    """Buildings that are rebuilt rather than repaired.

    ``share`` (use,): of the extensively damaged; ``cost`` (money) and ``days`` (building,): of a complete one; ``sold``,
    ``sale_days``, ``sale_dispersion``: share of owners of such and of complete buildings who sell, and what a sale takes.
    """

    share: Floats
    cost: Floats
    days: Ints
    sold: float
    sale_days: float
    sale_dispersion: float


class Surge(NamedTuple):
    """What scarcity of builders does: ``price`` and ``days`` rise by so much at most, half of it at ``half`` years of work.

    ``crews``: those at work on a normal day, those that are named where they cannot be counted.
    """

    price: float
    days: float
    half: float
    crews: float


class Temporary(NamedTuple):
    """Temporary repairs of moderately damaged homes: ``share`` that can be lived in then, lognormal days after the inspection."""

    share: float
    median: float
    dispersion: float


class RebuildingInputs(NamedTuple):
    """Rebuilding of the buildings of a city; ``temporary`` is None where there are no such repairs.

    ``units``: size in building units; ``use``: place in `USES`; ``rank``: lower ones are served first; ``stretch``: days of
    a repair over those with all crews that the building calls for; all (building,).
    """

    desks: Desks
    owners: Owners
    replacement: Replacement
    surge: Surge
    temporary: Temporary | None
    units: Floats
    use: Ints
    rank: Ints
    stretch: Floats


def rebuilding_inputs(
    city: City, parameters: Parameters, resources: Resources, table: Consequences, settings: RebuildingSettings
) -> RebuildingInputs:
    """Gather what the rebuilding of a city hangs on.

    Parameters
    ----------
    city : City
        Buildings with residents.
    parameters : Parameters
        Tables ``rebuilding_steps``, ``rebuilding_owners``, ``rebuilding_figures``, ``occupancies`` and those of
        `holdfast.recovery.damage.rebuilding.builders.normal_crews`.
    resources : Resources
        With crews of the trade "building".
    table : Consequences
        Of all assets, the buildings first.
    settings : RebuildingSettings
        What the study says instead of the tables.

    Raises
    ------
    TableError
        If a step, way of paying or figure is missing, or shares of owners do not sum to 1.
    UnknownName
        If the settings name another desk or way of paying.
    """
    count, figure = len(city.buildings), partial(figure_in, parameters.rebuilding_figures)
    category = by_occupancy(city.buildings, parameters.occupancies, "category").astype(str)
    units = units_of(city, resources)
    counted = normal_crews(city, parameters, resources)
    return RebuildingInputs(
        desks=_desks(parameters, units.sum(), settings.servers),
        owners=_owners(parameters.rebuilding_owners, settings.owners),
        replacement=_replacement(table, count, figure),
        surge=Surge(
            price=figure("price_surge") if settings.surge else 0.0,
            days=figure("days_surge") if settings.surge else 0.0,
            half=figure("surge_half"),
            crews=counted or float(resources.crews[BUILDING]),
        ),
        temporary=_temporary(figure) if settings.temporary else None,
        units=units,
        use=np.where(category == "home", HOME, 1 - HOME).astype(np.int64),
        rank=np.where(np.isin(category, FIRST_SERVED), 0, 1).astype(np.int64),
        # a pool smaller than what a building calls for does the same work in more days
        stretch=units / table.crews[:count],
    )


def _replacement(table: Consequences, count: int, figure: Callable[[str], float]) -> Replacement:
    """What is rebuilt of the first `count` assets."""
    kind = table.kind[:count]
    return Replacement(
        share=np.array([figure(f"rebuilt_share_{use}") for use in USES]),
        cost=table.ratio[kind, COMPLETE] * table.replacement_cost[:count],
        days=table.days[kind, COMPLETE],
        sold=figure("sold_share"),
        sale_days=figure("sale_days"),
        sale_dispersion=figure("sale_dispersion"),
    )


def _temporary(figure: Callable[[str], float]) -> Temporary:
    """Temporary repairs by their three figures."""
    return Temporary(figure("temporary_reoccupied"), figure("temporary_days"), figure("temporary_dispersion"))


def _desks(parameters: Parameters, units: float, chosen: Mapping[str, float]) -> Desks:
    """Desks of a city of so many building units; `chosen` servers per 1,000 of them take the place of the table's."""
    for name in chosen:
        if name not in DESKS:
            raise UnknownName("desk", name, DESKS, "recovery.rebuilding.servers")
    opens = []
    for name in DESKS:
        first, outside, days = (
            figure_in(parameters.rebuilding_figures, f"{name}_{part}")
            for part in ("servers", "outside", "outside_days")
        )
        opens.append(opening_days(chosen.get(name, first) * units / 1000, outside, days))
    steps = parameters.rebuilding_steps
    return Desks(
        _by_step(steps, "effort_days"), _by_step(steps, "median_days"), _by_step(steps, "dispersion"), tuple(opens)
    )


def _by_step(table: pd.DataFrame, column: str) -> Floats:
    """One column by step and damage state 0..4, 0 where there is no damage."""
    values = (
        table.pivot_table(values=column, index="step", columns="damage_state", aggfunc="first") if len(table) else table
    )
    values = values.reindex(index=list(STEPS), columns=list(STATES[1:]))
    lacking = [(s, d) for s in STEPS for d in STATES[1:] if pd.isna(values.loc[s, d])]
    if lacking:
        raise TableError(
            "rebuilding_steps", [Problem(f"no row for {s}, {d}; add it (0 days if none)") for s, d in lacking]
        )
    return np.column_stack([np.zeros(len(STEPS)), values.to_numpy(np.float64)])


def _owners(table: pd.DataFrame, chosen: Mapping[str, float]) -> Owners:
    """Ways of paying; `chosen` shares by way take the place of those of the table for all uses."""
    for name in chosen:
        if name not in WAYS:
            raise UnknownName("way of paying", name, WAYS, "recovery.rebuilding.owners")
    if chosen and abs(sum(chosen.values()) - 1.0) > WHOLE:
        text = f"shares sum to {sum(chosen.values()):g}; name all of {', '.join(WAYS)} that there are, so that they sum to 1"
        raise TableError("recovery", [Problem(text, column="rebuilding.owners")])
    wide = {c: _by_way(table, c) for c in ("share", "median_days", "dispersion")}
    share = np.tile([chosen.get(w, 0.0) for w in WAYS], (len(USES), 1)) if chosen else wide["share"]
    off = [use for use, total in zip(USES, share.sum(axis=1), strict=True) if abs(total - 1.0) > WHOLE]
    if off:
        raise TableError("rebuilding_owners", [Problem(f"{u}: shares do not sum to 1", column="share") for u in off])
    return Owners(np.cumsum(share, axis=1), wide["median_days"], wide["dispersion"])


def _by_way(table: pd.DataFrame, column: str) -> Floats:
    """One column by use and way of paying."""
    values = table.pivot_table(values=column, index="use", columns="way", aggfunc="first") if len(table) else table
    values = values.reindex(index=list(USES), columns=list(WAYS))
    if values.isna().to_numpy().any():
        lacking = [(u, w) for u in USES for w in WAYS if pd.isna(values.loc[u, w])]
        raise TableError("rebuilding_owners", [Problem(f"no row for {u}, {w}; add it") for u, w in lacking])
    return values.to_numpy(np.float64)
