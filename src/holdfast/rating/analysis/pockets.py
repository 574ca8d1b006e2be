"""Pockets: small groups of low cells among high ones, and the other way round."""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

LOW_SIDE, HIGH_SIDE = 2, 4  # levels up to the first are low, from the second on high
POCKET_SHARE = 0.05  # of all people; a larger group is no pocket
SMALLEST_RING = 3  # cells around a group below which nothing can be said of its surroundings
RING_SHARE = 0.5  # of the people in the ring who must lie on the other side
LOW_AMONG_HIGH, HIGH_AMONG_LOW = "low among high", "high among low"


def pockets(levels: pd.Series, touching: sparse.csr_array, people: pd.Series | None = None) -> pd.DataFrame:
    """Small groups of low cells surrounded by high ones, and the other way round; the largest first. The rule is ours.

    Small is a group with at most 5 % of the `people` (index of `levels`, all cells alike if omitted), or a single cell;
    surrounded is one where half of the people around it live on the other side. Cells where nobody is counted are in no
    group and no surroundings.

    One row per pocket: ``kind``, ``cells``, ``ring`` (touching cells outside), ``ring_share`` (of the ring that lies on
    the other side), ``members`` (tuple of the index).

    Examples
    --------
    >>> line = sparse.diags_array([[1.0] * 39, [1.0] * 39], offsets=[-1, 1]).tocsr()
    >>> pockets(pd.Series([5] * 20 + [1] + [5] * 19), line)["kind"].tolist()  # a ring of two is too small
    []
    """
    values = levels.to_numpy(np.int64)
    # the middle level belongs to neither side, so that a smooth slope from low to high makes no pocket
    held = np.ones(len(values)) if people is None else people.loc[levels.index].to_numpy(np.float64)
    low, high = (values <= LOW_SIDE) & (held > 0), (values >= HIGH_SIDE) & (held > 0)
    rows = []
    for kind, inside, outside in ((LOW_AMONG_HIGH, low, high), (HIGH_AMONG_LOW, high, low)):
        chosen = np.flatnonzero(inside)
        if not len(chosen):
            continue
        # cells of one side that touch are one group
        number, group = connected_components(touching[chosen][:, chosen], directed=False)
        of_cell = sparse.csr_array((np.ones(len(chosen)), (group, chosen)), shape=(number, len(values)))
        # cells that touch a group and are not of its side: its surroundings
        ring = ((of_cell @ touching) > 0).astype(np.float64) * (~inside & (held > 0))
        size, around = np.bincount(group, minlength=number), ring.sum(axis=1)
        beside = ring @ held
        share = np.divide(ring @ (outside * held), beside, out=np.zeros(number), where=beside > 0)
        small = (size == 1) | (np.bincount(group, weights=held[chosen], minlength=number) <= POCKET_SHARE * held.sum())
        by_group = np.split(chosen[np.argsort(group, kind="stable")], np.cumsum(size)[:-1])
        for k in np.flatnonzero(small & (around >= SMALLEST_RING) & (share >= RING_SHARE)):
            members = tuple(levels.index[by_group[k]])
            rows.append((kind, int(size[k]), int(around[k]), float(share[k]), members))
    rows.sort(key=lambda row: (-row[1], str(row[4][0])))
    return pd.DataFrame(rows, columns=["kind", "cells", "ring", "ring_share", "members"])
