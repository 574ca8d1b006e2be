"""A rating beside an outcome, from files to the report."""

import json

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import TableError, UnknownName


@pytest.fixture(scope="module")
def rated(shared_study, tmp_path_factory):
    """The synthetic metro rated, and a table of synthetic cases that fall with its level."""
    out = tmp_path_factory.mktemp("rated") / "metro"
    cells = holdfast.rate(shared_study, out=out, overrides={"rating.certainty.draws": 20})
    some = cells[cells["level"].notna() & ~cells["sparse"]]
    points = some.geometry.centroid.to_crs(4326)
    rng = np.random.default_rng(3)
    people = rng.integers(800, 4000, len(some))
    level = some["level"].astype(int).to_numpy()
    cases = rng.poisson(people * 0.02 * np.exp(-0.5 * (level - 3)))
    table = pd.DataFrame(
        {"longitude": points.x, "latitude": points.y, "cases": cases, "people": people, "wet": rng.random(len(some))}
    )
    file = out.parent / "cases.csv"
    table.to_csv(file, index=False)
    return out, file


def test_a_planted_outcome_is_found_and_reported(rated, cli, tmp_path):
    result, file = rated
    out = tmp_path / "outcome"
    call = ("validate", "rating", result, file, "--count", "cases", "--people", "people", "--control", "wet")
    done = cli(*call, "--block-km", "3", "--out", out, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert "level (" in told["words"][0]
    table = pd.read_csv(out / "candidates.csv").set_index("candidate")
    assert table.loc["level", "high"] < 1
    assert table.loc["level", "p_corrected"] < 0.01
    assert {"poverty alone", "all features, weighted freely", "level by kmeans", "additive index"} <= set(table.index)
    page = (out / "report.html").read_text()
    assert "Weights learned from this outcome" in page
    assert cli("report", out, "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text() == page
    again = holdfast.validate_rating(
        result, file, columns={"count": "cases", "people": "people", "controls": ["wet"]}, block_km=3
    )
    assert again["p"].round(6).tolist() == table["p"].round(6).tolist() or np.allclose(
        again["p"], table["p"], equal_nan=True
    )


def test_a_rate_is_held_by_a_linear_model(rated, tmp_path):
    result, file = rated
    table = pd.read_csv(file)
    table["rate"] = table["cases"] / table["people"]
    table.to_csv(tmp_path / "rates.csv", index=False)
    found = holdfast.validate_rating(
        result, tmp_path / "rates.csv", columns={"rate": "rate", "people": "people"}, block_km=3
    )
    assert found.set_index("candidate").loc["level", "effect"] < 0
    assert found.attrs["summary"]["kind"] == "rate"


def test_bad_input_is_named_by_its_row(rated, tmp_path):
    result, file = rated
    table = pd.read_csv(file).astype({"cases": object})
    table.loc[0, "cases"], table.loc[2, "people"] = "many", -3
    bad = tmp_path / "bad.csv"
    table.to_csv(bad, index=False)
    with pytest.raises(TableError, match="row 2") as refused:
        holdfast.validate_rating(result, bad, columns={"count": "cases", "people": "people"})
    assert "many" in str(refused.value)
    table.loc[0, "cases"] = 2.5
    table.to_csv(bad, index=False)
    with pytest.raises(TableError, match="is no count") as refused:
        holdfast.validate_rating(result, bad, columns={"count": "cases", "people": "people"})
    assert "below 0" in str(refused.value)
    with pytest.raises(UnknownName, match="deaths"):
        holdfast.validate_rating(result, file, columns={"count": "deaths", "people": "people"})
    with pytest.raises(TableError, match="one of the two"):
        holdfast.validate_rating(result, file, columns={"people": "people"})


def test_learned_weights_are_tested_across_parts(rated, cli, tmp_path):
    result, file = rated
    table = pd.read_csv(file)
    east = table["longitude"] > table["longitude"].median()
    table["county"] = np.where(east, "east", "west")
    table.loc[0, "county"] = None
    split = tmp_path / "parts.csv"
    table.to_csv(split, index=False)
    call = ("validate", "rating", result, split, "--count", "cases", "--people", "people", "--part", "county")
    refused = cli(*call, "--block-km", "3", "--out", tmp_path / "no")
    assert refused.code == 2
    assert "none stated 1" in refused.err
    assert not (tmp_path / "no").exists()
    table.iloc[1:].to_csv(split, index=False)
    done = cli(*call, "--block-km", "3", "--out", tmp_path / "out")
    assert done.code == 0, done.err
    learned = json.loads((tmp_path / "out" / "outcome.json").read_text())["learned"]
    assert {row["part"] for row in learned["parts"]} == {"east", "west"}
    assert sum(row["areas"] for row in learned["parts"]) == len(table) - 1
    assert "Left out of the learning" in (tmp_path / "out" / "report.html").read_text()
    with pytest.raises(UnknownName, match="state"):
        holdfast.validate_rating(result, split, columns={"count": "cases", "people": "people", "part": "state"})
