"""Losses: money and person-days, with their intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.types import Estimate, Losses

INTERVAL = (5.0, 50.0, 95.0)
"""Percentiles of an estimate."""


def lost(normal: NDArray[np.float64], daily: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a step function on whole days falls short of its normal level, summed over days.

    Parameters
    ----------
    normal : ndarray
        Level of each draw on a normal day, shape (draw,).
    daily : ndarray
        Level on each day since the event, constant within a day, shape (draw, time).

    Returns
    -------
    ndarray
        Unit of the level x days, shape (draw,): the exact integral of the shortfall.

    Examples
    --------
    >>> lost(np.array([10.0]), np.array([[4.0, 4.0, 7.0, 10.0]])).tolist()
    [15.0]
    """
    return np.asarray((normal[:, None] - daily).sum(axis=1))


def estimate(values: NDArray[np.float64], unit: str) -> Estimate:
    """Sum up the draws of one loss.

    Parameters
    ----------
    values : ndarray
        Shape (draw,).
    unit : str
        Unit of the values.

    Returns
    -------
    Estimate
        Mean, percentiles of the draws (spread of outcomes) and the standard error of the mean
        (null, not 0, for a single draw).

    Examples
    --------
    >>> e = estimate(np.array([1.0, 2.0, 3.0]), "USD")
    >>> e.p50, round(e.mean_error, 3)
    (2.0, 0.577)
    """
    low, middle, high = np.percentile(values, INTERVAL)
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return Estimate(unit, float(values.mean()), float(low), float(middle), float(high), float(error))


def losses(
    repair_cost: NDArray[np.float64],
    lost_production: NDArray[np.float64],
    person_days: Mapping[str, NDArray[np.float64]],
    floor_area_m2: float,
    money: str,
) -> Losses:
    """All losses of a scenario.

    total economic loss = repair cost + integral of (EP0 - EP) dt;
    service-capacity loss = integral of (demand - SC SC0 / demand0) dt: persons without the place and services of a
    normal day; a person who lacks both counts one.

    Parameters
    ----------
    repair_cost, lost_production : ndarray
        Money, shape (draw,).
    person_days : mapping of str to ndarray
        ``service_capacity_loss``, ``without_home`` and ``without_services``, shape (draw,).
    floor_area_m2 : float
        Of the whole city.
    money : str
        Unit of the money, such as ``USD_2017``.

    Returns
    -------
    Losses
        Totals, and the same per m2 of floor area.

    Raises
    ------
    TableError
        If the arrays have not the same draws, or there is no floor area.

    References
    ----------
    Zhou, Xiao & Xu (2025), Engineering 53(10): the two losses. Not specified in the paper: the unit of the second; in
    that of SC, where a person counts 1 + r_SS = 2, it is twice as large.

    Examples
    --------
    >>> days = dict.fromkeys(("service_capacity_loss", "without_home", "without_services"), np.array([3.0]))
    >>> found = losses(np.array([8.0]), np.array([2.0]), days, 5.0, "USD_2017")
    >>> found.total_economic_loss.mean, found.service_capacity_loss_per_m2.unit
    (10.0, 'person-days/m2')
    """
    _check_draws([repair_cost, lost_production, *person_days.values()], floor_area_m2)
    kinds = {
        "total_economic_loss": (repair_cost + lost_production, money),
        "repair_cost": (repair_cost, money),
        "lost_production": (lost_production, money),
        "service_capacity_loss": (person_days["service_capacity_loss"], "person-days"),
    }
    parts = {
        "unmet_need": (person_days["without_home"] + person_days["without_services"]) / 2,
        "without_home": person_days["without_home"],
        "without_services": person_days["without_services"],
    }
    totals = {name: estimate(values, unit) for name, (values, unit) in kinds.items()}
    per_area = {f"{name}_per_m2": estimate(v / floor_area_m2, f"{unit}/m2") for name, (v, unit) in kinds.items()}
    return Losses(**totals, **per_area, **{name: estimate(v, "person-days") for name, v in parts.items()})


def _check_draws(losses: Sequence[NDArray[np.float64]], floor_area_m2: float) -> None:
    """Refuse arrays of different draws, and a city without floors."""
    shapes = {np.shape(v) for v in losses}
    problems = []
    if len(shapes) > 1 or len(next(iter(shapes))) != 1 or next(iter(shapes)) == (0,):
        problems.append(Problem(f"shapes are {sorted(shapes)}; give one number for each draw in all"))
    if not floor_area_m2 > 0:
        problems.append(Problem(f"{floor_area_m2:g} is no floor area; it must be above 0 m2", column="floor_area_m2"))
    if problems:
        raise TableError("losses", problems)
