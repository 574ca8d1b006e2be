"""`holdfast what-if` end to end on a small synthetic metro, held to ratings of studies that hold the change as data."""

import json
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import holdfast

HEAD = "what,target,how,amount,cells,levels\n"
COSTS = "feature,cost,per,step,currency,price_year,source\n"
HOSPITAL = "hospitals where levels are low,hospitals,place,1,,1;2\n"
WHAT_IF = """
[tables.interventions]
source = "interventions"
path = "interventions.csv"
"""
LIFT = """
[tables.unit_costs]
source = "unit_costs"
path = "unit_costs.csv"
[what_if]
lift_to = 3
most_lifted = 4
"""


def asked(study, rows, costs=None):
    """The study with interventions and perhaps costs beside it, under a name of its own."""
    (study.parent / "interventions.csv").write_text(HEAD + rows)
    text = study.read_text() + WHAT_IF
    if costs is not None:
        (study.parent / "unit_costs.csv").write_text(COSTS + costs)
        text += LIFT
    file = study.with_name("what_if.toml")
    file.write_text(text)
    return file


def test_nothing_stated_changes_nothing(study):
    cells = holdfast.what_if(asked(study, "nothing,education,add,0,,\n"))
    assert not cells["changed"].any()
    for mode in ("frozen", "refitted", "monotone"):
        assert cells[f"{mode}_before"].equals(cells[f"{mode}_after"])
    summary = cells.attrs["summary"]
    assert [row["gained"]["cells"] + row["fell"]["cells"] for row in summary["modes"]] == [0, 0, 0]
    assert summary["monotone"]["frozen_is_monotone"]


def test_levels_are_those_of_a_study_whose_data_hold_the_hospitals(study, tmp_path):
    """Origin: the hospitals written into the file of the study, rated by `holdfast rate`, with the stored model and again."""
    base = holdfast.rate(study, out=tmp_path / "base")
    cells = holdfast.what_if(asked(study, HOSPITAL))
    low = base[base["level"] <= 2]
    centres = low.geometry.centroid.to_crs("EPSG:4326")
    old = pd.read_csv(study.parent / "hospitals.csv")
    more = pd.DataFrame({"longitude": centres.x, "latitude": centres.y, "name": "planned"})
    pd.concat([old, more]).to_csv(study.parent / "hospitals.csv", index=False)
    frozen = holdfast.rate(study, overrides={"rating.model": str(tmp_path / "base")})
    refitted = holdfast.rate(study)
    assert (cells["frozen_before"] == base["level"].loc[cells.index]).all()
    assert (cells["frozen_after"] == frozen["level"].loc[cells.index]).all()
    order = np.array(cells.attrs["summary"]["monotone"]["alignment"])
    assert (cells["refitted_after"] == order[refitted["level"].loc[cells.index].to_numpy(int) - 1]).all()
    # coupled features are measured again: also cells that got no hospital of their own have more within reach
    within = cells["hospitals_within_reach_after"] - cells["hospitals_within_reach_before"]
    # squares of 2 km lie exactly 10 km apart at (6, 8) and (0, 10): a metre to either side
    for reach, at_least in ((9_999, within.ge), (10_001, within.le)):
        near = cells.geometry.centroid.apply(lambda c, r=reach: (low.geometry.centroid.distance(c) <= r).sum())
        assert at_least(near).all()
    assert (within[~cells.index.isin(low.index)] > 0).any()
    assert not cells["worse"].any()
    row = next(r for r in cells.attrs["summary"]["modes"] if r["mode"] == "monotone")
    assert row["fell"]["cells"] == 0 < row["gained"]["cells"]


def test_objects_of_a_file_do_what_points_in_the_middle_do(study):
    placed = holdfast.what_if(asked(study, HOSPITAL))
    low = placed[placed["frozen_before"] <= 2].geometry.centroid.to_crs("EPSG:4326")
    pd.DataFrame({"longitude": low.x, "latitude": low.y, "name": "planned"}).to_csv(
        study.parent / "more.csv", index=False
    )
    text = study.read_text() + '\n[what_if.add.hospitals]\nsource = "points"\npath = "more.csv"\n'
    file = study.with_name("added.toml")
    file.write_text(text)
    added = holdfast.what_if(file)
    for column in ("hospitals_within_reach_after", "frozen_after", "refitted_after", "monotone_after"):
        assert added[column].equals(placed[column]), column
    assert added.attrs["summary"]["interventions"][0]["how"] == "add objects"


def test_cells_bear_the_names_of_a_table_and_those_to_lift_their_numbers(study, tmp_path):
    names = pd.DataFrame({"name": ["Westend", "Eastend"], "longitude": [-98.0, -90.0], "latitude": [29.8, 29.8]})
    names.to_csv(study.parent / "names.csv", index=False)
    costs = "health_insurance,1000,home,,USD,2024,example\n"
    keys = {"tables.places": {"source": "points", "path": "names.csv"}}
    out = tmp_path / "out"
    cells = holdfast.what_if(asked(study, HOSPITAL, costs), out=out, overrides=keys)
    east = cells.geometry.centroid.to_crs("EPSG:4326").x > -94.0
    assert (cells["place"] == np.where(east, "Eastend", "Westend")).all()
    page = (out / "report.html").read_text()
    for number, row in enumerate(cells.attrs["summary"]["cheapest"], start=1):
        assert f"{number}: {cells.loc[row['cell_id'], 'place']}, {row['cell_id']}" in Text(page).words
        assert f">{number}</text>" in page
    assert holdfast.report(out, out=tmp_path / "again.html").read_text() == page


def test_a_filled_value_stays_as_it_was_filled(study):
    """Of the region's median before: it must not move with the region, where a cell's own features stay as they are."""
    table = pd.read_csv(study.parent / "tracts.csv")
    table.loc[::5, "uninsured"] = np.nan
    table.to_csv(study.parent / "tracts.csv", index=False)
    costs = "health_insurance,1000,home,,USD,2024,example\n"
    keys = {"rating.missing": {"health_insurance": "median"}}
    base = holdfast.rate(study, overrides=keys)
    filled = base["health_insurance_imputed"].fillna(value=False).to_numpy(bool)
    median = base["health_insurance"][~filled].median()
    cells = holdfast.what_if(asked(study, "more insured,health_insurance,add,0.1,,3;4;5\n", costs), overrides=keys)
    still = cells["frozen_before"] <= 2
    hole = pd.Series(filled, base.index).loc[cells.index]
    assert (still & hole).any()
    assert (cells["frozen_before"] == base["level"].loc[cells.index]).all()
    assert not cells.loc[still, "changed"].any()
    assert (cells.loc[still, "frozen_after"] == cells.loc[still, "frozen_before"]).all()
    assert cells.loc[hole & ~still, "health_insurance_after"].to_numpy() == pytest.approx(median + 0.1)
    assert all(row["cost"] is None or row["cost"] > 0 for row in cells.attrs["summary"]["cheapest"])


def test_a_feature_made_worse_makes_cells_fall_by_their_own(study):
    cells = holdfast.what_if(asked(study, "fewer insured,health_insurance,add,-0.3,,4;5\n"))
    fell = cells["frozen_after"] < cells["frozen_before"]
    assert fell.any()
    assert (cells.loc[fell, "worse"]).all()
    row = cells.attrs["summary"]["modes"][0]
    assert row["artefact"]["cells"] == 0 < row["fell"]["cells"]
    groups = {(r["mode"], r["group"]): r for r in cells.attrs["summary"]["who"]}
    assert groups["frozen", "fall"]["people"] == pytest.approx(cells.loc[fell, "people"].sum())


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self, page):
        super().__init__()
        self.words = ""
        self.feed(page)

    def handle_data(self, data):
        self.words += data


def test_the_command_writes_a_result_whose_report_can_be_written_again(study, tmp_path, cli):
    costs = "health_insurance,1000,home,,USD,2024,example\nhospitals_within_reach,5e6,cell,1,USD,2024,example\n"
    file, out = asked(study, HOSPITAL, costs), tmp_path / "out"
    done = cli("what-if", file, "--out", out)
    assert done.code == 0, done.err
    assert "Monotone:" in done.out
    summary = json.loads((out / "what_if.json").read_text())
    assert summary["money"] == "USD_2024"
    assert len(summary["cheapest"]) == 4
    flat = pd.read_csv(out / "cheapest.csv")
    for row in summary["cheapest"]:
        assert row["frozen_level"] == 3 or row["cost"] is None
        assert row["cost"] is None or row["cost"] == pytest.approx(sum(c["cost"] for c in row["changes"]))
        assert row["cell_id"] in set(flat["cell_id"])
    table = pd.read_csv(out / "what_if.csv")
    held = np.array(summary["modes"][0]["matrix"])
    assert held.sum() == pytest.approx(table["people"].sum())
    assert held[0, 0] == pytest.approx(
        table.loc[(table["frozen_before"] == 1) & (table["frozen_after"] == 1), "people"].sum()
    )
    words = Text((out / "report.html").read_text()).words
    assert "The cheapest change to level 3" in words
    assert "artefact" in words
    assert holdfast.report(out, out=tmp_path / "again.html").read_text() == (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("x,rainfall,add,1,,\n", "rainfall"),
        ("x,hospitals,add,1,,\n", "hospitals"),
        ("x,roads,place,1,,\n", "roads"),
        ("x,hospitals,place,0.5,,\n", "whole number"),
        ("x,education,add,1,E999N999,\n", "no cell E999N999"),
        ("x,education,set,80,,\n", "percentage"),
        ("x,education,raise,1,,\n", "raise"),
        ("x,education,add,,,\n", "amount"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(study, tmp_path, cli, rows, told):
    done = cli("what-if", asked(study, rows), "--out", tmp_path / "out")
    assert (done.code, told in done.err) == (2, True), done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        ("rainfall,1,cell,,USD,2024,x\n", "rainfall"),
        ("education,1,cell,,USD,2024,x\npoverty,1,cell,,EUR,2024,x\n", "one currency"),
        ("education,1,person,,USD,2024,x\n", "person"),
        ("education,,cell,,USD,2024,x\n", "cost"),
    ],
)
def test_costs_that_say_nothing_clear_are_refused(study, cli, costs, told):
    done = cli("what-if", asked(study, HOSPITAL, costs))
    assert (done.code, told in done.err) == (2, True), done.err


def test_studies_that_ask_nothing_or_the_impossible_are_refused(study):
    with pytest.raises(holdfast.DataMissing, match="changes nothing"):
        holdfast.what_if(study)
    with pytest.raises(holdfast.DataMissing, match="unit_costs"):
        holdfast.what_if(study, overrides={"what_if.lift_to": 3})
    with pytest.raises(holdfast.TableError, match="sum of features"):
        costs = "education,1,cell,,USD,2024,x\n"
        holdfast.what_if(asked(study, HOSPITAL, costs), overrides={"rating.method": "kmeans"})
    with pytest.raises(holdfast.UnknownName, match="power"):
        holdfast.what_if(study, overrides={"what_if.add": {"power": {"source": "points", "path": "x.csv"}}})
    with pytest.raises(holdfast.TableError, match="takes no further objects"):
        holdfast.what_if(study, overrides={"what_if.add": {"areas": {"source": "polygons", "path": "tracts.gpkg"}}})


def test_what_is_paid_once_is_in_every_cell_and_in_no_cells_cost(study):
    """A feature for the whole set at next to nothing beside a dear one: every cell gets the same amount of the cheap one."""
    costs = "education,1e9,home,,USD,2024,x\nhealth_insurance,1,set,0.01,USD,2024,x\n"
    summary = holdfast.what_if(asked(study, HOSPITAL, costs), overrides={"what_if.most_lifted": 3}).attrs["summary"]
    reached = [row for row in summary["cheapest"] if row["cost"] is not None]
    assert reached
    assert summary["shared_cost"] > 0
    rises = set()
    for row in reached:
        (once,) = (c for c in row["changes"] if c["feature"] == "health_insurance")
        assert once["cost"] is None
        rises.add(round(once["after"] - once["before"], 6))
        assert row["cost"] == pytest.approx(sum(c["cost"] for c in row["changes"] if c["cost"] is not None))
    # a cell stops at what is attainable for it; the amount that is paid is the largest
    assert max(rises) <= summary["shared_cost"] + 1e-9


def test_a_check_refuses_what_a_run_would(study, cli):
    file = asked(study, HOSPITAL, "education,1,cell,,USD,2024,x\npoverty,1,cell,,EUR,2024,x\n")
    done = cli("check", file)
    assert (done.code, "one currency" in done.err) == (2, True)
