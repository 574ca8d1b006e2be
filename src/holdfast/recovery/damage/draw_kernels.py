"""The compiled draw of damage: states, repairs of pipes, money, days, and delays of every asset."""

import math
from typing import NamedTuple

import numba
import numpy as np

from holdfast.recovery.hazard.chance import bits, normal, poisson

PLACES = np.uint64(32)
"""Random numbers that each asset has of its own: slots from 0, leaks, breaks, then the delays."""
LEAKS, BREAKS, COMMON, STEP = 20, 21, 22, 23  # five steps of the delay end at 27, below the 32 places
GROUPS = np.uint64(2**63)
"""Place of the key of the residuals that groups share."""
BROKEN = 4  # a pipe with a break counts as complete


class Damage(NamedTuple):
    """What happened, by asset, shape (asset,), or (draw, asset) for a block.

    ``damage_state`` 0..4; ``repair_cost`` (money); ``repair_days`` with all its crews; ``repair_work``
    (crew-days); ``delay`` (days before repair can start); ``functional_share`` and ``reoccupied_share`` until it
    is repaired; ``leaks``, ``breaks`` of pipes; ``contents_loss`` of buildings, money, and ``water_depth`` above the ground,
    m: 0 but for water, which comes after the kernel (`holdfast.recovery.damage.storm`).
    """

    damage_state: np.ndarray
    repair_cost: np.ndarray
    repair_days: np.ndarray
    repair_work: np.ndarray
    delay: np.ndarray
    functional_share: np.ndarray
    reoccupied_share: np.ndarray
    leaks: np.ndarray
    breaks: np.ndarray
    contents_loss: np.ndarray
    water_depth: np.ndarray


class FlatFunctions(NamedTuple):
    """The arrays of `Fragilities`, and the residual of each group in this draw."""

    kind: np.ndarray
    slot: np.ndarray
    measure: np.ndarray
    log_median: np.ndarray
    beta: np.ndarray
    rate: np.ndarray
    group: np.ndarray
    shared: float
    own: float


class FlatConsequences(NamedTuple):
    """The arrays of `Consequences`."""

    kind: np.ndarray
    work: np.ndarray
    side: np.ndarray
    replacement_cost: np.ndarray
    length: np.ndarray
    crews: np.ndarray
    ratio: np.ndarray
    days: np.ndarray
    pipe_length: np.ndarray
    pipe_days: np.ndarray
    usable: np.ndarray
    fixed: np.ndarray
    median: np.ndarray
    dispersion: np.ndarray
    drawn: bool
    common: float
    apart: float


@numba.njit(cache=True, nogil=True, error_model="numpy")
def draws_of(
    key: np.ndarray,
    intensity: np.ndarray,
    f: FlatFunctions,
    t: FlatConsequences,
    group_key: np.ndarray,
    given: np.ndarray,
    out: Damage,
) -> None:
    """Fill the arrays (draw, asset) of `out`; intensity (draw, measure, asset)."""
    for d in range(key.size):
        reach(key[d], intensity[d], f, residuals(key[d], group_key), given.size, out.damage_state[d])
        _repair(key[d], intensity[d], f, t.length, given.size, (out.damage_state[d], out.leaks[d], out.breaks[d]))
        # known states overwrite the zeros that `reach` has left there
        for i in range(given.size):
            out.damage_state[d, i] = given[i]
        _mean(t, out, d)
        if t.drawn:
            _wait(key[d], out.damage_state[d], t, out.delay[d])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def residuals(key: np.uint64, group_key: np.ndarray) -> np.ndarray:
    """Residual of each group in a draw."""
    # residuals of groups come from a stream apart from those of assets, keyed by block and class, not by place: adding
    # buildings to a city leaves them as they are
    shared, residual = bits(key, GROUPS), np.empty(group_key.size)
    for g in range(group_key.size):
        residual[g] = normal(shared, group_key[g])
    return residual


@numba.njit(cache=True, nogil=True, error_model="numpy")
def reach(
    key: np.uint64, intensity: np.ndarray, f: FlatFunctions, residual: np.ndarray, first: int, out: np.ndarray
) -> None:
    """Worst state over the lognormal slots of each asset's class, from asset `first` on."""
    shared, own = f.shared, f.own
    for i in range(first, f.kind.size):
        kind, state = f.kind[i], 0
        for s in range(f.slot[kind], f.slot[kind + 1]):
            value = intensity[f.measure[s], i]
            # no shaking, no damage (its logarithm is not finite); slots with a rate are pipes, for `_repair`
            if value <= 0.0 or f.rate[s, 0] > 0.0:
                continue
            # z = sqrt(c) z_group + sqrt(1 - c) z_own is standard normal whatever the correlation c of the group.
            z = normal(key, np.uint64(i) * PLACES + np.uint64(s - f.slot[kind]))
            if f.group[i] >= 0 and s == f.slot[kind]:  # one function alone: the others stay independent of it
                z = shared * residual[f.group[i]] + own * z
            level = math.log(value)
            # reached where z beta + ln IM >= ln median; medians rise with the state, dispersions may differ: the worst
            # counts
            for d in range(4):
                state = max(state, d + 1 if z * f.beta[s, d] + level >= f.log_median[s, d] else 0)
        out[i] = state


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _repair(
    key: np.uint64,
    intensity: np.ndarray,
    f: FlatFunctions,
    length: np.ndarray,
    first: int,
    out: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Leaks and breaks along pipes: Poisson numbers of the rates of all slots times the length."""
    state, leaks, breaks = out
    for i in range(first, f.kind.size):
        if length[i] == 0.0:
            continue
        kind, leaking, breaking = f.kind[i], 0.0, 0.0
        for s in range(f.slot[kind], f.slot[kind + 1]):
            value = intensity[f.measure[s], i]
            if f.rate[s, 0] > 0.0 and value > 0.0:
                # repairs expected on the whole pipe: rate per m at intensity 1, power law in the intensity
                mean = f.rate[s, 0] * value ** f.rate[s, 1] * length[i]
                leaking += mean * f.rate[s, 2]
                breaking += mean * (1.0 - f.rate[s, 2])
        if leaking + breaking > 0.0:
            place = np.uint64(i) * PLACES
            leaks[i] = poisson(leaking, key, place + np.uint64(LEAKS))
            breaks[i] = poisson(breaking, key, place + np.uint64(BREAKS))
            if breaks[i] > 0:
                state[i] = BROKEN
            elif leaks[i] > 0:
                state[i] = max(state[i], 1)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _mean(t: FlatConsequences, out: Damage, d: int) -> None:
    """Cost, days, work and fixed delay of the assets in draw d, from their states and repairs."""
    for i in range(t.kind.size):
        state, kind = out.damage_state[d, i], t.kind[i]
        out.functional_share[d, i], out.reoccupied_share[d, i] = t.usable[0, kind, state], t.usable[1, kind, state]
        if state == 0:
            continue
        cost, days = t.ratio[kind, state] * t.replacement_cost[i], t.days[kind, state]
        leaks, breaks = out.leaks[d, i], out.breaks[d, i]
        if leaks + breaks > 0:
            new = leaks * t.pipe_length[kind, 0] + breaks * t.pipe_length[kind, 1]
            # repairs of a pipe cost so many metres of new pipe, and never more than a new pipe
            cost = t.replacement_cost[i] * min(1.0, new / t.length[i])
            each = t.pipe_days[t.work[i]]
            days = np.int64(math.ceil(leaks * each[0] + breaks * each[1]))
        days = max(1, days)
        out.repair_cost[d, i] = cost
        out.repair_days[d, i] = days
        out.repair_work[d, i] = days * t.crews[i]
        out.delay[d, i] = t.fixed[t.side[i], state]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _wait(key: np.uint64, state: np.ndarray, t: FlatConsequences, out: np.ndarray) -> None:
    """Days before each repair: inspection + max(financing, engineering + permit, contractor), each drawn."""
    step = np.zeros(5)
    for i in range(state.size):
        if state[i] == 0:
            continue
        median, dispersion = t.median[t.side[i], state[i]], t.dispersion[t.side[i], state[i]]
        if median.max() <= 0.0:
            continue
        place = np.uint64(i) * PLACES
        common = t.common * normal(key, place + np.uint64(COMMON))
        for k in range(5):
            step[k] = 0.0
            if median[k] > 0.0:
                # correlated logarithms: one part for the building, one for the step
                z = common + t.apart * normal(key, place + np.uint64(STEP + k))
                step[k] = median[k] * math.exp(dispersion[k] * z)
        out[i] = math.ceil(step[0] + max(step[1], step[2] + step[3], step[4]))
