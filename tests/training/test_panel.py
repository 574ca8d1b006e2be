"""The panel and the selection of features: the data's traps, laws, and planted truths (synthetic statistics)."""

import numpy as np
import pandas as pd
import pytest
from statistics_tables import statistics

from holdfast.errors import TableError
from holdfast.training.panel import SHOCK, SUPPRESSED, YEAR, monthly_growth, panel, quarter_name
from holdfast.training.selection import temporal_features

LAST_FIT = 2017 * YEAR + 3


@pytest.fixture(scope="module")
def tables():
    return statistics()


@pytest.fixture(scope="module")
def whole(tables):
    return panel(*tables)


def test_the_nation_and_sums_of_lines_are_no_rows(whole):
    assert "US" not in set(whole.rows["state"])
    assert set(whole.rows["line"]) == {11, 13, 35}
    assert not whole.rows.duplicated(["state", "when", "line"]).any()


def test_growth_and_its_lag_by_hand(tables, whole):
    """Origin: differences of logarithms of the table itself, four and eight quarters apart."""
    gdp = tables[0]
    real = gdp[gdp["measure"] == "rgdp"].set_index(["state", "line", "year", "quarter"])["value"]
    row = whole.rows.set_index(["state", "line", "when"]).loc[("CA", 35, 2016 * YEAR + 2)]
    values = np.log([real["CA", 35, year, 3] for year in (2016, 2015, 2014)])
    assert row["growth"] == pytest.approx(values[0] - values[1])
    assert row["lag_growth"] == pytest.approx(values[1] - values[2])
    assert row["income_per_head"] == pytest.approx(np.log(41_000))


def test_levels_do_not_matter(tables, whole):
    """Law: ten times the output and a hundred times the electricity of a state leave its growth as it was."""
    gdp, income, sales = (t.copy() for t in tables)
    gdp.loc[gdp["state"] == "NY", "value"] *= 10
    sales.loc[sales["state"] == "NY", "sales"] *= 100
    again = panel(gdp, income, sales)
    for column in ("growth", "lag_growth", "lag_state_growth", "share"):
        np.testing.assert_allclose(again.rows[column], whole.rows[column], atol=1e-9)
    np.testing.assert_allclose(again.months, whole.months, atol=1e-9)


def test_suppressed_and_zero_output_leaves_rows_out_and_counts_them(tables, whole):
    gdp = tables[0].copy()
    hit = (gdp["state"] == "IA") & (gdp["line"] == 35) & (gdp["year"] == 2015) & (gdp["quarter"] == 2)
    gdp.loc[hit, "value"] = [np.nan, 0.0]
    again = panel(gdp, *tables[1:])
    kept = again.rows[(again.rows["state"] == "IA") & (again.rows["line"] == 35)]["when"]
    lost = {2015 * YEAR + 1, 2016 * YEAR + 1, 2017 * YEAR + 1}  # now, as base, as base of the lag
    assert set(whole.rows["when"]) - set(kept) == lost
    assert again.dropped[SUPPRESSED] == 3
    assert np.isfinite(again.rows.drop(columns=["state", "region"]).to_numpy(float)).all()


def test_customers_sorted_anew_are_no_growth(tables, whole):
    growth = monthly_growth(tables[2])
    year = growth.loc[("MA", 2014 * 12) : ("MA", 2014 * 12 + 11)]
    assert year[["commercial_sales", "industrial_sales", "industrial_customers"]].isna().all().all()
    assert year[["residential_sales", "total_sales"]].notna().all().all()
    gone = whole.rows[(whole.rows["state"] == "MA")]["when"]
    assert not gone.between(2014 * YEAR, 2015 * YEAR + 2).any()
    assert gone.isin([2013 * YEAR + 3, 2015 * YEAR + 3]).any()


def test_a_quarter_with_one_month_is_not_used(tables):
    sales = tables[2]
    short = sales[~((sales["year"] == 2021) & (sales["month"] > 10))]
    assert panel(*tables[:2], short).places["when"].max() == 2021 * YEAR + 2


def test_current_dollars_serve_where_there_are_no_chained_ones(tables):
    gdp = tables[0]
    again = panel(gdp[gdp["measure"] == "gdp"], *tables[1:])
    assert set(again.rows["line"]) == {11, 13, 35}


def test_tables_without_a_common_quarter_are_refused(tables):
    gdp = tables[0]
    with pytest.raises(TableError, match="no quarter has output"):
        panel(gdp[gdp["year"] < 2010], *tables[1:])


def test_quarters_in_words():
    assert [quarter_name(q) for q in SHOCK] == ["2020Q2", "2021Q2"]


def test_the_planted_feature_is_kept_and_noise_is_dropped(whole):
    report = temporal_features(whole, LAST_FIT)
    assert report.index[0] == "industrial_sales"
    assert report.loc["industrial_sales", "correlation"] > 0.8
    assert report["kept"].sum() <= 2
    assert (report.loc[~report["kept"], "reason"].str.contains("chance|same")).all()


def test_without_a_relation_only_the_strongest_is_kept():
    report = temporal_features(panel(*statistics(seed=5, strength=0.0)), LAST_FIT, level=1e-9)
    assert report["kept"].tolist() == [True] + [False] * (len(report) - 1)


def test_the_shock_is_never_looked_at(tables):
    """Law: whatever happens in the shock, the tests and the choice stay as they are."""
    gdp = tables[0].copy()
    report = temporal_features(panel(*tables), LAST_FIT)
    when = gdp["year"] * YEAR + gdp["quarter"] - 1
    rng = np.random.default_rng(0)
    gdp.loc[when >= SHOCK[0], "value"] *= rng.uniform(0.2, 2, int((when >= SHOCK[0]).sum()))
    again = temporal_features(panel(gdp, *tables[1:]), LAST_FIT)
    pd.testing.assert_frame_equal(
        report[["kept", "correlation", "p_holm", "reason"]], again[["kept", "correlation", "p_holm", "reason"]]
    )
