"""Casualties: people injured in damaged buildings, and people who lose their home."""

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
SINGLE = ("RES1", "RES2")
"""Occupancies with one household to a building; all other homes hold several."""
WHOLE = 1 + 1e-9  # shares as written in a table may sum to a little more than 1


class CasualtyRates(NamedTuple):
    """What each damage state does to people, by class of building.

    ``kind`` (building,): row of ``injured`` (kind, 5, 4), the expected share of the people inside by damage state
    and severity; ``home`` (building,): row of ``displaced`` (2, 5), the share of the residents who must leave.
    """

    kind: np.ndarray
    injured: np.ndarray
    home: np.ndarray
    displaced: np.ndarray


class Casualties(NamedTuple):
    """People, in expectation given the damage: ``injured`` (draw, 4) by severity, ``displaced`` (draw,).

    ``injured_by_building`` (building, 4) and ``displaced_by_building`` (building,) are means over the draws.
    """

    injured: np.ndarray
    displaced: np.ndarray
    injured_by_building: np.ndarray
    displaced_by_building: np.ndarray


def casualty_rates(asset_class: pd.Series, occupancy: pd.Series, parameters: Parameters) -> CasualtyRates:
    """Shares of people injured and displaced by each damage state of each building, in the order of the buildings.

    Parameters
    ----------
    asset_class, occupancy : Series
        Of the buildings, such as ``C1M.pre_code`` (before the dot stands the structure) and the Hazus ``RES3``.
    parameters : Parameters
        Tables ``casualties``, ``collapse``, ``displacement``.

    Raises
    ------
    TableError
        If a structure lacks rows, or shares of one state sum to more than 1.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual 6.1: indoor injuries, displaced households. Departs from
    it in leaving out people outdoors, on bridges and in vehicles, and homes lost to utility outages.

    Examples
    --------
    >>> from holdfast.recovery.parameters import load_parameters
    >>> rates = casualty_rates(pd.Series(["URML.pre_code"]), pd.Series(["RES3"]), load_parameters())
    >>> rates.injured[0, 4].round(4).tolist()
    [0.145, 0.047, 0.0077, 0.0152]
    """
    kind, kinds = pd.factorize(asset_class.astype(str).str.split(".").str[0], sort=True)
    return CasualtyRates(
        kind=kind.astype(np.int32),
        injured=_injured(kinds.to_numpy(dtype=object), parameters.casualties, parameters.collapse),
        home=(~occupancy.isin(SINGLE)).to_numpy().astype(np.int32),
        displaced=_displaced(parameters.displacement),
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


def _displaced(table: pd.DataFrame) -> np.ndarray:
    """Share of the residents who must leave, by home (single, multi) and damage state."""
    wide = table.pivot_table(values="displaced_share", index="home", columns="damage_state", aggfunc="first")
    wide = wide.reindex(index=["single", "multi"], columns=STATES)
    if wide.isna().to_numpy().any():
        lacking = [(h, s) for h in wide.index for s in STATES if pd.isna(wide.loc[h, s])]
        raise TableError("displacement", [Problem(f"no row for {h}, {s}; add it") for h, s in lacking])
    return np.asarray(wide, dtype=np.float64)


def casualties(states: np.ndarray, table: CasualtyRates, inside: np.ndarray, residents: np.ndarray) -> Casualties:
    """People injured and displaced in each draw, in expectation given the states: single persons are not drawn.

    Parameters
    ----------
    states : ndarray of int
        Damage states, shape (draw, building).
    table : CasualtyRates
        Of the same buildings, from `casualty_rates`.
    inside : ndarray
        People in each building at the hour of the event, by day or by night; shape (building,).
    residents : ndarray
        People who live there; shape (building,).

    Examples
    --------
    >>> table = CasualtyRates(np.array([0]), np.array([[[0, 0, 0, 0]] * 4 + [[0.4, 0.2, 0.05, 0.1]]]), np.array([1]),
    ...              np.array([[0, 0, 0, 0, 1], [0, 0, 0, 0.9, 1]]))
    >>> found = casualties(np.array([[4], [3]]), table, np.array([100.0]), np.array([50.0]))
    >>> found.injured[0].tolist(), found.displaced.tolist()
    ([40.0, 20.0, 5.0, 10.0], [50.0, 45.0])
    """
    draws, count = states.shape
    injured, displaced = np.zeros((draws, len(SEVERITIES))), np.zeros(draws)
    each, home = np.zeros((count, len(SEVERITIES))), np.zeros(count)
    flat = (table.kind, table.injured.astype(np.float64), table.home, table.displaced.astype(np.float64))
    people = (np.asarray(inside, np.float64), np.asarray(residents, np.float64))
    # the kernel adds into the four arrays; per building it sums over the draws, hence the division below
    _count(states, *flat, *people, (injured, displaced, each, home))
    return Casualties(injured, displaced, each / max(draws, 1), home / max(draws, 1))


@numba.njit(cache=True)
def _count(
    states: np.ndarray,
    kind: np.ndarray,
    shares: np.ndarray,
    home: np.ndarray,
    displaced: np.ndarray,
    inside: np.ndarray,
    residents: np.ndarray,
    out: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Add up draw by draw and building by building."""
    injured, gone, each, left = out
    for d in range(states.shape[0]):
        for i in range(states.shape[1]):
            state = states[d, i]
            if state == 0:
                continue
            for k in range(shares.shape[2]):
                people = inside[i] * shares[kind[i], state, k]
                injured[d, k] += people
                each[i, k] += people
            people = residents[i] * displaced[home[i], state]
            gone[d] += people
            left[i] += people
