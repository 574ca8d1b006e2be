"""Joins of levels against all arrangements and esda."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from holdfast.rating.analysis.joins import join_counts
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


def test_joins_against_every_arrangement():
    """Origin: mean and variance over all arrangements of six cells."""
    _, touching = board(2, 3)
    levels = pd.Series([1, 1, 2, 2, 2, 3])
    table = join_counts(levels, touching).set_index(["level_a", "level_b"])
    pairs = np.argwhere(sparse.triu(touching).toarray())
    counts = {key: [] for key in table.index}
    for arranged in itertools.permutations(levels):
        seen = [tuple(sorted((arranged[i], arranged[j]))) for i, j in pairs]
        for key, values in counts.items():
            values.append(seen.count(key))
    for key, values in counts.items():
        row = table.loc[key]
        assert row["expected"] == pytest.approx(np.mean(values))
        if np.std(values) > 0:
            assert row["z"] == pytest.approx((row["joins"] - np.mean(values)) / np.std(values))
    assert table["joins"].sum() == len(pairs)


def test_joins_against_esda(metro):
    """Origin: esda's Join_Counts of one level against all others."""
    from esda.join_counts import Join_Counts
    from libpysal.graph import Graph

    cells, touching, levels = metro
    graph = Graph.build_contiguity(cells.reset_index(), rook=False)
    table = join_counts(levels, touching)
    for level in range(1, 6):
        theirs = Join_Counts((levels == level).astype(int).to_numpy(), graph, permutations=0)
        mine = (table["level_a"] == level).astype(int) + (table["level_b"] == level)
        assert table.loc[mine == 2, "joins"].item() == theirs.bb
        assert table.loc[mine == 1, "joins"].sum() == theirs.bw
    assert table["joins"].sum() == theirs.J


def test_one_observation_touches_nothing():
    found = join_counts(pd.Series([3]), sparse.csr_array((1, 1)))
    assert found[["joins", "expected"]].to_numpy().tolist() == [[0, 0]]
