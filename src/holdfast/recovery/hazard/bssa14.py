"""Ground-motion model of Boore, Stewart, Seyhan & Atkinson (2014), BSSA14.

NGA-West2 equations for predicting PGA, PGV, and 5 % damped PSA for shallow crustal earthquakes, Earthquake
Spectra 30: 1057-1085, doi 10.1193/070113EQS184M. Horizontal component RotD50. Global anelastic attenuation
(California, New Zealand, Taiwan).
"""

import numpy as np
from numpy.typing import NDArray

from holdfast.recovery.hazard.motion import Ground, Motion, coefficients, usual_basin
from holdfast.recovery.hazard.rupture import Distances, Rupture, style_of

TABLE = "gmm_bssa14"
STYLE = {"strike_slip": "e1", "normal": "e2", "reverse": "e3"}


def bssa14(rupture: Rupture, reach: Distances, ground: Ground, measure: str) -> Motion:
    """Shaking by Boore, Stewart, Seyhan & Atkinson (2014), equations 1 to 17, coefficients ``gmm_bssa14``.

    Of the rupture it uses magnitude and rake, of the distances that of Joyner and Boore. The basin term applies to
    SA1.0 where the depth to 1 km/s is known.
    """
    # equation 1: ln Y = F_E(M, style) + F_P(R_JB, M) + F_S(vs30, R_JB, M); the site term needs the PGA on rock (760
    # m/s)
    c, rock = coefficients(TABLE, measure), coefficients(TABLE, "PGA")
    rock_pga = np.exp(_source(rock, rupture) + _path(rock, rupture, reach))
    site = _linear(c, ground) + _nonlinear(c, ground, rock_pga) + _basin(c, ground)
    log_median = _source(c, rupture) + _path(c, rupture, reach) + site
    between = np.full(log_median.shape, _by_magnitude(rupture, c["tau1"], c["tau2"]))
    return Motion(log_median, between, _within(c, rupture, reach, ground))


def _source(c: dict[str, float], rupture: Rupture) -> float:
    """Event term, equation 2."""
    # bent at the hinge magnitude: quadratic below, linear above
    above = rupture.magnitude - c["mh"]
    bend = c["e4"] * above + c["e5"] * above**2 if above <= 0 else c["e6"] * above
    return c[STYLE[style_of(rupture.rake)]] + bend


def _path(c: dict[str, float], rupture: Rupture, reach: Distances) -> NDArray[np.float64]:
    """Path term, equations 3 and 4."""
    distance = np.hypot(reach.joyner_boore, c["h"])
    spreading = c["c1"] + c["c2"] * (rupture.magnitude - c["m_ref"])
    return np.asarray(spreading * np.log(distance) + c["c3"] * (distance - 1.0))


def _linear(c: dict[str, float], ground: Ground) -> NDArray[np.float64]:
    """Linear site term, equation 6."""
    return np.asarray(c["c"] * np.log(np.minimum(ground.vs30, c["vc"]) / c["v_ref"]))


def _nonlinear(c: dict[str, float], ground: Ground, rock_pga: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nonlinear site term, equations 7 and 8."""
    soft = np.exp(c["f5"] * (np.minimum(ground.vs30, c["v_ref"]) - 360)) - np.exp(c["f5"] * (c["v_ref"] - 360))
    return np.asarray(c["f4"] * soft * np.log((rock_pga + c["f3"]) / c["f3"]))


def _basin(c: dict[str, float], ground: Ground) -> NDArray[np.float64]:
    """Basin term, equations 9 to 11 (California); none for short periods or an unknown depth."""
    if ground.basin is None or np.isnan(c["f6"]):
        return np.zeros(ground.vs30.shape)
    deeper = (ground.basin - usual_basin(ground.vs30)) / 1000.0
    return np.where(deeper <= c["f7"] / c["f6"], c["f6"] * deeper, c["f7"])


def _by_magnitude(rupture: Rupture, small: float, large: float) -> float:
    """Standard deviation between its values at magnitudes 4.5 and 5.5, equations 14 and 17."""
    return float(small + (large - small) * np.clip(rupture.magnitude - 4.5, 0, 1))


def _within(c: dict[str, float], rupture: Rupture, reach: Distances, ground: Ground) -> NDArray[np.float64]:
    """Standard deviation within events, equations 15 to 17."""
    # grows between the distances r1 and r2, equation 16, and shrinks on soils softer than v2 down to v1, equation 15
    far = np.clip(np.log(np.maximum(reach.joyner_boore, c["r1"]) / c["r1"]) / np.log(c["r2"] / c["r1"]), 0, 1)
    firm = np.clip(np.log(c["v2"] / ground.vs30) / np.log(c["v2"] / c["v1"]), 0, 1)
    return np.asarray(_by_magnitude(rupture, c["phi1"], c["phi2"]) + c["dphi_r"] * far - c["dphi_v"] * firm)
