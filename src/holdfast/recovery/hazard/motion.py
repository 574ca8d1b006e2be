"""What a ground-motion model takes and gives, and the limits within which its authors let it be used."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.hazard.rupture import Distances, Rupture, style_of


class Ground(NamedTuple):
    """Site conditions: ``vs30`` (site,), m/s; ``basin`` (site,), depth to 1 km/s in m, None where not known."""

    vs30: NDArray[np.float64]
    basin: NDArray[np.float64] | None = None


class Motion(NamedTuple):
    """Shaking at sites, each (site,): log of the median, log standard deviations between and within events."""

    log_median: NDArray[np.float64]
    between_sd: NDArray[np.float64]
    within_sd: NDArray[np.float64]


Model = Callable[[Rupture, Distances, Ground, str], Motion]
"""Rupture, distances of the sites (km), their ground, measure -> shaking at the sites, in g, or cm/s for PGV.

One published model per module, whose functions name the equations that they are; coefficients in a packaged table."""


def coefficients(table: str, measure: str) -> dict[str, float]:
    """Coefficients of one measure, such as ``"PGA"``, from a packaged table such as ``"gmm_bssa14"``.

    Examples
    --------
    >>> coefficients("gmm_bssa14", "PGA")["mh"]
    5.5
    """
    row = packaged(table).set_index("measure").drop(columns="source").loc[measure]
    return {str(k): float(v) for k, v in row.items()}


def usual_basin(vs30: NDArray[np.float64]) -> NDArray[np.float64]:
    """Depth to 1 km/s, m, that is usual in California for a vs30 in m/s.

    References
    ----------
    Chiou & Youngs (2014), equation 1; the same as equation 11 of Boore et al. (2014).

    Examples
    --------
    >>> usual_basin(np.array([300.0, 760.0])).round().tolist()
    [459.0, 41.0]
    """
    return np.asarray(np.exp(-7.15 / 4 * np.log((vs30**4 + 570.94**4) / (1360.0**4 + 570.94**4))))


def check_limits(model: str, rupture: Rupture, reach: Distances, vs30: NDArray[np.float64]) -> None:
    """Refuse a use that the authors of a model do not allow (packaged table ``gmm_limits``).

    Raises
    ------
    TableError
        Naming every limit that is broken.
    """
    row = packaged("gmm_limits").set_index("model").loc[model]
    problems = []
    style = style_of(rupture.rake)
    low, high = float(row["magnitude_min"]), float(row[f"magnitude_max_{style}"])
    if not low <= rupture.magnitude <= high:
        kind = style.replace("_", "-")
        text = f"{rupture.magnitude:g} is outside {low:g} to {high:g}, the limits of {model} for {kind} events; use another model"
        problems.append(Problem(text, column="rupture.magnitude"))
    far = int((reach.joyner_boore > row["distance_max_km"]).sum())
    if far:
        text = f"{far:,} sites lie beyond {row['distance_max_km']:g} km, the limit of {model}; is the place right?"
        problems.append(Problem(text, column="rupture.longitude"))
    soft = int(((vs30 < row["vs30_min"]) | (vs30 > row["vs30_max"])).sum())
    if soft:
        text = (
            f"{soft:,} sites have a vs30 outside {row['vs30_min']:g} to {row['vs30_max']:g} m/s, the limits of {model}; "
            "is the unit m/s?"
        )
        problems.append(Problem(text, column="vs30"))
    if problems:
        raise TableError("scenario", problems)
