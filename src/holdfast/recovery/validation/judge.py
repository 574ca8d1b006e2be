"""Judge predictions: coverage, CRPS, times and order of areas, beside the baselines."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.recovery.validation.baselines import BASELINES, Known, published_times
from holdfast.recovery.validation.match import KEY, Matched, days_to_level, lost_days, matched, on_days
from holdfast.recovery.validation.scores import crps, inside, rank_correlation

SIMULATED = "simulated"
"""Name of the prediction itself among the models."""
AFFECTED = "share affected alone"
"""Baseline of the order of areas: the most that was missing on the days known."""
LEVELS = (0.5, 0.9, 0.95)
PERCENTILES = (5, 25, 50, 75, 95)
RUNNING = 0.01
"""Share that is missing, observed or in the median prediction, from which a day counts as one of a running recovery."""


class Verdict(NamedTuple):
    """What predictions are worth.

    ``points``: every observed value beside the percentiles; ``times``: days to 50, 90 and 95 % of normal, by area and
    model; ``order``: rank correlations of the areas; ``scores``: one row per prediction, model, event and quantity;
    ``alone``: what was on one side only.
    """

    points: pd.DataFrame
    times: pd.DataFrame
    order: pd.DataFrame
    scores: pd.DataFrame
    alone: pd.DataFrame


def validate(observed: pd.DataFrame, predictions: Mapping[str, pd.DataFrame]) -> Verdict:
    """Hold predictions to what was observed, and baselines to the same.

    Parameters
    ----------
    observed : DataFrame
        Schema ``observed``, one row per area and day.
    predictions : mapping of DataFrame
        Name to a table of schema ``predicted``.

    Returns
    -------
    Verdict
        Shares are of a normal day, CRPS in shares, times in days since the event.

    Raises
    ------
    TableError
        If days repeat, units differ, a normal value lacks, or draws are not complete.

    Examples
    --------
    >>> key = {"event": "e", "quantity": "power", "area": "a", "unit": "share"}
    >>> observed = pd.DataFrame([key | {"day": d, "value": d / 4, "normal": 1.0} for d in range(5)])
    >>> predicted = pd.DataFrame([key | {"draw": 0, "day": d, "value": d / 4} for d in range(1, 5)])
    >>> scores = validate(observed, {"mine": predicted}).scores.set_index("model")
    >>> scores.loc[["simulated", "constant rate", "persistence"], "crps"].tolist()
    [0.0, 0.0, 0.5]
    """
    points, times, lost, alone = [], [], [], []
    for name, table in predictions.items():
        pairs, left = matched(observed, table)
        alone.append(left.assign(prediction=name))
        for pair in pairs:
            for model, draws in _models(pair).items():
                about = {"prediction": name, "model": model, **pair._asdict()}
                about = {k: about[k] for k in ("prediction", "model", *KEY, "weight", "fitted")}
                points.append(_points(pair, draws).assign(**about))
                times += [about | row for row in _times(pair, draws)]
                lost.append(about | _lost(pair, draws))
    frame = pd.concat(points, ignore_index=True) if points else pd.DataFrame()
    days, missed = pd.DataFrame(times), pd.DataFrame(lost)
    order = _order(days, missed)
    return Verdict(frame, days, order, _scores(frame, days), pd.concat(alone, ignore_index=True))


def _models(pair: Matched) -> dict[str, np.ndarray]:
    """Draws of the prediction and of the baselines, on the days of the prediction."""
    models = {SIMULATED: pair.draws}
    # baselines know what the prediction knew, up to the first predicted day, and are scored on the same days
    known = Known(pair.known_days, pair.known, published_times(pair.quantity, pair.event))
    for name, baseline in BASELINES.items():
        draws = baseline(known, pair.draw_days) if pair.known.size else None
        if draws is not None:
            models[name] = draws
    return models


def _points(pair: Matched, draws: np.ndarray) -> pd.DataFrame:
    """Every observed day beside the percentiles of the draws."""
    at = on_days(pair.days, pair.draw_days, draws)
    table = pd.DataFrame({"day": pair.days, "observed": pair.observed})
    for q, row in zip(PERCENTILES, np.percentile(at, PERCENTILES, axis=0), strict=True):
        table[f"p{q}"] = row
    table["crps"] = crps(at, pair.observed)
    for share in (0.5, 0.9):
        table[f"inside_{share:.0%}".rstrip("%")] = inside(at, pair.observed, share)
    table["running"] = (pair.observed < 1 - RUNNING) | (table["p50"] < 1 - RUNNING)
    return table


def _begun(pair: Matched) -> tuple[np.ndarray, np.ndarray]:
    """Observed curve from the last known day on."""
    days = np.concatenate([pair.known_days[-1:], pair.days])
    return days, np.concatenate([pair.known[-1:], pair.observed])


def _times(pair: Matched, draws: np.ndarray) -> list[dict[str, object]]:
    """Days to each level, for the areas that had not reached it when the prediction began."""
    days, share = _begun(pair)
    rows: list[dict[str, object]] = []
    for level in LEVELS:
        seen = float(days_to_level(days, share, level))
        # of times that may be infinite: a quantile is one of the draws, never a mean of two
        reached = np.quantile(days_to_level(pair.draw_days, draws, level), [0.05, 0.5, 0.95], method="inverted_cdf")
        # reached before the prediction began: nothing to predict
        if seen <= days[0]:
            continue
        low, middle, high = map(float, reached)
        known = np.isfinite(seen) and np.isfinite(middle)
        rows.append(
            {
                "level": level,
                "observed": seen,
                "p5": low,
                "p50": middle,
                "p95": high,
                "error": middle - seen if known else np.nan,
                "ratio": middle / seen if known and middle > 0 else np.nan,
                "inside_90": low <= seen <= high,
            }
        )
    return rows


def _lost(pair: Matched, draws: np.ndarray) -> dict[str, float]:
    """Days of a normal level that were lacking, observed and predicted, and the most that lacked on the days known."""
    days, share = _begun(pair)
    at = on_days(days, pair.draw_days, draws)
    worst = 1 - pair.known.min() if pair.known.size else np.nan
    return {"observed": float(lost_days(days, share)), "p50": float(np.median(lost_days(days, at))), "affected": worst}


def _order(times: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """Rank correlation of the areas of each event: days to each level, and days lost."""
    columns = ["prediction", "model", "event", "quantity", "measure", "rho", "low", "high", "areas"]
    if times.empty:
        return pd.DataFrame(columns=columns)
    one = ["prediction", "model", "event", "quantity"]
    worst = lost.set_index([*one, "area"])["affected"]
    rows = []
    tables = {f"days to {level:.0%}": part for level, part in times.groupby("level")} | {"days lost": lost}
    for measure, table in tables.items():
        for key, part in table.groupby(one, sort=False):
            found = rank_correlation(part["p50"].to_numpy(), part["observed"].to_numpy())
            rows.append([*key, measure, *found])
            # a prediction of the order must better the plain one: who had lost most on the days known comes last
            if key[1] == SIMULATED:
                missing = worst.reindex(pd.MultiIndex.from_frame(part[[*one, "area"]])).to_numpy()
                found = rank_correlation(missing, part["observed"].to_numpy())
                rows.append([key[0], AFFECTED, *key[2:], measure, *found])
    return pd.DataFrame(rows, columns=columns)


def _scores(points: pd.DataFrame, times: pd.DataFrame) -> pd.DataFrame:
    """One row per prediction, model, event and quantity."""
    rows = []
    if points.empty:
        return pd.DataFrame()
    one = ["prediction", "model", "event", "quantity"]
    for key, part in points.groupby(one, sort=False):
        # days on which all is back, observed and predicted, are easy and many: coverage is given without them too
        running = part[part["running"]]
        weight = part["weight"].to_numpy(np.float64)
        row = dict(zip(one, key, strict=True)) | {
            "fitted": "; ".join(sorted({t for t in part["fitted"] if t})),
            "areas": part["area"].nunique(),
            "points": len(part),
            "running_points": len(running),
            "coverage_50": part["inside_50"].mean(),
            "coverage_90": part["inside_90"].mean(),
            "running_coverage_50": running["inside_50"].mean(),
            "running_coverage_90": running["inside_90"].mean(),
            "weighted_coverage_90": np.average(part["inside_90"], weights=weight) if weight.sum() > 0 else np.nan,
            "crps": part["crps"].mean(),
            "weighted_crps": np.average(part["crps"], weights=weight) if weight.sum() > 0 else np.nan,
            "median_error": (part["p50"] - part["observed"]).abs().mean(),
        }
        for level in LEVELS:
            row |= _time_scores(times, dict(zip(one, key, strict=True)), level)
        rows.append(row)
    return pd.DataFrame(rows)


def _time_scores(times: pd.DataFrame, key: dict[str, object], level: float) -> dict[str, float]:
    """How well the days to a level were predicted, over areas."""
    own = times
    for column, value in {**key, "level": level}.items():
        own = own[own[column] == value] if len(own) else own
    name = f"{level:.0%}".rstrip("%")
    if not len(own):
        return {f"days_to_{name}_{what}": np.nan for what in ("areas", "ratio", "absolute_error", "inside_90")}
    return {
        f"days_to_{name}_areas": len(own),
        # geometric mean: twice too long and half as long cancel
        f"days_to_{name}_ratio": float(np.exp(np.log(own["ratio"]).mean())),
        f"days_to_{name}_absolute_error": float(own["error"].abs().mean()),
        f"days_to_{name}_inside_90": float(own["inside_90"].mean()),
    }
