"""Resilience and risk of the same cells: how many people live in each pair of levels."""

import numpy as np
import pandas as pd

from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.levels import level_pairs
from holdfast.rating.model.result import Rating
from holdfast.rating.overlay.risk_levels import RISK_LEVELS
from holdfast.types import Floats

LOW_RESILIENCE, HIGH_RISK = 2, 5  # up to this level, from this level on
RESILIENCE_THIRDS = np.array([0, 0, 1, 2, 2])  # of levels 1..5
RISK_THIRDS = np.array([0, 0, 1, 1, 2, 2])  # of levels 1..6


def crossed(levels: pd.Series, risks: pd.Series, people: pd.Series) -> Floats:
    """People in each pair of levels, shape (5, 6): resilience 1..5 down, risk 1..6 across; cells without either are left out.

    Examples
    --------
    >>> levels, risks = pd.Series([1, 1, 5, None]), pd.Series([6, 6, 1, 2])
    >>> table = crossed(levels, risks, pd.Series([10.0, 5.0, 3.0, 9.0]))
    >>> table[0, 5], table[4, 0], table.sum()
    (np.float64(15.0), np.float64(3.0), np.float64(18.0))
    """
    both = (levels.notna() & risks.notna()).to_numpy(bool)
    first, second = (t[both].to_numpy(np.int64) for t in (levels, risks))
    return level_pairs(first, second, people[both].fillna(0.0).to_numpy(np.float64), RISK_LEVELS)


def bivariate_class(levels: pd.Series, risks: pd.Series) -> pd.Series:
    """Class 1..9 of a 3 x 3 map: 3 times the third of risk (low 1-2, middle 3-4, high 5-6) and that of resilience, from 1.

    1 is low risk and low resilience, 7 high risk and low resilience, 9 high risk and high resilience; null where a level is.

    Examples
    --------
    >>> bivariate_class(pd.Series([1, 5, 3, None]), pd.Series([6, 1, 3, 1])).tolist()
    [7, 3, 5, <NA>]
    """
    both = levels.notna() & risks.notna()
    risk = RISK_THIRDS[risks[both].to_numpy(np.int64) - 1]
    resilience = RESILIENCE_THIRDS[levels[both].to_numpy(np.int64) - 1]
    found = pd.Series(3 * risk + resilience + 1, index=levels.index[both], dtype="Int64")
    return found.reindex(levels.index).rename("bivariate")


def risk_columns(levels: pd.Series, rating: Rating) -> pd.DataFrame:
    """Columns ``risk_level``, ``risk_agreement``, ``risk_low``, ``risk_high`` and ``bivariate`` of the cells of a risk rating.

    `levels` are those of the resilience; index of the result is theirs.
    """
    columns = pd.DataFrame({"risk_level": rating.levels, "risk_agreement": rating.agreement})
    ranges = level_range(rating.probabilities).rename(columns={"level_low": "risk_low", "level_high": "risk_high"})
    return columns.join(ranges).join(bivariate_class(levels, rating.levels))


def worst_of_both(levels: pd.Series, risks: pd.Series) -> pd.Series:
    """Whether a cell has low resilience (levels 1, 2) and high risk (levels 5, 6); not where either is unknown."""
    found = (levels <= LOW_RESILIENCE) & (risks >= HIGH_RISK)
    return found.fillna(value=False).astype(bool).rename("worst_of_both")
