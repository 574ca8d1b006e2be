"""The rating from study to result folder."""

import hashlib
import json
import os
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from conftest import DEEP

import holdfast
from holdfast.store import open_result
from holdfast.tables import schema

METROS = {"harris": 4_603_628_595, "chicago": None}


def digests(folder):
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def command(*arguments):
    return [sys.executable, "-m", "holdfast", *[str(a) for a in arguments]]


@pytest.fixture(scope="module", params=METROS)
def metro(request, data, tmp_path_factory):
    """A real metro, rated: its name, result folder and cells."""
    out = tmp_path_factory.mktemp("metro") / request.param
    study = holdfast.__path__[0] + f"/../../examples/{request.param}.toml"
    return request.param, out, holdfast.rate(study, out=out, overrides={"data": str(data / "rating")})


def test_every_cell_has_a_level_or_a_reason(metro):
    _, _, cells = metro
    assert (cells["level"].notna() ^ cells["reason"].notna()).all()
    assert set(cells["level"].dropna()) == {1, 2, 3, 4, 5}
    assert set(cells["additive_level"].dropna()) == {1, 2, 3, 4, 5}
    assert len(cells) > 1000


def test_totals_survive_the_interpolation(metro, data):
    """Origin of the totals: the input files themselves, read here without Holdfast."""
    name, _, cells = metro
    tracts = pd.read_csv(data / "rating" / "tracts.csv.gz", dtype={"geoid": str})
    shapes = gpd.read_file(data / "rating" / "tract_polygons.gpkg")
    mine = shapes["geoid"].str.startswith("48201") if name == "harris" else shapes["metro"] == "chicago"
    area = shapes[mine].to_crs("EPSG:5070").area.sum()
    homes = tracts.loc[tracts["geoid"].isin(shapes.loc[mine, "geoid"]), "housing_units_2014"].sum()
    assert cells["region_m2"].sum() == pytest.approx(area, rel=1e-3)
    assert cells["housing_units"].sum() == pytest.approx(homes, rel=1e-3)


def test_absent_features_are_named(metro):
    name, out, cells = metro
    absent = cells.attrs["summary"]["features_absent"]
    expected = {"cell_tower_coverage", "cell_towers_within_reach", "second_means"}
    assert set(absent) == expected | ({"road_density", "alternative_routes"} if name == "harris" else set())
    page = (out / "report.html").read_text()
    assert all(feature.replace("_", " ") in page.lower() for feature in absent)


def test_result_folder_is_whole(metro):
    _, out, cells = metro
    assert {p.name for p in out.iterdir()} == {
        "manifest.json",
        "report.html",
        "cells.parquet",
        "cells.gpkg",
        "levels.csv",
        "rating.json",
        "model.json",
        "model.safetensors",
        "drivers.parquet",
        "driver_words.csv",
        "explanation.json",
        "other_maps.json",
        *(["other_maps.csv"] if DEEP else []),
        "governance.json",
        "register.csv",
        "model_card.md",
        "README.txt",
        "public",
    }
    assert open_result(out).provenance.inputs[0].sha256
    stored = gpd.read_parquet(out / "cells.parquet")
    assert {rule.column for rule in schema("cells")} - {"cell_id"} <= set(stored.columns)
    assert len(stored.columns) <= 40
    named = pd.read_csv(out / "levels.csv").dropna(subset="level").groupby("level_name")["level"].unique()
    assert named.to_dict() == {"very low": [1], "low": [2], "moderate": [3], "high": [4], "very high": [5]}
    facts = json.loads((out / "rating.json").read_text())
    assert [row["name"] for row in facts["levels"]] == ["very low", "low", "moderate", "high", "very high"]
    layer = gpd.read_file(out / "cells.gpkg", layer="cells")
    assert layer["level"].dropna().astype(int).tolist() == stored["level"].dropna().astype(int).tolist()
    assert (out / "report.html").stat().st_size < 5_000_000
    assert cells.attrs["units"]["internet_speed"] == "Mbit/s"
    shares = stored[[f"p_level_{k}" for k in range(1, 6)]].dropna()
    assert np.allclose(shares.sum(axis=1), 1)


def test_the_report_asks_for_nothing_from_elsewhere(metro):
    page = (metro[1] / "report.html").read_text()
    assert "<script" not in page
    assert "src=" not in page
    assert "url(http" not in page
    assert "<link" not in page


def test_same_seed_same_bytes_for_one_and_two_threads(study, tmp_path):
    results = []
    for threads in ("1", "1", "2"):
        out = tmp_path / f"run{len(results)}"
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        subprocess.run(command("rate", study, "--out", out, "--quiet"), env=environment, check=True)
        results.append(digests(out))
    assert results[0] == results[1] == results[2]


def test_another_seed_gives_another_run(study, tmp_path):
    first = holdfast.rate(study).attrs["summary"]
    second = holdfast.rate(study, overrides={"seed": 99}).attrs["summary"]
    assert first["run"] != second["run"]


def test_rows_in_another_order_give_the_same_levels(study):
    before = holdfast.rate(study)
    path = study.parent / "tracts.csv"
    pd.read_csv(path).sample(frac=1, random_state=0).to_csv(path, index=False)
    shapes = gpd.read_file(study.parent / "tracts.gpkg").sample(frac=1, random_state=1)
    (study.parent / "tracts.gpkg").unlink()
    shapes.to_file(study.parent / "tracts.gpkg", layer="tracts", driver="GPKG")
    after = holdfast.rate(study)
    assert before["level"].equals(after["level"])


def test_killed_while_it_writes_leaves_the_earlier_result(study, tmp_path, killed_inside):
    """Inside the writing of files, before the earlier result is put away, and between that and the new one."""
    out = tmp_path / "out"
    subprocess.run(command("rate", study, "--out", out, "--quiet"), check=True)
    before = digests(out)
    for seed, moment in enumerate([("fsync", 1), ("fsync", 5), ("rename", 1), ("rename", 2)]):
        assert killed_inside(*moment, "rate", study, "--out", out, "--quiet", "--seed", seed), moment
        open_result(out)  # raises if a file is missing or broken
        assert digests(out) == before, moment
    subprocess.run(command("rate", study, "--out", out, "--quiet"), check=True)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".out")] == []


@pytest.mark.parametrize("moment", [("fsync", 1), ("rename", 1)])
def test_killed_while_it_writes_its_first_result_leaves_none(study, tmp_path, killed_inside, moment):
    assert killed_inside(*moment, "rate", study, "--out", tmp_path / "out", "--quiet")
    assert not (tmp_path / "out").exists()


def test_json_progress_and_exit_codes(study, cli, tmp_path):
    result = cli("rate", study, "--out", tmp_path / "out", "--json")
    assert result.code == 0
    assert json.loads(result.out)["rated"] > 0
    steps = [json.loads(line) for line in result.err.splitlines()]
    assert steps[-1] == {"step": "done", "done": 1.0}
    assert [s["done"] for s in steps] == sorted(s["done"] for s in steps)


def test_report_refuses_a_changed_result(study, cli, tmp_path):
    out = tmp_path / "out"
    assert cli("rate", study, "--out", out, "--quiet").code == 0
    assert cli("report", out, "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text() == (out / "report.html").read_text()
    with (out / "levels.csv").open("a") as file:
        file.write("E1N1,5,1.0,5,,0,0\n")
    result = cli("report", out)
    assert result.code == 2
    assert "levels.csv was changed" in result.err


def test_demo_runs_offline_on_what_the_package_ships(cli, tmp_path):
    result = cli("demo", "--out", tmp_path / "demo", "--json", "--set", "rating.refits=3")
    assert result.code == 0
    summary = json.loads(result.out)
    assert summary["rated"] == summary["cells"] == 1261
    assert len(summary["levels"]) == 5
    assert "road_density" in summary["features_absent"]
    assert summary["losses"]["total_economic_loss"]["unit"] == "USD_2017"
    page = (tmp_path / "demo" / "report.html").read_text()
    assert "How resilient is each neighbourhood?" in page
    assert "what would be lost" in page
    assert "No forecast" in page


def test_the_shipped_table_is_what_the_pipeline_makes(data):
    """The packaged figures are derived by the project's own pipeline; rounding is the only difference."""
    from holdfast.flows.inputs import gather, open_study
    from holdfast.flows.progress import silent

    root = holdfast.__path__[0]
    study, folder = open_study(f"{root}/../../examples/harris.toml", {"data": str(data / "rating")})
    made = gather(study, folder, silent)
    shipped = pd.read_csv(f"{root}/data/harris_cells.csv")
    assert len(shipped) == len(made.features)
    for name in made.features:
        assert np.allclose(shipped[name], made.features[name], atol=6e-3, rtol=0, equal_nan=True)


def test_init_writes_a_study_that_only_lacks_its_files(cli, tmp_path):
    path = tmp_path / "study.toml"
    assert cli("init", path).code == 0
    result = cli("check", path, "--quiet")
    assert result.code == 2
    assert "tracts.gpkg: no such file" in result.err
    again = cli("init", path)
    assert again.code == 2
    assert "already exists" in again.err


def test_check_prints_the_study_with_its_defaults(study, cli):
    result = cli("check", study, "--json", "--quiet", "--set", "rating.reach=5000")
    shown = json.loads(result.out)
    assert shown["study"]["rating"]["reach"] == 5000
    assert shown["study"]["region"]["cell_size"] == 2000
    assert shown["rating"]["rateable"] == shown["rating"]["cells"]


def test_a_stored_model_rates_again_and_elsewhere(study, tmp_path):
    first = tmp_path / "first"
    fitted = holdfast.rate(study, out=first)
    applied = holdfast.rate(study, out=tmp_path / "second", overrides={"rating.model": str(first)})
    assert applied["level"].equals(fitted["level"])
    assert applied["agreement"].equals(fitted["agreement"])
    summary = applied.attrs["summary"]
    assert summary["method"]["applied"] == str(first)
    assert "applied as it stands" in (tmp_path / "second" / "report.html").read_text()
    inputs = open_result(tmp_path / "second").provenance.inputs
    assert any(file.table == "model" for file in inputs)
    other = holdfast.rate(study, overrides={"rating.model": str(first), "region.offset": 0.5})
    assert other["level"].notna().any()
    stored = json.loads((first / "model.json").read_text())
    assert stored["features"] == list(first_features(fitted))
    with pytest.raises(holdfast.TableError, match=r"rating\.model"):
        holdfast.rate(study, overrides={"rating.model": str(first), "rating.sensitivity.enabled": True})
    with pytest.raises(holdfast.DataMissing, match="no Holdfast result"):
        holdfast.rate(study, overrides={"rating.model": str(tmp_path / "nowhere")})
    (first / "model.safetensors").write_bytes(b"not a model")
    with pytest.raises(holdfast.TableError, match="was changed"):
        holdfast.rate(study, overrides={"rating.model": str(first)})


def first_features(cells):
    return [row["feature"] for row in cells.attrs["summary"]["features_used"]]


def test_the_method_of_the_paper_can_be_asked_for(study):
    cells = holdfast.rate(study, overrides={"rating.method": "resilinet", "rating.scores": "standard"})
    assert cells.attrs["summary"]["method"]["name"] == "resilinet"
    assert cells.attrs["summary"]["method"]["groups"] is None
