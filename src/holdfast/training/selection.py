"""Which temporal features go with net output: correlations over states, tested and reported."""

import numpy as np
import pandas as pd
from scipy import stats

from holdfast.training.panel import SHOCK, Panel
from holdfast.training.screening import holm

REDUNDANT = 0.95


def temporal_features(panel: Panel, until: int, level: float = 0.05) -> pd.DataFrame:
    """Test every temporal feature against net output per head and say which are kept.

    Parameters
    ----------
    panel : Panel
        All rows and months, of all years.
    until : int
        Last year that may be looked at.
    level : float
        Level of significance, after the correction for the number of tests.

    Returns
    -------
    DataFrame
        Index ``feature``, strongest first: ``correlation`` (of the states' means), ``p``, ``p_holm``, ``observations``
        (states), ``correlation_in_shock``, ``correlation_within_states`` (of a state's years about its mean: what the
        movement of the feature says; both for comparison alone), ``kept`` and ``reason``.

    References
    ----------
    Zhou, Xiao & Xu (2025): temporal features chosen by correlation with net output. Not specified in the paper: the test,
    its level, and that the pandemic is left out, in which everything moves together. A state counts once, since its
    years are alike.
    """
    year = panel.places["year"].to_numpy()
    known = np.isfinite(panel.total)
    seen = known & (year <= until) & (year < SHOCK[0])
    table = pd.DataFrame(panel.months.mean(axis=1), columns=list(panel.features)).assign(total=panel.total)
    state = panel.places["state"]
    middle = table[seen].groupby(state[seen]).mean()
    within = table[seen] - table[seen].groupby(state[seen]).transform("mean")
    names = list(panel.features)
    r = middle[names].corrwith(middle["total"])
    freedom = max(len(middle) - 2, 1)
    # t of Pearson's correlation; the floor keeps a perfect one from dividing by zero
    p = 2.0 * stats.t.sf(r.abs() * np.sqrt(freedom / (1.0 - r**2).clip(lower=1e-12)), freedom)
    found = pd.DataFrame({"correlation": r, "p": p, "p_holm": holm(np.asarray(p)), "observations": len(middle)})
    shock = table[known & (year >= SHOCK[0])]
    found["correlation_in_shock"] = shock[names].corrwith(shock["total"]) if len(shock) > 2 else np.nan
    found["correlation_within_states"] = within[names].corrwith(within["total"])
    found = found.loc[found["correlation"].abs().sort_values(ascending=False, kind="stable").index]
    found["reason"] = _reasons(found, middle[names].corr(), level)
    found.insert(0, "kept", found["reason"] == "kept")
    return found.rename_axis("feature")


def _reasons(found: pd.DataFrame, together: pd.DataFrame, level: float) -> list[str]:
    """Why each feature, strongest first, is kept or dropped."""
    kept: list[str] = []
    reasons = []
    for name, p in found["p_holm"].items():
        twin = next((k for k in kept if abs(together.loc[name, k]) > REDUNDANT), None)
        # if no feature passes, the strongest is kept all the same: a model needs one
        if p >= level and kept:
            reasons.append("no correlation that the test can tell from chance")
        elif twin is not None:
            reasons.append(f"says the same as {twin}")
        else:
            kept.append(str(name))
            reasons.append("kept")
    return reasons
