"""How far the features of a region drifted from one vintage to the next, by people."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.rating.model.people import mean_and_spread
from holdfast.types import Floats

NOTABLE = 0.1  # standard deviations of the mean, or of the distance of the distributions


@dataclass(frozen=True)
class FeatureDrift:
    """Drift of one feature.

    Parameters
    ----------
    feature : str
        Its name in the model.
    before, after : float
        Mean over people, in the unit of the feature.
    shift : float
        Change of the mean in standard deviations of the first vintage; not a number where it did not vary.
    distance : float
        Largest difference of the two distributions over people (Kolmogorov-Smirnov), 0..1.
    changed : float
        Share of the people whose cell has another value.
    notable : bool
        Whether shift or distance reach 0.1.
    """

    feature: str
    before: float
    after: float
    shift: float
    distance: float
    changed: float
    notable: bool


def drift(before: pd.DataFrame, after: pd.DataFrame, people: Mapping[str, pd.Series]) -> tuple[FeatureDrift, ...]:
    """Drift of every column that two vintages share, over the cells that have a value in both.

    Parameters
    ----------
    before, after : DataFrame
        Index ``cell_id``, the same cells; features in units of their own.
    people : mapping
        ``before`` and ``after`` to what each cell counts then.

    References
    ----------
    Smirnov (1948) for the distance. No p value: every household of a region is here, and none was drawn.

    Examples
    --------
    >>> cells, one = pd.Index(["a", "b"]), pd.Series(1.0, index=["a", "b"])
    >>> old, new = (pd.DataFrame({"poverty": v}, index=cells) for v in ([0.1, 0.3], [0.2, 0.4]))
    >>> row = drift(old, new, {"before": one, "after": one})[0]
    >>> round(row.shift, 6), row.distance, row.changed
    (1.0, 0.5, 1.0)
    """
    return tuple(_of_feature(str(n), before[n], after[n], people) for n in before.columns if n in after)


def _of_feature(name: str, before: pd.Series, after: pd.Series, people: Mapping[str, pd.Series]) -> FeatureDrift:
    """Drift of one feature."""
    known = before.notna() & after.notna()
    old, new = (s[known].to_numpy(np.float64) for s in (before, after))
    held = {k: s.reindex(before.index)[known].fillna(0.0).to_numpy(np.float64) for k, s in people.items()}
    if not (held["before"].sum() > 0 and held["after"].sum() > 0):
        return FeatureDrift(name, np.nan, np.nan, np.nan, np.nan, np.nan, notable=False)
    mean, spread = (float(x) for x in mean_and_spread(old, held["before"]))
    later = float(np.average(new, weights=held["after"]))
    shift = (later - mean) / spread if spread > 0 else float("nan")
    distance = smirnov(old, new, held["before"], held["after"])
    moved = float(held["after"][old != new].sum() / held["after"].sum())
    return FeatureDrift(name, mean, later, shift, distance, moved, bool(abs(shift) >= NOTABLE or distance >= NOTABLE))


def smirnov(first: Floats, second: Floats, first_held: Floats, second_held: Floats) -> float:
    """Largest difference of two distributions over people.

    Examples
    --------
    >>> smirnov(np.array([1.0, 2.0]), np.array([2.0, 3.0]), np.ones(2), np.ones(2))
    0.5
    """
    places = np.unique(np.concatenate([first, second]))
    below = []
    for values, held in ((first, first_held), (second, second_held)):
        order = np.argsort(values, kind="stable")
        mass = np.concatenate([[0.0], np.cumsum(held[order])])
        below.append(mass[np.searchsorted(values[order], places, side="right")] / mass[-1])
    return float(np.abs(below[0] - below[1]).max())
