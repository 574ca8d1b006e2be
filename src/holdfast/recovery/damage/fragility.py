"""Fragility: from intensity to damage state, by class of asset."""

import zlib
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.sites import MEASURES
from holdfast.types import Parameters

STATES = ("none", "slight", "moderate", "extensive", "complete")
"""Damage states in order; their positions 0..4 are the integers used everywhere."""
ADDED = {"PGD": "no ground failure", "velocity": "nothing is washed out"}
"""Measures that add to others, and what it means that they are left out where the hazard does not give them."""
WATER, WIND, SHAKING = "water", "wind", "shaking"
AGENTS = dict.fromkeys(MEASURES, SHAKING) | {"depth": WATER, "velocity": WATER, "gust": WIND}
"""What acts by each measure: functions of what does not act are no part of an event."""
M_PER_KM = 1000.0
SUBSTITUTED = ["asset_class", "assets", "attribute", "rule", "source"]


class Fragilities(NamedTuple):
    """Fragility functions of the classes in a city, and which asset is of which class.

    A class has one function per intensity measure (a *slot*): lognormal by damage state, or, for pipes, a
    repair rate. ``kind`` (asset,): row of ``classes``, 0 for what cannot be damaged; ``measures``: names
    that are needed; ``slot`` (class + 1,): the slots of class k are slot[k]..slot[k + 1] - 1; ``measure``
    (slot,): position in ``measures``; ``log_median``, ``beta`` (slot, 4): slight to complete, infinite
    where it cannot happen; ``rate`` (slot, 3): repairs per m at an intensity of 1, exponent, share of
    leaks; ``group`` (asset,): those that share a residual, -1 for none; ``group_key`` (group,): its place
    in the random stream; ``correlation``: of two residuals in a group;
    ``substituted``: functions in a measure that the hazard does not give, a row per class: ``asset_class``, ``assets``
    (how many), ``attribute`` (the measure), ``rule`` (what it is taken as; empty where it is left out), ``source``.
    """

    kind: np.ndarray
    classes: tuple[str, ...]
    measures: tuple[str, ...]
    slot: np.ndarray
    measure: np.ndarray
    log_median: np.ndarray
    beta: np.ndarray
    rate: np.ndarray
    group: np.ndarray
    group_key: np.ndarray
    correlation: float
    substituted: pd.DataFrame


def fragilities(
    parameters: Parameters,
    asset_class: pd.Series,
    measures: Collection[str],
    block: np.ndarray | None = None,
    correlation: float = 0.0,
    shared_class: pd.Series | None = None,
) -> Fragilities:
    """Fragility functions of all assets, by class; assets in the order of `asset_class`.

    Parameters
    ----------
    parameters : Parameters
        Tables ``fragility`` and ``pipes``.
    asset_class : Series
        Class of each asset, index its id; empty for an asset that cannot be damaged.
    measures : collection of str
        Intensity measures that the hazard gives, such as ``("PGA", "PGV")``. A class that needs another takes it as in
        the packaged table ``measure_conversions``, or goes without ground failure; both stand in ``substituted``.
    block : ndarray of int, optional
        Block (zone) of each asset, shape (asset,), -1 for none: those of one block and class share a residual.
    correlation : float
        Of the residuals of two assets in one block and class, 0 to 1.
    shared_class : Series, optional
        Class by which an asset shares its residual, where it is not `asset_class`.

    Raises
    ------
    TableError
        If a class has no complete function, its medians fall or a deviation is not positive, it needs a
        measure that cannot be had, or the correlation is no share.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1: lognormal functions; shaking and ground failure
    act independently and the worse state counts. Not specified in the paper: the correlation.

    Examples
    --------
    >>> from holdfast.recovery.settings.parameters import load_parameters
    >>> functions = fragilities(load_parameters(), pd.Series(["W1.high_code", None, "W1.high_code"]), ["PGA"])
    >>> functions.kind.tolist(), functions.classes, functions.log_median.round(2).tolist()
    ([1, 0, 1], ('', 'W1.high_code'), [[-1.35, -0.6, 0.25, 0.7]])
    """
    if not 0 <= correlation <= 1:
        text = f"{correlation:g} is no correlation; give a share from 0 (independent residuals) to 1 (equal ones)"
        raise TableError("recovery", [Problem(text, column="damage_correlation")])
    codes, kinds = pd.factorize(asset_class.fillna("").astype(str), sort=True)
    counts = dict(zip(kinds, np.bincount(codes, minlength=len(kinds)).tolist(), strict=True))
    # class 0 has no slots, so that an asset without a class is never damaged; it is there even if no asset is of it
    classes = ("", *(k for k in kinds if k))
    place = np.array([classes.index(k) for k in kinds], dtype=np.int32)
    rows = _slots(parameters, classes[1:], counts)
    rows, idle = _struck(rows, measures, counts)
    rows, substituted = _measured(rows, measures, counts)
    substituted = pd.concat([substituted, idle], ignore_index=True) if len(idle) else substituted
    needed = tuple(dict.fromkeys(rows["measure"]))
    at = {k: i for i, k in enumerate(classes)}
    owner = rows["asset_class"].map(at).to_numpy(np.int64)
    order = np.argsort(owner, kind="stable")
    kind = place[codes]
    group, key = residual_groups(kind, asset_class if shared_class is None else shared_class, block, correlation)
    medians = rows[[f"median_{s}" for s in STATES[1:]]].to_numpy(np.float64)[order]
    return Fragilities(
        kind=kind,
        classes=classes,
        measures=needed,
        # slots are sorted by class: those of class k run from slot[k] up to slot[k + 1]
        slot=np.searchsorted(owner[order], np.arange(len(classes) + 1)).astype(np.int32),
        measure=rows["measure"].map({m: i for i, m in enumerate(needed)}).to_numpy(np.int32)[order],
        log_median=np.log(medians),
        beta=rows[[f"beta_{s}" for s in STATES[1:]]].to_numpy(np.float64)[order],
        rate=rows[["rate", "exponent", "leak_share"]].to_numpy(np.float64)[order],
        group=group,
        group_key=key,
        correlation=float(correlation),
        substituted=substituted,
    )


def _slots(parameters: Parameters, classes: tuple[str, ...], counts: dict[str, int]) -> pd.DataFrame:
    """One row per class and measure: columns median_*, beta_*, rate, exponent, leak_share."""
    table, pipes = parameters.fragility, parameters.pipes
    table = table[table["asset_class"].isin(classes)]
    _check_functions(table)
    keys = ["asset_class", "intensity_measure"]
    wide = table.pivot_table(index=keys, columns="damage_state", values=["median", "beta"], aggfunc="first", sort=False)
    columns = [(v, s) for v in ("median", "beta") for s in STATES[1:]]
    wide = wide.reindex(columns=pd.MultiIndex.from_tuples(columns))
    wide.columns = [f"{v}_{s}" for v, s in columns]
    lacking = wide.isna().any(axis=1)
    incomplete = {k for k, _ in wide.index[lacking]}
    known = set(wide.index.get_level_values(0)) | set(pipes.get("asset_class", []))
    bad = [k for k in classes if k not in known or k in incomplete]
    if bad:
        text = "has no complete fragility function; {} assets name it: add its rows or rename it"
        raise TableError("fragility", [Problem(f'"{k}" {text.format(counts[k])}', column="asset_class") for k in bad])
    lognormal = wide.reset_index().assign(rate=0.0, exponent=1.0, leak_share=1.0)
    if not len(pipes):
        return lognormal
    own = pipes[pipes["asset_class"].isin(classes)]
    # infinite medians: a repair rate never leads to a state by the lognormal way
    repairs = own[keys].assign(
        **{f"median_{s}": np.inf for s in STATES[1:]},
        **{f"beta_{s}": 1.0 for s in STATES[1:]},
        rate=own["repairs_per_km"] / M_PER_KM,
        exponent=own["exponent"],
        leak_share=own["leak_share"],
    )
    return pd.concat([lognormal, repairs], ignore_index=True) if len(repairs) else lognormal


def _check_functions(table: pd.DataFrame) -> None:
    """Refuse other units, deviations that are not positive and medians that fall from one state to a worse one."""
    problems = _unit_problems(table)
    for row in table[~(table["beta"] > 0)].itertuples():
        text = f"{row.asset_class}, {row.damage_state}: {row.beta:g} is no standard deviation; it must be above 0"
        problems.append(Problem(text, column="beta"))
    rank = table["damage_state"].map({s: i for i, s in enumerate(STATES)})
    ordered = table.assign(rank=rank).sort_values("rank", kind="stable")
    for (name, measure), rows in ordered.groupby(["asset_class", "intensity_measure"], sort=False):
        falls = np.flatnonzero(np.diff(rows["median"].to_numpy(np.float64)) < 0)
        for i in falls:
            worse, better = rows.iloc[i + 1], rows.iloc[i]
            text = f"{name}, {measure}: {worse.damage_state} at {worse['median']:g} lies below {better.damage_state}"
            text += f" at {better['median']:g}; a worse state needs as much shaking or more: are rows swapped?"
            problems.append(Problem(text, column="median"))
    if problems:
        raise TableError("fragility", problems)


def _unit_problems(table: pd.DataFrame) -> list[Problem]:
    """Functions in a measure that is not known, or in another unit than the hazards give."""
    problems = []
    for name, measure, unit in (
        table[["asset_class", "intensity_measure", "unit"]].drop_duplicates().itertuples(index=False)
    ):
        if measure not in MEASURES:
            text = f'{name}: "{measure}" is no intensity measure; known: {", ".join(MEASURES)}'
            problems.append(Problem(text, column="intensity_measure"))
        elif unit != MEASURES[measure]:
            text = f'{name}: {measure} in "{unit}"; hazards give {MEASURES[measure]}: convert the medians'
            problems.append(Problem(text, column="unit"))
    return problems


def _measured(
    rows: pd.DataFrame, measures: Collection[str], counts: dict[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put every function into a measure that the hazard gives; leave out ground failure that it does not."""
    given, changes, problems = set(measures), [], []
    rows = rows.rename(columns={"intensity_measure": "measure"})
    for added in ADDED:
        if added not in given and (rows["measure"] == added).any():
            hit = rows.loc[rows["measure"] == added, "asset_class"].unique()
            changes += [(k, counts[k], added, "", "") for k in hit]
            rows = rows[rows["measure"] != added]
    rules = packaged("measure_conversions")
    for wanted in sorted(set(rows["measure"]) - given):
        hit = rows["measure"] == wanted
        ways = rules[(rules["wanted"] == wanted) & rules["given"].isin(given)]
        classes = rows.loc[hit, "asset_class"].unique()
        if not len(ways):
            has = ", ".join(sorted(given)) or "none"
            text = f"{_named(classes, counts)} need {wanted}; the hazard gives {has}: choose one that gives {wanted}"
            problems.append(Problem(text, column="hazard"))
            continue
        way = ways.iloc[0]
        rows = rows.copy()
        # wanted = factor x given, so that ln wanted >= ln median holds where ln given >= ln (median / factor), and rate
        # wanted^e = (rate factor^e) given^e.
        rows.loc[hit, [f"median_{s}" for s in STATES[1:]]] /= way["factor"]
        rows.loc[hit, "rate"] *= way["factor"] ** rows.loc[hit, "exponent"]
        rows.loc[hit, "measure"] = way["given"]
        changes += [(k, counts[k], wanted, f"{way['factor']:g} x {way['given']}", way["source"]) for k in classes]
    if problems:
        raise TableError("scenario", problems)
    return rows.reset_index(drop=True), pd.DataFrame(changes, columns=SUBSTITUTED)


def _struck(rows: pd.DataFrame, measures: Collection[str], counts: dict[str, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out functions of what does not act; and the classes that water or wind does nothing to, for the report."""
    acting = {AGENTS.get(m, SHAKING) for m in measures} or {SHAKING}
    kept = rows[rows["intensity_measure"].map(AGENTS).isin(acting)]
    idle = sorted(set(rows["asset_class"]) - set(kept["asset_class"]))
    told = [(k, counts[k], " and ".join(sorted(acting)), "", "") for k in idle]
    return kept, pd.DataFrame(told, columns=SUBSTITUTED)


def substitutions(substituted: pd.DataFrame) -> tuple[str, ...]:
    """Words for the measures that were substituted or left out, from ``substituted`` of `Fragilities`.

    Examples
    --------
    >>> rows = [("EP.C.A", 3, "PGV", "40 x PGA", "ours"), ("W1.pre_code", 1, "PGD", "", "")]
    >>> substitutions(pd.DataFrame(rows, columns=SUBSTITUTED))
    ('PGV taken as 40 x PGA (3 assets of EP.C.A; ours)', 'no ground failure: the hazard gives no PGD (1 asset of W1.pre_code)')
    """
    found = []
    for (measure, rule), rows in substituted.groupby(["attribute", "rule"], sort=False):
        classes = _named(rows["asset_class"], dict(zip(rows["asset_class"], rows["assets"], strict=True)))
        taken = f"{measure} taken as {rule} ({classes}; {rows['source'].iloc[0]})"
        without = f"{ADDED.get(measure)}: the hazard gives no {measure} ({classes})"
        idle = f"{measure} damages none of these, which have no function for it: {classes}"
        found.append(taken if rule else without if measure in ADDED else idle)
    return tuple(found)


def _named(classes: Collection[str], counts: dict[str, int], most: int = 4) -> str:
    """Words for some classes with the number of their assets."""
    names = sorted(classes)
    shown = ", ".join(f"{n} asset{'s' if n != 1 else ''} of {k}" for k, n in ((k, counts[k]) for k in names[:most]))
    return shown + (f" and {len(names) - most} more classes" if len(names) > most else "")


def residual_groups(
    kind: np.ndarray, shared_class: pd.Series, block: np.ndarray | None, correlation: float
) -> tuple[np.ndarray, np.ndarray]:
    """Group of each asset (-1 for none) and the key of each group, from block and class name alone.

    Parameters
    ----------
    kind : ndarray of int
        Class of each asset, shape (asset,); 0 for what is never damaged and in no group.
    shared_class, block, correlation
        Class, zone and correlation as of `fragilities`; no groups without zones or with a correlation of 0.
    """
    group = np.full(len(kind), -1, dtype=np.int32)
    if block is None or correlation == 0:
        return group, np.zeros(0, dtype=np.uint64)
    member = (block >= 0) & (kind > 0)
    which, classes = pd.factorize(shared_class.to_numpy(dtype=object)[member].astype(str))
    # a key of 64 bits, block above, name of the class below: the same in every city and for every order of assets,
    # which a number of the class would not be
    names = np.array([zlib.crc32(name.encode()) for name in classes], dtype=np.uint64)
    key = block[member].astype(np.uint64) * np.uint64(2**32) + names[which]
    keys, number = np.unique(key, return_inverse=True)
    group[member] = number
    return group, keys


def exceedance(functions: Fragilities, kind: int, intensity: Mapping[str, float | np.ndarray]) -> np.ndarray:
    """Closed form of the probability that an asset reaches each state, slight to complete, shape (4,) or (asset, 4).

    P(state >= ds) = 1 - prod over measures (1 - Phi((ln IM - ln median) / beta)), where the functions of a
    measure do not cross; the worst function counts where they do.

    Parameters
    ----------
    functions : Fragilities
        With lognormal slots; a repair rate counts as no damage here.
    kind : int
        Class of the assets, as its row of ``functions.classes``.
    intensity : mapping of str to float or ndarray
        Of every measure of the class, at least 0: one number, or shape (asset,).

    Examples
    --------
    >>> from holdfast.recovery.settings.parameters import load_parameters
    >>> functions = fragilities(load_parameters(), pd.Series(["W1.high_code"]), ["PGA"])
    >>> exceedance(functions, 1, {"PGA": 0.55}).round(3).tolist()
    [0.969, 0.5, 0.017, 0.001]
    """
    from scipy.stats import norm

    safe = np.ones(len(STATES) - 1)
    for s in range(functions.slot[kind], functions.slot[kind + 1]):
        value = np.asarray(intensity[functions.measures[functions.measure[s]]], dtype=np.float64)[..., None]
        with np.errstate(divide="ignore"):  # no shaking lies infinitely far below every median
            reached = norm.cdf((np.log(value) - functions.log_median[s]) / functions.beta[s])
            # from complete to slight: who reaches a worse state has reached the better ones
            safe = safe * (1 - np.maximum.accumulate(reached[..., ::-1], axis=-1)[..., ::-1])
    return np.asarray(1 - safe)
