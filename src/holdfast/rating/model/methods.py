"""How cells are grouped, refit by refit; the dict `METHODS` is the seam."""

from dataclasses import asdict, replace

import numpy as np

from holdfast.errors import UnknownName
from holdfast.rating.model.clustering import CLUSTERINGS, kmeans
from holdfast.rating.model.fitting import Fitted, Layers, Method, RefitData
from holdfast.rating.model.levels import LEVELS, natural_cuts, share_cuts
from holdfast.rating.model.neighbours import append, blend, gathered, own
from holdfast.rating.model.network_methods import autoencoder_kmeans, dec, graph_autoencoder, idec, resilinet
from holdfast.rating.model.structure import support
from holdfast.types import Floats

NEIGHBOUR_WEIGHT = 0.35  # set on planted metros (docs/rating-method.md)


def _mean_layer(inputs: int) -> Layers:
    """The mean of all inputs, as an encoder of one layer."""
    return ((np.full((1, inputs, 1), 1.0 / inputs), np.zeros((1, 1, 1))),)


def additive(data: RefitData) -> Fitted:
    """Fifths of the cells by the mean of their features: the index that most agencies use."""
    features = data.scaled.shape[1]
    fifths = np.arange(1, LEVELS) / LEVELS
    groups = tuple({"cuts": share_cuts(data.scaled[rows].mean(axis=1), fifths)} for rows in data.samples)
    return Fitted(own(features), _mean_layer(features), groups)


def _clustered(name: str, gather: Floats, data: RefitData) -> Fitted:
    """Group what is seen, without an encoder."""
    inputs = gathered(gather, data.scaled, data.neighbour_means)
    parts = zip(data.samples, data.generators, strict=True)
    return Fitted(gather, (), tuple(CLUSTERINGS[name](inputs[rows], LEVELS, g) for rows, g in parts))


def kmeans_features(data: RefitData) -> Fitted:
    """K-means on the features."""
    return _clustered("kmeans", own(data.scaled.shape[1]), data)


def mixture_features(data: RefitData) -> Fitted:
    """Gaussian mixture on the features."""
    return _clustered("gaussian_mixture", own(data.scaled.shape[1]), data)


def neighbour_kmeans(data: RefitData, *, neighbour_weight: float = NEIGHBOUR_WEIGHT) -> Fitted:
    """K-means on the features with the neighbours' means beside them.

    Parameters
    ----------
    data : RefitData
        What is fitted to.
    neighbour_weight : float
        Factor of the neighbours' means.
    """
    return _clustered("kmeans", append(data.scaled.shape[1], neighbour_weight), data)


def _blended(data: RefitData, neighbour_weight: float) -> tuple[Floats, Floats]:
    """Gathering matrix that draws features towards the neighbours, and what it gives, with deviation 1."""
    gather = blend(data.scaled.shape[1], neighbour_weight)
    inputs = gathered(gather, data.scaled, data.neighbour_means)
    spread = inputs.std(axis=0)
    return gather / spread, inputs / spread


def graded(data: RefitData, *, neighbour_weight: float = NEIGHBOUR_WEIGHT) -> Fitted:
    """Mean of the features, each drawn towards the mean of the neighbours, cut into five where it is naturally cut.

    Parameters
    ----------
    data : RefitData
        What is fitted to.
    neighbour_weight : float
        Of the touching cells, 0..1; the cell itself has the rest.
    """
    gather, inputs = _blended(data, neighbour_weight)
    groups = tuple({"cuts": natural_cuts(inputs[rows].mean(axis=1))} for rows in data.samples)
    return Fitted(gather, _mean_layer(inputs.shape[1]), groups)


def holdfast(data: RefitData, *, neighbour_weight: float = NEIGHBOUR_WEIGHT) -> Fitted:
    """The default: groups where the cells fall into groups, a graded score where they lie along a continuum.

    If the cells support five or more groups (`holdfast.rating.model.structure.support`), k-means finds them among
    features that are each drawn towards the mean of the neighbours; if not, the method is `graded`.

    Parameters
    ----------
    data : RefitData
        What is fitted to.
    neighbour_weight : float
        Of the touching cells, 0..1; the cell itself has the rest.

    References
    ----------
    Departs from Yin, Li & Mostafavi (2026) in having no encoder: on planted metros an encoder gains
    nothing, and forcing groups on a continuum costs most (``docs/rating-method.md``).
    """
    # a stream of its own, so that asking does not move the starts of the refits
    found = support(data.scaled, data.generators[0].spawn(1)[0])
    notes: dict[str, object] = {"support": [asdict(row) for row in found.scores], "groups": found.groups}
    if found.groups is None:
        return replace(graded(data, neighbour_weight=neighbour_weight), notes=notes)
    gather, inputs = _blended(data, neighbour_weight)
    parts = zip(data.samples, data.generators, strict=True)
    return Fitted(gather, (), tuple(kmeans(inputs[r], found.groups, g) for r, g in parts), notes)


METHODS: dict[str, Method] = {
    "holdfast": holdfast,
    "graded": graded,
    "additive": additive,
    "kmeans": kmeans_features,
    "gaussian_mixture": mixture_features,
    "neighbour_kmeans": neighbour_kmeans,
    "autoencoder_kmeans": autoencoder_kmeans,
    "graph_autoencoder": graph_autoencoder,
    "dec": dec,
    "idec": idec,
    "resilinet": resilinet,
}


def method(name: str) -> Method:
    """Method by its name in `METHODS`.

    Raises
    ------
    UnknownName
        If there is no such method.
    """
    if name not in METHODS:
        raise UnknownName("method", name, METHODS)
    return METHODS[name]
