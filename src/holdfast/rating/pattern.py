"""Spatial pattern of a rating."""

import numpy as np
from scipy import sparse

BATCH_CELLS = 10_000_000


def morans_i(
    values: np.ndarray, touching: sparse.csr_array, permutations: int, generator: np.random.Generator
) -> dict[str, float]:
    """Global Moran's I with a permutation p-value.

    Parameters
    ----------
    values : ndarray
        Shape (cell,), no nulls.
    touching : csr_array
        Shape (cell, cell), 1 where two cells are neighbours; rows are divided by their sums.
    permutations : int
        Random rearrangements of the values over the cells.
    generator : Generator
        Source of the rearrangements.

    Returns
    -------
    dict
        ``moran_i``; ``expected`` under no pattern, -1/(n-1); ``p_value``, the share of
        rearrangements with at least this I (the observed one counted in); ``permutations``.
        Null values of I and p where all values are equal or no cell has a neighbour.

    References
    ----------
    Moran (1950); Cliff & Ord (1981). Moran's I rises mechanically with smoothing over neighbours:
    it describes a map and is no evidence of its quality.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 3, [1.0] * 3], offsets=[-1, 1]).tocsr()
    >>> round(morans_i(np.array([1.0, 2, 3, 4]), line, 99, np.random.default_rng(0))["moran_i"], 3)
    0.4
    """
    count = touching.sum(axis=1)
    weights = sparse.diags_array(np.divide(1.0, count, out=np.zeros(len(count)), where=count > 0)) @ touching
    deviation = np.asarray(values, dtype=np.float64) - np.mean(values)
    spread, total = float(deviation @ deviation), float(weights.sum())
    expected = -1.0 / (len(values) - 1)
    if spread == 0 or total == 0:
        return {"moran_i": float("nan"), "expected": expected, "p_value": float("nan"), "permutations": permutations}
    factor = len(values) / total / spread
    observed = factor * float(deviation @ (weights @ deviation))
    at_least, done = 0, 0
    batch = max(1, BATCH_CELLS // len(values))
    while done < permutations:
        size = min(batch, permutations - done)
        shuffled = generator.permuted(np.tile(deviation, (size, 1)), axis=1).T
        simulated = factor * np.einsum("ij,ij->j", shuffled, weights @ shuffled)
        at_least += int((simulated >= observed - 1e-12).sum())
        done += size
    p_value = (at_least + 1) / (permutations + 1)
    return {"moran_i": observed, "expected": expected, "p_value": p_value, "permutations": permutations}
