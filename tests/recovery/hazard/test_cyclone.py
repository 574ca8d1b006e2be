"""Cyclones: the profile and the decay against figures worked by hand from the equations of their papers, and a track.

Holland (1980), B = 1.5, at twice the radius of the highest wind: x = 0.5^1.5 = 0.35355, sqrt(x exp(1 - x)) = 0.82148.
Kaplan & DeMaria (1995), 100 kt at landfall, 6 hours later: 26.7 + 63.3 exp(-0.57) = 62.497 kt.
The papers are not at hand: figures that they print could not be laid beside these.
"""

import numpy as np
import pandas as pd
import pytest

from holdfast.data import packaged
from holdfast.errors import TableError
from holdfast.recovery.hazard.cyclone import KNOT, Cyclone, holland, holland_shape, inland_wind, track_gusts

GUST = float(packaged("cyclone_figures").set_index("name").loc["gust_factor", "value"])


def still(**changes) -> pd.DataFrame:
    """A storm that stands still at 20 degrees north: 50 m/s at 30 km."""
    own = {"time_h": [0.0, 6.0], "longitude": 0.0, "latitude": 20.0, "wind": 50.0, "radius_km": 30.0}
    return pd.DataFrame(own | changes)


def at(track, east_km, north_km, **changes):
    degree = 111.195
    middle = track["latitude"].mean()
    x = np.asarray(east_km) / (degree * np.cos(np.radians(middle))) + 0.0
    return track_gusts(Cyclone(track, **changes), x, 20.0 + np.asarray(north_km) / degree)


def test_profile_by_hand():
    found = holland(np.array([60.0, 30.0, 0.0]), np.full(3, 30.0), np.full(3, 1.5))
    np.testing.assert_allclose(found, [0.82148, 1.0, 0.0], atol=1e-5)


def test_profile_is_highest_at_its_radius_for_any_shape():
    radius = np.linspace(1, 300, 3000)
    for shape in (1.0, 1.4, 2.5):
        found = holland(radius, np.full(3000, 40.0), np.full(3000, shape))
        assert radius[found.argmax()] == pytest.approx(40.0, abs=0.1)
        assert found.max() <= 1


def test_shape_from_pressure_by_hand():
    """B = 1.15 e 40^2 / 5000 = 1.00032 and its bounds."""
    found = holland_shape(np.array([40.0, 80.0, 10.0]), np.array([50.0, 50.0, 50.0]))
    np.testing.assert_allclose(found, [1.00032, 2.5, 1.0], atol=1e-5)


def test_decay_by_hand():
    found = inland_wind(100 * KNOT, np.array([0.0, 6.0])) / KNOT
    np.testing.assert_allclose(found, [90.0, 62.497], atol=1e-3)
    weak = inland_wind(20 * KNOT, np.array([0.0, 50.0])) / KNOT
    np.testing.assert_allclose(weak, 18.0)


def test_a_storm_that_stands_still_is_round():
    """By hand: 50 m/s times the gust factor at its radius on all sides; at 60 km 50 x 0.8375 (B = 1.4)."""
    found = at(still(), [30.0, -30.0, 0.0, 0.0], [0.0, 0.0, 30.0, -30.0])
    np.testing.assert_allclose(found, 50.0 * GUST, rtol=1e-6)
    x = 0.5**1.4
    np.testing.assert_allclose(at(still(), [60.0], [0.0]), 50.0 * GUST * np.sqrt(x * np.exp(1 - x)), rtol=1e-6)


def test_the_right_side_is_windier_in_the_north_and_the_left_in_the_south():
    """A storm of 50 m/s that moves north at 10 m/s: its highest gust is at most what the track says."""
    hours = np.arange(0.0, 13.0)
    north = still().reindex([0] * 13).assign(time_h=hours, latitude=18.0 + hours * 36.0 / 111.195)
    right, left = at(north, [30.0, -30.0], [0.0, 0.0])
    assert 1.15 * left < right <= 50.0 * GUST * (1 + 1e-9)
    assert right > 0.97 * 50.0 * GUST
    south = north.assign(latitude=-north["latitude"])
    x = np.array([30.0, -30.0]) / (111.195 * np.cos(np.radians(20.0)))
    east, west = track_gusts(Cyclone(south), x, np.full(2, -20.0))
    assert east > 1.15 * west  # it moves south there, and the left of its way is the east


def test_landfall_and_the_date_line():
    track = still()
    inland = at(track, [30.0], [0.0], landfall_h=0.0)
    np.testing.assert_allclose(inland, inland_wind(50.0, np.array([0.0])) * GUST)
    over = still(longitude=[179.9, -179.9])
    x = np.array([-179.7, 179.7])
    one, other = track_gusts(Cyclone(over), x, np.full(2, 20.0))
    assert min(one, other) > 20


@pytest.mark.parametrize(
    ("track", "text"),
    [
        (still().drop(columns="wind"), "no such column"),
        (still().iloc[:1], "fewer than two"),
        (still(time_h=[6.0, 6.0]), "do not rise"),
    ],
)
def test_bad_tracks_are_refused(track, text):
    with pytest.raises(TableError, match=text):
        at(track, [0.0], [0.0])
