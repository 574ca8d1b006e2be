"""Moran's I against esda, and what a user may do wrong."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from shapely.geometry import box

from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.rating.analysis.moran import morans_i
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares

ROWS, COLUMNS = (a.ravel() for a in np.mgrid[0:15, 0:15])
CELLS = squares(COLUMNS, ROWS, 2000.0, "EPSG:32615").assign(
    waves=np.sin(COLUMNS / 3) + np.random.default_rng(3).normal(0, 0.4, 225),
    noise=np.random.default_rng(5).normal(size=225),
    flat=1.0,
)


def test_moran_against_esda():
    """Origin: esda's Moran with row-standardised weights."""
    from esda.moran import Moran
    from libpysal.graph import Graph

    graph = Graph.build_contiguity(CELLS.reset_index(), rook=False).transform("r")
    theirs = Moran(CELLS["waves"].to_numpy(), graph, permutations=999)
    ours = morans_i(CELLS, "waves")
    assert ours.moran_i == pytest.approx(theirs.I, abs=1e-10)
    assert ours.expected == pytest.approx(theirs.EI)
    assert ours.p_value == 0.001
    assert morans_i(CELLS, "noise").p_value > 0.01
    assert np.isnan(morans_i(CELLS, "flat", permutations=99).moran_i)


def test_the_relation_may_be_given_and_the_seed_decides():
    touching = grid_neighbours(CELLS)
    found = morans_i(CELLS, "noise", seed=4)
    assert morans_i(pd.DataFrame(CELLS[["noise"]]), "noise", touching=touching, seed=4) == found
    assert morans_i(CELLS, "noise", seed=np.random.default_rng(4)) == found
    assert morans_i(CELLS, "noise", seed=9).moran_i == found.moran_i


def test_rows_without_a_value_are_left_out():
    holes = CELLS.assign(noise=CELLS["noise"].where(CELLS["column"] != 3))
    kept = CELLS[CELLS["column"] != 3]
    assert morans_i(holes, "noise").moran_i == pytest.approx(morans_i(kept, "noise").moran_i)
    given = morans_i(holes, "noise", touching=grid_neighbours(CELLS))
    assert given.moran_i == pytest.approx(morans_i(kept, "noise").moran_i)


def test_what_a_user_may_do_wrong():
    line = gpd.GeoDataFrame({"level": [1, 2, 3, 4]}, geometry=[box(i, 0, i + 1, 1) for i in range(4)])
    with pytest.raises(UnknownName, match="known: geometry, level"):
        morans_i(line, "levels")
    with pytest.raises(TableError, match="not numbers"):
        morans_i(line.assign(level=list("abcd")), "level")
    with pytest.raises(TableError, match="infinite in 1"):
        morans_i(line.assign(level=[1.0, np.inf, 2.0, 3.0]), "level")
    with pytest.raises(TableError, match="has no geometry"):
        morans_i(pd.DataFrame({"level": [1, 2, 3]}), "level")
    with pytest.raises(TableError, match="stands twice"):
        morans_i(pd.concat([line, line[["level"]]], axis=1), "level")
    with pytest.raises(DataMissing, match="has 2 values"):
        morans_i(line.assign(level=[1.0, None, None, 2.0]), "level")
    with pytest.raises(DataMissing, match="has 0 values"):
        morans_i(line.iloc[:0], "level")
    doubled = line.set_axis([0, 0, 1, 1])
    assert morans_i(doubled, "level").moran_i == pytest.approx(0.4)


def test_people_weigh_and_where_nobody_is_nothing_counts():
    """By hand: values 0, 0, 1 in a line with 1, 1 and 2 people, mean 1/2, spread 1/4 a person.

    The first touches the second: -1/2 x -1/2 = 1/4. The second touches one person at 0 and two at 1: its neighbours' mean
    deviation is 1/6, times -1/2, -1/12. The third, twice: 1/2 x -1/2 = -1/4, -1/2. Sum -1/3, over 4 people -1/12, over 1/4: -1/3.
    """
    line = sparse.csr_array(np.array([[0.0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]))
    frame = pd.DataFrame({"level": [0.0, 0, 1, 9], "people": [1.0, 1, 2, 0]})
    assert morans_i(frame, "level", touching=line, people="people").moran_i == pytest.approx(-1 / 3)
    with pytest.raises(TableError, match="negative"):
        morans_i(frame.assign(people=-1.0), "level", touching=line, people="people")
