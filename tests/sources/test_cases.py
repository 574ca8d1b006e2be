"""The small inputs that went wrong, at their right values; origin: the README beside the cases."""

import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import rasterio
from shapely.geometry import box

import holdfast
from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.ground import ground_area
from holdfast.sources.networks import read_networks
from holdfast.sources.osm import read_city
from holdfast.sources.readers import load

COLUMNS = {
    "building_id": "nr",
    "occupancy": "use",
    "structure": "frame",
    "stories": "floors",
    "year_built": "built",
    "floor_area_m2": "area",
    "replacement_cost": "cost",
}


@pytest.fixture
def cases(data) -> Path:
    return data / "cases" / "recovery"


def buildings(folder, path, **more):
    options = TableOptions(source="buildings", path=path, columns=COLUMNS, longitude="lon", latitude="lat", **more)
    return load("buildings", options, folder, None)


def water(folder, path, crs="EPSG:4326", **more):
    networks, files = read_networks({"water": TableOptions(source="epanet", path=path, crs=crs, **more)}, folder, None)
    return networks["water"], " ".join(files[0].notes)


def power(folder, path):
    networks, files = read_networks(
        {"power": TableOptions(source="pandapower", path=path, crs="EPSG:4326")}, folder, None
    )
    return networks["power"], " ".join(files[0].notes)


def notes(loaded):
    return " ".join(note for file in loaded.files for note in (*file.warnings, *file.notes))


@pytest.mark.parametrize("name", ["nounits", "noopt"])
def test_the_default_unit_of_epanet(cases, name):
    network, told = water(cases, f"epanet-no-units/{name}.inp")
    assert network.nodes["demand"].sum() == pytest.approx(0.00189271, rel=1e-5)
    assert "GPM, is taken" in told
    network, told = water(cases, f"epanet-no-units/{name}.inp", units={"flow": "LPS"})
    assert network.nodes["demand"].sum() == pytest.approx(0.03)
    assert "LPS as the study says" in told


@pytest.mark.parametrize("name", ["latin1", "latin1id", "bom", "utf16"])
def test_encodings_of_epanet(cases, name):
    assert water(cases, f"epanet-encodings/{name}.inp")[0].nodes["demand"].sum() == pytest.approx(0.03)


def test_positions_of_epanet(cases):
    with pytest.raises(TableError, match=r"4 of 4 nodes \(100%\) have no position"):
        water(cases, "epanet-no-coordinates/nocoord.inp")
    with pytest.raises(TableError, match="is in degrees but the coordinates are not"):
        water(cases, "epanet-local-coordinates/metres.inp")
    with pytest.raises(TableError, match='"EPSG:99999" is no known CRS'):
        water(cases, "epanet-local-coordinates/metres.inp", crs="EPSG:99999")
    assert "1 emitters" in water(cases, "epanet-emitters/emit.inp")[1]


@pytest.mark.parametrize(
    ("path", "load_mw", "word"),
    [
        ("pandapower-other-loads/asym.json", 0.7, "asymmetric_load count as load"),
        ("pandapower-dead-bus/oos.json", 3.0, "1 of 4 buses (25%) are out of service"),
        ("pandapower-negative-load/negload.json", 6.0, "feed in (2 MW"),
    ],
)
def test_loads_of_pandapower(cases, path, load_mw, word):
    network, told = power(cases, path)
    assert network.nodes["demand"].sum() == pytest.approx(load_mw)
    assert word in told


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("geojson-crs/projected.geojson", {"crs": "EPSG:32610"}),
        ("geojson-crs/crsnull.geojson", {}),
        ("geojson-crs/crsnull.geojson", {"crs": "EPSG:4326"}),
        ("geojson-variants/seq.geojson", {}),
        ("geojson-variants/mp.geojson", {}),
        ("geojson-variants/bom.geojson", {}),
        ("csv-office/latin1.csv", {}),
        ("csv-office/thousands.csv", {}),
        ("csv-office/tab.csv", {}),
        ("csv-office/header2.csv", {}),
        ("csv-office/semi.csv", {}),
        ("passes-keep/z.geojson", {}),
        ("passes-keep/bom.csv", {}),
    ],
)
def test_twelve_buildings(cases, path, more):
    table = buildings(cases, path, **more).table
    assert len(table) == 12
    assert table["floor_area_m2"].sum() == pytest.approx(5100)
    assert table["replacement_cost"].sum() == pytest.approx(10_200_000)


def test_what_has_no_place_or_no_features(cases):
    with pytest.raises(TableError, match="row 4, column geometry: has no geometry"):
        buildings(cases, "geojson-variants/emptypt.geojson")
    with pytest.raises(TableError, match="has no features"):
        buildings(cases, "geojson-variants/none.geojson")
    with pytest.raises(TableError, match="add its true CRS"):
        buildings(cases, "geojson-crs/projected.geojson")
    with pytest.raises(TableError, match="row 4, column building_id: empty or a code for unknown"):
        buildings(cases, "csv-office/na.csv")


def test_shaking(cases):
    loaded = load("shaking", TableOptions(source="shakemap", path="shakemap-antimeridian/am182.xml"), cases, None)
    assert len(loaded.table) == 18
    assert loaded.table["PGA"].unique().tolist() == [0.25]
    assert loaded.table["longitude"].between(-180, 180).all()
    loaded = load("shaking", TableOptions(source="shakemap", path="shakemap-sd-units/v32.xml"), cases, None)
    assert loaded.table["PGA"].unique().tolist() == [0.25]
    assert "STDPGA is left out" in notes(loaded)


@pytest.mark.parametrize(
    ("name", "edges", "length", "word"),
    [("zl", 3, 263.0, "no length"), ("twice", 3, 263.0, "stand twice"), ("ring", 5, 473.5, "are rings")],
)
def test_roads(cases, name, edges, length, word):
    tables = {"transport": TableOptions(source="roads", path=f"roads-lines/{name}.gpkg")}
    networks, files = read_networks(tables, cases, None)
    assert len(networks["transport"].edges) == edges
    assert networks["transport"].edges["length_m"].sum() == pytest.approx(length, abs=0.1)
    assert word in " ".join(files[0].notes)


def test_the_map(cases):
    assert read_city(cases / "osm-twice-and-courtyard" / "court2.osm.pbf").buildings[
        "floor_area_m2"
    ].sum() == pytest.approx(4815, abs=1)
    bad = read_city(cases / "osm-twice-and-courtyard" / "bad.osm.pbf")
    assert "are mapped twice" in " ".join(bad.files[0].notes)
    levels = read_city(cases / "osm-levels" / "levels.osm.pbf")
    assert levels.buildings["stories"].tolist()[1] == 3
    assert "are not read (-1, 0, >4)" in " ".join(levels.files[0].notes)


def test_ids_as_floats(cases):
    gas = {f"gas_{part}": TableOptions(source=part, path=f"ids-as-floats/{part}.csv") for part in ("nodes", "edges")}
    assert read_networks(gas, cases, None)[0]["gas"].nodes.index.tolist() == ["1", "2", "3"]
    nsi = TableOptions(source="nsi", path="ids-as-floats/n.csv", longitude="x", latitude="y")
    assert load("buildings", nsi, cases, None).table["building_id"].iloc[0] == "500000"


AREA_COLUMNS = {
    "housing_units": "housing_units",
    "median_year_built": "median_year_built",
    "poverty_share": "poverty",
    "uninsured_share": "uninsured",
    "high_school_share": "high_school",
}


def areas(data, case, **more):
    options = TableOptions(
        source="polygons", path="tracts.gpkg", attributes="tracts.csv", key="geoid", columns=AREA_COLUMNS, **more
    )
    return load("areas", options, data / "cases" / "rating" / case, None)


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("04_leading_zero_lost", "leading zeros were lost in tracts.csv"),
        ("05_prefix_1400000US", 'begin with "1400000US"'),
    ],
)
def test_keys_that_do_not_match(data, case, word):
    with pytest.raises(DataMissing, match=word) as caught:
        areas(data, case)
    assert str(caught.value).count("1001000100") >= 2
    assert "\n" not in str(caught.value)


def test_areas_that_stand_twice_or_in_parts(data):
    assert len(areas(data, "06b_float_ids_vs_int_polygons").table) == 196
    assert "stand twice with one id" in notes(areas(data, "11_duplicate_polygon"))
    with pytest.raises(TableError, match=r"01001000170; rows 196, 197.*dissolve = true"):
        areas(data, "13_multipart_exploded")
    assert len(areas(data, "13_multipart_exploded", dissolve=True).table) == 196
    with pytest.raises(TableError, match="recode"):
        areas(data, "02_year_built_0_and_18")
    fixed = areas(data, "02_year_built_0_and_18", recode={"median_year_built": {"0": "1939", "18": "1939"}})
    assert (fixed.table["median_year_built"] == 1939).sum() >= 3
    assert fixed.table["median_year_built"].min() > 1900


def test_a_hospital_twice_and_one_nowhere(data):
    options = TableOptions(source="points", path="hospitals.csv", longitude="lon", latitude="lat")
    loaded = load("hospitals", options, data / "cases" / "rating" / "15b_null_island_and_twice", None)
    assert len(loaded.table) == 25
    assert "1 of 29 rows (3.4%) lie at longitude 0, latitude 0" in loaded.files[0].warnings[0]


def test_the_base_region_has_its_area(data):
    table = areas(data, "00_base").table
    assert len(table) == 196
    assert ground_area(table).sum() == pytest.approx(1764.0e6, rel=1e-4)


def test_areas_that_overlap_are_named(data, cli):
    case = data / "cases" / "rating" / "10_overlap" / "study.toml"
    result = cli("check", case, "--quiet")
    assert result.code == 2
    assert "overlap" in result.err
    assert re.search(r"0100100\d{4}", result.err), "names the areas"
    assert "Traceback" not in result.err


def test_zeros_of_a_raster_that_may_be_unknown(data, cli):
    """Origin of the count: the pixels of the file."""
    folder = data / "cases" / "rating" / "16c_zero_as_nodata_undeclared"
    with rasterio.open(folder / "ndvi.tif") as file:
        zeros = int((file.read(1) == 0).sum())
    result = cli("check", folder / "study.toml", "--json", "--quiet")
    notes = " ".join(json.loads(result.out)["rating"]["inputs"][2]["notes"])
    assert f"{zeros:,} of 30,976 pixels (16%) are exactly 0" in notes
    assert "null_values = { value = [0] }" in notes
    assert "states no value for nodata" in notes


def test_islands_make_no_pattern(data, tmp_path):
    """49 tracts that touch no other, each of many cells: what repeats a measurement is no pattern."""
    cells = holdfast.rate(data / "cases" / "rating" / "18b_islands_no_neighbours" / "study.toml")
    pattern = cells.attrs["summary"]["pattern"]
    settled = cells["housing_units"] >= 10  # the others are drawn and not counted
    assert 0 < settled.sum() < len(cells)
    assert pattern["local"] == {"none": settled.sum()}
    assert sum(row["joins"] for row in pattern["join_counts"]) == 0


def test_speeds_weigh_by_their_tests(data):
    """Origin: means by tests over the tiles of the file, computed here without Holdfast's interpolation."""
    folder = data / "cases" / "rating" / "23_ookla"
    loaded = load("internet", TableOptions(source="tiles", path="ookla.csv"), folder, None)
    assert "tiles weigh by tests" in notes(loaded)
    raw = pd.read_csv(folder / "ookla.csv", dtype={"quadkey": str})
    table = loaded.table
    assert table["tests"].sum() == raw["tests"].sum()
    assert (table["download_mbps"] * table["tests"]).sum() == pytest.approx(
        (raw["avg_d_kbps"] * raw["tests"]).sum() / 1e3
    )


HOSTILE = {
    "city_net_json_ext_grid_without_object": "column ext_grid: the table ext_grid is no table of pandapower's",
    "city_net_json_line_dtype_is_a_list": "column line: the table line is no table of pandapower's",
    "rating_roads_gpkg_1e308_line": "row 1, column geometry: has a coordinate that is infinite, no number or far too",
    "rating_roads_gpkg_local_CRS": "column geometry: .* is a local CRS: it does not say where on Earth",
    "rating_tracts_gpkg_20_bytes": "the file is truncated: 20 bytes of 100",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files(data, case):
    folder = data / "cases" / "hostile" / case
    file = next(f for f in folder.iterdir() if f.suffix != ".toml")
    with pytest.raises(TableError, match=rf"{re.escape(file.name)}, 1 error\n  {HOSTILE[case]}"):
        if file.suffix == ".json":
            power(folder, file.name)
        elif "roads" in file.name:
            load("roads", TableOptions(source="lines", path=file.name), folder, None)
        else:
            load("areas", TableOptions(source="polygons", path=file.name), folder, None)


def test_a_rotated_raster_is_refused(data):
    cells = gpd.GeoDataFrame(geometry=[box(9.5, 47.1, 9.6, 47.2)], index=["E1N1"], crs=4326).to_crs(32632)
    folder = data / "cases" / "hostile" / "rating_ndvi_tif_rotated"
    with pytest.raises(TableError, match=r"ndvi\.tif, 1 error\n  is rotated or upside down.*gdalwarp"):
        load("greenness", TableOptions(source="raster", path="ndvi.tif"), folder, cells)


def test_a_net_without_consumers_is_told(data):
    network, told = power(data / "cases" / "hostile" / "city_net_json_load_empty", "net.json")
    assert network.nodes["demand"].sum() == 0
    assert "no consumer takes any power" in told


HOSTILE_STUDIES = {
    "keys_city_TOML_nesting_3000_inline_tables": "more than 20 sections and lists inside one another",
    "keys_city_unknown_key_in_a_material": '"recovery.materials.steel.foo" is not a known key',
    "keys_rating_int_of_5000_digits": "holds a number of more than 4,300 digits",
}


@pytest.mark.parametrize("case", HOSTILE_STUDIES)
def test_hostile_studies(data, case, cli):
    result = cli("check", data / "cases" / "hostile" / case / "study.toml", "--quiet")
    assert result.code == 2
    assert "study.toml" in result.err
    assert HOSTILE_STUDIES[case] in result.err
    assert "Traceback" not in result.err
