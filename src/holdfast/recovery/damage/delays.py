"""Impeding delays: the days before repair can start."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName

STATES = ("slight", "moderate", "extensive", "complete")
STEPS = ("inspection", "financing", "engineering", "permit", "contractor")
SIDES = ("building", "network")


class Delays(NamedTuple):
    """Delays before a repair.

    ``fixed`` (side, state): days when every step takes its median, side 0 buildings, 1 networks, states 0..4,
    rounded up; ``median``, ``dispersion`` (side, state, step): of the lognormal steps, days and 1; ``drawn``:
    whether steps are drawn; ``correlation``: of the logarithms of two steps of one building.
    """

    fixed: np.ndarray
    median: np.ndarray
    dispersion: np.ndarray
    drawn: bool
    correlation: float


Delay = Callable[[pd.DataFrame], Delays]
"""A model of delays: takes a table of the schema ``delays``, and refuses with a `TableError` one that lacks a step of
some damage state or has a negative figure. Network assets wait for their inspection only."""


def medians(table: pd.DataFrame) -> Delays:
    """Every step at its median; the three chains run side by side after the inspection.

    delay = inspection + max(financing, engineering + permit, contractor)

    References
    ----------
    Almufti & Willford (2013), REDi Rating System, and its later code (impeding_delays.py): the
    combination. Departs from it in letting the damage state decide the financing, and in treating network
    assets, of which it does not speak.

    Examples
    --------
    >>> rows = [(s, step, d, 0.4) for s in STATES for step, d in zip(STEPS, [1, 42, 84, 56, 100.8])]
    >>> table = pd.DataFrame(rows, columns=["damage_state", "step", "median_days", "dispersion"])
    >>> medians(table).fixed.tolist()
    [[0, 141, 141, 141, 141], [0, 1, 1, 1, 1]]
    """
    median, dispersion = (_by_step(table, c) for c in ("median_days", "dispersion"))
    # places of the steps are those of `STEPS`; the engine counts whole days, hence rounded up
    chains = np.stack([median[..., 1], median[..., 2] + median[..., 3], median[..., 4]])
    fixed = np.ceil(median[..., 0] + chains.max(axis=0)).astype(np.int64)
    return Delays(fixed, median, dispersion, drawn=False, correlation=0.0)


def draws(table: pd.DataFrame) -> Delays:
    """Every step drawn from its lognormal distribution, for each building apart; buildings are independent.

    References
    ----------
    As `medians`. Departs from the code of REDi, whose steps are independent.
    """
    # steps of one building share a part of their residual (its owner, its intricacy); the figure is assumed
    known = packaged("damage_figures").set_index("name")["value"]
    return medians(table)._replace(drawn=True, correlation=float(known["delay_correlation"]))


def none(_table: pd.DataFrame) -> Delays:
    """Repair can start at once; the table is not read.

    Examples
    --------
    >>> none(pd.DataFrame()).fixed.tolist()
    [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    """
    shape = (len(SIDES), len(STATES) + 1)
    zeros = np.zeros((*shape, len(STEPS)))
    return Delays(np.zeros(shape, dtype=np.int64), zeros, zeros, drawn=False, correlation=0.0)


def _by_step(table: pd.DataFrame, column: str) -> np.ndarray:
    """One column by side, damage state 0..4 and step; zero where there is no damage, and beyond inspection for networks."""
    values = table.pivot_table(values=column, index="damage_state", columns="step", aggfunc="first")
    values = values.reindex(index=STATES, columns=STEPS)
    if values.isna().to_numpy().any():
        lacking = [(state, step) for state in STATES for step in STEPS if pd.isna(values.loc[state, step])]
        raise TableError("delays", [Problem(f"no row for {s}, {p}; add it (0 days if none)") for s, p in lacking])
    low = [(s, p) for s in STATES for p in STEPS if values.loc[s, p] < 0]
    if low:
        text = "{}, {}: {:g} is below 0; is the sign wrong?"
        raise TableError("delays", [Problem(text.format(s, p, values.loc[s, p]), column=column) for s, p in low])
    out = np.zeros((len(SIDES), len(STATES) + 1, len(STEPS)))
    out[0, 1:] = values.to_numpy(np.float64)
    # networks: the inspection alone, which takes as long as that of a building
    out[1, 1:, 0] = out[0, 1:, 0]
    return out


def queues(table: pd.DataFrame) -> Delays:
    """Of networks as `draws`; none of buildings, whose waits are found in `holdfast.recovery.damage.rebuilding`."""
    found = draws(table)
    found.median[SIDES.index("building")] = 0.0
    return found


DELAYS: dict[str, Delay] = {"queues": queues, "drawn": draws, "median": medians, "none": none}
QUEUES = "queues"


def delay(name: str) -> Delay:
    """Model of the impeding delays of that name; `UnknownName` if there is none.

    Examples
    --------
    >>> delay("mean")
    Traceback (most recent call last):
    holdfast.errors.UnknownName: "mean" is not a known model of delays; known: drawn, median, none, queues
    """
    if name not in DELAYS:
        raise UnknownName("model of delays", name, DELAYS)
    return DELAYS[name]
