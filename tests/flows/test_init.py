"""`holdfast init`: a study for what the user has, which checks as it stands."""

from pathlib import Path

import pandas as pd
import pytest

from holdfast.config import load_study
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.flows.check import check
from holdfast.flows.init import init
from holdfast.sources.osm_extract import extract_file


@pytest.fixture
def helsinki(tmp_path):
    """A copy of the packaged extract, as a user would have one."""
    file = tmp_path / "data" / "kluuvi.osm.pbf"
    file.parent.mkdir()
    file.write_bytes(extract_file(None).read_bytes())
    return file


def test_a_part_of_an_extract(tmp_path, helsinki):
    """The study that is written reads the part that was asked for, and no building outside of it."""
    box = (24.940, 60.168, 24.948, 60.173)
    study = init(tmp_path / "town.toml", source=helsinki, bbox=box)
    options, folder = load_study(study)
    assert (options.name, options.city.path, options.city.bbox) == ("kluuvi", "kluuvi.osm.pbf", box)
    assert Path(folder).resolve() == helsinki.parent
    found = check(study)["recovery"]
    assert 20 < found["buildings"] < 300
    totals = found["plausibility"]["totals"]
    assert box[0] < totals["longitude"] < box[2]
    assert found["told"][0].startswith("Verdict: doubtful")


def test_a_table_with_columns_of_other_names(tmp_path):
    """Columns are found by their names; what lacks gets a rule; four buildings of 100 m2, two thirds of a story inferred."""
    table = {"ID": ["a", "b", "c"], "Lon": [24.94, 24.941, 24.942], "lat": [60.17] * 3, "Use": ["RES1", "RES3", "COM4"]}
    pd.DataFrame(table | {"area_m2": [100.0, 900.0, 700.0], "Built": [1950, 1960, 1990]}).to_csv(
        tmp_path / "mine.csv", index=False
    )
    study = init(tmp_path / "mine.toml", source=tmp_path / "mine.csv")
    columns = load_study(study)[0].tables["buildings"].columns
    assert columns == {"building_id": "ID", "occupancy": "Use", "year_built": "Built", "floor_area_m2": "area_m2"}
    found = check(study)["recovery"]
    assert found["buildings"] == 3
    assert found["inferred"]["stories"] == found["inferred"]["structure"] == 1.0
    assert "year_built" not in found["inferred"]


def test_a_city_without_a_file_is_the_packaged_one(tmp_path):
    options, _ = load_study(init(tmp_path / "c.toml", kind="city"))
    assert (options.city.source, options.city.path) == ("osm", None)


def test_a_rating_of_an_extract_alone(tmp_path, helsinki):
    """Five tables, each of the extract; names may hold what TOML gives a meaning to."""
    odd = helsinki.rename(helsinki.with_name('a "b".osm.pbf'))
    options, _ = load_study(init(tmp_path / "r.toml", kind="rating", source=odd))
    assert {t.path for t in options.tables.values()} == {'a "b".osm.pbf'}
    assert set(options.tables) == {"areas", "homes", "roads", "hospitals", "green_areas"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"source": "none.osm.pbf"}, DataMissing, "no such file"),
        ({"source": "odd.docx"}, TableError, "of no kind that a study is written for"),
        ({"kind": "village"}, UnknownName, "known: city, rating"),
        ({"bbox": (1.0, 2.0, 3.0, 4.0)}, TableError, "name one with --from"),
        ({"kind": "rating", "source": "a.csv"}, TableError, "for an OpenStreetMap extract"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, monkeypatch, given, error, message):
    monkeypatch.chdir(tmp_path)
    for name in ("odd.docx", "a.csv"):
        Path(name).write_text("a,b\n")
    with pytest.raises(error, match=message):
        init("s.toml", **given)
    assert not Path("s.toml").exists()


def test_words_of_the_command_line(cli, tmp_path, monkeypatch, helsinki):
    monkeypatch.chdir(tmp_path)
    assert cli("--version").out.startswith("holdfast 0.")
    refused = cli("init", "t.toml", "--from", helsinki, "--bbox", "1,2,3")
    assert refused.code == 2
    assert '"1,2,3" is no rectangle' in refused.err
    assert "t.toml written" in cli("init", "t.toml", "--from", helsinki, "--bbox", "24.94,60.168,24.948,60.173").out
    screen = cli("check", "t.toml").out
    assert len(screen.splitlines()) <= 30
    assert "Verdict: doubtful" in screen
    assert '"study":' not in screen
    assert '"study":' in cli("check", "t.toml", "--full").out
    Path("u.toml").write_text(Path("t.toml").read_text().replace("24.94,", "24.99,"))
    assert "city.bbox" in cli("check", "u.toml").err


@pytest.mark.parametrize("name", ["town.parquet", "town.gpkg"])
def test_a_table_that_is_none_is_refused_in_one_message(name, tmp_path, cli):
    (tmp_path / name).write_bytes(b"no table of any kind")
    done = cli("init", tmp_path / "study.toml", "--from", tmp_path / name)
    assert done.code == 2
    assert f"{name}" in done.err
    assert "cannot be read" in done.err
    assert not (tmp_path / "study.toml").exists()
