"""Models of net output per head: the hybrid network, and baselines with the same features or none."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from holdfast.extras import require
from holdfast.training.hyperparameters import OutputSettings
from holdfast.training.model_inputs import Inputs, by_industry, flat

RIDGES = (1.0, 10.0, 100.0, 1000.0, 10000.0)  # penalties that are tried
EVERY = 10
"""Trees between two looks at the validation rows."""


class Fitted(NamedTuple):
    """Predicted level of every row (log of USD per head and year, shape (row,)), the model as arrays, what was chosen."""

    level: np.ndarray
    arrays: dict[str, np.ndarray]
    chosen: dict[str, float]


class Split(NamedTuple):
    """Rows for fitting a model, all with known output, and among them those that choose its size; bool, shape (row,)."""

    fit: np.ndarray
    validate: np.ndarray


OutputModel = Callable[[Inputs, Split], Fitted]
"""From all rows, and those that fit and choose, to predictions of all rows; features are the same for every model."""


def nation(given: Inputs, split: Split) -> Fitted:
    """The flat national figure: output of the industry over people, summed over all training rows."""
    size = int(given.line.max()) + 1
    line, heads = given.line[split.fit], given.weight[split.fit]
    output = np.bincount(line, weights=np.exp(given.level[split.fit]) * heads, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.log(output / np.bincount(line, weights=heads, minlength=size))
    return Fitted(level[given.line], {"level": level}, {})


def last_year(given: Inputs, split: Split) -> Fitted:
    """The latest published figure of the state and industry among the training rows; the nation's where there is none."""
    level = nation(given, split).level.copy()
    key = given.state * (int(given.line.max()) + 1) + given.line
    rows = np.flatnonzero(split.fit)
    rows = rows[np.argsort(given.year[rows], kind="stable")]
    # later years overwrite earlier ones
    latest = np.full(int(key.max()) + 1, np.nan)
    latest[key[rows]] = given.level[rows]
    return Fitted(np.where(np.isfinite(latest[key]), latest[key], level), {}, {})


def linear(given: Inputs, split: Split) -> Fitted:
    """Ridge regression on means of the months and static features, by industry; the validation rows choose the penalty."""
    features = by_industry(given)
    early = split.fit & ~split.validate
    errors = []
    for penalty in RIDGES:
        made = _ridge(features, given.target, early, penalty)[0]
        errors.append(float(np.square(made - given.target)[split.validate].mean()))
    best = RIDGES[int(np.argmin(errors))]
    # the choice made, the validation rows may teach too
    made, weights = _ridge(features, given.target, split.fit, best)
    return Fitted(made * given.scale + given.middle, {"weights": weights}, {"penalty": best})


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
    return Fitted(made * given.scale + given.middle, {}, {"trees": float(best)})


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


def hybrid(given: Inputs, split: Split, options: OutputSettings, seed: int) -> Fitted:
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
    made = np.zeros(given.level.size)
    for member, s in enumerate(seeds[options.members :]):
        parts, _ = network.train(given, split.fit, best, options, np.random.default_rng(s))
        made += network.predict(parts, given) / options.members
        arrays |= {f"{member}.{name}": tensor.numpy() for name, tensor in parts.items()}
    return Fitted(made * given.scale + given.middle, arrays, {"epochs": float(best)})


def output_models(options: OutputSettings, seed: int) -> dict[str, OutputModel]:
    """Every model of net output by name, with the sizes and the seed that it needs.

    Examples
    --------
    >>> list(output_models(OutputSettings(), 0))
    ['nation', 'last_year', 'linear', 'boosting', 'hybrid']
    """
    return {
        "nation": nation,
        "last_year": last_year,
        "linear": linear,
        "boosting": partial(boosting, trees=options.trees, seed=seed),
        "hybrid": partial(hybrid, options=options, seed=seed),
    }
