"""Measures on both wings: what they lift held to `what-if`, and refusals of what names nothing."""

import pandas as pd
import pytest
from test_measures import FEW, write

import holdfast
from holdfast.errors import DataMissing, TableError
from holdfast.flows.levels_lifted import LevelsLifted, beside_savings

WHAT_IF = """
[tables.interventions]
source = "interventions"
path = "interventions.csv"
"""
LIFT = "what,target,how,amount,levels,measure_id\n"
SCHOOLS = "schools where levels are low,education,add,0.2,1;2"
ROWS = {
    "rule": "priorities,homes first,recovery.strategy = 'homes_first',0,0,2017,50,,city",
    "schools": "other,schools,,1e6,0,2017,50,,city",
}


def rating_study(study, measure, name="what_if.toml"):
    """The study of a synthetic metro with an intervention of a measure beside one of none."""
    rows = f"{SCHOOLS},{measure}\nworse for all,education,add,-0.1,,\n"
    (study.parent / "interventions.csv").write_text(LIFT + rows)
    file = study.with_name(name)
    file.write_text(study.read_text() + WHAT_IF)
    return file


def test_a_measure_lifts_what_what_if_says_of_its_rows_alone(study, tmp_path):
    """Origin: `holdfast what-if` on a study that holds the rows of the measure and no others."""
    file = rating_study(study, "schools")
    town = write(tmp_path, ROWS)
    keys = FEW | {"measures.interactions": False, "measures.rating_study": str(file)}
    table = holdfast.measures(town, overrides=keys, out=tmp_path / "out")
    found = table.attrs["summary"]["levels"]
    assert [r["measure_id"] for r in found["rows"]] == ["schools"]
    (study.parent / "interventions.csv").write_text(f"{LIFT}{SCHOOLS},\n")
    alone = holdfast.what_if(file).attrs["summary"]
    frozen = next(r for r in alone["modes"] if r["mode"] == "frozen")
    for name in ("gained", "fell", "artefact"):
        assert found["rows"][0][name] == frozen[name]
    assert frozen["gained"]["cells"] > 0
    assert found["rows"][0]["saved_money"] == 0 == table.loc["schools", "saved_person_days"]
    assert found["association"] == {}
    assert "also cut the losses" in (tmp_path / "out" / "report.html").read_text()


def test_association_of_lift_and_savings_by_hand():
    """Six measures whose lift and savings have the same order: rank correlation 1; person-days are in the reverse order."""
    rows = [
        {"measure_id": str(i), "gained": {"share": 0.1 * i}, "fell": {"share": 0.0}, "artefact": {"share": 0.0}}
        for i in range(1, 6)
    ]
    ids = [str(i) for i in range(6)]  # the first has no intervention and lifts nobody
    saved = pd.DataFrame({"what": ids, "saved_money": range(6), "saved_person_days": range(0, -6, -1)}, index=ids)
    found = beside_savings(LevelsLifted(rows, "homes", ()), saved)["association"]
    assert found["saved_money"]["plain"] == pytest.approx(1.0)
    assert found["saved_person_days"]["plain"] == pytest.approx(-1.0)


def test_what_names_nothing_is_refused(study, tmp_path):
    town = write(tmp_path, ROWS)
    with pytest.raises(TableError, match=r"row 2.*schools.*changes nothing|row 3.*schools.*changes nothing"):
        holdfast.measures(town, overrides=FEW)
    for measure, error, words in (("school", TableError, '"school" is no measure'), ("", DataMissing, "no row of")):
        file = rating_study(study, measure)
        with pytest.raises(error, match=words):
            holdfast.measures(town, overrides=FEW | {"measures.rating_study": str(file)})
