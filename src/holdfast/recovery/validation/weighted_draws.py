"""A forecast that learns: draws of a recovery weighted by what has been observed of it so far."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.validation.match import KEY, SHARE, Matched, matched, on_days
from holdfast.types import Floats, Ints

PERCENTILES = (5, 25, 50, 75, 95)
FEWEST = 10
"""Draws that the weights must be worth at least: a band of fewer says nothing."""
HALVINGS = 60
"""Of the interval of the exponent that tempers the weights: beyond the last digit."""


class Discrepancy(NamedTuple):
    """How far a draw may lie from what is observed though it is right.

    ``observation``: standard deviation of one observed value; ``model``: of the model against the city; both as shares of
    a normal day. ``memory``: days over which an error of the model lasts (correlation 1 / e).
    """

    observation: float = 0.02
    model: float = 0.1
    memory: float = 14.0


class Nowcast(NamedTuple):
    """Draws weighted by observations.

    ``weights`` (draw,), summing to 1; ``effective``: number of equally weighted draws that are worth as much
    (1 / sum of squares); ``exponent``: of the likelihood, below 1 where the draws would be worth too few; ``copies``
    (draw,): how often each draw stands among as many resampled ones; ``bands``: ``event``, ``quantity``, ``area``, ``unit``,
    ``day``, ``before_p5`` to ``after_p95``, of curves that were observed as shares of a normal day; ``used``: ``event``,
    ``quantity``, ``area``, ``day``, ``observed`` (share), ``known`` (whether it is among the observations that weigh).
    """

    weights: Floats
    effective: float
    exponent: float
    copies: Ints
    bands: pd.DataFrame
    used: pd.DataFrame


def nowcast(
    observed: pd.DataFrame,
    predicted: pd.DataFrame,
    *,
    until: float = np.inf,
    discrepancy: Discrepancy | None = None,
    least_effective: float = 0.1,
) -> Nowcast:
    """Weight the draws of a prediction by what was observed up to a day; all curves of a draw share its weight.

    log w_d = -b / 2 sum over curves of r' C^-1 r, r the observed less the drawn values of a curve,
    C = observation^2 I + model^2 exp(-abs(t - t') / memory)

    Parameters
    ----------
    observed : DataFrame
        Schema ``observed``.
    predicted : DataFrame
        Schema ``predicted``; every curve has the same draws.
    until : float
        Last day, since the event, of the observations that weigh.
    discrepancy : Discrepancy
        Errors of observations and of the model.
    least_effective : float
        Share of the draws that the weights must be worth, 0..1; the exponent b is the largest up to 1 that keeps it.

    Raises
    ------
    TableError
        If no observation up to `until` has a predicted curve, draws differ between curves, or tables do not fit together.

    Notes
    -----
    Not specified in the paper: how a forecast takes up observations. Particles are weighted and resampled (Gordon, Salmond &
    Smith 1993), in the systematic way (Kitagawa 1996) with the offset one half, so that the same input gives the same
    draws; discrepancies of a model last (Kennedy & O'Hagan 2001); the likelihood is tempered as in Neal (2001).
    Nothing is simulated again: what no draw does, no weight can bring.

    Examples
    --------
    >>> key = {"event": "e", "quantity": "power", "area": "a", "unit": "share"}
    >>> seen = pd.DataFrame([key | {"day": d, "value": d / 10, "normal": 1.0} for d in (1.0, 2.0)])
    >>> speeds = np.linspace(0.02, 0.2, 40)
    >>> draws = pd.DataFrame([key | {"draw": i, "day": d, "value": min(1.0, v * d)}
    ...                       for i, v in enumerate(speeds) for d in (0.0, 2.0, 8.0)])
    >>> after = nowcast(seen, draws).bands.set_index("day").loc[8.0]
    >>> bool(after["after_p95"] - after["after_p5"] < after["before_p95"] - after["before_p5"])
    True
    """
    terms = discrepancy or Discrepancy()
    table, draws = _drawn(predicted)
    pairs, _ = matched(observed, predicted)
    known = [_known(pair, until) for pair in pairs]
    if not any(days.size for days, _ in known):
        text = f"no observation up to day {until:g} has a predicted curve of the same event, quantity and area"
        raise TableError("observed and predicted", [Problem(text)])
    misfit = np.zeros(draws)
    for pair, (days, values) in zip(pairs, known, strict=True):
        if days.size:
            misfit += _misfit(values - on_days(days, pair.draw_days, pair.draws), days, terms)
    exponent = _exponent(misfit, max(least_effective * draws, min(FEWEST, draws)))
    weights = _weights(misfit, exponent)
    return Nowcast(
        weights,
        float(1 / np.square(weights).sum()),
        exponent,
        resampled(weights),
        _bands(table, pairs, weights),
        _used(pairs, until),
    )


def _drawn(predicted: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Values by curve and day (rows) and draw (columns), and the number of draws."""
    wide = predicted.pivot_table(index=[*KEY, "unit", "day"], columns="draw", values="value")
    if wide.isna().to_numpy().any():
        text = "a draw is missing in some curve; every curve needs the same draws, since a draw has one weight"
        raise TableError("predicted", [Problem(text, column="draw")])
    return wide, wide.shape[1]


def _known(pair: Matched, until: float) -> tuple[Floats, Floats]:
    """Days and values that weigh: those after the first predicted day, up to a day."""
    held = pair.days <= until
    return pair.days[held], pair.observed[held]


def _misfit(residual: Floats, days: Floats, terms: Discrepancy) -> Floats:
    """Misfit r' C^-1 r of every draw, shape (draw,); residuals (draw, day)."""
    lasting = terms.model**2 * np.exp(-np.abs(days[:, None] - days) / terms.memory)
    covariance = lasting + terms.observation**2 * np.eye(len(days))
    return np.asarray(np.einsum("dt,dt->d", residual @ np.linalg.inv(covariance), residual))


def _weights(misfit: Floats, exponent: float) -> Floats:
    """Weights that sum to 1; the least misfit is taken off first, so that none underflows to nothing at all."""
    raw = np.exp(-0.5 * exponent * (misfit - misfit.min()))
    return np.asarray(raw / raw.sum())


def _exponent(misfit: Floats, least: float) -> float:
    """Largest exponent up to 1 with which the weights are worth at least so many draws."""
    low, high = 0.0, 1.0
    if 1 / np.square(_weights(misfit, high)).sum() >= least:
        return high
    # the worth falls as the exponent rises: halve the interval
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 / np.square(_weights(misfit, middle)).sum() >= least else (low, middle)
    return low


def resampled(weights: Floats) -> Ints:
    """How often each draw stands among as many equally weighted ones, shape (draw,).

    Examples
    --------
    >>> resampled(np.array([0.5, 0.25, 0.25, 0.0])).tolist()
    [2, 1, 1, 0]
    """
    count = len(weights)
    marks = (np.arange(count) + 0.5) / count
    # rounding may leave the last sum below 1: nothing may fall beyond it
    places = np.minimum(np.searchsorted(np.cumsum(weights), marks), count - 1)
    return np.bincount(places, minlength=count)


def weighted_percentiles(values: Floats, weights: Floats, percentiles: Sequence[float]) -> Floats:
    """Percentiles of values (..., draw) under weights (draw,), shape (percentile, ...): the least value that so much lies at or below.

    Examples
    --------
    >>> weighted_percentiles(np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.3, 0.5]), [30, 50, 95]).tolist()
    [1.0, 2.0, 3.0]
    """
    order = np.argsort(values, axis=-1, kind="stable")
    sums = np.cumsum(weights[order], axis=-1)
    found = []
    for p in percentiles:
        # rounding of sums must not push a quantile to the next draw, nor beyond the last
        place = np.minimum((sums < p / 100 - 1e-12).sum(axis=-1), values.shape[-1] - 1)
        at = np.take_along_axis(order, place[..., None], axis=-1)
        found.append(np.take_along_axis(values, at, axis=-1)[..., 0])
    return np.stack(found)


def _bands(table: pd.DataFrame, pairs: list[Matched], weights: Floats) -> pd.DataFrame:
    """Percentiles of every curve and day before and after."""
    equal = np.full(len(weights), 1 / len(weights))
    seen = {(p.event, p.quantity, p.area): p.draws.T for p in pairs}
    parts = []
    for (event, quantity, area, unit), rows in table.groupby(level=[*KEY, "unit"], sort=True):
        shares = seen.get((event, quantity, area))
        values = rows.to_numpy(np.float64) if shares is None else shares
        days = rows.index.get_level_values("day")
        part = pd.DataFrame({"event": event, "quantity": quantity, "area": area, "day": days})
        part["unit"] = unit if shares is None else SHARE
        for name, w in (("before", equal), ("after", weights)):
            for p, row in zip(PERCENTILES, weighted_percentiles(values, w, PERCENTILES), strict=True):
                part[f"{name}_p{p}"] = row
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _used(pairs: list[Matched], until: float) -> pd.DataFrame:
    """Observations beside the days that weigh."""
    rows = [
        (p.event, p.quantity, p.area, day, value, bool(day <= until))
        for p in pairs
        for day, value in zip(p.days, p.observed, strict=True)
    ]
    return pd.DataFrame(rows, columns=[*KEY, "day", "observed", "known"])


def forecast(predicted: pd.DataFrame, found: Nowcast) -> pd.DataFrame:
    """Resampled draws from the last known day on, as a table of schema ``predicted`` that says what it was fitted to."""
    source = np.repeat(np.arange(len(found.copies)), found.copies)
    names = np.sort(predicted["draw"].unique())
    last = float(found.used.loc[found.used["known"], "day"].max())
    held = predicted[predicted["day"] >= predicted.loc[predicted["day"] <= last, "day"].max()]
    by_draw = dict(list(held.groupby("draw")))
    parts = [by_draw[names[s]].assign(draw=number) for number, s in enumerate(source)]
    return pd.concat(parts, ignore_index=True).assign(fitted=f"weights, by observations to day {last:g}")
