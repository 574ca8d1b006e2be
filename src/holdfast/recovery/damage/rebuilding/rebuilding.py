"""Rebuilding in one draw: from who is damaged to the day on which each repair may ask for a crew.

Inspection comes first; then the owner repairs, rebuilds or sells. Side by side run money (assessment of what is insured, then the
pay-out; else the days of a loan, of aid, of own means), plans (engineering, then the permit) and debris. Offers of builders
follow, and then the engine, where crews are waited for.

Every step is a queue of the city (`desks.served`); buildings of care, of public bodies and schools go first.
"""

from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.damage.draw_kernels import PLACES, Damage
from holdfast.recovery.damage.rebuilding.desks import served
from holdfast.recovery.damage.rebuilding.rebuilding_inputs import (
    ASSESSMENT,
    COMPLETE,
    DEBRIS,
    ENGINEERING,
    EXTENSIVE,
    HOME,
    INSPECTION,
    INSURED,
    LOAN,
    MODERATE,
    OWN,
    PERMIT,
    STEPS,
    TENDER,
    YEAR,
    RebuildingInputs,
)
from holdfast.recovery.hazard.chance import normal, uniform
from holdfast.types import Floats, Ints

PAY, SALE, SOON = range(len(STEPS), len(STEPS) + 3)
"""Places, after the steps, of the normal numbers of a building."""
WAY, REBUILT, SELLS = range(16, 19)
"""Places of its uniform numbers."""


class Waits(NamedTuple):
    """Days since the event, shape (damaged,): ``seen`` by an inspector, ``release`` from which a crew may be asked."""

    seen: Floats
    release: Floats


class Rebuilding(NamedTuple):
    """``damage`` of a draw with rebuilding in it; ``eased`` (row, 2): day and building of temporary repairs, by day."""

    damage: Damage
    eased: Ints


TAIL = 2.5
"""Standard deviations at which lognormal days end, one in 160: medians say nothing of decades of waiting."""
NOBODY = np.empty((0, 2), dtype=np.int64)


def rebuilt(damage: Damage, key: np.uint64, inputs: RebuildingInputs, held: Ints | None = None) -> Rebuilding:
    """The damage of a draw with the waits, costs and days of rebuilding at the city's pace.

    Parameters
    ----------
    damage : Damage
        Arrays of shape (asset,), the buildings first.
    key : uint64
        Of the random numbers of this draw.
    inputs : RebuildingInputs
        Of the city.
    held : ndarray of int, optional
        Day before which nobody looks at a building, since water stands in it, shape (building,).

    Returns
    -------
    Rebuilding
        Of networks the damage is unchanged; of buildings ``delay`` (whole days until a crew may be asked), ``repair_cost``,
        ``repair_days`` and ``repair_work``, which hold the rise of prices and days and what is rebuilt.

    References
    ----------
    Almufti & Willford (2013), REDi Rating System: the steps and the chains side by side. Departs from it in that buildings
    wait for one another, in the owner's decision, and in that the money follows from what the owner pays from.
    Olsen & Porter (2011), What we know about demand surge, Natural Hazards Review 12(2): that prices rise.
    """
    own = np.flatnonzero(damage.damage_state[: inputs.units.size] > 0)
    if not own.size:
        return Rebuilding(damage, NOBODY)
    replaced = _replaced(own, damage, key, inputs)
    state = np.where(replaced, COMPLETE, damage.damage_state[own]).astype(np.int64)
    cost, days, work, delay = (
        a.copy() for a in (damage.repair_cost, damage.repair_days, damage.repair_work, damage.delay)
    )
    crews = damage.repair_work[own] / damage.repair_days[own]
    base_cost = np.where(replaced, inputs.replacement.cost[own], damage.repair_cost[own])
    base_days = np.where(replaced, inputs.replacement.days[own], damage.repair_days[own]) * inputs.stretch[own]
    # Not specified in the paper: scarcity by the work of the draw over that of a normal year
    scarcity = (base_days * crews).sum() / (inputs.surge.crews * YEAR)
    risen = scarcity / (scarcity + inputs.surge.half)
    cost[own] = base_cost * (1.0 + inputs.surge.price * risen)
    days[own] = np.maximum(np.rint(base_days * (1.0 + inputs.surge.days * risen)), 1).astype(np.int64)
    work[own] = days[own] * crews
    wait = waits(own, state, key, inputs, None if held is None else held[own])
    delay[own] = np.ceil(wait.release).astype(np.int64)
    late = damage._replace(repair_cost=cost, repair_days=days, repair_work=work, delay=delay)
    return Rebuilding(late, _eased(own, state, wait.seen, key, inputs))


def _eased(own: Ints, state: Ints, seen: Floats, key: np.uint64, inputs: RebuildingInputs) -> Ints:
    """Day and building of temporary repairs, by day: of moderately damaged homes, without a crew of the city."""
    soon = inputs.temporary
    if soon is None:
        return NOBODY
    which = np.flatnonzero((state == MODERATE) & (inputs.use[own] == HOME))
    home = own[which]
    lag = _lognormal(home, SOON, key, np.full(home.size, soon.median), np.full(home.size, soon.dispersion))
    day = np.ceil(seen[which] + lag).astype(np.int64)
    order = np.argsort(day, kind="stable")
    return np.column_stack([day[order], home[order]])


def _replaced(own: Ints, damage: Damage, key: np.uint64, inputs: RebuildingInputs) -> np.ndarray:
    """Which of the buildings `own` are rebuilt though they are damaged less than completely."""
    share = inputs.replacement.share[inputs.use[own]]
    return (damage.damage_state[own] == EXTENSIVE) & (uniforms(own, REBUILT, key) < share)


def waits(
    own: Ints,
    state: Ints,
    key: np.uint64,
    inputs: RebuildingInputs,
    held: Ints | None = None,
    granted: Floats | None = None,
) -> Waits:
    """When each damaged building is seen by an inspector, and may ask for a crew.

    Parameters
    ----------
    own : ndarray of int
        Places of the damaged buildings, shape (damaged,).
    state : ndarray of int
        Damage state 1..4 of each, of what is rebuilt 4.
    key : uint64
        Of the random numbers of the draw.
    inputs : RebuildingInputs
        Of the city.
    held : ndarray of int, optional
        Day before which nobody looks at each, shape (damaged,).
    granted : ndarray, optional
        Day on which a grant is there, infinite for who gets none, shape (damaged,).
    """
    rank, desks, replacement = inputs.rank[own], inputs.desks, inputs.replacement

    def lag(step: int) -> Floats:
        return _lognormal(own, step, key, desks.median[step, state], desks.dispersion[step, state])

    def after(step: int, asked: Floats, who: np.ndarray | bool = True) -> Floats:
        effort = np.where(who, desks.effort[step, state] * inputs.units[own], 0.0)
        return served(asked + np.where(who, lag(step), 0.0), effort, rank, desks.opens[step])

    seen = after(INSPECTION, np.zeros(own.size) if held is None else held.astype(np.float64))
    sells = sellers(own, state, key, inputs)
    sale = _lognormal(
        own, SALE, key, np.full(own.size, replacement.sale_days), np.full(own.size, replacement.sale_dispersion)
    )
    decided = seen + np.where(sells, sale, 0.0)
    way = ways(own, state, sells, key, inputs)
    paid = inputs.owners.median[inputs.use[own], way], inputs.owners.dispersion[inputs.use[own], way]
    money = after(ASSESSMENT, decided, way == INSURED) + _lognormal(own, PAY, key, *paid)
    if granted is not None:
        money = np.minimum(money, granted)
    plans = after(PERMIT, after(ENGINEERING, decided))
    # debris is cleared by the city whoever owns the lot
    ready = np.maximum(np.maximum(money, plans), after(DEBRIS, seen))
    return Waits(seen, ready + lag(TENDER))


def ways(own: Ints, state: Ints, sells: np.ndarray, key: np.uint64, inputs: RebuildingInputs) -> Ints:
    """What each repair is paid from: slight damage from own means, as it lies below what others pay for; a buyer borrows.

    Parameters
    ----------
    own, state, key, inputs
        As those of `waits`.
    sells : ndarray of bool
        Owners who sell, as from `sellers`, shape (damaged,).

    Returns
    -------
    ndarray of int
        Places in `rebuilding_inputs.WAYS`, shape (damaged,).
    """
    below = inputs.owners.below[inputs.use[own]]
    # the last share is 1 but for rounding
    drawn = (uniforms(own, WAY, key)[:, None] >= below[:, :-1]).sum(axis=1)
    return np.where(sells, LOAN, np.where(state == 1, OWN, drawn)).astype(np.int64)


def sellers(own: Ints, state: Ints, key: np.uint64, inputs: RebuildingInputs) -> np.ndarray:
    """Owners of what is rebuilt who sell and leave, shape (damaged,); arguments as of `waits`."""
    return (state == COMPLETE) & (uniforms(own, SELLS, key) < inputs.replacement.sold)


def rebuilt_states(own: Ints, damage: Damage, key: np.uint64, inputs: RebuildingInputs) -> Ints:
    """Damage state of each building, of what is rebuilt 4, shape (damaged,); arguments as of `waits`."""
    return np.where(_replaced(own, damage, key, inputs), COMPLETE, damage.damage_state[own]).astype(np.int64)


def _lognormal(own: Ints, place: int, key: np.uint64, median: Floats, dispersion: Floats) -> Floats:
    """Lognormal days; 0 where the median is."""
    return median * np.exp(dispersion * np.minimum(normals(own, place, key), TAIL))


@numba.njit(cache=True)
def normals(own: Ints, place: int, key: np.uint64) -> Floats:
    """Standard normal numbers at one of the places that belong to each building, shape (damaged,)."""
    out = np.empty(own.size)
    for i in range(own.size):
        out[i] = normal(key, np.uint64(own[i]) * PLACES + np.uint64(place))
    return out


@numba.njit(cache=True)
def uniforms(own: Ints, place: int, key: np.uint64) -> Floats:
    """Uniform numbers likewise."""
    out = np.empty(own.size)
    for i in range(own.size):
        out[i] = uniform(key, np.uint64(own[i]) * PLACES + np.uint64(place))
    return out
