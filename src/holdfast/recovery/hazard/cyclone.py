"""Cyclones: gusts along a track, by a radial profile, the storm's own motion and its decay over land."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.ground import TURN

KNOT = 1852.0 / 3600.0
"""m/s."""
KM_PER_DEGREE = 111.195
HPA = 100.0
STEP_H = 0.125
"""Hours between the places of the storm at which gusts are computed."""
AT_ONCE = 8192  # sites whose gusts at all hours are held at a time
COLUMNS = ("time_h", "longitude", "latitude", "wind", "radius_km")


class Cyclone(NamedTuple):
    """A track and what it does not say.

    ``track``: rows by rising ``time_h``, with ``longitude``, ``latitude``, ``wind`` (the storm's highest wind of one minute at
    10 m, m/s), ``radius_km`` (of that wind) and perhaps ``pressure`` and ``environment`` (hPa, central and around);
    ``landfall_h``: hour from which the wind decays over land, None where the track says so itself; ``shape``: parameter B of
    Holland where no pressure is given.
    """

    track: pd.DataFrame
    landfall_h: float | None = None
    shape: float | None = None


def holland(
    radius: NDArray[np.float64], largest_radius: NDArray[np.float64], shape: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Wind at a radius over the storm's highest: sqrt(x exp(1 - x)) with x = (R / r)^B; 0 in the centre.

    Parameters
    ----------
    radius, largest_radius : ndarray
        Distance from the centre, and that of the highest wind, in one unit.
    shape : ndarray
        Parameter B, 1 to 2.5.

    References
    ----------
    Holland (1980), Mon. Weather Rev. 108: 1212-1218, equation 5 without the Coriolis term, over its maximum (equation 7).

    Examples
    --------
    >>> one = np.ones(3)
    >>> holland(np.array([0.5, 1.0, 2.0]), one, 1.0 * one).round(4).tolist()
    [0.8578, 1.0, 0.9079]
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        x = (largest_radius / radius) ** shape
        share = np.sqrt(x * np.exp(1.0 - x))
    return np.asarray(np.where(np.isfinite(share), share, 0.0))


def holland_shape(wind: NDArray[np.float64], drop_hpa: NDArray[np.float64]) -> NDArray[np.float64]:
    """Parameter B from the highest wind (m/s) and the fall of pressure to the centre (hPa), held to 1 to 2.5.

    References
    ----------
    Holland (1980), equation 7: V = sqrt(B dp / (rho e)), with the density of air and the bounds of the packaged table
    ``cyclone_figures``. Departs from the paper, whose wind is that of the gradient: here the wind at 10 m.

    Examples
    --------
    >>> holland_shape(np.array([50.0]), np.array([50.0])).round(3).tolist()
    [1.563]
    """
    known = _figures()
    found = known["air_density"] * np.e * wind**2 / (np.maximum(drop_hpa, 1.0) * HPA)
    return np.asarray(np.clip(found, known["least_shape"], known["largest_shape"]))


def inland_wind(wind: float, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Highest wind of a storm hours after its landfall, m/s: V = Vb + (R V0 - Vb) exp(-a t).

    Parameters
    ----------
    wind : float
        V0, highest wind of one minute at landfall, m/s.
    hours : ndarray
        Since landfall, at least 0.

    References
    ----------
    Kaplan & DeMaria (1995), J. Appl. Meteorol. 34: 2499-2512, equation 3; Vb 26.7 kt, a 0.095 per hour, R 0.9. Departs from
    the paper in leaving out its correction by the distance inland (equation 5).

    Examples
    --------
    >>> (inland_wind(100 * KNOT, np.array([0.0, 12.0, 1e3])) / KNOT).round(1).tolist()
    [90.0, 46.9, 26.7]
    """
    known = _figures()
    background = known["decay_background"] * KNOT
    # a wind below the background does not grow over land
    if wind * known["decay_landfall"] <= background:
        return np.full(np.shape(hours), wind * known["decay_landfall"])
    return np.asarray(background + (known["decay_landfall"] * wind - background) * np.exp(-known["decay_rate"] * hours))


def track_gusts(of: Cyclone, longitude: NDArray[np.float64], latitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Highest gust at each site while the storm passes, m/s, shape (site,).

    The wind is the profile around the centre, along its circles against the sun's way in the north, plus a share of the
    storm's own motion (turned towards its left by some degrees); the profile's own maximum is what the track says less that
    share. A gust of 3 s is a factor times the wind of one minute.

    Parameters
    ----------
    of : Cyclone
        The storm.
    longitude, latitude : ndarray
        Sites, degrees.

    Raises
    ------
    TableError
        If the track lacks a column, has fewer than two rows, or its hours do not rise.

    References
    ----------
    Lin & Chavas (2012), J. Geophys. Res. 117, D09120: 0.55 of the motion, turned by 20 degrees. Harper, Kepert & Ginger (2010),
    WMO/TD-1555, table 1.1: gust factors. Not specified in the papers: no inflow angle; motion fades with the profile.
    """
    path = _path(of)
    known = _figures()
    east, north = _km(path["longitude"], path["latitude"], path)
    motion = np.column_stack([np.gradient(east, path["time_h"]), np.gradient(north, path["time_h"])]) / 3.6
    south = np.where(path["latitude"] < 0, -1.0, 1.0)
    turn = np.radians(known["motion_turn"]) * south
    rest = known["motion_share"] * np.column_stack(
        [
            motion[:, 0] * np.cos(turn) - motion[:, 1] * np.sin(turn),
            motion[:, 0] * np.sin(turn) + motion[:, 1] * np.cos(turn),
        ]
    )
    own = np.maximum(path["wind"] - np.hypot(*rest.T), 0.0)
    gusts = np.empty(len(longitude))
    for at in range(0, len(gusts), AT_ONCE):
        part = slice(at, at + AT_ONCE)
        x, y = _km(longitude[part], latitude[part], path)
        dx, dy = x[:, None] - east, y[:, None] - north
        radius = np.maximum(np.hypot(dx, dy), 1e-6)
        share = holland(radius, path["radius_km"], path["shape"])
        # along the circle: to the left of the way outwards in the north, to the right in the south
        u = share * (-own * south * dy / radius + rest[:, 0])
        v = share * (own * south * dx / radius + rest[:, 1])
        gusts[part] = np.hypot(u, v).max(axis=1)
    return gusts * known["gust_factor"]


def _path(of: Cyclone) -> dict[str, NDArray[np.float64]]:
    """The track at equal steps of time, with the shape of its profile and its decay over land."""
    track = of.track
    lacking = [c for c in COLUMNS if c not in track]
    if lacking or len(track) < 2:
        problems = [Problem("no such column; add it", column=c) for c in lacking]
        raise TableError("track", problems or [Problem("has fewer than two rows")])
    hours = track["time_h"].to_numpy(np.float64)
    if not (np.diff(hours) > 0).all():
        raise TableError(
            "track", [Problem("hours do not rise from row to row; sort them, and keep one of each", column="time_h")]
        )
    step = np.append(np.arange(hours[0], hours[-1], STEP_H), hours[-1])
    # over the date line longitudes go on counting
    rows = track.assign(longitude=np.unwrap(track["longitude"].to_numpy(np.float64), period=TURN))
    path = {c: np.interp(step, hours, rows[c].to_numpy(np.float64)) for c in COLUMNS[1:]}
    path["time_h"] = step
    if of.landfall_h is not None:
        at = float(np.interp(of.landfall_h, step, path["wind"]))
        decayed = inland_wind(at, np.maximum(step - of.landfall_h, 0.0))
        path["wind"] = np.where(step >= of.landfall_h, np.minimum(decayed, path["wind"]), path["wind"])
    path["shape"] = np.full(len(step), of.shape if of.shape else _figures()["usual_shape"])
    if of.shape is None and {"pressure", "environment"} <= set(track):
        drop = np.interp(step, hours, (track["environment"] - track["pressure"]).to_numpy(np.float64))
        path["shape"] = holland_shape(path["wind"], drop)
    return path


def _km(
    longitude: NDArray[np.float64], latitude: NDArray[np.float64], path: dict[str, NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places on a plane map about the middle of the track, km east and north."""
    # flat: the winds that break anything lie within some hundred km
    middle = path["latitude"].mean()
    turned = longitude + TURN * np.round((path["longitude"].mean() - longitude) / TURN)
    return KM_PER_DEGREE * np.cos(np.radians(middle)) * turned, KM_PER_DEGREE * latitude


def _figures() -> "pd.Series[float]":
    return packaged("cyclone_figures").set_index("name")["value"]
