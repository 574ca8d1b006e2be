"""`holdfast nowcast`: a table and a simulation weighted, what comes out used again, bad input."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import holdfast
from holdfast.errors import TableError
from holdfast.recovery.validation import Discrepancy
from holdfast.store import new_result, write_json, write_netcdf
from holdfast.types import Provenance

EXAMPLES = Path(__file__).parents[2] / "examples"
SEEN, TOLD = EXAMPLES / "observed_synthetic.csv", EXAMPLES / "predicted_synthetic.csv"


def test_from_a_table_to_a_report(tmp_path, cli):
    out = tmp_path / "nowcast"
    done = cli("nowcast", TOLD, SEEN, "--until", "4", "--out", out)
    assert done.code == 0, done.err
    summary = json.loads((out / "nowcast.json").read_text())
    assert summary["last_day"] == 4
    assert summary["observations"] == 12  # four areas, days 2 to 4: the prediction begins on day 1
    weights = pd.read_csv(out / "weights.csv")
    assert weights["weight"].sum() == pytest.approx(1)
    assert weights["copies"].sum() == len(weights) == summary["draws"]
    assert (out / "report.html").read_text().count("<svg") == 4
    assert cli("report", out, "--out", tmp_path / "again.html").code == 0
    # what comes out is a prediction that says what it was fitted to, and can be held to the days that follow
    scores = holdfast.validate_recovery(SEEN, predicted=[out / "predicted.csv"])
    assert scores["fitted"].str.contains("observations to day 4").all()
    again = tmp_path / "again"
    assert cli("nowcast", TOLD, SEEN, "--until", "4", "--out", again).code == 0
    assert (again / "manifest.json").read_bytes() == (out / "manifest.json").read_bytes()


def simulation(folder):
    """A result of three draws, as far as a prediction reads it: 20 draws that come back at one rate each."""
    rate = np.linspace(0.05, 0.24, 20)
    share = np.minimum(1.0, rate[:, None] * np.arange(21))
    curve = ("draw", "time")
    data = xr.Dataset(
        {
            "EP": (curve, 1000 * share),
            "SC": (curve, 50 * share),
            "EP0": ((), 1000.0),
            "SC0": ((), 50.0),
            "service": ((*curve, "network"), share[:, :, None]),
            "repair_cost": ("draw", 100 / rate, {"units": "USD_2017"}),
            "lost_production": ("draw", 1000 * (1 - share).sum(axis=1), {"units": "USD_2017"}),
            "service_capacity_loss": ("draw", 50 * (1 - share).sum(axis=1), {"units": "person-days"}),
        },
        coords={"time": np.arange(21), "network": ["power"]},
    )
    with new_result(folder, Provenance("simulate", "city", {}, 0, (), {})) as place:
        write_netcdf(place / "recovery.nc", data)
        write_json(place / "losses.json", {"recovery": {"horizon_days": 20}})
    return folder


def test_losses_of_a_simulation_follow_its_curves(tmp_path):
    """Power at .1 of normal on day 1 and .2 on day 2: draws at about a tenth a day, the slow half of them."""
    seen = tmp_path / "seen.csv"
    row = {"event": "this event", "area": "whole city", "quantity": "power", "unit": "share", "normal": 1}
    pd.DataFrame([row | {"day": d, "value": 0.1 * d} for d in (1, 2, 3, 4)]).to_csv(seen, index=False)
    bands = holdfast.nowcast(simulation(tmp_path / "city"), seen, errors=Discrepancy(0.01, 0.02))
    summary = bands.attrs["summary"]
    before, after = (summary["losses"]["repair_cost"][w]["p50"] for w in ("before", "after"))
    # 100 / rate: at the middle of the rates, and at a tenth a day within the step of .01 of the rates
    assert before == pytest.approx(100 / 0.145, rel=0.04)
    assert 100 / 0.11 <= after <= 100 / 0.09
    assert summary["losses"]["service_capacity_loss"]["unit"] == "person-days"
    late = bands[(bands["quantity"] == "output") & (bands["day"] == 5)]
    assert late["after_p50"].item() == pytest.approx(0.5, abs=0.05)


def test_bad_input_is_named(tmp_path, cli):
    for option in ("--observation-error", "--model-error"):
        done = cli("nowcast", TOLD, SEEN, option, "0", "--out", tmp_path / "out")
        assert done.code == 2
        assert f"{option}: 0; give a finite number above 0" in done.err
    with pytest.raises(TableError, match="no observation up to day 1 "):
        holdfast.nowcast(TOLD, SEEN, until=1)
    assert not (tmp_path / "out").exists()
