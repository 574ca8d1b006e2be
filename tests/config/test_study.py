"""A study is read from a file, a dict or itself, and overrides change what they name."""

from pathlib import Path

import numpy as np
import pytest

from holdfast.config import RecoveryOptions, Study, load_study
from holdfast.errors import TableError, UnknownName

CREWS = RecoveryOptions().crews
TOML = '[city]\nretrofit = {"W1.pre_code" = "W1.high_code"}\n[recovery]\ndraws = 3\n'


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(f'name = "Here"\ndata = "tables"\n{TOML}')
    return path


def test_file_dict_and_study_say_the_same(file):
    content = {"name": "Here", "data": "tables", "city": {"retrofit": {"W1.pre_code": "W1.high_code"}}}
    content["recovery"] = {"draws": np.int64(3)}
    study, folder = load_study(file)
    assert load_study(content)[0] == study == load_study(study)[0]
    assert folder == (file.parent / "tables").resolve()
    assert load_study(content)[1] == load_study(study)[1] == Path.cwd() / "tables"
    assert load_study(study, {"data": Path("/other")})[1] == Path("/other")


def test_a_mapping_is_not_changed_by_overrides():
    content = {"name": "Here", "recovery": {"crews": {"power": 1}}}
    load_study(content, {"recovery.crews.power": 2, "seed": 5})
    assert content == {"name": "Here", "recovery": {"crews": {"power": 1}}}


@pytest.mark.parametrize(
    "override",
    [
        {"recovery.crews.building": 5000},
        {"recovery.crews": {"building": 5000}},
        {"recovery": {"crews": {"building": 5000}}},
    ],
)
def test_one_override_of_a_table_keeps_its_other_keys(override, file):
    """Found by a first user: the crews of all networks were gone, and the run failed after more than a minute."""
    assert load_study(file, override)[0].recovery.crews == {**CREWS, "building": 5000}
    assert load_study({"name": "Here", "recovery": {"crews": {"gas": 1}}}, override)[0].recovery.crews == {
        "gas": 1,
        "building": 5000,
    }


def test_a_table_of_the_file_alone_is_taken_as_it_stands():
    assert load_study({"name": "Here", "recovery": {"crews": {"power": 1}}})[0].recovery.crews == {"power": 1}


def test_tables_whose_keys_hold_dots_merge_too(file):
    retrofit = load_study(file, {"city.retrofit": {"C1L.pre_code": "C1L.high_code"}})[0].city.retrofit
    assert retrofit == {"W1.pre_code": "W1.high_code", "C1L.pre_code": "C1L.high_code"}


def test_what_is_no_study_is_refused():
    with pytest.raises(TableError, match="is a int; give a study file"):
        load_study(3)
    with pytest.raises(UnknownName, match='"nam" is not a known key'):
        load_study({"name": "Here", "nam": 1})
    with pytest.raises(UnknownName, match="section of the study"):
        load_study({"name": "Here"}, {"seed.first": 1, "name.last": 2})
    with pytest.raises(TableError, match=r"column recovery\.draws"):
        load_study(Study(name="Here"), {"recovery.draws": 0})
