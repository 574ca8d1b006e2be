"""Outlines and attributes in two files: what has no partner is counted, told first, or refused; by hand-made areas."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.sources.readers import load

COUNT = 100  # areas of one size and of ten homes each, so that a share of the rows is one of the homes and of the area
COLUMNS = {"housing_units": "homes", "median_year_built": "built"}


@pytest.fixture
def folder(tmp_path):
    ids = [f"a{i:03d}" for i in range(COUNT)]
    squares = [box(x * 1000, 5e6, x * 1000 + 1000, 5e6 + 1000) for x in range(COUNT)]
    gpd.GeoDataFrame({"id": ids}, geometry=squares, crs="EPSG:32615").to_file(tmp_path / "areas.gpkg", driver="GPKG")
    pd.DataFrame({"id": ids, "homes": 10, "built": 1960}).to_csv(tmp_path / "areas.csv", index=False)
    return tmp_path


def read(folder, **more):
    options = TableOptions(
        source="polygons", path="areas.gpkg", attributes="areas.csv", key="id", columns=COLUMNS, **more
    )
    loaded = load("areas", options, folder, None)
    return SimpleNamespace(
        table=loaded.table,
        warnings=[text for file in loaded.files for text in file.warnings],
        notes=[text for file in loaded.files for text in file.notes],
    )


def rename(folder, count):
    """Give the first areas of the table ids that no outline has."""
    table = pd.read_csv(folder / "areas.csv")
    table.loc[: count - 1, "id"] = [f"b{i:03d}" for i in range(count)]
    table.to_csv(folder / "areas.csv", index=False)


@pytest.mark.parametrize(("count", "first"), [(1, False), (2, True), (10, True)])
def test_up_to_a_tenth_is_left_out_and_told(folder, count, first):
    """Above 1 % it is told first: 1 of 100 is a note, 2 and 10 are warnings."""
    rename(folder, count)
    found = read(folder)
    assert len(found.table) == COUNT - count
    told, other = (found.warnings, found.notes) if first else (found.notes, found.warnings)
    assert other == []
    lost, bare = sorted(told, key=lambda text: "outlines" in text)
    assert lost.startswith(f"{count} of 100 areas ({count}")
    assert f"{count}" in lost.split("of the homes")[0]
    assert "have no outline in areas.gpkg (such as b000" in lost
    assert bare.startswith(f"{count} of 100 outlines")
    assert "have no attributes in areas.csv (such as a000" in bare
    assert ("another" in lost or "allow_unmatched" in lost) == first, "a warning names the remedy"


@pytest.mark.parametrize("count", [11, 50, 99])
def test_more_is_refused_in_one_line(folder, count):
    rename(folder, count)
    with pytest.raises(
        DataMissing, match=rf"areas\.csv: {count} of 100 areas \({count}%\), {count}% of the homes"
    ) as no:
        read(folder)
    assert "\n" not in str(no.value)
    assert "allow_unmatched" in str(no.value)


def test_a_study_may_allow_more_or_less(folder):
    rename(folder, 50)
    found = read(folder, allow_unmatched=0.5)
    assert len(found.table) == 50
    assert len(found.warnings) == 2, "what is allowed is still told first"
    with pytest.raises(DataMissing, match=r"50 of 100 areas"):
        read(folder, allow_unmatched=0.49)
    rename(folder, 1)
    with pytest.raises(DataMissing, match="of 100 areas"):
        read(folder, allow_unmatched=0.0)


def test_homes_weigh_and_not_rows(folder):
    """One area of 100 that holds half of all homes is half of what counts."""
    table = pd.read_csv(folder / "areas.csv")
    table.loc[0, "homes"] = 990
    table.to_csv(folder / "areas.csv", index=False)
    rename(folder, 1)
    with pytest.raises(DataMissing, match=r"1 of 100 areas \(1\.0%\), 50% of the homes"):
        read(folder)


def test_outlines_without_attributes_weigh_by_area(folder):
    """Rows of the table that are not there: one outline of a fifth of the ground is refused, one of 1 % is not."""
    table = pd.read_csv(folder / "areas.csv")
    table.iloc[1:].to_csv(folder / "areas.csv", index=False)
    assert read(folder).notes[0].startswith("1 of 100 outlines (1.0%), 1.0% of their area")
    shapes = gpd.read_file(folder / "areas.gpkg")
    shapes.loc[0, "geometry"] = box(0, 5.1e6, 5000, 5.1e6 + 5000)  # 25 of 124 km2
    shapes.to_file(folder / "areas.gpkg", driver="GPKG")
    with pytest.raises(
        DataMissing, match=r"areas\.gpkg: 1 of 100 outlines \(1\.0%\), 20% of their area, have no attri"
    ):
        read(folder)


def test_what_the_filter_takes_out_is_no_stray(folder):
    """A study that keeps some rows knows the others; their outlines have attributes."""
    found = read(folder, where={"id": [f"a{i:03d}" for i in range(40)]})
    assert len(found.table) == 40
    assert found.warnings == []


@pytest.mark.parametrize(
    ("theirs", "cause"),
    [
        ([f"a{i:03d}".upper() for i in range(COUNT)], "upper and lower case"),
        ([f"{i}.5" for i in range(COUNT)], "is `key` the right column"),
        ([f"geo-a{i:03d}" for i in range(COUNT)], 'begin with "geo-"'),
        ([f"a{i:03d}7" for i in range(COUNT)], "parts of areas"),
    ],
)
def test_no_key_in_common(folder, theirs, cause):
    pd.DataFrame({"id": theirs, "homes": 10, "built": 1960}).to_csv(folder / "areas.csv", index=False)
    with pytest.raises(DataMissing, match="no key is in") as told:
        read(folder)
    assert cause in str(told.value)
    assert f'"{theirs[0]}"' in str(told.value)
    assert '"a000", "a001", "a002"' in str(told.value)


VINTAGES = {
    "another year": ("48201{:06d}", "48201{:06d}", "vintage"),
    "another coding of counties": ("09001{:06d}", "09190{:06d}", "planning regions"),
}


@pytest.mark.parametrize("name", VINTAGES)
def test_the_classic_causes_are_named(folder, name):
    mine, theirs, word = VINTAGES[name]
    shapes = gpd.read_file(folder / "areas.gpkg")
    shapes["id"] = [theirs.format(100 * i) for i in range(COUNT)]
    shapes.to_file(folder / "areas.gpkg", driver="GPKG")
    ids = [theirs.format(100 * i) if i < 70 else mine.format(100 * i + 1) for i in range(COUNT)]
    pd.DataFrame({"id": ids, "homes": 10, "built": 1960}).to_csv(folder / "areas.csv", index=False)
    with pytest.raises(DataMissing, match=f"30 of 100 areas.*{word}.*crosswalk"):
        read(folder)


def test_parts_and_copies_of_an_outline(folder):
    shapes = gpd.read_file(folder / "areas.gpkg")
    twice = pd.concat([shapes, shapes.iloc[:3]])
    twice.to_file(folder / "areas.gpkg", driver="GPKG")
    found = read(folder)
    assert len(found.table) == COUNT
    assert "3 of 103 outlines (2.9%) stand twice with one id and count once" in " ".join(found.notes)
    parts = shapes.copy()
    parts.loc[1, "id"] = "a000"
    parts.to_file(folder / "areas.gpkg", driver="GPKG")
    with pytest.raises(TableError, match=r"1 areas have several outlines \(a000; rows 1, 2\)"):
        read(folder)
    merged = read(folder, dissolve=True).table.set_index("area_id")
    assert merged.geometry["a000"].area == pytest.approx(2e6)
