"""The rupture of an earthquake: a plane in the ground, and how far sites are from it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.sites import Sites

KM = 1000.0
FLAT_RAKE, STEEP_RAKE = 30.0, 150.0  # between them a fault moves up or down its dip rather than along its strike


@dataclass(frozen=True)
class Earthquake:
    """What is known of a planar rupture; what is not stated follows from the magnitude.

    Moment magnitude; place and depth of the hypocentre; ``strike`` of the upper edge, to whose right the plane dips
    (needed of large events); ``rake``: 0 or 180 strike-slip, 90 reverse, -90 normal; ``hypocentre_along_strike``: where
    on the length it lies, 0 to 1. Degrees and km.
    """

    magnitude: float
    longitude: float
    latitude: float
    depth_km: float
    strike: float | None = None
    dip: float = 90.0
    rake: float = 0.0
    top_depth_km: float | None = None
    length_km: float | None = None
    width_km: float | None = None
    hypocentre_along_strike: float = 0.5


RANGES = {
    "magnitude": (3.0, 8.5),
    "longitude": (-180.0, 180.0),
    "latitude": (-90.0, 90.0),
    "depth_km": (0.0, 40.0),
    "strike": (0.0, 360.0),
    "dip": (1e-3, 90.0),
    "rake": (-180.0, 180.0),
    "top_depth_km": (0.0, 40.0),
    "length_km": (1e-3, 1500.0),
    "width_km": (1e-3, 300.0),
    "hypocentre_along_strike": (0.0, 1.0),
}
"""Values outside these are taken for a wrong unit, sign or order."""


class Rupture(NamedTuple):
    """A rectangle: size in km, angles in degrees, ``x`` and ``y`` of the start of its upper edge in km.

    ``x``, ``y`` count east and north from the epicentre (``longitude``, ``latitude``).
    """

    magnitude: float
    longitude: float
    latitude: float
    strike: float
    dip: float
    rake: float
    top_depth: float
    length: float
    width: float
    x: float
    y: float


class Distances(NamedTuple):
    """From sites to a rupture, km, each (site,).

    ``joyner_boore`` to the surface projection; ``rupture`` to the plane; ``across`` from the upper edge,
    square to the strike, positive on the side to which the plane dips.
    """

    joyner_boore: NDArray[np.float64]
    rupture: NDArray[np.float64]
    across: NDArray[np.float64]


def style_of(rake: float) -> str:
    """Style of faulting by the rake in degrees, -180 to 180: strike_slip, reverse or normal.

    References
    ----------
    Not specified in Boore et al. (2014), who go by the plunge of the axes: rakes within 30 degrees of
    horizontal are strike-slip, as in their first NGA model.

    Examples
    --------
    >>> style_of(180.0), style_of(90.0), style_of(-90.0)
    ('strike_slip', 'reverse', 'normal')
    """
    if FLAT_RAKE < rake < STEEP_RAKE:
        return "reverse"
    return "normal" if -STEEP_RAKE < rake < -FLAT_RAKE else "strike_slip"


def rupture_of(earthquake: Earthquake) -> Rupture:
    """Complete a rupture: size by Wells & Coppersmith (1994), place by the hypocentre, through which the plane goes.

    Raises
    ------
    TableError
        If a value is outside its range, a large event has no strike, or the plane cannot hold the hypocentre.

    References
    ----------
    Wells & Coppersmith (1994), Bull. Seism. Soc. Am. 84: 974-1002, table 2A. Not specified in the paper: without a
    stated top the hypocentre lies half-way down the plane, moved so that the plane does not reach above the ground.

    Examples
    --------
    >>> plane = rupture_of(Earthquake(magnitude=7.0, longitude=-122.0, latitude=37.7, depth_km=8.0, strike=325.0))
    >>> round(plane.length), round(plane.width), round(plane.top_depth, 1)
    (59, 13, 1.3)
    """
    _check_ranges(earthquake)
    e, strike = earthquake, earthquake.strike or 0.0
    length, width = _size(e)
    steep = np.sin(np.radians(e.dip))
    if e.top_depth_km is None:
        # distance from the upper edge to the hypocentre down the plane, km
        down = min(width / 2, e.depth_km / steep)
    else:
        down = (e.depth_km - e.top_depth_km) / steep
        # margins for rounding where the hypocentre lies on an edge
        if not -1e-9 <= down <= width + 1e-9:
            text = (
                f"the plane reaches from {e.top_depth_km:g} to {e.top_depth_km + width * steep:.1f} km and "
                f"the hypocentre lies at {e.depth_km:g} km, outside it; correct depth, top, width or dip"
            )
            raise TableError("scenario", [Problem(text, column="rupture.top_depth_km")])
    along, right = _directions(strike)
    # from the epicentre back along the strike and up the dip to the corner at which the upper edge starts
    start = -e.hypocentre_along_strike * length * along - down * np.cos(np.radians(e.dip)) * right
    return Rupture(
        e.magnitude,
        e.longitude,
        e.latitude,
        strike,
        e.dip,
        e.rake,
        top_depth=float(e.depth_km - down * steep),
        length=length,
        width=width,
        x=float(start[0]),
        y=float(start[1]),
    )


def _check_ranges(earthquake: Earthquake) -> None:
    """Refuse values that cannot be, and a large event without a direction."""
    problems = [
        Problem(f"{getattr(earthquake, name):g} is outside {low:g} to {high:g}", column=f"rupture.{name}")
        for name, (low, high) in RANGES.items()
        if getattr(earthquake, name) is not None and not low <= getattr(earthquake, name) <= high
    ]
    if earthquake.strike is None and earthquake.magnitude >= figure("point_source_magnitude"):
        text = f"missing; a rupture of magnitude {earthquake.magnitude:g} is many kilometres long: state its direction"
        problems.append(Problem(text, column="rupture.strike"))
    if problems:
        raise TableError("scenario", problems)


def _size(earthquake: Earthquake) -> tuple[float, float]:
    """Length and width in km: as stated, else log10 size = a + b magnitude; a point where there is no strike."""
    if earthquake.strike is None:
        return earthquake.length_km or 0.0, earthquake.width_km or 0.0
    row = packaged("rupture_scaling").set_index("style").loc[style_of(earthquake.rake)]
    sizes = [10 ** (row[f"{s}_a"] + row[f"{s}_b"] * earthquake.magnitude) for s in ("length", "width")]
    return earthquake.length_km or float(sizes[0]), earthquake.width_km or float(sizes[1])


def _directions(strike: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors (east, north) along the strike and to its right."""
    sine, cosine = np.sin(np.radians(strike)), np.cos(np.radians(strike))
    return np.array([sine, cosine]), np.array([cosine, -sine])


def distances(rupture: Rupture, sites: Sites) -> Distances:
    """Distances of sites on the surface from a rupture, km.

    Raises
    ------
    TableError
        If no site lies within 1,000 km.
    """
    # azimuthal equidistant around the epicentre: true distances from there, and right enough near the rupture
    plane = f"+proj=aeqd +lat_0={rupture.latitude} +lon_0={rupture.longitude} +datum=WGS84 +units=m"
    east, north = Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform(sites.longitude, sites.latitude)
    offset = np.column_stack([east, north]) / KM - [rupture.x, rupture.y]
    along, right = _directions(rupture.strike)
    x, y = offset @ along, offset @ right
    sine, cosine = np.sin(np.radians(rupture.dip)), np.cos(np.radians(rupture.dip))
    beyond = _outside(x, rupture.length)
    # the surface projection is a rectangle of the length and of the width seen from above
    level = np.hypot(beyond, _outside(y, rupture.width * cosine))
    if len(level) and level.min() > figure("farthest_rupture"):
        text = f"lies {level.min():,.0f} km from the nearest site; are longitude and latitude swapped, or a sign wrong?"
        raise TableError("scenario", [Problem(text, column="rupture.longitude")])
    # coordinates of the site in the plane, down the dip from the upper edge, and square to it
    down = _outside(y * cosine - rupture.top_depth * sine, rupture.width)
    off = y * sine + rupture.top_depth * cosine
    return Distances(level, np.sqrt(beyond**2 + down**2 + off**2), y)


def _outside(place: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """How far a coordinate lies outside 0 to `end`."""
    return np.asarray(np.maximum(np.maximum(-place, place - end), 0.0))
