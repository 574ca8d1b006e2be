"""A dense autoencoder that codes a cell's features in a few numbers; many refits train as one batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from holdfast.config import AutoencoderOptions
from holdfast.errors import NotConverged

Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
ENCODER_LAYERS = 2  # of the four; the others decode


@dataclass(frozen=True)
class Network:
    """Weights and biases of the four layers of every refit, and the error of each.

    Parameters
    ----------
    layers : list of (Tensor, Tensor)
        Weights (refit, inputs, outputs) and biases (refit, 1, outputs).
    errors : ndarray
        Shape (refit,), mean squared error of the reconstruction, in squared standard deviations.
    """

    layers: list[tuple[torch.Tensor, torch.Tensor]]
    errors: np.ndarray


@contextmanager
def one_thread() -> Iterator[None]:
    """Train on one thread: sums in another order differ in the last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _layer(inputs: int, outputs: int, generators: Sequence[np.random.Generator]) -> tuple[torch.Tensor, torch.Tensor]:
    """Weights (refit, inputs, outputs) and zero biases (refit, 1, outputs), after He et al. (2015)."""
    draws = [g.normal(0.0, np.sqrt(2.0 / inputs), (inputs, outputs)) for g in generators]
    weights = torch.tensor(np.stack(draws), dtype=torch.float32, requires_grad=True)
    return weights, torch.zeros((len(generators), 1, outputs), requires_grad=True)


def forward(
    layers: Sequence[tuple[torch.Tensor, torch.Tensor]], inputs: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Code and rebuild cells.

    Parameters
    ----------
    layers : sequence of (Tensor, Tensor)
        Of `Network`.
    inputs : Tensor
        Shape (refit, cell, input).

    Returns
    -------
    code : Tensor
        Shape (refit, cell, latent).
    output : Tensor
        Shape of `inputs`.
    """
    (w1, b1), (w2, b2), (w3, b3), (w4, b4) = layers
    code = torch.relu(inputs @ w1 + b1) @ w2 + b2
    return code, torch.relu(code @ w3 + b3) @ w4 + b4


def train(
    inputs: torch.Tensor,
    options: AutoencoderOptions,
    generators: Sequence[np.random.Generator],
    corruption: float = 0.0,
) -> Network:
    """Fit one autoencoder per generator.

    Parameters
    ----------
    inputs : Tensor
        Shape (refit, cell, input), standardised; every refit may see other cells.
    options : AutoencoderOptions
        Size and training.
    generators : sequence of Generator
        One per refit; they set the first weights and the corruption.
    corruption : float
        Share of the inputs set to 0 in each epoch, anew each time; the target stays whole.

    Returns
    -------
    Network
        Fitted.

    Raises
    ------
    NotConverged
        If a refit's error is not finite.

    References
    ----------
    Yin, Li & Mostafavi (2026), module 1. Not specified in the paper: layers, sizes, training;
    ours is feature - hidden - latent - hidden - feature with rectified hidden layers, trained on
    all cells at once by Adam (Kingma & Ba 2015). Refits share no parameter, so training them as
    one batch of matrices equals training each alone. Corruption: Vincent et al. (2010).
    """
    sizes = [inputs.shape[2], options.hidden, options.latent, options.hidden, inputs.shape[2]]
    layers = [_layer(a, b, generators) for a, b in pairwise(sizes)]
    optimiser = torch.optim.Adam([p for layer in layers for p in layer], lr=options.learning_rate)
    masks = torch.Generator().manual_seed(int(generators[0].integers(2**31))) if corruption else None
    with one_thread():
        for _ in range(options.epochs):
            optimiser.zero_grad()
            seen = inputs
            if masks is not None:
                seen = inputs * (torch.rand(inputs.shape, generator=masks) >= corruption)
            loss = (forward(layers, seen)[1] - inputs).square().mean(dim=(1, 2)).sum()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
        with torch.no_grad():
            errors = (forward(layers, inputs)[1] - inputs).square().mean(dim=(1, 2)).numpy().astype(np.float64)
    if not np.isfinite(errors).all():
        text = "the autoencoder diverged; lower rating.autoencoder.learning_rate"
        raise NotConverged(text)
    return Network(layers, errors)


def encoder_layers(network: Network) -> Layers:
    """Weights of the encoding layers as plain arrays.

    Parameters
    ----------
    network : Network
        Fitted.
    """
    return tuple(
        (w.detach().numpy().astype(np.float64), b.detach().numpy().astype(np.float64))
        for w, b in network.layers[:ENCODER_LAYERS]
    )


def encode(
    scaled: np.ndarray, options: AutoencoderOptions, generators: Sequence[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one autoencoder per generator to all cells and code the cells with each.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised.
    options : AutoencoderOptions
        Size and training.
    generators : sequence of Generator
        One per refit.

    Returns
    -------
    codes : ndarray
        Shape (refit, cell, latent).
    errors : ndarray
        Shape (refit,), mean squared error of the reconstruction, in squared standard deviations.

    Raises
    ------
    NotConverged
        As `train`.

    Examples
    --------
    >>> cells = np.random.default_rng(0).normal(size=(60, 3))
    >>> codes, errors = encode(cells, AutoencoderOptions(latent=2), [np.random.default_rng(s) for s in (1, 2)])
    >>> codes.shape, bool((errors < 0.9).all())
    ((2, 60, 2), True)
    """
    inputs = torch.tensor(scaled, dtype=torch.float32).expand(len(generators), *scaled.shape)
    network = train(inputs, options, generators)
    with one_thread(), torch.no_grad():
        codes = forward(network.layers, inputs)[0]
    return codes.numpy().astype(np.float64), network.errors
