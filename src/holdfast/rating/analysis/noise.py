"""Can a map be told from noise? The features as they are beside the same features shuffled over the cells.

Five levels and a high agreement come out of random numbers too, and smoothing over neighbours makes any map look patterned.
What random numbers lack is asked of the features, before any model: that they go together, and that neighbours are alike.
Not specified in the paper: the test is ours.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import ndtri

from holdfast.rating.analysis.observations import observations, touching_observations
from holdfast.types import Floats

LEVEL = 0.05
"""Chance, by the shuffles, from which on a map is told from noise."""
PERMUTATIONS = 199
FEWEST, FEWEST_FEATURES = 3, 2


@dataclass(frozen=True)
class Noise:
    """Whether features can be told from shuffled ones.

    Parameters
    ----------
    told_apart : bool
        The smaller of both p values, doubled since there are two, is at most `LEVEL`.
    p_value : float
        That doubled value; 1 where there is nothing to test.
    common, common_p : float
        Share of the variance of all features along the one direction in which they go together most, and the share of
        shuffles with at least as much.
    alike, alike_p : float
        Mean over the features of Moran's I, weighted by people, and the share of shuffles with at least as much; null
        without neighbours.
    permutations : int
        Shuffles that were drawn.
    """

    told_apart: bool
    p_value: float
    common: float
    common_p: float
    alike: float
    alike_p: float
    permutations: int


def noise_test(
    features: pd.DataFrame,
    touching: sparse.csr_array | None = None,
    people: pd.Series | None = None,
    *,
    source: pd.Series | None = None,
    permutations: int = PERMUTATIONS,
    seed: int | np.random.Generator = 1,
) -> Noise:
    """Hold features to the same features, each shuffled over the cells alone.

    Parameters
    ----------
    features : DataFrame
        One row per cell that is rated; cells without a value of a feature take its median.
    touching : csr_array, optional
        Shape (cell, cell), 1 where two cells are neighbours; touching cells that agree in all features count once.
    people : Series, optional
        Homes or people of each cell, persons, by which cells count; all alike if omitted or nobody lives anywhere.
    source : Series, optional
        Area that gives each cell most of its values; touching cells of one count once.
    permutations : int
        Shuffles; with fewer than 39 no map can be told apart.
    seed : int or Generator
        Source of the shuffles.

    References
    ----------
    Horn (1965), parallel analysis: a common direction counts as far as it exceeds that of unrelated columns. Moran (1950).
    Edgington (1980), randomization tests: the features as they are count as one of the shuffles.

    Examples
    --------
    >>> rng = np.random.default_rng(5)
    >>> random = pd.DataFrame(rng.normal(size=(400, 4)), columns=list("abcd"))
    >>> one_cause = random.add(2 * rng.normal(size=400), axis=0)
    >>> noise_test(random).told_apart, noise_test(one_cause).told_apart
    (False, True)
    """
    values, weight, near = _once(features, touching, people, source)
    if len(values) < FEWEST or values.shape[1] < FEWEST_FEATURES:
        return Noise(False, 1.0, np.nan, 1.0, np.nan, 1.0, permutations)
    generator = np.random.default_rng(seed)
    common, alike = _statistics(values, weight, near)
    at_least = np.ones(2)  # the features as they are
    for _ in range(permutations):
        other = _statistics(generator.permuted(values, axis=0), weight, near)
        at_least += np.greater_equal(other, np.array([common, alike]) - 1e-12)
    common_p, alike_p = at_least / (permutations + 1)
    if near is None:
        alike, alike_p = float("nan"), 1.0
    p_value = min(1.0, 2.0 * min(common_p, alike_p))
    return Noise(bool(p_value <= LEVEL), p_value, common, float(common_p), alike, float(alike_p), permutations)


def _once(
    features: pd.DataFrame, touching: sparse.csr_array | None, people: pd.Series | None, source: pd.Series | None
) -> tuple[Floats, Floats, sparse.csr_array | None]:
    """Normal scores of what varies, one row per observation; how much each counts; which of them touch."""
    weight = np.ones(len(features)) if people is None else people.fillna(0.0).to_numpy(np.float64)
    if not weight.sum() > 0:
        weight = np.ones(len(features))
    if touching is not None:
        seen = observations(features, touching, source)
        first = np.unique(seen, return_index=True)[1]
        features, touching = features.iloc[first], touching_observations(touching, seen)
        weight = np.bincount(seen, weights=weight)
    filled = features.fillna(features.median())
    vary = filled.loc[:, filled.max() > filled.min()]
    # ranks as quantiles of the normal distribution, so that a long tail is no direction of its own
    scores = ndtri((vary.rank() - 0.5) / max(len(vary), 1)).to_numpy(np.float64)
    return scores, weight / weight.sum(), touching


def _statistics(values: Floats, weight: Floats, near: sparse.csr_array | None) -> tuple[float, float]:
    """Share of the largest common direction, and the mean of Moran's I over the features, both by weight."""
    centred = values - weight @ values
    spread = np.sqrt(weight @ centred**2)
    scaled = centred / np.where(spread > 0, spread, 1.0)
    common = float(np.linalg.eigvalsh((scaled * weight[:, None]).T @ scaled)[-1] / values.shape[1])
    if near is None:
        return common, 0.0
    # each pair of neighbours counts by the people of both
    held = scaled * weight[:, None]
    total = float(weight @ (near @ weight))
    alike = np.einsum("ij,ij->j", held, near @ held) / total if total > 0 else np.zeros(values.shape[1])
    return common, float(alike.mean())
