"""Models of the growth of net output: the hybrid network and honest baselines with the same features."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from holdfast.extras import require
from holdfast.training.hyperparameters import GrowthSettings
from holdfast.training.model_inputs import Inputs, flat

RIDGES = (1.0, 10.0, 100.0, 1000.0, 10000.0, 100000.0)  # penalties that are tried
EVERY = 10
"""Trees between two looks at the validation rows."""


class Fitted(NamedTuple):
    """Predicted growth of every row (log points, shape (row,)), the model as arrays, and what was chosen."""

    growth: np.ndarray
    arrays: dict[str, np.ndarray]
    chosen: dict[str, float]


class Split(NamedTuple):
    """Rows for fitting a model and, among them, those that choose its size; bool, shape (row,)."""

    fit: np.ndarray
    validate: np.ndarray


Growth = Callable[[Inputs, Split], Fitted]
"""From all rows, and those that fit and choose, to predictions of all rows; features are the same for every model."""


def no_change(given: Inputs) -> Fitted:
    """Growth of zero."""
    return Fitted(np.zeros(given.growth.size), {}, {})


def seasonal_naive(given: Inputs) -> Fitted:
    """Growth as in the same quarter a year before."""
    return Fitted(given.naive.copy(), {}, {})


def mean_growth(given: Inputs, split: Split) -> Fitted:
    """Mean growth of the state and industry over the training rows; of the industry where the state has none."""
    own = _means(given.group, given.growth, split.fit)
    industry = _means(given.line, given.growth, split.fit)
    overall = float(given.growth[split.fit].mean())
    value = np.where(np.isfinite(own), own, np.where(np.isfinite(industry), industry, overall))
    return Fitted(value, {}, {})


def industry_mean(given: Inputs, split: Split) -> Fitted:
    """Mean growth of the industry over all states in the training rows."""
    overall = float(given.growth[split.fit].mean())
    industry = _means(given.line, given.growth, split.fit)
    made = np.where(np.isfinite(industry), industry, overall)
    lines, first = np.unique(given.line, return_index=True)
    return Fitted(made, {"line": lines, "growth": made[first]}, {})


def _means(key: np.ndarray, values: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """Mean of the training rows that share a key, for every row; nan where there are none."""
    size = int(key.max()) + 1
    count = np.bincount(key[fit], minlength=size)
    total = np.bincount(key[fit], weights=values[fit], minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((total / count)[key])


def linear(given: Inputs, split: Split) -> Fitted:
    """Ridge regression on the same features, months side by side; the penalty is chosen by the validation rows."""
    features = flat(given)
    early = split.fit & ~split.validate
    errors = []
    for penalty in RIDGES:
        made = _ridge(features, given.target, early, penalty)[0]
        errors.append(float(np.square(made - given.target)[split.validate].mean()))
    best = RIDGES[int(np.argmin(errors))]
    # the choice made, the validation rows may teach too
    made, weights = _ridge(features, given.target, split.fit, best)
    return Fitted(made * given.scale, {"weights": weights}, {"penalty": best})


def _ridge(features: np.ndarray, target: np.ndarray, fit: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of all rows, and intercept and weights."""
    middle, level = features[fit].mean(axis=0), float(target[fit].mean())
    centred = features[fit] - middle
    with threadpool_limits(limits=1):
        # the intercept bears no penalty: rows are centred, and the mean is added back
        gram = centred.T @ centred + penalty * np.eye(features.shape[1])
        weights = np.linalg.solve(gram, centred.T @ (target[fit] - level))
        made = (features - middle) @ weights + level
    return made, np.concatenate([[level - middle @ weights], weights])


def boosting(given: Inputs, split: Split, trees: int, seed: int) -> Fitted:
    """Gradient-boosted trees on the same features; their number, up to `trees`, is chosen by the validation rows."""
    features = flat(given)
    early = split.fit & ~split.validate
    with threadpool_limits(limits=1):
        tried = _trees(trees, seed).fit(features[early], given.target[early])
        # one fit gives all numbers of trees: the first n trees of a larger model are the model of n
        stages = list(tried.staged_predict(features[split.validate]))[EVERY - 1 :: EVERY]
        errors = [float(np.square(made - given.target[split.validate]).mean()) for made in stages]
        best = EVERY * (1 + int(np.argmin(errors)))
        made = _trees(best, seed).fit(features[split.fit], given.target[split.fit]).predict(features)
    return Fitted(made * given.scale, {}, {"trees": float(best)})


def _trees(count: int, seed: int) -> HistGradientBoostingRegressor:
    """A model of so many trees."""
    return HistGradientBoostingRegressor(
        max_iter=count,
        learning_rate=0.05,
        max_leaf_nodes=15,
        min_samples_leaf=50,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def hybrid(given: Inputs, split: Split, options: GrowthSettings, seed: int) -> Fitted:
    """Mean of several hybrid networks; the number of passes is chosen by the validation rows."""
    require("torch", "deep", "the hybrid network of net output")
    from holdfast.training import hybrid_network as network

    # members that choose and members that stay have seeds of their own
    seeds = np.random.SeedSequence(seed).spawn(2 * options.members)
    early = split.fit & ~split.validate
    # the number of passes is chosen for the mean of the members, which is what will be used
    tried = np.mean(
        [
            network.train(given, early, options.epochs, options, np.random.default_rng(s))[1]
            for s in seeds[: options.members]
        ],
        axis=0,
    )
    errors = np.square(tried[:, split.validate] - given.target[split.validate]).mean(axis=1)
    best = int(np.argmin(errors)) + 1
    arrays: dict[str, np.ndarray] = {}
    made = np.zeros(given.growth.size)
    for member, s in enumerate(seeds[options.members :]):
        parts, _ = network.train(given, split.fit, best, options, np.random.default_rng(s))
        made += network.predict(parts, given) / options.members
        arrays |= {f"{member}.{name}": tensor.numpy() for name, tensor in parts.items()}
    return Fitted(made * given.scale, arrays, {"epochs": float(best)})


def growths(options: GrowthSettings, seed: int) -> dict[str, Growth]:
    """Every model of growth by name, with the sizes and the seed that it needs.

    Examples
    --------
    >>> list(growths(GrowthSettings(), 0))[:2]
    ['no_change', 'seasonal_naive']
    """
    return {
        "no_change": lambda given, _: no_change(given),
        "seasonal_naive": lambda given, _: seasonal_naive(given),
        "industry_mean": industry_mean,
        "mean_growth": mean_growth,
        "linear": linear,
        "boosting": partial(boosting, trees=options.trees, seed=seed),
        "hybrid": partial(hybrid, options=options, seed=seed),
    }
