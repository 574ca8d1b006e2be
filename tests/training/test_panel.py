"""The panel and the selection of features: the data's traps, laws, and planted truths (synthetic statistics)."""

import numpy as np
import pandas as pd
import pytest
from statistics_tables import statistics

from holdfast.errors import TableError
from holdfast.training.panel import NO_ELECTRICITY, SHOCK, monthly_levels, panel, yearly
from holdfast.training.selection import temporal_features

LAST_FIT = 2017


@pytest.fixture(scope="module")
def tables():
    return statistics()


@pytest.fixture(scope="module")
def whole(tables):
    return panel(*tables)


def test_the_nation_and_sums_of_lines_are_no_rows(whole):
    assert "US" not in set(whole.rows["state"])
    assert set(whole.rows["line"]) == {11, 13, 35}
    assert not whole.rows.duplicated(["state", "year", "line"]).any()


def test_level_and_features_by_hand(tables, whole):
    """Origin: the tables themselves: mean of four quarters over mean population; megawatt hours of June over people."""
    gdp, income, sales = tables
    real = gdp[(gdp["measure"] == "rgdp") & (gdp["state"] == "CA") & (gdp["line"] == 35) & (gdp["year"] == 2016)]
    people = income[(income["state"] == "CA") & (income["measure"] == "population") & (income["year"] == 2016)]
    heads = people["value"].mean()
    row = whole.rows.set_index(["state", "line", "year"]).loc[("CA", 35, 2016)]
    assert row["level"] == pytest.approx(np.log(real["value"].mean() * 1e6 / heads))
    assert row["income_per_head"] == pytest.approx(np.log(4e4 + 500 * 2))
    june = sales[(sales["state"] == "CA") & (sales["year"] == 2016) & (sales["month"] == 6)].set_index("sector")[
        "sales"
    ]
    found = whole.months[int(row["place"]), 5, whole.features.index("commercial_sales")]
    assert found == pytest.approx(np.log(june["commercial"] / heads))


def test_size_does_not_matter(tables, whole):
    """Law: ten times the people, output, electricity and customers of a state leave all but its population as it was."""
    gdp, income, sales = (t.copy() for t in tables)
    gdp.loc[gdp["state"] == "NY", "value"] *= 10
    income.loc[(income["state"] == "NY") & (income["measure"] != "income_per_head"), "value"] *= 10
    sales.loc[sales["state"] == "NY", ["sales", "customers"]] *= 10
    again = panel(gdp, income, sales)
    for column in ("level", "income_per_head", "wages_per_head"):
        np.testing.assert_allclose(again.rows[column], whole.rows[column], atol=1e-9)
    np.testing.assert_allclose(again.months, whole.months, atol=1e-9)
    np.testing.assert_allclose(again.total, whole.total, atol=1e-9)


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_suppressed_output_is_a_row_without_a_level(tables, whole, value):
    gdp = tables[0].copy()
    hit = (gdp["state"] == "IA") & (gdp["line"] == 35) & (gdp["year"] == 2015) & (gdp["quarter"] <= 4)
    gdp.loc[hit, "value"] = value
    again = panel(gdp, *tables[1:])
    lost = again.rows["level"].isna()
    assert again.rows.loc[lost, ["state", "line", "year"]].to_numpy().tolist() == [["IA", 35, 2015]]
    assert len(again.rows) == len(whole.rows)
    assert yearly(gdp.assign(value=1.0)[~hit | (gdp["quarter"] > 1)], ["state", "line"]).loc["IA", 35, 2015] != 1.0


def test_a_year_without_all_months_is_not_used_and_counted(tables):
    sales = tables[2]
    short = sales[~((sales["state"] == "OH") & (sales["year"] == 2020) & (sales["month"] > 10))]
    again = panel(*tables[:2], short)
    assert 2020 not in set(again.rows.loc[again.rows["state"] == "OH", "year"])
    assert again.dropped[NO_ELECTRICITY] == 3


def test_electricity_of_zero_is_unknown(tables):
    sales = tables[2].copy()
    sales.loc[(sales["state"] == "MA") & (sales["sector"] == "industrial"), "sales"] = 0.0
    people = pd.Series(1.0, index=pd.MultiIndex.from_frame(sales[["state", "year"]].drop_duplicates()))
    levels = monthly_levels(sales, people)
    assert levels.loc["MA", "industrial_sales"].isna().all()
    assert levels.loc["OH", "industrial_sales"].notna().all()


def test_current_dollars_serve_where_there_are_no_chained_ones(tables):
    gdp = tables[0]
    again = panel(gdp[gdp["measure"] == "gdp"], *tables[1:])
    assert set(again.rows["line"]) == {11, 13, 35}
    assert again.rows["level"].notna().all()


def test_tables_without_a_common_year_are_refused(tables):
    gdp = tables[0]
    with pytest.raises(TableError, match="no year has output"):
        panel(gdp[gdp["year"] < 2009], *tables[1:])


def test_the_planted_feature_is_kept_and_noise_is_dropped(whole):
    report = temporal_features(whole, LAST_FIT)
    assert report.index[0] == "industrial_sales"
    assert report.loc["industrial_sales", "correlation"] > 0.9
    assert report["observations"].eq(20).all()
    assert report["kept"].sum() <= 2
    assert (report.loc[~report["kept"], "reason"].str.contains("chance|same")).all()


def test_without_a_relation_only_the_strongest_is_kept():
    report = temporal_features(panel(*statistics(seed=5, strength=0.0)), LAST_FIT, level=1e-9)
    assert report["kept"].tolist() == [True] + [False] * (len(report) - 1)


def test_the_shock_is_never_looked_at(tables):
    """Law: whatever happens in the pandemic, the tests and the choice stay as they are."""
    gdp = tables[0].copy()
    report = temporal_features(panel(*tables), LAST_FIT)
    rng = np.random.default_rng(0)
    hit = gdp["year"] >= SHOCK[0]
    gdp.loc[hit, "value"] *= rng.uniform(0.2, 2, int(hit.sum()))
    again = temporal_features(panel(gdp, *tables[1:]), LAST_FIT)
    same = ["kept", "correlation", "p_holm", "correlation_within_states", "reason"]
    pd.testing.assert_frame_equal(report[same], again[same])
    assert (report["correlation_in_shock"] != again["correlation_in_shock"]).any()
