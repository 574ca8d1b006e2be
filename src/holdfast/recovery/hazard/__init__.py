"""Hazard: the intensity that one event brings to each site."""

from holdfast.recovery.hazard.correlation import Correlation, gaussian_field
from holdfast.recovery.hazard.cyclone import Cyclone
from holdfast.recovery.hazard.flood import flood
from holdfast.recovery.hazard.ground_failure import Ground, places_of, with_ground_failure
from holdfast.recovery.hazard.ground_motion import MODELS, ground_motion
from holdfast.recovery.hazard.intensities import Extension, intensities
from holdfast.recovery.hazard.rupture import Earthquake
from holdfast.recovery.hazard.sites import MEASURES, Field, Hazard, Sites, field_at, sites_of
from holdfast.recovery.hazard.uniform import uniform
from holdfast.recovery.hazard.wind import together, wind

__all__ = [
    "MEASURES",
    "MODELS",
    "Correlation",
    "Cyclone",
    "Earthquake",
    "Extension",
    "Field",
    "Ground",
    "Hazard",
    "Sites",
    "field_at",
    "flood",
    "gaussian_field",
    "ground_motion",
    "intensities",
    "places_of",
    "sites_of",
    "together",
    "uniform",
    "wind",
    "with_ground_failure",
]
