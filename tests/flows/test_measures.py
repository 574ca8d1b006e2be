"""`holdfast measures` end to end, on a small synthetic town with two events of stated rates."""

import json

import numpy as np
import pandas as pd
import pytest
from towns import write_town

import holdfast
from holdfast.config import load_study
from holdfast.flows.cities import load_city

HEAD = "measure_id,kind,what,changes,cost,maintenance,price_year,life_years,ramp_up_years,payer,source\n"
ROWS = {
    "nothing": "other,nothing at all,recovery.weight = 0.5,0,0,2017,50,,nobody",
    "rule": "priorities,homes first,recovery.strategy = 'homes_first',0,0,2017,50,,city",
    "largest": "priorities,largest first,recovery.strategy = 'largest_first',1000,0,2017,50,,city",
    "crews": "crews,more crews,recovery.crews.building += 24; recovery.crews.power += 2,2e6,1e5,2017,20,2,city",
    "brick": "retrofit,brick before 1960,\"city.strengthen += [{{from_class = '{brick}', to_class = 'W1.high_code'}}]\",3e6,0,2017,50,,owners",
}
EVENTS = """
[[scenarios]]
name = "small"
value = 0.2
unit = "g"
within_event_sd = 0.4
annual_rate = 0.02

[[scenarios]]
name = "large"
value = 0.5
unit = "g"
within_event_sd = 0.4
annual_rate = 0.004

[tables.measures]
source = "measures"
path = "measures.csv"

[tables.groups]
source = "groups"
path = "groups.csv"

[recovery]"""
FEW = {"recovery.draws": 4}
TAKEN = "{{insured = 1.0, loan = 0.0, aid = 0.0, own = 0.0}}"


def write(folder, rows=ROWS, groups=None):
    """Study of a town with events, measures and groups; zones and classes as the town has them."""
    study = write_town(folder)
    text = study.read_text()
    head, rest = text.split("[scenario]", 1)
    study.write_text(head + EVENTS.lstrip() + rest.split("[recovery]", 1)[1])
    buildings = pd.read_csv(folder / "buildings.csv")
    brick = "URML.pre_code"
    assert (buildings["structure"] == "URM").any()
    lines = [f"{name},{row.format(brick=brick)},the test" for name, row in rows.items()]
    (folder / "measures.csv").write_text(HEAD + "\n".join(lines) + "\n")
    zones = zones_of(write_plain(folder, text))
    if groups is None:
        groups = [
            {"grouping": "tenure", "group": g, "zone_id": z, "share": s, "income": i, "source": "synthetic"}
            for k, z in enumerate(zones)
            for g, s, i in (("renters", 0.2 + 0.1 * (k % 5), 30_000), ("owners", 0.8 - 0.1 * (k % 5), 90_000))
        ]
    pd.DataFrame(groups).to_csv(folder / "groups.csv", index=False)
    return study


def write_plain(folder, text):
    file = folder / "plain.toml"
    file.write_text(text)
    return file


def zones_of(study):
    return list(load_city(*load_study(study)).city.zones.index)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("measures")
    study, out = write(folder), folder / "result"
    return study, out, holdfast.measures(study, out=out, overrides=FEW)


def test_what_does_nothing_changes_no_bit(result):
    row = result[2].loc["nothing"]
    assert (row[["saved_money", "saved_person_days", "net_present_value", "pays_back"]] == 0).all()
    assert np.isnan(row["benefit_cost_ratio"])


def test_desks_and_insurance_are_measures_as_well(tmp_path):
    """Each saves what two runs of `simulate` say, and more of them let repairs begin sooner."""
    owners = {"insured": 1.0, "loan": 0.0, "aid": 0.0, "own": 0.0}
    rows = {
        "desks": "desks,more permit desks,recovery.rebuilding.servers.permit = 1000,1e5,0,2017,20,,city",
        "insured": f'insurance,all insured,"recovery.rebuilding.owners = {TAKEN}",1e5,0,2017,20,,owners',
    }
    table = holdfast.measures(write(tmp_path, rows), overrides=FEW | {"measures.interactions": False})
    for name, keys in {
        "desks": {"recovery.rebuilding.servers": {"permit": 1000.0}},
        "insured": {"recovery.rebuilding.owners": owners},
    }.items():
        runs = [holdfast.simulate(tmp_path / "study.toml", overrides=FEW | more) for more in ({}, keys)]
        loss = [r.attrs["summary"]["average_annual_loss"]["service_capacity_loss"]["value"] for r in runs]
        assert table.loc[name, "saved_person_days"] == pytest.approx(loss[0] - loss[1], rel=1e-9)
        assert loss[1] < loss[0]


def test_savings_are_differences_of_sets_of_scenarios(result):
    """Two runs of `simulate` on the whole set, without and with, by another path through the program."""
    study, _, table = result
    without = holdfast.simulate(study, overrides=FEW)
    with_ = holdfast.simulate(study, overrides=FEW | {"recovery.crews": {"building": 20 + 24, "power": 2 + 2}})
    for name, loss in (("saved_money", "total_economic_loss"), ("saved_person_days", "service_capacity_loss")):
        of = [r.attrs["summary"]["average_annual_loss"][loss]["value"] for r in (without, with_)]
        assert table.loc["crews", name] == pytest.approx(of[0] - of[1], rel=1e-9)
    factor = sum(share / 1.031**t for t, share in enumerate([0.25, 0.75, *[1.0] * 18], 1))
    upkeep = 1e5 * (1 - 1.031**-20) / 0.031
    net = table.loc["crews", "saved_money"] * factor - 2e6 - upkeep
    assert table.loc["crews", "net_present_value"] == pytest.approx(net, rel=1e-9)


def test_the_files_hold_what_was_returned(result):
    _, out, table = result
    summary = json.loads((out / "measures.json").read_text())
    assert [r["measure_id"] for r in summary["measures"]] == list(table.index)
    assert [r["saved_money"] for r in summary["measures"]] == table["saved_money"].tolist()
    assert ["rule", "largest"] in summary["excluded"]
    page = (out / "report.html").read_text()
    assert "which spending helps" in page
    assert page.count("<svg") == 2
    assert "Who pays, who gains" in page
    council = (out / "council.html").read_text()
    assert council.count("<svg") == 1
    assert council.count("<table") == 1
    assert council.count('class="lead"') == 3


def test_chosen_sets_keep_to_budget_and_exclusion(result):
    frontier = result[2].attrs["summary"]["frontier"]
    assert {r["way"] for r in frontier} == {"programme", "greedy"}
    for row in frontier:
        assert row["cost"] <= row["budget"] * (1 + 1e-9)
        assert not {"rule", "largest"} <= set(row["measures"])
    best, greedy = ([r for r in frontier if r["way"] == w and r["aim"] == "money"] for w in ("programme", "greedy"))
    assert len(best) == len(greedy) == 6


def test_groups_add_up_to_the_city(result):
    summary = result[2].attrs["summary"]
    loss = summary["average_annual_loss"]
    days = sum(r["lost_person_days"] for r in summary["groups"])
    assert days == pytest.approx(loss["service_capacity_loss"]["value"], rel=1e-9)
    # the repair of networks is nobody's among the residents
    assert 0 < sum(r["lost_money"] for r in summary["groups"]) < loss["total_economic_loss"]["value"]
    weights = {r["group"]: r["weight"] for r in summary["groups"]}
    assert weights["renters"] > 1 > weights["owners"]
    persons = {r["group"]: r["persons"] for r in summary["groups"]}
    reference = (3e4 * persons["renters"] + 9e4 * persons["owners"]) / sum(persons.values())
    assert weights["renters"] == pytest.approx((3e4 / reference) ** -1.4)


def test_the_report_can_be_written_again(result):
    _, out, _ = result
    assert "which spending helps" in holdfast.report(out, out=out.parent / "again.html").read_text()


def test_what_removes_all_damage_saves_the_whole_loss(tmp_path):
    """Buildings that are given as undamaged, and no network that could be: nothing is lost, to the last bit."""
    whole = "other,no damage,tables.buildings.path = 'whole.csv'; recovery.damage = 'given'; city.networks = [],1,0,2017,50,,all"
    study = write(tmp_path, {"whole": whole, "doubled": whole.replace(",1,0,", ",2,0,")})
    buildings = pd.read_csv(tmp_path / "buildings.csv").assign(damage_state=0)
    buildings.to_csv(tmp_path / "whole.csv", index=False)
    table = holdfast.measures(study, overrides=FEW | {"measures.interactions": False})
    loss = table.attrs["summary"]["average_annual_loss"]
    assert table.loc["whole", "saved_money"] == loss["total_economic_loss"]["value"]
    assert table.loc["whole", "saved_person_days"] == loss["service_capacity_loss"]["value"]
    ratio = table["benefit_cost_ratio"]
    assert ratio["doubled"] == pytest.approx(ratio["whole"] / 2, rel=1e-12)


def test_common_random_numbers_pay(tmp_path):
    """A retrofit of 5 % of the buildings: ten times fewer draws, at least, than with independent ones."""
    study = write_town(tmp_path)
    oldest = int(pd.read_csv(tmp_path / "buildings.csv")["year_built"].sort_values().iloc[4])
    keys = {"city.strengthen": [{"built_before": oldest, "to_class": "W1.high_code"}]}
    table = holdfast.compare(study, alternatives={"retrofit": keys}, overrides={"recovery.draws": 30})
    base, other = table.attrs["draws"].values()
    for loss in ("total_economic_loss", "service_capacity_loss"):
        apart = np.var(base[loss]) + np.var(other[loss])
        assert apart > 10 * np.var(np.subtract(other[loss], base[loss])) > 0


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("a", "other,b,recovery.crew.power += 4,1,0,2017,9,,city", ["row 2", "crew"]),
        ("a", "other,b,recovery.crews.power + 4,1,0,2017,9,,city", ["row 2", "key += value"]),
        ("a", "other,b,seed = 4,1,0,2017,9,,city", ["row 2", "seed"]),
        ("a", "other,b,recovery.strategy += 'x',1,0,2017,9,,city", ["row 2", "neither a number nor a list"]),
        ("a", "other,b,recovery.weight = 0.5,,0,2017,9,,city", ["row 2", "column cost"]),
        ("a", "other,b,recovery.weight = 0.5,-1,0,2017,9,,city", ["row 2", "column cost", "-1"]),
        ("a", "other,b,recovery.weight = 0.5,1,0,2024,9,,city", ["row 2", "price_year", "2024"]),
        ("a", "other,b,recovery.weight = 0.5,1,0,2017,0,,city", ["row 2", "life_years"]),
        ("a", "magic,b,recovery.weight = 0.5,1,0,2017,9,,city", ["row 2", "kind", "magic"]),
        (
            "a",
            "retrofit,b,\"city.strengthen += [{{to_class = 'W1.high_code', zones = ['Z']}}]\",1,0,2017,9,,city",
            ["row 2", "zones", "Z"],
        ),
        ("a", "retrofit,b,city.strengthen += [{{to_class = 'GOLD'}}],1,0,2017,9,,city", ["row 2", "GOLD"]),
        (
            "a",
            "backup,b,\"city.backup += [{{network = 'gas', on_network = 'power', hours = 9}}]\",1,0,2017,9,,city",
            ["row 2", "gas"],
        ),
    ],
)
def test_a_bad_measure_is_refused(name, row, words, tmp_path, cli):
    study = write(tmp_path, {name: row})
    done = cli("measures", study, "--draws", "1", "--out", tmp_path / "none", "--quiet")
    assert done.code == 2
    assert all(word in done.err for word in words), done.err
    assert not (tmp_path / "none").exists()
