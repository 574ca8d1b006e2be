"""The ground under a map. Worked by hand: a frame of 760 pixels over 7,600 m has 0.1 pixel a metre.

A lake of 1,000 m from the upper left corner is a square of 100 pixels; a river has no inside; a place outside of the frame has no
name, and of two places at one spot the one that counts more.
"""

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, box

from holdfast.pages.frame import frame_of
from holdfast.pages.under_map import ground_under, nearest_names, place_names

CRS = "EPSG:32635"


@pytest.fixture
def frame():
    return frame_of(gpd.GeoSeries([Point(0, 0), Point(7600, 5000)], crs=CRS))


def shapes(*rows):
    kinds, names, ranks, geometry = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "name": names, "rank": ranks}, geometry=list(geometry), crs=CRS)


def test_a_lake_is_filled_and_a_river_is_not(frame):
    drawn = ground_under(
        shapes(
            ("water", "", 0, box(0, 4000, 1000, 5000)),
            ("water", "", 0, LineString([(2000, 0), (3000, 1000), (2000, 2000)])),
        ),
        frame,
    )
    lake, river = drawn.split("<path ")[1:3]
    assert {"0.0 0.0", "100.0 0.0", "100.0 100.0", "0.0 100.0"} == set(lake.split('"')[1].strip("Mz").split("L"))
    assert 'fill="#d6e6f2"' in lake
    assert 'fill="none"' in river
    assert "OpenStreetMap contributors" in drawn


def test_what_lies_outside_is_cut_off(frame):
    drawn = ground_under(shapes(("road", "", 0, LineString([(-5000, 2500), (20_000, 2500)]))), frame)
    assert "M0.0 250.0L760.0 250.0" in drawn


def test_names_by_rank_inside_the_frame(frame):
    found = place_names(
        shapes(
            ("place", "Hamlet", 7, Point(3800, 2500)),
            ("place", "Town <b>", 1, Point(3800, 2500)),
            ("place", "Abroad", 0, Point(50_000, 2500)),
            ("road", "Main road", 0, LineString([(0, 0), (1, 1)])),
        ),
        frame,
    )
    assert found.count("<text") == 1
    assert "Town &lt;b&gt;" in found


def test_ten_names_at_most(frame):
    many = [("place", f"P{i:02d}", i, Point(500 + 600 * (i % 11), 500 + 2000 * (i // 11))) for i in range(22)]
    assert place_names(shapes(*many), frame).count("<text") == 10


def test_the_nearest_place_of_a_zone():
    ground = shapes(
        ("place", "City", 0, Point(0, 0)), ("place", "West", 3, Point(-900, 0)), ("place", "East", 3, Point(900, 0))
    )
    spots = gpd.GeoSeries([Point(-100, 0), Point(100, 0)], index=["a", "b"], crs=CRS)
    assert nearest_names(spots, ground).to_dict() == {"a": "West", "b": "East"}
    assert nearest_names(spots, None).tolist() == ["", ""]
