"""Places of low resilience and high risk, on five cells worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares
from holdfast.rating.overlay.worst_places import who_lives_there, worst_places

# a row of five cells: two worst ones that touch, one that is safe, a worst one alone, and one where nobody is counted
CELLS = squares(np.arange(5), np.zeros(5, dtype=int), 2000.0, "EPSG:32615").assign(
    level=[1, 2, 4, 1, 2],
    level_high=[2, 3, 4, 2, 2],
    risk_level=[6, 5, 5, 6, 5],
    risk_low=[5, 5, 4, 4, 5],
)
PEOPLE = pd.Series([100.0, 300.0, 50.0, 200.0, 0.0], index=CELLS.index)
POOR = pd.DataFrame({"poverty": [0.4, 0.2, 0.1, 0.3, 0.9]}, index=CELLS.index)


def test_cells_that_touch_are_one_place():
    cells = CELLS.iloc[[0, 1, 2, 3]]
    table = worst_places(cells, grid_neighbours(cells), PEOPLE.iloc[:4], POOR.iloc[:4])
    assert table["cells"].tolist() == [2, 1]
    assert table["people"].tolist() == [400.0, 200.0]
    # of the first place only the first cell stays low and high in four fifths of the draws; of the second none
    assert table["sure_people"].tolist() == [100.0, 0.0]
    assert table["poverty"].tolist() == pytest.approx([(0.4 * 100 + 0.2 * 300) / 400, 0.3])
    assert table["mean_risk"].tolist() == pytest.approx([(600 + 1500) / 400, 6.0])


def test_a_place_where_nobody_is_counted_is_none():
    cells = CELLS.iloc[[2, 4]]
    assert worst_places(cells, grid_neighbours(cells), PEOPLE.iloc[[2, 4]], POOR).empty


def test_who_lives_there():
    worst = pd.Series([True, True, False, True, False], index=CELLS.index)
    table = who_lives_there(worst, PEOPLE, POOR)
    assert table.loc["poverty"].tolist() == pytest.approx([(40 + 60 + 60) / 600, 0.1])
