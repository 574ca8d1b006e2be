"""Expected losses of single buildings held to observed ones: order and bias, beside a predictor that knows less."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from holdfast.errors import Problem, TableError, UnknownName
from holdfast.numerals import to_numbers

FEWEST_BUILDINGS = 10
"""Below which an interval by resampling says nothing."""
CONFIDENCE = 0.95


def loss_agreement(
    predicted: pd.DataFrame, observed: pd.Series, alone: str, *, resamples: int = 2000, seed: int = 1
) -> pd.DataFrame:
    """Hold predictors of the loss of each building to the losses observed.

    Parameters
    ----------
    predicted : DataFrame
        A column per predictor, such as the mean share lost by a function and the depth itself; a row per building.
    observed : Series
        Share of each building that was lost, same index.
    alone : str
        Column that the others are compared with, such as the depth.
    resamples : int
        Of the buildings, with replacement; the same for all predictors.
    seed : int
        Of the random numbers that choose the buildings of each resample.

    Returns
    -------
    DataFrame
        A row per predictor: ``rho`` (Spearman), ``bias`` (mean predicted less mean observed, in the unit of both; of no
        meaning for a predictor in another unit) and ``more`` (rho less that of `alone`), each with ``_low`` and ``_high``,
        its 95 % interval by percentiles.

    Raises
    ------
    TableError
        If rows differ, a value is no number, all values of a column are the same, or there are fewer than 10 buildings.
    UnknownName
        If `alone` is no column.

    References
    ----------
    Efron (1979), doi 10.1214/aos/1176344552: the bootstrap.

    Examples
    --------
    >>> depth = pd.Series(range(12), dtype=float)
    >>> table = loss_agreement(pd.DataFrame({"curve": depth / 20, "depth": depth}), depth / 10, "depth")
    >>> table.loc["curve", ["rho", "bias", "more"]].round(3).tolist()
    [1.0, -0.275, 0.0]
    """
    _held(predicted, observed, alone)
    values, truth = predicted.to_numpy(np.float64), observed.to_numpy(np.float64)
    rows = np.random.default_rng(seed).integers(len(truth), size=(resamples, len(truth)))
    rows = np.vstack([np.arange(len(truth)), rows])  # the buildings as they are come first
    rho = np.stack([_ranked(values[rows, k], truth[rows]) for k in range(values.shape[1])])
    bias = (values[rows].mean(axis=1) - truth[rows].mean(axis=1)[:, None]).T
    more = rho - rho[list(predicted.columns).index(alone)]
    table = pd.DataFrame(index=predicted.columns)
    for name, drawn in (("rho", rho), ("bias", bias), ("more", more)):
        table[name] = drawn[:, 0]
        # a resample in which all values are the same has no order
        tails = np.nanquantile(drawn[:, 1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=1)
        table[f"{name}_low"], table[f"{name}_high"] = tails
    return table


def _ranked(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman's rho of each row of both, shape (row,)."""
    x, y = (stats.rankdata(v, axis=1) for v in (a, b))
    x, y = (v - v.mean(axis=1, keepdims=True) for v in (x, y))
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    return np.divide((x * y).sum(axis=1), spread, out=np.full(len(x), np.nan), where=spread > 0)


def _held(predicted: pd.DataFrame, observed: pd.Series, alone: str) -> None:
    """Refuse tables that cannot be compared."""
    if alone not in predicted:
        raise UnknownName("predictor", alone, [str(c) for c in predicted.columns])
    problems = []
    if not predicted.index.equals(observed.index):
        text = "its index is not that of the predictions; use observed.loc[...] to align it"
        problems.append(Problem(text, column="observed"))
    if len(observed) < FEWEST_BUILDINGS:
        problems.append(Problem(f"{len(observed)} buildings; at least {FEWEST_BUILDINGS} are needed"))
    for name, column in [*predicted.items(), ("observed", observed)]:
        number = to_numbers(column).to_numpy(np.float64)
        if not np.isfinite(number).all():
            text = (
                f"{int((~np.isfinite(number)).sum())} of {len(number)} values are missing or no number; leave them out"
            )
            problems.append(Problem(text, column=str(name)))
        elif len(number) and np.ptp(number) == 0:
            problems.append(Problem("all its values are the same, which have no order", column=str(name)))
    if problems:
        raise TableError("losses", problems)
