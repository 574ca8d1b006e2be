"""Hazard: the intensity that one event brings to each site."""

from collections.abc import Callable

import numba
import numpy as np

from holdfast.config import ScenarioOptions
from holdfast.errors import UnknownName

Hazard = Callable[[np.ndarray, ScenarioOptions, np.random.Generator], np.ndarray]

SAME_PLACE = 1e-12  # pivot below which a site has the value of earlier ones
EXACT_SITES = 400
"""Sites up to which the covariance matrix is factored; more sites take random Fourier features."""
WAVES = 256
"""Random Fourier features of one field: the excess kurtosis of a site is -1.5 / WAVES."""
DECAYS = 3.0
"""Correlation at the stated range is exp(-DECAYS) = 0.05, as in Jayaram & Baker (2009)."""


def uniform(sites: np.ndarray, scenario: ScenarioOptions, rng: np.random.Generator) -> np.ndarray:
    """The same median everywhere, with a shared and a spatially correlated residual.

    ln IM(x) = ln value + between_event_sd z + within_event_sd field(x)

    Parameters
    ----------
    sites : ndarray
        Shape (site, 2), m in a projected CRS.
    scenario : ScenarioOptions
        Median, standard deviations and correlation range.
    rng : Generator
        Source of the residuals.

    Returns
    -------
    ndarray
        Shape (site,), in the unit of the scenario; all zero where its value is 0.

    References
    ----------
    Jayaram & Baker (2009), Earthquake Engng Struct. Dyn. 38: 1687-1708, the form of the residuals.

    Examples
    --------
    >>> scenario = ScenarioOptions(unit="g", value=0.4)
    >>> uniform(np.zeros((2, 2)), scenario, np.random.default_rng(1)).tolist()
    [0.4, 0.4]
    """
    shared = scenario.between_event_sd * rng.standard_normal()
    own = np.zeros(len(sites))
    if scenario.within_event_sd > 0:
        own = scenario.within_event_sd * gaussian_field(sites, scenario.correlation_range_m, rng)
    return scenario.value * np.exp(shared + own)


def gaussian_field(sites: np.ndarray, correlation_range: float, rng: np.random.Generator) -> np.ndarray:
    """Standard normal field with exponential correlation exp(-3 h / range).

    Exact (Cholesky) for few sites, by random Fourier features for many.

    Parameters
    ----------
    sites : ndarray
        Shape (site, 2), m.
    correlation_range : float
        Distance at which the correlation has fallen to 0.05, m.
    rng : Generator
        Source of the field.

    Returns
    -------
    ndarray
        Shape (site,), mean 0 and variance 1 over many draws.

    References
    ----------
    Rahimi & Recht (2007), Random features for large-scale kernel machines. In two dimensions the spectral
    density of exp(-h / l) is that of a Cauchy vector (a normal vector over an independent normal number) / l.

    Examples
    --------
    >>> gaussian_field(np.zeros((2, 2)), 1e4, np.random.default_rng(1)).std() < 1e-3
    np.True_
    """
    length = correlation_range / DECAYS
    if len(sites) <= EXACT_SITES:
        return _exact_field(sites, length, rng)
    frequency = rng.standard_normal((WAVES, 2)) / (np.abs(rng.standard_normal((WAVES, 1))) * length)
    phase = rng.uniform(0.0, 2 * np.pi, WAVES)
    return np.asarray(_sum_of_waves(np.ascontiguousarray(sites - sites.mean(axis=0)), frequency, phase))


def _exact_field(sites: np.ndarray, length: float, rng: np.random.Generator) -> np.ndarray:
    """Field by the Cholesky factor of its covariance."""
    distance = np.hypot(*(sites[:, None, :] - sites[None, :, :]).transpose(2, 0, 1))
    return np.asarray(_correlated(np.exp(-distance / length), rng.standard_normal(len(sites))))


@numba.njit(cache=True)
def _correlated(covariance: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Cholesky factor of a covariance times independent normals, in one fixed order of sums.

    Not numpy's: its last bits, and for symmetric cities its whole answer, differ with the number of
    threads. Sites at one place have a pivot of 0 and share one value.
    """
    factor, field = covariance.copy(), np.zeros(normal.size)
    for j in range(normal.size):
        for k in range(j):
            for i in range(j, normal.size):
                factor[i, j] -= factor[i, k] * factor[j, k]
        pivot = np.sqrt(factor[j, j]) if factor[j, j] > SAME_PLACE else 0.0
        factor[j, j] = pivot
        for i in range(j + 1, normal.size):
            factor[i, j] = factor[i, j] / pivot if pivot > 0 else 0.0
    for i in range(normal.size):
        for j in range(i + 1):
            field[i] += factor[i, j] * normal[j]
    return field


@numba.njit(cache=True)
def _sum_of_waves(sites: np.ndarray, frequency: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Sum of sqrt(2 / waves) cos(frequency . site + phase) at each site."""
    field = np.zeros(sites.shape[0])
    scale = np.sqrt(2.0 / phase.size)
    for i in range(sites.shape[0]):
        total = 0.0
        for k in range(phase.size):
            total += np.cos(frequency[k, 0] * sites[i, 0] + frequency[k, 1] * sites[i, 1] + phase[k])
        field[i] = scale * total
    return field


HAZARDS: dict[str, Hazard] = {"uniform": uniform}


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
    holdfast.errors.UnknownName: "tsunami" is not a known hazard; known: uniform
    """
    if name not in HAZARDS:
        raise UnknownName("hazard", name, HAZARDS)
    return HAZARDS[name]
