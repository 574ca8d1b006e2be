"""Pieces keep every square metre and every metre."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from holdfast.rating.grid.pieces import clip, pieces
from holdfast.rating.grid.region import grid, squares


@settings(max_examples=25, deadline=None)
@given(st.floats(-5e4, 5e4), st.floats(-5e4, 5e4), st.floats(10, 2e4), st.floats(10, 2e4))
def test_pieces_keep_every_square_metre(x, y, width, height):
    shape = gpd.GeoDataFrame(geometry=[box(x, y, x + width, y + height)], crs=32615)
    cells = grid("Region", shape, 2000, "EPSG:32615").cells
    cut = pieces(cells, shape)
    assert cut["piece_m2"].sum() == pytest.approx(width * height, rel=1e-6, abs=2.0 * len(cells))
    assert cut["share"].sum() == pytest.approx(1, rel=1e-3)


def test_a_road_along_a_border_counts_once():
    """Roads on the lines of the grid itself: half to either cell, whole at the rim."""
    rows, columns = (a.ravel() for a in np.mgrid[0:10, 0:10])
    cells = squares(columns, rows, 2000.0, "EPSG:32615")
    lines = [
        [(0, 4000), (20_000, 4000)],
        [(6000, 500), (6000, 9000)],
        [(0, 0), (0, 5000)],
        [(4000, 4000), (7000, 4000)],
    ]
    roads = gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=32615)
    cut = pieces(cells, roads)
    assert cut["piece_m"].sum() == pytest.approx(roads.length.sum())
    assert cut["share"].sum() == pytest.approx(len(roads))
    below, above = (cut.loc[cut["cell_id"] == c, "piece_m"].sum() for c in ("E7N1", "E7N2"))
    assert (below, above) == pytest.approx((1000, 1000))


def test_shapes_end_at_the_rim_of_the_region():
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10)], crs=32615)
    lines = gpd.GeoDataFrame(
        {"name": ["in", "across", "out", "along the rim", "touch"]},
        geometry=[
            LineString(p)
            for p in (
                [(1, 1), (19, 1)],
                [(5, 5), (5, 15)],
                [(30, 0), (40, 0)],
                [(0, 10), (20, 10)],
                [(0, 12), (5, 10), (10, 12)],
            )
        ],
        crs=32615,
    )
    kept = clip(lines, areas)
    assert dict(zip(kept["name"], kept.length, strict=True)) == {"in": 18, "across": 5, "along the rim": 20}
    assert (clip(kept, areas).length == kept.length).all()
