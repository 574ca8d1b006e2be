"""From unordered clusters to ordered levels."""

import numpy as np

LEVELS = 5


def order(clusters: np.ndarray, scaled: np.ndarray) -> np.ndarray:
    """Number the clusters by their mean oriented feature, the lowest 1.

    Parameters
    ----------
    clusters : ndarray of int
        Shape (cell,), groups from 0.
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.

    Returns
    -------
    ndarray of int
        Shape (cell,), level of each cell from 1.

    References
    ----------
    Yin, Li & Mostafavi (2026), module 3. Not specified in the paper: the rule of the order; ours
    is the mean over the features and the cells of a cluster, every feature counting alike.

    Examples
    --------
    >>> order(np.array([0, 0, 1]), np.array([[1.0], [0.8], [-1.8]])).tolist()
    [2, 2, 1]
    """
    names, group = np.unique(clusters, return_inverse=True)
    means = np.bincount(group, weights=scaled.mean(axis=1)) / np.bincount(group)
    position = np.empty(len(names), dtype=np.int64)
    position[np.argsort(means, kind="stable")] = np.arange(1, len(names) + 1)
    return position[group]
