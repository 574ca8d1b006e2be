"""`train` end to end on the real statistics, with tiny models."""

import json

import pandas as pd
import pytest
from safetensors.numpy import load_file

from holdfast.config.training import GrowthTraining, ServiceTraining, TrainingOptions
from holdfast.data import packaged
from holdfast.errors import DataMissing, TableError
from holdfast.flows.train import train

TINY = TrainingOptions(
    growth=GrowthTraining(hidden=2, dense=2, epochs=1, members=1, trees=10),
    service=ServiceTraining(trees=2, folds=2, interval_draws=20),
)


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("training") / "result"
    steps = []
    tables = train(data / "training", out=out, options=TINY, progress=lambda step, share: steps.append((share, step)))
    return out, tables, steps, data


def test_the_archive_is_the_packaged_table(trained):
    """The packaged table is what `train` makes: text equal, numbers to the last digit written."""
    out, tables, _, _ = trained
    pd.testing.assert_frame_equal(pd.read_csv(out / "productivity.csv"), packaged("productivity"))
    assert set(tables["service_capacity"].columns) == set(packaged("service_capacity").columns)


def test_the_result_is_whole(trained):
    out, tables, steps, _ = trained
    manifest = json.loads((out / "manifest.json").read_text())
    assert {f"{name}.csv" for name in tables} <= set(manifest["files"])
    assert {"production/model.safetensors", "production/model.json", "card_production.json"} <= set(manifest["files"])
    assert {"card_service.json", "card_service.md"} <= set(manifest["files"])
    assert len(manifest["provenance"]["inputs"]) == 8
    assert [share for share, _ in steps] == sorted(share for share, _ in steps)
    assert steps[-1] == (1.0, "done")


def test_the_stored_model_and_its_card(trained):
    out, tables, _, _ = trained
    arrays = load_file(out / "production" / "model.safetensors")
    facts = json.loads((out / "production" / "model.json").read_text())
    assert len(arrays["linear.weights"]) == 1 + 12 * (len(facts["temporal_features"]) + 2) + len(
        facts["static_features"]
    )
    assert arrays["hybrid.0.output.weight"].shape == (2, 1)
    card = json.loads((out / "card_production.json").read_text())
    assert {"Data", "Verdict", "Errors by sector, 2018-2019", "Intended use", "Banned use"} <= set(card)
    text = (out / "card_production.md").read_text()
    for name in tables["production_growth_features"]["feature"]:
        assert name in text
    assert "labour force" in text


def test_the_nation_and_a_state_beside_published_output(trained):
    """Origin: BEA, 53,070 M$ of output a day in 2017; the covered industries make three quarters of it."""
    states = trained[1]["production_states"].set_index("state")
    assert states.loc["US", "published"] == pytest.approx(53_070, abs=1)
    assert states.loc["US", "ratio"] == pytest.approx(0.751, abs=5e-4)
    assert (states["ratio"] - states["ratio_explained"]).abs().max() < 1e-12
    assert states.loc["CA", "ratio"] == pytest.approx(states.loc["US", "ratio"] / states.loc["CA", "output_per_head"])


def test_state_factors_enclose_the_nation(trained):
    """Origin: retail output of New York and the nation (sum of the states) in 2017 over population, with pandas alone."""
    table = trained[1]["production_state_factors"].set_index(["state", "group"])
    assert (table["low"] <= 1).all()
    assert (table["high"] >= 1).all()
    folder = trained[3] / "training" / "bea_state_gdp"
    gdp = pd.read_parquet(folder / "state_quarterly_gdp_by_industry.parquet")
    people = pd.read_parquet(folder / "state_quarterly_personal_income.parquet")
    retail = gdp[(gdp["vname"] == "gdp") & (gdp["line"] == 35) & gdp["date"].astype(str).str.startswith("2017")]
    heads = people[(people["vname"] == "pop") & people["date"].astype(str).str.startswith("2017")]
    own, head = (t[t["stabbr"] != "US"].groupby("stabbr")["value"].mean() for t in (retail, heads))
    ratio = own["NY"] / head["NY"] / (own.sum() / head.sum())
    assert table.loc[("NY", "retail"), ["low", "high"]].tolist() == pytest.approx(sorted([1.0, ratio]))


def test_commercial_electricity_goes_with_output_in_the_shock_alone(trained):
    """The figure that the design warns of: .47 over the panel and .13 without the shock (here growth by quarter means)."""
    features = trained[1]["production_growth_features"].set_index("feature")
    row = features.loc["commercial_sales"]
    assert row["correlation_with_shock"] > 0.45
    assert row["correlation_without_shock"] < 0.2
    assert not row["kept"]


def test_missing_data_and_foreign_folders_are_named(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(TableError, match="no Holdfast result"):
        train(tmp_path, out=tmp_path / "notes")
    with pytest.raises(DataMissing, match=r"SQGDP\.zip"):
        train(tmp_path, out=tmp_path / "result")
    assert not (tmp_path / "result").exists()
