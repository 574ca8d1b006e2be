"""Ground failure: permanent deformation where the ground liquefies or slides, from classes of susceptibility.

Ground fails in patches: squares of the figure ``ground_patch``, of which a share fails, and those whole.
"""

from functools import partial
from typing import NamedTuple

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import figure, packaged
from holdfast.errors import UnknownName
from holdfast.recovery.hazard.chance import normal, uniform
from holdfast.recovery.hazard.intensities import USUAL, Extension, weights_of
from holdfast.recovery.hazard.shaking import GROUND
from holdfast.recovery.hazard.sites import Field, Hazard, Sites

PGA = "PGA"
LIQUEFACTION, LANDSLIDE = "liquefaction", "landslide"
NONE = "none"
FEET_PER_M, CM_PER_INCH = 3.28084, 2.54
MAGNITUDE = (0.0027, -0.0267, -0.2055, 2.9188)
"""Coefficients of the correction of the probability of liquefaction for magnitude, highest power first."""
SPREADING = (0.0086, -0.0914, 0.4698, -0.9835)
"""The same for lateral spreading."""
PLACES = np.uint64(4)
"""Random numbers of a patch: whether it liquefies, how far it moves, whether it slides, how far."""


class Ground(NamedTuple):
    """What the ground is, where no table says more.

    ``liquefaction``, ``landslide``: classes of the packaged table ``ground_failure``; ``groundwater_m``: depth of the
    groundwater, m; ``magnitude``: moment magnitude of the event.
    """

    liquefaction: str = "low"
    landslide: str = NONE
    groundwater_m: float = 1.5
    magnitude: float = 7.0


class _Failure(NamedTuple):
    """Classes as arrays, in the order of the table, and the corrections for magnitude and groundwater."""

    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    share: NDArray[np.float64]
    threshold: NDArray[np.float64]
    settlement: NDArray[np.float64]
    rarer: float
    spread: float
    magnitude: float
    beta: float


def with_ground_failure(
    hazard: Hazard, ground: Ground, places: pd.DataFrame | None = None, extension: Extension = USUAL
) -> Hazard:
    """The event with permanent ground deformation (PGD, cm) from its PGA; as it is where it states PGD, or no PGA.

    Parameters
    ----------
    hazard : Hazard
        Any event; its shaking stays as it is.
    ground : Ground
        Classes of the ground.
    places : DataFrame, optional
        ``longitude``, ``latitude`` (degrees), ``liquefaction``, ``landslide``: a site has the classes of the nearest
        place, and those of `ground` where they are empty.
    extension : Extension
        How far a site may lie from all places.

    Raises
    ------
    UnknownName
        If a class is not known.

    References
    ----------
    FEMA, Hazus Earthquake Model Technical Manual, chapter 4: probability and displacement of liquefaction, classes of
    slopes. Jibson (2007), Engineering Geology 91: 209-218, equation 7: displacement of slopes. Departs from Hazus, which
    takes expected deformations everywhere, in drawing which patches fail; and in the displacement of slopes.

    Examples
    --------
    >>> from holdfast.recovery.hazard import uniform
    >>> with_ground_failure(uniform({"PGA": 0.4}), Ground("very_high")).measures
    ('PGA', 'PGD')
    >>> with_ground_failure(uniform({"PGA": 0.4}), Ground("none")).measures
    ('PGA',)
    """
    table = packaged("ground_failure")
    for kind, name in ((LIQUEFACTION, ground.liquefaction), (LANDSLIDE, ground.landslide)):
        known = table.loc[table["kind"] == kind, "susceptibility"]
        if name not in set(known):
            what = f"class of {kind}"
            raise UnknownName(what, name, known, f"scenario.{kind}")
    level = places is None and ground.liquefaction == NONE and ground.landslide == NONE
    if level or GROUND in hazard.measures or PGA not in hazard.measures:
        return hazard
    return Hazard((*hazard.measures, GROUND), partial(_at, hazard, ground, places, extension))


def _at(
    hazard: Hazard,
    ground: Ground,
    places: pd.DataFrame | None,
    extension: Extension,
    sites: Sites,
    measures: tuple[str, ...],
) -> Field:
    """Field at sites: that of the event, and deformation where it is wanted."""
    if GROUND not in measures:
        return hazard.at(sites, measures)
    shaking = tuple(m for m in measures if m != GROUND)
    field = hazard.at(sites, shaking if PGA in shaking else (*shaking, PGA))
    liquefies, slides = (_classes(kind, ground, places, extension, sites) for kind in (LIQUEFACTION, LANDSLIDE))
    wet, slope = (_failure(kind, ground) for kind in (LIQUEFACTION, LANDSLIDE))
    patch = _patches(sites.position)

    def drawn(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        found = field(rng)
        # after the shaking, which therefore is the same with and without ground failure
        key = rng.integers(2**64, dtype=np.uint64)
        moved = deformation(key, patch, found[PGA], liquefies, slides, wet, slope)
        return {m: found[m] for m in shaking} | {GROUND: moved}

    return drawn


def _classes(
    kind: str, ground: Ground, places: pd.DataFrame | None, extension: Extension, sites: Sites
) -> NDArray[np.int64]:
    """Class of every site, as its row among those of the kind, shape (site,)."""
    table = packaged("ground_failure")
    names = pd.Index(table.loc[table["kind"] == kind, "susceptibility"])
    usual = int(names.get_loc(getattr(ground, kind)))
    if places is None or kind not in places:
        return np.full(len(sites.position), usual, dtype=np.int64)
    own = names.get_indexer(places[kind].astype(object).where(places[kind].notna(), names[usual]))
    if (own < 0).any():
        what = f"class of {kind}"
        raise UnknownName(what, str(places[kind].iloc[int(np.argmax(own < 0))]), names, f"ground_classes.{kind}")
    nearest = weights_of(sites, extension, places, "nearest", "ground_classes").place[:, 0]
    return np.asarray(own[nearest], dtype=np.int64)


def _failure(kind: str, ground: Ground) -> _Failure:
    """The classes of a kind as arrays."""
    rows = packaged("ground_failure").query("kind == @kind")
    columns = ("slope", "intercept", "area_share", "threshold_g", "settlement_cm")
    slope, intercept, share, threshold, settlement = (rows[c].to_numpy(np.float64) for c in columns)
    deep = 0.022 * ground.groundwater_m * FEET_PER_M + 0.93
    rarer, spread = (float(np.polyval(c, ground.magnitude)) for c in (MAGNITUDE, SPREADING))
    beta = figure(f"{kind}_displacement_beta")
    rarer, spread = max(rarer, 0.1) * deep, max(spread, 0.0)
    return _Failure(slope, intercept, share, threshold, settlement, rarer, spread, ground.magnitude, beta)


def _patches(position: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Number of the square in which each site lies: by its place alone, so that the same place fails in every city."""
    row = np.floor(position / figure("ground_patch")).astype(np.int64)
    return (row[:, 0].astype(np.uint64) << np.uint64(30)) ^ (row[:, 1].astype(np.uint64) & np.uint64(2**30 - 1))


@numba.njit(cache=True)
def lateral_spread(ratio: float) -> float:
    """Expected lateral spreading of magnitude 7.5, inches, at a PGA of `ratio` thresholds (Hazus, figure 4.9)."""
    if ratio <= 1.0:
        return 0.0
    if ratio <= 2.0:
        return 12.0 * ratio - 12.0
    if ratio <= 3.0:
        return 18.0 * ratio - 24.0
    return min(70.0 * ratio - 180.0, 100.0)


@numba.njit(cache=True)
def slide_cm(ratio: float, magnitude: float) -> float:
    """Displacement of a slope, cm, whose critical acceleration is `ratio` of PGA (Jibson 2007, equation 7)."""
    if ratio >= 1.0:
        return 0.0
    return float(10.0 ** (-2.71 + np.log10((1.0 - ratio) ** 2.335 * ratio**-1.478) + 0.424 * magnitude))


@numba.njit(cache=True)
def deformation(
    key: np.uint64,
    patch: np.ndarray,
    pga: np.ndarray,
    liquefies: np.ndarray,
    slides: np.ndarray,
    wet: _Failure,
    slope: _Failure,
) -> np.ndarray:
    """Permanent ground deformation of one draw, cm, shape (site,): the larger of what liquefaction and a slide do.

    Parameters
    ----------
    key : uint64
        Of the draw.
    patch, liquefies, slides : ndarray
        Of every site its patch, and its rows in `wet` and `slope`, shape (site,).
    pga : ndarray
        Peak ground acceleration, g, shape (site,).
    wet, slope : _Failure
        The classes of both kinds.
    """
    out = np.zeros(pga.size)
    for i in range(pga.size):
        place, a, moved = patch[i] * PLACES, pga[i], 0.0
        c = liquefies[i]
        if wet.share[c] > 0.0:
            chance = min(max(wet.slope[c] * a + wet.intercept[c], 0.0), 1.0) * wet.share[c] / wet.rarer
            if uniform(key, place) < chance:
                inches = lateral_spread(a / wet.threshold[c]) * wet.spread
                spread = np.exp(wet.beta * normal(key, place + np.uint64(1)))
                moved = max(inches * CM_PER_INCH * spread, wet.settlement[c])
        c = slides[i]
        if slope.share[c] > 0.0 and a > slope.threshold[c] and uniform(key, place + np.uint64(2)) < slope.share[c]:
            spread = np.exp(slope.beta * normal(key, place + np.uint64(3)))
            moved = max(moved, slide_cm(slope.threshold[c] / a, slope.magnitude) * spread)
        out[i] = moved
    return out


def places_of(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Classes of the ground at longitude and latitude, degrees, from a table of points (schema ``ground_classes``)."""
    points = table.geometry.to_crs("EPSG:4326")
    classes = pd.DataFrame(table.drop(columns="geometry"))
    return classes.assign(longitude=points.x.to_numpy(), latitude=points.y.to_numpy())
