"""What every hazard takes and gives: sites, measures with their units, one draw."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from holdfast.errors import Problem, TableError, UnknownName

MEASURES = {
    "PGA": "g",
    "SA0.3": "g",
    "SA1.0": "g",
    "PGV": "cm/s",
    "PGD": "cm",
    "depth": "m",
    "velocity": "m/s",
    "gust": "m/s",
}
"""Intensity measures and their units; a measure has one unit everywhere. Depth is that of water above the ground, velocity
that of the water, gust the peak gust of 3 s at 10 m over open ground."""
DEPTH, VELOCITY, GUST = "depth", "velocity", "gust"


class Sites(NamedTuple):
    """Where shaking is wanted, in one order.

    ``position`` (site, 2), m in a projected CRS; ``longitude``, ``latitude`` (site,), degrees;
    ``vs30`` (site,), mean shear-wave velocity of the upper 30 m, m/s.
    """

    position: NDArray[np.float64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    vs30: NDArray[np.float64]


Field = Callable[[np.random.Generator], dict[str, NDArray[np.float64]]]
"""One draw: intensity measure -> (site,) in the unit of `MEASURES`."""


class Hazard(NamedTuple):
    """One event: what it can give, and how it is drawn.

    ``measures``: names of `MEASURES`. ``at``: sites and the measures wanted of them -> the field, prepared once for all
    draws. For more than one worker ``at`` must be a function at the top of a module, or a `functools.partial` of one.
    """

    measures: tuple[str, ...]
    at: Callable[[Sites, tuple[str, ...]], Field]


def field_at(hazard: Hazard, sites: Sites, measures: tuple[str, ...]) -> Field:
    """Field of an event at sites, of which every draw is held to its shape; `hazard` may come from outside the package.

    Parameters
    ----------
    hazard : Hazard
        The event, of which ``at`` prepares the field.
    sites : Sites
        Places in the order of the assets.
    measures : tuple of str
        Wanted of it; without any, nothing is drawn.

    Raises
    ------
    UnknownName
        If the hazard gives a measure that has no unit here.
    TableError
        When a draw lacks a measure, or has not one number per site.

    Examples
    --------
    >>> sites = sites_of(np.array([[500_000.0, 0.0]]), "EPSG:32610", 760.0)
    >>> still = Hazard(("PGA",), lambda sites, measures: lambda rng: {"PGA": np.zeros(2)})
    >>> field_at(still, sites, ("PGA",))(np.random.default_rng(1))
    Traceback (most recent call last):
    holdfast.errors.TableError: hazard, 1 error
      column PGA: one draw gave shape (2,); give one number for each of the 1 sites
    """
    for measure in hazard.measures:
        if measure not in MEASURES:
            raise UnknownName("intensity measure", measure, MEASURES)
    field = hazard.at(sites, measures)

    def held(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        drawn = field(rng)
        values = {m: np.asarray(drawn[m], dtype=np.float64) for m in measures if m in drawn}
        problems = [
            Problem("is needed, and not among what the draw gave", column=m) for m in measures if m not in drawn
        ]
        text = "one draw gave shape {}; give one number for each of the {} sites"
        count = len(sites.position)
        problems += [Problem(text.format(v.shape, count), column=m) for m, v in values.items() if v.shape != (count,)]
        if problems:
            raise TableError("hazard", problems)
        return values

    return held


def sites_of(position: NDArray[np.float64], crs: str, vs30: NDArray[np.float64] | float) -> Sites:
    """Sites from places in a projected CRS, with geographic coordinates (WGS 84).

    Parameters
    ----------
    position : ndarray
        Places in the CRS, shape (site, 2), m.
    crs : str
        Projected CRS of the places.
    vs30 : ndarray or float
        Shape (site,) or one value for all, m/s.

    Examples
    --------
    >>> place = sites_of(np.array([[500_000.0, 0.0]]), "EPSG:32610", 760.0)
    >>> place.longitude.round(6).tolist(), place.vs30.tolist()
    ([-123.0], [760.0])
    """
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*position.T)
    return Sites(
        np.ascontiguousarray(position, dtype=np.float64),
        np.asarray(longitude),
        np.asarray(latitude),
        np.broadcast_to(np.asarray(vs30, dtype=np.float64), len(position)),
    )
