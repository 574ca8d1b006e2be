"""Casualties: people injured in damaged buildings."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.damage.fragility import STATES
from holdfast.types import Parameters

SEVERITIES = ("severity_1", "severity_2", "severity_3", "severity_4")
"""Injured but no hospital; hospital; life in danger; killed."""
COLLAPSE = "collapse"
WHOLE = 1 + 1e-9  # shares as written in a table may sum to a little more than 1


class CasualtyRates(NamedTuple):
    """What each damage state does to people, by class of building.

    ``kind`` (building,): row of ``injured`` (kind, 5, 4), the expected share of the people inside by damage state
    and severity.
    """

    kind: np.ndarray
    injured: np.ndarray


def casualty_rates(asset_class: pd.Series, parameters: Parameters) -> CasualtyRates:
    """Shares of people injured by each damage state of each building, in the order of the buildings.

    Parameters
    ----------
    asset_class : Series
        Of the buildings, such as ``C1M.pre_code``: before the dot stands the structure.
    parameters : Parameters
        Tables ``casualties`` and ``collapse``.

    Raises
    ------
    TableError
        If a structure lacks rows, or shares of one state sum to more than 1.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1: indoor injuries. Departs from it in leaving out people
    outdoors, on bridges and in vehicles.

    Examples
    --------
    >>> from holdfast.recovery.settings.parameters import load_parameters
    >>> rates = casualty_rates(pd.Series(["URML.pre_code"]), load_parameters())
    >>> rates.injured[0, 4].round(4).tolist()
    [0.145, 0.047, 0.0077, 0.0152]
    """
    kind, kinds = pd.factorize(asset_class.astype(str).str.split(".").str[0], sort=True)
    return CasualtyRates(
        kind=kind.astype(np.int32),
        injured=_injured(kinds.to_numpy(dtype=object), parameters.casualties, parameters.collapse),
    )


def _injured(kinds: np.ndarray, table: pd.DataFrame, collapse: pd.DataFrame) -> np.ndarray:
    """Expected shares by kind, damage state and severity."""
    total = table[list(SEVERITIES)].sum(axis=1)
    over = table[(total > WHOLE) | (table[list(SEVERITIES)] < 0).any(axis=1)]
    problems = [
        Problem(f"{r.structure_class}, {r.damage_state}: shares sum to {t:g}; each is 0 or more, together at most 1")
        for r, t in zip(over.itertuples(), total[over.index], strict=True)
    ]
    rows = table.set_index(["structure_class", "damage_state"])[list(SEVERITIES)]
    share = collapse.set_index("structure_class")["collapse_share"]
    wanted = (*STATES[1:], COLLAPSE)
    problems += [
        Problem(f'"{k}": no row for {s}; add it', column="damage_state")
        for k in kinds
        for s in wanted
        if (k, s) not in rows.index
    ]
    problems += [Problem(f'"{k}": no collapse share; add it', column="collapse_share") for k in kinds if k not in share]
    if problems:
        raise TableError("casualties", problems)
    out = np.zeros((len(kinds), len(STATES), len(SEVERITIES)))
    for i, k in enumerate(kinds):
        # slight to complete, then collapse; a complete building has collapsed with the share of its structure:
        # injured(complete) = (1 - share) injured(complete, standing) + share injured(collapse)
        by_state = rows.loc[[(k, s) for s in wanted]].to_numpy(np.float64)
        out[i, 1:] = by_state[:-1]
        out[i, -1] = (1 - share[k]) * by_state[-2] + share[k] * by_state[-1]
    return out


def casualties(states: np.ndarray, table: CasualtyRates, inside: np.ndarray) -> np.ndarray:
    """Persons injured in each draw by severity, shape (draw, 4), in expectation given the states: nobody is drawn.

    Parameters
    ----------
    states : ndarray of int
        Damage states, shape (draw, building).
    table : CasualtyRates
        Of the same buildings, from `casualty_rates`.
    inside : ndarray
        People in each building at the hour of the event, by day or by night; shape (building,).

    Examples
    --------
    >>> table = CasualtyRates(np.array([0]), np.array([[[0, 0, 0, 0]] * 4 + [[0.4, 0.2, 0.05, 0.1]]]))
    >>> casualties(np.array([[4], [3]]), table, np.array([100.0])).tolist()
    [[40.0, 20.0, 5.0, 10.0], [0.0, 0.0, 0.0, 0.0]]
    """
    injured = np.zeros((len(states), len(SEVERITIES)))
    _count(states, table.kind, table.injured.astype(np.float64), np.asarray(inside, np.float64), injured)
    return injured


@numba.njit(cache=True)
def _count(states: np.ndarray, kind: np.ndarray, shares: np.ndarray, inside: np.ndarray, injured: np.ndarray) -> None:
    """Add up draw by draw and building by building."""
    for d in range(states.shape[0]):
        for i in range(states.shape[1]):
            state = states[d, i]
            if state == 0:
                continue
            for k in range(shares.shape[2]):
                injured[d, k] += inside[i] * shares[kind[i], state, k]
