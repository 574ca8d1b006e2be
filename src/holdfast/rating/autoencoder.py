"""A dense autoencoder that codes a cell's features in a few numbers; many refits train as one batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import torch

from holdfast.config import AutoencoderOptions
from holdfast.errors import NotConverged


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


def encode(
    scaled: np.ndarray, options: AutoencoderOptions, generators: Sequence[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one autoencoder per generator and code the cells with each.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised.
    options : AutoencoderOptions
        Size and training.
    generators : sequence of Generator
        One per refit; they set the first weights.

    Returns
    -------
    codes : ndarray
        Shape (refit, cell, latent).
    errors : ndarray
        Shape (refit,), mean squared error of the reconstruction, in squared standard deviations.

    Raises
    ------
    NotConverged
        If a refit's error is not finite.

    References
    ----------
    Yin, Li & Mostafavi (2026), module 1. Not specified in the paper: layers, sizes, training;
    ours is feature - hidden - latent - hidden - feature with rectified hidden layers, trained on
    all cells at once by Adam (Kingma & Ba 2015). Refits share no parameter, so training them as
    one batch of matrices equals training each alone.

    Examples
    --------
    >>> cells = np.random.default_rng(0).normal(size=(60, 3))
    >>> codes, errors = encode(cells, AutoencoderOptions(latent=2), [np.random.default_rng(s) for s in (1, 2)])
    >>> codes.shape, bool((errors < 0.9).all())
    ((2, 60, 2), True)
    """
    inputs = torch.tensor(scaled, dtype=torch.float32).expand(len(generators), *scaled.shape)
    sizes = [scaled.shape[1], options.hidden, options.latent, options.hidden, scaled.shape[1]]
    layers = [_layer(a, b, generators) for a, b in pairwise(sizes)]
    optimiser = torch.optim.Adam([p for layer in layers for p in layer], lr=options.learning_rate)

    def forward() -> tuple[torch.Tensor, torch.Tensor]:
        (w1, b1), (w2, b2), (w3, b3), (w4, b4) = layers
        code = torch.relu(inputs @ w1 + b1) @ w2 + b2
        return code, torch.relu(code @ w3 + b3) @ w4 + b4

    with one_thread():
        for _ in range(options.epochs):
            optimiser.zero_grad()
            loss = (forward()[1] - inputs).square().mean(dim=(1, 2)).sum()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.no_grad():
            code, output = forward()
            errors = (output - inputs).square().mean(dim=(1, 2)).numpy().astype(np.float64)
    if not np.isfinite(errors).all():
        text = "the autoencoder diverged; lower rating.autoencoder.learning_rate"
        raise NotConverged(text)
    return code.numpy().astype(np.float64), errors
