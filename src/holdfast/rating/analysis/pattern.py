"""Spatial pattern of a rating: how like and unlike levels lie to each other."""

from math import comb, perm

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.stats import false_discovery_control

BATCH_CELLS = 10_000_000
VARIANCE_FLOOR = 1e-9  # below it every arrangement has the same number of joins
LOW_SIDE, HIGH_SIDE = 2, 4  # levels up to the first are low, from the second on high
POCKET_SHARE = 0.05  # of all cells; a larger group is no pocket
SMALLEST_RING = 3
RING_SHARE = 0.5


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


def local_moran(levels: pd.Series, touching: sparse.csr_array, false_discoveries: float = 0.05) -> pd.DataFrame:
    """Where like levels, or unlike ones, lie together more than by chance.

    Parameters
    ----------
    levels : Series of int
        Level of each cell, no nulls.
    touching : csr_array
        Shape (cell, cell), 1 where two cells are neighbours, cells as in `levels`.
    false_discoveries : float
        Expected share of false findings among those reported.

    Returns
    -------
    DataFrame
        Index of `levels`; ``local_i`` (1); ``p_value``, two-sided; ``q_value``, p adjusted for testing
        every cell; ``local_pattern``: "high among high", "low among low", "high among low",
        "low among high" (high and low against the mean level), or "none". Null p of cells without
        neighbours.

    References
    ----------
    Anselin (1995), Local indicators of spatial association, Geographical Analysis 27(2): the cell's
    own value stays, the values of its neighbours are drawn from all other cells. Departs from it in
    counting all such draws instead of sampling some: with a few levels their sum has an exact
    distribution, so no seed is needed. Benjamini & Hochberg (1995) for ``q_value``; it holds under
    the positive dependence of neighbouring cells.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 39, [1.0] * 39], offsets=[-1, 1]).tocsr()
    >>> levels = pd.Series([1] * 20 + [5] * 20)
    >>> local_moran(levels, line, 0.6)["local_pattern"].value_counts().to_dict()
    {'low among low': 18, 'high among high': 18, 'none': 4}
    """
    values = levels.to_numpy(np.int64)
    count = touching.sum(axis=1).astype(np.int64)
    sums = np.rint(touching @ values.astype(np.float64)).astype(np.int64)
    deviation = values - values.mean()
    lag = np.divide(sums, count, out=np.full(len(values), np.nan), where=count > 0) - values.mean()
    spread = float(deviation @ deviation)
    local = (len(values) - 1) * deviation * lag / spread if spread > 0 else np.full(len(values), np.nan)
    p_value = np.full(len(values), np.nan)
    for own in np.unique(values) if spread > 0 else ():
        tails = _lag_tails(values, int(own), int(count.max()))
        for degree, (below, above) in tails.items():
            here = (values == own) & (count == degree)
            place = sums[here] - degree * values.min()
            p_value[here] = np.minimum(1.0, 2 * np.minimum(below[place], above[place]))
    known = ~np.isnan(p_value)
    q_value = np.full(len(values), np.nan)
    if known.any():
        q_value[known] = false_discovery_control(p_value[known])
    found = known & (q_value <= false_discoveries) & (deviation != 0) & (lag != 0)
    side, around = np.where(deviation > 0, "high", "low"), np.where(lag > 0, "high", "low")
    words = np.char.add(np.char.add(side, " among "), around)
    table = {"local_i": local, "p_value": p_value, "q_value": q_value, "local_pattern": np.where(found, words, "none")}
    return pd.DataFrame(table, index=levels.index)


def _lag_tails(values: np.ndarray, own: int, most: int) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """P(sum <= s) and P(sum >= s) of the levels of 1..most cells drawn from all but one of level `own`.

    Sums count from the lowest level; found by convolution over the levels, like the ways to draw
    balls of known numbers from an urn.
    """
    names, counts = np.unique(values, return_counts=True)
    counts = counts - (names == own)
    steps = names - names.min()
    most = min(most, int(counts.sum()))
    ways = np.zeros((most + 1, most * int(steps.max()) + 1))
    ways[0, 0] = 1.0
    for step, count in zip(steps, counts, strict=True):
        added = np.zeros_like(ways)
        for taken in range(min(most, int(count)) + 1):
            shift = taken * int(step)
            moved = ways[: most + 1 - taken, : ways.shape[1] - shift] * comb(int(count), taken)
            added[taken:, shift:] += moved
        ways = added
    shares = ways[1:] / ways[1:].sum(axis=1, keepdims=True)
    below, above = np.cumsum(shares, axis=1), np.cumsum(shares[:, ::-1], axis=1)[:, ::-1]
    return {k + 1: (below[k], above[k]) for k in range(most)}


def join_counts(levels: pd.Series, touching: sparse.csr_array) -> pd.DataFrame:
    """How often cells of two levels touch, against a random arrangement of the same levels.

    Parameters
    ----------
    levels : Series of int
        Level of each cell, no nulls.
    touching : csr_array
        Shape (cell, cell), 1 where two cells are neighbours, symmetric.

    Returns
    -------
    DataFrame
        One row per pair of levels: ``level_a`` <= ``level_b``; ``joins``, pairs of touching cells;
        ``expected`` and ``z``, mean and standardised excess over all arrangements; ``ratio`` of joins
        to expected. Null where the pair cannot occur.

    References
    ----------
    Cliff & Ord (1981), Spatial Processes, section 2.4, non-free sampling: mean and variance are exact,
    counted over joins, pairs of joins that share a cell and pairs that share none.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 3, [1.0] * 3], offsets=[-1, 1]).tocsr()
    >>> join_counts(pd.Series([1, 1, 2, 2]), line)[["level_a", "level_b", "joins", "expected"]].to_numpy().tolist()
    [[1.0, 1.0, 1.0, 0.5], [1.0, 2.0, 1.0, 2.0], [2.0, 2.0, 1.0, 0.5]]
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
            variance = mean + 2 * sharing * two + 2 * apart * none - mean**2
            seen_here = int(seen[a, b])
            z = (seen_here - mean) / np.sqrt(variance) if variance > VARIANCE_FLOOR else np.nan
            rows.append((names[a], names[b], seen_here, mean, seen_here / mean if mean > 0 else np.nan, z))
    return pd.DataFrame(rows, columns=["level_a", "level_b", "joins", "expected", "ratio", "z"])


def _join_chances(first: int, second: int, total: int, *, same: bool) -> tuple[float, float, float]:
    """Chance that one join, two joins that share a cell, and two that share none, are of this pair."""
    pairs = float(perm(total, 2))
    triples, fours = float(max(perm(total, 3), 1)), float(max(perm(total, 4), 1))
    if same:
        return perm(first, 2) / pairs, perm(first, 3) / triples, perm(first, 4) / fours
    one = 2 * first * second / pairs
    two = (first * perm(second, 2) + second * perm(first, 2)) / triples
    return one, two, 4 * perm(first, 2) * perm(second, 2) / fours


def pockets(levels: pd.Series, touching: sparse.csr_array) -> pd.DataFrame:
    """Small groups of low cells surrounded by high ones, and the other way round.

    Parameters
    ----------
    levels : Series of int
        Level of each cell, 1..5, no nulls.
    touching : csr_array
        Shape (cell, cell), 1 where two cells are neighbours, symmetric.

    Returns
    -------
    DataFrame
        One row per pocket, the largest first: ``kind`` ("low among high" or "high among low"),
        ``cells``, ``ring`` (touching cells outside), ``ring_share`` (share of the ring on the other
        side), ``members`` (tuple of the index).

    Notes
    -----
    Ours: low is level 1 or 2, high is 4 or 5; a pocket is a connected group of at most a twentieth of
    the cells, at least half of whose ring of at least three cells lies on the other side. The middle
    level belongs to neither side, so a smooth slope from low to high makes no pocket.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 39, [1.0] * 39], offsets=[-1, 1]).tocsr()
    >>> pockets(pd.Series([5] * 20 + [1] + [5] * 19), line)["kind"].tolist()  # a ring of two is too small
    []
    """
    values = levels.to_numpy(np.int64)
    low, high = values <= LOW_SIDE, values >= HIGH_SIDE
    rows = []
    for kind, inside, outside in (("low among high", low, high), ("high among low", high, low)):
        chosen = np.flatnonzero(inside)
        if not len(chosen):
            continue
        number, group = connected_components(touching[chosen][:, chosen], directed=False)
        of_cell = sparse.csr_array((np.ones(len(chosen)), (group, chosen)), shape=(number, len(values)))
        ring = ((of_cell @ touching) > 0).astype(np.float64) * ~inside
        size, around = np.bincount(group, minlength=number), ring.sum(axis=1)
        share = np.divide(ring @ outside, around, out=np.zeros(number), where=around > 0)
        small = size <= max(1, POCKET_SHARE * len(values))
        by_group = np.split(chosen[np.argsort(group, kind="stable")], np.cumsum(size)[:-1])
        for k in np.flatnonzero(small & (around >= SMALLEST_RING) & (share >= RING_SHARE)):
            members = tuple(levels.index[by_group[k]])
            rows.append((kind, int(size[k]), int(around[k]), float(share[k]), members))
    rows.sort(key=lambda row: (-row[1], str(row[4][0])))
    return pd.DataFrame(rows, columns=["kind", "cells", "ring", "ring_share", "members"])
