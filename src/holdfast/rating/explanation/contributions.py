"""What each feature contributes to the level score of a cell; the dict `EXPLANATIONS` is the seam."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.errors import UnknownName
from holdfast.rating.explanation.level_score import (
    RefitScore,
    Seen,
    integrated,
    level_score,
    refit_scores,
    seen_by,
    value_and_slope,
)
from holdfast.rating.explanation.relevance import relevance
from holdfast.rating.model.frozen import scaler_of
from holdfast.rating.model.scaling import apply_scaler
from holdfast.types import Floats, Model

Explanation = Callable[[RefitScore, Floats, Floats], Floats]
"""From the score of a refit, what is seen of the cells (cell, 2 feature) and of the middle (2 feature,) to what each of
these numbers contributes, (cell, 2 feature)."""
GRADIENTS = "integrated_gradients"


@dataclass(frozen=True)
class Contributions:
    """What each feature contributes to the level score of each cell.

    Parameters
    ----------
    table : DataFrame
        Index cell, a column per feature: above 0 where it lifts the cell over the middle of the metro.
    score : Series
        Index cell: level score; in levels where levels are groups of cells, else in standard deviations over people.
    middle : float
        Score of a cell that has the mean of everything, over people; the mean score where the score is a weighted sum.
    exact : bool
        Whether the score is a weighted sum of the features, so that no other contributions are possible.
    gap : float
        Largest difference between the sum of a cell's contributions and its score less `middle`.
    """

    table: pd.DataFrame
    score: pd.Series
    middle: float
    exact: bool
    gap: float


def integrated_gradients(score: RefitScore, values: Floats, middle: Floats) -> Floats:
    """Slope of the score, integrated on the straight way from the middle to the cell; exact for a weighted sum.

    References
    ----------
    Sundararajan, Taly & Yan (2017), Axiomatic attribution for deep networks, ICML, eq. 1.
    """
    start = np.broadcast_to(middle, values.shape)
    if score.is_linear:
        return np.asarray((values - start) * value_and_slope(score, values)[1])
    return integrated(lambda seen: value_and_slope(score, seen), start, values)


def one_at_a_time(score: RefitScore, values: Floats, middle: Floats) -> Floats:
    """Change of the score when one feature is put to the middle and the others stay; the sum is no score of anything.

    References
    ----------
    Zeiler & Fergus (2014), Visualizing and understanding convolutional networks, ECCV: occlusion.
    """
    features = values.shape[1] // 2
    whole, found = level_score((score,), values), np.zeros_like(values)
    for place in range(features):
        without = values.copy()
        # a feature is put to the middle in the cell and around it at once
        both = [place, features + place]
        without[:, both] = middle[both]
        found[:, place] = whole - level_score((score,), without)
    return found


EXPLANATIONS: dict[str, Explanation] = {
    GRADIENTS: integrated_gradients,
    "relevance": relevance,
    "one_at_a_time": one_at_a_time,
}


def contributions(scores: tuple[RefitScore, ...], seen: Seen, explanation: str = GRADIENTS) -> Floats:
    """Mean over the refits of what each feature contributes, in the cell and around it, (cell, feature).

    Raises
    ------
    UnknownName
        If `explanation` is none of `EXPLANATIONS`.
    """
    if explanation not in EXPLANATIONS:
        raise UnknownName("explanation", explanation, EXPLANATIONS)
    explain, middle = EXPLANATIONS[explanation], seen.middle
    with threadpool_limits(1):  # parallel sums differ in the last bit
        both = np.mean([explain(score, seen.values, middle) for score in scores], axis=0)
    own, around = np.split(both, 2, axis=1)
    return np.asarray(own + around)


def explain_cells(
    model: Model,
    features: pd.DataFrame,
    *,
    touching: sparse.csr_array | None = None,
    people: pd.Series | None = None,
    explanation: str = GRADIENTS,
) -> Contributions:
    """What each feature contributes to the level score of each cell under a frozen model.

    Parameters
    ----------
    model : Model
        Of a rating, such as ``rate_cells(...).model``.
    features : DataFrame
        A row per cell and every feature of the model in its own unit, no nulls.
    touching : csr_array, optional
        Shape (cell, cell), 1 where two cells touch; of use to methods that look at neighbours.
    people : Series, optional
        What each cell counts in the middle that cells are explained against; all alike if omitted.
    explanation : str
        Key of `EXPLANATIONS`, which says how contributions are found.

    Returns
    -------
    Contributions
        Index of `features`. Their sum over the features is the score of a cell less that of the middle of the metro, but
        for `one_at_a_time`.

    Raises
    ------
    DataMissing
        If a feature of the model is absent.
    UnknownName
        If there is no such explanation.

    Examples
    --------
    >>> from holdfast.rating import FitOptions, rate_cells
    >>> cells = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 2)), columns=["roads", "poverty"])
    >>> model = rate_cells(cells, {"roads": 1, "poverty": -1}, options=FitOptions("graded", 2)).model
    >>> found = explain_cells(model, cells)
    >>> bool(np.allclose(found.table.sum(axis=1), found.score - found.score.mean()))
    True
    """
    scaled = apply_scaler(scaler_of(model), features)
    seen = seen_by(model, scaled, touching, people)
    scores = refit_scores(model, seen)
    return described(scores, seen, scaled, explanation)


def described(
    scores: tuple[RefitScore, ...], seen: Seen, scaled: pd.DataFrame, explanation: str = GRADIENTS
) -> Contributions:
    """Contributions with the scores that they add up to; `scaled` names cells and features."""
    table = pd.DataFrame(contributions(scores, seen, explanation), scaled.index, scaled.columns)
    with threadpool_limits(1):
        score, middle = level_score(scores, seen.values), float(level_score(scores, seen.middle[None])[0])
    gap = float(np.abs(table.to_numpy().sum(axis=1) - (score - middle)).max())
    exact = all(score.is_linear for score in scores)
    return Contributions(table, pd.Series(score, scaled.index, name="score"), middle, exact, gap)
