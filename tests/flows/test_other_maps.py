"""Other maps beside a rating, end to end on a synthetic metro."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import DataMissing, TableError, UnknownName

INDEX = {
    "tables.areas.columns.own_poor": "poor",
    "rating.indices.SVI": {"column": "areas.own_poor", "direction": -1},
}


@pytest.fixture(scope="module")
def indexed(shared_study):
    """The study with a column beside its own that is empty; its share of the poor is a feature, and an index once more."""
    file = shared_study.parent / "tracts.csv"
    table = pd.read_csv(file)
    table.assign(none=np.nan).to_csv(file, index=False)
    return shared_study


@pytest.fixture(scope="module")
def laid(indexed, tmp_path_factory):
    """Cells and result folder of the study with a share of the poor as its index."""
    out = tmp_path_factory.mktemp("maps") / "result"
    return holdfast.rate(indexed, overrides=INDEX, out=out), out


def by_map(out):
    table = pd.read_csv(out / "other_maps.csv").set_index("cell_id")
    return dict(list(table.groupby("map")))


def facts(out):
    return {row["map"]: row for row in json.loads((out / "other_maps.json").read_text())["maps"]}


def test_an_index_in_fifths_of_the_people(laid):
    """By hand: cells in the order of the share of the poor, most first; each fifth of the people is a level."""
    cells, out = laid
    rows = by_map(out)["SVI"]
    people = cells["housing_units"].where(~cells["sparse"], 0.0).loc[rows.index]
    assert rows["value"].to_numpy() == pytest.approx(cells["poverty"].loc[rows.index].to_numpy(float))
    order = rows["value"].sort_values(ascending=False).index
    middle = people.loc[order].cumsum() - people.loc[order] / 2
    fifths = np.ceil(5 * middle / people.sum()).clip(1, 5)
    assert (rows["level"].loc[order] == fifths).all()
    same = cells["level"].loc[rows.index].astype(int) == rows["level"]
    assert facts(out)["SVI"]["agreement"]["same_share"] == pytest.approx(people[same].sum() / people.sum())
    # the index is a feature of the rating, turned
    assert facts(out)["SVI"]["correlation"] > 0.7


@pytest.mark.deep
def test_the_paper_s_way_stands_beside_the_levels(laid):
    cells, out = laid
    rows, found = by_map(out)["resilinet"], facts(out)["resilinet"]
    assert set(rows.index) == set(cells.index[cells["level"].notna()])
    assert set(rows["level"]) == {1, 2, 3, 4, 5}
    assert rows["agreement"].between(0.2, 1).all()
    people = cells["housing_units"].where(~cells["sparse"], 0.0).loc[rows.index]
    steady = rows["agreement"] == 1
    apart = steady & (rows["level"] != cells["level"].loc[rows.index].astype(int))
    assert found["noise"]["steady_share"] == pytest.approx(people[steady].sum() / people.sum())
    assert found["noise"]["apart_share"] == pytest.approx(people[apart].sum() / people.sum())
    assert found["noise"]["refits"] == 5
    assert "What it adds" in (out / "report.html").read_text()


@pytest.mark.deep
def test_the_report_is_redrawn_alike(laid, tmp_path):
    _, out = laid
    again = holdfast.report(out, out=tmp_path / "again.html").read_text()
    assert (out / "report.html").read_text() == again


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rating.resilinet.enabled": False}, "rating.resilinet.enabled = false"),
        ({"rating.resilinet.most_cells": 50}, "drawn up to 50 (rating.resilinet.most_cells)"),
    ],
)
def test_what_is_left_out_is_said(shared_study, tmp_path, changes, why):
    holdfast.rate(shared_study, out=tmp_path / "out", overrides=changes)
    told = json.loads((tmp_path / "out" / "other_maps.json").read_text())
    assert why in told["left_out"]["resilinet"]
    assert why in (tmp_path / "out" / "report.html").read_text()
    assert not (tmp_path / "out" / "other_maps.csv").exists()


@pytest.mark.deep
def test_the_rating_is_the_same_bytes_with_and_without_torch(shared_study, tmp_path):
    """All files but those of the other maps, the report that shows them, and the list of digests."""
    script = f"""
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "torch" else found(name, *rest)
import holdfast
holdfast.rate({str(shared_study)!r}, out={str(tmp_path / "without")!r})
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    holdfast.rate(shared_study, out=tmp_path / "with")
    digests = [
        {f.relative_to(out): hashlib.sha256(f.read_bytes()).hexdigest() for f in out.rglob("*") if f.is_file()}
        for out in (tmp_path / "with", tmp_path / "without")
    ]
    other = {str(f) for f in digests[0] if digests[0][f] != digests[1].get(f)}
    assert other == {"other_maps.json", "other_maps.csv", "report.html", "manifest.json"}
    assert (
        'pip install "holdfast[deep]"'
        in json.loads((tmp_path / "without" / "other_maps.json").read_text())["left_out"]["resilinet"]
    )


def test_bad_indices_are_refused(indexed, tmp_path):
    entry = {"column": "areas.own_poor", "direction": -1}
    with pytest.raises(UnknownName, match=r"rating\.indices\.SVI\.column"):
        holdfast.rate(indexed, overrides={"rating.indices.SVI": entry}, out=tmp_path / "out")
    with pytest.raises(TableError, match="another"):
        holdfast.rate(indexed, overrides={**INDEX, "rating.indices.resilinet": entry})
    empty = {"tables.areas.columns.own_none": "none", "rating.indices.X": {**entry, "column": "areas.own_none"}}
    with pytest.raises(DataMissing, match="no value where people have a level"):
        holdfast.rate(indexed, overrides=empty)
    assert not (tmp_path / "out").exists()
