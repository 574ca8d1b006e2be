"""Areas, pattern, weights, sensitivity and pool, from the study to the result folder and the report."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.config import Study
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.flows.space import weights_and_density

QUICK = {"rating.sensitivity.enabled": True, "rating.sensitivity.cell_sizes": [1500.0, 4000.0]}


def municipalities(folder, at: float = 12_000.0):
    """Two synthetic municipalities that share out the synthetic metro, and their section of the study."""
    outline = gpd.read_file(folder / "tracts.gpkg").geometry.union_all()
    left, bottom, _, top = outline.bounds
    west = outline.intersection(
        gpd.GeoSeries.from_wkt(
            [f"POLYGON(({left} {bottom},{left + at} {bottom},{left + at} {top},{left} {top},{left} {bottom}))"]
        )[0]
    )
    made = gpd.GeoDataFrame(
        {"code": ["m1", "m2"], "label": ["=West", "East"]}, geometry=[west, outline.difference(west)], crs=32615
    )
    made.to_file(folder / "municipalities.gpkg", driver="GPKG")
    section = '\n[tables.municipalities]\nsource = "polygons"\npath = "municipalities.gpkg"\ncolumns = { area_id = "code", name = "label" }\n'
    with (folder / "study.toml").open("a") as file:
        file.write(section)


def copy_of(study, name: str):
    """The same study and files in another folder, under another name."""
    folder = study.parent.with_name(name)
    shutil.copytree(study.parent, folder)
    path = folder / "study.toml"
    path.write_text(path.read_text().replace("Synthetic metro", name))
    return path


@pytest.fixture(scope="module")
def placed(shared_study, tmp_path_factory):
    """The synthetic metro rated with areas and every variant: its result folder and cells."""
    municipalities(shared_study.parent)
    out = tmp_path_factory.mktemp("placed") / "out"
    tables = {"rating.aggregate_to": ["areas", "municipalities"]}
    return out, holdfast.rate(shared_study, out=out, overrides={**QUICK, **tables})


def test_areas_are_written_and_keep_every_home(placed):
    out, cells = placed
    found = cells.attrs["summary"]["areas"]
    layers = {name: gpd.read_file(out / "areas.gpkg", layer=name) for name in ("areas", "municipalities")}
    homes = cells.loc[cells["level"].notna() & ~cells["sparse"], "housing_units"].sum()
    for name, layer in layers.items():
        assert layer["housing_units"].sum() == pytest.approx(homes), name
        assert found["tables"][name]["areas"] == len(layer)
        assert np.average(layer["mean_level"], weights=layer["housing_units"]) == pytest.approx(
            found["metro"]["mean_level"]
        )
    assert len(layers["areas"]) == 64
    table = pd.read_csv(out / "areas.csv")
    assert table["table"].value_counts().to_dict() == {"areas": 64, "municipalities": 2, "metro": 1}
    assert table.loc[table["table"] == "municipalities", "name"].tolist() == ["'=West", "East"]
    files = [i["file"] for i in json.loads((out / "manifest.json").read_text())["provenance"]["inputs"]]
    assert files.count("tracts.gpkg") == 1
    assert "municipalities.gpkg" in files


def test_the_summary_tells_pattern_weights_density_and_sensitivity(placed):
    _, cells = placed
    summary = cells.attrs["summary"]
    rated = cells[cells["level"].notna()]
    # a cell with too few homes is no observation
    assert sum(summary["pattern"]["local"].values()) == len(rated) - summary["sparse_cells"]
    assert rated["local_pattern"].value_counts().to_dict() == summary["pattern"]["local"]
    assert cells["pocket"].notna().sum() == sum(row["cells"] for row in summary["pattern"]["pockets"]["counts"])
    for kind in ("features", "by_pillar", "by_system", "by_table"):
        assert sum(row["weight"] for row in summary["weights"][kind]) == pytest.approx(1), kind
    assert {row["table"] for row in summary["weights"]["by_table"]} == {"areas", "hospitals"}
    assert -1 <= summary["density"]["level_with_density"] <= 1
    used = [row["feature"] for row in summary["features_used"]]
    variants = {(row["kind"], row["name"]): row for row in summary["sensitivity"]["variants"]}
    for name in used:
        assert ("direction", name) in variants
        assert ("left out", name) in variants
    assert ("seed", "another seed") in variants
    assert ("grid", "cells of 1.5 km") in variants
    assert ("grid", "grid shifted by half a cell") in variants
    assert all(0 <= row["same_share"] <= row["within_one_share"] <= 1 + 1e-9 for row in variants.values())
    assert "only" in {s["name"]: s["why"] for s in summary["sensitivity"]["skipped"]}["grid: cells of 4 km"]


def test_the_report_shows_them(placed):
    page = (placed[0] / "report.html").read_text()
    for words in (
        "By area",
        "Weak places among strong ones",
        "How far does the map hang on our choices?",
        "Poverty turned round",
        "without education",
        "What the features weigh",
        "Which levels touch",
        "=West",
        "Town or country",
    ):
        assert words in page, words


def test_a_plain_rating_needs_none_of_it(study, tmp_path):
    cells = holdfast.rate(study, out=tmp_path / "out")
    assert not (tmp_path / "out" / "areas.csv").exists()
    summary = cells.attrs["summary"]
    assert "sensitivity" not in summary
    assert summary["areas"]["tables"] == {}
    assert "How far does the map hang" not in (tmp_path / "out" / "report.html").read_text()
    without = {"rating.sensitivity.enabled": True, "rating.sensitivity.features": False}
    assert holdfast.rate(study, overrides=without)["level"].equals(cells["level"])


def test_one_level_all_over_weighs_nothing():
    """As a poor metro may look on the scale of a rich one."""
    study = Study(name="Here")
    cells = pd.DataFrame(
        {"level": [2] * 9, "region_m2": 4e6, "housing_units": 5.0}, index=[f"E{i}N0" for i in range(9)]
    )
    scaled = pd.DataFrame({"poverty": np.arange(9.0), "education": 1.0}, index=cells.index)
    assert weights_and_density(cells, scaled, study) == (None, None)
    varied = cells.assign(level=[1, 2, 3] * 3)
    weights, density = weights_and_density(varied, scaled, study)
    assert [row.feature for row in weights.features] == [row.feature for row in density.features] == ["poverty"]
    assert set(weights.json()) == {"explained_share", "features", "by_pillar", "by_system"}
    assert weights_and_density(varied.drop(columns="housing_units"), scaled, study)[1] is None


def test_a_ready_cell_table_has_no_other_cells(tmp_path, cli):
    small = [
        "--set",
        "rating.refits=2",
        "--set",
        "rating.autoencoder.epochs=20",
        "--set",
        "rating.sensitivity.enabled=true",
    ]
    features = ["--set", 'rating.features=["poverty", "education", "building_age", "green_space"]']
    out = tmp_path / "demo"
    assert cli("demo", "--out", out, "--quiet", "--set", "recovery.draws=2", *small, *features).code == 0
    summary = json.loads((out / "rating.json").read_text())
    skipped = {"name": "other cells", "why": "a ready cell table cannot be cut into other cells"}
    assert summary["sensitivity"]["skipped"][0] == skipped
    assert "without the social features" in {row["name"] for row in summary["sensitivity"]["variants"]}
    assert "by_table" not in summary["weights"]


def test_bad_tables_for_areas_are_refused(study):
    with pytest.raises(UnknownName, match="wards"):
        holdfast.rate(study, overrides={"rating.aggregate_to": ["wards"]})
    with pytest.raises(TableError, match="no polygons"):
        holdfast.rate(study, overrides={"rating.aggregate_to": ["hospitals"]})


def test_metros_of_one_pool_share_one_fit(study, tmp_path):
    """Either metro may be at home: the fit is the same, so its levels mean the same in both."""
    other = copy_of(study, "Other metro")
    table = pd.read_csv(other.parent / "tracts.csv")
    table["poor"] = (table["poor"] + 0.3).clip(0, 1)
    table["school"] -= 0.2
    table.to_csv(other.parent / "tracts.csv", index=False)
    for path, name in ((study, "one"), (other, "two")):
        holdfast.rate(path, out=tmp_path / name)
    one = holdfast.rate(study, out=tmp_path / "pooled", overrides={"rating.pool": [str(tmp_path / "two")]})
    two = holdfast.rate(other, overrides={"rating.pool": [str(tmp_path / "one")]})
    first, second = one.attrs["summary"], two.attrs["summary"]
    assert [level["scaled"] for level in first["levels"]] == [level["scaled"] for level in second["levels"]]
    assert first["pool"] == ["Other metro"]
    assert first["areas"]["metro"]["mean_level"] > second["areas"]["metro"]["mean_level"] + 0.5
    alone = holdfast.rate(other)["level"].mean()
    assert second["areas"]["metro"]["mean_level"] < alone  # weak beside the richer metro, not by itself
    page = (tmp_path / "pooled" / "report.html").read_text()
    assert "on one scale with those of Other metro" in page
    assert holdfast.check(study, overrides={"rating.pool": [str(tmp_path / "two")]})["rating"]["pool"] == [
        "Other metro"
    ]
    again = holdfast.rate(study, overrides={"rating.pool": [str(tmp_path / "two")]})
    assert again["level"].equals(one["level"])


def test_a_bad_pool_is_refused(study, tmp_path):
    holdfast.rate(study, out=tmp_path / "one")
    with pytest.raises(TableError, match="may stand in its pool once"):
        holdfast.rate(study, overrides={"rating.pool": [str(tmp_path / "one")]})
    other = copy_of(study, "Other metro")
    with pytest.raises(DataMissing, match="no Holdfast result"):
        holdfast.rate(other, overrides={"rating.pool": [str(tmp_path / "none")]})
    with pytest.raises(TableError, match="cells of 1500, 2000 m"):
        holdfast.rate(other, overrides={"rating.pool": [str(tmp_path / "one")], "region.cell_size": 1500.0})
    with pytest.raises(TableError, match="measured with 10000"):
        holdfast.rate(other, overrides={"rating.pool": [str(tmp_path / "one")], "rating.reach": 5000.0})
    with pytest.raises(DataMissing, match="share 1 features"):
        features = {"rating.features": ["poverty", "education"]}
        holdfast.rate(study, out=tmp_path / "two", overrides=features)
        changed = {"rating.features": ["poverty", "building_age"], "rating.pool": [str(tmp_path / "two")]}
        holdfast.rate(other, overrides=changed)
    with (tmp_path / "one" / "levels.csv").open("a") as file:
        file.write("x\n")
    with pytest.raises(TableError, match="was changed"):
        holdfast.rate(other, overrides={"rating.pool": [str(tmp_path / "one")]})
