"""Which temporal features go with net output: correlations outside the shock, tested and reported."""

import numpy as np
import pandas as pd
from scipy import stats

from holdfast.training.panel import SHOCK, Panel
from holdfast.training.screening import holm

LAST_MONTHS = 3
OVERLAP = 4
"""Growth on the year of four neighbouring quarters overlaps, so four of them count as one observation."""
REDUNDANT = 0.95


def temporal_features(panel: Panel, until: int, level: float = 0.05) -> pd.DataFrame:
    """Test every temporal feature against net output and say which are kept.

    Parameters
    ----------
    panel : Panel
        All rows and months, of all quarters.
    until : int
        Last quarter that may be looked at, counted as in the panel.
    level : float
        Level of significance, after the correction for the number of tests.

    Returns
    -------
    DataFrame
        Index ``feature``, strongest first: ``correlation``, ``p`` (one observation in four counted), ``p_holm``,
        ``observations``, ``correlation_without_shock`` and ``correlation_with_shock`` (all quarters, for comparison
        alone), ``kept`` and ``reason``.

    References
    ----------
    Zhou, Xiao & Xu (2025): temporal features chosen by correlation with net output. Not specified in the paper: the
    test, its level, and that the shock is left out, in which everything moves together.
    """
    when = panel.places["when"].to_numpy()
    known = np.isfinite(panel.private)
    shock = (when >= SHOCK[0]) & (when <= SHOCK[1])
    seen = known & (when <= until) & ~shock
    # the mean over the months of the quarter itself, against growth of all private output
    quarter = panel.months[:, -LAST_MONTHS:, :].mean(axis=1)

    def correlation(rows: np.ndarray) -> np.ndarray:
        return np.array([np.corrcoef(quarter[rows, k], panel.private[rows])[0, 1] for k in range(quarter.shape[1])])

    r = correlation(seen)
    freedom = max(int(seen.sum()) / OVERLAP - 2, 1.0)
    # t of Pearson's correlation; the floor keeps a perfect one from dividing by zero
    p = 2.0 * stats.t.sf(np.abs(r) * np.sqrt(freedom / np.maximum(1.0 - r**2, 1e-12)), freedom)
    table = pd.DataFrame(
        {
            "correlation": r,
            "p": p,
            "p_holm": holm(p),
            "observations": int(seen.sum()),
            "correlation_without_shock": correlation(known & ~shock),
            "correlation_with_shock": correlation(known),
        },
        index=pd.Index(panel.features, name="feature"),
    )
    order = table["correlation"].abs().sort_values(ascending=False, kind="stable").index
    table = table.loc[order]
    table["reason"] = _reasons(table, np.corrcoef(quarter[seen].T), panel.features, level)
    table.insert(0, "kept", table["reason"] == "kept")
    return table


def _reasons(table: pd.DataFrame, together: np.ndarray, features: tuple[str, ...], level: float) -> list[str]:
    """Why each feature, strongest first, is kept or dropped."""
    at = {name: k for k, name in enumerate(features)}
    kept: list[str] = []
    reasons = []
    for name, p in table["p_holm"].items():
        twin = next((k for k in kept if abs(together[at[str(name)], at[k]]) > REDUNDANT), None)
        # if no feature passes, the strongest is kept all the same: a model needs one
        if p >= level and kept:
            reasons.append("no correlation that the test can tell from chance")
        elif twin is not None:
            reasons.append(f"says the same as {twin}")
        else:
            kept.append(str(name))
            reasons.append("kept")
    return reasons
