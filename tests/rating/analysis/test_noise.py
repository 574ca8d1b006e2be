"""Noise gives no map: random features are called noise, planted metros are not.

Worked by hand: two columns that are the same have a correlation of 1, so that the largest eigenvalue of their correlation
matrix is 2 of 2, a share of 1. On a line of four cells of equal weight with the scores -1, -1, 1, 1 over and over, the pairs
of neighbours are (-1, -1), (-1, 1), (1, 1): a mean product of 1/3, which is Moran's I of equal weights.
"""

import numpy as np
import pandas as pd
import pytest
from planted_metros import FAMILIES, planted_metro
from scipy import sparse

from holdfast.rating.analysis.noise import _statistics, noise_test
from holdfast.rating.grid.adjacency import grid_neighbours

RUNS = 100


def square(side):
    return pd.DataFrame({"column": np.repeat(range(side), side), "row": np.tile(range(side), side)})


def test_both_statistics_by_hand():
    line = sparse.diags_array([[1.0] * 3, [1.0] * 3], offsets=[-1, 1]).tocsr()
    values = np.column_stack([[-1.0, -1.0, 1.0, 1.0]] * 2)
    common, alike = _statistics(values, np.full(4, 0.25), line)
    assert common == pytest.approx(1.0)
    assert alike == pytest.approx(1 / 3)


def test_random_features_are_called_noise_in_95_of_100_runs():
    """Of a test at 5 % five in a hundred pass; the limit leaves four standard errors (sqrt(100 x .05 x .95) = 2.2)."""
    near, said = grid_neighbours(square(20)), 0
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        people = pd.Series(rng.lognormal(5, 1, 400))
        features = pd.DataFrame(rng.normal(size=(400, 8))).rename(columns=str)
        said += not noise_test(features, near, people, seed=seed).told_apart
    assert said >= 95


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_planted_metros_are_told_from_noise(family):
    for seed in range(100 // len(FAMILIES)):
        metro = planted_metro(family, 400, seed)
        assert noise_test(metro.features, grid_neighbours(metro.cells), permutations=99, seed=seed).told_apart


def test_one_smooth_feature_among_random_ones_is_a_map():
    rng, cells = np.random.default_rng(2), square(20)
    features = pd.DataFrame(rng.normal(size=(400, 3)), columns=list("abc"))
    near = grid_neighbours(cells)
    assert not noise_test(features, near).told_apart
    assert noise_test(features.assign(b=cells["column"] + features["b"]), near).told_apart


def test_cells_of_one_source_area_are_one_observation():
    """Random numbers of 25 areas, each repeated over 16 cells, are noise, though neighbours look alike."""
    rng, cells = np.random.default_rng(3), square(20)
    area = cells["column"] // 4 * 5 + cells["row"] // 4
    features = pd.DataFrame(rng.normal(size=(25, 6)), columns=list("abcdef")).loc[area].reset_index(drop=True)
    assert not noise_test(features, grid_neighbours(cells)).told_apart


def test_a_unit_and_the_order_of_the_cells_change_nothing():
    metro = planted_metro("additive", 100, 1)
    people = pd.Series(np.arange(100.0) + 1, metro.features.index)
    found = noise_test(metro.features, None, people)
    scaled = noise_test(metro.features * 1000 + 5, None, people)
    assert scaled.common == pytest.approx(found.common)
    mixed = np.random.default_rng(1).permutation(100)
    assert noise_test(metro.features.iloc[mixed], None, people.iloc[mixed]).common == pytest.approx(found.common)


def test_where_nobody_lives_all_cells_count_alike():
    metro = planted_metro("additive", 100, 1)
    nobody = pd.Series(0.0, metro.features.index)
    assert noise_test(metro.features, None, nobody).common == noise_test(metro.features).common


def test_nothing_to_test_is_not_told_apart():
    assert not noise_test(pd.DataFrame({"a": [1.0] * 60, "b": [2.0] * 60})).told_apart


def test_values_of_source_areas_stay_one_observation_beside_a_feature_of_the_cells():
    """As above, with one random feature of each cell: all cells differ, and the areas are still 25 observations."""
    rng, cells = np.random.default_rng(3), square(20)
    area = cells["column"] // 4 * 5 + cells["row"] // 4
    features = pd.DataFrame(rng.normal(size=(25, 6)), columns=list("abcdef")).loc[area].reset_index(drop=True)
    features["own"] = rng.normal(size=len(features))
    near, source = grid_neighbours(cells), pd.Series(area.to_numpy(float))
    assert noise_test(features, near).told_apart
    assert not noise_test(features, near, source=source).told_apart
