"""From medians and standard deviations at sites to draws: what all hazards share."""

import numpy as np

from holdfast.config import ScenarioOptions
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.correlation import (
    correlation_ranges,
    draw_shared,
    measure_correlation,
    residuals,
    shared_mixing,
)
from holdfast.recovery.hazard.sites import MEASURES, Field, Sites

GROUND = "PGD"
"""Permanent ground deformation: no shaking, so no ground-motion model gives it."""
SHAKING = tuple(m for m in MEASURES if m != GROUND)


def refuse_unknown(wanted: tuple[str, ...], given: tuple[str, ...], hazard: str) -> None:
    """Refuse measures that a hazard cannot give.

    Parameters
    ----------
    wanted, given : tuple of str
        Measures that the damage functions need, and those that the hazard has.
    hazard : str
        Its name, for the message.

    Raises
    ------
    TableError
        Naming each measure and how to state it.
    """
    ways = {
        "uniform": 'add it under [scenario.values], such as "PGV" = 40.0',
        "intensities": "map its column in the table of shaking",
    }
    problems = []
    for measure in wanted:
        if measure not in given:
            way = "state `pgd_cm`, 0 for none" if measure == GROUND else ways.get(hazard, "choose another hazard")
            problems.append(Problem(f"is needed but {hazard} does not give it; {way}", column=measure))
    if problems:
        raise TableError("scenario", problems)


def lognormal(
    sites: Sites,
    scenario: ScenarioOptions,
    log_median: dict[str, np.ndarray],
    between_sd: dict[str, np.ndarray],
    within_sd: dict[str, np.ndarray],
) -> Field:
    """Draws around a median: ln IM = ln median + between_sd z + within_sd field.

    Parameters
    ----------
    sites : Sites
        Where shaking is wanted.
    scenario : ScenarioOptions
        Correlation range, or clustering of vs30; permanent ground deformation.
    log_median, between_sd, within_sd : dict of ndarray
        Per measure (site,); a measure that is missing in all three, PGD, is constant.

    Returns
    -------
    Field
        The measures of `log_median`, then PGD where the scenario states it.

    References
    ----------
    Jayaram & Baker (2009), Earthquake Engng Struct. Dyn. 38: 1687-1708, equation 1.
    """
    ground = {} if scenario.pgd_cm is None else {GROUND: np.full(len(sites.position), scenario.pgd_cm)}
    measures = tuple(log_median)
    if not measures:
        return lambda _: dict(ground)
    median, between, within = (np.stack([t[m] for m in measures]) for t in (log_median, between_sd, within_sd))
    mixing = shared_mixing(measures)
    own = None
    if within.any():
        stated = scenario.correlation_range_m
        ranges = np.full(len(measures), stated) if stated else correlation_ranges(measures, scenario.vs30_clustering)
        own = residuals(sites.position, ranges, measure_correlation(measures))

    def field(rng: np.random.Generator) -> dict[str, np.ndarray]:
        logs = median + between * draw_shared(rng, mixing)[:, None]
        if own is not None:
            logs += within * own(rng)
        return dict(zip(measures, np.exp(logs), strict=True)) | ground

    return field


def selected(field: Field, measures: tuple[str, ...]) -> Field:
    """Keep the measures wanted, in their order.

    Parameters
    ----------
    field : Field
        Gives at least these.
    measures : tuple of str
        Wanted.

    Returns
    -------
    Field
        With these keys alone.
    """

    def chosen(rng: np.random.Generator) -> dict[str, np.ndarray]:
        drawn = field(rng)
        return {m: drawn[m] for m in measures}

    return chosen
