"""`holdfast compare` of results of different cities; the figures are those worked by hand in `test_normalised.py`."""

import json
from contextlib import suppress
from xml.etree import ElementTree

import pandas as pd
import pytest
from results import everything, forge
from towns import write_town

import holdfast
from holdfast.config import ScenarioOptions
from holdfast.errors import DataMissing, TableError
from holdfast.pages.cities_report import cities_parts, normalised_bars
from holdfast.store import new_result, write_json
from holdfast.types import InputFile, Provenance

OPEN = InputFile("buildings", "buildings.csv", "0" * 64, 3, (), "Open map", "ODbL", warnings=("half of it is old",))


def spread(unit, middle):
    return {"unit": unit, "mean": middle, "p5": middle / 2, "p50": middle, "p95": 2 * middle, "mean_error": None}


def content(name, money="USD_2017", **changes):
    """Content of ``losses.json``, as far as it is compared: 1,000 m2, 50 residents, 200 a day."""
    return {
        "name": name,
        "draws": 20,
        "warnings": [],
        "scenario": ScenarioOptions(name="Synthetic shaking", value=0.4, unit="g").model_dump(mode="json"),
        "recovery": {"start_day": 0, "horizon_days": 1000, "strategy": "semi_flexible"},
        "money": money,
        "floor_area_m2": 1000.0,
        "residents": 50.0,
        "assumed": ["crews"],
        "normal": {"EP": 200.0, "SC": 100.0},
        "recovered_share": 1.0,
        "losses": {
            "total_economic_loss": spread(money, 6000.0),
            "repair_cost": spread(money, 5000.0),
            "lost_production": spread(money, 1000.0),
            "service_capacity_loss": spread("person-days", 100.0),
            "unmet_need": spread("person-days", 40.0),
        },
        "production": {
            "net_economic_loss": spread(money, 5600.0),
            "net_lost_production": spread(money, 600.0),
            "changes": {"labour": {"unit": money, "mean": -1.0}},
        },
    } | changes


def lay(folder, name, version="0.1.0", **changes):
    """A synthetic result of a simulation."""
    with new_result(folder, Provenance("simulate", name, {}, 1, (OPEN,), {"holdfast": version})) as made:
        write_json(made / "losses.json", content(name, **changes))
    return folder


@pytest.fixture
def pair(tmp_path):
    """Two cities that differ in nothing but residents and money lost on repairs."""
    small = lay(tmp_path / "small", "Small")
    return small, lay(tmp_path / "large", "Large", residents=100.0, recovered_share=0.75)


def test_losses_by_hand_and_in_the_order_given(pair):
    table = holdfast.compare_cities(pair)
    middle = table["p50"]
    assert middle["Small"]["total_economic_loss"].to_dict() == {
        "city": 6000.0,
        "m2": 6.0,
        "resident": 120.0,
        "normal_day": 30.0,
    }
    assert middle["Large"]["total_economic_loss"].to_dict() == {
        "city": 6000.0,
        "m2": 6.0,
        "resident": 60.0,
        "normal_day": 30.0,
    }
    assert middle[("Small", "lost_production", "normal_day")] == 5.0
    assert middle["Large"]["service_capacity_loss"].to_dict() == {"city": 100.0, "m2": 0.1, "resident": 1.0}
    assert middle["Small"]["net_lost_production"].to_dict() == {
        "city": 600.0,
        "m2": 0.6,
        "resident": 12.0,
        "normal_day": 3.0,
    }
    assert middle[("Large", "net_economic_loss", "resident")] == 56.0
    assert middle["Large"]["unmet_need"].to_dict() == {"city": 40.0, "m2": 0.04, "resident": 0.4}
    assert table.loc[("Small", "repair_cost", "normal_day"), "unit"] == "days"
    assert list(table.index.unique("city")) == ["Small", "Large"]
    assert table.attrs["summary"]["limits"] == [
        "Large: lower bounds, since 25% of the draws are not fully repaired by day 1,000"
    ]


def test_the_files_hold_what_was_returned_and_the_same_bytes_twice(pair, tmp_path):
    table = holdfast.compare_cities(pair, out=tmp_path / "one")
    holdfast.compare_cities(pair, out=tmp_path / "two")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")
    assert set(everything(tmp_path / "one")) == {"cities.csv", "cities.json", "manifest.json", "report.html"}
    read = pd.read_csv(tmp_path / "one" / "cities.csv", float_precision="round_trip")
    assert read[table.columns].equals(table.reset_index()[table.columns])
    assert read.columns.tolist() == ["city", "scenario", "draws", "loss", "per", "unit", "p5", "p50", "p95"]
    assert json.loads((tmp_path / "one" / "cities.json").read_text()) == table.attrs["summary"]
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())["provenance"]
    # the licence of what a city was made of goes with figures of it, once although both cities have it
    assert [i["licence"] for i in manifest["inputs"]] == ["", "", "ODbL"]
    assert [i["source"] for i in manifest["inputs"][:2]] == ["Small", "Large"]


def test_the_report_can_be_written_again(pair, tmp_path, cli):
    done = cli("compare", *pair, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "Small: Synthetic shaking, 20 draws" in done.out
    assert "$6 ($3 to $12)" in done.out
    assert "lower bounds" in done.out
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<svg") == 1
    assert page.count("<rect") == 10  # five losses of two cities
    assert "half of it is old" in page
    assert cli("report", tmp_path / "out", "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text() == page
    told = cli("compare", *pair, "--out", tmp_path / "out", "--json", "--quiet")
    assert json.loads(told.out)["money"] == "USD_2017"


def test_what_simulate_writes_can_be_compared(tmp_path):
    """The losses per m2 of the simulation itself are the truth; they come from its draws."""
    results = []
    for name, count in (("north", 25), ("south", 40)):
        (tmp_path / name).mkdir()
        study = write_town(tmp_path / name, count)
        results.append(tmp_path / f"{name}-result")
        holdfast.simulate(study, out=results[-1], overrides={"name": name, "recovery.draws": 3})
    table = holdfast.compare_cities(results)
    for name, folder in zip(("north", "south"), results, strict=True):
        summary = json.loads((folder / "losses.json").read_text())
        losses = summary["losses"] | summary["production"]
        assert len(table.index.unique("loss")) == 7
        for loss in table.index.unique("loss").drop("unmet_need"):
            for percentile in ("p5", "p50", "p95"):
                given = table.loc[(name, loss, "m2"), percentile]
                assert given == pytest.approx(losses[f"{loss}_per_m2"][percentile], rel=1e-9)
        # of unmet need the simulation gives the total alone
        assert table.loc[(name, "unmet_need", "city"), "p50"] == losses["unmet_need"]["p50"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"money": "EUR_2017"}, r"Other: is in EUR of 2017[\s\S]*city\.currency"),
        ({"money": "USD_2020"}, r"Other: is in USD of 2020[\s\S]*city\.price_year"),
        ({"name": "Small"}, r'"Small" is the name of more than one result'),
        ({"floor_area_m2": 0.0}, r"floor_area_m2 is not what"),
        ({"floor_area_m2": 1e-320}, r"out of all proportion"),
        ({"residents": None}, r"residents is not what"),
        ({"scenario": {}}, None),
        ({"scenario": {"name": "x", "hazard": 3}}, r"scenario\.hazard is not what"),
        ({"losses": {}}, r"losses\.total_economic_loss is no spread in USD_2017"),
        ({"losses": content("x")["losses"] | {"repair_cost": spread("person-days", 1.0)}}, r"losses\.repair_cost"),
        ({"losses": content("x")["losses"] | {"repair_cost": spread("USD_2017", -1.0)}}, r"losses\.repair_cost"),
        (
            {"production": content("x")["production"] | {"net_lost_production": spread("EUR_2017", 1.0)}},
            r"production\.net_lost",
        ),
        ({"production": {}}, r"production\.net_economic_loss is not what"),
    ],
)
def test_what_cannot_be_compared_is_refused(changes, words, pair, tmp_path):
    other = lay(tmp_path / "other", **({"name": "Other"} | changes))
    if words is None:  # a scenario of nothing but defaults
        holdfast.compare_cities([pair[0], other])
        return
    with pytest.raises((TableError, DataMissing), match=words):
        holdfast.compare_cities([pair[0], other], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_simulation_is_refused(pair, tmp_path):
    for file, words in (("rating.json", "`holdfast rate`"), ("scenarios.json", "a set of scenarios")):
        with new_result(tmp_path / file, Provenance("rate", "Rated", {}, 1, ())) as folder:
            write_json(folder / file, {})
        with pytest.raises(DataMissing, match=words):
            holdfast.compare_cities([pair[0], tmp_path / file])
    with pytest.raises(TableError, match="at least two results"):
        holdfast.compare_cities(pair[:1])
    with pytest.raises(DataMissing, match="no Holdfast result"):
        holdfast.compare_cities([pair[0], tmp_path])


def test_a_changed_result_is_refused_and_a_forged_one_never_trips(pair, tmp_path):
    file = pair[1] / "losses.json"
    file.write_text(file.read_text().replace("6000", "60"))
    with pytest.raises(TableError, match="was changed after the run"):
        holdfast.compare_cities(pair)
    whole = json.loads(file.read_text())
    for key in whole:
        for value in (None, "x", -1, 1e308, [], {}, True):
            file.write_text(json.dumps(whole | {key: value}))
            forge(pair[1])
            with suppress(TableError, DataMissing):  # refused, or taken where the value is one that could be
                cities_parts(holdfast.compare_cities(pair).attrs["summary"])


def test_keys_of_a_study_are_refused_beside_results(pair, tmp_path, cli):
    for option in (("--draws", 3), ("--seed", 3), ("--with", "recovery.strategy=random"), ("--set", "seed=3")):
        done = cli("compare", *pair, *option, "--out", tmp_path / "out", "--quiet")
        assert done.code == 2
        assert "would change nothing" in done.err
    assert not (tmp_path / "out").exists()


def test_cities_of_different_versions_without_people_or_production(pair, tmp_path):
    empty = lay(tmp_path / "empty", "Empty", version="0.0.9", residents=0.0, normal={"EP": 0.0})
    table = holdfast.compare_cities([pair[0], empty], out=tmp_path / "out")
    assert set(table.loc["Empty"].index.get_level_values("per")) == {"city", "m2"}
    limits = table.attrs["summary"]["limits"]
    assert any("no residents" in line for line in limits)
    assert any("0.0.9, 0.1.0" in line for line in limits)


def test_a_picture_of_nothing_lost_has_places_that_are_numbers():
    row = {"city": "A very long name of a synthetic city & its suburbs", "loss": "total_economic_loss", "per": "m2"}
    chart = normalised_bars([row | {"unit": "USD_2017/m2", "p5": 0.0, "p50": 0.0, "p95": 0.0}])
    assert ElementTree.fromstring(chart).tag == "svg"
    assert "nan" not in chart
