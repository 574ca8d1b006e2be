"""Predict the rest of a restoration of power from its first hours, by simulating synthetic networks in the state observed."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.validation.outages.network import Devices, customers_behind, damaged_devices
from holdfast.recovery.validation.outages.practice import Practice, draw_practice
from holdfast.recovery.validation.outages.record import HOURS_OF_A_DAY, Record, passed_hour, record
from holdfast.recovery.validation.outages.repair import Repairs, hours_until_power
from holdfast.types import Floats, Ints

DISTRICTS = 24
"""Shares without power up to which each is simulated as a district of its own; of more, areas with like shares share one."""
CUSTOMERS_OUT = 12_000.0
"""Customers without power of a district; an area with more takes its curve, an area with fewer a sample of its customers."""
LEAST_SHARE = 0.002
"""Share without power below which an area is simulated as if it had that."""
STEP = 12
"""Hours between changes of the workforce."""
TRACE = 0.01
"""Share that is added before logarithms are compared, so that the last few customers decide nothing."""


class Ensemble(NamedTuple):
    """Shares of customers with power.

    ``areas``; ``days`` (time,): since the storm had passed, the first is the last known one; ``share`` (draw, area, time):
    draws of one number in two areas are not the same event; ``total`` (draw, time): of all areas together, each draw
    a whole event.
    """

    areas: pd.Index
    days: Floats
    share: Floats
    total: Floats


class Window(NamedTuple):
    """Places in the hours of a record: the storm has passed, the middle of the hours known since, the last hour known."""

    first: int
    middle: int
    last: int


class Simulated(NamedTuple):
    """Draws before they are held to what is known.

    ``seen``, ``window``: what is known; ``out`` (draw, area, time): share of the customers without power, at every known hour
    since the storm had passed, then at ``steps`` (time,), hours after the last known one; ``practices``: one per
    draw.
    """

    seen: Record
    window: Window
    steps: Ints
    out: Floats
    practices: tuple[Practice, ...]


def predict_outages(
    known: pd.DataFrame, *, draws: int = 200, seed: int = 1, horizon_days: int = 20, step_hours: int = 24
) -> Ensemble:
    """Predict the share of customers with power in every area, from what is known up to now.

    Repair and its order are predicted; damage is not, it is taken from the share observed. Damage to transmission
    and generation, later storms and limits of access are not in it. Not specified in a paper.

    Parameters
    ----------
    known : DataFrame
        Schema ``outages``, with no record after now, such as from `known_part`.
    draws, seed : int
        Draws that are simulated, and drawn from by their weights; seed of everything random.
    horizon_days, step_hours : int
        Days predicted after now, and hours between the values.

    Returns
    -------
    Ensemble
        Shares from the last known hour on.

    Raises
    ------
    TableError
        If an area has two records of one hour or no customers, or nobody is without power.
    """
    simulated = simulate_outages(known, draws=draws, seed=seed, horizon_days=horizon_days, step_hours=step_hours)
    return conditioned(simulated, *draw_weights(simulated), np.random.default_rng([seed, draws]))


def simulate_outages(known: pd.DataFrame, *, draws: int, seed: int, horizon_days: int, step_hours: int) -> Simulated:
    """Simulate restorations from the state in which the storm left the areas; all draws alike, arguments as there.

    Raises
    ------
    TableError
        As `predict_outages`.
    """
    seen = record(known)
    window = _window(seen)
    steps = np.arange(0, horizon_days * HOURS_OF_A_DAY + 1, step_hours).astype(np.int64)
    # every draw is an event of its own, with a seed that depends on its number alone
    both = [_simulate(seen, window, steps, np.random.default_rng(s)) for s in np.random.SeedSequence(seed).spawn(draws)]
    return Simulated(seen, window, steps, np.stack([out for out, _ in both]), tuple(p for _, p in both))


def conditioned(simulated: Simulated, event: Floats, area: Floats, rng: np.random.Generator) -> Ensemble:
    """Draw from simulated draws by their weights, as many as there are; each falls on from what was last seen."""
    seen, window, steps, out, _ = simulated
    last = out[:, :, window.last - window.first][:, :, None]
    # what is predicted is the fall of a draw after the last known hour, not its level, which was observed
    falling = np.divide(out[:, :, -steps.size :], last, out=np.zeros((*out.shape[:2], steps.size)), where=last > 0)
    falling[:, :, 0] = 1.0  # now is known, also where a draw has power back that the record has not
    share = np.minimum(seen.out[None, :, window.last, None] * falling, 1.0)
    # areas are resampled each by its own weights, the total by those of the event: a total of picked areas would mix
    # events
    picked = np.stack([share[_resample(area[:, a], rng), a] for a in range(len(seen.areas))], axis=1)
    total = np.tensordot(share, seen.customers / seen.customers.sum(), axes=(1, 0))[_resample(event, rng)]
    days = (window.last - window.first + steps) / HOURS_OF_A_DAY
    return Ensemble(seen.areas, days, 1.0 - picked, 1.0 - total)


def _window(seen: Record) -> Window:
    """Where the storm has passed, the middle and the end of what is known."""
    first, last = int(passed_hour(seen)), seen.hours.size - 1
    if seen.out[:, first].max() == 0:
        raise TableError("outages", [Problem("nobody is without power; there is nothing to predict")])
    return Window(first, first + (last - first) // 2, last)


def _simulate(seen: Record, window: Window, steps: Ints, rng: np.random.Generator) -> tuple[Floats, Practice]:
    """Share of the customers of each area without power: every known hour, then at the steps; shape (area, time)."""
    practice = draw_practice(rng)
    # an area may reach its most later than all together; it is simulated as if it had that from the first hour
    most = seen.out[:, window.first : window.last + 1].max(axis=1)
    shares, place = _districts(seen, window, most, practice)
    weight = np.array([practice.feeder_weight, practice.lateral_weight, practice.service_weight])
    # each district splits its hazard in its own way, about the shares of the event
    weights = weight * np.exp(practice.weight_spread * rng.standard_normal((shares.size, weight.size)))
    devices = damaged_devices(shares, weights / weights.sum(axis=1, keepdims=True), CUSTOMERS_OUT, practice, rng)
    horizon = int(window.last - window.first + steps[-1])
    back = hours_until_power(repairs(devices, shares.size, practice, horizon, rng), horizon)
    # first every known hour, by which draws are weighed, then the steps after the last one
    hours = np.concatenate([np.arange(window.last - window.first + 1), window.last - window.first + steps])
    curves = np.empty((len(seen.areas), hours.size))
    for a, district in enumerate(place):
        own = devices.district == district
        people_out = most[a] * seen.customers[a]
        left = _left(devices.customers[own], back[own], people_out, practice.customers_per_lateral, horizon + 2, rng)
        curves[a] = most[a] * left[hours]
    return curves, practice


def _districts(seen: Record, window: Window, most: Floats, practice: Practice) -> tuple[Floats, Ints]:
    """Shares without power of the districts to simulate, and the district of each area."""
    mean = float(seen.customers @ seen.out[:, window.first] / seen.customers.sum())
    # shares of small areas are pulled to the mean: with whole feeders out, a share observed of n customers varies by
    # about mean (1 - mean) customers_per_feeder / n, the true ones by share_spread squared
    prior = practice.customers_per_feeder * mean * (1 - mean) / practice.share_spread**2
    shrunk = (seen.customers * most + prior * mean) / (seen.customers + prior)
    shrunk = np.maximum(shrunk, LEAST_SHARE)
    order = np.argsort(shrunk, kind="stable")
    group = np.empty(order.size, dtype=np.int64)
    # areas in the order of their shares, cut into groups of like size; each takes its median
    group[order] = np.arange(order.size) * min(DISTRICTS, order.size) // order.size
    shares = np.array([np.median(shrunk[group == g]) for g in range(group.max() + 1)])
    return shares, group


def repairs(devices: Devices, districts: int, practice: Practice, horizon: int, rng: np.random.Generator) -> Repairs:
    """Hours, order and crews of the repairs of one draw, for `hours_until_power`, up to the hour `horizon`."""
    expected = np.array([practice.feeder_hours, practice.lateral_hours, practice.service_hours])[devices.kind]
    # lognormal with the expected value as its mean, hence less half the variance
    residual = practice.hours_spread * rng.standard_normal(devices.kind.size) - practice.hours_spread**2 / 2
    # dispatchers go by customers per crew-hour, as far as they see them: the least number goes first
    seen = np.log(np.maximum(customers_behind(devices), 1.0) / expected)
    order = practice.disorder * rng.standard_normal(devices.kind.size) - seen
    out = np.bincount(devices.district, weights=devices.customers, minlength=districts)
    # the full workforce would do the work estimated by the target day; it goes to districts by customers without power
    full = expected.sum() * out / out.sum() / (practice.target_days * HOURS_OF_A_DAY)
    full *= np.exp(practice.area_spread * rng.standard_normal(districts))
    times = np.arange(0, horizon + 1, STEP)
    crews = np.maximum(np.rint(full * workforce(times / HOURS_OF_A_DAY, practice)[:, None]), 1).astype(np.int64)
    hour, district = np.nonzero(np.diff(crews, axis=0))
    changes = np.column_stack([times[hour + 1], district, np.diff(crews, axis=0)[hour, district]])
    hours = np.maximum(np.rint(expected * np.exp(residual)), 1).astype(np.int64)
    return Repairs(devices.above, devices.district, hours, order, crews[0], changes)


def workforce(days: Floats, practice: Practice) -> Floats:
    """Workforce over its full size, by days since the storm had passed.

    Examples
    --------
    >>> practice = draw_practice(np.random.default_rng(1))._replace(initial_crews=0.5, ramp_days=2.0)
    >>> workforce(np.array([0.0, 1.0, 2.0]), practice).tolist()
    [0.5, 0.75, 1.0]
    """
    # it fills in a straight line until `ramp_days`, then grows as crews come from finished areas
    filled = practice.initial_crews + (1 - practice.initial_crews) * np.minimum(days / practice.ramp_days, 1)
    growth = max(practice.target_days - practice.ramp_days, 1.0)
    more = (practice.reinforcement - 1) * np.clip((days - practice.ramp_days) / growth, 0, 1)
    return np.asarray(filled + more)


def _left(
    customers: Floats, back: Ints, out: float, per_lateral: float, length: int, rng: np.random.Generator
) -> Floats:
    """Share of those without power who still are, by hour, shape (length,); of few customers, by those of whole laterals."""
    size = customers
    # an area smaller than its district takes a sample of the devices, by their customers
    if 0 < out < customers.sum():
        count = int(np.ceil(out / per_lateral))
        back = back[rng.choice(customers.size, count, p=customers / customers.sum())]
        size = np.full(count, per_lateral)
        size[-1] = out - per_lateral * (count - 1)
    gone = np.cumsum(np.bincount(back, weights=size, minlength=length))
    return np.asarray(1.0 - gone / gone[-1])


def draw_weights(simulated: Simulated) -> tuple[Floats, Floats]:
    """Weigh draws by how fast the outages known fell.

    Returns
    -------
    ndarray
        Weight of every draw for all areas together, shape (draw,).
    ndarray
        The same for each area, shape (draw, area).
    """
    seen, window, _, out, practices = simulated
    span, half = window.last - window.first, window.middle - window.first
    total, observed = np.tensordot(out, seen.customers, axes=(1, 0)), seen.customers @ seen.out
    # normal errors of the logarithm of the decline, with the standard deviations of `Practice`; all areas together
    # count over the hours known since the storm had passed; an area over the later half of them, since the first hours
    # are those of switching and of late reports
    decline = np.log((total[:, span] / total[:, 0] + TRACE) / (observed[window.last] / observed[window.first] + TRACE))
    event = -0.5 * (decline / np.array([p.event_error for p in practices])) ** 2
    later = np.log((out[:, :, span] + TRACE) / (out[:, :, half] + TRACE))
    later -= np.log((seen.out[:, window.last] + TRACE) / (seen.out[:, window.middle] + TRACE))
    area = event[:, None] - 0.5 * (later / np.array([p.area_error for p in practices])[:, None]) ** 2
    # a draw in which an area has all power back that the record has not, counts for nothing there, unless all draws are
    # such
    too_early = (out[:, :, span] == 0) & (seen.out[:, window.last] > 0)
    area[too_early & ~too_early.all(axis=0)] = -np.inf
    return np.exp(event - event.max()), np.exp(area - area.max(axis=0))


def _resample(weight: Floats, rng: np.random.Generator) -> Ints:
    """As many draws as there are, each as often as its weight says, in a random order."""
    share = np.cumsum(weight) / weight.sum()
    # systematic resampling: one random number for all, so that a draw occurs its expected number of times, rounded
    # either way
    places = (np.arange(weight.size) + rng.random()) / weight.size
    return np.asarray(rng.permutation(np.minimum(np.searchsorted(share, places), weight.size - 1)))


def predicted_table(ensemble: Ensemble, event: str, fitted: str = "no") -> pd.DataFrame:
    """Draws of every area as rows of the schema ``predicted``, quantity ``power``.

    `fitted` says what was fitted to observations of this event.
    """
    draw, area, day = (i.ravel() for i in np.indices(ensemble.share.shape))
    columns = {
        "event": event,
        "area": ensemble.areas.to_numpy()[area],
        "quantity": "power",
        "unit": "share",
        "draw": draw,
        "day": ensemble.days[day],
        "value": np.round(ensemble.share.ravel(), 6),
        "fitted": fitted,
    }
    return pd.DataFrame(columns)
