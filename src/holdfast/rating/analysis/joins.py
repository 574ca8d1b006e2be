"""Which levels touch each other."""

from math import perm

import numpy as np
import pandas as pd
from scipy import sparse

VARIANCE_FLOOR = 1e-9  # below it every arrangement has the same number of joins


def join_counts(levels: pd.Series, touching: sparse.csr_array) -> pd.DataFrame:
    """How often cells of two levels touch, against a random arrangement of the same levels.

    One row per pair of levels, ``level_a`` <= ``level_b``: ``joins``, pairs of touching cells; ``expected`` and ``z``,
    mean and standardised excess over all arrangements; ``ratio`` of joins to expected. Null where the pair cannot
    occur.

    References
    ----------
    Cliff & Ord (1981), Spatial Processes, section 2.4, non-free sampling.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 3, [1.0] * 3], offsets=[-1, 1]).tocsr()
    >>> join_counts(pd.Series([1, 1, 2, 2]), line)[["joins", "expected"]].to_numpy().tolist()
    [[1.0, 0.5], [1.0, 2.0], [1.0, 0.5]]
    """
    values = levels.to_numpy(np.int64)
    names, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    upper = sparse.triu(touching, k=1).tocoo()
    low, high = np.minimum(place[upper.row], place[upper.col]), np.maximum(place[upper.row], place[upper.col])
    seen = np.bincount(low * len(names) + high, minlength=len(names) ** 2).reshape(len(names), len(names))
    degree = touching.sum(axis=1)
    joins, total = upper.nnz, len(values)
    sharing = float((degree * (degree - 1)).sum()) / 2
    apart = joins * (joins - 1) / 2 - sharing
    rows = []
    for a in range(len(names)):
        for b in range(a, len(names)):
            one, two, none = _join_chances(int(counts[a]), int(counts[b]), total, same=a == b)
            mean = joins * one
            # exact: the square of a count is a sum over joins, pairs of joins that share a cell and pairs that share
            # none
            variance = mean + 2 * sharing * two + 2 * apart * none - mean**2
            seen_here = int(seen[a, b])
            z = (seen_here - mean) / np.sqrt(variance) if variance > VARIANCE_FLOOR else np.nan
            rows.append((names[a], names[b], seen_here, mean, seen_here / mean if mean > 0 else np.nan, z))
    return pd.DataFrame(rows, columns=["level_a", "level_b", "joins", "expected", "ratio", "z"])


def _join_chances(first: int, second: int, total: int, *, same: bool) -> tuple[float, float, float]:
    """Chance that one join, two joins that share a cell, and two that share none, are of this pair."""
    # of fewer cells there are none, and no joins either
    pairs, triples, fours = (float(max(perm(total, k), 1)) for k in (2, 3, 4))
    if same:
        return perm(first, 2) / pairs, perm(first, 3) / triples, perm(first, 4) / fours
    one = 2 * first * second / pairs
    two = (first * perm(second, 2) + second * perm(first, 2)) / triples
    return one, two, 4 * perm(first, 2) * perm(second, 2) / fours
