"""Law: the ranges of the table are the 5th and 95th percentiles, or the ends; contract over the packaged table."""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.errors import UnknownName
from holdfast.recovery.validation.outages.practice import LAWS, Practice, draw_practice


def test_every_figure_has_range_grade_and_source():
    table = packaged("outage_practice")
    assert set(table["name"]) == set(Practice._fields)
    assert set(table["law"]) <= set(LAWS)
    assert (table["low"] <= table["high"]).all()
    assert set(table["grade"]) <= {"published", "press", "not checked", "assumed"}
    assert (table["source"].str.len() > 10).all()


def test_ranges_are_kept():
    rng = np.random.default_rng(1)
    drawn = pd.DataFrame([draw_practice(rng) for _ in range(4000)])
    for row in packaged("outage_practice").itertuples():
        values = drawn[row.name]
        if row.law == "lognormal":
            for end, share in ((row.low, 0.05), (row.high, 0.95)):
                found = (values < end).mean()
                assert abs(found - share) < 4 * np.sqrt(0.05 * 0.95 / 4000)
        else:
            assert values.between(row.low, row.high).all()


def test_an_unknown_law_and_a_missing_figure_are_named():
    table = packaged("outage_practice")
    with pytest.raises(UnknownName, match="gamma"):
        draw_practice(np.random.default_rng(1), table.assign(law="gamma"))
    with pytest.raises(UnknownName, match="area_error"):
        draw_practice(np.random.default_rng(1), table[table["name"] != "area_error"])
