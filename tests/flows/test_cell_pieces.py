"""What is gathered for a rating, at its edges."""

import warnings

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from holdfast.flows.cell_pieces import bare_of_homes, both
from holdfast.types import Region


@pytest.mark.parametrize(("before", "after", "error"), [(0.0, 0.0, 0.0), (200.0, 198.0, 0.01)])
def test_a_total_of_nothing_is_kept_without_error(before, after, error):
    """An area table may hold no homes at all; 0 of 0 is no unknown number."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert both(before, after).relative_error == pytest.approx(error)


@pytest.mark.parametrize(("mapped", "told"), [(6, "6 of 9 cells with streets (67%)"), (7, "")])
def test_a_map_without_buildings_says_nothing_of_people(mapped, told):
    """Ten cells of 1 km2, nine with 5 km of roads, one with a track of 4.9 km and no home: 7 of 9 are 78 %, 6 are 67 %."""
    squares = [box(1000 * k, 0, 1000 * (k + 1), 1000) for k in range(10)]
    cells = gpd.GeoDataFrame({"region_m2": 1e6}, geometry=squares, index=[f"c{k}" for k in range(10)], crs=32615)
    roads = pd.DataFrame({"cell_id": cells.index, "piece_m": [5000.0] * 9 + [4900.0]})
    homes = gpd.GeoDataFrame(geometry=[Point(1000 * k + 500, 500) for k in range(mapped)], crs=32615)
    words = bare_of_homes(homes, roads, Region("r", "EPSG:32615", 1000.0, cells))
    assert told in words
    assert bool(words) == bool(told)
