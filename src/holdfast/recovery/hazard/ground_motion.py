"""Shaking from magnitude and place, by a published ground-motion model."""

import numpy as np

from holdfast.config import ScenarioOptions
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.hazard.bssa14 import bssa14
from holdfast.recovery.hazard.cy14 import cy14
from holdfast.recovery.hazard.motion import Ground, Model, check_limits
from holdfast.recovery.hazard.rupture import distances, rupture_of
from holdfast.recovery.hazard.shaking import GROUND, SHAKING, lognormal, refuse_unknown, selected
from holdfast.recovery.hazard.sites import Field, Intensities, Sites

MODELS: dict[str, Model] = {"bssa14": bssa14, "cy14": cy14}


def ground_motion(
    sites: Sites, scenario: ScenarioOptions, measures: tuple[str, ...], intensities: Intensities | None
) -> Field:
    """Shaking of one rupture at sites.

    The median and the standard deviations between and within events are those of the model; residuals
    within the event are correlated in space and between measures.

    Parameters
    ----------
    sites : Sites
        By longitude, latitude and vs30.
    scenario : ScenarioOptions
        Rupture and model.
    measures : tuple of str
        Measures wanted.
    intensities : mapping or None
        Not used.

    Returns
    -------
    Field
        Draws of shape (site,), in the unit of the measure.

    Raises
    ------
    TableError
        If there is no rupture, or it or a site lies outside the limits of the model.
    UnknownName
        If there is no such model.
    """
    refuse_unknown(measures, ground_motion_measures(scenario, intensities), "ground_motion")
    if scenario.model not in MODELS:
        raise UnknownName("ground-motion model", scenario.model, MODELS, "scenario.model")
    if scenario.rupture is None:
        text = "missing; the hazard ground_motion needs a magnitude and a place"
        raise TableError("scenario", [Problem(text, column="scenario.rupture")])
    rupture = rupture_of(scenario.rupture)
    reach = distances(rupture, sites)
    check_limits(scenario.model, rupture, reach, sites.vs30)
    ground = Ground(np.asarray(sites.vs30, dtype=np.float64))
    shaking = tuple(m for m in measures if m != GROUND)
    motions = {m: MODELS[scenario.model](rupture, reach, ground, m) for m in shaking}
    return selected(
        lognormal(
            sites,
            scenario,
            {m: motion.log_median for m, motion in motions.items()},
            {m: motion.between_sd for m, motion in motions.items()},
            {m: motion.within_sd for m, motion in motions.items()},
        ),
        measures,
    )


def ground_motion_measures(scenario: ScenarioOptions, intensities: Intensities | None) -> tuple[str, ...]:
    """Measures that the models give.

    Parameters
    ----------
    scenario : ScenarioOptions
        PGD is given where it states it.
    intensities : mapping or None
        Not used.
    """
    del intensities
    return SHAKING if scenario.pgd_cm is None else (*SHAKING, GROUND)
