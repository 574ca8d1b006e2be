"""Values that are allowed and yet look wrong: zeros for unknown, shares scaled twice."""

import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.sources.counts import of
from holdfast.tables import schema

PER_CENT = 0.01
FEWEST = 3  # values, below which a pattern says nothing


def plausibility(table: pd.DataFrame, name: str) -> list[str]:
    """Notes on columns of a checked table whose values pass schema `name` and yet look like a slip.

    Averaged columns with many exact zeros, and shares that are all below 1 %.

    Examples
    --------
    >>> slip = pd.DataFrame({"area_id": ["a", "b", "c"], "poverty_share": [0.001, 0.002, 0.003]})
    >>> plausibility(slip, "areas")
    ['poverty_share: all values lie below 1%; were shares scaled as if they were percentages (`scale`)?']
    """
    notes = []
    for rule in schema(name):
        # sums are left out: a count of 0 is ordinary
        if rule.type != "number" or rule.column not in table or not rule.aggregate.startswith("mean"):
            continue
        values = table[rule.column].dropna().to_numpy(np.float64)
        if rule.maximum == 1 and rule.minimum == 0 and len(values) >= FEWEST and 0 < values.max() <= PER_CENT:
            notes.append(
                f"{rule.column}: all values lie below 1%; were shares scaled as if they were percentages (`scale`)?"
            )
        notes += zeros_told(int((values == 0).sum()), len(values), rule.column, "values", "null_values")
    return notes


def zeros_told(count: int, whole: int, column: str, what: str, key: str) -> list[str]:
    """A note that many values are exactly 0, which often stands for unknown; `key` of the study says otherwise."""
    if count < FEWEST or count / whole < figure("zeros_told"):
        return []
    return [f"{column}: {of(count, whole, what)} are exactly 0; if 0 stands for unknown, say so (`{key}`)"]


def all_below_one(values: np.ndarray, unit: str, measure: str) -> list[str]:
    """A note on percentages none of which reaches 1, in the unit that the file or the study states.

    Examples
    --------
    >>> all_below_one(np.array([0.1, 0.4]), "%g", "PGA")
    ['PGA: the unit is %g, yet the largest value is 0.4; are they fractions of g?']
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if unit not in ("%g", "pctg", "%") or not len(known) or not 0 < known.max() < 1:
        return []
    return [f"{measure}: the unit is {unit}, yet the largest value is {known.max():g}; are they fractions of g?"]
