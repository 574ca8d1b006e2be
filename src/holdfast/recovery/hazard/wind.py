"""Wind: the peak gust at every site, from one figure, a table or raster, or a cyclone along its track."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.correlation import PUBLISHED, Correlation
from holdfast.recovery.hazard.cyclone import Cyclone, track_gusts
from holdfast.recovery.hazard.flood import require_places
from holdfast.recovery.hazard.intensities import USUAL, Extension, averaged, weights_of
from holdfast.recovery.hazard.shaking import lognormal, require_deviations
from holdfast.recovery.hazard.sites import DEPTH, GUST, VELOCITY, Field, Hazard, Sites

FASTEST = 130.0
"""Gusts in m/s above which another unit is meant; the fastest that was measured is 113 m/s."""
CALM = 1e-3  # m/s, stands for no wind where logarithms are taken


def wind(
    gust: pd.DataFrame | Cyclone | float,
    between_event_sd: float = 0.0,
    within_event_sd: float = 0.0,
    correlation: Correlation = PUBLISHED,
    extension: Extension = USUAL,
) -> Hazard:
    """Peak gusts of 3 s at 10 m over open ground, with a shared and a spatially correlated residual.

    Parameters
    ----------
    gust : DataFrame, Cyclone or float
        ``longitude``, ``latitude`` and ``gust`` (m/s); or a cyclone; or one gust everywhere, m/s: medians.
    between_event_sd, within_event_sd : float
        Standard deviations of the natural logarithm: shared by all sites, and between them.
    correlation : Correlation
        How alike residuals within the event are; its range must be stated where they vary, for no paper gives one.
    extension : Extension
        From the places of a table to sites: inverse distance, if it names no way.

    Raises
    ------
    TableError
        If there is no gust, or one that no wind has; if residuals vary between sites and no range is stated.
    UnknownName
        If there is no such way.

    Examples
    --------
    >>> sites = Sites(np.zeros((1, 2)), np.zeros(1), np.zeros(1), np.full(1, 760.0))
    >>> wind(50.0).at(sites, ("gust",))(np.random.default_rng(1))["gust"].round(9).tolist()
    [50.0]
    """
    require_deviations(between_event_sd, within_event_sd)
    if within_event_sd > 0 and not correlation.range_m:
        text = "missing; state at which distance gusts hardly correlate, m: the published ranges are those of shaking"
        raise TableError("scenario", [Problem(text, column="correlation_range_m")])
    text = "{:g} m/s lies outside 0 to {:g}; is the unit wrong?"
    if isinstance(gust, pd.DataFrame):
        require_places(gust, GUST, "gusts")
        wrong = gust.loc[~gust[GUST].between(0, FASTEST), GUST]
        if len(wrong):
            raise TableError("gusts", [Problem(text.format(wrong.iloc[0], FASTEST), column=GUST)])
    elif not isinstance(gust, Cyclone) and not 0 <= gust <= FASTEST:
        raise TableError("scenario", [Problem(text.format(gust, FASTEST), column="wind.gust_m_s")])
    return Hazard((GUST,), partial(_at, gust, (between_event_sd, within_event_sd), correlation, extension))


def _at(
    gust: pd.DataFrame | Cyclone | float,
    spread: tuple[float, float],
    correlation: Correlation,
    extension: Extension,
    sites: Sites,
    _measures: tuple[str, ...],
) -> Field:
    """Field at sites."""
    count = len(sites.position)
    if isinstance(gust, Cyclone):
        median = track_gusts(gust, sites.longitude, sites.latitude)
    elif isinstance(gust, pd.DataFrame):
        median = averaged(gust[GUST].to_numpy(np.float64), weights_of(sites, extension, gust, "idw", "gusts"))
    else:
        median = np.full(count, float(gust))
    between, within = ({GUST: np.full(count, sd)} for sd in spread)
    return lognormal(sites, {GUST: np.log(np.maximum(median, CALM))}, between, within, correlation, None)


def together(water: Hazard, air: Hazard) -> Hazard:
    """Water and wind of one storm, each drawn as it is alone; they are as large together as their tables say.

    Examples
    --------
    >>> from holdfast.recovery.hazard.flood import flood
    >>> together(flood(1.0), wind(40.0)).measures
    ('depth', 'gust')
    """
    return Hazard((*water.measures, *air.measures), partial(_both, water, air))


def _both(water: Hazard, air: Hazard, sites: Sites, measures: tuple[str, ...]) -> Field:
    """Field at sites."""
    wet = water.at(sites, tuple(m for m in measures if m in (DEPTH, VELOCITY)))
    windy = air.at(sites, tuple(m for m in measures if m == GUST)) if GUST in measures else None

    def field(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        drawn = wet(rng)
        return drawn if windy is None else drawn | windy(rng)

    return field
