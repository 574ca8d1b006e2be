"""A synthetic second vintage with known drift: found, and nothing else moves; a watched table gives the bytes of a full run."""

import json

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import DataMissing, TableError
from holdfast.flows.update import inputs_digest, watched


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


def test_a_watched_table_gives_the_bytes_of_a_full_run(vintages, tmp_path):
    study, first = vintages
    seen = []

    def run():
        holdfast.update(first, study, out=tmp_path / "watched")
        seen.append((tmp_path / "watched" / "cells.parquet").read_bytes())
        if len(seen) == 1:
            poorer(study, 0.1)  # a table that changes while it is watched

    assert watched(lambda: inputs_digest(study, {}), run, 0.0, times=4) == 2
    holdfast.update(first, study, out=tmp_path / "full")
    assert seen[1] == (tmp_path / "full" / "cells.parquet").read_bytes() != seen[0]


def test_other_cells_and_no_model_are_refused(vintages, tmp_path):
    study, first = vintages
    with pytest.raises(TableError, match="no cell of the study is a cell of this result"):
        holdfast.update(first, study, overrides={"region.offset": 0.5}, out=tmp_path / "none")
    with pytest.raises(DataMissing):
        holdfast.update(tmp_path, study)
    assert not (tmp_path / "none").exists()
