"""What a cell sees of its neighbours: means over touching cells, and ways of joining them to its own features."""

import numpy as np
from scipy import sparse


def neighbour_means(scaled: np.ndarray, touching: sparse.csr_array | None) -> np.ndarray:
    """Mean of each feature over the cells that touch a cell.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature).
    touching : csr_array or None
        Shape (cell, cell), 1 where two cells touch, as `region.neighbours` gives it.

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


def alone(features: int) -> np.ndarray:
    """Joining matrix of methods that look at no neighbour.

    Parameters
    ----------
    features : int
        Number of features.

    Returns
    -------
    ndarray
        Shape (2 feature, feature); (own features | neighbours' means) times it is what a method sees.
    """
    return np.vstack([np.eye(features), np.zeros((features, features))])


def mixed(features: int, weight: float) -> np.ndarray:
    """Joining matrix that draws each feature towards the mean of the neighbours.

    Parameters
    ----------
    features : int
        Number of features.
    weight : float
        Weight of the neighbours, 0..1; the cell itself has the rest.

    Returns
    -------
    ndarray
        Shape (2 feature, feature).

    Examples
    --------
    >>> mixed(1, 0.25).ravel().tolist()
    [0.75, 0.25]
    """
    return np.vstack([(1.0 - weight) * np.eye(features), weight * np.eye(features)])


def beside(features: int, weight: float) -> np.ndarray:
    """Joining matrix that sets the neighbours' means beside a cell's own features.

    Parameters
    ----------
    features : int
        Number of features.
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
    >>> beside(1, 0.5).tolist()
    [[1.0, 0.0], [0.0, 0.5]]
    """
    return np.diag(np.repeat([1.0, weight], features))
