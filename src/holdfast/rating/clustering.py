"""Unordered groups of cells from their codes; the dict `CLUSTERINGS` is the seam."""

from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from holdfast.errors import UnknownName

Clustering = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
STARTS = 10


def kmeans(codes: np.ndarray, clusters: int, generator: np.random.Generator) -> np.ndarray:
    """K-means with k-means++ seeding, the best of ten starts.

    Parameters
    ----------
    codes : ndarray
        Shape (cell, number).
    clusters : int
        How many groups.
    generator : Generator
        Source of the starts.

    Returns
    -------
    ndarray of int
        Shape (cell,), group of each cell from 0.

    References
    ----------
    Lloyd (1982); Arthur & Vassilvitskii (2007).
    """
    seed = int(generator.integers(2**31))
    with threadpool_limits(1):  # parallel sums differ in the last bit
        return np.asarray(KMeans(clusters, n_init=STARTS, random_state=seed).fit_predict(codes))


def gaussian_mixture(codes: np.ndarray, clusters: int, generator: np.random.Generator) -> np.ndarray:
    """Mixture of normal distributions with full covariances; each cell goes to its likeliest.

    Parameters
    ----------
    codes, clusters, generator
        As in `kmeans`.

    Returns
    -------
    ndarray of int
        Shape (cell,), group of each cell from 0.

    References
    ----------
    Dempster, Laird & Rubin (1977).
    """
    seed = int(generator.integers(2**31))
    with threadpool_limits(1):
        model = GaussianMixture(clusters, reg_covar=1e-4, max_iter=500, random_state=seed)
        return np.asarray(model.fit_predict(codes))


CLUSTERINGS: dict[str, Clustering] = {"kmeans": kmeans, "gaussian_mixture": gaussian_mixture}


def clustering(name: str) -> Clustering:
    """Clustering by the name a study calls it.

    Parameters
    ----------
    name : str
        Key of `CLUSTERINGS`.

    Raises
    ------
    UnknownName
        If there is no such clustering.
    """
    if name not in CLUSTERINGS:
        raise UnknownName("clustering", name, CLUSTERINGS, "rating.clustering")
    return CLUSTERINGS[name]
