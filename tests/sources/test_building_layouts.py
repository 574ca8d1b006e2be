"""Common layouts of building tables. Origin: small files written here from the documented fields (NSI technical
documentation 2022 and 2026, table of public fields; R2D documentation and examples); values made up, units by hand."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from holdfast.config import TableOptions
from holdfast.errors import TableError, UnknownName
from holdfast.sources.buildings import read_buildings

FT2 = 0.3048**2
NSI = {
    "fd_id": [101, 102, 103, 104],
    "bid": "849VCWC8+",
    "cbfips": "060014230001000",
    "st_damcat": ["RES", "RES", "COM", "RES"],
    "occtype": ["RES1-1SNB", "RES3C", "COM4", "RES2"],
    "bldgtype": ["W", "M", "S", "H"],
    "found_type": ["S", "S", "S", "P"],
    "found_ht": 0.5,
    "sqft": [1000.0, 8000.0, 50_000.0, 900.0],
    "num_story": [1, 3, 6, 1],
    "val_struct": [150_000.0, 900_000.0, 9e6, 40_000.0],
    "val_cont": 1000.0,
    "val_vehic": 9000,
    "med_yr_blt": [1950, 1930, 1985, 1975],
    "pop2amu65": [2, 20, 1, 1],
    "pop2amo65": [1, 5, 0, 1],
    "pop2pmu65": [1, 8, 150, 0],
    "pop2pmo65": [1, 4, 10, 1],
    "students": 0,
    "x": [-122.27, -122.271, -122.272, -122.273],
    "y": [37.87, 37.871, 37.872, 37.873],
}
R2D = {
    "id": [1, 2],
    "Latitude": [37.87, 37.88],
    "Longitude": [-122.27, -122.28],
    "PlanArea": [1500.0, 4000.0],
    "NumberOfStories": [2, 5],
    "YearBuilt": [1950, 1980],
    "OccupancyClass": ["RES1", "RES3A"],
    "StructureType": ["W1", "C2"],
    "ReplacementCost": [6e5, 4e6],
    "Population": [3, 60],
    "SoilType": "B",
}


def nsi_file(folder, form, **changes):
    table = pd.DataFrame(NSI).assign(**changes)
    if form == "csv":
        table.to_csv(folder / "nsi.csv", index=False)
    else:
        shapes = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x"], table["y"]), crs=4326)
        shapes.to_file(folder / f"nsi.{form}", driver="GPKG" if form == "gpkg" else "GeoJSON")
    return TableOptions(source="nsi", path=f"nsi.{form}", title="synthetic rows in the layout of the NSI")


@pytest.mark.parametrize("form", ["csv", "gpkg", "geojson"])
def test_national_structure_inventory(tmp_path, form):
    table = read_buildings(nsi_file(tmp_path, form), tmp_path).table
    assert table["building_id"].tolist() == ["101", "102", "103", "104"]
    assert table["occupancy"].tolist() == ["RES1", "RES3", "COM4", "RES2"]
    assert table["structure"].tolist() == ["W1", "URM", "S1", "MH"]
    assert table["floor_area_m2"].to_numpy() == pytest.approx([1000 * FT2, 8000 * FT2, 50_000 * FT2, 900 * FT2])
    assert table["stories"].tolist() == [1, 3, 6, 1]
    assert table["replacement_cost"].tolist() == [150_000, 900_000, 9e6, 40_000]
    assert table["night_occupants"].tolist() == [3, 25, 1, 2]
    assert table["day_occupants"].tolist() == [2, 12, 160, 1]
    assert table["residents"].tolist() == [3, 25, 0, 2]
    assert table.geometry.x.tolist() == pytest.approx(NSI["x"])


def test_what_the_inventory_estimates_is_marked(tmp_path):
    table = read_buildings(nsi_file(tmp_path, "csv"), tmp_path).table
    assert table.filter(regex="_rule$").iloc[0].to_dict() == {
        "year_built_rule": "tract_median",
        "replacement_cost_rule": "depreciated",
        "residents_rule": "night_population",
        "structure_rule": "material_and_rule",
    }
    assert pd.isna(table["residents_rule"].iloc[2])  # nobody lives in an office; that is no inference


def test_full_replacement_value_goes_before_the_depreciated(tmp_path):
    """The edition of 2026 holds both."""
    options = nsi_file(tmp_path, "csv", fullrep=[2e5, 1e6, 1e7, 6e4])
    table = read_buildings(options, tmp_path).table
    assert table["replacement_cost"].tolist() == [2e5, 1e6, 1e7, 6e4]
    assert "replacement_cost_rule" not in table


def test_upper_case_names_are_the_same_layout(tmp_path):
    pd.DataFrame(NSI).rename(columns=str.upper).to_csv(tmp_path / "nsi.csv", index=False)
    assert len(read_buildings(TableOptions(source="nsi", path="nsi.csv"), tmp_path).table) == 4


def simcenter(folder, form, **keys):
    table = pd.DataFrame(R2D)
    if form == "csv":
        table.to_csv(folder / "r2d.csv", index=False)
    else:
        features = [
            {
                "type": "Feature",
                "id": str(row.pop("id")),
                "geometry": {"type": "Point", "coordinates": [row.pop("Longitude"), row.pop("Latitude")]},
                "properties": {"type": "Building", **row},
            }
            for row in table.to_dict("records")
        ]
        (folder / "r2d.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return TableOptions(source="simcenter", path=f"r2d.{form}", **keys)


@pytest.mark.parametrize("form", ["csv", "geojson"])
@pytest.mark.parametrize(("area", "stories"), [("total", (1, 1)), ("footprint", (2, 5))])
def test_simcenter(tmp_path, form, area, stories):
    table = read_buildings(simcenter(tmp_path, form, area=area), tmp_path).table
    assert table["building_id"].tolist() == ["1", "2"]
    assert table["floor_area_m2"].to_numpy() == pytest.approx([1500 * FT2 * stories[0], 4000 * FT2 * stories[1]])
    assert table["occupancy"].tolist() == ["RES1", "RES3"]
    assert table["structure"].tolist() == ["W1", "C2"]
    assert table["residents"].tolist() == [3, 60]
    assert table.geometry.y.tolist() == [37.87, 37.88]
    assert ("floor_area_m2_rule" in table) == (area == "footprint")


def test_simcenter_in_metres(tmp_path):
    table = read_buildings(simcenter(tmp_path, "csv", area="total", scale={"floor_area_m2": 1.0}), tmp_path).table
    assert table["floor_area_m2"].tolist() == [1500, 4000]


def test_simcenter_must_say_what_plan_area_is(tmp_path):
    with pytest.raises(TableError, match='add area = "footprint" or area = "total"'):
        read_buildings(simcenter(tmp_path, "csv"), tmp_path)


def test_wrong_layout_says_what_the_file_has(tmp_path):
    simcenter(tmp_path, "csv")
    with pytest.raises(TableError, match=r'none of fd_id, occtype, so it is not of layout "nsi"; it has: id, Latitude'):
        read_buildings(TableOptions(source="nsi", path="r2d.csv"), tmp_path)
    with pytest.raises(UnknownName, match=r"r2d.*known: buildings, nsi, simcenter"):
        read_buildings(TableOptions(source="r2d", path="r2d.csv"), tmp_path)


def outlines(folder, **columns):
    shapes = [box(500_000, 4_000_000, 500_010, 4_000_020), box(500_100, 4_000_000, 500_130, 4_000_010)]
    gpd.GeoDataFrame({"nr": ["a", "b"], **columns}, geometry=shapes, crs=32610).to_file(
        folder / "city.gpkg", driver="GPKG"
    )


def test_outlines_and_rules_make_a_whole_table(tmp_path):
    """Origin: by hand: 200 m2 x 3 stories; 300 m2 x 2 (stated) stories; rates 1480 and 1420 USD per m2."""
    outlines(tmp_path, use=["house", "office"], floors=[3, None])
    options = TableOptions(
        source="buildings",
        path="city.gpkg",
        columns={"building_id": "nr", "occupancy": "use", "stories": "floors"},
        recode={"occupancy": {"house": "RES1", "office": "COM4"}},
        infer={
            "stories": 2,
            "year_built": 1960,
            "floor_area_m2": "footprint",
            "structure": "masonry",
            "replacement_cost": "unit_cost",
        },
    )
    loaded = read_buildings(options, tmp_path)
    table = loaded.table
    assert table["floor_area_m2"].to_numpy() == pytest.approx([600, 600], rel=2e-3)  # UTM scale
    assert table["stories"].tolist() == [3, 2]
    assert table["structure"].tolist() == ["C2", "C2"]
    assert table["replacement_cost"].to_numpy() == pytest.approx([600 * 1480, 600 * 1420], rel=2e-3)
    assert set(table.geom_type) == {"Point"}
    assert table["year_built_rule"].fillna("").tolist() == ["stated", "stated"]
    assert table["stories_rule"].fillna("").tolist() == ["", "stated"]
    assert any("stories inferred for 1 of 2 buildings (rule stated)" in note for note in loaded.files[0].notes)


def test_without_leave_nothing_is_inferred(tmp_path):
    outlines(tmp_path, use=["RES1", "COM4"], floors=[3, None])
    options = TableOptions(
        source="buildings", path="city.gpkg", columns={"building_id": "nr", "occupancy": "use", "stories": "floors"}
    )
    with pytest.raises(TableError) as caught:
        read_buildings(options, tmp_path)
    told = {p.column: p.message for p in caught.value.problems}
    assert set(told) == {"stories", "structure", "year_built", "floor_area_m2", "replacement_cost"}
    assert all("[tables.buildings.infer]" in message for message in told.values())


@pytest.mark.parametrize(
    ("infer", "message"),
    [
        ({"colour": "red"}, "colour.*known: floor_area_m2, occupancy"),
        (
            {"structure": "gothic", "stories": 1, "year_built": 1960, "floor_area_m2": "footprint"},
            "gothic.*light_frame",
        ),
        ({"stories": "mean"}, "rule for stories; known: a number, median"),
        ({"year_built": "median"}, r"column infer\.year_built: only 0 rows hold a value"),
        ({"structure": "masonry"}, "column year_built: missing, and `infer.structure` needs it"),
        ({"replacement_cost": "market"}, "rule for replacement_cost; known: unit_cost"),
    ],
)
def test_odd_rules_are_refused(tmp_path, infer, message):
    outlines(tmp_path, use=["RES1", "COM4"])
    options = TableOptions(
        source="buildings", path="city.gpkg", columns={"building_id": "nr", "occupancy": "use"}, infer=infer
    )
    with pytest.raises((TableError, UnknownName), match=message):
        read_buildings(options, tmp_path)


def test_points_cannot_give_a_floor_area(tmp_path):
    gpd.GeoDataFrame({"nr": ["a"], "use": "RES1"}, geometry=[Point(5e5, 4e6)], crs=32610).to_file(tmp_path / "p.gpkg")
    options = TableOptions(
        source="buildings",
        path="p.gpkg",
        columns={"building_id": "nr", "occupancy": "use"},
        infer={"stories": 1, "floor_area_m2": "footprint"},
    )
    with pytest.raises(TableError, match="needs outlines"):
        read_buildings(options, tmp_path)
