"""What the firms of a city make on every day of a draw: its buildings as the engine left them, and the economy on top.

The parts stand in order, each with a switch (`ProductionSettings`): backup power, relocation, labour, recapture, demand
with stocks, rebuilding. The economy reads a finished recovery: it delays no repair and moves nobody.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.data import figure
from holdfast.recovery.engine import CityArrays, Outcome
from holdfast.recovery.function.response import answer
from holdfast.recovery.simulation.production.firms import Deciding, Firms, moved_firms
from holdfast.recovery.simulation.production.premises import Premises, ProductionInputs, made_by_sector
from holdfast.recovery.simulation.production.recapture import Interruptions, made_up
from holdfast.recovery.simulation.production.regional import follow
from holdfast.recovery.simulation.production.relocation import relocated
from holdfast.recovery.simulation.production.spread import daily
from holdfast.types import Floats, Ints

HOURS = 24.0


class Produced(NamedTuple):
    """Production of a draw after all parts that are switched on.

    ``daily`` (day,): money per day, as long as the curves of the draw; ``lost``: less than on normal days, to the end of the
    economy's own recovery, money; ``changes`` (part,): what each of `losses.block_result.PARTS` adds to production, money.
    """

    daily: Floats
    lost: float
    changes: Floats


class Closed(NamedTuple):
    """What damage closed.

    ``workable`` (building,): share before repair that can be used; ``lost_days`` (building,): integral of 1 - share of
    production; ``cost`` (asset,): of repair, money.
    """

    workable: Floats
    lost_days: Floats
    cost: Floats


class Span(NamedTuple):
    """Days of a draw.

    ``first``: since the event; ``days``: how many; ``until`` (asset,): day from which it works again, counted from the first.
    """

    first: int
    days: int
    until: Ints


def produced(
    inputs: ProductionInputs, closed: Closed, out: Outcome, first: int = 0, deciding: Deciding | None = None
) -> Produced:
    """What is made on every day of a draw.

    Parameters
    ----------
    inputs : ProductionInputs
        Of the city.
    closed : Closed
        Of the draw.
    out : Outcome
        What the engine made of the draw.
    first : int
        Day since the event on which its curves begin.
    deciding : Deciding, optional
        Firms that decide one by one; without it the expected shares of `relocation`.

    Returns
    -------
    Produced
        Money as that of the city.
    """
    on = inputs.settings
    made = made_by_sector(out.curves.made, inputs.of_kind)
    count = len(made) + (inputs.days_after if (out.finished >= 0).all() else 0)
    span = Span(first, count, np.where(out.finished < 0, count, out.finished - first))
    # after the last repair every building makes what it makes on the last day
    available = np.concatenate([made, np.repeat(made[-1:], count - len(made), axis=0)])
    nothing = np.zeros_like(available)
    backup = _bridged(inputs, closed.workable, out, span) if on.backup else nothing
    here = share_here(inputs, out, count)
    moved = _moved(inputs, closed.workable, available, span, here, deciding) if on.relocation else nothing
    supplied = np.maximum(available + backup + moved, 0.0) + inputs.site
    staffed = supplied * (1.0 - inputs.workers.local * (1.0 - here))[:, None] if on.labour else supplied
    regained = (backup + moved).sum(axis=0)
    late = _late(inputs, closed, out, regained, span) if on.recapture else nothing
    lacking = inputs.normal + inputs.site - (staffed + late)
    if on.demand or on.rebuilding:
        spent = _spending(closed.cost, out, span) if on.rebuilding else np.zeros(count)
        share, pending = inputs.value_added_share, np.flatnonzero(late.any(axis=1))
        end = max(len(made), int(pending[-1]) + 1 if pending.size else 0)
        flows = follow(inputs.economy, staffed / share, late / share, spent, here, end)
        lacking = (inputs.economy.output - flows.output) * share
    lost = lacking.sum(axis=1)
    gains = [backup.sum(), regained.sum() - backup.sum(), (staffed - supplied).sum(), late.sum()]
    gross, net = float((out.normal[0] - out.curves.production).sum()), float(lost.sum())
    return Produced(out.normal[0] - lost[: len(made)], net, np.array([*gains, gross - net - sum(gains)]))


def _bridged(inputs: ProductionInputs, usable: Floats, out: Outcome, span: Span) -> Floats:
    """Production that backup power lets buildings make while the network is down, money per day, shape (day, sector)."""
    gain = np.zeros((span.days, inputs.normal.size))
    own = np.flatnonzero((inputs.premises.backup > 0) & (inputs.premises.sector >= 0))
    if inputs.power >= 0 and own.size:
        _bridge(own, inputs.premises, inputs.power, inputs.city, usable, out.restored, span, gain)
    return gain


def _moved(
    inputs: ProductionInputs, usable: Floats, made: Floats, span: Span, here: Floats, deciding: Deciding | None
) -> Floats:
    """What relocation adds, at the services that the sector has, money per day, shape (day, sector)."""
    firms, out = idle_firms(inputs, usable, span)
    usable_production = inputs.normal - out
    served = np.divide(made, usable_production, out=np.ones_like(made), where=usable_production > 0)
    hazards = inputs.hazards._replace(wait=inputs.hazards.wait - span.first)
    if deciding is None:
        return relocated(out, inputs.normal, hazards) * np.minimum(served, 1.0)
    gain = moved_firms(firms, out, here, inputs.normal, hazards, deciding)
    return gain * np.minimum(served, 1.0)


def idle_firms(inputs: ProductionInputs, usable: Floats, span: Span) -> tuple[Firms, Floats]:
    """Firms of damaged premises, and what they do not make there, money per day, shape (day, sector).

    Parameters
    ----------
    inputs : ProductionInputs
        With the premises of the city.
    usable : ndarray
        Share of each building that can be used before its repair, shape (building,).
    span : Span
        Days of the draw, and of its repairs.
    """
    sector = inputs.premises.sector
    idle = np.where(sector >= 0, inputs.city.people.building["production"] * (1.0 - usable), 0.0)
    start, until = np.zeros(idle.size, dtype=np.int64), span.until[: idle.size]
    return Firms(idle, sector, until), daily(idle, sector, start, until, span.days, inputs.normal.size)


def share_here(inputs: ProductionInputs, out: Outcome, days: int) -> Floats:
    """Share of the residents who are in the city and near enough to work and shop in it, shape (day,).

    Parameters
    ----------
    inputs : ProductionInputs
        With the residents and workers of the city.
    out : Outcome
        Of the draw, whose last day goes on.
    days : int
        Length of the result.
    """
    workers, curves = inputs.workers, out.curves
    if workers.residents == 0:
        return np.ones(days)
    away = workers.gone * curves.displaced + workers.residents - curves.demand
    away = np.concatenate([away, np.repeat(away[-1:], days - away.size)])
    return np.clip(1.0 - away / workers.residents, 0.0, 1.0)


def _late(inputs: ProductionInputs, closed: Closed, out: Outcome, regained: Floats, span: Span) -> Floats:
    """What is made up after interruptions, money per day, shape (day, sector)."""
    city, premises, sectors = inputs.city, inputs.premises, inputs.normal.size
    lost = np.where(premises.sector >= 0, city.people.building["production"] * closed.lost_days, 0.0)
    # what backup and other premises have regained is not made up again; it is taken off all buildings of a sector alike
    total = np.bincount(premises.sector[lost > 0], lost[lost > 0], sectors)
    left = 1.0 - np.divide(regained, total, out=np.zeros(sectors), where=total > 0)
    lost = lost * np.clip(left, 0.0, 1.0)[premises.sector]
    repaired = np.where(closed.workable < 1.0, out.finished[: lost.size], 0)
    restored = out.restored[city.graph.serving]
    reopened = np.maximum(repaired, restored.max(axis=1, initial=0)) - span.first
    never = (repaired < 0) | (restored < 0).any(axis=1)
    reopened = np.where(never, -1, np.maximum(reopened, 0))
    return made_up(
        Interruptions(lost, premises.recapture, premises.sector, reopened, span.first),
        (span.days, sectors),
        figure("recapture_fade"),
    )


def _spending(cost: Floats, out: Outcome, span: Span) -> Floats:
    """Repair cost spread evenly over the days of each repair, money per day, shape (day,)."""
    begun = (out.began >= 0) & (cost > 0)
    start, stop = out.began[begun] - span.first, span.until[begun]
    row = np.zeros(start.size, dtype=np.int64)
    return daily(cost[begun] / np.maximum(stop - start, 1), row, start, stop, span.days, 1)[:, 0]


@numba.njit(cache=True)
def _bridge(
    own: Ints,
    premises: Premises,
    power: int,
    city: CityArrays,
    usable: Floats,
    restored: Ints,
    span: Span,
    gain: Floats,
) -> None:
    """Add what buildings with backup make beside what they make without power, day by day until it is empty."""
    networks, none = city.graph.serving.shape[1], np.empty(0)
    for b in own:
        who = city.people.building[b]
        last = int(np.ceil(premises.backup[b] / HOURS)) - span.first
        for t in range(min(last, span.days)):
            day = t + span.first
            without = 0
            for n in range(networks):
                since = restored[city.graph.serving[b, n]]
                without = 2 * without + (1 if 0 <= since <= day else 0)
            bit = 1 << (networks - 1 - power)
            if without & bit:
                continue
            part = min(premises.backup[b] - HOURS * day, HOURS) / HOURS
            works = usable[b] if t < span.until[b] else 1.0
            more = answer(who.maker, without | bit, none, city.people.productive)
            less = answer(who.maker, without, none, city.people.productive)
            gain[t, premises.sector[b]] += who.production * works * (more - less) * part
