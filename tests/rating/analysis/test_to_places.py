"""From cells to places."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from holdfast.rating.analysis.to_places import mean_in_places, parts_of_places
from holdfast.rating.grid.region import squares

CELLS = squares(np.arange(6), np.zeros(6, dtype=int), 10.0, "EPSG:32615").assign(region_m2=100.0)
HOMES = pd.Series([1.0, 2, 3, 4, 5, 6], CELLS.index)


def test_points_and_outlines_keep_every_home():
    """By hand: the ground nearest to x = 5 and x = 45 is cut at 25; so are the two boxes."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5, 45], [5, 5]), crs=32615)
    boxes = gpd.GeoDataFrame(geometry=[box(0, 0, 20, 10), box(20, 0, 60, 10)], crs=32615)
    for places, first in ((points, 6.0), (boxes, 3.0)):
        parts = parts_of_places(CELLS, places, HOMES)
        held = parts.groupby("area")["weight"].sum()
        assert held.sum() == pytest.approx(21)
        assert held[0] == pytest.approx(first) or held[0] == pytest.approx(3.0)
        means = mean_in_places(parts, pd.Series(np.arange(6.0), CELLS.index), 2)
        assert means @ held.to_numpy() == pytest.approx(float(np.arange(6) @ HOMES))
