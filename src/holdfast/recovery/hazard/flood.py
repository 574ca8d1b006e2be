"""Water: its depth at every site, from one figure, a table of places or a raster sampled at the sites."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.intensities import USUAL, Extension, averaged, weights_of
from holdfast.recovery.hazard.sites import DEPTH, VELOCITY, Field, Hazard, Sites

DEEPEST = 30.0
"""Depths in m above which another unit or a level above the sea is meant."""
LARGEST_SD = 5.0


def flood(
    water: pd.DataFrame | float,
    level_sd_m: float = 0.0,
    extension: Extension = USUAL,
) -> Hazard:
    """Depth of the water above the ground, and its velocity where the table has one.

    Parameters
    ----------
    water : DataFrame or float
        One depth everywhere, m; or ``longitude``, ``latitude`` and ``depth`` (m), perhaps ``velocity`` (m/s). A depth below 0
        is ground that lies so far above the water.
    level_sd_m : float
        Standard deviation of the level, m: one error shared by all sites in a draw, as a wrong level floods all or none.
    extension : Extension
        From the places of a table to sites: the nearest, if it names no way.

    Raises
    ------
    TableError
        If there is no depth, or one that no water has; when it is prepared, if a site lies too far from all places.
    UnknownName
        If there is no such way.

    Examples
    --------
    >>> sites = Sites(np.zeros((1, 2)), np.zeros(1), np.zeros(1), np.full(1, 760.0))
    >>> flood(1.5).at(sites, ("depth",))(np.random.default_rng(1))["depth"].tolist()
    [1.5]
    """
    if not 0 <= level_sd_m <= LARGEST_SD:
        text = f"{level_sd_m:g} lies outside 0 to {LARGEST_SD:g} m; it is the standard deviation of a water level"
        raise TableError("scenario", [Problem(text, column="flood.level_sd_m")])
    text = "{:g} m is no depth above the ground; is the unit wrong, or is it a level above the sea?"
    measures: tuple[str, ...] = (DEPTH,)
    if isinstance(water, pd.DataFrame):
        require_places(water, DEPTH, "water")
        wrong = water.loc[~water[DEPTH].between(-np.inf, DEEPEST), DEPTH]  # a null is wrong too
        if len(wrong):
            raise TableError("water", [Problem(text.format(wrong.max()), column=DEPTH)])
        measures = (DEPTH, VELOCITY) if VELOCITY in water else (DEPTH,)
    elif not 0 <= water <= DEEPEST:
        raise TableError("scenario", [Problem(text.format(water), column="flood.depth_m")])
    return Hazard(measures, partial(_at, water, level_sd_m, extension))


def require_places(table: pd.DataFrame, measure: str, name: str) -> None:
    """Refuse a table without rows, coordinates or its measure, or with several values at a place; `name` stands in the message.

    Raises
    ------
    TableError
        Naming each column that it lacks, or the places that have more than one value, as those of several events do.
    """
    lacking = [c for c in ("longitude", "latitude", measure) if c not in table]
    if lacking or not len(table):
        problems = [Problem("no such column; add it", column=c) for c in lacking]
        raise TableError(name, problems or [Problem("has no rows")])
    place = ["longitude", "latitude"]
    each = table[[*place, measure]].drop_duplicates()
    again = each[each.duplicated(place)]
    if len(again):
        x, y = again.iloc[0][place]
        text = f"{len(again)} values stand at a place that has another, first at {x:g}, {y:g}; "
        text += "keep one, or give each event a table and a scenario with its rate"
        raise TableError(name, [Problem(text, column=measure)])


def _at(
    water: pd.DataFrame | float, level_sd_m: float, extension: Extension, sites: Sites, measures: tuple[str, ...]
) -> Field:
    """Field at sites."""
    depth, velocity = _surface(water, extension, sites)

    def field(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        # the number is taken with or without an error, so that all else drawn stays the same
        drawn = np.maximum(depth + level_sd_m * rng.standard_normal(), 0.0)
        values = {DEPTH: drawn, VELOCITY: np.where(drawn > 0, velocity, 0.0)}
        return {m: values[m] for m in measures}

    return field


def _surface(
    water: pd.DataFrame | float, extension: Extension, sites: Sites
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Depth (m) and velocity (m/s) at sites."""
    count = len(sites.position)
    if not isinstance(water, pd.DataFrame):
        return np.full(count, float(water)), np.zeros(count)
    # the nearest place: a mean over a river bank would wet its dry side
    weights = weights_of(sites, extension, water, "nearest", "water")
    velocity = averaged(water[VELOCITY].to_numpy(np.float64), weights) if VELOCITY in water else np.zeros(count)
    return averaged(water[DEPTH].to_numpy(np.float64), weights), velocity
