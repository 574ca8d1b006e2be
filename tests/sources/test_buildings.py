"""Reading building tables. Origin of the figures: counts made with pandas alone on the files of ../shared/data."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point, box

from holdfast.config import TableOptions, load_study
from holdfast.errors import DataMissing, TableError
from holdfast.sources.buildings import count_parcels_once, name_implausible, read_buildings

EXAMPLES = Path(__file__).parents[2] / "examples"
COLUMNS = {
    "building_id": "id",
    "occupancy": "use",
    "structure": "structure",
    "stories": "stories",
    "year_built": "year",
    "floor_area_m2": "ft2",
    "replacement_cost": "cost",
}
OPTIONS = TableOptions(
    source="buildings",
    path="b.csv",
    longitude="lon",
    latitude="lat",
    columns=COLUMNS,
    scale={"floor_area_m2": 0.09290304},
    note="synthetic",
)
HEADER = "id,lon,lat,ft2,stories,year,cost,structure,use\n"
GOOD = "a,-122.1,37.8,1000,2,1950,200000,W1,RES1\n"


def write(folder: Path, *rows: str) -> Path:
    (folder / "b.csv").write_text(HEADER + "".join(rows))
    return folder


def test_names_and_units_become_holdfast_s(tmp_path):
    loaded = read_buildings(OPTIONS, write(tmp_path, GOOD))
    row = loaded.table.iloc[0]
    assert row["floor_area_m2"] == pytest.approx(92.90304)
    assert (row["building_id"], row["stories"], row.geometry.x) == ("a", 2, -122.1)
    assert loaded.table.crs == "EPSG:4326"
    assert loaded.files[0].rows == 1
    assert loaded.files[0].notes == ("synthetic",)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b,-122.1,37.8,1000,2,1950,200000,W1,RES9\n", r"row 3, column occupancy: \"RES9\" is not one of"),
        ("b,-122.1,37.8,0,2,1950,200000,W1,RES1\n", "row 3, column floor_area_m2: 0.0 is below 1 m2"),
        ("b,-122.1,37.8,-40,2,1950,200000,W1,RES1\n", "is the sign or the unit wrong"),
        ("b,-122.1,37.8,1000,0,1950,200000,W1,RES1\n", "row 3, column stories"),
        ("b,-122.1,37.8,1000,2,50,200000,W1,RES1\n", "row 3, column year_built: .50. is below 1000"),
        ("b,-122.1,37.8,1000,2,1950,-1,W1,RES1\n", "row 3, column replacement_cost"),
        ("b,-122.1,37.8,1000,2,1950,,W1,RES1\n", "row 3, column replacement_cost: empty"),
        ("b,37.8,-122.1,1000,2,1950,1,W1,RES1\n", "longitude and latitude swapped"),
        ("a,-122.1,37.8,1000,2,1950,1,W1,RES1\n", "already stands in row 2"),
        ("b,-122.1,37.8,many,2,1950,1,W1,RES1\n", '"many" is not a number'),
    ],
)
def test_bad_rows_are_named(tmp_path, row, message):
    with pytest.raises(TableError, match=message):
        read_buildings(OPTIONS, write(tmp_path, GOOD, row))


def test_all_bad_rows_are_named_at_once(tmp_path):
    bad = [f"b{i},-122.1,37.8,0,2,1950,1,W1,RES9\n" for i in range(3)]
    with pytest.raises(TableError) as caught:
        read_buildings(OPTIONS, write(tmp_path, GOOD, *bad))
    assert len(caught.value.problems) == 6


def test_a_missing_file_says_how_to_get_on(tmp_path):
    with pytest.raises(DataMissing, match="--data"):
        read_buildings(OPTIONS, tmp_path)


def parcels(*areas: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "building_id": [f"p{i}" for i in range(len(areas))],
            "occupancy": "RES3",
            "structure": "C1",
            "stories": 1.0,
            "year_built": 1976.0,
            "floor_area_m2": areas,
            "replacement_cost": 1e8,
        },
        geometry=[Point(i, 0) for i in range(len(areas))],
        crs=32610,
    )


def test_a_repeated_parcel_counts_once():
    kept, notes = count_parcels_once(parcels(76_985, 76_985, 90, 76_985, 60_000))
    assert kept["building_id"].tolist() == ["p0", "p2", "p4"]
    assert "3 rows agree" in notes[0]
    assert "p0, p1, p3" in notes[0]
    assert "200,000,000" in notes[0]


@pytest.mark.parametrize("areas", [(76_985, 76_985), (400, 400, 400, 400), (76_985, 76_986, 76_987)])
def test_ordinary_neighbours_stay(areas):
    kept, notes = count_parcels_once(parcels(*areas))
    assert len(kept) == len(areas)
    assert notes == []


def test_implausible_rows_are_named_and_kept():
    assert "p1" in name_implausible(parcels(100, 168_000))[0]
    assert name_implausible(parcels(100, 200)) == []


def test_berkeley(data):
    study, _ = load_study(EXAMPLES / "berkeley.toml")
    raw = pd.read_csv(data / "city" / "berkeley_buildings.csv.gz")
    loaded = read_buildings(study.tables["buildings"], data / "city")
    assert len(raw) == 27_014
    assert len(loaded.table) == 27_014 - 19
    assert loaded.table["replacement_cost"].sum() == pytest.approx(16.711e9, rel=1e-4)
    assert loaded.table["floor_area_m2"].sum() / 0.09290304 == pytest.approx(97.125e6, rel=1e-4)
    notes = " ".join(loaded.files[0].notes)
    assert "20 rows agree" in notes
    assert "16779" in notes
    assert "SimCenter" in loaded.files[0].source


def test_north_east_san_francisco(data):
    study, _ = load_study(EXAMPLES / "nesf.toml")
    table = read_buildings(study.tables["buildings"], data / "city").table
    assert len(table) == 1001
    assert table["residents"].sum() == 84_220
    assert table["replacement_cost"].sum() == pytest.approx(9_019_016_253.70, rel=1e-12)
    assert table["damage_state"].value_counts().sort_index().tolist() == [460, 263, 186, 66, 26]


def outlines(tmp_path, *rows):
    """Houses of 10 m x 10 m: id, metres east, stories."""
    shapes = [box(500_000 + x, 5_000_000, 500_010 + x, 5_000_010) for _, x, _ in rows]
    table = {"building_id": [r[0] for r in rows], "stories": [r[2] for r in rows], "number": range(len(rows))}
    fixed = {
        "occupancy": "RES1",
        "structure": "W1",
        "year_built": 1980,
        "floor_area_m2": 100.0,
        "replacement_cost": 1e5,
    }
    layer = gpd.GeoDataFrame({**table, **fixed}, geometry=shapes, crs="EPSG:32632")
    layer.to_file(tmp_path / "b.gpkg", driver="GPKG")
    return read_buildings(TableOptions(source="buildings", path="b.gpkg"), tmp_path)


def test_a_house_that_is_mapped_twice_counts_once(tmp_path):
    """The second lies a hand's breadth off; the file's own running number tells no houses apart."""
    loaded = outlines(tmp_path, ("a", 0, 2), ("b", 50, 2), ("c", 0.2, 2))
    assert loaded.table["building_id"].tolist() == ["a", "b"]
    assert "1 of 3 rows (33%) are mapped twice (100 m2) and count once; rows 3" in " ".join(loaded.files[0].notes)


def test_homes_of_one_house_that_differ_stay_and_are_told(tmp_path):
    loaded = outlines(tmp_path, ("a", 0, 2), ("b", 0, 3), ("c", 9, 2))
    assert len(loaded.table) == 3
    assert "2 of 3 rows (67%) share an outline with a row of other attributes" in " ".join(loaded.files[0].notes)
