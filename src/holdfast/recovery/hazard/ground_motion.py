"""Shaking from magnitude and place, by a published ground-motion model."""

from functools import partial

from holdfast.errors import UnknownName
from holdfast.recovery.hazard.bssa14 import bssa14
from holdfast.recovery.hazard.correlation import PUBLISHED, Correlation
from holdfast.recovery.hazard.cy14 import cy14
from holdfast.recovery.hazard.motion import Ground, Model, check_limits
from holdfast.recovery.hazard.rupture import Earthquake, distances, rupture_of
from holdfast.recovery.hazard.shaking import GROUND, SHAKING, lognormal, refuse_unknown, selected
from holdfast.recovery.hazard.sites import Field, Hazard, Sites

MODELS: dict[str, Model] = {"bssa14": bssa14, "cy14": cy14}


def ground_motion(
    earthquake: Earthquake,
    model: str = "bssa14",
    correlation: Correlation = PUBLISHED,
    pgd_cm: float | None = None,
) -> Hazard:
    """Shaking of one rupture.

    The median and the standard deviations between and within events are those of the model; residuals
    within the event are correlated in space and between measures.

    Parameters
    ----------
    earthquake : Earthquake
        What is known of the rupture; the rest follows from the magnitude.
    model : str
        Ground-motion model, a key of ``MODELS``.
    correlation : Correlation
        How alike residuals within the event are.
    pgd_cm : float, optional
        Permanent ground deformation everywhere, cm; no model gives it.

    Raises
    ------
    TableError
        If the rupture cannot be; when it is prepared, if it or a site lies outside the limits of the model.
    UnknownName
        If there is no such model.
    """
    if model not in MODELS:
        raise UnknownName("ground-motion model", model, MODELS, "scenario.model")
    # only to refuse here, where the user states it, what would fail when a run is prepared
    rupture_of(earthquake)
    measures = SHAKING if pgd_cm is None else (*SHAKING, GROUND)
    return Hazard(measures, partial(_at, earthquake, model, correlation, pgd_cm))


def _at(
    earthquake: Earthquake,
    model: str,
    correlation: Correlation,
    pgd_cm: float | None,
    sites: Sites,
    measures: tuple[str, ...],
) -> Field:
    """Field at sites."""
    refuse_unknown(measures, SHAKING if pgd_cm is None else (*SHAKING, GROUND))
    rupture = rupture_of(earthquake)
    reach = distances(rupture, sites)
    check_limits(model, rupture, reach, sites.vs30)
    motions = {m: MODELS[model](rupture, reach, Ground(sites.vs30), m) for m in measures if m != GROUND}
    field = lognormal(
        sites,
        {m: motion.log_median for m, motion in motions.items()},
        {m: motion.between_sd for m, motion in motions.items()},
        {m: motion.within_sd for m, motion in motions.items()},
        correlation,
        pgd_cm,
    )
    return selected(field, measures)
