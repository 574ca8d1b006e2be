"""The number behind the level of a cell under a frozen model, and its slope towards what the model sees."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.special import softmax

from holdfast.rating.model.clustering import Groups
from holdfast.rating.model.frozen import fitted_of
from holdfast.rating.model.neighbours import neighbour_means
from holdfast.types import Floats, Model

STEPS = 100  # of the way from the middle to a cell, at which slopes are taken
SMALLEST_WIDTH = 1e-12  # squared; groups without any width have no slope


@dataclass(frozen=True)
class Seen:
    """What a model sees of cells.

    Parameters
    ----------
    values : ndarray
        Shape (cell, 2 feature): the features on the scale of the model, then their means over the touching cells.
    people : ndarray
        Shape (cell,), what each cell counts.
    """

    values: Floats
    people: Floats

    @property
    def middle(self) -> Floats:
        """Mean over the people of all that is seen, shape (2 feature,): what a cell is explained against."""
        return np.asarray(np.average(self.values, axis=0, weights=self.people))


@dataclass(frozen=True)
class RefitScore:
    """What turns what is seen of a cell into its level score, in one refit.

    Parameters
    ----------
    layers : tuple of (ndarray, ndarray)
        Weights (input, output) and biases (output,), rectified between them; the first takes what `Seen` holds.
    groups : mapping
        Frozen groups, as `holdfast.rating.model.clustering.assign` takes them.
    levels : ndarray
        Shape (group,), level of each group, 1 to 5.
    width : float
        Variance of a number of the code within a group, for groups with centroids.
    """

    layers: tuple[tuple[Floats, Floats], ...]
    groups: Groups
    levels: Floats
    width: float = 1.0

    @property
    def is_linear(self) -> bool:
        """Whether the score is a weighted sum of what is seen: its contributions are then exact."""
        return "cuts" in self.groups and len(self.layers) == 1


def seen_by(model: Model, scaled: pd.DataFrame, touching: sparse.csr_array | None, people: pd.Series | None) -> Seen:
    """What a model sees of cells whose features are on its scale; all cells count alike where `people` is None."""
    values = scaled[list(model.facts["features"])].to_numpy(np.float64)
    held = np.ones(len(values)) if people is None else people.loc[scaled.index].to_numpy(np.float64)
    return Seen(np.hstack([values, neighbour_means(values, touching)]), held)


def refit_scores(model: Model, seen: Seen) -> tuple[RefitScore, ...]:
    """Level score of every refit of a model; of refits that differ in their cuts alone, one.

    Not specified in the paper: what number stands behind a level. Ours is the code where levels are cuts of it; where they
    are groups it is the mean level under the memberships of a mixture of normal distributions: that of the method, or,
    around the centroids of k-means, one of a common variance in all directions, which k-means is the limit of.
    """
    fitted = fitted_of(model)
    shared = "cuts" in fitted.groups[0] and all(len(weights) == 1 for weights, _ in fitted.layers)
    found = []
    for number, groups in enumerate(fitted.groups[: 1 if shared else None]):
        own = [(w[number if len(w) > 1 else 0], b[number if len(w) > 1 else 0].ravel()) for w, b in fitted.layers]
        # what is gathered of a cell and its neighbours is a weighted sum too: one layer with the first of the encoder
        first = (fitted.gather @ own[0][0], own[0][1]) if own else (fitted.gather, np.zeros(fitted.gather.shape[1]))
        score = RefitScore((first, *own[1:]), groups, model.arrays["levels"][number].astype(np.float64))
        found.append(replace(score, width=_width(score, seen)))
    return tuple(found)


def _width(score: RefitScore, seen: Seen) -> float:
    """Mean squared distance of the people to the nearest centroid, per number of the code."""
    if "centroids" not in score.groups:
        return 1.0
    code = stages(score, seen.values)[-1]
    gaps = ((code[:, None, :] - score.groups["centroids"]) ** 2).mean(axis=2).min(axis=1)
    return max(float(np.average(gaps, weights=seen.people)), SMALLEST_WIDTH)


def stages(score: RefitScore, values: Floats) -> list[Floats]:
    """What enters each layer, rectified from the second on, and last the code; each of shape (cell, number)."""
    found = [values]
    for number, (weights, biases) in enumerate(score.layers):
        entering = np.maximum(found[-1], 0.0) if number else found[-1]
        found[-1] = entering
        found.append(entering @ weights + biases)
    return found


def of_code(score: RefitScore, code: Floats) -> tuple[Floats, Floats]:
    """Level score (cell,) of a code (cell, latent), and its slope (cell, latent)."""
    if "cuts" in score.groups:
        return code[:, 0], np.eye(code.shape[1])[[0] * len(code)]
    if "centroids" in score.groups:
        gaps = code[:, None, :] - score.groups["centroids"]
        likely, slopes = -(gaps**2).sum(axis=2) / (2 * score.width), -gaps / score.width
    else:
        gaps, whitening = code[:, None, :] - score.groups["means"], score.groups["whitening"]
        white = np.einsum("ckn,knm->ckm", gaps, whitening)
        likely = score.groups["logs"] - 0.5 * (white**2).sum(axis=2)
        slopes = -np.einsum("ckm,knm->ckn", white, whitening)
    members = softmax(likely, axis=1)
    level = members @ score.levels
    # the slope of a mean under memberships: each group pulls by how far its level is from that mean
    pull = members * (score.levels - level[:, None])
    return level, np.einsum("ck,ckn->cn", pull, slopes)


def value_and_slope(score: RefitScore, values: Floats) -> tuple[Floats, Floats]:
    """Level score (cell,) of what is seen (cell, 2 feature), and its slope (cell, 2 feature).

    Examples
    --------
    >>> layers = ((np.array([[1.0], [0.5]]), np.zeros(1)),)
    >>> value, slope = value_and_slope(RefitScore(layers, {"cuts": np.zeros(4)}, np.arange(1.0, 6.0)), np.ones((1, 2)))
    >>> value.tolist(), slope.tolist()
    ([1.5], [[1.0, 0.5]])
    """
    passed = stages(score, values)
    level, slope = of_code(score, passed[-1])
    for number in reversed(range(len(score.layers))):
        slope = slope @ score.layers[number][0].T
        # where the rectifier stands still nothing passes; what enters the first layer is not rectified
        slope = slope * (passed[number] > 0) if number else slope
    return level, slope


def level_score(scores: tuple[RefitScore, ...], values: Floats) -> Floats:
    """Mean level score over the refits, (cell,), of what is seen (cell, 2 feature)."""
    return np.asarray(np.mean([of_code(score, stages(score, values)[-1])[0] for score in scores], axis=0))


def integrated(
    value_and_slope_at: Callable[[Floats], tuple[Floats, Floats]], start: Floats, end: Floats, steps: int = STEPS
) -> Floats:
    """Change from `start` to `end` times the mean slope on the straight way between them, number by number, as `end`.

    The sum over a row is the change of the value. The slope is taken in the middle of each of the `steps`, half of which lie
    where the value moves: on the way over the border of narrow groups even steps would miss it.

    Examples
    --------
    >>> integrated(lambda x: ((x**2)[:, 0], 2 * x), np.zeros((1, 1)), np.array([[3.0]])).round(6).tolist()
    [[9.0]]
    """
    change = end - start
    values = np.stack([value_and_slope_at(start + share * change)[0] for share in np.linspace(0.0, 1.0, steps + 1)])
    ends = _steps(np.abs(np.diff(values, axis=0)))
    total = np.zeros_like(change)
    for before, after in pairwise(ends):
        _, slope = value_and_slope_at(start + ((before + after) / 2)[:, None] * change)
        total += (after - before)[:, None] * slope
    return np.asarray(change * total)


def _steps(moves: Floats) -> Floats:
    """Ends of steps on a way of even parts by how far the value moves in each, (step, row): shares of it, (step + 1, row)."""
    count = len(moves)
    density = moves / np.maximum(moves.sum(axis=0), 1e-300) + 1.0 / count
    passed = np.concatenate([np.zeros((1, moves.shape[1])), np.cumsum(density, axis=0)])
    rows = np.arange(moves.shape[1])
    ends = [np.zeros(moves.shape[1])]
    for share in np.linspace(0.0, 1.0, count + 1)[1:-1]:
        wanted = share * passed[-1]
        part = np.minimum((passed[1:] <= wanted).sum(axis=0), count - 1)
        ends.append((part + (wanted - passed[part, rows]) / density[part, rows]) / count)
    return np.stack([*ends, np.ones(moves.shape[1])])
