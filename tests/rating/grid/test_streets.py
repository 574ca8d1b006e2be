"""Streets as a graph."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from holdfast.rating.grid.streets import node_places, street_segments


def roads(*lines):
    return gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=32615)


def test_segments_keep_the_length_and_meet_at_shared_vertices():
    segments = street_segments(roads([(0, 0), (3, 4), (6, 8)], [(3, 4), (3, 9)], [(6, 8), (3, 4)]))
    assert segments["length_m"].sum() == pytest.approx(15)  # a stretch drawn twice is one stretch
    degree = np.bincount(segments[["from_node", "to_node"]].to_numpy().ravel())
    assert sorted(degree) == [1, 1, 1, 3]
    assert node_places(segments).tolist() == [[0, 0], [3, 4], [3, 9], [6, 8]]


def test_a_bridge_does_not_meet_the_road_below():
    segments = street_segments(roads([(0, 0), (10, 0)], [(5, -5), (5, 5)]))
    assert len(np.unique(segments[["from_node", "to_node"]])) == 4
