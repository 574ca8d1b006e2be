"""Methods that train networks; torch is imported when one of them is called, and not before."""

import numpy as np

from holdfast.extras import require
from holdfast.rating.model.fitting import Fitted, RefitData
from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.neighbours import append, gathered, own
from holdfast.rating.model.network_settings import NETWORK, NetworkSettings
from holdfast.types import Floats

CORRUPTION = 0.2  # share of inputs hidden while DEC and IDEC learn to rebuild (Xie et al. 2016)


def _drawn(data: RefitData, gather: Floats) -> Floats:
    """What networks are trained on, (refit, cell, input): cells of each sample drawn in proportion to their people."""
    rows = [
        np.sort(g.choice(r, len(r), p=data.people[r] / data.people[r].sum()))
        for r, g in zip(data.samples, data.generators, strict=True)
    ]
    return np.asarray(gathered(gather, data.scaled, data.neighbour_means)[np.stack(rows)])


def _coded(data: RefitData, gather: Floats, network: NetworkSettings, levels: int = LEVELS) -> Fitted:
    """Autoencoder, and k-means on its code."""
    require("torch", "deep", "a rating method with a network")
    from holdfast.rating.model.autoencoder import encoder_layers, grouped, train

    inputs = _drawn(data, gather)
    trained = train(inputs, network, data.generators)
    centroids = grouped(trained, inputs, data.generators, levels)
    return Fitted(gather, encoder_layers(trained), tuple({"centroids": c} for c in centroids))


def _embedded(data: RefitData, network: NetworkSettings, corruption: float, *, rebuild: bool) -> Fitted:
    """Autoencoder, k-means on its code, and both trained on together."""
    require("torch", "deep", "a rating method with a network")
    from holdfast.rating.model.autoencoder import encoder_layers, grouped, train
    from holdfast.rating.model.embedded import refine

    gather = own(data.scaled.shape[1])
    inputs = _drawn(data, gather)
    trained = train(inputs, network, data.generators, corruption)
    centroids = refine(trained, inputs, grouped(trained, inputs, data.generators), network, rebuild=rebuild)
    return Fitted(gather, encoder_layers(trained), tuple({"centroids": c} for c in centroids))


def autoencoder_kmeans(data: RefitData, *, network: NetworkSettings = NETWORK) -> Fitted:
    """K-means on the code of a dense autoencoder."""
    return _coded(data, own(data.scaled.shape[1]), network)


def graph_autoencoder(data: RefitData, *, network: NetworkSettings = NETWORK, levels: int = LEVELS) -> Fitted:
    """K-means on the code of an autoencoder that sees and rebuilds a cell and the mean of its neighbours.

    References
    ----------
    Kipf & Welling (2016) for graph autoencoders; Hamilton, Ying & Leskovec (2017) for the mean
    aggregator. Departs from both in one hop, and in rebuilding features instead of edges.
    """
    return _coded(data, append(data.scaled.shape[1], 1.0), network, levels)


def dec(data: RefitData, *, network: NetworkSettings = NETWORK) -> Fitted:
    """Deep embedded clustering after a denoising autoencoder.

    References
    ----------
    Xie, Girshick & Farhadi (2016). Departs from it in the size of the network: theirs was made for images.
    """
    return _embedded(data, network, CORRUPTION, rebuild=False)


def idec(data: RefitData, *, network: NetworkSettings = NETWORK) -> Fitted:
    """Improved deep embedded clustering: the reconstruction stays in the loss.

    References
    ----------
    Guo, Gao, Liu & Yin (2017). Departs from it in the size of the network, as `dec`.
    """
    return _embedded(data, network, CORRUPTION, rebuild=True)


def resilinet(data: RefitData, *, network: NetworkSettings = NETWORK) -> Fitted:
    """The method of the paper, as far as it can be rebuilt: a dense autoencoder, k-means, refined by DEC.

    References
    ----------
    Yin, Li & Mostafavi (2026). Not specified in the paper: sizes, training and the refinement's settings.
    """
    return _embedded(data, network, 0.0, rebuild=False)
