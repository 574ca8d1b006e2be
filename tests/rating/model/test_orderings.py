"""Ordering rules against their definitions."""

import numpy as np
import pytest

from holdfast.rating.model.orderings import ORDERINGS, compare_orderings, promethee


def test_promethee_against_all_pairs():
    """Origin: the definition of the net flow, pair by pair."""
    cells = np.round(np.random.default_rng(1).normal(size=(40, 3)), 1)
    gap = np.clip(cells[:, None, :] - cells[None, :, :], -1, 1)
    assert promethee(cells) == pytest.approx(gap.mean(axis=2).sum(axis=1) / 39)


@pytest.mark.parametrize("name", ORDERINGS)
def test_an_ordering_rises_with_every_feature(name):
    cells = np.random.default_rng(2).normal(size=(60, 4))
    better = cells.copy()
    better[7] += 0.4
    assert ORDERINGS[name](better)[7] > ORDERINGS[name](cells)[7]


def test_orderings_that_conflict_are_reported():
    cells = np.vstack([np.tile([3.0, -2.0, -2.0, 1.0], (10, 1)), np.tile([0.2, 0.2, 0.2, 0.0], (10, 1))])
    rows = compare_orderings(cells, np.repeat([1, 2], 10))
    assert {row.ordering: row.same_order for row in rows}["mean"]
    assert all(0 <= row.same_level_share <= 1 for row in rows)
    assert not compare_orderings(cells, np.repeat([2, 1], 10))[0].same_order
