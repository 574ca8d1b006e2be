"""Fragility: from intensity to damage state."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.config import ScenarioOptions
from holdfast.errors import Problem, TableError

STATES = ("none", "slight", "moderate", "extensive", "complete")
"""Damage states in order; their positions 0..4 are the integers used everywhere."""


class Fragilities(NamedTuple):
    """Fragility functions of all assets: log medians and log standard deviations, shape (asset, 4)."""

    log_median: np.ndarray
    beta: np.ndarray


def fragilities(table: pd.DataFrame, asset_class: pd.Series, scenario: ScenarioOptions) -> Fragilities:
    """Fragility functions of each asset, from the table of classes.

    Parameters
    ----------
    table : DataFrame
        Schema ``fragility``.
    asset_class : Series
        Class of each asset, index its id; empty for an asset that cannot be damaged.
    scenario : ScenarioOptions
        Its intensity measure and unit must be those of the table.

    Returns
    -------
    Fragilities
        Slight to complete, in the order of `asset_class`; infinite median where nothing can happen.

    Raises
    ------
    TableError
        If a class is not in the table, or the scenario's measure or unit is another.

    Examples
    --------
    >>> states = ["slight", "moderate", "extensive", "complete"]
    >>> table = pd.DataFrame({"asset_class": "W1.high_code", "damage_state": states, "intensity_measure": "PGA",
    ...                       "unit": "g", "median": [0.26, 0.55, 1.28, 2.01], "beta": 0.4})
    >>> scenario = ScenarioOptions(unit="g", value=0.4)
    >>> fragilities(table, pd.Series(["W1.high_code", None]), scenario).log_median.round(2).tolist()
    [[-1.35, -0.6, 0.25, 0.7], [inf, inf, inf, inf]]
    """
    _check_measure(table, scenario)
    medians = _by_state(table, "median")
    betas = _by_state(table, "beta")
    kinds, codes = np.unique(asset_class.fillna("").astype(str).to_numpy(dtype=object), return_inverse=True)
    missing = [k for k in kinds if k and (k not in medians.index or medians.loc[k].isna().any())]
    if missing:
        counts = {k: int((kinds[codes] == k).sum()) for k in missing}
        raise TableError(
            "fragility",
            [
                Problem(
                    f'"{k}" has no complete fragility function; {n} assets name it: add its rows or rename it',
                    column="asset_class",
                )
                for k, n in counts.items()
            ],
        )
    log_median = np.log(medians.reindex(kinds).fillna(np.inf).to_numpy(np.float64))
    beta = betas.reindex(kinds).fillna(1.0).to_numpy(np.float64)
    return Fragilities(log_median[codes], beta[codes])


def _by_state(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """One row per class, one column per damage state from slight."""
    wide = table.pivot_table(values=column, index="asset_class", columns="damage_state", aggfunc="first")
    return wide.reindex(columns=STATES[1:])


def _check_measure(table: pd.DataFrame, scenario: ScenarioOptions) -> None:
    """Refuse a scenario whose intensity is not the one that the table speaks of."""
    problems = []
    for key, column in (("intensity_measure", "intensity_measure"), ("unit", "unit")):
        known = sorted(table[column].astype(str).unique())
        given = getattr(scenario, key)
        if known != [given]:
            text = f'"{given}" is not what the fragility table holds: {", ".join(known)}; convert the value'
            problems.append(Problem(text, column=f"scenario.{key}"))
    if problems:
        raise TableError("scenario", problems)


def damage_states(intensity: np.ndarray, functions: Fragilities, normal: np.ndarray) -> np.ndarray:
    """Damage state of each asset: one standard normal number per asset decides.

    An asset reaches a state where its number is at least (ln median - ln IM) / beta, so that the
    probability is the lognormal distribution function of the intensity. Where functions of one
    class cross, the worst state reached counts.

    Parameters
    ----------
    intensity : ndarray
        Shape (asset,), in the unit of the table.
    functions : Fragilities
        Of the same assets.
    normal : ndarray
        Shape (asset,), standard normal; larger is worse.

    Returns
    -------
    ndarray of int8
        Shape (asset,), 0 none to 4 complete.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1, lognormal fragility functions.

    Examples
    --------
    >>> functions = Fragilities(np.log([[0.2, 0.4, 0.8, 1.6]]), np.full((1, 4), 0.5))
    >>> damage_states(np.array([0.4]), functions, np.array([0.0])).tolist()
    [2]
    """
    with np.errstate(divide="ignore"):
        threshold = (functions.log_median - np.log(intensity)[:, None]) / functions.beta
    reached = normal[:, None] >= threshold
    return np.asarray((reached * np.arange(1, len(STATES))).max(axis=1), dtype=np.int8)
