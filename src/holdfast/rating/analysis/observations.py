"""Cells that repeat one measurement are one observation: what a pattern may be taken over."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.types import Ints

ROUNDING = 1e-9
"""Share by which two sums of the same parts, taken in another order, may differ."""


def observations(features: pd.DataFrame, touching: sparse.csr_array, source: pd.Series | None = None) -> Ints:
    """Number of the observation that each cell belongs to, shape (cell,), from 0 in the order of first appearance.

    Touching cells whose features all agree are one, and so are cells that one source area feeds; nulls agree with nulls.
    Not specified in the paper: the rule is ours.

    Parameters
    ----------
    features : DataFrame
        What was measured, one row per cell.
    touching : csr_array
        Shape (cell, cell), 1 where two cells touch.
    source : Series, optional
        Area that gives each cell most of its values, as `holdfast.rating.features.interpolate.main_source` finds it; null where none does.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0, 1.0], [1.0, 1.0]], offsets=[-1, 1]).tocsr()
    >>> observations(pd.DataFrame({"poverty": [0.1, 0.1, 0.3]}), line).tolist()
    [0, 0, 1]
    """
    values = features.to_numpy(np.float64)
    # such cells lie in one source area, whose values they repeat: counted apart they would make any map look patterned
    pairs = touching.tocoo()
    alike = np.isclose(values[pairs.row], values[pairs.col], rtol=ROUNDING, atol=0.0, equal_nan=True).all(axis=1)
    first, second = pairs.row[alike], pairs.col[alike]
    if source is not None:
        # every cell of an area is tied to the first one of it
        known = np.flatnonzero(source.loc[features.index].notna().to_numpy())
        of_area = source.loc[features.index].iloc[known].to_numpy()
        _, start, place = np.unique(of_area, return_index=True, return_inverse=True)
        first, second = np.concatenate([first, known]), np.concatenate([second, known[start[place]]])
    joined = sparse.coo_array((np.ones(len(first)), (first, second)), shape=touching.shape)
    part = csgraph.connected_components(joined.tocsr(), directed=False)[1]
    return np.asarray(pd.factorize(part)[0])


def touching_observations(touching: sparse.csr_array, observation: Ints) -> sparse.csr_array:
    """Which observations touch, by any of their cells; shape (observation, observation), zero diagonal.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0, 1.0], [1.0, 1.0]], offsets=[-1, 1]).tocsr()
    >>> touching_observations(line, np.array([0, 0, 1])).toarray().tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    count = int(observation.max(initial=-1)) + 1
    if count == len(observation):
        return touching
    member = sparse.coo_array(
        (np.ones(len(observation)), (np.arange(len(observation)), observation)), shape=(len(observation), count)
    ).tocsr()
    joined = (member.T @ touching @ member).tocoo()
    apart = joined.row != joined.col
    ones = np.ones(int(apart.sum()))
    made = sparse.coo_array((ones, (joined.row[apart], joined.col[apart])), shape=(count, count)).tocsr()
    made.sort_indices()
    return made
