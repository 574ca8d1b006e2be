"""Ground-motion model of Chiou & Youngs (2014), CY14.

Update of the Chiou and Youngs NGA model for the average horizontal component of peak ground motion and
response spectra, Earthquake Spectra 30: 1117-1153, doi 10.1193/072813EQS219M. Horizontal component RotD50.
California and regions like it; no directivity (the centred parameter is zero), vs30 inferred, not measured.
"""

import numpy as np
from numpy.typing import NDArray

from holdfast.recovery.hazard.motion import Ground, Motion, coefficients, usual_basin
from holdfast.recovery.hazard.rupture import Distances, Rupture

TABLE = "gmm_cy14"
SHORT = ("SA0.3",)  # not to fall below PGA, page 1144


def cy14(rupture: Rupture, reach: Distances, ground: Ground, measure: str) -> Motion:
    """Shaking by Chiou & Youngs (2014), equations 11 to 13, coefficients ``gmm_cy14``.

    Of the rupture it uses magnitude, rake, dip and depth of the top, and all three distances. Without a depth to 1 km/s
    the basin term is zero, its value at the usual depth.
    """
    c = coefficients(TABLE, measure)
    log_rock = _rock(c, rupture, reach)
    rock = np.exp(log_rock)
    soft = _softness(c, ground)
    linear = c["phi1"] * np.minimum(np.log(ground.vs30 / c["v_ref"]), 0)
    # equation 12: linear site term, nonlinear one by the shaking on rock (1130 m/s), basin
    log_median = log_rock + linear + soft * np.log((rock + c["phi4"]) / c["phi4"]) + _basin(c, ground)
    if measure in SHORT:
        log_median = np.maximum(log_median, cy14(rupture, reach, ground, "PGA").log_median)
    # equation 13: where the ground yields, residuals of the shaking on rock pass on by one plus this slope of the site
    # term (below 0); standard deviations change linearly from magnitude 5 to 6.5
    slope = soft * rock / (rock + c["phi4"])
    large = np.clip(rupture.magnitude - 5, 0, 1.5) / 1.5
    between = (1 + slope) * (c["tau1"] + (c["tau2"] - c["tau1"]) * large)
    within = (c["sigma1"] + (c["sigma2"] - c["sigma1"]) * large) * np.sqrt(c["sigma3"] + (1 + slope) ** 2)
    return Motion(log_median, np.abs(between), within)


def _rock(c: dict[str, float], rupture: Rupture, reach: Distances) -> NDArray[np.float64]:
    """Log of the median on reference rock, equation 11."""
    m, distance = rupture.magnitude, reach.rupture
    size = c["c2"] * (m - 6) + (c["c2"] - c["c3"]) / c["cn"] * np.log1p(np.exp(c["cn"] * (c["cm"] - m)))
    near = c["c4"] * np.log(distance + c["c5"] * np.cosh(c["c6"] * max(m - c["chm"], 0)))
    far = (c["c4a"] - c["c4"]) * np.log(np.hypot(distance, c["crb"]))
    damping = (c["cg1"] + c["cg2"] / np.cosh(max(m - c["cg3"], 0))) * distance
    return np.asarray(c["c1"] + _source(c, rupture) + size + near + far + damping + _hanging_wall(c, rupture, reach))


def _source(c: dict[str, float], rupture: Rupture) -> float:
    """Style of faulting, depth of the top and dip, first lines of equation 11."""
    small = np.cosh(2 * max(rupture.magnitude - 4.5, 0))
    # ranges of the rake as in the paper, which differ from those of `style_of`
    reverse, normal = 30 <= rupture.rake <= 150, -120 <= rupture.rake <= -60
    style = (c["c1a"] + c["c1c"] / small) * reverse + (c["c1b"] + c["c1d"] / small) * normal
    depth = (c["c7"] + c["c7b"] / small) * (rupture.top_depth - _usual_top(rupture.magnitude, reverse))
    return float(style + depth + c["c11b"] / small * np.cos(np.radians(rupture.dip)) ** 2)


def _usual_top(magnitude: float, reverse: bool) -> float:
    """Mean depth of the top of a rupture, km, equations 4 and 5."""
    if reverse:
        return float(max(2.704 - 1.226 * max(magnitude - 5.849, 0), 0) ** 2)
    return float(max(2.673 - 1.136 * max(magnitude - 4.970, 0), 0) ** 2)


def _hanging_wall(c: dict[str, float], rupture: Rupture, reach: Distances) -> NDArray[np.float64]:
    """Hanging-wall effect, last line of equation 11."""
    near = 1 - np.hypot(reach.joyner_boore, rupture.top_depth) / (reach.rupture + 1)
    taper = c["c9a"] + (1 - c["c9a"]) * np.tanh(reach.across / c["c9b"])
    return np.asarray((reach.across >= 0) * c["c9"] * np.cos(np.radians(rupture.dip)) * taper * near)


def _softness(c: dict[str, float], ground: Ground) -> NDArray[np.float64]:
    """Factor of the nonlinear site term, equation 12."""
    vs30 = np.minimum(ground.vs30, c["v_ref"])
    return np.asarray(c["phi2"] * (np.exp(c["phi3"] * (vs30 - 360)) - np.exp(c["phi3"] * (c["v_ref"] - 360))))


def _basin(c: dict[str, float], ground: Ground) -> NDArray[np.float64]:
    """Depth to 1 km/s against the usual depth for this vs30, equations 1 and 12."""
    if ground.basin is None:
        return np.zeros(ground.vs30.shape)
    deeper = ground.basin - usual_basin(ground.vs30)
    return np.asarray(c["phi5"] * (1 - np.exp(-deeper / c["phi6"])))
