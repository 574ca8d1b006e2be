"""What features and pillars are meant to weigh, and the weights that a score needs for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from holdfast.errors import Problem, TableError
from holdfast.types import Floats

RANGE = 0.5  # share by which a weight may be larger or smaller


@dataclass(frozen=True)
class Aims:
    """What is meant to weigh how much.

    Parameters
    ----------
    pillars : mapping
        Feature to its pillar; a feature without one is a pillar of its own.
    of_pillars : mapping
        Pillar to its weight; 1 where nothing is said.
    of_features : mapping
        Feature to its weight within its pillar; 1 where nothing is said.
    spread : float
        Share by which a weight may be larger or smaller where nothing is said, 0..1.
    ranges : mapping
        Feature or pillar to a share of its own.

    Raises
    ------
    TableError
        If a weight is negative or not finite, all of them are 0, or a share lies outside 0..1.
    """

    pillars: Mapping[str, str] = field(default_factory=dict)
    of_pillars: Mapping[str, float] = field(default_factory=dict)
    of_features: Mapping[str, float] = field(default_factory=dict)
    spread: float = RANGE
    ranges: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse weights that no score can be made with."""
        weights = {**self.of_pillars, **self.of_features}
        problems = [
            Problem(f"{value:g} is no weight; take a number of at least 0", column=name)
            for name, value in weights.items()
            if not (np.isfinite(value) and value >= 0)
        ]
        problems += [
            Problem(f"{value:g} is no share by which a weight may differ; take 0 to 1", column=name)
            for name, value in {"range": self.spread, **self.ranges}.items()
            if not 0 <= value <= 1
        ]
        if problems:
            raise TableError("weights", problems)


def meant(names: Sequence[str], aims: Aims) -> Floats:
    """Weight that each feature is meant to have in each pillar, shape (pillar, feature); sums to 1.

    A pillar keeps its weight whatever features of it are there; a pillar without any feature is missing, and the others
    share its weight.

    Raises
    ------
    TableError
        If all weights of the features at hand are 0.

    Examples
    --------
    >>> meant(["a", "b", "c"], Aims({"a": "x", "b": "x", "c": "y"})).tolist()
    [[0.25, 0.25, 0.0], [0.0, 0.0, 0.5]]
    """
    pillars = [aims.pillars.get(name, name) for name in names]
    kinds = list(dict.fromkeys(pillars))
    shares = np.zeros((len(kinds), len(names)))
    for place, (name, pillar) in enumerate(zip(names, pillars, strict=True)):
        shares[kinds.index(pillar), place] = aims.of_features.get(name, 1.0)
    inside = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, inside, out=np.zeros_like(shares), where=inside > 0)
    shares *= np.array([[aims.of_pillars.get(kind, 1.0)] for kind in kinds])
    if shares.sum() <= 0:
        raise TableError("weights", [Problem("all weights of the features at hand are 0; give one of them more")])
    return np.asarray(shares / shares.sum())


def pull(shares: Floats, correlated: Floats) -> Floats:
    """Weight of each feature in a score whose pillars vary as much as they are meant to weigh; shape (feature,).

    A pillar of features that go apart varies less than one of features that go together: its mean is stretched to
    standard deviation 1 before the pillars are summed, and the sum is stretched to 1 as well.

    Parameters
    ----------
    shares : ndarray
        Shape (pillar, feature), from `meant`.
    correlated : ndarray
        Shape (feature, feature), correlations of the features.

    References
    ----------
    Nardo et al. (2008), Handbook on Constructing Composite Indicators, OECD, steps 5 and 6: equal weights of pillars that
    are put on one scale. Departs from Yin, Li & Mostafavi (2026), who sum nothing up.

    Examples
    --------
    >>> pull(np.array([[0.5, 0.0], [0.0, 0.5]]), np.eye(2)).round(3).tolist()
    [0.707, 0.707]
    """
    total = np.zeros(shares.shape[1])
    for row in shares:
        size = np.sqrt(max(float(row @ correlated @ row), 0.0))
        # features of a pillar that cancel one another say nothing
        total += row * (row.sum() / size) if size > 1e-9 else 0.0
    size = np.sqrt(max(float(total @ correlated @ total), 0.0))
    return np.asarray(total / size if size > 1e-9 else total)
