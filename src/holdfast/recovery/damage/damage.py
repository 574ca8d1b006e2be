"""Damage: what a draw does to every asset, in states, money, days and crews."""

import itertools
import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.recovery.damage.assets import Consequences
from holdfast.recovery.damage.draw_kernels import (
    Damage,
    FlatConsequences,
    FlatFunctions,
    draws_of,
    reach,
    residuals,
)
from holdfast.recovery.damage.fragility import Fragilities

DAMAGES = ("draw", "given")
AT_ONCE = 8
"""Draws whose shaking is copied for the kernel at once; bounds the memory, changes no number."""


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
        reach(key, shaking[0], flat, residuals(key, functions.group_key), 0, states[d])
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
            draws_of(key[rows], shaking, *tables, Damage(*(a[rows] for a in out)))

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


def _functions(functions: Fragilities) -> FlatFunctions:
    """Arrays for the kernel."""
    c = functions.correlation
    return FlatFunctions(
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


def _meaning(table: Consequences) -> FlatConsequences:
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
    return FlatConsequences(*arrays, *pipes, late.fixed, late.median, late.dispersion, late.drawn, common, apart)
