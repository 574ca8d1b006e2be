"""Wing A: how resilient each cell of a region is. Pure: no input or output, no study."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdfast.kernels import share_kernels

share_kernels()  # before anything here loads numba

if TYPE_CHECKING:
    from holdfast.rating.analysis.moran import morans_i
    from holdfast.rating.estimator import EmbeddedClustering
    from holdfast.rating.explanation.archetypes import find_archetypes
    from holdfast.rating.explanation.contributions import explain_cells
    from holdfast.rating.grid.adjacency import neighbours
    from holdfast.rating.model.refitting import FitOptions
    from holdfast.rating.rate.own_features import rate_frame
    from holdfast.rating.rate.stages import apply_model, rate_cells

__all__ = [
    "EmbeddedClustering",
    "FitOptions",
    "apply_model",
    "explain_cells",
    "find_archetypes",
    "morans_i",
    "neighbours",
    "rate_cells",
    "rate_frame",
]

_HOME = {
    "EmbeddedClustering": "holdfast.rating.estimator",
    "FitOptions": "holdfast.rating.model.refitting",
    "apply_model": "holdfast.rating.rate.stages",
    "explain_cells": "holdfast.rating.explanation.contributions",
    "find_archetypes": "holdfast.rating.explanation.archetypes",
    "morans_i": "holdfast.rating.analysis.moran",
    "neighbours": "holdfast.rating.grid.adjacency",
    "rate_cells": "holdfast.rating.rate.stages",
    "rate_frame": "holdfast.rating.rate.own_features",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that a room above does not load all of this one."""
    if name not in _HOME:
        message = f"module 'holdfast.rating' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)
