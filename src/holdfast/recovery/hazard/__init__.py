"""Hazard: the intensity that one event brings to each site."""

from collections.abc import Callable

import numpy as np

from holdfast.config import ScenarioOptions
from holdfast.errors import UnknownName
from holdfast.recovery.hazard.correlation import gaussian_field
from holdfast.recovery.hazard.ground_motion import MODELS, ground_motion, ground_motion_measures
from holdfast.recovery.hazard.intensities import intensities, table_measures
from holdfast.recovery.hazard.sites import MEASURES, Field, Hazard, Intensities, Sites, sites_of
from holdfast.recovery.hazard.uniform import uniform, uniform_measures

HAZARDS: dict[str, Hazard] = {"uniform": uniform, "ground_motion": ground_motion, "intensities": intensities}
GIVEN: dict[str, Callable[[ScenarioOptions, Intensities | None], tuple[str, ...]]] = {
    "uniform": uniform_measures,
    "ground_motion": ground_motion_measures,
    "intensities": table_measures,
}


def hazard(name: str) -> Hazard:
    """Look up a hazard.

    Parameters
    ----------
    name : str
        Key of ``HAZARDS``.

    Raises
    ------
    UnknownName
        If there is no such hazard.

    Examples
    --------
    >>> hazard("tsunami")
    Traceback (most recent call last):
    holdfast.errors.UnknownName: "tsunami" is not a known hazard; known: ground_motion, intensities, uniform
    """
    if name not in HAZARDS:
        raise UnknownName("hazard", name, HAZARDS)
    return HAZARDS[name]


def gives(scenario: ScenarioOptions, intensities: Intensities | None = None) -> tuple[str, ...]:
    """Measures that the hazard of a scenario can give.

    Parameters
    ----------
    scenario : ScenarioOptions
        The event.
    intensities : mapping, optional
        Tables of shaking that were read from files.

    Returns
    -------
    tuple of str
        Keys of ``MEASURES``.

    Raises
    ------
    UnknownName
        If there is no such hazard.
    TableError, DataMissing
        If the scenario does not say what its hazard needs.

    Examples
    --------
    >>> gives(ScenarioOptions(unit="g", value=0.3))
    ('PGA',)
    """
    hazard(scenario.hazard)
    return GIVEN[scenario.hazard](scenario, intensities)


def vs30_at(scenario: ScenarioOptions, intensities: Intensities | None = None) -> np.ndarray | float:
    """Shear-wave velocity of the upper 30 m at the sites.

    Parameters
    ----------
    scenario : ScenarioOptions
        Its ``vs30`` holds everywhere, unless there is a table.
    intensities : mapping, optional
        Table ``vs30``: one row per site, in their order.

    Returns
    -------
    ndarray or float
        m/s.

    Examples
    --------
    >>> vs30_at(ScenarioOptions(vs30=400.0))
    400.0
    """
    if intensities is None or "vs30" not in intensities:
        return scenario.vs30
    return np.asarray(intensities["vs30"]["vs30"], dtype=np.float64)


__all__ = [
    "GIVEN",
    "HAZARDS",
    "MEASURES",
    "MODELS",
    "Field",
    "Hazard",
    "Intensities",
    "Sites",
    "gaussian_field",
    "gives",
    "hazard",
    "sites_of",
    "vs30_at",
]
