"""Residuals of shaking within one event: standard normal fields, correlated in space and between measures.

Simulated on a periodic grid by fast Fourier transform (circulant embedding); a site takes the value of its
grid node. The cost of a draw grows with the sites and the grid, never with the square of the sites.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from holdfast.data import packaged
from holdfast.errors import UnknownName

DECAYS = 3.0
"""Correlation at the stated range is exp(-DECAYS) = 0.05, as in Jayaram & Baker (2009)."""
STEPS = 40
"""Grid steps in the shortest range: sites that share a node shake alike, where exp(-3 / 40) = 0.93 is meant."""
MOST_CELLS = 2048
"""Cells along a side of the grid, at most; a larger region gets a coarser grid."""

Residuals = Callable[[np.random.Generator], NDArray[np.float64]]
"""One draw: (measure, site), standard normal."""


class Correlation(NamedTuple):
    """How alike shaking is at neighbouring sites.

    ``range_m``: distance at which residuals hardly correlate, m; without it that of Jayaram & Baker (2009) for
    ``vs30_clustering``: ``scattered`` or ``clustered``, as in `correlation_ranges`.
    """

    range_m: float | None = None
    vs30_clustering: str = "scattered"


PUBLISHED = Correlation()


class Grid(NamedTuple):
    """Periodic grid under the sites: rows and columns, step (m), and the node of each site (site,)."""

    shape: tuple[int, int]
    step: float
    node: NDArray[np.int64]


def measure_correlation(measures: tuple[str, ...]) -> NDArray[np.float64]:
    """Correlation of the residuals of intensity measures at one site, shape (measure, measure).

    References
    ----------
    Table ``measure_correlation``: Baker & Jayaram (2008), Bradley (2012), for total residuals. Not specified
    in the papers: the same value serves the residuals between and within events.

    Examples
    --------
    >>> measure_correlation(("PGA", "PGV")).tolist()
    [[1.0, 0.733], [0.733, 1.0]]
    """
    table = packaged("measure_correlation")
    pairs = {frozenset(p): c for *p, c in table[["first", "second", "correlation"]].itertuples(index=False)}
    return np.array([[1.0 if a == b else pairs[frozenset((a, b))] for b in measures] for a in measures])


def correlation_ranges(measures: tuple[str, ...], clustering: str) -> NDArray[np.float64]:
    """Distance at which the within-event residuals of each measure hardly correlate, m, shape (measure,).

    `clustering` says whether vs30 varies from site to site (``scattered``) or neighbours are alike (``clustered``).

    Raises
    ------
    UnknownName
        If `clustering` is another word.

    References
    ----------
    Jayaram & Baker (2009), Earthquake Engng Struct. Dyn. 38: 1687-1708, table ``correlation_ranges``.

    Examples
    --------
    >>> correlation_ranges(("PGA", "SA1.0"), "scattered").tolist()
    [8500.0, 25700.0]
    """
    table = packaged("correlation_ranges")
    known = sorted(table["vs30_clustering"].unique())
    if clustering not in known:
        raise UnknownName("clustering of vs30", clustering, known, "vs30_clustering")
    ranges = table[table["vs30_clustering"] == clustering].set_index("measure")["range_km"]
    return np.asarray(ranges.loc[list(measures)], dtype=np.float64) * 1000.0


def residuals(
    position: NDArray[np.float64], ranges: NDArray[np.float64], correlation: NDArray[np.float64]
) -> Residuals:
    """Prepare fields with exponential correlation exp(-3 h / range), one per measure: generator -> (measure, site).

    Parameters
    ----------
    position, ranges : ndarray
        Places of shape (site, 2) and ranges of shape (measure,), both in m.
    correlation : ndarray
        Shape (measure, measure), of the measures at one place.

    References
    ----------
    Dietrich & Newsam (1997), SIAM J. Sci. Comput. 18: 1088-1107 (circulant embedding); Jayaram & Baker (2009).
    Not specified in the papers: between two places two measures correlate as the geometric mean of their spectra.
    """
    grid = _grid(position, ranges)
    # each measure keeps its own range and variance 1; fields with different spectra correlate less than their noises
    # do, by the coherence; the noises correlate by that much more, so that at one place the measures have what is asked
    # for
    root = np.sqrt([_spectrum(_torus_correlation(grid, r)) for r in ranges])
    noise = _mixing(correlation / _coherence(root, grid.shape[1]))

    def draw(rng: np.random.Generator) -> NDArray[np.float64]:
        white = _white_noise(rng, len(ranges), grid.shape)
        fields = np.empty((len(ranges), len(position)))
        for k, weights in enumerate(noise):
            mixed = np.zeros(white.shape[1:], dtype=np.complex128)
            for weight, sheet in zip(weights, white, strict=True):  # no matrix product: its last bits vary with threads
                mixed += weight * sheet
            mixed *= root[k]
            surface = scipy.fft.irfft2(mixed, s=grid.shape, norm="forward", overwrite_x=True)
            np.take(surface.ravel(), grid.node, out=fields[k])
        return fields

    return draw


def gaussian_field(
    position: NDArray[np.float64], correlation_range: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw one standard normal field with exponential correlation exp(-3 h / range), shape (site,).

    Parameters
    ----------
    position : ndarray
        Places of the sites, shape (site, 2), m.
    correlation_range : float
        Distance at which the correlation has fallen to 0.05, m.
    rng : Generator
        Source of the normal numbers.

    Examples
    --------
    >>> float(np.ptp(gaussian_field(np.zeros((2, 2)), 1e4, np.random.default_rng(1))))
    0.0
    """
    return np.asarray(residuals(position, np.array([correlation_range]), np.eye(1))(rng)[0])


def _grid(position: NDArray[np.float64], ranges: NDArray[np.float64]) -> Grid:
    """Lay a periodic grid under the sites, fine enough for the shortest range and wide enough for the longest."""
    low, extent = position.min(axis=0), np.ptp(position, axis=0)
    # correlation is by the shorter way round: right for all pairs where the period is twice the extent, and wrong by at
    # most exp(-6) where it is the extent and two ranges
    period = extent + np.clip(extent.max(), ranges.max(), 2 * ranges.max())
    step = max(ranges.min() / STEPS, period.max() / MOST_CELLS)
    columns, rows = (scipy.fft.next_fast_len(int(np.ceil(p / step)) + 1, real=True) for p in period)
    columns += columns % 2  # an even number of columns makes the last one of the half spectrum real
    column, row = np.round((position - low) / step).astype(np.int64).T
    return Grid((rows, columns), float(step), row * columns + column)


def _torus_correlation(grid: Grid, correlation_range: float) -> NDArray[np.float64]:
    """Correlation of each node with the first one, by the shorter way round."""
    rows, columns = (np.minimum(np.arange(n), n - np.arange(n)) * grid.step for n in grid.shape)
    return np.asarray(np.exp(-DECAYS * np.hypot(rows[:, None], columns[None, :]) / correlation_range))


def _spectrum(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of each wave of the half spectrum; they sum to 1 over the whole."""
    # on a torus the exponential form is not quite a covariance: waves of negative variance are cut off
    power = np.maximum(scipy.fft.rfft2(correlation).real, 0.0)
    return np.asarray(power / _whole_sum(power, correlation.shape[1]))


def _whole_sum(half: NDArray[np.float64], columns: int) -> float:
    """Sum over the whole spectrum: every column but the first and the last stands for two."""
    return float(2 * half.sum() - half[:, 0].sum() - (half[:, -1].sum() if columns % 2 == 0 else 0.0))


def _coherence(root: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Correlation at one place of fields with these spectra that share one noise."""
    return np.array([[_whole_sum(a * b, columns) for b in root] for a in root])


def _mixing(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of independent noises that give noises of this correlation; the nearest possible where none do."""
    # an eigenvalue below 0 says that no noises have this correlation; cut off and scaled back to variance 1
    values, vectors = np.linalg.eigh(correlation)
    mixed = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def _white_noise(rng: np.random.Generator, count: int, shape: tuple[int, int]) -> NDArray[np.complex128]:
    """Half spectra of independent real white noises: in the first and last column waves are their own mirrors."""
    rows, columns = shape
    # a wave and its mirror share the variance between real and imaginary part; in the first and last column both lie in
    # the half spectrum, and the inverse transform averages them: hence twice the variance
    normal = rng.standard_normal((count, rows, columns // 2 + 1, 2)) * np.sqrt(0.5)
    normal[:, :, [0, -1]] *= np.sqrt(2.0)
    return np.asarray(normal.view(np.complex128)[..., 0])


def draw_shared(rng: np.random.Generator, mixing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw the residuals between events, standard normal of shape (measure,), by the weights of `shared_mixing`."""
    # no matrix product: its last bits vary with threads
    return np.asarray((mixing * rng.standard_normal(len(mixing))).sum(axis=1))


def shared_mixing(measures: tuple[str, ...]) -> NDArray[np.float64]:
    """Weights that give residuals between events their correlation, shape (measure, measure)."""
    return _mixing(measure_correlation(measures))
