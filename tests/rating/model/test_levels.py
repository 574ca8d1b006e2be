"""From groups and scores to five levels."""

import numpy as np
import pytest

from holdfast.rating.model.levels import FEWEST_SHARE, level_pairs, natural_cuts, order, share_cuts


def test_natural_cuts_against_brute_force():
    """Origin: the least sum of squares over all ways of cutting 14 sorted numbers into five."""
    from itertools import combinations

    values = np.sort(np.random.default_rng(4).normal(size=14))

    def loss(edges):
        parts = np.split(values, edges)
        return sum(((p - p.mean()) ** 2).sum() for p in parts)

    best = min(loss(edges) for edges in combinations(range(1, 14), 4))
    cuts = natural_cuts(values)
    assert loss(np.searchsorted(values, cuts, side="right")) <= 1.35 * best
    assert (np.diff(cuts) > 0).all()
    groups = np.repeat(np.arange(5) * 4.0, 20) + np.random.default_rng(5).normal(0, 0.2, 100)
    assert np.searchsorted(natural_cuts(groups), groups).tolist() == np.repeat(np.arange(5), 20).tolist()


def test_pairs_of_levels_stand_in_the_row_of_the_first_and_the_column_of_the_second():
    """By hand: 1 with 1, 1 with 2 twice, 5 with 3 of six."""
    table = level_pairs(np.array([1, 1, 5, 1]), np.array([1, 2, 3, 2]), np.array([1.0, 2.0, 4.0, 8.0]), 6)
    expected = np.zeros((5, 6))
    expected[0, 0], expected[0, 1], expected[4, 2] = 1.0, 10.0, 4.0
    assert (table == expected).all()


def test_a_level_holds_its_least_share():
    skewed = np.random.default_rng(6).exponential(size=2000) ** 3
    levels = np.searchsorted(natural_cuts(skewed), skewed)
    assert np.bincount(levels, minlength=5).min() / 2000 >= FEWEST_SHARE - 1e-9


def test_empty_land_moves_no_group():
    """A group of 100,000 people with score 0 and much empty land with score 10 comes before one of people with score 1."""
    clusters, score = np.r_[0, np.zeros(20_000, dtype=int), 1], np.r_[0.0, np.full(20_000, 10.0), 1.0]
    people = np.r_[1e5, np.zeros(20_000), 1e5]
    assert order(clusters, score[:, None], people).tolist() == [1, 2]


def test_more_than_five_groups_become_five_levels():
    clusters = np.repeat(np.arange(7), 10)
    score = np.repeat([0.0, 0.1, 1.0, 2.0, 3.0, 4.0, 4.1], 10)[:, None]
    assert order(clusters, score).tolist() == [1, 1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize(("way", "count", "held"), [(1.0, 2000, 120), (-1.0, 2000, 120), (-1.0, 2017, 122)])
def test_the_least_share_is_held_to_the_cell(way, count, held):
    """Law: with nearly all values at one end the outermost level holds 6 % of the cells, rounded up, and not one more."""
    skewed = way * np.random.default_rng(6).exponential(size=count) ** 6
    inside = np.bincount(np.searchsorted(natural_cuts(skewed), skewed), minlength=5)
    assert inside[4 if way > 0 else 0] == held
    assert inside.sum() == count


def test_cuts_by_share_lie_midway():
    """Law: as many cells lie below a cut as its share says, and it lies between two of them."""
    score = np.random.default_rng(7).permutation(np.arange(100.0)) * 3 + 5
    assert share_cuts(score, [0.1, 0.25, 0.5, 0.99]).tolist() == [33.5, 78.5, 153.5, 300.5]
    random = np.random.default_rng(8).normal(size=500)
    cuts = share_cuts(random, [0.2, 0.4, 0.6, 0.8])
    assert [(random < c).sum() for c in cuts] == [100, 200, 300, 400]
    assert share_cuts(random, [0.0, 1.0]).tolist() == [np.sort(random)[:2].mean(), np.sort(random)[-2:].mean()]


def test_five_groups_are_ordered_by_all_rules():
    """By hand: ranks 0 1 2 3 4 and 4 0 1 2 3 sum to 4 1 3 5 7."""
    scores = np.column_stack([np.arange(5.0), [9.0, 0.0, 1.0, 2.0, 3.0]])
    assert order(np.arange(5), scores).tolist() == [3, 1, 2, 4, 5]
