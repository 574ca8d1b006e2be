"""Impeding delays: the days before repair can start."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName

Delay = Callable[[pd.DataFrame], tuple[np.ndarray, np.ndarray]]

STATES = ("slight", "moderate", "extensive", "complete")
STEPS = ("inspection", "financing", "engineering", "permit", "contractor")


def medians(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Every step at its median; the three chains run side by side after the inspection.

    delay = inspection + max(financing, engineering + permit, contractor)

    Parameters
    ----------
    table : DataFrame
        Schema ``delays``.

    Returns
    -------
    building : ndarray of int
        Days by damage state 0..4, rounded up to whole days; shape (5,).
    network : ndarray of int
        The same of network assets, which wait for their inspection only; shape (5,).

    Raises
    ------
    TableError
        If a damage state lacks a step.

    References
    ----------
    Almufti & Willford (2013), REDi Rating System, and its later code (impeding_delays.py): the
    combination. Departs from it in taking medians, not draws; in letting the damage state decide the
    financing; and in treating network assets, of which it does not speak.

    Examples
    --------
    >>> table = pd.DataFrame([(s, step, d) for s in STATES for step, d in zip(STEPS, [1, 42, 84, 56, 100.8])],
    ...                      columns=["damage_state", "step", "median_days"])
    >>> medians(table)[0].tolist(), medians(table)[1].tolist()
    ([0, 141, 141, 141, 141], [0, 1, 1, 1, 1])
    """
    days = table.pivot_table(values="median_days", index="damage_state", columns="step", aggfunc="first")
    days = days.reindex(index=STATES, columns=STEPS)
    if days.isna().to_numpy().any():
        lacking = [(state, step) for state in STATES for step in STEPS if pd.isna(days.loc[state, step])]
        raise TableError("delays", [Problem(f"no row for {s}, {p}; add it (0 days if none)") for s, p in lacking])
    chains = np.stack([days["financing"], days["engineering"] + days["permit"], days["contractor"]])
    building = np.ceil(days["inspection"].to_numpy() + chains.max(axis=0))
    network = np.ceil(days["inspection"].to_numpy())
    return _with_none(building), _with_none(network)


def none(_table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Repair can start at once.

    Parameters
    ----------
    _table : DataFrame
        Not read.

    Returns
    -------
    building, network : ndarray of int
        Zeros, shape (5,).

    Examples
    --------
    >>> none(pd.DataFrame())[0].tolist()
    [0, 0, 0, 0, 0]
    """
    return _with_none(np.zeros(len(STATES))), _with_none(np.zeros(len(STATES)))


def _with_none(days: np.ndarray) -> np.ndarray:
    """Put the undamaged state in front."""
    return np.concatenate([[0], days]).astype(np.int64)


DELAYS: dict[str, Delay] = {"median": medians, "none": none}


def delay(name: str) -> Delay:
    """Look up a model of the impeding delays.

    Parameters
    ----------
    name : str
        Key of ``DELAYS``.

    Raises
    ------
    UnknownName
        If there is no such model.

    Examples
    --------
    >>> delay("mean")
    Traceback (most recent call last):
    holdfast.errors.UnknownName: "mean" is not a known model of delays; known: median, none
    """
    if name not in DELAYS:
        raise UnknownName("model of delays", name, DELAYS)
    return DELAYS[name]
