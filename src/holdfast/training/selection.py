"""Which temporal features go with net output: correlations outside the shock, tested and reported."""

import numpy as np
import pandas as pd
from scipy import stats

from holdfast.training.panel import SHOCK, Panel

LAST_MONTHS = 3
OVERLAP = 4
"""Growth on the year of four neighbouring quarters overlaps, so four of them count as one observation."""
REDUNDANT = 0.95


def holm(p: np.ndarray) -> np.ndarray:
    """P values corrected for the number of tests.

    Parameters
    ----------
    p : ndarray
        Shape (test,).

    Returns
    -------
    ndarray
        Shape (test,), at most 1.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * (p.size - np.arange(p.size)))
    out = np.empty_like(stepped)
    out[order] = np.minimum(stepped, 1.0)
    return out


def temporal_features(panel: Panel, until: int, level: float = 0.05) -> pd.DataFrame:
    """Test every temporal feature against net output and say which are kept.

    Pearson's correlation of a feature's mean over a quarter with the growth of private output, over the states and
    quarters up to `until`, none of them in the shock. A feature is kept if its p value, corrected by Holm, is below
    `level`, unless a stronger feature says the same (correlation above 0.95). If none passes, the strongest is kept.

    Parameters
    ----------
    panel : Panel
        Of all quarters.
    until : int
        Last quarter that may be looked at, counted as in the panel.
    level : float
        Of significance.

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
    quarter = panel.months[:, -LAST_MONTHS:, :].mean(axis=1)

    def correlation(rows: np.ndarray) -> np.ndarray:
        return np.array([np.corrcoef(quarter[rows, k], panel.private[rows])[0, 1] for k in range(quarter.shape[1])])

    r = correlation(seen)
    freedom = max(int(seen.sum()) / OVERLAP - 2, 1.0)
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
        if p >= level and kept:
            reasons.append("no correlation that the test can tell from chance")
        elif twin is not None:
            reasons.append(f"says the same as {twin}")
        else:
            kept.append(str(name))
            reasons.append("kept")
    return reasons
