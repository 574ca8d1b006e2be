"""`holdfast simulate` on a set of scenarios with annual rates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from towns import write_town

import holdfast
from holdfast.config import load_study

HELSINKI = (Path(__file__).parents[2] / "examples" / "helsinki.toml").read_text()
EVENT = '\n[[scenarios]]\nname = "{name}"\nvalue = {value}\nunit = "g"\nwithin_event_sd = 0.4\n{rate}\n'


def write(folder: Path, *events: str) -> Path:
    head, rest = HELSINKI.split("[scenario]", 1)
    file = folder / "set.toml"
    file.write_text(head + "".join(events) + "\n[recovery]" + rest.split("[recovery]", 1)[1])
    return file


SMALL = EVENT.format(name="small", value=0.08, rate="annual_rate = 0.01")
LARGE = EVENT.format(name="large", value=0.2, rate="return_period_years = 1000")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    out = folder / "result"
    return out, holdfast.simulate(write(folder, SMALL, LARGE), out=out, overrides={"recovery.draws": 4})


def test_a_mean_year_is_the_sum_of_rate_times_mean_loss(result):
    _, losses = result
    for name, row in losses.attrs["summary"]["average_annual_loss"].items():
        by_hand = 0.01 * losses[name].sel(scenario="small").mean() + 0.001 * losses[name].sel(scenario="large").mean()
        assert row["value"] == pytest.approx(float(by_hand))


def test_each_scenario_is_a_simulation_of_its_own(result, tmp_path):
    _, losses = result
    one = LARGE.replace("[[scenarios]]", "[scenario]")
    alone = holdfast.simulate(write(tmp_path, one), overrides={"recovery.draws": 4})
    assert losses["repair_cost"].sel(scenario="large").to_numpy().tolist() == alone["repair_cost"].to_numpy().tolist()


def test_the_files_hold_curve_and_summary(result):
    out, losses = result
    curve = pd.read_csv(out / "exceedance.csv")
    total = curve[curve["loss"] == "total_economic_loss"]
    assert total["annual_rate"].iloc[0] <= 0.011 + 1e-12
    assert (np.diff(total["annual_rate"]) <= 0).all()
    assert total["annual_rate"].iloc[-1] == 0
    assert json.loads((out / "scenarios.json").read_text())["run"] == losses.attrs["summary"]["run"]
    assert "mean year" in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((SMALL, EVENT.format(name="large", value=0.2, rate="")), "annual rate"),
        ((SMALL, SMALL), "more than one"),
        ((SMALL, EVENT.format(name="large", value=0.2, rate="annual_rate = -1")), "annual_rate"),
        ((SMALL, EVENT.format(name="large", value=0.2, rate="annual_rate = 1\nreturn_period_years = 50")), "50"),
    ],
)
def test_a_bad_set_is_refused(events, words, cli, tmp_path):
    done = cli("simulate", write(tmp_path, *events), "--draws", "2", "--out", tmp_path / "none", "--quiet")
    assert done.code == 2
    assert words in done.err
    assert not (tmp_path / "none").exists()


def test_a_set_may_mix_water_wind_and_shaking(tmp_path):
    """Each with its own rate; the storm costs no less than either of its parts with the same random numbers."""
    water, air = {"depth_m": 1.2}, {"gust_m_s": 65.0, "terrain_cm": 15}
    events = [
        {"name": "shaking", "value": 0.3, "unit": "g", "annual_rate": 0.01},
        {"name": "water", "hazard": "flood", "flood": water, "annual_rate": 0.02},
        {"name": "wind", "hazard": "wind", "wind": air, "annual_rate": 0.02},
        {"name": "both", "hazard": "storm", "flood": water, "wind": air, "return_period_years": 200},
    ]
    study = load_study(write_town(tmp_path), {"recovery.draws": 4})[0].model_dump(exclude_unset=True)
    study.pop("scenario")
    found = holdfast.simulate(study | {"scenarios": events}, overrides={"data": str(tmp_path)})
    cost = found["repair_cost"].mean("draw").to_series()
    assert (cost > 0).all()
    assert cost["both"] >= max(cost["water"], cost["wind"])
    assumed = " ".join(found.attrs["summary"]["assumed"])
    for words in ("foundation of 80 of 80 buildings: slab", "wind class of 80 of 80", "stress test", "not simulated"):
        assert words in assumed


def test_a_set_of_depths_from_tables(tmp_path):
    """Depths at sites for 10 and 100 years: the mean year by hand, the deeper flood dearer, and none of it in the dry east."""
    study = load_study(write_town(tmp_path), {"recovery.draws": 4})[0].model_dump(exclude_unset=True)
    study.pop("scenario")
    places = pd.read_csv(tmp_path / "buildings.csv")[["longitude", "latitude"]]
    west, events = places["longitude"] < places["longitude"].median(), []
    for years, feet in ((10, 2.0), (100, 6.0)):
        places.assign(depth=np.where(west, feet, 0.0)).to_csv(tmp_path / f"depth_{years}.csv", index=False)
        table = {"source": "site_intensities", "path": f"depth_{years}.csv", "units": {"depth": "ft"}}
        study["tables"] = study.get("tables", {}) | {f"depth_{years}": table}
        flood = {"table": f"depth_{years}", "curves": "usace"}
        events.append({"name": f"{years} years", "hazard": "flood", "return_period_years": years, "flood": flood})
    out = tmp_path / "set"
    found = holdfast.simulate(study | {"scenarios": events}, overrides={"data": str(tmp_path)}, out=out)
    cost = found["repair_cost"].mean("draw").to_series()
    assert 0 < cost["10 years"] < cost["100 years"]
    mean_year = found.attrs["summary"]["average_annual_loss"]["repair_cost"]["value"]
    assert mean_year == pytest.approx(cost["10 years"] / 10 + cost["100 years"] / 100)
    curve = pd.read_csv(out / "exceedance.csv")
    assert curve["annual_rate"].max() <= 0.11 + 1e-12
