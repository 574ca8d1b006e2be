"""A synthetic second vintage with known drift: found, and nothing else moves; a watched table gives the bytes of a full run."""

import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import DataMissing, TableError
from holdfast.flows.remembered import Memory
from holdfast.flows.update import Asked, inputs_digest, updated, watched


@pytest.fixture
def vintages(study, tmp_path):
    """First result, and the study whose 16 southern tracts have become poorer by 0.2."""
    holdfast.rate(study, out=tmp_path / "first")
    poorer(study, 0.2)
    return study, tmp_path / "first"


def poorer(study, by):
    file = study.parent / "tracts.csv"
    table = pd.read_csv(file)
    table.loc[:15, "poor"] = (table.loc[:15, "poor"] + by).clip(0, 1)
    table.to_csv(file, index=False)


def test_known_drift_is_found_and_nothing_else_moves(vintages, tmp_path):
    study, first = vintages
    before = holdfast.rate(study, overrides={"rating.model": str(first)})  # the same data under the same model
    cells = holdfast.update(first, study, out=tmp_path / "second", refit=True)
    assert cells["level"].equals(before["level"])
    summary = json.loads((tmp_path / "second" / "update.json").read_text())
    assert [row["feature"] for row in summary["drift"] if row["notable"]] == ["poverty"]
    assert all(row["changed"] == 0 for row in summary["drift"] if row["feature"] != "poverty")
    moved = pd.read_csv(tmp_path / "second" / "moved.csv")
    assert len(moved) == summary["moved"]["cells"] > 0
    assert (moved["driver"] == "poverty").all()
    assert (moved["after"] < moved["before"]).all()
    assert (moved["driver_after"] - moved["driver_before"]).between(0.01, 0.21).all()
    # a new fit is ordered like the old one, so that its levels are compared as they are
    matrix = np.array(summary["refit"]["matrix"])
    assert summary["refit"]["same_share"] == pytest.approx(matrix.trace() / matrix.sum())
    assert summary["refit"]["within_one_share"] > 0.95


def test_vintages_are_a_series_under_the_first_model(vintages, tmp_path, cli):
    study, first = vintages
    holdfast.update(first, study, out=tmp_path / "second")
    poorer(study, -0.2)
    done = cli("update", tmp_path / "second", study, "--out", tmp_path / "third")
    assert done.code == 0, done.err
    series = json.loads((tmp_path / "third" / "update.json").read_text())["series"]
    assert len(series) == 3
    assert len({row["run"] for row in series}) == 3
    assert series[1]["mean_level"] < series[0]["mean_level"]
    assert (tmp_path / "third" / "model.safetensors").read_bytes() == (first / "model.safetensors").read_bytes()
    text = (tmp_path / "third" / "report.html").read_text()
    assert "What has changed since the earlier vintage?" in text
    assert holdfast.report(tmp_path / "third", out=tmp_path / "again.html").read_text() == text


@pytest.mark.parametrize("seed", range(2))
def test_a_watch_makes_again_only_what_a_change_touches_and_gives_the_bytes_of_a_full_run(vintages, tmp_path, seed):
    study, first = vintages
    asked, memory, rng = Asked(first, study, out=tmp_path / "watched"), Memory(), np.random.default_rng(seed)
    hospitals, tracts = (study.parent / f"{name}.csv" for name in ("hospitals", "tracts"))
    made = []

    def run():
        updated(asked, memory=memory)
        made.append(list(memory.made))
        memory.made.clear()
        holdfast.update(first, study, out=tmp_path / "full", overwrite=True)
        for name in ("cells.parquet", "update.json", "moved.csv", "report.html", "rating.json"):
            assert (tmp_path / "watched" / name).read_bytes() == (tmp_path / "full" / name).read_bytes()
        table = pd.read_csv(hospitals if len(made) == 1 else tracts)
        if len(made) == 1:  # first the hospitals change, then the tracts
            table.sample(frac=0.7, random_state=int(rng.integers(9))).to_csv(hospitals, index=False)
        elif len(made) == 2:
            rows = rng.choice(len(table), 5, replace=False)
            table.loc[rows, "poor"] = rng.random(5).round(3)
            table.to_csv(tracts, index=False)

    assert watched(lambda: inputs_digest(asked), run, 0.0, times=4) == 3
    assert "read areas" in made[0]
    assert "cut areas" in made[0]
    assert {name for name in made[1] if name.startswith("feature")} == {"feature hospitals_within_reach"}
    assert "read areas" not in made[1]
    assert "read hospitals" not in made[2]
    assert "feature hospitals_within_reach" not in made[2]
    assert "feature poverty" in made[2]


@pytest.fixture
def server():
    """A server on this machine that gives the files of a folder: its address, and the folder."""
    folder = {}

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *given):
            super().__init__(*given, directory=str(folder["is"]))

        def log_message(self, *_):
            """Nothing is printed."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_address[1]}", folder
    made.shutdown()
    made.server_close()


def test_a_table_at_an_address_is_fetched_where_the_user_asks_for_it(vintages, tmp_path, server, cli):
    study, first = vintages
    address, folder = server
    folder["is"] = study.parent
    path = f"tables.areas.attributes={address}/tracts.csv"
    refused = cli("update", first, study, "--out", tmp_path / "none", "--set", path)
    assert refused.code == 2
    assert not (tmp_path / "none").exists()
    done = cli("update", first, study, "--out", tmp_path / "fetched", "--set", path, "--fetch", "--quiet")
    assert done.code == 0, done.err
    cells = holdfast.update(first, study)
    stored = pd.read_parquet(tmp_path / "fetched" / "cells.parquet")
    assert stored["level"].equals(cells["level"])
    manifest = json.loads((tmp_path / "fetched" / "manifest.json").read_text())["provenance"]
    assert manifest["study"]["tables"]["areas"]["attributes"] == f"{address}/tracts.csv"
    assert f"{address}/tracts.csv" in {file["file"] for file in manifest["inputs"]}
    kept = tmp_path / "fetched" / "fetched" / "areas-tracts.csv"
    assert kept.read_bytes() == (study.parent / "tracts.csv").read_bytes()
    missing = cli(
        "update", first, study, "--set", path.replace("tracts", "gone"), "--fetch", "--out", tmp_path / "none"
    )
    assert missing.code == 2
    assert "answers 404" in missing.err
    assert not (tmp_path / "none").exists()


def test_an_address_that_fails_once_is_no_end_of_a_watch():
    looks, told, ran = iter(["a", None, "a", "b"]), [], []

    def digest():
        found = next(looks)
        if found is None:
            text = "the address answers 503"
            raise DataMissing(text)
        return found

    assert watched(digest, lambda: ran.append(1), 0.0, 4, told.append) == len(ran) == 2
    assert told == ["the address answers 503"]


def test_other_cells_and_no_model_are_refused(vintages, tmp_path):
    study, first = vintages
    with pytest.raises(TableError, match="no cell of the study is a cell of this result"):
        holdfast.update(first, study, overrides={"region.offset": 0.5}, out=tmp_path / "none")
    with pytest.raises(DataMissing):
        holdfast.update(tmp_path, study)
    assert not (tmp_path / "none").exists()
