"""What a rating really weighs: the pull of each feature on the level."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.rating.model.people import correlations, midranks
from holdfast.types import Floats

SLICES = 20  # groups of cells with like values, behind the main effect
SMALLEST_ROOT = 1e-10  # an eigenvalue below it is a combination of features that does not vary


def relative_weights(
    scaled: pd.DataFrame, levels: pd.Series, people: Floats | None = None, meant: Mapping[str, float] | None = None
) -> tuple[pd.DataFrame, float]:
    """How much each feature pulls on the level, next to the weights that were meant.

    Parameters
    ----------
    scaled : DataFrame
        One column per feature, standardised, more is better, none constant.
    levels : Series
        Level of each cell, index of `scaled`.
    people : ndarray, optional
        Shape (cell,), what each cell counts; all alike if omitted.
    meant : mapping, optional
        Feature to the share that it is meant to have; all alike if omitted.

    Returns
    -------
    DataFrame
        Index feature: ``nominal`` (the share that was meant), ``weight`` (share of the explained
        variance of the levels, sums to 1), ``main_effect`` (as of `main_effect`; these need not sum to 1),
        ``correlation`` (of feature and level; below 0 the rating runs against the feature's direction).
    float
        Share of the variance of the levels that a weighted sum of the features explains: how far
        ``weight`` can be trusted.

    References
    ----------
    Johnson (2000), A heuristic method for estimating the relative weight of predictor variables, Multivariate
    Behavioral Research 35(1). Paruolo, Saisana & Saltelli (2013), Ratings and rankings: voodoo or science?, J. Royal
    Statistical Society A 176(3), for ``main_effect``.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> scaled = pd.DataFrame(generator.normal(size=(500, 2)), columns=["a", "b"])
    >>> table, explained = relative_weights(scaled, (3 * scaled["a"] + scaled["b"]).rank())
    >>> table["weight"].round(1).tolist(), round(explained, 1)
    ([0.9, 0.1], 0.9)
    """
    values, target = scaled.to_numpy(np.float64), levels.to_numpy(np.float64)
    held = np.ones(len(target)) if people is None else people
    every = correlations(np.column_stack([values, target]), held)
    among, with_level = every[:-1, :-1], every[:-1, -1]
    # uncorrelated stand-ins that lie as near to the features as can be (Johnson 2000)
    roots, axes = np.linalg.eigh(among)
    sizes = np.where(roots > SMALLEST_ROOT, np.sqrt(np.maximum(roots, SMALLEST_ROOT)), 0.0)
    # combinations that do not vary explain nothing and may not be divided by
    inverse = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    beta = axes @ (inverse * (axes.T @ with_level))
    pull = ((axes * sizes) @ axes.T) ** 2 @ beta**2
    explained = float(pull.sum())
    table = pd.DataFrame(
        {
            "nominal": [1 / scaled.shape[1] if meant is None else meant[str(name)] for name in scaled.columns],
            "weight": pull / explained,
            "main_effect": [main_effect(scaled[name], levels, held) for name in scaled.columns],
            "correlation": with_level,
        },
        index=pd.Index(scaled.columns, name="feature"),
    )
    return table, explained


def main_effect(values: pd.Series, levels: pd.Series, people: Floats | None = None) -> float:
    """Share of the variance of the levels that one feature explains alone, whatever the shape, 0..1, over `people`.

    References
    ----------
    Pearson (1905), the correlation ratio; Kelley (1935), epsilon squared, for the adjustment.

    Examples
    --------
    >>> values = pd.Series(np.linspace(-1, 1, 200))
    >>> round(main_effect(values, values**2), 2), bool(abs(values.corr(values**2)) < 0.01)
    (0.99, True)
    """
    # by rank, so that outliers do not make slices of their own
    held = np.ones(len(values)) if people is None else people * (np.count_nonzero(people) / people.sum())
    some = held > 0
    slices = np.ceil(midranks(values.to_numpy(np.float64), held)[some] * SLICES)
    target, held = levels.to_numpy(np.float64)[some], held[some]
    names, group = np.unique(slices, return_inverse=True)
    means = np.bincount(group, weights=target * held) / np.bincount(group, weights=held)
    whole = float(held @ (target - np.average(target, weights=held)) ** 2)
    within = float(held @ (target - means[group]) ** 2)
    if whole == 0 or len(target) <= len(names):
        return float("nan")
    # less what noise alone would explain with so many slices
    adjusted = 1 - within / (len(target) - len(names)) / (whole / (len(target) - 1))
    return float(max(0.0, adjusted))


def grouped(table: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Nominal and effective weights summed over pillars, systems or tables; ``features`` says of how many.

    Examples
    --------
    >>> table = pd.DataFrame({"nominal": 0.5, "weight": [0.9, 0.1]}, index=["a", "b"])
    >>> grouped(table, {"a": "roads", "b": "roads"}).round(3).to_numpy().tolist()
    [[2.0, 1.0, 1.0]]
    """
    by_group = table[["nominal", "weight"]].groupby(pd.Index([groups[str(name)] for name in table.index], name="group"))
    return pd.concat([by_group.size().rename("features"), by_group.sum()], axis=1)


@dataclass(frozen=True)
class FeatureWeight:
    """What one feature weighs, as of `relative_weights`."""

    feature: str
    nominal: float
    weight: float
    main_effect: float
    correlation: float


@dataclass(frozen=True)
class GroupWeight:
    """What the features of one pillar, system or table weigh together."""

    group: str
    features: int
    nominal: float
    weight: float


@dataclass(frozen=True)
class Weights:
    """What a rating really weighs.

    Parameters
    ----------
    explained_share : float
        Of the variance of the levels, by a weighted sum of the features.
    features : tuple of FeatureWeight
        Every used feature that varies.
    groups : mapping
        Kind of group, such as ``pillar``, to the weights of its groups.
    """

    explained_share: float
    features: tuple[FeatureWeight, ...]
    groups: Mapping[str, tuple[GroupWeight, ...]]

    def json(self) -> dict[str, Any]:
        """As in ``rating.json``: a list ``by_pillar`` whose rows name their ``pillar``, and so on."""
        rows = {
            f"by_{kind}": [
                {kind: row.group, **{k: v for k, v in asdict(row).items() if k != "group"}} for row in groups
            ]
            for kind, groups in self.groups.items()
        }
        return {"explained_share": self.explained_share, "features": [asdict(row) for row in self.features], **rows}


def find_weights(
    scaled: pd.DataFrame,
    levels: pd.Series,
    groups: Mapping[str, Mapping[str, str]],
    people: Floats | None = None,
    meant: Mapping[str, float] | None = None,
) -> Weights | None:
    """Effective weights of features and of groups of them; None where all cells have one level, or no feature varies.

    `groups` map a kind of group to feature to group, such as ``{"pillar": {"poverty": "robustness"}}``; the others as of
    `relative_weights`.
    """
    some = np.ones(len(scaled), dtype=bool) if people is None else people > 0
    scaled, levels, people = scaled[some], levels[some], None if people is None else people[some]
    scaled = scaled.loc[:, scaled.max() > scaled.min()]  # a feature of a pool or model may be the same all over here
    if levels.nunique() < 2 or scaled.shape[1] < 1:
        return None
    table, explained = relative_weights(scaled, levels, people, meant)
    by_group = {
        kind: tuple(
            GroupWeight(**row) for row in grouped(table, of_feature).reset_index(names="group").to_dict("records")
        )
        for kind, of_feature in groups.items()
    }
    return Weights(explained, tuple(FeatureWeight(**row) for row in table.reset_index().to_dict("records")), by_group)
