"""Bad input gets one message with file, place and remedy, exit code 2, and nothing is written."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

VRT = '<VRTDataset rasterXSize="1" rasterYSize="1"><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>'
OGR_VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


def edit(folder, column, row, value):
    """Put a value into the attribute table; `row` counts as in the file, the header is row 1."""
    table = pd.read_csv(folder / "tracts.csv", dtype=str)
    table.loc[row - 2, column] = value
    table.to_csv(folder / "tracts.csv", index=False)


def replace(folder, old, new):
    """Replace text of the study."""
    text = (folder / "study.toml").read_text()
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new))


def shapes(folder, change):
    """Rewrite the outlines after a change."""
    table = gpd.read_file(folder / "tracts.gpkg")
    (folder / "tracts.gpkg").unlink()
    change(table).to_file(folder / "tracts.gpkg", layer="tracts", driver="GPKG")


def table_with(folder, name, source, file):
    """Add a table to the study."""
    with (folder / "study.toml").open("a") as stream:
        stream.write(f'\n[tables.{name}]\nsource = "{source}"\npath = "{file}"\n')


def wrong_crs(f):
    shapes(f, lambda t: t.set_crs("EPSG:4326", allow_override=True))


def degrees_for_metres(f):
    shapes(f, lambda t: t.to_crs("EPSG:4326").set_crs("EPSG:32615", allow_override=True))


def truncated(f):
    content = (f / "tracts.gpkg").read_bytes()
    (f / "tracts.gpkg").write_bytes(content[: len(content) // 2])


def raster_in_disguise(f):
    (f / "green.tif").write_text(VRT)
    table_with(f, "greenness", "raster", "green.tif")


def vector_in_disguise(f):
    (f / "roads.geojson").write_text(OGR_VRT)
    table_with(f, "roads", "lines", "roads.geojson")


def swapped(f):
    table = pd.read_csv(f / "hospitals.csv")
    table.assign(longitude=table["latitude"], latitude=table["longitude"]).to_csv(f / "hospitals.csv", index=False)


def unmatched(f, count):
    """Give the first areas of the attribute table ids that no outline has."""
    table = pd.read_csv(f / "tracts.csv")
    table.loc[: count - 1, "geoid"] = [f"u{i:03d}" for i in range(count)]
    table.to_csv(f / "tracts.csv", index=False)


def overlap(f):
    shapes(f, lambda t: t.assign(geometry=t.geometry.buffer(400)))


BAD = {
    "wrong CRS": (wrong_crs, ["tracts.gpkg", "geometry", "EPSG:4326", "state the true CRS"]),
    "missing column": (
        lambda f: replace(f, 'poverty_share = "poor"', 'poverty_share = "pour"'),
        ["tracts.csv", "column pour", "the file has: geoid"],
    ),
    "text in a number": (
        lambda f: edit(f, "poor", 7, "high"),
        ["tracts.csv", "row 7", "column poverty_share", '"high" is not a number', "leave the field empty"],
    ),
    "NaN where not allowed": (
        lambda f: edit(f, "geoid", 9, "NaN"),
        ["tracts.csv", "row 9", "column area_id", "empty", "drop the row"],
    ),
    "infinite": (lambda f: edit(f, "built", 5, "inf"), ["tracts.csv", "row 5", "column median_year_built", "infinite"]),
    "negative area": (
        lambda f: edit(f, "land_m2", 3, "-12"),
        ["tracts.csv", "row 3", "column land_m2", "-12", "below 0 m2", "sign"],
    ),
    "percent for a share": (lambda f: edit(f, "poor", 4, "31.5"), ["row 4", "poverty_share", "31.5", "percentage"]),
    "degrees for metres": (degrees_for_metres, ["tracts.gpkg", "metres", "look like degrees", "EPSG:4326"]),
    "duplicate ids": (
        lambda f: edit(f, "geoid", 11, "t000"),
        ["tracts.csv", "row 11", "area_id", '"t000" already stands in row 2'],
    ),
    "truncated GeoPackage": (truncated, ["tracts.gpkg", "truncated", "download it again"]),
    "empty file": (lambda f: (f / "tracts.csv").write_text(""), ["tracts.csv", "empty"]),
    "virtual raster renamed": (raster_in_disguise, ["green.tif", "virtual", "convert"]),
    "virtual vector renamed": (vector_in_disguise, ["roads.geojson", "virtual", "convert"]),
    "missing file": (
        lambda f: (f / "hospitals.csv").unlink(),
        ["hospitals.csv", "no such file", "tables.hospitals.path", "--data"],
    ),
    "unknown key": (lambda f: replace(f, "refits = 3", "refit = 3"), ["study.toml", "rating.refit", "known", "refits"]),
    "TOML syntax": (lambda f: replace(f, "seed = 3", "seed = = 3"), ["study.toml", "row 3", "not valid TOML"]),
    "wrong type": (
        lambda f: replace(f, "refits = 3", 'refits = "many"'),
        ["study.toml", "rating.refits", "integer", "many"],
    ),
    "swapped coordinates": (swapped, ["hospitals.csv", "latitude", "swapped"]),
    "overlapping areas": (overlap, ["overlap", "keep one outline"]),
    "half of the areas unmatched": (
        lambda f: unmatched(f, 32),
        ["tracts.csv: 32 of 64 areas (50%)", "have no outline in tracts.gpkg", "allow_unmatched"],
    ),
    "unknown source": (lambda f: replace(f, 'source = "points"', 'source = "dots"'), ["dots", "known", "points"]),
    "unknown table": (
        lambda f: replace(f, "[tables.hospitals]", "[tables.hospital]"),
        ["hospital", "known", "hospitals"],
    ),
    "unknown feature": (
        lambda f: replace(f, "refits = 3", 'refits = 3\nfeatures = ["povertyy"]'),
        ["povertyy", "known", "poverty"],
    ),
    "unknown method": (
        lambda f: replace(f, "refits = 3", 'refits = 3\nmethod = "kmean"'),
        ["kmean", "known", "kmeans"],
    ),
    "unknown direction": (
        lambda f: replace(f, "refits = 3", "refits = 3\ndirections = { poverty = 2 }"),
        ["poverty", "2", "1, -1"],
    ),
    "a URL": (lambda f: replace(f, "tracts.gpkg", "https://example.org/tracts.gpkg"), ["not a local file", "download"]),
    "a virtual path": (lambda f: replace(f, "tracts.gpkg", "/vsizip/tracts.gpkg"), ["not a local file"]),
    "UTF-16 without its mark": (
        lambda f: (f / "tracts.csv").write_bytes("geoid,homes\na,1\n".encode("utf-16-le")),
        ["tracts.csv", "row 1", "NUL byte", "UTF-8"],
    ),
    "ragged rows": (
        lambda f: (f / "tracts.csv").write_text("geoid,homes\na,1\nb,2,3\n"),
        ["tracts.csv", "row 3", "3 fields", "as many fields"],
    ),
}


def everything(folder):
    return {p: p.stat().st_mtime_ns for p in folder.rglob("*")}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_message(name, study, cli, tmp_path):
    spoil, expected = BAD[name]
    spoil(study.parent)
    before = everything(tmp_path)
    result = cli("rate", study, "--out", tmp_path / "out", "--quiet")
    assert result.code == 2, result.err
    assert result.err.count("holdfast: ") == 1
    assert "Traceback" not in result.err
    assert [part for part in expected if part not in result.err] == [], result.err
    assert everything(tmp_path) == before, "nothing may be written"


def test_the_sound_study_runs(study, cli, tmp_path):
    assert cli("rate", study, "--out", tmp_path / "out", "--quiet").code == 0


def test_all_faults_are_named_at_once(study, cli):
    for row, value in ((3, "x"), (5, "-1"), (8, "7")):
        edit(study.parent, "poor", row, value)
    result = cli("check", study, "--quiet")
    assert result.code == 2
    assert all(f"row {row}," in result.err for row in (3, 5, 8))
    assert "3 errors" in result.err


def test_check_says_first_that_half_the_areas_have_no_partner(study, cli):
    unmatched(study.parent, 32)
    result = cli("check", study, "--quiet")
    assert result.code == 2
    assert "32 of 64 areas (50%)" in result.err.splitlines()[0]
    assert len(result.err.splitlines()) == 1


@pytest.mark.parametrize("verb", ["check", "rate"])
def test_a_few_areas_without_a_partner_are_told_before_anything_else(verb, study, cli, tmp_path):
    unmatched(study.parent, 3)
    out = tmp_path / "out"
    more = ("--out", out) if verb == "rate" else ()
    result = cli(verb, study, *more)
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].startswith("Warning: tracts.gpkg: 3 of 64 outlines (4.7%)")
    assert lines[1].startswith("Warning: tracts.csv: 3 of 64 areas (4.7%)")
    assert not any(line.startswith("Warning") for line in lines[2:])
    if verb == "rate":
        told = json.loads((out / "rating.json").read_text())["warnings"]
        assert [f"Warning: {text}." for text in told] == lines[:2]
        page = (out / "report.html").read_text()
        assert page.index("3 of 64 areas") < page.index("<svg"), "above the first map"


def test_a_study_may_allow_half(study, cli):
    unmatched(study.parent, 32)
    replace(study.parent, 'key = "geoid"', 'key = "geoid"\nallow_unmatched = 0.6')
    assert "32 of 64 areas" in cli("check", study).out.splitlines()[1]


def test_a_foreign_folder_is_never_replaced(study, cli, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    result = cli("rate", study, "--out", tmp_path / "mine", "--quiet")
    assert result.code == 2
    assert "no Holdfast result" in result.err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_null_is_not_a_value(study, cli, tmp_path):
    """A cell whose feature is unknown gets no level and the reason, never an invented value."""
    folder = study.parent
    for row in range(2, 12):
        edit(folder, "poor", row, "")
    assert cli("rate", study, "--out", tmp_path / "out", "--quiet").code == 0
    cells = gpd.read_parquet(tmp_path / "out" / "cells.parquet")
    unknown = cells["poverty"].isna()
    assert unknown.any()
    assert cells.loc[unknown, "level"].isna().all()
    assert (cells.loc[unknown, "reason"] == "unknown: poverty").all()
    assert cells.loc[~unknown, "level"].notna().all()
    assert not np.isinf(cells["poverty"]).any()
