"""A dense autoencoder that codes a cell's features in a few numbers; many refits train as one batch. Needs torch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from holdfast.errors import NotConverged
from holdfast.rating.model.clustering import kmeans
from holdfast.rating.model.fitting import Layers
from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.types import Floats

ENCODER_LAYERS = 2  # of the four; the others decode

Weights = list[tuple[torch.Tensor, torch.Tensor]]
"""Weights (refit, inputs, outputs) and biases (refit, 1, outputs) of each layer."""


@dataclass(frozen=True)
class Network:
    """The four layers of every refit, and the error of each.

    Parameters
    ----------
    layers : list of (Tensor, Tensor)
        Weights and biases, encoder first.
    errors : ndarray
        Shape (refit,), mean squared error of the reconstruction, in squared standard deviations.
    """

    layers: Weights
    errors: Floats


@contextmanager
def one_thread() -> Iterator[None]:
    """Train on one thread: sums in another order differ in the last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def single(values: Floats) -> torch.Tensor:
    """Values in single precision, in which networks are trained."""
    return torch.tensor(values, dtype=torch.float32)


def _layer(inputs: int, outputs: int, generators: Sequence[np.random.Generator]) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (refit, inputs, outputs) and zero biases (refit, 1, outputs), after He et al. (2015)."""
    draws = [g.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs)) for g in generators]
    weights = single(np.stack(draws)).requires_grad_()
    return weights, torch.zeros((len(generators), 1, outputs), requires_grad=True)


def forward(layers: Weights, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Code (refit, cell, latent) and output (refit, cell, input) of cells that are given as (refit, cell, input)."""
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = layers
    code = torch.relu(inputs @ w1 + b1) @ w2 + b2
    return code, torch.relu(code @ w3 + b3) @ w4 + b4


def train(
    values: Floats, settings: NetworkSettings, generators: Sequence[np.random.Generator], corruption: float = 0.0
) -> Network:
    """Fit one autoencoder per generator.

    Parameters
    ----------
    values : ndarray
        Shape (refit, cell, input), standardised; every refit may see other cells.
    settings : NetworkSettings
        ``hidden``, ``latent``, ``epochs`` and ``learning_rate``.
    generators : sequence of Generator
        One per refit; they set the first weights and the corruption.
    corruption : float
        Share of the inputs set to 0, drawn again in each epoch; the target stays whole (Vincent et al. 2010).

    Raises
    ------
    NotConverged
        If a refit's error is not finite.

    References
    ----------
    Yin, Li & Mostafavi (2026), module 1. Not specified in the paper: layers, sizes, training; ours is feature - hidden
    - latent - hidden - feature with rectified hidden layers, on all cells at once by Adam (Kingma & Ba 2015).
    """
    inputs = single(values)
    sizes = [inputs.shape[2], settings.hidden, settings.latent, settings.hidden, inputs.shape[2]]
    layers = [_layer(a, b, generators) for a, b in pairwise(sizes)]
    optimiser = torch.optim.Adam([p for layer in layers for p in layer], lr=settings.learning_rate)
    masks = torch.Generator().manual_seed(int(generators[0].integers(2**31))) if corruption else None
    with one_thread():
        for _ in range(settings.epochs):
            optimiser.zero_grad()
            seen = inputs
            if masks is not None:
                seen = inputs * (torch.rand(inputs.shape, generator=masks) >= corruption)
            # refits share no parameter, so that training them as one batch of matrices equals training each alone
            loss = (forward(layers, seen)[1] - inputs).square().mean(dim=(1, 2)).sum()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
        with torch.no_grad():
            errors = (forward(layers, inputs)[1] - inputs).square().mean(dim=(1, 2)).numpy().astype(np.float64)
    if not np.isfinite(errors).all():
        text = "the autoencoder diverged; lower its learning_rate"
        raise NotConverged(text)
    return Network(layers, errors)


def code(network: Network, values: Floats) -> Floats:
    """Code of the cells that a network was fitted to, given as `train` took them; shape (refit, cell, latent).

    Examples
    --------
    >>> cells = np.random.default_rng(0).normal(size=(2, 60, 3))
    >>> network = train(cells, NetworkSettings(latent=2), [np.random.default_rng(s) for s in (1, 2)])
    >>> code(network, cells).shape, bool((network.errors < 0.9).all())
    ((2, 60, 2), True)
    """
    with one_thread(), torch.no_grad():
        return forward(network.layers, single(values))[0].numpy().astype(np.float64)


def grouped(
    network: Network, values: Floats, generators: Sequence[np.random.Generator], groups: int = LEVELS
) -> Floats:
    """Centroids (refit, group, latent) of k-means on the codes of every refit, with the generator of each."""
    parts = zip(code(network, values), generators, strict=True)
    return np.stack([kmeans(cells, groups, g)["centroids"] for cells, g in parts])


def encoder_layers(network: Network) -> Layers:
    """Weights and biases of the encoding layers as plain arrays."""
    return tuple(
        (w.detach().numpy().astype(np.float64), b.detach().numpy().astype(np.float64))
        for w, b in network.layers[:ENCODER_LAYERS]
    )
