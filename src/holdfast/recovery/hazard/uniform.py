"""The same median everywhere, for stress tests."""

import numpy as np

from holdfast.config import ScenarioOptions
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.shaking import GROUND, SHAKING, lognormal, refuse_unknown, selected
from holdfast.recovery.hazard.sites import MEASURES, Field, Intensities, Sites


def uniform(
    sites: Sites, scenario: ScenarioOptions, measures: tuple[str, ...], intensities: Intensities | None
) -> Field:
    """The same median everywhere, with a shared and a spatially correlated residual.

    ln IM(x) = ln value + between_event_sd z + within_event_sd field(x)

    Parameters
    ----------
    sites : Sites
        Where shaking is wanted.
    scenario : ScenarioOptions
        Medians, standard deviations and correlation range.
    measures : tuple of str
        Measures wanted.
    intensities : mapping or None
        Not used.

    Returns
    -------
    Field
        Draws of shape (site,), in the unit of the measure; all zero where the value is 0.

    Raises
    ------
    TableError
        If a median or its unit is missing or wrong, or a measure is wanted that has none.

    Examples
    --------
    >>> scenario = ScenarioOptions(unit="g", value=0.4)
    >>> sites = Sites(np.zeros((2, 2)), np.zeros(2), np.zeros(2), np.full(2, 760.0))
    >>> uniform(sites, scenario, ("PGA",), None)(np.random.default_rng(1))["PGA"].round(12).tolist()
    [0.4, 0.4]
    """
    refuse_unknown(measures, uniform_measures(scenario, intensities), "uniform")
    values = _medians(scenario)
    shaking = tuple(m for m in measures if m != GROUND)
    with np.errstate(divide="ignore"):
        median = {m: np.full(len(sites.position), np.log(values[m])) for m in shaking}
    between = {m: np.full(len(sites.position), scenario.between_event_sd) for m in shaking}
    within = {m: np.full(len(sites.position), scenario.within_event_sd) for m in shaking}
    return selected(lognormal(sites, scenario, median, between, within), measures)


def uniform_measures(scenario: ScenarioOptions, intensities: Intensities | None) -> tuple[str, ...]:
    """Measures whose median the scenario states.

    Parameters
    ----------
    scenario : ScenarioOptions
        With ``value`` and ``values``.
    intensities : mapping or None
        Not used.

    Raises
    ------
    TableError
        If a median or its unit is missing or wrong.
    """
    del intensities
    ground = () if scenario.pgd_cm is None else (GROUND,)
    return (*_medians(scenario), *ground)


def _medians(scenario: ScenarioOptions) -> dict[str, float]:
    """Median of each measure, with all that is wrong with them said at once."""
    named = {scenario.intensity_measure: scenario.value} if scenario.value is not None else {}
    medians = named | dict(scenario.values)
    problems = [
        Problem(f'"{m}" is not a measure of shaking; known: {", ".join(SHAKING)}', column="scenario.intensity_measure")
        for m in medians
        if m not in SHAKING
    ]
    unit = MEASURES.get(scenario.intensity_measure)
    if scenario.value is not None and unit is not None and scenario.unit != unit:
        text = f'"{scenario.unit}" is not the unit of {scenario.intensity_measure}, which is {unit}; convert the value'
        problems.append(Problem(text if scenario.unit else f'missing; state unit = "{unit}"', column="scenario.unit"))
    for measure, value in medians.items():
        top = HIGHEST[MEASURES[measure]] if measure in SHAKING else np.inf
        if not 0 <= value <= top:
            text = f"{value:g} is outside 0 to {top:g} {MEASURES.get(measure, '')}; is the unit wrong?"
            problems.append(Problem(text, column="scenario.value"))
    if not medians:
        problems.append(Problem("missing; the hazard uniform needs a median, such as 0.3", column="scenario.value"))
    if problems:
        raise TableError("scenario", problems)
    return medians


HIGHEST = {"g": 5.0, "cm/s": 500.0}
"""Medians above these are taken for a wrong unit."""
