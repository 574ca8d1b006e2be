"""From cells to places."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from holdfast.rating.analysis.to_places import mean_in_places, parts_of_places
from holdfast.rating.grid.region import squares

CELLS = squares(np.arange(6), np.zeros(6, dtype=int), 10.0, "EPSG:32615").assign(region_m2=100.0)
HOMES = pd.Series([1.0, 2, 3, 4, 5, 6], CELLS.index)


def test_points_keep_every_home():
    """By hand: the ground nearest to x = 5 and x = 47 is cut at 26, between the centres 25 and 35: homes 1 + 2 + 3 and 15."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5, 47], [5, 5]), crs=32615)
    parts = parts_of_places(CELLS, points, HOMES)
    held = parts.groupby("area")["weight"].sum()
    assert held.tolist() == [6.0, 15.0]
    means = mean_in_places(parts, pd.Series(np.arange(6.0), CELLS.index), 2)
    assert means.tolist() == pytest.approx([(0 * 1 + 1 * 2 + 2 * 3) / 6, (3 * 4 + 4 * 5 + 5 * 6) / 15])
