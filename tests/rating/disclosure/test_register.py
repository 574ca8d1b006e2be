"""The register says what is stated and what is not."""

from holdfast.rating.disclosure.register import UNKNOWN, register_rows
from holdfast.types import InputFile

FILE = InputFile("areas", "tracts.csv", "ab" * 32, 3, source="Census", licence="public domain", date="2018", link="x")
WHOLE = {"purpose": "statistics", "owner": "bureau", "collection": "survey", "personal": False, "consent": ""}


def test_what_is_stated_is_not_missing():
    row = register_rows([FILE], {"areas": WHOLE})[0]
    assert row["missing"] == ""
    assert row["personal"] == "no"


def test_consent_is_asked_for_where_data_are_personal():
    assert register_rows([FILE], {"areas": {**WHOLE, "personal": True}})[0]["missing"] == "consent"
    told = {**WHOLE, "personal": True, "consent": "13 U.S.C. 9"}
    assert register_rows([FILE], {"areas": told})[0]["missing"] == ""


def test_a_table_of_which_nothing_is_said():
    row = register_rows([FILE], {})[0]
    assert row["missing"] == "purpose, owner, collection, personal"
    assert row["owner"] == UNKNOWN
