"""Levels that no improvement can lower: a monotone function of all oriented features beside the level of a model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from holdfast.rating.model.consensus import adjusted_rand
from holdfast.rating.model.frozen import fitted_of
from holdfast.rating.model.levels import LEVELS, share_cuts
from holdfast.rating.model.result import Rating
from holdfast.types import Floats, Ints, Model

SCORE, TREES = "score of the rating", "boosted trees"
FOLDS = 5  # of the cells, for the agreement where nothing was fitted
# on planted metros 50 to 200 trees of 7 to 31 leaves agree alike with the rating in cells that were left out
TREES_MOST, LEAVES, RATE = 100, 15, 0.1
EMPTY_SHARE = 0.01  # of the mean cell, that a cell without counted people weighs in the fit


@dataclass(frozen=True)
class MonotoneLevels:
    """A level that is a monotone function of the oriented features.

    Parameters
    ----------
    kind : str
        `SCORE`, where the model is a weighted sum already, or `TREES`.
    score : callable
        From oriented features (cell, feature), in the order of the model, to a score (cell,) that no larger feature lowers.
    cuts : ndarray
        Shape (4,), ascending scores between the levels.
    """

    kind: str
    score: Callable[[Floats], Floats]
    cuts: Floats

    def levels(self, scaled: Floats) -> Ints:
        """Level 1..5 of each cell, from oriented features (cell, feature)."""
        return np.asarray(1 + np.searchsorted(self.cuts, self.score(scaled), side="left"))


def score_weights(model: Model) -> Floats | None:
    """Weights, (feature,), of a model whose levels are cuts of a weighted sum of a cell's own features.

    None where they are not: where levels come from groups, where neighbours are seen, or where a weight is below 0.
    """
    fitted = fitted_of(model)
    features = len(model.facts["features"])
    if "cuts" not in fitted.groups[0] or len(fitted.layers) != 1 or len(fitted.layers[0][0]) != 1:
        return None
    seen = fitted.gather @ fitted.layers[0][0][0]
    weights, of_neighbours = seen[:features, 0], seen[features:, 0]
    return None if of_neighbours.any() or (weights < 0).any() else np.asarray(weights)


def vote_is_monotone(model: Model) -> bool:
    """Whether the published vote of the refits is itself a monotone function of the oriented features.

    It is, if levels are cuts of one sum with weights of 0 or more and no refit's cut above a level passes another's cut
    above the next: at any score the refits then give two adjacent levels at most, so that the vote is a majority, and with
    the score only the higher of the two can win votes. Scales do not matter, since every transform ascends.
    """
    if score_weights(model) is None:
        return False
    cuts = np.stack([groups["cuts"] for groups in fitted_of(model).groups])
    return bool((cuts.max(axis=0)[:-1] < cuts.min(axis=0)[1:]).all())


def monotone_levels(rating: Rating) -> MonotoneLevels:
    """Fit a monotone level function to a rating.

    A model that is a weighted sum keeps its score, cut at the median over the refits. To any other, trees that may only
    ascend in every feature are fitted to the mean level of the refits, and cut so that each level holds as many people as
    before.

    Parameters
    ----------
    rating : Rating
        Of a region, with the model that it was fitted with or that was applied.

    Notes
    -----
    Not specified in the paper, which rates improved cells by its network: the monotone level is ours. Taking the larger of
    the old and the new level would not do, since it depends on the path and not on the features.

    References
    ----------
    Friedman (2001), gradient boosting; Ke et al. (2017), histograms; monotone splits as in scikit-learn.
    """
    weights, cells = score_weights(rating.model), rating.scaled.index
    if weights is not None:
        cuts = np.median([groups["cuts"] for groups in fitted_of(rating.model).groups], axis=0)
        return MonotoneLevels(SCORE, lambda scaled: np.asarray(scaled @ weights), np.asarray(cuts))
    people = rating.people.loc[cells].to_numpy(np.float64)
    scaled, expected = rating.scaled.to_numpy(np.float64), expected_level(rating)
    score = ascending(scaled, expected, people)
    held = np.bincount(rating.levels.loc[cells].to_numpy(int), weights=people, minlength=LEVELS + 1)[1:]
    return MonotoneLevels(TREES, score, share_cuts(score(scaled), np.cumsum(held)[:-1] / held.sum(), people))


def expected_level(rating: Rating) -> Floats:
    """Mean level of the refits of each rated cell, in the order of ``rating.scaled``; shape (cell,)."""
    levels = zip(rating.model.arrays["levels"], rating.clusters, strict=True)
    return np.asarray(np.mean([of[clusters] for of, clusters in levels], axis=0))


def ascending(scaled: Floats, target: Floats, people: Floats) -> Callable[[Floats], Floats]:
    """Fit a function that ascends in every feature to targets, by least squares over people.

    Parameters
    ----------
    scaled, target, people : ndarray
        Shapes (cell, feature), (cell,) and (cell,).

    Examples
    --------
    >>> x = np.linspace(-1, 1, 100)[:, None]
    >>> score = ascending(x, np.abs(x[:, 0]), np.ones(100))
    >>> bool((np.diff(score(x)) >= 0).all())
    True
    """
    model = HistGradientBoostingRegressor(
        max_iter=TREES_MOST,
        max_leaf_nodes=LEAVES,
        learning_rate=RATE,
        monotonic_cst=[1] * scaled.shape[1],
        early_stopping=False,
        random_state=0,
    )
    with threadpool_limits(1):
        model.fit(scaled, target, sample_weight=people + EMPTY_SHARE * people.mean())

    def score(values: Floats) -> Floats:
        with threadpool_limits(1):
            return np.asarray(model.predict(values))

    return score


@dataclass(frozen=True)
class MonotoneAgreement:
    """How far monotone levels agree with the published ones, over people: shares of the same level and at most one apart.

    ``rand`` is the adjusted Rand index; ``held_out`` the share of the same level where the cells were left out of the fit.
    """

    same: float
    within_one: float
    rand: float
    held_out: float


def agreement_with(rating: Rating, monotone: MonotoneLevels) -> MonotoneAgreement:
    """Hold monotone levels to those of the rating that they were fitted to."""
    cells = rating.scaled.index
    people = rating.people.loc[cells].to_numpy(np.float64)
    levels, scaled = rating.levels.loc[cells].to_numpy(int), rating.scaled.to_numpy(np.float64)
    other = monotone.levels(scaled)
    apart = np.abs(levels - other)
    # of a sum nothing was fitted to the levels, so that nothing can be left out
    left_out = other if monotone.kind == SCORE else _held_out(rating, levels, people)
    return MonotoneAgreement(
        float(np.average(apart == 0, weights=people)),
        float(np.average(apart <= 1, weights=people)),
        adjusted_rand(levels - 1, other - 1, people),
        float(np.average(levels == left_out, weights=people)),
    )


def _held_out(rating: Rating, levels: Ints, people: Floats) -> Ints:
    """Monotone level of every cell from a fit to four fifths of the cells that leave it out."""
    scaled, expected = rating.scaled.to_numpy(np.float64), expected_level(rating)
    fold = np.random.default_rng(0).permutation(len(levels)) % FOLDS
    score = np.empty(len(levels))
    for number in range(FOLDS):
        out = fold == number
        score[out] = ascending(scaled[~out], expected[~out], people[~out])(scaled[out])
    held = np.bincount(levels, weights=people, minlength=LEVELS + 1)[1:]
    cuts = share_cuts(score, np.cumsum(held)[:-1] / held.sum(), people)
    return np.asarray(1 + np.searchsorted(cuts, score, side="left"))
