"""Observed curves and predicted draws of the same thing, laid beside each other."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError

KEY = ["event", "quantity", "area"]
SHARE = "share"


class Matched(NamedTuple):
    """One area of one event: what was observed and what was predicted, both as recovered shares of a normal day.

    ``known_days``, ``known``: what was observed up to the first predicted day; ``days``, ``observed``: what was observed
    after it and by the last predicted day; ``draw_days`` (time,), ``draws`` (draw, time): the prediction on its own days.
    ``weight``: of the area; ``fitted``: what was fitted to this event, "" where nothing was.
    """

    event: str
    quantity: str
    area: str
    known_days: np.ndarray
    known: np.ndarray
    days: np.ndarray
    observed: np.ndarray
    draw_days: np.ndarray
    draws: np.ndarray
    weight: float
    fitted: str


def matched(observed: pd.DataFrame, predicted: pd.DataFrame) -> tuple[list[Matched], pd.DataFrame]:
    """Lay a prediction (schema ``predicted``) beside what was observed (schema ``observed``).

    Returns
    -------
    list of Matched
        By event, quantity and area, in the order of their names.
    DataFrame
        ``event``, ``quantity``, ``area`` and ``why`` of what is on one side alone.

    Raises
    ------
    TableError
        If days repeat, units differ, a normal value lacks, or draws are not complete.
    """
    problems: list[Problem] = []
    ours = {key: rows.sort_values("day") for key, rows in observed.groupby(KEY, sort=True)}
    theirs = dict(list(predicted.groupby(KEY, sort=True)))
    pairs, alone = [], []
    for key in sorted({*ours, *theirs}):
        if key not in theirs or key not in ours:
            alone.append((*key, "observed, not predicted" if key in ours else "predicted, not observed"))
            continue
        found, wrong = _pair(key, ours[key], theirs[key])
        problems += wrong
        if found is not None and found.days.size:
            pairs.append(found)
        elif found is not None:
            alone.append((*key, "nothing observed between the first and the last predicted day"))
    if problems:
        raise TableError("observed and predicted", problems)
    return pairs, pd.DataFrame(alone, columns=[*KEY, "why"])


def _pair(
    key: tuple[Hashable, ...], observed: pd.DataFrame, predicted: pd.DataFrame
) -> tuple[Matched | None, list[Problem]]:
    """One area, or what is wrong with it."""
    event, quantity, area = map(str, key)
    name = f"{event}, {quantity}, {area}"
    units = {*observed["unit"], *predicted["unit"]}
    normal = observed["normal"].iloc[0] if "normal" in observed and observed["normal"].notna().any() else np.nan
    wide = predicted.pivot_table(index="draw", columns="day", values="value", aggfunc="count")
    problems = []
    if len(units) > 1:
        problems.append(Problem(f"{name}: units differ ({', '.join(sorted(units))}); give one", column="unit"))
    elif np.isnan(normal) and units != {SHARE}:
        problems.append(Problem(f"{name}: give the value of a normal day", column="normal"))
    if observed["day"].duplicated().any():
        problems.append(Problem(f"{name}: a day stands in two rows of the observed table", column="day"))
    if (wide.to_numpy() != 1).any():
        problems.append(Problem(f"{name}: every draw needs one value on every day", column="draw"))
    if problems:
        return None, problems
    days, values = observed["day"].to_numpy(), observed["value"].to_numpy()
    # observed and predicted values go by the same scale, that of the observed ones
    share, scale = _recovered(values, 1.0 if np.isnan(normal) else float(normal), values.max())
    draws = predicted.pivot_table(index="draw", columns="day", values="value")
    at = draws.columns.to_numpy(np.float64)
    # what was observed on the first predicted day is known to the prediction, and scores nothing
    later = (days > at[0]) & (days <= at[-1])
    weight = observed["weight"].iloc[0] if "weight" in observed else np.nan
    fitted = [
        str(t) for t in predicted.get("fitted", pd.Series(dtype=object)).dropna().unique() if str(t) not in ("", "no")
    ]
    return Matched(
        event,
        quantity,
        area,
        days[days <= at[0]],
        share[days <= at[0]],
        days[later],
        share[later],
        at,
        _recovered(draws.to_numpy(np.float64), scale[0], scale[1])[0],
        1.0 if pd.isna(weight) else float(weight),
        "; ".join(fitted),
    ), []


def _recovered(values: np.ndarray, normal: float, most: float) -> tuple[np.ndarray, tuple[float, float]]:
    """Share of a normal day; of what a normal day has none of, the share of the most observed that is gone."""
    if normal > 0:
        return values / normal, (normal, most)
    return 1.0 - values / most if most > 0 else np.ones_like(values), (normal, most)


def on_days(days: np.ndarray, draw_days: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Draws (draw, time) on other days within theirs, between their own in a straight line; shape (draw, day).

    Examples
    --------
    >>> on_days(np.array([1.5]), np.array([1.0, 2.0]), np.array([[0.0, 1.0]])).tolist()
    [[0.5]]
    """
    if draw_days.size == 1:
        return np.repeat(draws, len(days), axis=1)
    right = np.clip(np.searchsorted(draw_days, days), 1, draw_days.size - 1)
    part = (days - draw_days[right - 1]) / (draw_days[right] - draw_days[right - 1])
    return np.asarray(draws[:, right - 1] * (1 - part) + draws[:, right] * part)


def days_to_level(days: np.ndarray, share: np.ndarray, level: float) -> np.ndarray:
    """Day from which curves (..., time) stay at or above a level, in a straight line between their increasing `days`.

    Returns
    -------
    ndarray
        Days, shape (...); the first day where the curve is never below, infinity where it ends below.

    Examples
    --------
    >>> days_to_level(np.array([0.0, 1, 2, 4]), np.array([[0.2, 0.9, 0.4, 0.8], [0.5, 0.4, 0.3, 0.2]]), 0.6).tolist()
    [3.0, inf]
    """
    # within rounding a share that is the level has reached it
    below = share < level * (1 - 1e-12)
    # the last day below the level, found from the end; 'argmax' is the first true value
    last = below.shape[-1] - 1 - np.argmax(below[..., ::-1], axis=-1)
    left, right = last, np.minimum(last + 1, below.shape[-1] - 1)
    low, high = (np.take_along_axis(share, i[..., None], axis=-1)[..., 0] for i in (left, right))
    rise = np.where(high > low, high - low, 1.0)
    found = days[left] + (level - low) / rise * (days[right] - days[left])
    ends_below = below[..., -1]
    return np.where(ends_below, np.inf, np.where(below.any(axis=-1), found, days[0]))


def lost_days(days: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Days of a normal level that curves (..., time) lack between their first and last day, by trapezoids; shape (...).

    Examples
    --------
    >>> float(lost_days(np.array([0.0, 2.0]), np.array([0.0, 1.0])))
    1.0
    """
    return np.asarray(np.trapezoid(1.0 - share, days, axis=-1))
