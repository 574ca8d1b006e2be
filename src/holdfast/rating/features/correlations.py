"""How features go together elsewhere: what an absent feature could have been, given those that are there."""

from collections.abc import Mapping, Sequence

import numpy as np

from holdfast.data import packaged
from holdfast.types import Floats

TABLE = "feature_correlations"
TRUST = 0.7  # of a correlation that was seen in another metro; set on planted metros, so that stated shares hold
LEAST_ROOT = 1e-3  # of the eigenvalues, so that no combination of features is wholly known


def with_absent(among: Floats, names: Sequence[str], absent: Sequence[str], directions: Mapping[str, int]) -> Floats:
    """Correlations of the features of a metro, and of those that it lacks by what was seen in others.

    Parameters
    ----------
    among : ndarray
        Shape (feature, feature), correlations of the features at hand, oriented so that more is better.
    names, absent : sequence of str
        Features at hand, and those that are absent.
    directions : mapping
        Feature to 1 or -1.

    Returns
    -------
    ndarray
        Shape (both, both), first those at hand; 0 for pairs that no metro has. `among` itself where nothing is absent.

    Examples
    --------
    >>> with_absent(np.eye(1), ["poverty"], ["education"], {"poverty": -1, "education": 1}).round(1).tolist()[0][0]
    1.0
    """
    if not absent:
        return among
    every, own = [*names, *absent], len(names)
    table = packaged(TABLE)
    seen = {
        frozenset((a, b)): float(r)
        for a, b, r in zip(table["first"], table["second"], table["correlation"], strict=True)
    }
    whole = np.eye(len(every))
    for i, first in enumerate(every):
        for j, second in enumerate(every[:i]):
            trust = TRUST if i >= own else 1.0
            turned = trust * directions.get(first, 1) * directions.get(second, 1)
            whole[i, j] = whole[j, i] = turned * seen.get(frozenset((first, second)), 0.0)
    whole[:own, :own] = among
    # pairs of different metros need not fit together: the nearest matrix that could be one of correlations
    roots, axes = np.linalg.eigh(whole)
    fitting = (axes * np.maximum(roots, LEAST_ROOT)) @ axes.T
    size = np.sqrt(np.diag(fitting))
    return np.asarray(fitting / np.outer(size, size))
