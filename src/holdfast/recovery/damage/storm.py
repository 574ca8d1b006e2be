"""Storm: what water and wind do to buildings, apart and together."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.numerals import to_numbers
from holdfast.recovery.damage.assets import Consequences
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.first_floors import first_floors
from holdfast.recovery.damage.flood_curves import (
    ABOVE_GROUND,
    PARTS,
    FloodCurves,
    chosen_curves,
    flood_curves,
    level_of,
    share_lost,
)
from holdfast.recovery.damage.fragility import residual_groups
from holdfast.recovery.damage.wind_classes import WindClasses, wind_classes
from holdfast.recovery.hazard.chance import bits, normal
from holdfast.recovery.hazard.sites import DEPTH, GUST
from holdfast.recovery.settings.run_settings import StormSettings

PLACES = np.uint64(2)
"""Random numbers that each building has of its own: of the water, of the wind."""
WATER, WIND, SHARED = np.uint64(0), np.uint64(1), np.uint64(2**62)
MODERATE = 2


class Meaning(NamedTuple):
    """What both do beyond a single function.

    ``first_floor`` (building,), m above the ground; ``datum`` (building,): height from which its functions count, m;
    ``above`` (4,): share of the structure lost above which water means each state; ``least_gust``, m/s, below which wind
    does nothing; ``moved``: share of contents and stock brought out of the water's way; ``water_days``: it stays;
    ``clean_up`` (5,): days of pumping out, clearing and drying after it, by state.
    """

    first_floor: NDArray[np.float64]
    datum: NDArray[np.float64]
    above: NDArray[np.float64]
    least_gust: float
    moved: float
    water_days: int
    clean_up: NDArray[np.int64]


class Storm(NamedTuple):
    """Everything that a draw of damage by water or wind reads.

    ``curve`` (part, building): curve of structure, contents and stock, -1 for none; ``curves``: their functions; ``value``
    (part, building): money; ``wind``: gust functions; ``meaning``;
    ``floodproofed`` (building,): height above the ground up to which no water enters, m; ``group`` (building,), ``group_key`` (group,): who
    shares a residual; ``correlation``: of two residuals of a group; ``measures``: depth, gust or both; ``assumed``: in words.
    """

    curve: NDArray[np.int64]
    curves: FloodCurves
    value: NDArray[np.float64]
    wind: WindClasses
    meaning: Meaning
    floodproofed: NDArray[np.float64]
    group: NDArray[np.int32]
    group_key: NDArray[np.uint64]
    correlation: float
    measures: tuple[str, ...]
    assumed: tuple[str, ...]


class StormDamage(NamedTuple):
    """Buildings after one draw, shape (building,).

    ``state`` 0..4; ``ratio``: share of the structure lost; ``contents_loss``: of contents and stock, money; ``depth``: water
    above the ground, m.
    """

    state: NDArray[np.int8]
    ratio: NDArray[np.float64]
    contents_loss: NDArray[np.float64]
    depth: NDArray[np.float64]


def storm(
    buildings: pd.DataFrame,
    measures: tuple[str, ...],
    settings: StormSettings,
    contents: pd.DataFrame,
    block: NDArray[np.int64] | None = None,
    correlation: float = 0.0,
) -> Storm:
    """Put buildings, their functions and values into the arrays of a draw.

    Parameters
    ----------
    buildings : DataFrame
        Schema ``buildings``.
    measures : tuple of str
        What the hazard gives; depth and gust count.
    settings : StormSettings
        Which functions, and what else is known of water and wind.
    contents : DataFrame
        Schema ``contents``: values of contents and stock by occupancy.
    block : ndarray of int, optional
        Zone of each building, shape (building,).
    correlation : float
        Of the residuals of two buildings of one zone and class, 0 to 1.

    Raises
    ------
    TableError, UnknownName
        If a function, foundation or class is not known.
    """
    floors, count = first_floors(buildings, settings.foundation), len(buildings)
    wet, windy = DEPTH in measures, GUST in measures
    names = pd.DataFrame("", index=buildings.index, columns=list(PARTS))
    if wet:
        names = chosen_curves(buildings, floors.basement, settings.curves, settings.water, settings.continent)
    known = tuple(sorted(set(names.to_numpy().ravel()) - {""}))
    place = {name: i for i, name in enumerate(known)} | {"": -1}
    wind = wind_classes(buildings, settings.terrain_cm) if windy else _no_wind(count)
    # buildings of one use and structure share what their neighbours have, whatever a measure or the event makes of them
    kind = buildings["occupancy"].astype(str) + "." + buildings["structure"].astype(str)
    group, key = residual_groups(np.ones(count), kind, block, correlation)
    datum = np.zeros(count) if settings.curves == ABOVE_GROUND else floors.height
    return Storm(
        curve=names.map(place.get).to_numpy(np.int64).T.copy(),
        curves=flood_curves(known),
        value=_values(buildings, contents),
        wind=wind,
        meaning=_meaning(floors.height, datum, settings),
        floodproofed=_floodproofed(buildings),
        group=group,
        group_key=key,
        correlation=float(correlation),
        measures=tuple(m for m in (DEPTH, GUST) if m in measures),
        assumed=(*(_of_water(settings, floors.assumed) if wet else ()), *(wind.assumed if windy else ())),
    )


def _of_water(settings: StormSettings, floors: tuple[str, ...]) -> tuple[str, ...]:
    """What is assumed of water, for the report."""
    datum = "from the ground, whatever the first floor" if settings.curves == ABOVE_GROUND else "from the first floor"
    known = packaged("storm_figures").set_index("name")["value"]
    stays = f"water stays {settings.water_days:g} days; {settings.warning_hours:g} hours of warning"
    waits = (
        f"beside the delays of any repair a building waits for the water to go, and {known['clean_up_slight_days']:g} days (slight "
        f"damage) or {known['clean_up_days']:g} days of cleaning up and drying; repairs of networks wait for the water alone"
    )
    return (*floors, f"depth-damage functions: {settings.curves}, {settings.water}, counted {datum}; {stays}", waits)


def _no_wind(count: int) -> WindClasses:
    """Functions of no building."""
    empty = np.zeros((1, 4))
    return WindClasses(np.zeros(count, dtype=np.int64), ("",), empty > 0, empty, empty + 1, np.zeros((1, 5)), ())


def _values(buildings: pd.DataFrame, contents: pd.DataFrame) -> NDArray[np.float64]:
    """Money in structure, contents and stock, shape (part, building)."""
    rows = contents.set_index("occupancy").reindex(buildings["occupancy"].astype(str))
    structure = buildings["replacement_cost"].to_numpy(np.float64)
    area = buildings["floor_area_m2"].to_numpy(np.float64)
    share, stock = (rows[c].fillna(0.0).to_numpy(np.float64) for c in ("contents_share", "stock_per_m2"))
    return np.stack([structure, structure * share, area * stock])


def _floodproofed(buildings: pd.DataFrame) -> NDArray[np.float64]:
    """Height up to which each building is kept dry, m above the ground; 0 where nothing is stated."""
    # most tables have no such column, and a gap in one means that nothing is sealed
    if "floodproofed_m" not in buildings:
        return np.zeros(len(buildings))
    return to_numbers(buildings["floodproofed_m"]).fillna(0.0).to_numpy(np.float64)


def _meaning(first_floor: NDArray[np.float64], datum: NDArray[np.float64], settings: StormSettings) -> Meaning:
    """Figures of the packaged tables ``storm_figures`` and ``warning_time``."""
    known, day = packaged("storm_figures").set_index("name")["value"], packaged("warning_time")
    slight, worse = (int(known[n]) for n in ("clean_up_slight_days", "clean_up_days"))
    return Meaning(
        first_floor=first_floor,
        datum=datum,
        above=known[[f"{s}_above" for s in ("slight", "moderate", "extensive", "complete")]].to_numpy(np.float64),
        least_gust=float(known["least_gust"]),
        moved=float(np.interp(settings.warning_hours, day["hours"], day["moved_share"])),
        water_days=math.ceil(settings.water_days),
        clean_up=np.array([0, slight, worse, worse, worse], dtype=np.int64),
    )


def apply_storm(of: Storm, intensity: Mapping[str, NDArray[np.float64]], rng: np.random.Generator) -> StormDamage:
    """Draw what one event does to the buildings.

    Parameters
    ----------
    of : Storm
        Buildings, as from `storm`.
    intensity : mapping of str to ndarray
        ``depth``, m, and ``gust``, m/s, as far as the hazard gives them, shape (asset,), buildings first.
    rng : Generator
        One number is taken from it.

    References
    ----------
    Structure lost to both: 1 - (1 - wind)(1 - water), the rule of Hazus ("combine_wind_flood" of simcenter-dlml 3.2, two of
    whose cells, 0.285 and 0.806, say other than the rule and their mirror cells, 0.28 and 0.8).
    """
    key, count = rng.integers(2**64, dtype=np.uint64), of.value.shape[1]
    depth, gust = (
        np.ascontiguousarray(intensity[m][:count]) if m in of.measures else np.zeros(count) for m in (DEPTH, GUST)
    )
    out = StormDamage(np.zeros(count, dtype=np.int8), np.zeros(count), np.zeros(count), depth)
    # closures that are overtopped hold nothing back
    entering = np.where(depth > of.floodproofed, depth, 0.0)
    shared = (math.sqrt(of.correlation), math.sqrt(1 - of.correlation))
    w = of.wind
    _apply_storm(
        key,
        (entering, gust),
        (of.curve, of.curves.start, of.curves.depth, of.curves.loss, of.value),
        (w.kind, w.normal, w.centre, w.spread, w.loss),
        of.meaning,
        (of.group, of.group_key),
        shared,
        out,
    )
    return out


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _apply_storm(
    key: np.uint64,
    intensity: tuple[np.ndarray, np.ndarray],
    water: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    wind: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    meaning: Meaning,
    groups: tuple[np.ndarray, np.ndarray],
    weight: tuple[float, float],
    out: StormDamage,
) -> None:
    """Fill the arrays of `out`, building by building."""
    depth, gust = intensity
    curve, start, nodes, loss, value = water
    kind, is_normal, centre, spread, wind_loss = wind
    group, group_key = groups
    # one stream for the water and one for the wind of each group, apart from those of the buildings
    apart = bits(key, SHARED)
    of_water, of_wind = _shared(bits(apart, WATER), group_key), _shared(bits(apart, WIND), group_key)
    for i in range(depth.size):
        place = np.uint64(i) * PLACES
        if gust[i] >= meaning.least_gust:
            z = _residual(key, place + WIND, group[i], of_wind, weight)
            state, k = 0, kind[i]
            for s in range(4):
                level = gust[i] if is_normal[k, s] else math.log(gust[i])
                if level + z * spread[k, s] >= centre[k, s]:
                    state = s + 1
            out.state[i], out.ratio[i] = state, wind_loss[k, state]
        if depth[i] > 0.0 and curve[0, i] >= 0:
            part_of = level_of(_residual(key, place + WATER, group[i], of_water, weight))
            above = depth[i] - meaning.datum[i]
            taken, node = share_lost(start, nodes, loss, curve[0, i], above, part_of, 0)
            # what is lost to both counts once
            out.ratio[i] = 1.0 - (1.0 - out.ratio[i]) * (1.0 - taken)
            for part in range(1, 3):
                if curve[part, i] >= 0:
                    lost, node = share_lost(start, nodes, loss, curve[part, i], above, part_of, node)
                    out.contents_loss[i] += lost * value[part, i] * (1.0 - meaning.moved)
            out.state[i] = max(out.state[i], _state(taken, depth[i] - meaning.first_floor[i], meaning.above))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _shared(key: np.uint64, group_key: np.ndarray) -> np.ndarray:
    """Residual of each group in a draw, shape (group,)."""
    residual = np.empty(group_key.size)
    for g in range(group_key.size):
        residual[g] = normal(key, group_key[g])
    return residual


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _residual(key: np.uint64, place: np.uint64, group: int, shared: np.ndarray, weight: tuple[float, float]) -> float:
    """Standard normal residual of a building, a part of it shared with its group."""
    own = normal(key, place)
    return float(own) if group < 0 else float(weight[0] * shared[group] + weight[1] * own)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _state(taken: float, inside: float, above: np.ndarray) -> int:
    """Damage state by the share of the structure that water took; at least moderate where it stood on the first floor."""
    state = 0
    for s in range(4):
        if taken > above[s]:
            state = s + 1
    if inside > 0.0 and state < MODERATE:
        return MODERATE
    return state


def after_storm(damage: Damage, lost: StormDamage, of: Storm, table: Consequences) -> Damage:
    """Damage of a draw whose building states were given by `apply_storm`: cost, days and delays by what was lost.

    Parameters
    ----------
    damage : Damage
        Of all assets, with the states of `lost`; not changed.
    lost : StormDamage
        The buildings.
    of : Storm
        Values, and how long water stays and drying takes.
    table : Consequences
        Cost ratios and repair days by state: days lie between those of the states whose cost ratios lie about the share
        lost. Not specified in the paper.
    """
    count = lost.state.size
    cost, took, delay = damage.repair_cost.copy(), damage.repair_days.copy(), damage.delay.copy()
    work, contents, water = damage.repair_work.copy(), np.zeros(cost.size), np.zeros(cost.size)
    cost[:count] = lost.ratio * of.value[0]
    _after(lost, (table.kind, table.ratio, table.days, table.crews), (took, work))
    delay[:count] += dry_from(lost.state, lost.depth, of)
    contents[:count], water[:count] = lost.contents_loss, lost.depth
    return damage._replace(
        repair_cost=cost, repair_days=took, repair_work=work, delay=delay, contents_loss=contents, water_depth=water
    )


def dry_from(state: NDArray[np.int8], depth: NDArray[np.float64], of: Storm) -> NDArray[np.int64]:
    """Days since the event on which each building is dry and cleared, 0 where no water was or nothing is damaged."""
    wet = (state > 0) & (depth > 0)
    return np.where(wet, of.meaning.water_days + of.meaning.clean_up[state], 0)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _after(
    lost: StormDamage,
    table: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    out: tuple[np.ndarray, np.ndarray],
) -> None:
    """Days and crew-days of the repair of each building."""
    kind, ratio, days, crews = table
    took, work = out
    for i in range(lost.state.size):
        took[i] = 0
        if lost.state[i] > 0:
            # at least a day, as in the table
            took[i] = max(1, math.ceil(_between(lost.ratio[i], ratio[kind[i]], days[kind[i]])))
        work[i] = took[i] * crews[i]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _between(share: float, ratio: np.ndarray, days: np.ndarray) -> float:
    """Days of repair of a share lost, linear between the states."""
    for s in range(1, ratio.size):
        if share <= ratio[s]:
            span = ratio[s] - ratio[s - 1]
            step = (share - ratio[s - 1]) / span if span > 0.0 else 1.0
            return float(days[s - 1] + step * (days[s] - days[s - 1]))
    return float(days[-1])
