"""From medians and standard deviations at sites to draws: what all hazards share."""

import numpy as np
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.correlation import (
    Correlation,
    correlation_ranges,
    draw_shared,
    measure_correlation,
    residuals,
    shared_mixing,
)
from holdfast.recovery.hazard.sites import Field, Sites

GROUND = "PGD"
"""Permanent ground deformation: no shaking, so no ground-motion model gives it."""
SHAKING = ("PGA", "SA0.3", "SA1.0", "PGV")
LARGEST_SD = 2.0


def refuse_unknown(wanted: tuple[str, ...], given: tuple[str, ...]) -> None:
    """Refuse the measures `wanted` by damage functions that are not among those `given` by a hazard.

    Raises
    ------
    TableError
        Naming each measure and how to state it.
    """
    ways = {GROUND: "state `pgd_cm`, 0 for none"}
    way = f"give its median or its column beside {', '.join(given)}, or choose another hazard"
    problems = [
        Problem(f"is needed but the hazard does not give it; {ways.get(m, way)}", column=m)
        for m in wanted
        if m not in given
    ]
    if problems:
        raise TableError("scenario", problems)


def require_deviations(between_event_sd: float, within_event_sd: float) -> None:
    """Refuse standard deviations of natural logarithms below 0 or above 2, as no shaking has.

    Raises
    ------
    TableError
        Naming each that is outside.
    """
    text = "{:g} is outside 0 to 2; it is a standard deviation of natural logarithms"
    values = {"between_event_sd": between_event_sd, "within_event_sd": within_event_sd}
    problems = [Problem(text.format(v), column=name) for name, v in values.items() if not 0 <= v <= LARGEST_SD]
    if problems:
        raise TableError("scenario", problems)


def lognormal(
    sites: Sites,
    log_median: dict[str, NDArray[np.float64]],
    between_sd: dict[str, NDArray[np.float64]],
    within_sd: dict[str, NDArray[np.float64]],
    correlation: Correlation,
    pgd_cm: float | None,
) -> Field:
    """Draws around a median: ln IM = ln median + between_sd z + within_sd field.

    `log_median`, `between_sd` and `within_sd` are per measure, (site,), standard deviations of natural logarithms.
    PGD is `pgd_cm` everywhere, and not given if that is None.

    References
    ----------
    Jayaram & Baker (2009), Earthquake Engng Struct. Dyn. 38: 1687-1708, equation 1.
    """
    ground = {} if pgd_cm is None else {GROUND: np.full(len(sites.position), pgd_cm)}
    measures = tuple(log_median)
    if not measures:
        return lambda _: dict(ground)
    median, between, within = (np.stack([t[m] for m in measures]) for t in (log_median, between_sd, within_sd))
    mixing = shared_mixing(measures)
    # the field is the dear part of a draw; without spread within the event it is not even prepared
    own = None
    if within.any():
        stated = correlation.range_m
        ranges = np.full(len(measures), stated) if stated else correlation_ranges(measures, correlation.vs30_clustering)
        own = residuals(sites.position, ranges, measure_correlation(measures))

    def field(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        logs = median + between * draw_shared(rng, mixing)[:, None]
        if own is not None:
            logs += within * own(rng)
        return dict(zip(measures, np.exp(logs), strict=True)) | ground

    return field


def selected(field: Field, measures: tuple[str, ...]) -> Field:
    """Keep the measures wanted, in their order, of a field that gives at least these."""

    def chosen(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
        drawn = field(rng)
        return {m: drawn[m] for m in measures}

    return chosen
