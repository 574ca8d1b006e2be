"""Ordering rules against their definitions."""

import numpy as np
import pytest

from holdfast.rating.model.orderings import ORDERINGS, compare_orderings, promethee


def test_promethee_against_all_pairs():
    """Origin: the definition of the net flow, pair by pair."""
    cells = np.round(np.random.default_rng(1).normal(size=(40, 3)), 1)
    gap = np.clip(cells[:, None, :] - cells[None, :, :], -1, 1)
    assert promethee(cells, np.full(3, 1 / 3), np.ones(40)) == pytest.approx(gap.mean(axis=2).sum(axis=1) / 39)


@pytest.mark.parametrize("name", ORDERINGS)
def test_an_ordering_rises_with_every_feature(name):
    cells = np.random.default_rng(2).normal(size=(60, 4))
    better = cells.copy()

    def rule(scaled):
        return ORDERINGS[name](scaled, np.full(4, 0.25), np.ones(60))

    better[7] += 0.4
    assert rule(better)[7] > rule(cells)[7]


def test_orderings_that_conflict_are_reported():
    cells = np.vstack([np.tile([3.0, -2.0, -2.0, 1.0], (10, 1)), np.tile([0.2, 0.2, 0.2, 0.0], (10, 1))])
    rows = compare_orderings(cells, np.repeat([1, 2], 10), np.full(4, 0.25), np.ones(20))
    assert {row.ordering: row.same_order for row in rows}["mean"]
    assert all(0 <= row.same_level_share <= 1 for row in rows)
    assert not compare_orderings(cells, np.repeat([2, 1], 10), np.full(4, 0.25), np.ones(20))[0].same_order


@pytest.mark.parametrize("name", ORDERINGS)
def test_a_cell_of_three_people_is_three_cells_of_one(name):
    """Law: people are the unit; and nobody's cell changes the scores of the others."""
    generator = np.random.default_rng(3)
    cells, people = generator.normal(size=(50, 3)), generator.integers(0, 4, 50)
    weights = np.array([0.5, 0.3, 0.2])
    by_people = ORDERINGS[name](cells, weights, people.astype(float))
    one_by_one = ORDERINGS[name](np.repeat(cells, people, axis=0), weights, np.ones(people.sum()))
    first = np.repeat(by_people, people)
    assert np.corrcoef(first, one_by_one)[0, 1] > 0.9999
    if name != "promethee":  # of a cell of three, two others have the same values: they are preferred to neither
        assert first == pytest.approx(one_by_one)
