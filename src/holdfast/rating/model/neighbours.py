"""What a method sees of the neighbours of a cell: means over touching cells, joined to the cell's own features."""

import numpy as np
from scipy import sparse

from holdfast.types import Floats


def neighbour_means(scaled: Floats, touching: sparse.csr_array | None) -> Floats:
    """Mean of each feature over the cells that touch a cell.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), without nulls.
    touching : csr_array or None
        Shape (cell, cell), 1 where two cells touch, as `holdfast.rating.grid.adjacency.neighbours` gives it.

    Returns
    -------
    ndarray
        Shape (cell, feature); a cell's own values where nothing touches it or `touching` is None.

    Examples
    --------
    >>> line = sparse.csr_array(np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    >>> neighbour_means(np.array([[1.0], [2.0], [5.0]]), line).ravel().tolist()
    [2.0, 1.0, 5.0]
    """
    if touching is None:
        return scaled.copy()
    count = np.asarray(touching.sum(axis=1)).ravel()
    means = np.asarray(touching @ scaled) / np.maximum(count, 1.0)[:, None]
    return np.where(count[:, None] > 0, means, scaled)


def gathered(gather: Floats, scaled: Floats, means: Floats) -> Floats:
    """What a method sees of each cell: (own features | neighbours' means) times a gathering matrix.

    Parameters
    ----------
    gather : ndarray
        Shape (2 feature, input), from `own`, `blend` or `append`.
    scaled, means : ndarray
        Shape (cell, feature): own features, and `neighbour_means` of them.

    Returns
    -------
    ndarray
        Shape (cell, input).
    """
    features = scaled.shape[1]
    return np.asarray(scaled @ gather[:features] + means @ gather[features:])


def own(features: int) -> Floats:
    """Gathering matrix of methods that look at no neighbour, shape (2 feature, feature)."""
    return np.vstack([np.eye(features), np.zeros((features, features))])


def blend(features: int, weight: float) -> Floats:
    """Gathering matrix that draws each feature towards the mean of the neighbours.

    Parameters
    ----------
    features : int
        How many there are.
    weight : float
        Of the neighbours, 0..1; the cell itself has the rest.

    Returns
    -------
    ndarray
        Shape (2 feature, feature).

    Examples
    --------
    >>> blend(1, 0.25).ravel().tolist()
    [0.75, 0.25]
    """
    return np.vstack([(1.0 - weight) * np.eye(features), weight * np.eye(features)])


def append(features: int, weight: float) -> Floats:
    """Gathering matrix that sets the neighbours' means beside a cell's own features.

    Parameters
    ----------
    features : int
        How many there are.
    weight : float
        Factor of the neighbours' means.

    Returns
    -------
    ndarray
        Shape (2 feature, 2 feature).

    References
    ----------
    Hamilton, Ying & Leskovec (2017), GraphSAGE: concatenation with the mean over neighbours.

    Examples
    --------
    >>> append(1, 0.5).tolist()
    [[1.0, 0.0], [0.0, 0.5]]
    """
    return np.diag(np.repeat([1.0, weight], features))
