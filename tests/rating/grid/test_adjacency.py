"""Who is a neighbour, on the grid and among areas of any shape."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Point, Polygon, box

from holdfast.errors import TableError
from holdfast.rating.grid.adjacency import among, grid_neighbours, neighbours
from holdfast.rating.grid.region import squares


def test_the_grid_against_libpysal_and_the_shapes_themselves():
    """Origin: queen contiguity of the same squares by libpysal."""
    from libpysal.graph import Graph

    rng = np.random.default_rng(2)
    chosen = rng.random((12, 12)) < 0.6
    rows, columns = np.nonzero(chosen)
    cells = squares(columns - 5, rows - 7, 2000.0, "EPSG:32615")
    theirs = Graph.build_contiguity(cells.reset_index(), rook=False).sparse.toarray()
    assert np.array_equal(grid_neighbours(cells).toarray(), theirs)
    assert np.array_equal(neighbours(cells).toarray(), theirs)


def test_areas_of_any_shape_against_libpysal():
    """Origin: queen contiguity of a Voronoi diagram by libpysal."""
    from libpysal.graph import Graph

    points = shapely.multipoints(np.random.default_rng(1).uniform(0, 1e4, (150, 2)))
    areas = gpd.GeoDataFrame(geometry=list(shapely.get_parts(shapely.voronoi_polygons(points))), crs=32615)
    theirs = Graph.build_contiguity(areas, rook=False).sparse.toarray()
    assert np.array_equal(neighbours(areas).toarray(), theirs)


def test_rounding_parts_no_neighbours_and_a_gap_may_be_crossed():
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1 + 1e-9, 0, 2, 1), box(2.1, 0, 3, 1)])
    assert neighbours(areas).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert neighbours(areas, gap=0.2).toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert neighbours(areas, gap=0.0).nnz == 0


def test_odd_shapes_have_neighbours_too():
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])  # crosses itself
    parts = shapely.MultiPolygon([box(5, 5, 6, 6), box(1, 0, 2, 1)])
    areas = gpd.GeoDataFrame(geometry=[bow, parts, Point(9, 9).buffer(0.1)], index=["a", "a", "b"])
    assert neighbours(areas).toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert neighbours(areas.iloc[:0]).shape == (0, 0)


@pytest.mark.parametrize("shape", [None, Polygon()])
def test_shapes_that_are_not_there_are_named(shape):
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), shape], index=["here", "gone"])
    with pytest.raises(TableError, match="missing or empty in gone"):
        neighbours(areas)


def test_some_of_the_cells():
    cells = squares(np.array([0, 1, 2, 3]), np.array([0, 0, 0, 0]), 10.0, "EPSG:32615")
    touching = grid_neighbours(cells)
    chosen = np.array([3, 1, 2])
    assert among(touching, chosen).toarray().tolist() == grid_neighbours(cells.iloc[chosen]).toarray().tolist()
    assert among(touching, np.array([True, True, False, True])).nnz == 2
