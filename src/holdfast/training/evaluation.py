"""Errors of models of net output: by period, sector and region, and whether one beats another."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.training.panel import SHOCK, Panel

LAST_FIT = 2017
"""Last year of training."""
TEST = (2018, 2019)
PER_CENT = 100.0
DRAWS = 2000
FLAT = "nation"
"""The flat national figure among the models."""


def windows(year: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of each period.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in windows(np.array([2017, 2018, 2020])).items()}
    {'to 2017': [True, False, False], '2018-2019': [False, True, False], 'pandemic 2020-2021': [False, False, True]}
    """
    return {
        "to 2017": year <= LAST_FIT,
        "2018-2019": (year >= TEST[0]) & (year <= TEST[1]),
        "pandemic 2020-2021": (year >= SHOCK[0]) & (year <= SHOCK[1]),
    }


def errors(
    level: np.ndarray, scale: np.ndarray, output: np.ndarray, made: Mapping[str, np.ndarray], rows: np.ndarray
) -> pd.DataFrame:
    """Errors of several models over the same rows.

    Parameters
    ----------
    level, scale : ndarray
        Log of output per head as measured (null: not known, left out) and spread of the industry, shape (row,).
    output : ndarray
        Of the row's industry and state: weight of the fourth error.
    made : mapping
        Model to predicted level, shape (row,).
    rows : ndarray
        Which rows to look at, bool, shape (row,).

    Returns
    -------
    DataFrame
        Index ``model``: ``rows``, ``rmse_normalised`` (in spreads of the industry over the states), ``rmse_log`` (log
        points), ``median_error_percent`` (half of the rows are closer), ``mae_percent_output_weighted``,
        ``explained`` (share of the squared normalised error of the flat national figure that is gone; null without it).

    Examples
    --------
    >>> level, made = np.log([1.1, 1.3]), {"none": np.zeros(2)}
    >>> errors(level, np.ones(2), np.ones(2), made, np.ones(2, bool))["median_error_percent"].round(3).tolist()
    [20.0]
    """
    table = {}
    seen = rows & np.isfinite(level)
    for name, values in made.items():
        off = values[seen] - level[seen]
        percent = PER_CENT * np.abs(np.expm1(np.abs(off)))
        table[name] = {
            "rows": int(seen.sum()),
            "rmse_normalised": float(np.sqrt(np.square(off / scale[seen]).mean())),
            "rmse_log": float(np.sqrt(np.square(off).mean())),
            "median_error_percent": float(np.median(percent)),
            "mae_percent_output_weighted": float(np.average(percent, weights=output[seen])),
        }
    found = pd.DataFrame.from_dict(table, orient="index").rename_axis("model")
    flat = found.loc[FLAT, "rmse_normalised"] if FLAT in found.index else np.nan
    return found.assign(explained=1.0 - (found["rmse_normalised"] / flat) ** 2)


def groups(panel: Panel) -> dict[str, pd.Series]:
    """What the errors are split by: sector and region; each a Series over the rows of the panel."""
    names = packaged("gdp_lines").set_index("line")["industry"]
    return {"sector": panel.rows["line"].map(names), "region": panel.rows["region"]}


def difference(
    level: np.ndarray,
    scale: np.ndarray,
    state: pd.Series,
    made: tuple[np.ndarray, np.ndarray],
    rows: np.ndarray,
    generator: np.random.Generator,
) -> tuple[float, float, float]:
    """Whether one model beats another: difference of their mean squared normalised errors, states drawn again.

    `level` and `scale` are as in `errors`; `made` are the predictions of the model and of the one it is held against.

    Returns
    -------
    tuple of float
        Mean, and 2.5 and 97.5 % bounds, in squared spreads of the industry; below 0 the first model is better.
    """
    seen = rows & np.isfinite(level)
    off = [np.square((m[seen] - level[seen]) / scale[seen]) for m in made]
    table = pd.DataFrame({"state": state.to_numpy()[seen], "difference": off[0] - off[1]})
    # all rows of a state are drawn together, since they are alike; a state counts with as many rows as it has
    totals = table.groupby("state")["difference"].agg(["sum", "size"]).to_numpy(np.float64)
    drawn = generator.integers(0, len(totals), (DRAWS, len(totals)))
    sums = totals[drawn].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    return float(table["difference"].mean()), float(low), float(high)


def state_parts(panel: Panel, parts: int, generator: np.random.Generator) -> np.ndarray:
    """A part of the states for every row, 0 to `parts` - 1, shape (row,): each state in one, sizes alike."""
    states = sorted(panel.rows["state"].unique())
    shuffled = generator.permutation(len(states))
    part = dict(zip(states, shuffled % parts, strict=True))
    return np.asarray(panel.rows["state"].map(part).to_numpy(np.int64))
