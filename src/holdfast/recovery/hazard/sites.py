"""What every hazard takes and gives: sites, measures with their units, one draw."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from pyproj import Transformer

from holdfast.config import ScenarioOptions

MEASURES = {"PGA": "g", "SA0.3": "g", "SA1.0": "g", "PGV": "cm/s", "PGD": "cm"}
"""Intensity measures and their units; a measure has one unit everywhere."""


class Sites(NamedTuple):
    """Where shaking is wanted, in one order.

    ``position`` (site, 2), m in a projected CRS; ``longitude``, ``latitude`` (site,), degrees;
    ``vs30`` (site,), mean shear-wave velocity of the upper 30 m, m/s.
    """

    position: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    vs30: np.ndarray


Field = Callable[[np.random.Generator], dict[str, np.ndarray]]
"""One draw: intensity measure -> (site,) in the unit of `MEASURES`."""
Intensities = Mapping[str, pd.DataFrame]
"""Tables of shaking that were read from files: ``grid`` or ``sites``."""
Hazard = Callable[[Sites, ScenarioOptions, tuple[str, ...], Intensities | None], Field]
"""Prepared once: sites, scenario, measures wanted, tables of shaking -> the draws of one event."""


def sites_of(position: np.ndarray, crs: str, vs30: np.ndarray | float) -> Sites:
    """Sites from places in a projected CRS.

    Parameters
    ----------
    position : ndarray
        Shape (site, 2), m.
    crs : str
        Their projected CRS.
    vs30 : ndarray or float
        Shape (site,) or one value for all, m/s.

    Returns
    -------
    Sites
        With geographic coordinates (WGS 84).

    Examples
    --------
    >>> place = sites_of(np.array([[500_000.0, 0.0]]), "EPSG:32610", 760.0)
    >>> place.longitude.round(6).tolist(), place.vs30.tolist()
    ([-123.0], [760.0])
    """
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*position.T)
    return Sites(
        np.ascontiguousarray(position, dtype=np.float64),
        np.asarray(longitude),
        np.asarray(latitude),
        np.broadcast_to(np.asarray(vs30, dtype=np.float64), len(position)),
    )
