"""Unordered groups of cells from their codes, kept as plain arrays; the dict `CLUSTERINGS` is the seam."""

from collections.abc import Callable, Mapping
from warnings import catch_warnings, simplefilter

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from holdfast.types import Floats, Ints

Groups = dict[str, Floats]
Clustering = Callable[..., Groups]
"""From what is seen of the cells (cell, number), the number of groups, a generator and, by keyword, `people` (what each
cell counts), to groups as `assign` takes them."""
STARTS = 10
RIDGE = 1e-4  # added to the variances of a mixture, in squared standard deviations


def kmeans(
    codes: Floats,
    clusters: int,
    generator: np.random.Generator,
    starts: int = STARTS,
    *,
    people: Floats | None = None,
) -> Groups:
    """K-means with k-means++ seeding, the best of some starts: ``centroids``, shape (group, number).

    Cells weigh by their `people`, (cell,); all alike if omitted.

    References
    ----------
    Lloyd (1982); Arthur & Vassilvitskii (2007).
    """
    seed = int(generator.integers(2**31))
    with threadpool_limits(1), catch_warnings():  # parallel sums differ in the last bit
        simplefilter("ignore", ConvergenceWarning)  # of many equal cells; too few groups are refused by the caller
        model = KMeans(clusters, n_init=starts, random_state=seed).fit(codes, sample_weight=people)
    return {"centroids": np.asarray(model.cluster_centers_, dtype=np.float64)}


def gaussian_mixture(
    codes: Floats, clusters: int, generator: np.random.Generator, *, people: Floats | None = None
) -> Groups:
    """Mixture of normal distributions with full covariances.

    ``means`` (group, number), ``whitening`` (group, number, number) and ``logs`` (group,), the logarithm of each
    group's weight times the determinant of its whitening. It knows no weights: with `people`, (cell,), it is fitted to
    as many cells drawn in proportion to them.

    References
    ----------
    Dempster, Laird & Rubin (1977).
    """
    seed = int(generator.integers(2**31))
    if people is not None:
        codes = codes[np.sort(generator.choice(len(codes), len(codes), p=people / people.sum()))]
    with threadpool_limits(1):
        model = GaussianMixture(clusters, reg_covar=RIDGE, max_iter=500, random_state=seed).fit(codes)
    whitening = np.asarray(model.precisions_cholesky_, dtype=np.float64)
    logs = np.log(model.weights_) + np.log(np.diagonal(whitening, axis1=1, axis2=2)).sum(axis=1)
    return {"means": np.asarray(model.means_), "whitening": whitening, "logs": logs}


CLUSTERINGS: dict[str, Clustering] = {"kmeans": kmeans, "gaussian_mixture": gaussian_mixture}


def assign(groups: Mapping[str, Floats], codes: Floats) -> Ints:
    """Group of each cell under frozen groups.

    Parameters
    ----------
    groups : mapping
        ``centroids`` (the nearest wins), ``means``, ``whitening`` and ``logs`` (the likeliest wins), or
        ``cuts`` (between ascending values of a single number).
    codes : ndarray
        Shape (cell, number), in the space of the groups.

    Returns
    -------
    ndarray of int
        Shape (cell,), from 0.

    Examples
    --------
    >>> assign({"cuts": np.array([0.0, 1.0])}, np.array([[-1.0], [0.5], [2.0]])).tolist()
    [0, 1, 2]
    >>> assign({"centroids": np.array([[0.0, 0.0], [3.0, 3.0]])}, np.array([[1.0, 1.0], [2.0, 2.0]])).tolist()
    [0, 1]
    """
    if "cuts" in groups:
        return np.asarray(np.searchsorted(groups["cuts"], codes[:, 0], side="left"))
    if "centroids" in groups:
        centroids = groups["centroids"]
        # squared distance without the cells' own squares, which are the same for every group
        return np.asarray(np.argmin((centroids**2).sum(axis=1) - 2.0 * codes @ centroids.T, axis=1))
    parts = zip(groups["means"], groups["whitening"], groups["logs"], strict=True)
    likely = [log - 0.5 * (((codes - mean) @ white) ** 2).sum(axis=1) for mean, white, log in parts]
    return np.asarray(np.argmax(likely, axis=0))
