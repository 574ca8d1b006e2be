"""The add-and-rank index: what most agencies use today, beside the rating."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.people import midranks


def additive_index(scaled: pd.DataFrame, pillars: Mapping[str, str], people: pd.Series | None = None) -> pd.DataFrame:
    """Rank the cells on each feature among the people, average within and then over the pillars, and rank again.

    Parameters
    ----------
    scaled : DataFrame
        Index ``cell_id``, one column per feature, more is better.
    pillars : mapping
        Feature to pillar; every pillar counts alike.
    people : Series, optional
        Index ``cell_id``, what each cell counts; all alike if omitted.

    Returns
    -------
    DataFrame
        Index ``cell_id``; ``additive`` (0..1, mean percentile rank) and ``additive_level`` (1..5, fifths of the people).

    References
    ----------
    Flanagan et al. (2011), A Social Vulnerability Index for Disaster Management, J. Homeland Security and Emergency
    Management 8(1): percentile ranks, summed and ranked. Departs from it in giving each pillar the same weight.

    Examples
    --------
    >>> scaled = pd.DataFrame({"a": [-2.0, -1.0, 0.0, 1.0, 2.0]})
    >>> additive_index(scaled, {"a": "robustness"})["additive_level"].tolist()
    [1, 2, 3, 4, 5]
    """
    held = np.ones(len(scaled)) if people is None else people.loc[scaled.index].to_numpy(np.float64)
    ranks = pd.DataFrame({c: midranks(scaled[c].to_numpy(np.float64), held) for c in scaled}, index=scaled.index)
    means = ranks.T.groupby([pillars[name] for name in scaled.columns]).mean().mean()
    # ranked again, so that each level holds a fifth of the people; rounded, since sums in another order differ in the last bit
    share = midranks(means.round(12).to_numpy(np.float64), held)
    level = np.ceil(share * LEVELS).clip(1, LEVELS).astype("int64")
    return pd.DataFrame({"additive": means, "additive_level": level}, index=scaled.index)
