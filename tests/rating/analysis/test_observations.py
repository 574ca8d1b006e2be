"""Cells that repeat one measurement: islands and tracts larger than cells make no pattern of their own."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from holdfast.rating.analysis.local_moran import local_moran
from holdfast.rating.analysis.moran import morans_i
from holdfast.rating.analysis.observations import observations, touching_observations


def grid(side):
    """Neighbours of side x side cells, by their sides."""
    line = sparse.diags_array([[1.0] * (side - 1)] * 2, offsets=[-1, 1])
    eye = sparse.eye_array(side)
    return (sparse.kron(line, eye) + sparse.kron(eye, line)).tocsr()


def test_islands_of_equal_cells_have_no_pattern():
    rng = np.random.default_rng(1)
    islands, side = 40, 3
    touching = sparse.block_diag([grid(side)] * islands).tocsr()
    values = pd.DataFrame({"level": np.repeat(rng.integers(1, 6, islands), side**2).astype(float)})
    naive = morans_i(values, "level", touching=touching, permutations=99)
    assert naive.moran_i == pytest.approx(1.0)  # what repeated values alone make
    seen = observations(values, touching)
    assert len(set(seen)) == islands
    once, near = values.groupby(seen).mean(), touching_observations(touching, seen)
    assert near.nnz == 0
    assert np.isnan(morans_i(once, "level", touching=near, permutations=99).moran_i)
    assert (local_moran(once["level"].astype(int), near)["local_pattern"] == "none").all()


def test_random_tracts_of_many_cells_have_no_more_pattern_than_random_cells():
    """Law: with values drawn at random per tract, the expected I is -1/(tracts - 1), whatever the size of the cells."""
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        tracts = rng.normal(size=(8, 8))
        cells = pd.DataFrame({"x": np.kron(tracts, np.ones((4, 4))).ravel()})
        touching = grid(32)
        seen = observations(cells, touching)
        once, near = cells.groupby(seen).mean(), touching_observations(touching, seen)
        assert len(once) == 64
        found.append(morans_i(once, "x", touching=near, permutations=9).moran_i)
    error = 4 * np.std(found) / np.sqrt(len(found))
    assert abs(np.mean(found) + 1 / 63) < error


def test_where_every_cell_differs_nothing_changes():
    cells = pd.DataFrame({"x": np.arange(16.0), "y": np.nan})
    touching = grid(4)
    seen = observations(cells, touching)
    assert seen.tolist() == list(range(16))
    assert touching_observations(touching, seen) is touching


def test_equal_cells_that_do_not_touch_stay_apart():
    cells = pd.DataFrame({"x": [1.0, 2.0, 1.0]})
    line = sparse.diags_array([[1.0, 1.0], [1.0, 1.0]], offsets=[-1, 1]).tocsr()
    assert observations(cells, line).tolist() == [0, 1, 2]


def test_rounding_makes_no_observation():
    """0.1 + 0.2 and 0.3 are one value; unknown agrees with unknown, and with nothing else."""
    line = sparse.diags_array([[1.0] * 3, [1.0] * 3], offsets=[-1, 1]).tocsr()
    assert observations(pd.DataFrame({"x": [0.1 + 0.2, 0.3, np.nan, np.nan]}), line).tolist() == [0, 0, 1, 1]
    assert observations(pd.DataFrame({"x": [0.3, 0.3001, 0.0, 1e-12]}), line).tolist() == [0, 1, 2, 3]


def test_cells_of_one_source_area_are_one_observation():
    line = sparse.diags_array([[1.0] * 4, [1.0] * 4], offsets=[-1, 1]).tocsr()
    features = pd.DataFrame({"poverty": [0.1, 0.2, 0.3, 0.4, 0.5]})
    source = pd.Series([7.0, 7.0, np.nan, 8.0, 7.0])  # also where its cells do not touch
    assert observations(features, line, source).tolist() == [0, 0, 1, 2, 0]
    assert observations(features, line).tolist() == [0, 1, 2, 3, 4]
