"""EP per floor area by place, against published output, and floor area of the census regions against its published sums.

Worked by hand: a state with half the people of two has 3.6 of 4.0 of the output, 1.8 times the nation's per head; floor
area per head goes with the root, so that the two share the floor area as 1.8^.5 : .2^.5 = 3 : 1, and the first makes
3.6 / 4.0 over 3 / 4 = 1.2 times the nation's output per floor area; at most 1.8 times, if floor area followed people.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.sources import bea
from holdfast.tables import check
from holdfast.training.place_factors import place_factors
from holdfast.training.production import FT2
from holdfast.training.regional_area import area_by_region, area_rules, regional_floor_area

GROUPS = pd.DataFrame({"group": ["retail"], "gdp_lines": ["35"], "area_follows": ["halfway"]})


@pytest.fixture(scope="module")
def accounts(data):
    """GDP and income of the states, by the reader of the package."""
    files = bea.find_accounts(data / "training")
    return bea.state_gdp(files["gdp"]), bea.state_income(files["income"])


def factors(output, heads, regions=None):
    states = list("abcdefgh")[: len(output)]
    table = pd.DataFrame({35: output}, index=states)
    where = pd.Series(regions or ["r"] * len(output), index=states)
    return place_factors(GROUPS, table, table < 0, pd.Series(heads, index=states), where).set_index("place")


def test_two_states_by_hand():
    table = factors([3.6, 0.4], [1.0, 1.0])
    assert table.loc["a", ["factor", "low", "high"]].tolist() == [1.2, 1.0, 1.8]
    assert table.loc["b", ["factor", "low", "high"]].tolist() == [0.4, 0.2, 1.0]


def test_the_states_together_make_the_nations_output():
    """Law: floor area times factors is the output, whatever output and people are; so for the states of a region."""
    rng = np.random.default_rng(3)
    output, heads = rng.lognormal(0, 1, 8), rng.lognormal(0, 1, 8)
    table = factors(output, heads, ["west"] * 4 + ["east"] * 4)
    ratio = output / heads / (output.sum() / heads.sum())
    area = heads * ratio**0.5 / (heads * ratio**0.5).sum()
    made = output / output.sum()
    assert table.loc[list("abcdefgh"), "factor"].to_numpy() == pytest.approx(made / area, abs=6e-4)
    assert table.loc["west", "factor"] == pytest.approx(made[:4].sum() / area[:4].sum(), abs=6e-4)


def test_a_place_like_the_nation_has_the_factor_one():
    assert factors([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])["factor"].eq(1.0).all()


def test_the_packaged_factors_of_retail_from_the_file_alone(data):
    """Origin: retail output of 2017 and population, with pandas alone."""
    folder = data / "training" / "bea_state_gdp"
    gdp = pd.read_parquet(folder / "state_quarterly_gdp_by_industry.parquet")
    people = pd.read_parquet(folder / "state_quarterly_personal_income.parquet")
    retail = gdp[(gdp["vname"] == "gdp") & (gdp["line"] == 35) & gdp["date"].astype(str).str.startswith("2017")]
    heads = people[(people["vname"] == "pop") & people["date"].astype(str).str.startswith("2017")]
    own, head = (t[t["stabbr"] != "US"].groupby("stabbr")["value"].mean() for t in (retail, heads))
    ratio = own / head / (own.sum() / head.sum())
    expected = np.sqrt(ratio) * (head * np.sqrt(ratio)).sum() / head.sum()
    table = packaged("place_factors")
    table = table[table["group"] == "retail"].set_index("place")
    assert table.loc[expected.index, "factor"].to_numpy() == pytest.approx(expected.to_numpy(), abs=6e-4)
    assert table.loc["NY", "high"] == pytest.approx(ratio["NY"], abs=6e-4)


def test_every_group_has_every_state_and_region():
    table = check(packaged("place_factors"), "place_factors")
    states = packaged("states")
    groups = set(packaged("production_groups").query("group != ''")["group"])
    assert len(table) == len(groups) * (len(states) + states["region"].nunique())
    assert set(table["group"]) == groups
    assert (table["low"] <= table["factor"]).all()
    assert (table["factor"] <= table["high"]).all()
    # suppressed in 2017: Delaware, District of Columbia, Rhode Island, Wyoming, and so their regions
    guessed = set(table.loc[table["basis"] == "predicted", "place"])
    assert guessed == {"DE", "DC", "RI", "WY", "Mideast", "New England", "Rocky Mountain"}


def test_floor_area_of_the_regions_sums_to_that_of_the_nation():
    """Origin: table B21 of the same survey, packaged as `floor_area`, and 87,093 million ft2 of all buildings (table B23)."""
    areas = regional_floor_area(packaged("regional_floor_area")).sum()
    nation = packaged("floor_area").query("base == 'yes'").set_index("activity")["floor_area"]
    for activity in ("education", "food_sales", "food_service", "inpatient", "outpatient", "lodging"):
        assert areas[activity] == pytest.approx(nation[activity] * FT2, rel=3e-3), activity
    assert areas["all"] == pytest.approx(87_093 * FT2, rel=2e-3)


def test_commercial_floor_area_per_head_does_not_follow_output(accounts):
    """What the docs say of the four regions: it varies by a tenth where output per head varies by a third."""
    table = area_by_region(*accounts)
    everything = table.loc["all commercial buildings"]
    assert everything["floor_area"].between(0.89, 1.07).all()
    assert everything["output"].max() > 1.3
    rules = area_rules(table)
    assert (
        rules.loc["all commercial buildings", "follows_people"]
        < rules.loc["all commercial buildings", "follows_output"]
    )
    found = rules.loc["together", ["follows_people", "halfway", "follows_output"]]
    assert found.tolist() == pytest.approx([0.171, 0.172, 0.200], abs=6e-4)


def test_the_factors_that_the_docs_quote():
    table = packaged("place_factors").set_index(["place", "group"])
    quoted = {("NV", "lodging"): [1.99, 1.0, 4.04], ("MS", "office"): [0.58, 0.35, 1.0]}
    for place, values in quoted.items():
        assert table.loc[place, ["factor", "low", "high"]].round(2).tolist() == pytest.approx(values, abs=0.0101)
    assert (len(table), int((table["basis"] == "predicted").sum())) == (767, 14)
