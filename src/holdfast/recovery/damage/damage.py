"""Damage: what a draw does to every asset, in states, money, days and crews."""

import itertools
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numba
import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.recovery.damage.assets import Consequences
from holdfast.recovery.damage.fragility import Fragilities
from holdfast.recovery.hazard.chance import bits, normal, poisson

DAMAGES = ("draw", "given")
PLACES = np.uint64(32)
"""Random numbers that each asset has of its own: slots from 0, leaks, breaks, then the delays."""
LEAKS, BREAKS, COMMON, STEP = 20, 21, 22, 23  # five steps of the delay end at 27, below the 32 places
GROUPS = np.uint64(2**63)
"""Place of the key of the residuals that groups share."""
BROKEN = 4  # a pipe with a break counts as complete
AT_ONCE = 8
"""Draws whose shaking is copied for the kernel at once; bounds the memory, changes no number."""


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


class _Functions(NamedTuple):
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


class _Meaning(NamedTuple):
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


def draw_damage(
    intensity: Mapping[str, np.ndarray],
    functions: Fragilities,
    table: Consequences,
    given: np.ndarray | None,
    rng: np.random.Generator,
) -> Damage:
    """Damage of one draw, arrays of shape (asset,).

    Parameters
    ----------
    intensity : mapping of str to ndarray
        Per measure of ``functions.measures``, shape (asset,), in the units of `recovery.hazard.MEASURES`.
    functions, table : Fragilities, Consequences
        Of the same assets, in one order.
    given : ndarray of int or None
        Damage states of the first assets (the buildings) that are known; the others are drawn.
    rng : Generator
        One number is taken from it: all else follows from that number and the place of the asset.

    Raises
    ------
    TableError
        If an intensity is missing, infinite or negative.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1.
    """
    key = rng.integers(2**64, dtype=np.uint64)
    block = _block({m: v[None] for m, v in intensity.items()}, functions, table, given, [key], 1)
    return Damage(*(a[0] for a in block))


def draw_block(
    intensity: Mapping[str, np.ndarray],
    functions: Fragilities,
    table: Consequences,
    given: np.ndarray | None,
    seeds: Sequence[np.random.SeedSequence],
    threads: int = 1,
) -> Damage:
    """Damage of many draws, one per seed; arrays of shape (draw, asset), 73 bytes per asset and draw in all.

    Parameters
    ----------
    intensity : mapping of str to ndarray
        Per measure, shape (asset,) for the same shaking in every draw, or (draw, asset).
    functions, table, given
        The same three as those of `draw_damage`.
    seeds : sequence of SeedSequence
        A draw depends on its seed alone: it equals `draw_damage` with a generator made of that seed.
    threads : int
        Draws that are computed at the same time; changes nothing but the time.

    Raises
    ------
    TableError
        If an intensity is missing, infinite or negative.
    """
    keys = [np.random.default_rng(seed).integers(2**64, dtype=np.uint64) for seed in seeds]
    shape = (len(keys), len(functions.kind))
    wide = {m: np.broadcast_to(v, shape) for m, v in intensity.items()}
    return _block(wide, functions, table, given, keys, threads)


def draw_states(
    intensity: Mapping[str, np.ndarray], functions: Fragilities, seeds: Sequence[np.random.SeedSequence]
) -> np.ndarray:
    """Damage states alone of many draws, one per seed; pipes, whose repairs follow their length, stay sound.

    Parameters
    ----------
    intensity : mapping of str to ndarray
        Per measure of ``functions.measures``, shape (asset,): the same shaking in every draw.
    functions : Fragilities
        Functions of the assets, in their order.
    seeds : sequence of SeedSequence
        A draw depends on its seed alone; its states are those of `draw_block`.

    Returns
    -------
    ndarray of int8
        0 to 4, shape (draw, asset).

    Raises
    ------
    TableError
        If an intensity is missing, infinite or negative.
    """
    one = {m: v[None] for m, v in intensity.items()}
    shaking = _shaking(one, functions.measures, slice(0, 1), len(functions.kind))
    states = np.zeros((len(seeds), len(functions.kind)), dtype=np.int8)
    flat = _functions(functions)
    for d, seed in enumerate(seeds):
        key = np.random.default_rng(seed).integers(2**64, dtype=np.uint64)
        _reach(key, shaking[0], flat, _residuals(key, functions.group_key), 0, states[d])
    return states


def _block(
    intensity: Mapping[str, np.ndarray],
    functions: Fragilities,
    table: Consequences,
    given: np.ndarray | None,
    keys: Sequence[np.uint64],
    threads: int,
) -> Damage:
    """Damage of the draws with these keys; intensity (draw, asset)."""
    shape = (len(keys), len(functions.kind))
    types = (
        np.int8,
        np.float64,
        np.int64,
        np.float64,
        np.int64,
        np.float64,
        np.float64,
        np.int32,
        np.int32,
        np.float64,
        np.float64,
    )
    out = Damage(*(np.zeros(shape, dtype=t) for t in types))
    states = np.full(0, -1, dtype=np.int8) if given is None else np.asarray(given, dtype=np.int8)
    tables = _functions(functions), _meaning(table), functions.group_key, states
    key = np.array(keys, dtype=np.uint64)

    def part(draws: slice) -> None:
        for at in range(draws.start, draws.stop, AT_ONCE):
            rows = slice(at, min(at + AT_ONCE, draws.stop))
            shaking = _shaking(intensity, functions.measures, rows, shape[1])
            _draws(key[rows], shaking, *tables, Damage(*(a[rows] for a in out)))

    edges = np.linspace(0, len(keys), max(1, threads) + 1).astype(int)
    parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
    if threads > 1:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, parts))
    else:
        part(parts[0])
    return out


def _shaking(intensity: Mapping[str, np.ndarray], measures: tuple[str, ...], rows: slice, count: int) -> np.ndarray:
    """Shaking of some draws at `count` assets as the kernel takes it, (draw, measure, asset); refuse what is none."""
    shaking = np.empty((rows.stop - rows.start, len(measures), count))
    for i, name in enumerate(measures):
        shaking[:, i] = intensity[name][rows]
    bad = ~(np.isfinite(shaking) & (shaking >= 0))
    if bad.any():
        text = "{}: {} of {} values are missing, infinite or negative; every asset needs an intensity of 0 or more"
        counts = zip(measures, bad.sum(axis=(0, 2)).tolist(), strict=True)
        size = shaking.shape[0] * shaking.shape[2]
        raise TableError("intensities", [Problem(text.format(m, n, size)) for m, n in counts if n])
    return shaking


def _functions(functions: Fragilities) -> _Functions:
    """Arrays for the kernel."""
    c = functions.correlation
    return _Functions(
        functions.kind,
        functions.slot,
        functions.measure,
        functions.log_median,
        functions.beta,
        functions.rate,
        functions.group,
        math.sqrt(c),
        math.sqrt(1 - c),
    )


def _meaning(table: Consequences) -> _Meaning:
    """Arrays for the kernel."""
    late = table.delays
    arrays = (
        table.kind,
        table.work,
        table.side,
        table.replacement_cost,
        table.length,
        table.crews,
        table.ratio,
        table.days,
    )
    pipes = (table.pipe_length, table.pipe_days, table.usable)
    common, apart = math.sqrt(late.correlation), math.sqrt(1 - late.correlation)
    return _Meaning(*arrays, *pipes, late.fixed, late.median, late.dispersion, late.drawn, common, apart)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _draws(
    key: np.ndarray,
    intensity: np.ndarray,
    f: _Functions,
    t: _Meaning,
    group_key: np.ndarray,
    given: np.ndarray,
    out: Damage,
) -> None:
    """Fill the arrays (draw, asset) of `out`; intensity (draw, measure, asset)."""
    for d in range(key.size):
        _reach(key[d], intensity[d], f, _residuals(key[d], group_key), given.size, out.damage_state[d])
        _repair(key[d], intensity[d], f, t.length, given.size, (out.damage_state[d], out.leaks[d], out.breaks[d]))
        # known states overwrite the zeros that `_reach` has left there
        for i in range(given.size):
            out.damage_state[d, i] = given[i]
        _mean(t, out, d)
        if t.drawn:
            _wait(key[d], out.damage_state[d], t, out.delay[d])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _residuals(key: np.uint64, group_key: np.ndarray) -> np.ndarray:
    """Residual of each group in a draw."""
    # residuals of groups come from a stream apart from those of assets, keyed by block and class, not by place: adding
    # buildings to a city leaves them as they are
    shared, residual = bits(key, GROUPS), np.empty(group_key.size)
    for g in range(group_key.size):
        residual[g] = normal(shared, group_key[g])
    return residual


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _reach(
    key: np.uint64, intensity: np.ndarray, f: _Functions, residual: np.ndarray, first: int, out: np.ndarray
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
    f: _Functions,
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
def _mean(t: _Meaning, out: Damage, d: int) -> None:
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
def _wait(key: np.uint64, state: np.ndarray, t: _Meaning, out: np.ndarray) -> None:
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
