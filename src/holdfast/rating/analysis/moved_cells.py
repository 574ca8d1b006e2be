"""Cells whose level differs between two vintages: whether that is beyond their error, and what moved them."""

from typing import Any

import numpy as np
import pandas as pd

from holdfast.rating.analysis.sensitivity import agreement
from holdfast.rating.model.aims import Aims, meant
from holdfast.rating.model.frozen import scaler_of
from holdfast.rating.model.levels import level_pairs
from holdfast.rating.model.scaling import apply_scaler
from holdfast.types import Floats, Ints, Model


def moved_cells(before: pd.DataFrame, after: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Cells with another level than before, under one frozen model.

    Parameters
    ----------
    before, after : DataFrame
        Index ``cell_id``, the same cells in the same order: ``level``, ``level_low``, ``level_high`` and the features of `model`, in
        units of their own, null where a cell was not rated.
    model : Model
        That gave both levels.

    Returns
    -------
    DataFrame
        Index ``cell_id``: ``before``, ``after`` (levels), ``beyond`` (neither level lies in the range that holds about 80 % of the other
        vintage's draws), ``driver`` (the feature whose change on the frozen scale, times the weight it is meant to have, went farthest
        the way that the level went; empty where none did), ``driver_before``, ``driver_after`` in its unit. The
        level of a cell whose own features did not change may differ by its neighbours, where a method sees them.
    """
    known = before["level"].notna() & after["level"].notna()
    old, new = before[known], after[known]
    other = (old["level"].astype(int) != new["level"].astype(int)).to_numpy()
    old, new = old[other], new[other]
    up = np.sign(new["level"].astype(int) - old["level"].astype(int)).to_numpy(np.float64)
    names = list(model.facts["features"])
    pull = _pull(old[names], new[names], model) * up[:, None]
    best = pull.argmax(axis=1) if len(pull) else np.empty(0, dtype=int)
    rows, pushed = np.arange(len(old)), pull.max(axis=1, initial=0.0) > 0
    values = [t[names].to_numpy(np.float64)[rows, best] for t in (old, new)]
    return pd.DataFrame(
        {
            "before": old["level"].astype(int),
            "after": new["level"].astype(int),
            "beyond": _outside(old["level"], new) & _outside(new["level"], old),
            "driver": np.where(pushed, np.array(names, dtype=object)[best], ""),
            "driver_before": np.where(pushed, values[0], np.nan),
            "driver_after": np.where(pushed, values[1], np.nan),
        },
        index=old.index,
    )


def refit_facts(frozen: Ints, new: Ints, people: Floats) -> dict[str, Any]:
    """How far levels of a new fit, 1 to 5, are those of the frozen model, over people; arguments of shape (cell,).

    Examples
    --------
    >>> refit_facts(np.array([1, 2]), np.array([1, 3]), np.array([3.0, 1.0]))["same_share"]
    0.75
    """
    found = agreement(frozen, new, people)
    shares = {"same_share": found.same_share, "within_one_share": found.within_one_share}
    return {"matrix": level_pairs(frozen, new, people).tolist(), **shares}


def _outside(level: pd.Series, other: pd.DataFrame) -> pd.Series:
    """Whether a level lies outside the range of another vintage."""
    inside = (level >= other["level_low"]) & (level <= other["level_high"])
    return ~inside.fillna(value=False).astype(bool)


def _pull(old: pd.DataFrame, new: pd.DataFrame, model: Model) -> Floats:
    """Change of every feature on the frozen scale, oriented, times the weight it is meant to have; 0 where one is not known."""
    shares = meant([str(c) for c in old.columns], Aims(**model.facts["aims"])).sum(axis=0)
    both = old.notna() & new.notna()
    # what is not known moves nothing: its place is held by the scale's own middle
    middle = pd.Series(np.median(scaler_of(model).knots, axis=1), index=list(scaler_of(model).names))
    scaled = [apply_scaler(scaler_of(model), t.where(both).fillna(middle)).to_numpy(np.float64) for t in (old, new)]
    return np.asarray((scaled[1] - scaled[0]) * shares)
