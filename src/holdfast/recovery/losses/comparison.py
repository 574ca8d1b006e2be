"""Comparison: what an alternative changes, draw by draw, under common random numbers."""

import numpy as np
import pandas as pd
from scipy import stats

from holdfast.errors import Problem, TableError

CONFIDENCE = 0.95
FEWEST = 2


def paired(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Differences of the losses of two runs that drew the same random numbers.

    The interval is one of confidence for the mean difference (Student's t over the draws); the spread
    of the differences over the draws is another thing and stands in ``p5`` to ``p95``.

    Parameters
    ----------
    base, other : DataFrame
        Index ``draw``, the same in both; one column per loss.

    Returns
    -------
    DataFrame
        Index ``loss``; in the unit of the loss ``base_mean``, ``other_mean``, ``difference`` (other less
        base, so that less than 0 is better), ``difference_low`` and ``difference_high`` (95 % interval of the
        mean, null for one draw), ``p5``, ``p50``, ``p95`` of the differences; ``better`` and ``worse``: shares of
        the draws, 0..1.

    Raises
    ------
    TableError
        If the draws or losses of the two are not the same.

    Examples
    --------
    >>> base = pd.DataFrame({"repair_cost": [4.0, 8.0, 6.0]})
    >>> paired(base, base - 2.0).loc["repair_cost", ["difference", "better"]].tolist()
    [-2.0, 1.0]
    """
    if not (base.index.equals(other.index) and base.columns.equals(other.columns)):
        text = "the runs have not the same draws and losses; compare runs of one seed and number of draws"
        raise TableError("comparison", [Problem(text)])
    gap = (other - base).to_numpy(np.float64)
    count = len(gap)
    half = np.full(gap.shape[1], np.nan)
    if count >= FEWEST:
        half = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * gap.std(axis=0, ddof=1) / np.sqrt(count)
    mean = gap.mean(axis=0)
    low, middle, high = np.percentile(gap, [5, 50, 95], axis=0)
    return pd.DataFrame(
        {
            "base_mean": base.mean().to_numpy(),
            "other_mean": other.mean().to_numpy(),
            "difference": mean,
            "difference_low": mean - half,
            "difference_high": mean + half,
            "p5": low,
            "p50": middle,
            "p95": high,
            "better": (gap < 0).mean(axis=0),
            "worse": (gap > 0).mean(axis=0),
        },
        index=pd.Index(base.columns, name="loss"),
    )
