"""Local Moran's I against esda, against all arrangements, and by what must hold."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from holdfast.rating.analysis.joins import join_counts
from holdfast.rating.analysis.local_moran import local_moran
from holdfast.rating.analysis.pockets import pockets
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares


def board(rows: int, columns: int):
    """Squares in rows and columns, and who touches whom."""
    row, column = (a.ravel() for a in np.mgrid[0:rows, 0:columns])
    cells = squares(column, row, 2000.0, "EPSG:32615")
    return cells, grid_neighbours(cells)


@pytest.fixture(scope="module")
def metro():
    """Synthetic levels with a pattern on 15 x 15 cells."""
    cells, touching = board(15, 15)
    smooth = np.sin(cells["column"] / 3) + np.random.default_rng(3).normal(0, 0.5, len(cells))
    levels = pd.Series(np.digitize(smooth, np.quantile(smooth, [0.15, 0.4, 0.6, 0.8])) + 1, index=cells.index)
    return cells, touching, levels


@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_local_moran_against_esda(metro):
    """Origin: esda's Moran_Local; its simulations give both tails of p, ties counted in each."""
    from esda.moran import Moran_Local
    from libpysal.graph import Graph

    cells, touching, levels = metro
    graph = Graph.build_contiguity(cells.reset_index(), rook=False).transform("r")
    permutations = 999
    theirs = Moran_Local(levels.to_numpy(float), graph, permutations=permutations, seed=1, keep_simulations=True)
    ours = local_moran(levels, touching)
    assert np.allclose(ours["local_i"], theirs.Is)
    simulated = theirs.sim if theirs.sim.shape[0] == len(levels) else theirs.sim.T
    above = (simulated >= theirs.Is[:, None] - 1e-9).mean(axis=1)
    below = (simulated <= theirs.Is[:, None] + 1e-9).mean(axis=1)
    moving = levels.to_numpy() != levels.mean()
    expected = np.minimum(1, 2 * np.minimum(above, below))[moving]
    found = ours["p_value"].to_numpy()[moving]
    error = 2 * np.sqrt(np.maximum(found * (1 - found / 2), 1 / permutations) / permutations)
    assert (np.abs(found - expected) <= 4.5 * error).all()


def test_local_moran_against_every_arrangement():
    """Origin: all 8! / (3! 3! 2!) arrangements of the other cells, one by one."""
    _, touching = board(3, 3)
    levels = pd.Series([1, 1, 3, 1, 3, 3, 1, 2, 2])
    ours = local_moran(levels, touching)
    dense = touching.toarray().astype(bool)
    for cell in (0, 1, 4):
        others = [i for i in range(9) if i != cell]
        degree = int(dense[cell].sum())
        sums = [sum(levels[i] for i in drawn) for drawn in itertools.combinations(others, degree)]
        seen = levels[dense[cell]].sum()
        tails = [np.mean(np.array(sums) >= seen), np.mean(np.array(sums) <= seen)]
        assert ours["p_value"][cell] == pytest.approx(min(1, 2 * min(tails)))


def test_local_moran_finds_what_is_planted_and_little_else():
    cells, touching = board(20, 20)
    generator = np.random.default_rng(1)
    levels = pd.Series(generator.integers(1, 6, len(cells)), index=cells.index)
    found = local_moran(levels, touching)["local_pattern"]
    assert (found != "none").mean() < 0.02
    heart = cells.index[cells["column"].between(5, 10) & cells["row"].between(5, 10)]
    levels[heart] = 1
    found = local_moran(levels, touching)["local_pattern"]
    inner = cells.index[cells["column"].between(6, 9) & cells["row"].between(6, 9)]
    assert (found[inner] == "low among low").all()
    assert (found[heart] == "low among low").mean() > 0.5
    assert (found.drop(heart) == "low among low").mean() < 0.1


def test_a_flat_map_and_a_lonely_cell_have_no_pattern():
    _, touching = board(4, 4)
    flat = local_moran(pd.Series(np.full(16, 3)), touching)
    assert (flat["local_pattern"] == "none").all()
    assert flat["p_value"].isna().all()
    alone = local_moran(pd.Series([1, 5, 2]), sparse.csr_array((3, 3)))
    assert alone["p_value"].isna().all()
    assert pd.isna(join_counts(pd.Series(np.full(16, 3)), touching)["z"]).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_patterns_travel_with_the_cells(seed):
    """Permuting the cells permutes local Moran and leaves joins and pockets as they are."""
    _, touching = board(7, 7)
    generator = np.random.default_rng(seed)
    levels = pd.Series(generator.integers(1, 6, 49))
    order = generator.permutation(49)
    other, moved = levels.iloc[order], touching[order][:, order]
    first, second = local_moran(levels, touching), local_moran(other, moved)
    assert np.allclose(first.loc[order, "p_value"], second["p_value"])
    pd.testing.assert_frame_equal(join_counts(levels, touching), join_counts(other, moved))
    found = [{frozenset(m) for m in pockets(lv, t)["members"]} for lv, t in ((levels, touching), (other, moved))]
    assert found[0] == found[1]


def test_the_exact_tails_hold_for_a_million_cells():
    """Origin: with so many cells drawing without replacement is a binomial."""
    from scipy.stats import binom

    side = 1000
    row, column = (a.ravel() for a in np.mgrid[0:side, 0:side])
    touching = grid_neighbours(pd.DataFrame({"row": row, "column": column}))
    levels = pd.Series(np.random.default_rng(0).choice([1, 2], side**2, p=[0.9, 0.1]))
    levels[[1001 + a * side + b for a in (-1, 0, 1) for b in (-1, 0, 1)]] = 2
    found = local_moran(levels, touching)
    share = (levels == 2).mean()
    assert found["p_value"][1001] == pytest.approx(2 * binom.sf(7, 8, share), rel=1e-3)
    assert found["p_value"].min() > 0
    assert math.isclose(found["p_value"].max(), 1.0)
