"""Errors of models of growth: by window, sector, region and size, and whether one beats another."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.training.panel import SHOCK, YEAR, Panel

LAST_FIT = 2017 * YEAR + 3
"""Last quarter of training: 2017Q4."""
FIRST_VALIDATE = 2016 * YEAR
"""First quarter of the rows that choose a model's size: 2016Q1."""
TEST = (2018 * YEAR, 2019 * YEAR + 3)
PER_CENT = 100.0
DRAWS = 2000
CONSTANT = 1e-9
"""Predictions that differ by less are one number, and have no correlation."""
SIZES = ("smallest third", "middle third", "largest third")


def windows(when: np.ndarray) -> dict[str, np.ndarray]:
    """Rows of each period, by quarters counted as year x 4 + quarter - 1.

    Examples
    --------
    >>> {name: rows.tolist() for name, rows in windows(np.array([8071, 8072, 8081])).items() if rows.any()}
    {'to 2017': [True, False, False], '2018-2019': [False, True, False], 'shock 2020Q2-2021Q2': [False, False, True]}
    """
    # the quarter 2020Q1, in which the shock began, stands in none: neither normal nor the shock
    return {
        "to 2017": when <= LAST_FIT,
        "2018-2019": (when >= TEST[0]) & (when <= TEST[1]),
        "shock 2020Q2-2021Q2": (when >= SHOCK[0]) & (when <= SHOCK[1]),
        "after the shock": when > SHOCK[1],
    }


def errors(
    growth: np.ndarray, scale: np.ndarray, output: np.ndarray, made: Mapping[str, np.ndarray], rows: np.ndarray
) -> pd.DataFrame:
    """Errors of several models over the same rows.

    Parameters
    ----------
    growth, scale : ndarray
        Growth as measured and spread of the industry, log points, shape (row,).
    output : ndarray
        Of the row's industry and state a year before: weight of the third error.
    made : mapping
        Model to predicted growth, shape (row,).
    rows : ndarray
        Which rows to look at, bool, shape (row,).

    Returns
    -------
    DataFrame
        Index ``model``: ``rows``, ``rmse_normalised`` (in spreads of the industry), ``rmse_pp``, ``mae_pp``,
        ``mae_pp_output_weighted`` (percentage points of growth on the year), ``correlation`` (null for a constant).

    Examples
    --------
    >>> table = errors(np.array([0.01, 0.03]), np.ones(2), np.ones(2), {"none": np.zeros(2)}, np.ones(2, bool))
    >>> table.loc["none", ["mae_pp", "rmse_pp"]].astype(float).round(3).tolist()
    [2.0, 2.236]
    """
    table = {}
    for name, values in made.items():
        off = values[rows] - growth[rows]
        varies = rows.sum() > 1 and min(np.ptp(values[rows]), np.ptp(growth[rows])) > CONSTANT
        table[name] = {
            "rows": int(rows.sum()),
            "rmse_normalised": float(np.sqrt(np.square(off / scale[rows]).mean())),
            "rmse_pp": float(np.sqrt(np.square(off).mean()) * PER_CENT),
            "mae_pp": float(np.abs(off).mean() * PER_CENT),
            "mae_pp_output_weighted": float(np.average(np.abs(off), weights=output[rows]) * PER_CENT),
            "correlation": float(np.corrcoef(values[rows], growth[rows])[0, 1]) if varies else np.nan,
        }
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("model")


def groups(panel: Panel) -> dict[str, pd.Series]:
    """What the errors are split by: sector, region and size of the state; each a Series over the rows of the panel."""
    names = packaged("gdp_lines").set_index("line")["industry"]
    output = panel.rows.groupby("state")["output"].mean()
    # by rank, so that every third has as many states, whatever their outputs
    third = np.minimum((output.rank(method="first") - 1) * len(SIZES) // len(output), len(SIZES) - 1).astype(int)
    size = third.map(dict(enumerate(SIZES)))
    return {
        "sector": panel.rows["line"].map(names),
        "region": panel.rows["region"],
        "size": panel.rows["state"].map(size),
    }


def difference(
    growth: np.ndarray,
    scale: np.ndarray,
    state: pd.Series,
    made: tuple[np.ndarray, np.ndarray],
    rows: np.ndarray,
    generator: np.random.Generator,
) -> tuple[float, float, float]:
    """Whether one model beats another: difference of their mean squared normalised errors, states drawn again.

    `growth` and `scale` are as in `errors`; `made` are the predictions of the model and of the one it is held against.

    Returns
    -------
    tuple of float
        Mean, and 2.5 and 97.5 % bounds, in squared spreads of the industry; below 0 the first model is better.
    """
    off = [np.square((m[rows] - growth[rows]) / scale[rows]) for m in made]
    table = pd.DataFrame({"state": state.to_numpy()[rows], "difference": off[0] - off[1]})
    # all rows of a state are drawn together, since they are alike; a state counts with as many rows as it has
    totals = table.groupby("state")["difference"].agg(["sum", "size"]).to_numpy(np.float64)
    drawn = generator.integers(0, len(totals), (DRAWS, len(totals)))
    sums = totals[drawn].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    return float(table["difference"].mean()), float(low), float(high)


def held_out_states(panel: Panel, generator: np.random.Generator) -> list[str]:
    """One state of each region, among those whose panel is almost whole; sorted."""
    count = panel.rows.groupby(["region", "state"]).size()
    whole = count[count >= WHOLE * count.max()]
    chosen = [
        str(generator.choice(sorted(part.index.get_level_values("state")))) for _, part in whole.groupby("region")
    ]
    return sorted(chosen)


WHOLE = 0.95
"""Share of the longest state's rows that a held-out state must have."""
