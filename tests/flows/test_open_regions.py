"""Regions without a census: Liechtenstein and Baltimore from OpenStreetMap, held to the files themselves."""

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pyrosm
import pytest
import shapely

import holdfast
from holdfast.errors import DataMissing
from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import silent

PLACES = ("liechtenstein", "baltimore")
ROADS_AND_ALL = {
    "road_density",
    "alternative_routes",
    "hospitals_within_reach",
    "green_space",
    "cell_tower_coverage",
    "cell_towers_within_reach",
}


def read(data, name, folder=None, **overrides):
    """Region and features of an example, without a rating."""
    study = holdfast.__path__[0] + f"/../../examples/{name}.toml"
    return gather(*open_study(study, {"data": str(folder or data / "osm"), **overrides}), silent)


@pytest.fixture(scope="module", params=PLACES)
def place(request, data):
    """A place: its name, what was read, and its cells with the features."""
    gathered = read(data, request.param)
    return request.param, gathered, gathered.region.cells.join(gathered.features)


def layer(data, name, crs, **filters):
    """Origin of the totals: pyrosm on the file, without Holdfast."""
    extract = pyrosm.OSM(str(data / "osm" / f"{name}.osm.pbf"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not filters:
            return extract.get_network("driving").to_crs(crs)
        return extract.get_data_by_custom_criteria(filters, filter_type="keep").to_crs(crs)


def outline(data, name, crs):
    """The border of Liechtenstein, or the hull of Baltimore's roads."""
    if name == "baltimore":
        roads = layer(data, name, "EPSG:4326")
        hull = shapely.convex_hull(shapely.geometrycollections(roads.geometry.to_numpy()))
        return gpd.GeoSeries([hull], crs=4326).to_crs(crs)[0]
    borders = pyrosm.OSM(str(data / "osm" / f"{name}.osm.pbf")).get_boundaries()
    return borders[borders["admin_level"] == "2"].to_crs(crs).geometry.iloc[0]


@pytest.mark.parametrize("name", PLACES)
def test_both_are_rated_with_every_road_hospital_green_and_tower_feature(name, data, tmp_path):
    study = holdfast.__path__[0] + f"/../../examples/{name}.toml"
    overrides = {"data": str(data / "osm"), "rating.permutations": 99}
    cells = holdfast.rate(study, out=tmp_path / "result", overrides=overrides)
    used = {f["feature"] for f in cells.attrs["summary"]["features_used"]}
    assert used >= ROADS_AND_ALL
    assert set(cells["level"].dropna()) == {1, 2, 3, 4, 5}
    assert "OpenStreetMap contributors" in (tmp_path / "result" / "report.html").read_text()


def test_homes_of_a_map_count_where_it_has_buildings(place):
    name, gathered, _ = place
    told = [w for f in gathered.files if f.table == "homes" for w in f.warnings]
    if name == "baltimore":  # 1,614 buildings in a part of a city: most of them are not mapped
        assert gathered.homes is None
        assert "ground counts in the place of people" in told[0]
    else:  # dwellings of the country: about 20,000
        assert told == []
        assert 15_000 < gathered.homes.sum() < 25_000


def test_features_are_known_everywhere(place):
    _, gathered, cells = place
    assert cells[sorted(ROADS_AND_ALL)].notna().all().all()
    assert set(gathered.absent) == {
        "building_age",
        "poverty",
        "health_insurance",
        "second_means",
        "internet_speed",
        "education",
    }


def test_area(place, data):
    name, _, cells = place
    assert cells["region_m2"].sum() == pytest.approx(outline(data, name, cells.crs).area, rel=1e-6)
    if name == "liechtenstein":
        assert cells["region_m2"].sum() / 1e6 == pytest.approx(160.4, abs=0.2)
    assert {g.area for g in cells.geometry} == {250_000.0}


def test_road_length(place, data):
    name, gathered, cells = place
    roads = layer(data, name, cells.crs)
    inside = shapely.intersection(roads.geometry.to_numpy(), outline(data, name, cells.crs))
    total = shapely.length(inside).sum() / 1e3
    assert (cells["road_density"] * cells["region_m2"] / 1e6).sum() == pytest.approx(total, rel=1e-6)
    assert 0.9 < total / (roads.length.sum() / 1e3) <= 1
    assert gathered.totals["roads_m"].relative_error < 1e-9
    assert gathered.totals["roads_m"].source == pytest.approx(total * 1e3, rel=1e-6)


def test_green_area(place, data):
    name, _, cells = place
    rules = pd.read_csv(holdfast.__path__[0] + "/data/osm_layers.csv")
    filters = rules[rules["table"] == "green_areas"].groupby("key")["value"].agg(list).to_dict()
    green = layer(data, name, cells.crs, **filters)
    green = green[green.geom_type.isin(["Polygon", "MultiPolygon"])]
    once = shapely.union_all(shapely.make_valid(green.geometry.to_numpy()))
    total = shapely.intersection(once, outline(data, name, cells.crs)).area
    assert (cells["green_space"] * cells["region_m2"]).sum() == pytest.approx(total, rel=1e-6)
    assert cells["green_space"].between(0, 1 + 1e-9).all()


def test_routes(place):
    """A route needs a street in the cell; no cell has more than its junctions have arms."""
    _, _, cells = place
    inside = cells["region_m2"] > 249_999  # at the rim, streets beyond the region lead on too
    assert (cells.loc[inside & (cells["road_density"] == 0), "alternative_routes"] == 0).all()
    assert 1 < cells.loc[cells["road_density"] > 5, "alternative_routes"].mean() < 4
    assert cells["alternative_routes"].max() <= 8


def test_towers_of_liechtenstein(data):
    """Origin: rows of the file; with a reach and range beyond the country every mast counts everywhere."""
    rows = pd.read_csv(data / "osm" / "liechtenstein_opencellid.csv")
    wide = {"rating.tower_reach": 1e5, "rating.longest_tower_range": 1e5}
    gathered = read(data, "liechtenstein", **wide)
    assert gathered.source.isna().all()  # municipalities draw the border here and measure nothing
    masts = gathered.features["cell_towers_within_reach"]
    assert masts.min() == masts.max() == next(f.rows for f in gathered.files if f.table == "cell_towers")
    assert 100 < masts.iloc[0] < len(rows)
    assert (gathered.features["cell_tower_coverage"] > 0).mean() > 0.9


def test_one_tower_of_baltimore(place, data):
    """Origin: the file's one tower without a purpose, and distances from it; its range is assumed."""
    name, _, cells = place
    if name == "baltimore":
        towers = layer(data, name, cells.crs, man_made=["tower"])
        tower = towers[(towers["osm_type"] == "node") & (towers["id"] == 1165920722)].geometry.iloc[0]
        near = cells.geometry.centroid.distance(tower) <= 3000
        assert (cells["cell_towers_within_reach"] == near).all()
        covered = (cells["cell_tower_coverage"] * 250_000).sum()
        assert covered == pytest.approx(np.pi * 1000**2, rel=1e-6)


def test_counts_by_road_and_as_the_crow_flies(data):
    by_road, straight = (read(data, "liechtenstein", **{"rating.access": a}) for a in ("streets", "straight"))
    cells = straight.region.cells
    hospital = layer(data, "liechtenstein", cells.crs, amenity=["hospital"])
    expected = cells.geometry.centroid.distance(hospital.geometry.iloc[0]) <= 10_000
    counts = {"road": by_road.features["hospitals_within_reach"], "air": straight.features["hospitals_within_reach"]}
    assert (counts["air"] == expected).all()
    assert (counts["road"] <= counts["air"]).all()
    assert 0 < counts["road"].sum() < counts["air"].sum()


def test_choices_of_the_study(data):
    changed = {
        "rating.leave_out": ["cell_tower_coverage"],
        "rating.also": ["community_places"],
        "rating.per": {"hospitals_within_reach": "km2"},
        "tables.community": {"source": "osm", "path": "baltimore.osm.pbf"},
    }
    plain, other = read(data, "baltimore"), read(data, "baltimore", **changed)
    assert "cell_tower_coverage" not in other.features
    assert other.absent["cell_tower_coverage"] == "left out by the study"
    assert other.features["community_places"].max() > 0
    there = plain.features["hospitals_within_reach"] > 0
    assert np.array_equal(there, other.features["hospitals_within_reach"] > 0)
    with pytest.raises(DataMissing, match="population"):
        read(data, "baltimore", **{"rating.per": {"hospitals_within_reach": "person"}})


def test_totals_do_not_depend_on_the_size_of_the_cells(data):
    totals = []
    for size in (400, 500, 1000, 2000):
        gathered = read(data, "baltimore", **{"region.cell_size": size})
        area = gathered.region.cells["region_m2"]
        totals.append([(gathered.features[name] * area).sum() for name in ("road_density", "green_space")])
    assert np.allclose(totals, totals[0], rtol=1e-6)


def test_speed_tiles_and_ready_values_join_in(data, tmp_path):
    """Synthetic speeds and shares beside the real roads."""
    for name in ("liechtenstein.osm.pbf", "liechtenstein_opencellid.csv"):
        (tmp_path / name).symlink_to(data / "osm" / name)
    halves = gpd.GeoDataFrame(
        {"id": ["south", "north"], "poor": [0.3, 0.1]},
        geometry=[shapely.box(9, 46.9, 10, 47.15), shapely.box(9, 47.15, 10, 47.4)],
        crs=4326,
    )
    halves.to_file(tmp_path / "halves.gpkg", driver="GPKG")
    pd.DataFrame({"quadkey": ["120221"], "avg_d_kbps": [80_000]}).to_csv(tmp_path / "tiles.csv", index=False)
    tables = {
        "tables.internet": {"source": "tiles", "path": "tiles.csv"},
        "tables.given": {"source": "polygons", "path": "halves.gpkg", "columns": {"area_id": "id", "poverty": "poor"}},
    }
    gathered = read(data, "liechtenstein", tmp_path, **tables)
    assert gathered.features["poverty"].between(0.1, 0.3).all()
    assert {0.1, 0.3} <= set(gathered.features["poverty"].round(12))
    assert np.allclose(gathered.features["internet_speed"].dropna(), 80)
