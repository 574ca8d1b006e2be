"""How cells are grouped, refit by refit; the dict `METHODS` is the seam."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from holdfast.config import RatingOptions
from holdfast.errors import UnknownName
from holdfast.rating.model.autoencoder import Layers, Network, encoder_layers, forward, one_thread, train
from holdfast.rating.model.clustering import CLUSTERINGS, Groups, kmeans
from holdfast.rating.model.embedded import refine
from holdfast.rating.model.levels import LEVELS, natural_cuts, share_cuts
from holdfast.rating.model.neighbours import alone, beside, mixed
from holdfast.rating.model.structure import support

CORRUPTION = 0.2  # share of inputs hidden while DEC and IDEC learn to rebuild (Xie et al. 2016)


@dataclass(frozen=True)
class Ground:
    """What a method is fitted to.

    Parameters
    ----------
    scaled, around : ndarray
        Shape (cell, feature): oriented features, and their mean over the touching cells.
    rows : ndarray of int
        Shape (refit, sample): the cells that each refit is fitted to.
    """

    scaled: np.ndarray
    around: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Fitted:
    """All refits of a method, frozen as plain arrays.

    Parameters
    ----------
    gather : ndarray
        Shape (2 feature, input): what the method sees is (scaled | around) times it.
    layers : tuple
        Weights (refit or 1, inputs, outputs) and biases of the encoder, rectified in between; may be empty.
    groups : tuple of dict
        Per refit, as `clustering.assign` takes them.
    notes : dict
        What the method decided on the way.
    """

    gather: np.ndarray
    layers: Layers
    groups: tuple[Groups, ...]
    notes: dict[str, object] = field(default_factory=dict)


Method = Callable[[Ground, RatingOptions, Sequence[np.random.Generator]], Fitted]


def seen(gather: np.ndarray, scaled: np.ndarray, around: np.ndarray) -> np.ndarray:
    """What a method sees of each cell.

    Parameters
    ----------
    gather : ndarray
        Of `Fitted`.
    scaled, around : ndarray
        Of `Ground`.

    Returns
    -------
    ndarray
        Shape (cell, input).
    """
    features = scaled.shape[1]
    return np.asarray(scaled @ gather[:features] + around @ gather[features:])


def codes(fitted: Fitted, refit: int, inputs: np.ndarray) -> np.ndarray:
    """Code of each cell under one refit.

    Parameters
    ----------
    fitted : Fitted
        Frozen refits.
    refit : int
        Which one.
    inputs : ndarray
        Shape (cell, input), from `seen`.

    Returns
    -------
    ndarray
        Shape (cell, latent).
    """
    values = inputs
    for number, (weights, biases) in enumerate(fitted.layers):
        own = refit if len(weights) > 1 else 0
        values = (np.maximum(values, 0.0) if number else values) @ weights[own] + biases[own]
    return values


def _mean_layer(inputs: int) -> Layers:
    """The mean of all inputs, as an encoder of one layer."""
    return ((np.full((1, inputs, 1), 1.0 / inputs), np.zeros((1, 1, 1))),)


def additive(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:  # noqa: ARG001 (nothing is left to chance)
    """Fifths of the cells by the mean of their features: the index that most agencies use.

    Parameters
    ----------
    ground, options, generators
        As every `Method`.
    """
    inputs, gather = ground.scaled, alone(ground.scaled.shape[1])
    fifths = np.arange(1, LEVELS) / LEVELS
    groups = tuple({"cuts": share_cuts(inputs[rows].mean(axis=1), fifths)} for rows in ground.rows)
    return Fitted(gather, _mean_layer(inputs.shape[1]), groups)


def _direct(name: str, gather: np.ndarray, ground: Ground, generators: Sequence[np.random.Generator]) -> Fitted:
    """Group what is seen, without an encoder."""
    inputs = seen(gather, ground.scaled, ground.around)
    parts = zip(ground.rows, generators, strict=True)
    return Fitted(gather, (), tuple(CLUSTERINGS[name](inputs[rows], LEVELS, g) for rows, g in parts))


def kmeans_alone(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:  # noqa: ARG001 (nothing to set)
    """K-means on the features.

    Parameters
    ----------
    ground, options, generators
        As every `Method`.
    """
    return _direct("kmeans", alone(ground.scaled.shape[1]), ground, generators)


def mixture_alone(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:  # noqa: ARG001 (nothing to set)
    """Gaussian mixture on the features.

    Parameters
    ----------
    ground, options, generators
        As every `Method`.
    """
    return _direct("gaussian_mixture", alone(ground.scaled.shape[1]), ground, generators)


def neighbour_kmeans(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """K-means on the features with the neighbours' means beside them.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``neighbour_weight``.
    """
    gather = beside(ground.scaled.shape[1], options.neighbour_weight)
    return _direct("kmeans", gather, ground, generators)


def _batch(gather: np.ndarray, ground: Ground) -> torch.Tensor:
    """What every refit sees of its cells, shape (refit, sample, input)."""
    return torch.tensor(seen(gather, ground.scaled, ground.around)[ground.rows], dtype=torch.float32)


def _grouped(network: Network, inputs: torch.Tensor, generators: Sequence[np.random.Generator]) -> np.ndarray:
    """Centroids of k-means on the codes of every refit, shape (refit, group, latent)."""
    with one_thread(), torch.no_grad():
        code = forward(network.layers, inputs)[0].numpy().astype(np.float64)
    return np.stack([kmeans(c, LEVELS, g)["centroids"] for c, g in zip(code, generators, strict=True)])


def _coded(gather: np.ndarray, network: Network, centroids: np.ndarray) -> Fitted:
    """Freeze an encoder and its centroids."""
    return Fitted(gather, encoder_layers(network), tuple({"centroids": c} for c in centroids))


def autoencoder_kmeans(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """K-means on the code of a dense autoencoder.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``autoencoder``.
    """
    gather = alone(ground.scaled.shape[1])
    inputs = _batch(gather, ground)
    network = train(inputs, options.autoencoder, generators)
    return _coded(gather, network, _grouped(network, inputs, generators))


def graph_autoencoder(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """K-means on the code of an autoencoder that sees and rebuilds a cell and the mean of its neighbours.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``autoencoder``.

    References
    ----------
    Kipf & Welling (2016) for graph autoencoders; Hamilton, Ying & Leskovec (2017) for the mean
    aggregator. Departs from both in one hop, and in rebuilding features instead of edges.
    """
    gather = beside(ground.scaled.shape[1], 1.0)
    inputs = _batch(gather, ground)
    network = train(inputs, options.autoencoder, generators)
    return _coded(gather, network, _grouped(network, inputs, generators))


def _embedded(
    ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator], corruption: float, rebuild: bool
) -> Fitted:
    """Autoencoder, k-means on its code, and both trained on together."""
    gather = alone(ground.scaled.shape[1])
    inputs = _batch(gather, ground)
    network = train(inputs, options.autoencoder, generators, corruption)
    centroids = refine(network, inputs, _grouped(network, inputs, generators), options.autoencoder, rebuild)
    return _coded(gather, network, centroids)


def dec(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """Deep embedded clustering after a denoising autoencoder.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``autoencoder``.

    References
    ----------
    Xie, Girshick & Farhadi (2016). Departs from it in the size of the network, which is that of
    ``autoencoder``: theirs was made for images.
    """
    return _embedded(ground, options, generators, CORRUPTION, rebuild=False)


def idec(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """Improved deep embedded clustering: the reconstruction stays in the loss.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``autoencoder``.

    References
    ----------
    Guo, Gao, Liu & Yin (2017). Departs from it in the size of the network, as `dec`.
    """
    return _embedded(ground, options, generators, CORRUPTION, rebuild=True)


def resilinet(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """The method of the paper, as far as it can be rebuilt: a dense autoencoder, k-means, refined by DEC.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``autoencoder``.

    References
    ----------
    Yin, Li & Mostafavi (2026). Not specified in the paper: sizes, training and the refinement's settings.
    """
    return _embedded(ground, options, generators, 0.0, rebuild=False)


def _drawn(ground: Ground, options: RatingOptions) -> tuple[np.ndarray, np.ndarray]:
    """Joining matrix that draws features towards the neighbours, and what it gives, with deviation 1."""
    gather = mixed(ground.scaled.shape[1], options.neighbour_weight)
    inputs = seen(gather, ground.scaled, ground.around)
    spread = inputs.std(axis=0)
    return gather / spread, inputs / spread


def graded(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:  # noqa: ARG001 (nothing is left to chance)
    """Mean of the features, each drawn towards the mean of the neighbours, cut into five where it is naturally cut.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``neighbour_weight``.
    """
    gather, inputs = _drawn(ground, options)
    groups = tuple({"cuts": natural_cuts(inputs[rows].mean(axis=1))} for rows in ground.rows)
    return Fitted(gather, _mean_layer(inputs.shape[1]), groups)


def holdfast(ground: Ground, options: RatingOptions, generators: Sequence[np.random.Generator]) -> Fitted:
    """The default: groups where the cells fall into groups, a graded score where they lie along a continuum.

    If the cells support five or more groups (`structure.support`), k-means finds them among features
    that are each drawn towards the mean of the neighbours; if not, the method is `graded`.

    Parameters
    ----------
    ground, options, generators
        As every `Method`; reads ``neighbour_weight``.

    References
    ----------
    Departs from Yin, Li & Mostafavi (2026) in having no encoder: on planted metros an encoder gains
    nothing, and forcing groups on a continuum costs most (``docs/rating-method.md``).
    """
    found = support(ground.scaled, generators[0].spawn(1)[0])
    notes: dict[str, object] = {"support": found.rows, "groups": found.groups}
    if found.groups is None:
        return replace(graded(ground, options, generators), notes=notes)
    gather, inputs = _drawn(ground, options)
    parts = zip(ground.rows, generators, strict=True)
    return Fitted(gather, (), tuple(kmeans(inputs[r], found.groups, g) for r, g in parts), notes)


METHODS: dict[str, Method] = {
    "holdfast": holdfast,
    "graded": graded,
    "additive": additive,
    "kmeans": kmeans_alone,
    "gaussian_mixture": mixture_alone,
    "neighbour_kmeans": neighbour_kmeans,
    "autoencoder_kmeans": autoencoder_kmeans,
    "graph_autoencoder": graph_autoencoder,
    "dec": dec,
    "idec": idec,
    "resilinet": resilinet,
}


def method(name: str) -> Method:
    """Method by the name a study calls it.

    Parameters
    ----------
    name : str
        Key of `METHODS`.

    Raises
    ------
    UnknownName
        If there is no such method.
    """
    if name not in METHODS:
        raise UnknownName("method", name, METHODS, "rating.method")
    return METHODS[name]
