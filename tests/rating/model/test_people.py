"""People as the unit: a cell of three people is as good as three cells of one."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.model.clustering import assign, kmeans
from holdfast.rating.model.consensus import adjusted_rand
from holdfast.rating.model.levels import natural_cuts, order, share_cuts
from holdfast.rating.model.people import correlations, counted, mean_and_spread, midranks


@pytest.fixture
def crowd():
    """Synthetic values, (cell, number), whole numbers of people, and the cells repeated by their people."""
    generator = np.random.default_rng(3)
    values, people = generator.normal(size=(60, 3)), generator.integers(0, 5, 60)
    return values, people, np.repeat(values, people, axis=0)


def test_moments_and_ranks(crowd):
    values, people, apart = crowd
    centre, spread = mean_and_spread(values, people)
    assert centre == pytest.approx(apart.mean(axis=0))
    assert spread == pytest.approx(apart.std(axis=0))
    assert correlations(values, people) == pytest.approx(np.corrcoef(apart, rowvar=False))
    ranks = (pd.Series(apart[:, 0]).rank() - 0.5) / len(apart)
    assert np.repeat(midranks(values[:, 0], people), people) == pytest.approx(ranks.to_numpy())


def test_cuts_orders_and_agreement(crowd):
    values, people, apart = crowd
    assert natural_cuts(values[:, 0], people) == pytest.approx(natural_cuts(apart[:, 0]), abs=1e-9)
    below = [0.2, 0.5, 0.8]
    for cut, share in zip(share_cuts(values[:, 0], below, people), below, strict=True):
        assert abs(people[values[:, 0] < cut].sum() / people.sum() - share) <= people.max() / people.sum()
    groups = np.digitize(values[:, 1], [-0.8, -0.2, 0.2, 0.8])
    assert order(groups, values, people).tolist() == order(np.repeat(groups, people), apart).tolist()
    other = np.digitize(values[:, 2], [-0.5, 0.5])
    pairs = np.outer(people, people)[np.triu_indices(60, 1)]
    same, also = ((g[:, None] == g)[np.triu_indices(60, 1)] for g in (groups, other))
    one, two, both = pairs[same].sum(), pairs[also].sum(), pairs[same & also].sum()
    chance = one * two / pairs.sum()
    assert adjusted_rand(groups, other, people) == pytest.approx((both - chance) / ((one + two) / 2 - chance))


def test_groups_of_people(crowd):
    """Cells in which nobody lives pull no centroid, however far out they lie."""
    values, people, _ = crowd
    far = np.vstack([values, np.full((20, 3), 50.0)])
    held = np.concatenate([people, np.zeros(20)])
    found = kmeans(far, 3, np.random.default_rng(0), people=held)
    assert np.abs(found["centroids"]).max() < 5
    assert set(assign(found, values)) == {0, 1, 2}


def test_few_homes_are_not_counted_unless_all_cells_hold_few():
    homes = pd.Series([2.0] * 50 + [9.9, 10.0] + [800.0] * 40)
    people = counted(homes)
    assert (people[:51] == 0).all()
    assert people[51:].equals(homes[51:])
    assert counted(pd.Series([4.0] * 30)).gt(0).all()
    assert counted(homes, 0.0).equals(homes.rename("counted"))
    assert counted(pd.Series([np.nan, 20.0])).tolist() == [0.0, 20.0]
