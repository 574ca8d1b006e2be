"""The seam of the methods: what a method is fitted to, and what it hands back."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from holdfast.rating.model.clustering import Groups
from holdfast.types import Floats, Ints

Layers = tuple[tuple[Floats, Floats], ...]
"""Weights (refit or 1, inputs, outputs) and biases (refit or 1, 1, outputs) of each layer of an encoder."""


@dataclass(frozen=True)
class RefitData:
    """What all refits of a method are fitted to.

    Parameters
    ----------
    scaled, neighbour_means : ndarray
        Shape (cell, feature): oriented features, and their mean over the touching cells.
    samples : ndarray of int
        Shape (refit, sample): the cells that each refit is fitted to.
    generators : tuple of Generator
        One per refit: the only source of chance.
    people : ndarray
        Shape (cell,), what each cell counts; 0 where it may not shape the levels.
    shares : ndarray
        Shape (pillar, feature), what each feature is meant to weigh, as of `holdfast.rating.model.aims.meant`.
    """

    scaled: Floats
    neighbour_means: Floats
    samples: Ints
    generators: tuple[np.random.Generator, ...]
    people: Floats
    shares: Floats


@dataclass(frozen=True)
class Fitted:
    """All refits of a method, frozen as plain arrays.

    Parameters
    ----------
    gather : ndarray
        Shape (2 feature, input): what the method sees, as of `holdfast.rating.model.neighbours.gathered`.
    layers : tuple
        Encoder, rectified between its layers; may be empty.
    groups : tuple of dict
        Per refit, as `holdfast.rating.model.clustering.assign` takes them.
    notes : dict
        What the method decided on the way, as JSON knows it.
    """

    gather: Floats
    layers: Layers
    groups: tuple[Groups, ...]
    notes: dict[str, object] = field(default_factory=dict)


Method = Callable[..., Fitted]
"""From `RefitData`, and keywords with defaults, to `Fitted`."""


def encoded(layers: Layers, refit: int, inputs: Floats) -> Floats:
    """Code of each cell under one refit.

    Parameters
    ----------
    refit : int
        Place of the refit, from 0.
    inputs : ndarray
        Shape (cell, input), what the method sees.

    Returns
    -------
    ndarray
        Shape (cell, latent); `inputs` where there is no encoder.
    """
    values = inputs
    for number, (weights, biases) in enumerate(layers):
        shared = refit if len(weights) > 1 else 0
        values = (np.maximum(values, 0.0) if number else values) @ weights[shared] + biases[shared]
    return values
