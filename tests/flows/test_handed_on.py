"""Public tables, register, audit and model card of a rating, end to end on a synthetic metro."""

import json

import numpy as np
import pandas as pd
import pytest

import holdfast
from holdfast.errors import UnknownName

GOVERNED = {
    "governance.audit": ["poverty", "areas.own_renters"],
    "governance.register_of.areas": {
        "purpose": "synthetic",
        "owner": "the test",
        "collection": "drawn",
        "personal": False,
    },
    "governance.fewest_households": 300.0,
    "tables.areas.columns.own_renters": "renters",
    "rating.aggregate_to": ["areas"],
}


@pytest.fixture(scope="module")
def handed(shared_study, tmp_path_factory):
    """Cells and folder of a result whose tracts have a synthetic share of renters."""
    file = shared_study.parent / "tracts.csv"
    table = pd.read_csv(file)
    table.assign(renters=np.clip(table["poor"] * 2, 0, 1)).to_csv(file, index=False)
    out = tmp_path_factory.mktemp("governed") / "result"
    return holdfast.rate(shared_study, overrides=GOVERNED, out=out), out


def test_of_few_households_only_place_and_level_are_handed_on(handed):
    cells, out = handed
    public = pd.read_csv(out / "public" / "cells.csv").set_index("cell_id")
    few = cells["housing_units"].between(0, 300, inclusive="neither")
    assert 0 < few.sum() < len(cells)
    assert public.loc[few, ["housing_units", "poverty", "additive", "rank", "agreement"]].isna().all(axis=None)
    assert public.loc[few, "level"].notna().any()
    told = json.loads((out / "governance.json").read_text())["privacy"]
    assert told["primary"] == few.sum()
    assert public["withheld"].sum() == few.sum() + told["complementary"]
    shown = ~public["withheld"].reindex(cells.index)
    assert public["poverty"].notna().sum() == (cells["poverty"].notna() & shown).sum()
    levels = pd.read_csv(out / "public" / "levels.csv")
    assert levels["housing_units"].sum() == pytest.approx(cells.loc[shown, "housing_units"].sum())
    assert levels["withheld_cells"].sum() == public["withheld"].sum()
    # areas are summed over public cells alone: no difference tells of the others
    areas = pd.read_csv(out / "public" / "areas_areas.csv")
    assert areas["weight"].sum() <= public["housing_units"].sum() + 1e-6


def test_groups_register_and_card_say_what_the_study_says(handed):
    _, out = handed
    audit = pd.read_csv(out / "audit.csv")
    assert audit["group"].unique().tolist() == ["poverty", "areas.own_renters"]
    # poverty is a feature of the levels: its people live low
    assert (audit["ratio_low_levels"] > 1).all()
    register = pd.read_csv(out / "register.csv").set_index("table")
    assert register.loc[["areas"], "owner"].eq("the test").all()
    assert "owner" in register.loc["hospitals", "missing"]
    card = (out / "model_card.md").read_text()
    assert "redlining" in card
    assert "Poverty" in card


@pytest.mark.parametrize("key", ["governance.audit", "governance.register_of"])
def test_what_is_not_there_is_refused(shared_study, key):
    value = ["areas.own_nothing"] if key.endswith("audit") else {"nothing": {"owner": "x"}}
    with pytest.raises(UnknownName, match="nothing"):
        holdfast.rate(shared_study, overrides={key: value})
