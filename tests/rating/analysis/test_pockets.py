"""A planted pocket is found."""

import numpy as np
import pandas as pd

from holdfast.rating.analysis.pockets import pockets
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares


def board(rows: int, columns: int):
    """Squares in rows and columns, and who touches whom."""
    row, column = (a.ravel() for a in np.mgrid[0:rows, 0:columns])
    cells = squares(column, row, 2000.0, "EPSG:32615")
    return cells, grid_neighbours(cells)


def test_a_planted_pocket_is_found():
    cells, touching = board(12, 12)
    levels = pd.Series(5, index=cells.index)
    levels[(cells["column"] < 4)] = 2
    levels[["E7N5", "E7N6"]] = 1
    found = pockets(levels, touching)
    assert found["kind"].tolist() == ["low among high"]  # a third of the metro is a side of town, no pocket
    assert set(found["members"][0]) == {"E7N5", "E7N6"}
    assert found["ring"][0] == 10
    assert found["ring_share"][0] == 1
    levels[cells.index.difference(["E7N5", "E7N6"])] = 3  # the middle is no side
    assert pockets(levels, touching).empty


def test_a_pocket_is_small_by_its_people_and_surrounded_by_people():
    cells, touching = board(12, 12)
    levels = pd.Series(5, index=cells.index)
    pocket = ["E7N5", "E7N6"]
    levels[pocket] = 1
    people = pd.Series(1.0, index=cells.index)
    assert set(pockets(levels, touching, people)["members"][0]) == set(pocket)
    people[pocket] = 50.0  # two of 144 cells, and two fifths of the people
    assert pockets(levels, touching, people).empty
    people[pocket] = 0.0  # nobody is counted there
    assert pockets(levels, touching, people).empty
