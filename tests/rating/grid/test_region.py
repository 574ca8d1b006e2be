"""The grid covers the region and nothing else."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from holdfast.errors import TableError
from holdfast.rating.grid.region import grid, squares


def test_the_grid_covers_the_region_and_nothing_else():
    region = gpd.GeoDataFrame(geometry=[box(1000, 1000, 5000, 3000), box(5000, 1000, 6000, 2000)], crs=32615)
    made = grid("Region", region, 2000, "EPSG:32615")
    assert made.cells["region_m2"].sum() == pytest.approx(9e6)
    assert sorted(made.cells.index) == sorted(["E0N0", "E1N0", "E2N0", "E0N1", "E1N1", "E2N1"])[: len(made.cells)]
    assert (made.cells.area == 4e6).all()


def test_the_grid_refuses_degrees_and_giants():
    region = gpd.GeoDataFrame(geometry=[box(-96, 29, -95, 30)], crs=4326)
    with pytest.raises(TableError, match="not in metres"):
        grid("Region", region, 2000, "EPSG:4326")
    with pytest.raises(TableError, match="larger cells"):
        grid("Region", region, 10)


def test_an_offset_grid_covers_the_region_too():
    """Origin: the area of the region itself."""
    region = gpd.GeoDataFrame(geometry=squares(np.array([3]), np.array([5]), 4700.0, "EPSG:32615").geometry)
    for offset in (0.0, 0.5, 0.9):
        made = grid("Here", region, 2000.0, "EPSG:32615", offset)
        assert made.cells["region_m2"].sum() == pytest.approx(4700.0**2)
        left = made.cells.geometry.bounds["minx"] / 2000 - offset
        assert np.allclose(left, left.round())
