"""Notes that contest a rating: they stay, they are shown, and a changed one is refused."""

import json
import shutil

import pytest

import holdfast
from holdfast.errors import TableError, UnknownName


@pytest.fixture(scope="module")
def result(shared_study, tmp_path_factory):
    out = tmp_path_factory.mktemp("contested") / "result"
    holdfast.rate(shared_study, out=out)
    return out


@pytest.fixture
def copied(result, tmp_path):
    return shutil.copytree(result, tmp_path / "result")


def cell_of(out):
    return (out / "levels.csv").read_text().splitlines()[1].split(",")[0]


def test_a_note_stays_with_the_result_and_is_shown(copied, cli, shared_study, tmp_path):
    cell = cell_of(copied)
    done = cli("contest", copied, "--area", cell, "--note", "The clinic <closed> in 2020")
    assert done.code == 0, done.err
    page = holdfast.report(copied, out=tmp_path / "page.html").read_text()
    assert "The clinic &lt;closed&gt; in 2020" in page
    # the rating is made again in its place: the note is no file of the result, and stays
    holdfast.rate(shared_study, out=copied, overrides={"seed": 9})
    again = holdfast.report(copied, out=tmp_path / "again.html").read_text()
    assert "(an earlier one)" in again


def test_a_changed_or_missing_note_is_refused(copied, tmp_path):
    cell = cell_of(copied)
    for text in ("first", "second", "third"):
        holdfast.contest(copied, area=cell, note=text, date="2026-01-01")
    file = copied / "contests.json"
    notes = json.loads(file.read_text())
    for spoilt in ([{**notes[0], "note": "other"}, *notes[1:]], notes[1:], [notes[0], notes[2]]):
        file.write_text(json.dumps(spoilt))
        with pytest.raises(TableError, match="was changed since"):
            holdfast.report(copied, out=tmp_path / "page.html")
    file.write_text(json.dumps(notes))
    assert holdfast.contest(copied, area=cell, note="fourth")["run"] == notes[0]["run"]


@pytest.mark.parametrize(
    ("area", "note", "error"), [("E9N9", "x", UnknownName), (None, "  ", TableError), (None, "x" * 3000, TableError)]
)
def test_what_cannot_be_noted_is_refused(copied, area, note, error):
    with pytest.raises(error):
        holdfast.contest(copied, area=area or cell_of(copied), note=note)
    assert not (copied / "contests.json").exists()
