"""How cells are grouped, refit by refit; the dict `METHODS` is the seam."""

from dataclasses import asdict, replace

import numpy as np

from holdfast.errors import UnknownName
from holdfast.rating.model.aims import pull
from holdfast.rating.model.clustering import CLUSTERINGS, kmeans
from holdfast.rating.model.fitting import Fitted, Layers, Method, RefitData
from holdfast.rating.model.levels import LEVELS, natural_cuts, share_cuts
from holdfast.rating.model.neighbours import append, blend, gathered, own
from holdfast.rating.model.network_methods import autoencoder_kmeans, dec, graph_autoencoder, idec, resilinet
from holdfast.rating.model.people import correlations, mean_and_spread
from holdfast.rating.model.structure import support
from holdfast.types import Floats

NEIGHBOUR_WEIGHT = 0.0  # neighbours help against independent errors alone, and cost pockets (docs/rating-method.md)

BESIDE = 0.35  # factor of the means of the neighbours where they are seen beside a cell


def _sum_layer(weights: Floats) -> Layers:
    """A weighted sum of all inputs, as an encoder of one layer."""
    return ((weights[None, :, None], np.zeros((1, 1, 1))),)


def additive(data: RefitData) -> Fitted:
    """Fifths of the people by the mean of their features: the index that most agencies use."""
    features = data.scaled.shape[1]
    fifths = np.arange(1, LEVELS) / LEVELS
    groups = tuple(
        {"cuts": share_cuts(data.scaled[rows].mean(axis=1), fifths, data.people[rows])} for rows in data.samples
    )
    return Fitted(own(features), _sum_layer(np.full(features, 1.0 / features)), groups)


def _clustered(name: str, gather: Floats, data: RefitData) -> Fitted:
    """Group what is seen, without an encoder."""
    inputs = gathered(gather, data.scaled, data.neighbour_means)
    parts = zip(data.samples, data.generators, strict=True)
    found = (CLUSTERINGS[name](inputs[rows], LEVELS, g, people=data.people[rows]) for rows, g in parts)
    return Fitted(gather, (), tuple(found))


def kmeans_features(data: RefitData) -> Fitted:
    """K-means on the features."""
    return _clustered("kmeans", own(data.scaled.shape[1]), data)


def mixture_features(data: RefitData) -> Fitted:
    """Gaussian mixture on the features."""
    return _clustered("gaussian_mixture", own(data.scaled.shape[1]), data)


def neighbour_kmeans(data: RefitData) -> Fitted:
    """K-means on the features with a third of the neighbours' means beside them."""
    return _clustered("kmeans", append(data.scaled.shape[1], BESIDE), data)


def _blended(data: RefitData, neighbour_weight: float) -> tuple[Floats, Floats]:
    """Gathering matrix that draws features towards the neighbours, and what it gives, with deviation 1 over people."""
    gather = blend(data.scaled.shape[1], neighbour_weight)
    inputs = gathered(gather, data.scaled, data.neighbour_means)
    spread = mean_and_spread(inputs, data.people)[1]
    return gather / spread, inputs / spread


def graded(data: RefitData, *, neighbour_weight: float = NEIGHBOUR_WEIGHT, levels: int = LEVELS) -> Fitted:
    """Sum of the pillars by the weights that are meant, cut into levels where it is naturally cut.

    Parameters
    ----------
    data : RefitData
        What is fitted to.
    neighbour_weight : float
        Of the touching cells, 0..1; the cell itself has the rest.
    levels : int
        How many to cut it into.
    """
    gather, inputs = _blended(data, neighbour_weight)
    weights = pull(data.shares, correlations(inputs, data.people))
    score = inputs @ weights
    groups = tuple({"cuts": natural_cuts(score[rows], data.people[rows], levels)} for rows in data.samples)
    return Fitted(gather, _sum_layer(weights), groups)


def holdfast(data: RefitData, *, neighbour_weight: float = NEIGHBOUR_WEIGHT, levels: int = LEVELS) -> Fitted:
    """The default: groups where people live in groups of cells, a graded score where these lie along a continuum.

    If the cells support five or more groups (`holdfast.rating.model.structure.support`), k-means finds them; if not, the
    method is `graded`. Every statistic counts people.

    Parameters
    ----------
    data : RefitData
        What is fitted to.
    neighbour_weight : float
        Of the touching cells, 0..1; the cell itself has the rest.
    levels : int
        How many come out; fewer groups than these are not taken for groups.

    References
    ----------
    Departs from Yin, Li & Mostafavi (2026) in having no encoder: on planted metros an encoder gains
    nothing, and forcing groups on a continuum costs most (``docs/rating-method.md``).
    """
    # a stream of its own, so that asking does not move the starts of the refits
    found = support(data.scaled, data.generators[0].spawn(1)[0], data.people)
    notes: dict[str, object] = {"support": [asdict(row) for row in found.scores], "groups": found.groups}
    if found.groups is None or found.groups < levels:
        return replace(graded(data, neighbour_weight=neighbour_weight, levels=levels), notes=notes)
    gather, inputs = _blended(data, neighbour_weight)
    parts = zip(data.samples, data.generators, strict=True)
    groups = (kmeans(inputs[r], found.groups, g, people=data.people[r]) for r, g in parts)
    return Fitted(gather, (), tuple(groups), notes)


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
