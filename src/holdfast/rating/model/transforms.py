"""How the values of a feature are bent before they are standardised; the dict `TRANSFORMS` is the seam."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from holdfast.types import Floats


class Ranked(NamedTuple):
    """Values of a feature, and the share of cells below each, ties at their middle; shape (cell,)."""

    values: Floats
    shares: Floats


Transform = Callable[[Ranked], Floats]


def none(feature: Ranked) -> Floats:
    """Leave a feature as it is."""
    return feature.values


def log(feature: Ranked) -> Floats:
    """Logarithm of 1 + value, for counts and speeds (of at least 0) with a long right tail."""
    return np.asarray(np.log1p(feature.values))


def rank(feature: Ranked) -> Floats:
    """Rank as a share of the cells, for data of which only the order is meant."""
    return feature.shares


def normal(feature: Ranked) -> Floats:
    """Normal score: the rank bent to a standard normal distribution, so that no unit or tail matters.

    References
    ----------
    van der Waerden (1952), with the plotting position (rank - 1/2) / n of Hazen (1914).
    """
    return np.asarray(ndtri(feature.shares))


TRANSFORMS: dict[str, Transform] = {"none": none, "log": log, "rank": rank, "normal": normal}
