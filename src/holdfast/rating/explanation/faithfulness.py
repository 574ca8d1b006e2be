"""How faithful an explanation is to the score it explains: features taken away and put back in its order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from holdfast.rating.explanation.level_score import Seen
from holdfast.types import Floats, Ints

ORDERS = 20  # random orders that a cell is compared with
TIE = 1e-9  # score below which two areas under curves are one


@dataclass(frozen=True)
class Faithfulness:
    """How one explanation fares when features are taken away, or put back, in its order.

    Parameters
    ----------
    explanation : str
        Its key in `holdfast.rating.explanation.contributions.EXPLANATIONS`.
    people_beating_chance, cells_beating_chance : float
        Share of the people, and of the cells, whose score falls faster than in random orders, in the mean.
    deletion, insertion, chance : tuple of float
        What is left of the distance to the middle after 0, 1, ... features were put to the middle, mean over the people: in the
        order of the explanation; what is reached when they are put back in that order; and deletion in a random order.
    """

    explanation: str
    people_beating_chance: float
    cells_beating_chance: float
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]
    chance: tuple[float, ...]


@dataclass(frozen=True)
class Agreement:
    """How far two explanations agree, as means over the people.

    Parameters
    ----------
    first, second : str
        Keys of the two explanations that are compared.
    rank_correlation : float
        Spearman's, over the features of a cell.
    same_first : float
        Share of the people whose first driver is the same in both.
    """

    first: str
    second: str
    rank_correlation: float
    same_first: float


def faithfulness(
    score: Callable[[Floats], Floats], seen: Seen, found: Mapping[str, Floats], generator: np.random.Generator
) -> tuple[Faithfulness, ...]:
    """Deletion and insertion by each explanation beside random orders.

    Parameters
    ----------
    score : callable
        From what is seen of cells, (cell, 2 feature), to their scores, (cell,).
    seen : Seen
        What the model sees of the cells that are explained.
    found : mapping
        Explanation to what each feature contributes, (cell, feature).

    References
    ----------
    Samek et al. (2017), Evaluating the visualization of what a deep neural network has learned, IEEE TNNLS 28(11); Petsiuk, Das
    & Saenko (2018) for insertion. Departs from both in putting a feature to the mean over people instead of to nothing, and
    in taking those first that push a cell where it is: down for a cell below the middle, up for one above.
    """
    side = np.sign(score(seen.values) - score(seen.middle[None])[0])
    chance = _by_chance(score, seen, side, generator)
    away = float(np.average(chance[:, 0], weights=seen.people)) or 1.0

    rows = []
    for name, contributed in found.items():
        order = np.argsort(-side[:, None] * contributed, axis=1, kind="stable")
        deletion = _curve(score, seen, order, side)
        # what is put back first is taken away last
        insertion = _curve(score, seen, order[:, ::-1], side)[:, ::-1]
        faster = deletion.mean(axis=1) < chance.mean(axis=1) - TIE
        beating = float(np.average(faster, weights=seen.people)), float(faster.mean())
        means = (np.average(c, axis=0, weights=seen.people) / away for c in (deletion, insertion, chance))
        rows.append(Faithfulness(name, *beating, *(tuple(m.tolist()) for m in means)))
    return tuple(rows)


def _by_chance(score: Callable[[Floats], Floats], seen: Seen, side: Floats, generator: np.random.Generator) -> Floats:
    """Mean of the curves of random orders, each cell with orders of its own, (cell, feature + 1)."""
    cells, features = len(seen.values), seen.values.shape[1] // 2
    draws = [generator.permuted(np.tile(np.arange(features), (cells, 1)), axis=1) for _ in range(ORDERS)]
    return np.asarray(np.mean([_curve(score, seen, order, side) for order in draws], axis=0))


def _curve(score: Callable[[Floats], Floats], seen: Seen, order: Ints, side: Floats) -> Floats:
    """Distance of the score from that of the middle after 0, 1, ... features of an order are put there, (cell, feature + 1)."""
    features, middle = order.shape[1], seen.middle
    values, rows = seen.values.copy(), np.arange(len(order))
    lowest = score(middle[None])[0]
    found = [side * (score(values) - lowest)]
    for place in order.T:
        for column in (place, features + place):
            values[rows, column] = middle[column]
        found.append(side * (score(values) - lowest))
    return np.stack(found, axis=1)


def agreement(found: Mapping[str, Floats], people: Floats) -> tuple[Agreement, ...]:
    """How far each two explanations agree, from what each feature contributes by each, (cell, feature).

    Examples
    --------
    >>> agreement({"a": np.array([[1.0, 2.0, 3.0]]), "b": np.array([[1.0, 2.0, 9.0]])}, np.ones(1))[0].rank_correlation
    1.0
    """
    names = list(found)
    ranks = {name: rankdata(values, axis=1) for name, values in found.items()}
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            one, other = (r - r.mean(axis=1, keepdims=True) for r in (ranks[first], ranks[second]))
            size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
            alike = np.divide((one * other).sum(axis=1), size, out=np.zeros(len(size)), where=size > 0)
            same = np.abs(found[first]).argmax(axis=1) == np.abs(found[second]).argmax(axis=1)
            mean = (float(np.average(v, weights=people)) for v in (alike, same))
            rows.append(Agreement(first, second, *mean))
    return tuple(rows)
