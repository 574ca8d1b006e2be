"""`train` end to end on the real statistics, with tiny models."""

import json

import pandas as pd
import pytest
from safetensors.numpy import load_file

from holdfast.config.training import OutputTraining, ServiceTraining, TrainingOptions
from holdfast.data import packaged
from holdfast.errors import DataMissing, TableError
from holdfast.flows.train import train

TINY = TrainingOptions(
    net_output=OutputTraining(hidden=2, dense=2, epochs=1, members=1, trees=10, folds=3),
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
    # which model fills what is suppressed hangs on its errors; it moves the nation's output, and so its groups, a little
    made, known = (t.set_index(["place", "group"]) for t in (tables["place_factors"], packaged("place_factors")))
    assert made.index.equals(known.index)
    touched = known.loc[known["basis"] == "predicted"].index.unique("group")
    firm = ~known.index.get_level_values("group").isin(touched)
    assert firm.sum() > len(known) / 2
    pd.testing.assert_frame_equal(made[firm], known[firm])
    assert made["basis"].equals(known["basis"])
    published = known["basis"] == "published"
    assert (made["low"] - known["low"])[published].abs().max() < 0.02
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
    lines = sum(name.startswith("line_") for name in facts["static_features"])
    plain = len(facts["temporal_features"]) + len(facts["static_features"]) - lines
    assert len(arrays["linear.weights"]) == 1 + plain * (1 + lines) + lines
    assert len(arrays["nation.level"]) == lines
    assert arrays["hybrid.0.output.weight"].shape == (2, 1)
    card = json.loads((out / "card_production.json").read_text())
    assert {"Data", "Verdict", "Errors in unseen states by sector, to 2017", "Intended use", "Banned use"} <= set(card)
    text = (out / "card_production.md").read_text()
    for name in tables["production_output_features"]["feature"]:
        assert name in text
    assert "labour force" in text


def test_the_nation_and_a_state_beside_published_output(trained):
    """Origin: BEA, 53,070 M$ of output a day in 2017; the covered industries make three quarters of it."""
    states = trained[1]["production_states"].set_index("state")
    assert states.loc["US", "published"] == pytest.approx(53_070, abs=1)
    assert states.loc["US", "ratio"] == pytest.approx(0.751, abs=5e-4)
    assert (states["ratio"] - states["ratio_explained"]).abs().max() < 1e-12
    assert states.loc["CA", "ratio"] == pytest.approx(states.loc["US", "ratio"] / states.loc["CA", "output_per_head"])


def test_commercial_electricity_goes_with_output_between_states_and_not_within(trained):
    """What the docs say: a state that sells much makes much; a year in which it sells more is none in which it makes more."""
    row = trained[1]["production_output_features"].set_index("feature").loc["commercial_sales"]
    assert row["correlation"] > 0.4
    assert abs(row["correlation_within_states"]) < 0.1
    assert row["kept"]


def test_published_figures_of_last_year_beat_every_model(trained):
    later = trained[1]["production_output_errors"].set_index(["period", "model"])["rmse_normalised"]
    assert later["2018-2019"].idxmin() == "last_year"


def test_missing_data_and_foreign_folders_are_named(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    with pytest.raises(TableError, match="no Holdfast result"):
        train(tmp_path, out=tmp_path / "notes")
    with pytest.raises(DataMissing, match=r"SQGDP\.zip"):
        train(tmp_path, out=tmp_path / "result")
    assert not (tmp_path / "result").exists()
