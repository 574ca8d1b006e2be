"""Damage and repair cost of a researcher's own buildings: plain series and frames in, frames out, without a city."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.numerals import to_numbers
from holdfast.recovery.damage.assets import by_state, check_repair
from holdfast.recovery.damage.damage import draw_states
from holdfast.recovery.damage.fragility import STATES, Fragilities, exceedance, fragilities, substitutions
from holdfast.recovery.hazard.sites import MEASURES
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.tables import check
from holdfast.types import Parameters

FILE = "own buildings"


def damage_probabilities(
    asset_class: pd.Series, intensity: pd.DataFrame, fragility: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Probability of each damage state of each building, in closed form: ``none`` to ``complete``, 0..1, with sum 1.

    Parameters
    ----------
    asset_class, intensity : Series, DataFrame
        Class of each building, such as ``W1.high_code``, and a column per measure: PGA, SA0.3, SA1.0 (g), PGV (cm/s),
        PGD (cm); index: its id.
    fragility : DataFrame, optional
        Own functions, schema ``fragility``, in place of those that the package ships (Hazus). Measures that were taken
        for others or left out stand in ``attrs["assumed"]`` of the result, in words.

    Raises
    ------
    TableError, UnknownName
        Naming buildings without a class or an intensity, classes without functions, or a column that is no measure.

    Examples
    --------
    >>> home = pd.Series(["W1.high_code"], index=["home"])
    >>> damage_probabilities(home, pd.DataFrame({"PGA": [0.55]}, index=home.index)).round(2).to_numpy().tolist()
    [[0.03, 0.47, 0.48, 0.02, 0.0]]
    """
    functions = _functions(asset_class, intensity, fragility)
    reached = np.zeros((len(asset_class), len(STATES) + 1))
    reached[:, 0] = 1.0  # all are in some state; the column after the last, which none reaches, stays 0
    for kind in np.unique(functions.kind):
        own = functions.kind == kind
        felt = {m: intensity.loc[own, m].to_numpy(np.float64) for m in functions.measures}
        reached[own, 1:-1] = exceedance(functions, int(kind), felt)
    table = pd.DataFrame(-np.diff(reached, axis=1), index=asset_class.index, columns=list(STATES))
    table.attrs["assumed"] = substitutions(functions.substituted)
    return table


def damage_states(
    asset_class: pd.Series,
    intensity: pd.DataFrame,
    fragility: pd.DataFrame | None = None,
    *,
    draws: int = 1,
    seed: int = 1,
    block: pd.Series | None = None,
    correlation: float = 0.0,
) -> pd.DataFrame:
    """Draw the damage state of each building.

    Parameters
    ----------
    asset_class, intensity, fragility
        The same three as those of `damage_probabilities`.
    draws : int
        How many; a draw depends on `seed` and its number alone.
    seed : int
        Of every random number.
    block : Series, optional
        Zone of each building, same index. Buildings of one zone and class share a part of their residual.
    correlation : float
        Of the residuals of two buildings of one zone and class, 0 to 1.

    Returns
    -------
    DataFrame
        Index of `asset_class`, columns ``draw`` from 0: 0 none, 1 slight, 2 moderate, 3 extensive, 4 complete.
        ``attrs["assumed"]`` as of `damage_probabilities`.

    Raises
    ------
    TableError
        As `damage_probabilities`, or if the zones are of other buildings, `draws` is below 1 or the correlation no share.
    UnknownName
        If a column of `intensity` is no measure.

    Examples
    --------
    >>> classes = pd.Series(["W1.high_code", "URML.pre_code"], index=["home", "mill"])
    >>> shaking = pd.DataFrame({"PGA": [0.0, 5.0]}, index=classes.index)
    >>> damage_states(classes, shaking, draws=3).to_numpy().tolist()
    [[0, 0, 0], [4, 4, 4]]
    """
    if draws < 1:
        raise TableError(FILE, [Problem(f"{draws} draws; give at least 1", column="draws")])
    # keys of shared residuals go by zone number and class name, so that zones are numbered in the order of their names
    functions = _functions(asset_class, intensity, fragility, _numbers(block, asset_class), correlation)
    measured = {m: intensity[m].to_numpy(np.float64) for m in functions.measures}
    states = draw_states(measured, functions, np.random.SeedSequence(seed).spawn(draws))
    table = pd.DataFrame(states.T, index=asset_class.index, columns=pd.RangeIndex(draws, name="draw"))
    table.attrs["assumed"] = substitutions(functions.substituted)
    return table


def repair_costs(
    states: pd.DataFrame, occupancy: pd.Series, replacement_cost: pd.Series, repair: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Cost of repair of each building in each draw.

    Parameters
    ----------
    states : DataFrame
        As from `damage_states`: shape (building, draw), 0 to 4.
    occupancy : Series
        Same index: class of the repair table, such as ``RES1`` (Hazus).
    replacement_cost : Series
        Same index: money, 0 or more.
    repair : DataFrame, optional
        Own ratios, schema ``repair``, in place of those that the package ships (Hazus).

    Returns
    -------
    DataFrame
        Shape, index and columns of `states`; money as in `replacement_cost`.

    Raises
    ------
    TableError
        Naming buildings whose state, occupancy or cost is missing or none, and occupancies without ratios.

    Examples
    --------
    >>> states = pd.DataFrame({0: [0, 4]}, index=["home", "shop"])
    >>> occupancy = pd.Series({"home": "RES1", "shop": "COM1"})
    >>> repair_costs(states, occupancy, pd.Series({"home": 3e5, "shop": 9e5}))[0].tolist()
    [0.0, 900000.0]
    """
    cost = to_numbers(replacement_cost).to_numpy(np.float64)
    number = states.apply(to_numbers).to_numpy(np.float64)
    problems = _other_rows(occupancy, states.index, "occupancy")
    problems += _other_rows(replacement_cost, states.index, "replacement_cost")
    # rows are looked up by place from here on, so that tables of other buildings are refused first
    if not problems:
        problems += _faults(
            states.index[~np.isin(number, range(len(STATES))).all(axis=1)], "state", "is none of 0 to 4"
        )
        problems += _faults(states.index[occupancy.isna()], "occupancy", "has none")
        bad = ~(np.isfinite(cost) & (cost >= 0))
        problems += _faults(states.index[bad], "replacement_cost", "is missing, below 0 or no number")
    if problems:
        raise TableError(FILE, problems)
    table = load_parameters().repair if repair is None else check(repair, "repair")
    # only the occupancies at hand need complete ratios
    codes, kinds = pd.factorize(occupancy.astype(str), sort=True)
    check_repair(table, kinds)
    ratio = by_state(table, "repair_cost_ratio", kinds.to_numpy(dtype=object))
    values = ratio[codes[:, None], number.astype(np.int64)] * cost[:, None]
    return pd.DataFrame(values, index=states.index, columns=states.columns)


def _functions(
    asset_class: pd.Series,
    intensity: pd.DataFrame,
    fragility: pd.DataFrame | None,
    block: np.ndarray | None = None,
    correlation: float = 0.0,
) -> Fragilities:
    """Functions of the buildings, after their tables were held to each other."""
    for name in intensity.columns:
        if name not in MEASURES:
            raise UnknownName("intensity measure", str(name), MEASURES)
    problems = _other_rows(intensity, asset_class.index, "intensity")
    problems += _faults(asset_class.index[asset_class.isna()], "asset_class", "has none")
    for name in intensity.columns if not problems else ():
        values = to_numbers(intensity[name]).to_numpy(np.float64)
        bad = ~(np.isfinite(values) & (values >= 0))
        problems += _faults(intensity.index[bad], str(name), "is missing, below 0 or no number")
    # pipes are damaged by length, which a table of buildings does not have
    published = load_parameters()
    pipes = set(published.pipes["asset_class"]) & set(asset_class.dropna())
    text = "is a class of pipes, whose repairs follow their length; give classes of buildings"
    problems += [Problem(f'"{name}" {text}', column="asset_class") for name in sorted(pipes)]
    if problems:
        raise TableError(FILE, problems)
    own = published if fragility is None else _with(published, fragility)
    return fragilities(own, asset_class, list(intensity.columns), block, correlation)


def _with(published: Parameters, fragility: pd.DataFrame) -> Parameters:
    """The published figures with own functions in the place of theirs."""
    return replace(published, fragility=check(fragility, "fragility"))


def _numbers(block: pd.Series | None, asset_class: pd.Series) -> np.ndarray | None:
    """Zones as numbers; -1 for a building without one."""
    if block is None:
        return None
    problems = _other_rows(block, asset_class.index, "block")
    if problems:
        raise TableError(FILE, problems)
    return pd.factorize(block, sort=True)[0]


def _other_rows(table: pd.Series | pd.DataFrame, index: pd.Index, column: str) -> list[Problem]:
    """A table of other buildings, or in another order."""
    if table.index.equals(index):
        return []
    return [Problem(f"its index is not that of the buildings; use {column}.loc[...] to align it", column=column)]


def _faults(buildings: Collection[object], column: str, text: str) -> list[Problem]:
    """One problem for each faulty building."""
    return [Problem(text, column=column, place=f"building {b}") for b in buildings]
