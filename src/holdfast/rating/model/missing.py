"""Values that are missing: which cells can be rated, and what is filled in."""

from collections.abc import Mapping

import pandas as pd

from holdfast.errors import DataMissing, UnknownName

POLICIES = ("unrated", "median", "refuse")
DIRECTIONS = (1, -1)
UNINHABITED = "no housing units"


def fill(
    features: pd.DataFrame, homes: pd.Series | None, missing: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Apply each feature's policy for missing values.

    Parameters
    ----------
    features : DataFrame
        One row per cell, null where not known.
    homes : Series or None
        Housing units of each cell, where known; cells without any are not rated.
    missing : mapping
        Feature to ``unrated``, ``median`` (of the region; flagged) or ``refuse``.

    Returns
    -------
    features, flags : DataFrame
        With medians filled in, and ``<feature>_imputed`` for each feature with filled values.
    reasons : Series
        Why a cell cannot be rated, empty where it can; returned between the two.

    Raises
    ------
    UnknownName
        If a policy is unknown.
    DataMissing
        If a feature with policy ``refuse`` lacks values.

    Examples
    --------
    >>> features = pd.DataFrame({"poverty": [0.1, None, 0.3]})
    >>> fill(features, None, {"poverty": "median"})[0]["poverty"].round(2).tolist()
    [0.1, 0.2, 0.3]
    """
    filled, flags = features.copy(), {}
    reasons = pd.Series("", index=features.index, dtype="string")
    uninhabited = pd.Series(data=False, index=features.index) if homes is None else homes <= 0
    reasons[uninhabited] = UNINHABITED
    for name in features.columns:
        policy = missing[name]
        if policy not in POLICIES:
            raise UnknownName("policy for missing values", policy, POLICIES, f"missing.{name}")
        lacking = features[name].isna() & ~uninhabited
        if not lacking.any():
            continue
        if policy == "refuse":
            cells = ", ".join(str(c) for c in features.index[lacking][:5])
            text = f"{name} is unknown in {int(lacking.sum()):,} inhabited cells ({cells}, ...) and must not be"
            raise DataMissing(text)
        if policy == "median":
            filled.loc[lacking, name] = features[name].median()
            flags[f"{name}_imputed"] = lacking
        else:
            # a cell may lack several features: all are named
            first = lacking & (reasons == "")
            reasons[lacking & ~first] += f", {name}"
            reasons[first] = f"unknown: {name}"
    return filled, reasons, pd.DataFrame(flags, index=features.index)
