"""Weights learned from an outcome, always tested where they were not learned."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from holdfast.rating.analysis.outcomes import FOLDS, Observed, design_of, expected, standard
from holdfast.rating.analysis.regression import COUNT, deviance, independent, regress
from holdfast.types import Bools, Floats, Ints

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


def held_elsewhere(
    observed: Observed, features: pd.DataFrame, score: Floats, parts: pd.Series | None = None
) -> dict[str, Any]:
    """Learn weights from some of the areas and test them on the others, beside a score; then with other areas left out.

    Parameters
    ----------
    observed : Observed
        All areas.
    features : DataFrame
        A row per area, oriented so that more is better.
    score : ndarray
        Shape (area,), a score that was not learned. It too is given its one coefficient where weights are learned.
    parts : Series, optional
        Name of the part of each area, such as its county or metro: each is left out in turn. Halves of the blocks if omitted.

    Returns
    -------
    dict
        ``weights``: feature to its weight, learned from all areas; ``learned_elsewhere`` and ``unlearned_elsewhere``: share of the
        deviance that the controls leave which each explains in areas that it was not fitted to; ``parts``: the same for each part
        by name, with its areas; empty of halves.

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
    folds = pd.Series(observed.blocks % 2) if parts is None else parts.reset_index(drop=True)
    means = {name: np.empty(len(score)) for name in ("controls", "learned_elsewhere", "unlearned_elsewhere")}
    for name in folds.unique():
        out = (folds == name).to_numpy(bool)
        for column, expectation in _tested(observed, features, score, out, alone.dispersion).items():
            means[column][out] = expectation
    rows = [
        {"part": str(n), "areas": len(g), **_explained(observed, means, g.index.to_numpy(), alone.dispersion)}
        for n, g in folds.groupby(folds)
    ]
    return {
        "weights": learned_weights(observed, features, alone.dispersion).to_dict(),
        **_explained(observed, means, np.arange(len(score)), alone.dispersion),
        "parts": [] if parts is None else rows,
    }


def _tested(
    observed: Observed, features: pd.DataFrame, score: Floats, out: Bools, dispersion: float
) -> dict[str, Floats]:
    """Outcome expected in the areas left out by the controls alone, by weights learned in the others, and by a score."""
    values = standard(features.to_numpy(np.float64), observed.exposure)
    weights = learned_weights(observed.part(np.flatnonzero(~out)), features[~out], dispersion).to_numpy()
    columns = {
        "controls": values[:, :0],
        "learned_elsewhere": (values @ weights)[:, None],
        "unlearned_elsewhere": standard(score[:, None], observed.exposure),
    }
    return {name: expected(observed, x, ~out, out, dispersion) for name, x in columns.items()}


def _explained(observed: Observed, means: dict[str, Floats], rows: Ints, dispersion: float) -> dict[str, float]:
    """Share of the deviance that the controls leave in some areas which each expectation takes away there."""
    there = observed.part(rows)
    left = {n: deviance(there.outcome, m[rows], there.exposure, dispersion, there.kind) for n, m in means.items()}
    return {n: 1.0 - left[n] / left["controls"] for n in means if n != "controls"}
