"""Rows of the table of interventions: which cells they mean, and what becomes of values."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from holdfast.errors import TableError
from holdfast.rating.what_if.stated import changed_values, chosen_cells

CELLS = gpd.GeoDataFrame(
    geometry=[box(2000 * k, 3_300_000, 2000 * (k + 1), 3_302_000) for k in range(100, 105)],
    index=pd.Index(list("abcde"), name="cell_id"),
    crs="EPSG:32615",
)
LEVELS = pd.Series([1, 2, 2, 3, None], CELLS.index, dtype="Int64")


def chosen(**row):
    return "".join(CELLS.index[chosen_cells(pd.Series(row, dtype=object), CELLS, LEVELS, 2)])


def test_a_row_means_the_cells_that_meet_all_it_states():
    assert chosen() == "abcd"  # e has no level
    assert chosen(levels="1; 2") == "abc"
    assert chosen(cells="b;d") == "bd"
    assert chosen(cells="b;d", levels="3") == "d"
    centre = CELLS.geometry.centroid.to_crs("EPSG:4326").loc["c"]
    place = {"longitude": centre.x, "latitude": centre.y}
    assert chosen(**place, within_m=2100.0) == "bcd"  # centres lie 2,000 m apart
    assert chosen(**place, within_m=2100.0, levels="2") == "bc"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"cells": "z"}, "no cell z"),
        ({"levels": "6"}, "names no levels"),
        ({"levels": "low"}, "names no levels"),
        ({"longitude": 1.0}, "all three or none"),
        ({"cells": "e"}, "no rated cell"),
        ({"cells": "a", "levels": "2"}, "no rated cell"),
    ],
)
def test_what_means_no_cell_is_refused_with_its_row(row, told):
    with pytest.raises(TableError, match=told) as refused:
        chosen(**row)
    assert "row 2" in str(refused.value)


def after(name, how, amount, values=(0.2, 0.6, None), meant=(True, True, True)):
    row = pd.Series({"target": name, "how": how, "amount": amount})
    found, held = changed_values(pd.Series(values, dtype=float), row, np.array(meant), 2)
    return [None if pd.isna(v) else round(v, 6) for v in found], held


def test_values_by_hand():
    assert after("education", "add", 0.1) == ([0.3, 0.7, None], 0)
    assert after("education", "add", 0.5) == ([0.7, 1.0, None], 1)
    assert after("road_density", "multiply", 2.0) == ([0.4, 1.2, None], 0)
    assert after("road_density", "add", -0.4) == ([0.0, 0.2, None], 1)
    assert after("poverty", "set", 0.3, meant=(True, False, True)) == ([0.3, 0.6, 0.3], 0)
    assert after("heat", "add", -1.0, values=(-2.0, 3.0, None)) == ([-3.0, 2.0, None], 0)  # degrees may lie below 0


@pytest.mark.parametrize(("name", "amount"), [("poverty", 25.0), ("poverty", -0.1), ("road_density", -1.0)])
def test_a_value_that_cannot_be_is_refused(name, amount):
    with pytest.raises(TableError, match="is no value of"):
        after(name, "set", amount)
