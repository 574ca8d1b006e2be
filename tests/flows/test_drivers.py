"""What drives the levels of a rating, from a result to the report."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import TableError, UnknownName
from holdfast.store import open_result


@pytest.fixture(scope="module")
def rated(shared_study, tmp_path_factory):
    """The synthetic metro, rated by the default."""
    out = tmp_path_factory.mktemp("rated") / "metro"
    holdfast.rate(shared_study, out=out, overrides={"rating.certainty.draws": 20})
    return out


def test_a_rating_writes_what_drives_it(rated):
    table, cells = pd.read_parquet(rated / "drivers.parquet"), gpd.read_parquet(rated / "cells.parquet")
    summary = json.loads((rated / "explanation.json").read_text())
    level = cells["level"].dropna().astype(int)
    people = cells.loc[level.index, "housing_units"].where(~cells.loc[level.index, "sparse"], 0.0)
    sums = table.groupby("cell_id")["contribution"].sum().loc[level.index]
    # over its people a metro lies in the middle of itself, and higher levels above lower ones
    assert summary["exact"]
    assert np.average(sums, weights=people) == pytest.approx(0, abs=1e-9)
    means = [np.average(sums[level == k], weights=people[level == k]) for k in range(1, 6)]
    assert np.all(np.diff(means) > 0)
    assert [row["score"] for row in summary["levels"]] == pytest.approx(means)
    for row in summary["levels"]:
        assert sum(row["pillars"].values()) == pytest.approx(row["score"])
        assert sum(row["first_drivers"].values()) == pytest.approx(1)
    # values are those of the cells, in their units
    one = table[table["feature"] == "poverty"].set_index("cell_id")["value"]
    assert np.allclose(one, cells.loc[one.index, "poverty"])


def test_the_lowest_places_are_named_with_three_drivers_in_words(rated):
    summary = json.loads((rated / "explanation.json").read_text())
    scores = [row["score"] for row in summary["lowest"]]
    assert len(scores) == 10
    assert scores == sorted(scores)
    assert all(len(row["drivers"]) == 3 for row in summary["lowest"])
    page = (rated / "report.html").read_text()
    words = [d["words"] for row in summary["lowest"] for d in row["drivers"]]
    assert all("than the metro's middle (" in w or w.startswith("no ") for w in words)
    assert all(w.replace("'", "&#39;") in page for w in words)


def test_every_cell_has_its_drivers_in_words(rated):
    """Origin: the largest contributions of ``drivers.parquet`` toward the side of the cell, sorted here."""
    words, table = pd.read_csv(rated / "driver_words.csv"), pd.read_parquet(rated / "drivers.parquet")
    wide, values = (table.pivot_table(v, "cell_id", "feature") for v in ("contribution", "value"))
    assert set(words["cell_id"]) == set(wide.index)
    seen = 0
    for row in words.itertuples():
        toward = (wide.loc[row.cell_id] * np.sign(row.score)).sort_values(ascending=False).iloc[:3]
        for told, (name, size) in zip((row.first, row.second, row.third), toward.items(), strict=True):
            assert pd.isna(told) == (size < 0.05)
            if name == "poverty" and size >= 0.05:
                seen += 1
                assert f"({100 * values.loc[row.cell_id, name]:.2g} % against" in told
                assert "poverty" in told
    assert seen > 20


@pytest.mark.deep
@pytest.mark.parametrize("method", ["kmeans", "resilinet"])
def test_the_verb_compares_explanations_of_any_method(shared_study, cli, tmp_path, method):
    out = tmp_path / "metro"
    holdfast.rate(shared_study, out=out, overrides={"rating.certainty.draws": 5, "rating.method": method})
    done = cli("drivers", out, "--out", tmp_path / "why", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert not told["exact"]
    assert {row["explanation"] for row in told["faithfulness"]} == {
        "integrated_gradients",
        "relevance",
        "one_at_a_time",
    }
    assert all(row["people_beating_chance"] > 0.8 for row in told["faithfulness"])
    assert len(told["agreement"]) == 3
    assert {row["feature"] for row in told["importance"]} == {row["feature"] for row in told["features"]}
    page = (tmp_path / "why" / "report.html").read_text()
    assert "Falls faster than by chance" in page
    assert cli("report", tmp_path / "why", "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text() == page
    assert open_result(tmp_path / "why").provenance.verb == "drivers"


def test_words_on_the_terminal_and_kinds_of_chosen_cells(rated, cli, tmp_path):
    done = cli("drivers", rated, "--out", tmp_path / "why")
    assert done.code == 0, done.err
    assert "Level 1, very low: " in done.out
    assert "in 100% of the cells" in done.out
    cells = gpd.read_parquet(rated / "cells.parquet")
    kinds = holdfast.drivers(rated, cells="additive_level=2").attrs["summary"]["archetypes"]
    assert set(kinds["of_cells"]) == set(cells.index[(cells["additive_level"] == 2) & cells["level"].notna()])
    chosen = list(cells.index[cells["level"] <= 2])
    table = holdfast.drivers(rated, cells=chosen)
    kinds = table.attrs["summary"]["archetypes"]
    assert kinds["cells"] == len(chosen)
    assert sum(kind["cells"] for kind in kinds["kinds"]) == len(chosen)
    assert set(kinds["of_cells"]) == set(chosen)


def test_bad_input_is_refused_and_nothing_is_written(rated, cli, tmp_path):
    for call, word in (
        (("--cells", "level=7"), 'level "7"'),
        (("--cells", "risk=1"), "additive_level"),
        (("--explanation", "lime"), "relevance"),
    ):
        done = cli("drivers", rated, "--out", tmp_path / "why", *call)
        assert done.code == 2
        assert word in done.err
    with pytest.raises(TableError, match="nowhere"):
        holdfast.drivers(rated, cells=["nowhere"])
    with pytest.raises(UnknownName):
        holdfast.drivers(rated, explanation="lime")
    assert cli("drivers", tmp_path, "--out", tmp_path / "why").code == 2
    assert not (tmp_path / "why").exists()
