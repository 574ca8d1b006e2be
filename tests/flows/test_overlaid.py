"""Risk laid over resilience, end to end on a synthetic metro with a synthetic flood."""

import json

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import DataMissing, UnknownName

FLOOD = {
    "tables.areas.columns.own_flood": "flood",
    "risk.own.flood": {
        "column": "areas.own_flood",
        "pillar": "hazard",
        "description": "share of homes that flood (synthetic)",
    },
    "risk.refits": 3,
    "risk.draws": 20,
}


@pytest.fixture(scope="module")
def flooded(shared_study):
    """The study with a synthetic share of homes that flood: more in the south."""
    file = shared_study.parent / "tracts.csv"
    table = pd.read_csv(file)
    south = 1 - np.arange(len(table)) // 8 / 8
    table["flood"] = np.clip(0.5 * south + np.random.default_rng(5).normal(0, 0.05, len(table)), 0, 1).round(4)
    table.to_csv(file, index=False)
    return shared_study


@pytest.fixture(scope="module")
def laid(flooded, tmp_path_factory):
    """Cells and result folder of the study with a risk."""
    out = tmp_path_factory.mktemp("overlay") / "result"
    return holdfast.rate(flooded, overrides=FLOOD, out=out), out


def test_the_result_holds_both_ratings(laid):
    cells, out = laid
    summary = json.loads((out / "overlay.json").read_text())
    both = cells[cells["level"].notna() & cells["risk_level"].notna()]
    homes = both["housing_units"].where(~both["sparse"], 0.0)
    table = pd.crosstab(both["level"], both["risk_level"], values=homes, aggfunc="sum").reindex(
        index=range(1, 6), columns=range(1, 7)
    )
    assert np.allclose(summary["matrix"], table.fillna(0.0).to_numpy(float))
    assert sorted(both["risk_level"].unique()) == [1, 2, 3, 4, 5, 6]
    worst = (both["level"] <= 2) & (both["risk_level"] >= 5)
    assert summary["worst"]["people"] == pytest.approx(homes[worst].sum())
    # the flood lies in the south, and so does the risk
    north = both.geometry.centroid.y
    assert np.corrcoef(north, both["risk_level"].astype(float))[0, 1] < -0.3
    assert summary["shared"] == ["poverty", "education", "health_insurance", "building_age"]
    assert {"risk.csv", "worst_places.csv"} <= {f.name for f in out.iterdir()}


def test_the_risk_has_its_drivers_by_the_same_machine(laid):
    """Origin: the score of a weighted sum is its contributions; the first driver is the largest toward the side of the cell."""
    cells, out = laid
    table, words = pd.read_parquet(out / "risk_drivers.parquet"), pd.read_csv(out / "risk_words.csv")
    wide = table.pivot_table("contribution", "cell_id", "feature").loc[words["cell_id"]]
    assert wide.sum(axis=1).to_numpy() == pytest.approx(words["score"].to_numpy())
    level = cells["risk_level"].dropna().astype(int)
    assert (words.set_index("cell_id")["risk_level"].loc[level.index] == level).all()
    # more flood is more risk
    flood = pd.read_csv(out / "risk.csv").set_index("cell_id")["flood"].loc[wide.index]
    assert wide["flood"].corr(flood, method="spearman") > 0.9
    first = wide.mul(np.sign(words["score"].to_numpy()), axis=0).idxmax(axis=1)
    told = words.set_index("cell_id")["first"]
    flooded = first.index[(first == "flood").to_numpy() & told.notna().to_numpy()]
    assert len(flooded)
    assert told.loc[flooded].str.contains("flood").all()
    rows = json.loads((out / "overlay.json").read_text())["drivers"]
    assert [row["level"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert np.all(np.diff([row["score"] for row in rows]) > 0)


def test_the_report_shows_it_and_is_redrawn_alike(laid, tmp_path):
    _, out = laid
    text = (out / "report.html").read_text()
    assert "Where risk is high and resilience low" in text
    assert holdfast.report(out, out=tmp_path / "again.html").read_text() == text


def test_without_the_section_nothing_is_laid_over(flooded, tmp_path):
    plain = holdfast.rate(flooded, out=tmp_path / "plain", overrides={"tables.areas.columns.own_flood": "flood"})
    assert "risk_level" not in plain
    assert not (tmp_path / "plain" / "overlay.json").exists()


def test_the_resilience_does_not_change_with_the_risk(laid, flooded):
    cells, _ = laid
    assert holdfast.rate(flooded)["level"].equals(cells["level"])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"risk.own.flood.column": "areas.own_flod"}, UnknownName, "own_flod"),
        ({"risk.leave_out": ["flood"]}, UnknownName, "risk.leave_out"),
        ({"risk.method": "kmeans"}, UnknownName, "risk.method"),
        ({"risk.own.flood.pillar": "exposure"}, DataMissing, "no hazard"),
    ],
)
def test_a_section_that_cannot_be_is_refused(flooded, tmp_path, change, error, words):
    with pytest.raises(error, match=words):
        holdfast.rate(flooded, overrides={**FLOOD, **change}, out=tmp_path / "none")
    assert not (tmp_path / "none").exists()
