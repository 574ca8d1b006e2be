"""Weights learned from an outcome, always tested where they were not learned."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from holdfast.rating.analysis.outcomes import FOLDS, Observed, design_of, expected, standard
from holdfast.rating.analysis.regression import COUNT, deviance, independent, regress
from holdfast.types import Floats

PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # of the ridge, tried on parts of the areas that weights are learned from


def learned_weights(observed: Observed, features: pd.DataFrame, dispersion: float) -> pd.Series:
    """Weights of features that go with the outcome, none below 0: more of what is good is never worse.

    Parameters
    ----------
    observed : Observed
        Areas to learn from.
    features : DataFrame
        A row per area, oriented so that more is better.
    dispersion : float
        Of counts, as of `holdfast.rating.analysis.regression.Regression`.

    Returns
    -------
    Series
        Index feature; sum to 1 where any is above 0. The penalty is the one that explains most in blocks left out.

    References
    ----------
    Hoerl & Kennard (1970), ridge regression; the bound of 0 makes the score monotone.
    """
    values = standard(features.to_numpy(np.float64), observed.exposure)
    lacking = [_left_out(observed, values, dispersion, penalty) for penalty in PENALTIES]
    found = _ridge(observed, values, dispersion, PENALTIES[int(np.argmin(lacking))])
    weights = -found[-values.shape[1] :]
    return pd.Series(weights / weights.sum() if weights.sum() > 0 else weights, features.columns, name="weight")


def _left_out(observed: Observed, values: Floats, dispersion: float, penalty: float) -> float:
    """Deviance in blocks that weights were not learned from."""
    total = 0.0
    for fold in range(FOLDS):
        out = observed.blocks % FOLDS == fold
        if not out.any() or out.all():
            continue
        found = _ridge(observed.part(np.flatnonzero(~out)), values[~out], dispersion, penalty)
        there = observed.part(np.flatnonzero(out))
        linear = design_of(there, values[out]) @ found
        means = np.exp(np.clip(linear, -30, 30)) * there.exposure if observed.kind == COUNT else linear
        total += deviance(there.outcome, means, there.exposure, dispersion, observed.kind)
    return total


def _ridge(observed: Observed, values: Floats, dispersion: float, penalty: float) -> Floats:
    """Coefficients with a penalty on the squares of those of the features, which may not be above 0."""
    features = values.shape[1]
    controls = design_of(observed, values[:, :0])
    # a control that is the same in all areas at hand has no coefficient of its own: it is 0
    kept = independent(controls)
    design = design_of(observed, values)
    held = np.concatenate([np.zeros(design.shape[1] - features), np.ones(features)])
    start = np.zeros(controls.shape[1])
    start[kept] = regress(
        controls[:, kept], observed.outcome, observed.exposure, observed.kind, dispersion
    ).coefficients
    offset, kind = np.log(observed.exposure), observed.kind

    def lacking(b: Floats) -> tuple[float, Floats]:
        linear = design @ b
        means = np.exp(np.clip(linear + offset, -30, 30)) if kind == COUNT else linear
        left = deviance(observed.outcome, means, observed.exposure, dispersion, kind) / 2
        gap = (
            (observed.outcome - means) / (1 + dispersion * means)
            if kind == COUNT
            else observed.exposure * (observed.outcome - means)
        )
        return left + penalty / 2 * float(held @ b**2), -design.T @ gap + penalty * held * b

    bounds = [(None, None) if not h else (None, 0.0) for h in held]
    first = np.concatenate([start, np.zeros(features)])
    return np.asarray(minimize(lacking, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}).x)


def held_elsewhere(observed: Observed, features: pd.DataFrame, score: Floats) -> dict[str, Any]:
    """Learn weights from one half of the blocks, test them on the other, and the other way round, beside a score.

    Parameters
    ----------
    observed : Observed
        All areas.
    features : DataFrame
        A row per area, oriented so that more is better.
    score : ndarray
        Shape (area,), a score that was not learned. It too is given its one coefficient in the half that is learned from.

    Returns
    -------
    dict
        ``weights``: feature to its weight, learned from all areas; ``learned_elsewhere`` and ``unlearned_elsewhere``: share of the
        deviance that the controls leave which each explains in the halves that it was not fitted to.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> features = pd.DataFrame(rng.normal(size=(400, 2)), columns=["works", "idle"])
    >>> people, blocks = np.full(400, 900.0), np.arange(400) % 20
    >>> cases = rng.poisson(9 * np.exp(-0.5 * features["works"].to_numpy())).astype(float)
    >>> found = held_elsewhere(Observed(cases, people, np.empty((400, 0)), blocks), features, features["idle"].to_numpy())
    >>> found["weights"]["works"] > 0.8, found["learned_elsewhere"] > found["unlearned_elsewhere"]
    (True, True)
    """
    alone = regress(design_of(observed, np.empty((len(score), 0))), observed.outcome, observed.exposure, observed.kind)
    values = standard(features.to_numpy(np.float64), observed.exposure)
    candidates = {"learned_elsewhere": None, "unlearned_elsewhere": standard(score[:, None], observed.exposure)}
    means = {name: np.empty(len(score)) for name in ("controls", *candidates)}
    for half in (0, 1):
        out = observed.blocks % 2 == half
        weights = learned_weights(observed.part(np.flatnonzero(~out)), features[~out], alone.dispersion).to_numpy()
        columns = {"controls": values[:, :0], "learned_elsewhere": (values @ weights)[:, None]}
        columns["unlearned_elsewhere"] = np.asarray(candidates["unlearned_elsewhere"])
        for name, x in columns.items():
            means[name][out] = expected(observed, x, ~out, out, alone.dispersion)
    left = {
        name: deviance(observed.outcome, m, observed.exposure, alone.dispersion, observed.kind)
        for name, m in means.items()
    }
    return {
        "weights": learned_weights(observed, features, alone.dispersion).to_dict(),
        **{name: 1.0 - left[name] / left["controls"] for name in candidates},
    }
