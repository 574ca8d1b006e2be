"""Changes of a study as text."""

import pytest

from holdfast.config import Study
from holdfast.config.changes import exclude_each_other, overrides_of, parse_changes
from holdfast.errors import TableError

HERE = Study(name="Here", city={"retrofit": {"URML.pre_code": "RM1L.high_code"}})


def test_changes_are_carried_out_one_after_the_other():
    """The packaged number of crews for power is 20."""
    text = (
        "recovery.crews.power = 30; recovery.crews.power += 4; recovery.aid += [{trade = 'power', day = 3, crews = 5}]"
    )
    found = overrides_of(HERE, parse_changes(text))
    assert found == {
        "recovery.crews.power": 34,
        "recovery.aid": [{"trade": "power", "day": 3, "crews": 5}],
    }


def test_tables_of_two_measures_are_joined():
    one = parse_changes("city.redundancy = {power = 0.5}")
    other = parse_changes("city.redundancy = {water = 0.2}")
    assert overrides_of(HERE, [*one, *other]) == {"city.redundancy": {"power": 0.5, "water": 0.2}}
    assert not exclude_each_other(one, other)


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        ("recovery.weight = 0.2", "recovery.weight = 0.3", True),
        ("recovery.weight = 0.2", "recovery.weight = 0.2", False),
        ("recovery.crews.power = 9", "recovery.crews.power += 1", True),
        ("recovery.crews.power += 1", "recovery.crews.power += 1", False),
        ("city.redundancy = {power = 0.5}", "city.redundancy = {power = 0.6}", True),
        ("city.strengthen += [{to_class = 'A'}]", "city.strengthen += [{to_class = 'B'}]", False),
    ],
)
def test_what_excludes_each_other(one, other, excluded):
    assert exclude_each_other(parse_changes(one), parse_changes(other)) == excluded
    assert exclude_each_other(parse_changes(other), parse_changes(one)) == excluded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "changes nothing"),
        ("recovery.weight == 1", "no key = value"),
        ("recovery.weight", "no key = value"),
        ("scenario.value = 0.1", "no key that a measure may change"),
        ("recovery.weight = ", "no key = value"),
        ("recovery.weight = [", "value"),
    ],
)
def test_what_is_no_change_is_refused(text, words):
    with pytest.raises(TableError, match=words):
        parse_changes(text)


def test_nothing_is_added_to_text():
    with pytest.raises(TableError, match="neither a number nor a list"):
        overrides_of(HERE, parse_changes("recovery.strategy += 'x'"))
