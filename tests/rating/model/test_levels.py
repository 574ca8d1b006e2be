"""From groups and scores to five levels."""

import numpy as np

from holdfast.rating.model.levels import FEWEST_SHARE, natural_cuts, order


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


def test_a_level_holds_its_least_share():
    skewed = np.random.default_rng(6).exponential(size=2000) ** 3
    levels = np.searchsorted(natural_cuts(skewed), skewed)
    assert np.bincount(levels, minlength=5).min() / 2000 >= FEWEST_SHARE - 1e-9


def test_more_than_five_groups_become_five_levels():
    clusters = np.repeat(np.arange(7), 10)
    score = np.repeat([0.0, 0.1, 1.0, 2.0, 3.0, 4.0, 4.1], 10)[:, None]
    assert order(clusters, score).tolist() == [1, 1, 2, 3, 4, 5, 5]
