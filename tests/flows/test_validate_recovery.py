"""`holdfast validate recovery`: registration, comparison, bad input, and a simulation as a prediction."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import holdfast
from holdfast.errors import DataMissing, TableError
from holdfast.store import new_result, write_json, write_netcdf
from holdfast.types import Provenance

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEN, TOLD = EXAMPLES / "observed_synthetic.csv", EXAMPLES / "predicted_synthetic.csv"


def test_a_registered_prediction_is_compared(tmp_path, cli):
    done = cli("validate", "recovery", "--predicted", TOLD, "--register", tmp_path / "mine")
    assert done.code == 0
    digest = json.loads((tmp_path / "mine" / "registration.json").read_text())["sha256"]
    assert digest in done.out
    out = tmp_path / "validation"
    done = cli("validate", "recovery", SEEN, "--predicted", tmp_path / "mine", "--predicted", TOLD, "--out", out)
    assert done.code == 0, done.err
    scores = pd.read_csv(out / "scores.csv").set_index(["prediction", "model"])
    assert scores.loc[("mine", "simulated"), "registered"] == digest
    assert pd.isna(scores.loc[("predicted_synthetic", "simulated"), "registered"])
    assert scores.loc[("mine", "simulated"), "crps"] < scores.loc[("mine", "persistence"), "crps"]
    summary = json.loads((out / "validation.json").read_text())
    assert [p["registered"] for p in summary["predictions"]] == [True, False]
    page = (out / "report.html").read_text()
    assert digest in page
    assert "not registered" in page
    assert page.count("<svg") == 8  # four areas of each prediction
    assert cli("report", out, "--out", tmp_path / "again.html").code == 0


def test_a_registration_has_the_same_bytes_every_time_and_in_any_order(tmp_path):
    shuffled = tmp_path / "shuffled.csv"
    pd.read_csv(TOLD).sample(frac=1, random_state=1).to_csv(shuffled, index=False)
    hashes = [
        holdfast.validate_recovery(predicted=[path], registration=tmp_path / name).attrs["summary"]["sha256"]
        for path, name in ((TOLD, "a"), (TOLD, "b"), (shuffled, "c"))
    ]
    assert len(set(hashes)) == 1
    assert (tmp_path / "a" / "manifest.json").read_bytes() == (tmp_path / "b" / "manifest.json").read_bytes()


def test_a_changed_registration_is_refused(tmp_path):
    holdfast.validate_recovery(predicted=[TOLD], registration=tmp_path / "mine")
    file = tmp_path / "mine" / "predicted.csv"
    file.write_text(file.read_text().replace("0.9", "0.8", 1))
    with pytest.raises(TableError, match="was changed after the run"):
        holdfast.validate_recovery(SEEN, predicted=[tmp_path / "mine"])


def test_an_observation_cannot_be_given_while_registering(tmp_path, cli):
    done = cli("validate", "recovery", SEEN, "--predicted", TOLD, "--register", tmp_path / "mine")
    assert done.code == 2
    assert "not both" in done.err
    assert not (tmp_path / "mine").exists()
    assert cli("validate", "recovery", "--predicted", TOLD).code == 2


def test_bad_input_is_named(tmp_path):
    other = tmp_path / "other.csv"
    pd.read_csv(SEEN).assign(event="another").to_csv(other, index=False)
    with pytest.raises(TableError, match="nothing in it can be compared"):
        holdfast.validate_recovery(other, predicted=[TOLD])
    with pytest.raises(TableError, match="at least one prediction"):
        holdfast.validate_recovery(SEEN, predicted=[])
    with pytest.raises(TableError, match="two predictions have this name"):
        holdfast.validate_recovery(SEEN, predicted=[TOLD, TOLD])
    with pytest.raises(TableError, match="one prediction at a time"):
        copy = tmp_path / "copy.csv"
        copy.write_bytes(TOLD.read_bytes())
        holdfast.validate_recovery(predicted=[TOLD, copy], registration=tmp_path / "both")
    with pytest.raises(DataMissing, match="no such file"):
        holdfast.validate_recovery(SEEN, predicted=[tmp_path / "nothing.csv"])
    bad = tmp_path / "bad.csv"
    pd.read_csv(SEEN).assign(day=-1.0).to_csv(bad, index=False)
    with pytest.raises(TableError, match=r'column day: "-1\.0" is below 0 days'):
        holdfast.validate_recovery(bad, predicted=[TOLD])


@pytest.fixture
def simulation(tmp_path) -> Path:
    """A result with the curves that `holdfast simulate` writes: power 0.5 on day 0, then whole."""
    out = tmp_path / "simulated"
    curve = ("draw", "time")
    data = xr.Dataset(
        {
            "EP": (curve, [[50.0, 100.0]] * 2),
            "SC": (curve, [[0.0, 0.0]] * 2),
            "service": ((*curve, "network"), np.array([[[0.5], [1.0]]] * 2)),
            "EP0": 100.0,
            "SC0": 0.0,
        },
        coords={"draw": [0, 1], "time": [0, 1], "network": ["power"]},
    )
    with new_result(out, Provenance("simulate", "synthetic", {}, 1, ())) as folder:
        write_netcdf(folder / "recovery.nc", data)
        write_json(folder / "losses.json", {"recovery": {"horizon_days": 200}})
    return out


def test_a_simulation_is_a_prediction_of_the_whole_city(tmp_path, simulation):
    seen = tmp_path / "seen.csv"
    row = {"event": "e", "area": "whole city", "quantity": "power", "unit": "share"}
    pd.DataFrame([row | {"day": d, "value": v} for d, v in ((0, 0.4), (1, 0.7), (150, 1.0))]).to_csv(seen, index=False)
    scores = holdfast.validate_recovery(seen, predicted=[simulation], event="e").set_index("model")
    assert scores.loc["simulated", "points"] == 2
    assert scores.loc["simulated", "crps"] == pytest.approx(0.15)
    assert len(scores.attrs["summary"]["alone"]) == 1  # its output was not observed; no service capacity
    with pytest.raises(TableError, match="--event"):
        holdfast.validate_recovery(seen, predicted=[simulation])
