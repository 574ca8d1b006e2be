"""The rupture of an earthquake: a plane in the ground, and how far sites are from it."""

from typing import NamedTuple

import numpy as np
from pyproj import Transformer

from holdfast.config import RuptureOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.sites import Sites

KM = 1000.0
FLAT_RAKE, STEEP_RAKE = 30.0, 150.0  # between them a fault moves up or down its dip rather than along its strike


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

    joyner_boore: np.ndarray
    rupture: np.ndarray
    across: np.ndarray


def style_of(rake: float) -> str:
    """Style of faulting: strike_slip, reverse or normal.

    Parameters
    ----------
    rake : float
        Degrees, -180 to 180.

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


def rupture_of(options: RuptureOptions) -> Rupture:
    """Complete a rupture: size by Wells & Coppersmith (1994), place by the hypocentre.

    Parameters
    ----------
    options : RuptureOptions
        What the study states.

    Returns
    -------
    Rupture
        Its plane goes through the hypocentre. Not specified in the paper: without a stated top the
        hypocentre lies half-way down the plane, moved so that the plane does not reach above the ground.

    Raises
    ------
    TableError
        If a large event has no strike, or the plane cannot hold the hypocentre.

    References
    ----------
    Wells & Coppersmith (1994), Bull. Seism. Soc. Am. 84: 974-1002, table 2A.

    Examples
    --------
    >>> options = RuptureOptions(magnitude=7.0, longitude=-122.0, latitude=37.7, depth_km=8.0, strike=325.0)
    >>> plane = rupture_of(options)
    >>> round(plane.length), round(plane.width), round(plane.top_depth, 1)
    (59, 13, 1.3)
    """
    if options.strike is None and options.magnitude >= figure("point_source_magnitude"):
        text = f"missing; a rupture of magnitude {options.magnitude:g} is many kilometres long: state its direction"
        raise TableError("scenario", [Problem(text, column="scenario.rupture.strike")])
    strike = options.strike or 0.0
    length, width = _size(options)
    steep = np.sin(np.radians(options.dip))
    if options.top_depth_km is None:
        down = min(width / 2, options.depth_km / steep)
    else:
        down = (options.depth_km - options.top_depth_km) / steep
        if not -1e-9 <= down <= width + 1e-9:
            text = (
                f"the plane reaches from {options.top_depth_km:g} to {options.top_depth_km + width * steep:.1f} km and "
                f"the hypocentre lies at {options.depth_km:g} km, outside it; correct depth, top, width or dip"
            )
            raise TableError("scenario", [Problem(text, column="scenario.rupture.top_depth_km")])
    along, right = _directions(strike)
    start = -options.hypocentre_along_strike * length * along - down * np.cos(np.radians(options.dip)) * right
    return Rupture(
        options.magnitude,
        options.longitude,
        options.latitude,
        strike,
        options.dip,
        options.rake,
        float(options.depth_km - down * steep),
        length,
        width,
        float(start[0]),
        float(start[1]),
    )


def _size(options: RuptureOptions) -> tuple[float, float]:
    """Length and width in km: as stated, else log10 size = a + b magnitude; a point where there is no strike."""
    if options.strike is None:
        return options.length_km or 0.0, options.width_km or 0.0
    row = packaged("rupture_scaling").set_index("style").loc[style_of(options.rake)]
    sizes = [10 ** (row[f"{s}_a"] + row[f"{s}_b"] * options.magnitude) for s in ("length", "width")]
    return options.length_km or float(sizes[0]), options.width_km or float(sizes[1])


def _directions(strike: float) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (east, north) along the strike and to its right."""
    sine, cosine = np.sin(np.radians(strike)), np.cos(np.radians(strike))
    return np.array([sine, cosine]), np.array([cosine, -sine])


def distances(rupture: Rupture, sites: Sites) -> Distances:
    """Distances of sites on the surface from a rupture.

    Parameters
    ----------
    rupture : Rupture
        The plane.
    sites : Sites
        By longitude and latitude.

    Returns
    -------
    Distances
        Shape (site,), km. On a plane map around the epicentre (azimuthal equidistant).

    Raises
    ------
    TableError
        If no site lies within 1,000 km.
    """
    plane = f"+proj=aeqd +lat_0={rupture.latitude} +lon_0={rupture.longitude} +datum=WGS84 +units=m"
    east, north = Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform(sites.longitude, sites.latitude)
    offset = np.column_stack([east, north]) / KM - [rupture.x, rupture.y]
    along, right = _directions(rupture.strike)
    x, y = offset @ along, offset @ right
    sine, cosine = np.sin(np.radians(rupture.dip)), np.cos(np.radians(rupture.dip))
    beyond = _outside(x, rupture.length)
    level = np.hypot(beyond, _outside(y, rupture.width * cosine))
    if len(level) and level.min() > figure("farthest_rupture"):
        text = f"lies {level.min():,.0f} km from the nearest site; are longitude and latitude swapped, or a sign wrong?"
        raise TableError("scenario", [Problem(text, column="scenario.rupture.longitude")])
    down = _outside(y * cosine - rupture.top_depth * sine, rupture.width)
    off = y * sine + rupture.top_depth * cosine
    return Distances(level, np.sqrt(beyond**2 + down**2 + off**2), y)


def _outside(place: np.ndarray, end: float) -> np.ndarray:
    """How far a coordinate lies outside 0 to `end`."""
    return np.asarray(np.maximum(np.maximum(-place, place - end), 0.0))
