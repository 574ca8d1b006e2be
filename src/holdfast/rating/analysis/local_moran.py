"""Local Moran's I: where like levels, or unlike ones, lie together."""

from math import comb

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import false_discovery_control

from holdfast.types import Floats, Ints


def local_moran(levels: pd.Series, touching: sparse.csr_array, false_discoveries: float = 0.05) -> pd.DataFrame:
    """Where like levels, or unlike ones, lie together more than by chance; all levels known, index of `levels`.

    ``local_i`` (1); ``p_value``, two-sided, null without neighbours; ``q_value``, p adjusted for testing every cell;
    ``local_pattern``: "high among high", "low among high" and so on, high and low against the mean level, or "none".

    References
    ----------
    Anselin (1995), Local indicators of spatial association, Geographical Analysis 27(2). Departs from it in counting
    all draws of the neighbours instead of sampling some. Benjamini & Hochberg (1995) for ``q_value``.

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 39, [1.0] * 39], offsets=[-1, 1]).tocsr()
    >>> local_moran(pd.Series([1] * 20 + [5] * 20), line, 0.6)["local_pattern"].value_counts().to_dict()
    {'low among low': 18, 'high among high': 18, 'none': 4}
    """
    values = levels.to_numpy(np.int64)
    count = touching.sum(axis=1).astype(np.int64)
    sums = np.rint(touching @ values.astype(np.float64)).astype(np.int64)
    deviation = values - values.mean()
    lag = np.divide(sums, count, out=np.full(len(values), np.nan), where=count > 0) - values.mean()
    spread = float(deviation @ deviation)
    local = (len(values) - 1) * deviation * lag / spread if spread > 0 else np.full(len(values), np.nan)
    p_value = _p_values(values, sums, count)
    known = ~np.isnan(p_value)
    q_value = np.full(len(values), np.nan)
    if known.any():
        q_value[known] = false_discovery_control(p_value[known])
    found = known & (q_value <= false_discoveries) & (deviation != 0) & (lag != 0)
    side, around = np.where(deviation > 0, "high", "low"), np.where(lag > 0, "high", "low")
    words = np.char.add(np.char.add(side, " among "), around)
    table = {"local_i": local, "p_value": p_value, "q_value": q_value, "local_pattern": np.where(found, words, "none")}
    return pd.DataFrame(table, index=levels.index)


def _p_values(values: Ints, sums: Ints, count: Ints) -> Floats:
    """Two-sided p of the sum of each cell's neighbours; null without neighbours, or where all levels are one."""
    p_value = np.full(len(values), np.nan)
    names = np.unique(values)
    # the cell's own value stays, those of its neighbours are drawn from all other cells: with a few levels their sum
    # has an exact distribution, which cells of one level and one number of neighbours share
    for own in names if len(names) > 1 else ():
        for degree, (below, above) in _lag_tails(values, int(own), int(count.max())).items():
            here = (values == own) & (count == degree)
            place = sums[here] - degree * values.min()
            p_value[here] = np.minimum(1.0, 2 * np.minimum(below[place], above[place]))
    return p_value


def _lag_tails(values: Ints, own: int, most: int) -> dict[int, tuple[Floats, Floats]]:
    """P(sum <= s) and P(sum >= s) of the levels of 1..most cells drawn from all but one of level `own`.

    Sums count from the lowest level; found by convolution over the levels, like the ways to draw
    balls of known numbers from an urn.
    """
    names, counts = np.unique(values, return_counts=True)
    # the cell itself is not among those that its neighbours are drawn from
    counts = counts - (names == own)
    steps = names - names.min()
    most = min(most, int(counts.sum()))
    ways = np.zeros((most + 1, most * int(steps.max()) + 1))
    ways[0, 0] = 1.0
    for step, count in zip(steps, counts, strict=True):
        added = np.zeros_like(ways)
        # how many of the neighbours have this level, and what they add to the sum
        for taken in range(min(most, int(count)) + 1):
            shift = taken * int(step)
            moved = ways[: most + 1 - taken, : ways.shape[1] - shift] * comb(int(count), taken)
            added[taken:, shift:] += moved
        ways = added
    shares = ways[1:] / ways[1:].sum(axis=1, keepdims=True)
    below, above = np.cumsum(shares, axis=1), np.cumsum(shares[:, ::-1], axis=1)[:, ::-1]
    return {k + 1: (below[k], above[k]) for k in range(most)}
