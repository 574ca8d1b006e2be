"""The same median everywhere, for stress tests."""

from collections.abc import Mapping
from functools import partial

import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.correlation import PUBLISHED, Correlation
from holdfast.recovery.hazard.shaking import (
    GROUND,
    SHAKING,
    lognormal,
    refuse_unknown,
    require_deviations,
    selected,
)
from holdfast.recovery.hazard.sites import MEASURES, Field, Hazard, Sites

HIGHEST = {"g": 5.0, "cm/s": 500.0}
"""Medians above these are taken for a wrong unit."""


def uniform(
    medians: Mapping[str, float],
    between_event_sd: float = 0.0,
    within_event_sd: float = 0.0,
    correlation: Correlation = PUBLISHED,
    pgd_cm: float | None = None,
) -> Hazard:
    """The same median everywhere, with a shared and a spatially correlated residual.

    Parameters
    ----------
    medians : mapping of str to float
        By measure, in the unit of `MEASURES`; 0 for no shaking.
    between_event_sd, within_event_sd : float
        Standard deviations of the natural logarithm: shared by all sites, and between them.
    correlation : Correlation
        How alike residuals within the event are.
    pgd_cm : float, optional
        Permanent ground deformation everywhere, cm; 0 states that there is none.

    Raises
    ------
    TableError
        If a median is missing or outside the range of its unit, or a standard deviation is none.

    Examples
    --------
    >>> sites = Sites(np.zeros((2, 2)), np.zeros(2), np.zeros(2), np.full(2, 760.0))
    >>> uniform({"PGA": 0.4}).at(sites, ("PGA",))(np.random.default_rng(1))["PGA"].round(12).tolist()
    [0.4, 0.4]
    """
    _check_medians(medians)
    require_deviations(between_event_sd, within_event_sd)
    measures = (*medians, *(() if pgd_cm is None else (GROUND,)))
    spread = (between_event_sd, within_event_sd)
    return Hazard(measures, partial(_at, dict(medians), spread, correlation, pgd_cm))


def _at(
    medians: Mapping[str, float],
    spread: tuple[float, float],
    correlation: Correlation,
    pgd_cm: float | None,
    sites: Sites,
    measures: tuple[str, ...],
) -> Field:
    """Field at sites."""
    refuse_unknown(measures, (*medians, *(() if pgd_cm is None else (GROUND,))))
    shaking = tuple(m for m in measures if m != GROUND)
    count = len(sites.position)
    # a median of 0 is a logarithm of minus infinity, and comes back as 0 whatever the residual
    with np.errstate(divide="ignore"):
        median = {m: np.full(count, np.log(medians[m])) for m in shaking}
    between, within = ({m: np.full(count, sd) for m in shaking} for sd in spread)
    return selected(lognormal(sites, median, between, within, correlation, pgd_cm), measures)


def _check_medians(medians: Mapping[str, float]) -> None:
    """Refuse medians that are missing, of no measure of shaking, or so large that their unit must be another."""
    problems = (
        [] if medians else [Problem("missing; give the median of a measure, such as 0.3 for PGA", column="value")]
    )
    for measure, value in medians.items():
        if measure not in SHAKING:
            problems.append(Problem(f'"{measure}" is not a measure of shaking; known: {", ".join(SHAKING)}'))
        elif not 0 <= value <= HIGHEST[MEASURES[measure]]:
            unit = MEASURES[measure]
            text = f"{value:g} is outside 0 to {HIGHEST[unit]:g} {unit}; is the unit wrong?"
            problems.append(Problem(text, column=measure))
    if problems:
        raise TableError("scenario", problems)
