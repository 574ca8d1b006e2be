"""Fitting a method again and again, each time with a seed and a sample of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.errors import NotConverged, Problem, TableError, UnknownName
from holdfast.keywords import bound, keywords_of
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.clustering import assign
from holdfast.rating.model.fitting import Fitted, RefitData, encoded
from holdfast.rating.model.levels import LEVELS, order
from holdfast.rating.model.methods import METHODS, method
from holdfast.rating.model.neighbours import gathered, neighbour_means
from holdfast.rating.model.orderings import ORDERINGS
from holdfast.types import Floats, Ints

FEWEST_SAMPLE = 50  # cells that a refit is fitted to at least


@dataclass(frozen=True)
class FitOptions:
    """How a rating is fitted.

    Parameters
    ----------
    method : str
        How cells are grouped, a key of `holdfast.rating.model.methods.METHODS`.
    refits : int
        Models fitted with seeds of their own; their vote is the level.
    subsample : float
        Share of the cells that one refit is fitted to, above 0 and up to 1.
    most_cells : int
        Cells that one refit is fitted to at most.
    settings : mapping
        Keyword of a method, such as ``neighbour_weight``, to its value; a method takes those that it declares.
    aims : Aims
        What features and pillars are meant to weigh.
    certainty : CertaintyOptions
        What is drawn to see how sure a level is.

    Raises
    ------
    TableError
        If a number is out of range.
    UnknownName
        If there is no such method, or no method declares a setting.
    """

    method: str = "holdfast"
    refits: int = 20
    subsample: float = 0.8
    most_cells: int = 20_000
    settings: Mapping[str, Any] = field(default_factory=dict)
    aims: Aims = field(default_factory=Aims)
    certainty: CertaintyOptions = field(default_factory=CertaintyOptions)

    @property
    def levels(self) -> int:
        """How many levels come out: five, unless `settings` say otherwise to a method that can."""
        return int(self.settings.get("levels", LEVELS))

    def __post_init__(self) -> None:
        """Refuse what no fit can be made with."""
        method(self.method)
        known = {keyword for m in METHODS.values() for keyword in keywords_of(m)}
        for keyword in self.settings:
            if keyword not in known:
                raise UnknownName("setting of a method", keyword, known)
        bad = {
            "refits": self.refits < 1 and "at least one is needed",
            "subsample": not 0 < self.subsample <= 1 and "is a share of the cells, above 0 and up to 1",
            "most_cells": self.most_cells < FEWEST_SAMPLE and f"at least {FEWEST_SAMPLE} are needed",
        }
        problems = [Problem(str(text), column=name) for name, text in bad.items() if text]
        if problems:
            raise TableError("fit options", problems)


@dataclass(frozen=True)
class Refits:
    """All refits of a method.

    Parameters
    ----------
    fitted : Fitted
        Frozen encoders and groups.
    levels_of_groups : tuple of ndarray
        Per refit the level of each group.
    levels, clusters : ndarray of int
        Shape (refit, cell): level 1..5 and group, from 0, of each cell.
    """

    fitted: Fitted
    levels_of_groups: tuple[Ints, ...]
    levels: NDArray[np.int8]
    clusters: NDArray[np.int16]


def refit(
    scaled: Floats,
    touching: sparse.csr_array | None,
    options: FitOptions,
    seed: int,
    people: Floats | None = None,
    shares: Floats | None = None,
) -> Refits:
    """Fit a method again and again, to a random sample of the cells each time, and order each result.

    Parameters
    ----------
    scaled : ndarray
        Shape (cell, feature), standardised, more is better.
    touching : csr_array or None
        Shape (cell, cell), 1 where two cells touch.
    options : FitOptions
        Method, refits and samples.
    seed : int
        Parent of the seeds of all refits.
    people : ndarray, optional
        Shape (cell,), what each cell counts; all alike if omitted.
    shares : ndarray, optional
        Shape (pillar, feature), what each feature is meant to weigh; all alike in one pillar if omitted.

    Raises
    ------
    NotConverged
        If a refit diverges or finds fewer than five groups.
    """
    fit = method(options.method)
    generators = tuple(np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(options.refits))
    rows = samples(len(scaled), options, generators)
    means = neighbour_means(scaled, touching)
    people = np.ones(len(scaled)) if people is None else people
    shares = np.full((1, scaled.shape[1]), 1.0 / scaled.shape[1]) if shares is None else shares
    with threadpool_limits(1):  # parallel sums differ in the last bit
        fitted = fit(RefitData(scaled, means, rows, generators, people, shares), **bound(fit, options.settings))
        # cells outside a refit's sample are assigned by its frozen groups
        clusters = assign_all(fitted, scaled, means)
        scores = np.stack([rule(scaled, shares.sum(axis=0), people) for rule in ORDERINGS.values()], axis=1)
        found = min(len(np.unique(c)) for c in clusters)
        if found < options.levels:
            text = f"a refit found {found} groups of cells instead of {options.levels}; are many cells identical?"
            raise NotConverged(text)
        # cuts of one score are levels already; unordered groups are ordered by the rules
        if "cuts" in fitted.groups[0]:
            levels_of_groups = tuple(np.arange(1, options.levels + 1) for _ in clusters)
        else:
            levels_of_groups = tuple(order(c, scores, people, options.levels) for c in clusters)
    levels = np.stack([of[c] for of, c in zip(levels_of_groups, clusters, strict=True)]).astype(np.int8)
    return Refits(fitted, levels_of_groups, levels, clusters)


def samples(cells: int, options: FitOptions, generators: Sequence[np.random.Generator]) -> Ints:
    """Cells that each refit is fitted to, ascending, shape (refit, sample).

    References
    ----------
    Kott (2001), the delete-a-group jackknife.

    Examples
    --------
    >>> rows = samples(100, FitOptions(), [np.random.default_rng(s) for s in range(5)])
    >>> rows.shape, sorted(set(np.bincount(rows.ravel()).tolist()))
    ((5, 80), [4])
    """
    size = min(cells, max(FEWEST_SAMPLE, min(round(options.subsample * cells), options.most_cells)))
    # in turn, refits leave out each part of one shuffle: at 80 %, five of them leave out every cell once, so that their
    # mean hardly depends on the shuffle
    parts = round(1.0 / (1.0 - options.subsample)) if options.subsample < 1.0 else 1
    shuffle, rows = np.arange(cells), []
    for number, generator in enumerate(generators):
        if number % parts == 0:
            shuffle = generator.permutation(cells)
        # ascending, since sums in floating point depend on the order of the cells
        rows.append(np.sort(np.roll(shuffle, -(number % parts) * cells // parts)[:size]))
    return np.stack(rows)


def assign_all(fitted: Fitted, scaled: Floats, means: Floats) -> NDArray[np.int16]:
    """Group of every cell under every refit, (refit, cell), from features and their means over the neighbours."""
    inputs = gathered(fitted.gather, scaled, means)
    # an encoder that all refits share is applied once
    one_encoder = all(len(weights) == 1 for weights, _ in fitted.layers)
    shared = encoded(fitted.layers, 0, inputs) if one_encoder else None
    groups = [
        assign(g, encoded(fitted.layers, number, inputs) if shared is None else shared)
        for number, g in enumerate(fitted.groups)
    ]
    return np.stack(groups).astype(np.int16)
