"""Ruptures: distances against an independent implementation and against brute force.

Origin of CASES: PlanarSurface of openquake.hazardlib 3.26.2 on a sphere, for planes laid out by its own geodetic
functions from the hypocentre; Holdfast works on the ellipsoid, which is up to 0.5 % apart.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.errors import TableError
from holdfast.recovery.hazard.rupture import Earthquake, distances, rupture_of, style_of
from holdfast.recovery.hazard.sites import Sites

# longitude, latitude, depth, strike, dip, length, width, hypocentre below the top; sites: place, R_JB, R_RUP, R_X
CASES = [
    ((-122.1, 37.75, 8.0, 325.0, 90.0, 60.0, 12.0, 8.0), [
        (-122.1, 37.75, 0.062, 0.071, 0.062),
        (-121.9, 37.85, 20.834, 20.773, 20.834),
        (-122.4, 37.95, 9.382, 9.402, -8.636),
        (-122.05, 37.6, 5.929, 5.958, -5.929),
        (-122.7, 37.35, 68.809, 68.858, -68.809),
        (-122.1, 38.25, 35.475, 35.5, 32.046),
        (-120.9, 38.05, 105.617, 105.614, 105.586),
    ]),
    ((13.0, 42.5, 9.0, 140.0, 45.0, 30.0, 15.0, 7.071068), [
        (13.0, 42.5, 0.0, 6.379, 7.05),
        (13.2, 42.6, 12.651, 12.775, -12.651),
        (12.7, 42.7, 17.844, 20.19, 11.527),
        (13.05, 42.35, 4.068, 11.735, 14.614),
        (12.4, 42.1, 62.821, 64.045, 73.447),
        (13.0, 43.0, 39.795, 39.836, -28.661),
        (14.2, 42.8, 92.42, 92.429, -89.857),
    ]),
    ((-118.0, 34.2, 12.0, 280.0, 30.0, 40.0, 20.0, 4.5), [
        (-118.0, 34.2, 0.0, 10.422, 7.836),
        (-117.8, 34.3, 4.644, 17.483, 21.963),
        (-118.3, 34.4, 13.4, 21.929, 25.058),
        (-117.95, 34.05, 7.803, 10.857, -7.803),
        (-118.6, 33.8, 52.84, 53.373, -45.341),
        (-118.0, 34.7, 45.297, 48.443, 62.608),
        (-116.8, 34.5, 92.993, 94.44, 60.219),
    ]),
]  # fmt: skip


def sites(longitude, latitude) -> Sites:
    return Sites(
        np.zeros((len(longitude), 2)), np.asarray(longitude), np.asarray(latitude), np.full(len(longitude), 760.0)
    )


def earthquake(**changes) -> Earthquake:
    given = {"magnitude": 7.0, "longitude": 10.0, "latitude": 45.0, "depth_km": 8.0, "strike": 30.0, "dip": 60.0}
    return Earthquake(**{**given, **changes})


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"strike {c[0][3]:.0f}")
def test_distances_against_openquake(case):
    (lon, lat, depth, strike, dip, length, width, down), rows = case
    plane = rupture_of(
        earthquake(
            longitude=lon,
            latitude=lat,
            depth_km=depth,
            strike=strike,
            dip=dip,
            length_km=length,
            width_km=width,
            top_depth_km=max(depth - down, 0.0),
        )
    )
    table = np.array(rows)
    found = np.array(distances(plane, sites(table[:, 0], table[:, 1]))).T
    np.testing.assert_allclose(found[:, :2], table[:, 2:4], rtol=4e-3, atol=0.1)
    np.testing.assert_allclose(found[:, 2], table[:, 4], rtol=4e-3, atol=0.25)  # its arc bends off the ends of the edge


@settings(max_examples=25, deadline=None)
@given(
    strike=st.floats(0, 360),
    dip=st.floats(15, 90),
    depth=st.floats(5, 20),
    east=st.floats(-0.8, 0.8),
    north=st.floats(-0.8, 0.8),
)
def test_distances_against_brute_force(strike, dip, depth, east, north):
    """Origin: the plane as 201 x 201 points around the hypocentre, on the same flat map."""
    plane = rupture_of(earthquake(strike=strike, dip=dip, depth_km=depth, length_km=30.0, width_km=10.0))
    place = sites([10.0 + east], [45.0 + north])
    found = distances(plane, place)
    flat = distances(rupture_of(earthquake(magnitude=5.0, strike=None, depth_km=0.0)), place)
    assert flat.joyner_boore[0] == pytest.approx(flat.rupture[0])
    s, d = np.radians(strike), np.radians(dip)
    along, right = np.array([np.sin(s), np.cos(s)]), np.array([np.cos(s), -np.sin(s)])
    u, v = np.meshgrid(np.linspace(0, 30, 201), np.linspace(0, 10, 201))
    x, y = (plane.x + u * along[0] + v * np.cos(d) * right[0], plane.y + u * along[1] + v * np.cos(d) * right[1])
    depths = plane.top_depth + v * np.sin(d)
    to_x, to_y = _flat(east, north)
    level = np.hypot(x - to_x, y - to_y)
    assert found.joyner_boore[0] == pytest.approx(level.min(), abs=0.11)
    assert found.rupture[0] == pytest.approx(np.sqrt(level**2 + depths**2).min(), abs=0.11)


def _flat(east: float, north: float) -> tuple[float, float]:
    """The same azimuthal map, by geodesic from the epicentre."""
    from pyproj import Geod

    azimuth, _, metres = Geod(ellps="WGS84").inv(10.0, 45.0, 10.0 + east, 45.0 + north)
    return metres / 1000 * np.sin(np.radians(azimuth)), metres / 1000 * np.cos(np.radians(azimuth))


def test_styles():
    found = [style_of(r) for r in (0, 30, 31, 90, 149, 150, 180, -180, -150, -149, -90, -31, -30)]
    assert found == [
        "strike_slip",
        "strike_slip",
        "reverse",
        "reverse",
        "reverse",
        "strike_slip",
        "strike_slip",
        "strike_slip",
        "strike_slip",
        "normal",
        "normal",
        "normal",
        "strike_slip",
    ]


def test_plane_goes_through_the_hypocentre():
    plane = rupture_of(earthquake(top_depth_km=2.0))
    at = distances(plane, sites([10.0], [45.0]))
    assert at.joyner_boore[0] == 0  # the epicentre lies over the plane
    assert at.across[0] == pytest.approx((8 - 2) / np.tan(np.radians(60)), abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strike": None}, "magnitude 7 is many kilometres long: state its direction"),
        ({"top_depth_km": 9.0}, "the hypocentre lies at 8 km, outside it"),
        ({"top_depth_km": 0.0, "width_km": 5.0}, "outside it"),
        ({"top_depth_km": -1.0}, r"column rupture.top_depth_km: -1 is outside 0 to 40"),
        ({"length_km": -30.0}, r"column rupture.length_km: -30 is outside 0.001 to 1500"),
        ({"width_km": 0.0}, r"column rupture.width_km: 0 is outside 0.001 to 300"),
        ({"strike": float("nan")}, r"column rupture.strike: nan is outside 0 to 360"),
    ],
)
def test_planes_that_cannot_be(changes, words):
    with pytest.raises(TableError, match=words):
        rupture_of(earthquake(**changes))


def test_swapped_coordinates_are_noticed():
    with pytest.raises(TableError, match="longitude and latitude swapped"):
        distances(rupture_of(earthquake(longitude=45.0, latitude=10.0)), sites([10.0], [45.0]))
