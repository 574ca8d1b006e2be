"""Rating tables of OpenStreetMap extracts, held to counts made apart from these readers.

Origin of the counts: the README of the data (1,666 and 1,727 drivable ways, 1 hospital, 4 towers), pyrosm's own
layers read here, and osmium-like totals over them.
"""

import warnings

import geopandas as gpd
import pyrosm
import pytest
import shapely
from shapely.geometry import Point, Polygon, box

from holdfast.config import TableOptions
from holdfast.errors import TableError, UnknownName
from holdfast.rating.grid.pieces import dissolve
from holdfast.sources import osm_layers
from holdfast.sources.readers import load

FLAT = "EPSG:32632"


@pytest.fixture(scope="module")
def folder(data):
    return data / "osm"


def read(folder, name, path="liechtenstein.osm.pbf", source="osm", **options):
    return load(name, TableOptions(source=source, path=path, **options), folder, None)


@pytest.fixture(scope="module")
def extract(folder):
    """The same file through pyrosm alone."""
    return pyrosm.OSM(str(folder / "liechtenstein.osm.pbf"))


def test_roads_keep_number_and_length(folder, extract):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = extract.get_network("driving").to_crs(FLAT)
    ours = read(folder, "roads").table
    assert len(ours) == len(theirs) == 1666
    assert ours.to_crs(FLAT).length.sum() == pytest.approx(theirs.length.sum())
    assert 349_000 < theirs.length.sum() < 350_500
    assert set(ours["road_class"]) >= {"residential", "primary", "secondary", "tertiary"}
    more = read(folder, "roads", layer="driving+service").table
    assert len(more) > len(ours)
    assert len(read(folder, "roads", where={"highway": ["primary"]}).table) == (theirs["highway"] == "primary").sum()


def test_hospitals(folder):
    loaded = read(folder, "hospitals")
    assert loaded.table["name"].tolist() == ["Liechtensteinisches Landesspital"]
    assert "OpenStreetMap contributors" in loaded.files[0].licence
    # Baltimore: 7 points and 4 outlines of hospitals, less one that is gone, and three parts of others
    baltimore = read(folder, "hospitals", "baltimore.osm.pbf")
    assert len(baltimore.table) == 6
    assert "1 named as gone left out" in baltimore.files[0].notes
    assert not baltimore.table["name"].str.contains("historical").any()


def test_green_areas_keep_their_area(folder, extract):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forests = extract.get_data_by_custom_criteria(
            {"landuse": ["forest"]}, filter_type="keep", keep_nodes=False
        ).to_crs(FLAT)
    ours = read(folder, "green_areas", where={"kind": ["landuse=forest"]}).table.to_crs(FLAT)
    assert len(ours) == len(forests) == 180
    assert ours.area.sum() == pytest.approx(forests.make_valid().area.sum())
    every = read(folder, "green_areas").table.to_crs(FLAT)
    once = dissolve(every)
    assert once.area.sum() == pytest.approx(shapely.union_all(every.make_valid().to_numpy()).area)
    assert ours.area.sum() < once.area.sum() <= every.area.sum()


def test_only_masts_that_carry_radio_by_their_tags(folder):
    for place in ("liechtenstein", "baltimore"):
        with pytest.raises(
            TableError, match="no row passes the filter: communication in use, which has other, unknown"
        ):
            read(folder, "cell_towers", f"{place}.osm.pbf")
    every = {"use": ["communication", "unknown", "other"]}
    assert len(read(folder, "cell_towers", where=every).table) == 4
    unknown = read(folder, "cell_towers", where={"use": ["unknown"]}).table
    assert len(unknown) == 1  # the others are bell towers, a look-out and a building


def test_borders(folder):
    country = read(folder, "areas", where={"admin_level": [2]}).table
    assert country.to_crs(FLAT).area.sum() / 1e6 == pytest.approx(160.4, abs=0.1)  # officially 160.5 km2
    places = read(folder, "areas", where={"admin_level": [8]}, columns={"area_id": "name"}).table
    assert {"Vaduz", "Schaan", "Balzers"} <= set(places["area_id"])
    own = places[places["area_id"] != "Fläsch"]
    assert len(own) == 11
    assert own.to_crs(FLAT).area.sum() == pytest.approx(country.to_crs(FLAT).area.sum(), rel=2e-3)


def test_hull_and_bounds(folder):
    around = read(folder, "areas", "baltimore.osm.pbf", "hull").table
    frame = read(folder, "areas", "baltimore.osm.pbf", "bounds").table
    roads = read(folder, "roads", "baltimore.osm.pbf").table
    assert around.geometry[0].covers(shapely.multipoints(shapely.get_coordinates(roads.geometry)))
    assert frame.geometry[0].covers(around.geometry[0])
    assert frame.total_bounds.tolist() == pytest.approx(roads.total_bounds.tolist())
    assert around["area_id"].tolist() == ["hull"]


def test_hull_of_a_vector_file(tmp_path):
    points = gpd.GeoDataFrame(geometry=[Point(0, 0), Point(1, 0), Point(1, 1), Point(0.9, 0.5)], crs=4326)
    points.to_file(tmp_path / "points.geojson", driver="GeoJSON")
    assert read(tmp_path, "areas", "points.geojson", "hull").table.geometry[0].area == pytest.approx(0.5)
    assert read(tmp_path, "areas", "points.geojson", "bounds").table.geometry[0].area == pytest.approx(1.0)
    points.iloc[:2].to_file(tmp_path / "line.geojson", driver="GeoJSON")
    with pytest.raises(TableError, match="expected a polygon"):
        read(tmp_path, "areas", "line.geojson", "hull")


def test_other_services(folder):
    emergency = read(folder, "emergency").table
    assert emergency["kind"].value_counts().to_dict() == {"amenity=fire_station": 6, "amenity=police": 1}
    assert len(read(folder, "power", "baltimore.osm.pbf").table) >= 2
    assert len(read(folder, "community").table) > 5


def test_what_an_extract_does_not_hold(folder, tmp_path):
    with pytest.raises(UnknownName, match="hospitals"):
        read(folder, "internet")
    with pytest.raises(TableError, match="leave the table out"):
        read(folder, "areas", "baltimore.osm.pbf")
    (tmp_path / "no.osm.pbf").write_bytes(b"something else entirely")
    with pytest.raises(TableError, match="no OpenStreetMap extract"):
        read(tmp_path, "roads", "no.osm.pbf")


def test_numbers_in_tags_become_columns(folder):
    """The file's own tags: two lights of 48 and 10 m."""
    lights = read(folder, "cell_towers", "baltimore.osm.pbf", where={"use": ["other"]}).table
    assert sorted(lights["height_m"]) == [10, 48]
    made = gpd.GeoDataFrame({"beds": ["120 beds", "many", "12 ft", None]}, geometry=[Point(0, 0)] * 4, crs=4326)
    assert osm_layers._numbers(made, "hospitals")["beds"].fillna(-1).tolist() == [120, -1, -1, -1]


def test_a_file_cut_short_is_named(folder, tmp_path):
    content = (folder / "baltimore.osm.pbf").read_bytes()
    (tmp_path / "short.osm.pbf").write_bytes(content[: len(content) // 2])
    with pytest.raises(TableError, match=r"short\.osm\.pbf"):
        read(tmp_path, "roads", "short.osm.pbf")


def test_a_ward_inside_its_hospital_is_no_second_hospital():
    """Synthetic: a campus, a wing and a point in it, a clinic outside, one that is gone."""
    campus = box(9.50, 47.10, 9.51, 47.11)
    wing = Polygon([(9.502, 47.102), (9.504, 47.102), (9.504, 47.104)])
    table = gpd.GeoDataFrame(
        {"name": ["campus", "wing", "point", "clinic", "old (historical)"]},
        geometry=[campus, wing, Point(9.505, 47.105), Point(9.6, 47.1), Point(9.7, 47.1)],
        crs=4326,
    )
    kept, notes = osm_layers._shaped(table, "hospitals")
    assert kept["name"].tolist() == ["campus", "clinic"]
    assert set(kept.geom_type) == {"Point"}
    assert len(notes) == 2
