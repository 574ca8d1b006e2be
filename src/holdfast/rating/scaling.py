"""Features on one scale: oriented so that more is better, mean 0, standard deviation 1."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError, UnknownName

Transform = Callable[[pd.Series], pd.Series]


def none(values: pd.Series) -> pd.Series:
    """Leave a feature as it is.

    Parameters
    ----------
    values : Series
        Any numbers.
    """
    return values


def log(values: pd.Series) -> pd.Series:
    """Logarithm of 1 + value, for counts and speeds with a long right tail.

    Parameters
    ----------
    values : Series
        Numbers of at least 0.

    Raises
    ------
    TableError
        If a value is negative.
    """
    if (values < 0).any():
        text = f"{values.min():g} is negative, where a logarithm is taken; is it a code for unknown?"
        raise TableError("features", [Problem(text, column=str(values.name))])
    return pd.Series(np.log1p(values))


def rank(values: pd.Series) -> pd.Series:
    """Rank as a share of the cells, ties at their mean, for data of which only the order is meant.

    Parameters
    ----------
    values : Series
        Any numbers.
    """
    return values.rank(pct=True)


TRANSFORMS: dict[str, Transform] = {"none": none, "log": log, "rank": rank}


def scale(features: pd.DataFrame, transforms: Mapping[str, str], directions: Mapping[str, int]) -> pd.DataFrame:
    """Transform, orient and standardise features.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, one column per feature, no nulls, no constant column.
    transforms : mapping
        Feature to a key of `TRANSFORMS`.
    directions : mapping
        Feature to 1 (more is better) or -1 (more is worse).

    Returns
    -------
    DataFrame
        Same index and columns; each column has mean 0 and standard deviation 1, more is better.

    Raises
    ------
    UnknownName
        If a transform is unknown.

    Examples
    --------
    >>> scaled = scale(pd.DataFrame({"poverty": [0.1, 0.3]}), {"poverty": "none"}, {"poverty": -1})
    >>> scaled["poverty"].round(6).tolist()
    [1.0, -1.0]
    """
    columns = {}
    for name in features.columns:
        transform = transforms[name]
        if transform not in TRANSFORMS:
            raise UnknownName("transform", transform, TRANSFORMS)
        values = TRANSFORMS[transform](features[name])
        columns[name] = directions[name] * (values - values.mean()) / values.std(ddof=0)
    return pd.DataFrame(columns, index=features.index)
