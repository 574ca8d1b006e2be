"""Cells and values that are missing: who can be rated, and what the study may choose per feature."""

from collections.abc import Mapping

import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError, UnknownName

POLICIES = ("unrated", "median", "refuse")
DIRECTIONS = (1, -1)


def fill(
    features: pd.DataFrame, homes: pd.Series | None, missing: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Apply each feature's policy for missing values.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, null where not known.
    homes : Series or None
        Index ``cell_id``, housing units, where known; cells without any are not rated.
    missing : mapping
        Feature to ``unrated``, ``median`` (of the region; flagged) or ``refuse``.

    Returns
    -------
    features : DataFrame
        With medians filled in.
    reasons : Series
        Index ``cell_id``; why a cell cannot be rated, empty where it can.
    flags : DataFrame
        Index ``cell_id``; ``<feature>_imputed`` for each feature with filled values.

    Raises
    ------
    UnknownName
        If a policy or feature is unknown.
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
    reasons[uninhabited] = "no housing units"
    for name in features.columns:
        policy = missing[name]
        if policy not in POLICIES:
            raise UnknownName("policy for missing values", policy, POLICIES, f"rating.missing.{name}")
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
            first = lacking & (reasons == "")
            reasons[lacking & ~first] += f", {name}"
            reasons[first] = f"unknown: {name}"
    return filled, reasons, pd.DataFrame(flags, index=features.index)


def settle(rules: Mapping[str, object], chosen: Mapping[str, object], key: str, allowed: tuple[object, ...]) -> None:
    """Refuse a per-feature choice with an unknown feature or value.

    Parameters
    ----------
    rules : mapping
        Known features.
    chosen : mapping
        The study's choices by feature.
    key : str
        Key of the study, for messages.
    allowed : tuple
        Values that a choice may have.

    Raises
    ------
    UnknownName, TableError
        If a feature or a value is not known.
    """
    for name, value in chosen.items():
        if name not in rules:
            raise UnknownName("feature", name, rules, key)
        if value not in allowed:
            text = f'"{value}" is not one of: {", ".join(str(a) for a in allowed)}'
            raise TableError("study", [Problem(text, column=f"{key}.{name}")])
