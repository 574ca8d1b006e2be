"""A report is written again, and overwrites nothing but a report; a result that was forged writes nothing elsewhere."""

import json
import shutil

import pytest
from results import everything, forge, provenance
from towns import write_town

import holdfast
from holdfast.errors import DataMissing, TableError
from holdfast.flows.report import report
from holdfast.pages.page import MARK
from holdfast.store import new_result, write_json


@pytest.fixture(scope="module")
def rated(shared_study, tmp_path_factory):
    """A result of a rating, real enough to be drawn."""
    out = tmp_path_factory.mktemp("rated") / "out"
    holdfast.rate(shared_study, out=out)
    return out


@pytest.fixture
def result(rated, tmp_path):
    shutil.copytree(rated, tmp_path / "out")
    return tmp_path / "out"


def test_a_report_replaces_a_report_alone(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = report(result)
    assert first.parent == tmp_path
    assert MARK in first.read_text()[:1000]
    assert report(result) == first
    (tmp_path / "study.toml").write_text("mine")
    (tmp_path / "link.html").symlink_to("study.toml")
    for target, told in {
        "study.toml": "no report of Holdfast",
        "link.html": "no report of Holdfast",
        "out/report.html": "inside a result",
        "out/new.html": "inside a result",
        "out": "is a folder",
        "nowhere/a.html": "does not exist",
    }.items():
        before = everything(tmp_path)
        with pytest.raises(TableError, match=told):
            report(result, out=target)
        assert everything(tmp_path) == before


FORGED = {
    "a run that leads out": {"run": "../../../escaped"},
    "a file that leads out": {"files": {"../study.toml": "0" * 64}},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_manifest_writes_nothing(name, result, tmp_path):
    forge(result, **FORGED[name])
    before = everything(tmp_path)
    with pytest.raises(DataMissing):
        report(result)
    assert everything(tmp_path) == before


VALUES = [None, "x", -1, 1e308, [], {}, [1, "a"], "<script>alert(1)</script>", True]


def leaves(content, path=()):
    """Paths of everything in nested JSON."""
    inside = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from leaves(value, (*path, key))


def test_a_forged_summary_is_refused_or_drawn_but_never_trips(result, tmp_path):
    """Every third place of the summary takes a wrong value; digests are made to fit. Seeded by the order of places."""
    whole = json.loads((result / "rating.json").read_text())
    paths = list(leaves(whole))
    outcomes = {"drawn": 0, "refused": 0}
    for number, path in enumerate(paths[::7]):
        content = json.loads(json.dumps(whole))
        place = content
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = VALUES[number % len(VALUES)]
        (result / "rating.json").write_text(json.dumps(content))
        forge(result)
        try:
            page = report(result, out=tmp_path / "again.html").read_text()
        except DataMissing as refused:
            outcomes["refused"] += 1
            assert "again" in str(refused)
        else:
            outcomes["drawn"] += 1
            assert "<script>" not in page
    assert min(outcomes.values()) > 0
    assert {p.name for p in tmp_path.iterdir()} <= {"out", "again.html"}


def test_a_result_of_no_known_part_is_a_page_without_it(tmp_path):
    with new_result(tmp_path / "out", provenance()) as folder:
        write_json(folder / "rating.json", {"name": "x"})
    with pytest.raises(DataMissing, match="again"):
        report(tmp_path / "out")


def test_the_report_of_a_city_without_networks(tmp_path):
    """What has no length is not in the file; the page is that of the run."""
    study = write_town(tmp_path)
    holdfast.simulate(study, out=tmp_path / "out", overrides={"city.networks": [], "recovery.draws": 2})
    again = report(tmp_path / "out", out=tmp_path / "again.html")
    assert again.read_text() == (tmp_path / "out" / "report.html").read_text()
