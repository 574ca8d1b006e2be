"""Maps of buildings. Worked by hand: 760 pixels over 760 m are one pixel a metre, counted from the upper left.

A house of 10 m is 10 pixels wide and is drawn with its outline; one of 1 m would be a speck, and is a dot. A letter stands at its
spot, and the frame is widened for one that lies outside of the buildings.
"""

from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from holdfast.pages.maps import point_map

CRS = "EPSG:32635"
NO_LINES = np.empty((0, 2, 2))


@pytest.fixture
def houses():
    return gpd.GeoDataFrame(geometry=[Point(0, 0), Point(760, 100)], index=["a", "b"], crs=CRS)


def drawn(houses, marked=None, outlines=None):
    svg = point_map(houses, np.array([0, 1]), ["#111111", "#222222"], NO_LINES, "Map", None, marked, outlines)
    return ElementTree.fromstring(svg)


def test_an_outline_takes_the_place_of_a_dot(houses):
    outlines = gpd.GeoSeries({"b": box(740, 90, 750, 100)}, crs=CRS)
    paths = [p for p in drawn(houses, outlines=outlines).iter("path") if p.get("fill") == "#222222"]
    corners = {tuple(map(float, c.split())) for c in paths[0].get("d").strip("Mz").split("L")}
    assert corners == {(740.0, 0.0), (750.0, 0.0), (750.0, 10.0), (740.0, 10.0)}
    dots = [p.get("d") for p in drawn(houses, outlines=outlines).iter("path") if p.get("stroke-linecap") == "round"]
    assert dots == ["M0.0 100.0h0"] * 2


def test_what_would_be_a_speck_is_a_dot(houses):
    outlines = gpd.GeoSeries({"a": box(0, 0, 1, 1), "b": box(759, 99, 760, 100)}, crs=CRS)
    assert not [p for p in drawn(houses, outlines=outlines).iter("path") if p.get("fill") == "#222222"]


def test_letters_stand_where_the_causes_lie_inside_the_frame(houses):
    marked = gpd.GeoSeries({"A": Point(380, 100), "B": Point(1520, 0)}, crs=CRS)
    root = drawn(houses, marked)
    rings = [(float(c.get("cx")), float(c.get("cy"))) for c in root.iter("circle")]
    assert rings == [(190.0, 0.0), (760.0, 50.0)]
    assert [t.text for t in root.iter("text")][:2] == ["A", "B"]
