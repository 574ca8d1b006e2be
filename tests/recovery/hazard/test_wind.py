"""Gusts at sites: one gust, tables, residuals, both agents together, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import TableError
from holdfast.recovery.hazard import Correlation, Cyclone, Sites, flood, together, wind

SITES = Sites(np.array([[0.0, 0.0], [200.0, 0.0]]), np.array([10.0, 10.002]), np.full(2, 45.0), np.full(2, 500.0))
NEAR = pd.DataFrame({"longitude": [10.0, 10.002], "latitude": 45.0, "gust": [40.0, 60.0]})


def test_tables_and_figures_give_medians():
    one = wind(NEAR).at(SITES, ("gust",))(np.random.default_rng(1))["gust"]
    np.testing.assert_allclose(one, [40.0, 60.0], rtol=1e-6)
    flat = wind(33.0).at(SITES, ("gust",))(np.random.default_rng(1))["gust"]
    np.testing.assert_allclose(flat, 33.0)


def test_residuals_have_the_stated_spread():
    """Origin: 0.1 between and 0.1 within events, logarithms 0.1414 in all; neighbours 200 m apart share nearly all."""
    field = wind(40.0, 0.1, 0.1, Correlation(range_m=20_000.0)).at(SITES, ("gust",))
    logs = np.log([field(np.random.default_rng(i))["gust"] for i in range(1500)])
    np.testing.assert_allclose(logs.std(axis=0), 0.1414, rtol=4 / np.sqrt(3000))
    assert np.corrcoef(logs.T)[0, 1] > 0.9


def test_both_agents_are_drawn_as_alone():
    both = together(flood(1.0), wind(NEAR))
    drawn = both.at(SITES, ("depth", "gust"))(np.random.default_rng(1))
    assert drawn["depth"].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(drawn["gust"], [40.0, 60.0], rtol=1e-6)
    assert set(both.at(SITES, ("depth",))(np.random.default_rng(1))) == {"depth"}


def test_a_cyclone_is_a_wind():
    track = pd.DataFrame({"time_h": [0.0, 1.0], "longitude": 10.0, "latitude": 45.3, "wind": 50.0, "radius_km": 30.0})
    gusts = wind(Cyclone(track)).at(SITES, ("gust",))(np.random.default_rng(1))["gust"]
    assert (gusts > 50).all()


@pytest.mark.parametrize(
    ("gust", "text"),
    [
        (140.0, "unit wrong"),
        (NEAR.assign(gust=[40.0, 150.0]), "unit wrong"),
        (NEAR.drop(columns="gust"), "no such column"),
    ],
)
def test_what_is_no_gust_is_refused(gust, text):
    with pytest.raises(TableError, match=text):
        wind(gust)


def test_a_range_must_be_stated_where_gusts_vary():
    with pytest.raises(TableError, match="hardly correlate"):
        wind(40.0, within_event_sd=0.1)
