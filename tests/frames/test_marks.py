"""Marks of what was filled: counts and words against plain Python."""

import numpy as np
import pandas as pd
import pytest

from holdfast.frames.marks import inferred_table, joined_marks, marked, marks_text, rules_used, without_marks

FILLED = (("stories", "median"), ("structure", "masonry"), ("workers", "per_floor_area"))


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(dict.fromkeys(("stories", "structure", "workers"), 1.0), index=[f"b{i}" for i in range(50)])
    for attribute, rule in FILLED:
        rows[f"{attribute}_rule"] = marked(rows, rng.random(50) < 0.4, attribute, rule)
    return rows.assign(area=rng.uniform(1, 9, 50))


def test_counts_and_shares_against_plain_python(table):
    for row in rules_used(inferred_table(table, "buildings"), table["area"]).itertuples():
        named = [rule == row.rule for rule in table[f"{row.attribute}_rule"].fillna("")]
        assert row.buildings == sum(named)
        assert row.floor_area_share == pytest.approx(table["area"][named].sum() / table["area"].sum())
        assert row.description != "the table itself says so"


def test_words_against_plain_python(table):
    words = marks_text(inferred_table(table, "buildings"), table.index)
    for building, row in table.iterrows():
        plain = [f"{a}: {r}" for a, r in FILLED if row[f"{a}_rule"] is not pd.NA]
        assert words[building] == "; ".join(plain)


def test_rows_that_are_dropped_take_their_marks_along(table):
    few = inferred_table(table.iloc[:10], "buildings")
    assert set(few["asset"]) <= set(table.index[:10])
    assert without_marks(table).columns.tolist() == ["stories", "structure", "workers", "area"]


def test_a_later_rule_replaces_an_earlier_one(table):
    table["stories_rule"] = marked(table, np.ones(50, bool), "stories", "stated")
    assert set(inferred_table(table, "buildings").query("attribute == 'stories'")["rule"]) == {"stated"}


def test_nothing_filled_is_an_empty_table():
    none = joined_marks([])
    assert rules_used(none, pd.Series([1.0], index=["a"])).empty
    assert marks_text(none, pd.Index(["a"])).tolist() == [""]
