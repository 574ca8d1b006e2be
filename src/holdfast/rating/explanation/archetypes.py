"""Archetypes: the distinct kinds of cell in a set of cells, such as the lowest level, if there are any."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing
from holdfast.rating.model.clustering import assign, kmeans
from holdfast.rating.model.consensus import adjusted_rand
from holdfast.rating.model.people import mean_and_spread
from holdfast.types import Floats, Ints

MOST_KINDS = 6
FEWEST_CELLS = 30  # with people, of a set; each half then holds fifteen
SMALLEST_SHARE = 0.05  # of the people of the set, in its smallest kind
HALVINGS = 5
STARTS = 4  # of each k-means
STABLE = 0.8  # adjusted Rand index between fits to halves of the cells
BEYOND = 0.1  # by which it must pass that of cells without kinds
APART = 3  # features that a kind is named by


@dataclass(frozen=True)
class KindScores:
    """How stable one number of kinds is.

    Parameters
    ----------
    kinds : int
        How many kinds were looked for.
    stability : float
        Adjusted Rand index, by people, between fits to the halves of the cells, mean of some halvings.
    without : float
        The same for normally distributed cells with the same covariances, which have no kinds.
    smallest_share : float
        Of the people, in the smallest kind.
    """

    kinds: int
    stability: float
    without: float
    smallest_share: float


@dataclass(frozen=True)
class Kind:
    """One kind of cell.

    Parameters
    ----------
    kind : int
        Its number, from 1; the kind with most people is the first.
    cells : int
        How many there are.
    people : float
        What its cells count together, and ``share`` its share of the set.
    apart : mapping
        The features that set it most apart from the rest of the set, to how far: difference of the means over people, in
        standard deviations of the metro, more is better.
    profile : mapping
        Feature to its mean over the people of the kind, on the scale of the model.
    """

    kind: int
    cells: int
    people: float
    share: float
    apart: dict[str, float]
    profile: dict[str, float]


@dataclass(frozen=True)
class Archetypes:
    """Kinds of cell in a set.

    Parameters
    ----------
    distinct : bool
        Whether the cells fall into kinds at all. Where they do not, all are of one.
    kinds : tuple of Kind
        From the one with most people down.
    of_cells : Series
        Index cell, its kind.
    scores : tuple of KindScores
        What each number of kinds scored.
    """

    distinct: bool
    kinds: tuple[Kind, ...]
    of_cells: pd.Series
    scores: tuple[KindScores, ...]


def find_archetypes(scaled: pd.DataFrame, people: pd.Series, *, seed: int = 1) -> Archetypes:
    """Kinds of cell in a set of cells: as many as refits on halves of the cells agree on.

    Parameters
    ----------
    scaled : DataFrame
        Cells of the set, one column per feature, on one scale and more is better.
    people : Series
        Index of `scaled`, what each cell counts.
    seed : int
        Of starts and halves.

    Returns
    -------
    Archetypes
        One kind where no number of kinds is stable beyond what cells without kinds are.

    Raises
    ------
    DataMissing
        If fewer than 30 cells of the set hold people.

    References
    ----------
    Ben-Hur, Elisseeff & Guyon (2002), A stability based method for discovering structure in clustered data; Hubert & Arabie
    (1985). The thresholds, and the comparison with a normal distribution, are ours: any cloud that is longer in one direction is
    cut in the same place again and again, without being two kinds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> kinds = pd.DataFrame(rng.normal(size=(90, 2)) / 4 + np.repeat([[0, 0], [0, 3], [3, 0]], 30, axis=0), columns=["a", "b"])
    >>> [k.cells for k in find_archetypes(kinds, pd.Series(1.0, kinds.index)).kinds]
    [30, 30, 30]
    >>> find_archetypes(pd.DataFrame(rng.normal(size=(90, 2))), pd.Series(np.ones(90))).distinct
    False
    """
    held = people.loc[scaled.index].to_numpy(np.float64)
    some = held > 0
    if some.sum() < FEWEST_CELLS:
        text = f"only {int(some.sum())} cells of the set hold people enough to be counted, at least {FEWEST_CELLS} are needed to look for kinds"
        raise DataMissing(text)
    values, generator = scaled.to_numpy(np.float64), np.random.default_rng(seed)
    scores = _scores(values[some], held[some], generator)
    fit = [s for s in scores if s.stability >= STABLE and s.stability - s.without >= BEYOND]
    fit = [s for s in fit if s.smallest_share >= SMALLEST_SHARE]
    # the most stable number; of equally stable ones the larger, which says more
    best = max(fit, key=lambda s: (round(s.stability, 2), s.kinds), default=None)
    count = 1 if best is None else best.kinds
    groups = assign(kmeans(values[some], count, generator, people=held[some]), values)
    place = np.argsort(np.argsort(-np.bincount(groups, weights=held, minlength=count), kind="stable"))
    of_cells = pd.Series(place[groups] + 1, scaled.index, name="kind")
    kinds = tuple(_kind(k, scaled, held, of_cells.to_numpy()) for k in range(1, count + 1))
    return Archetypes(best is not None, kinds, of_cells, scores)


def _scores(values: Floats, held: Floats, generator: np.random.Generator) -> tuple[KindScores, ...]:
    """Stability of two to six kinds, beside that of cells that have none."""
    spread = np.linalg.cholesky(np.atleast_2d(np.cov(values.T, aweights=held)) + 1e-9 * np.eye(values.shape[1]))
    rows = []
    for count in range(2, MOST_KINDS + 1):
        without = [generator.normal(size=values.shape) @ spread.T for _ in range(HALVINGS)]
        whole = assign(kmeans(values, count, generator, STARTS, people=held), values)
        rows.append(
            KindScores(
                count,
                float(np.mean([_again(values, held, count, generator) for _ in range(HALVINGS)])),
                float(np.mean([_again(cells, held, count, generator) for cells in without])),
                float(np.bincount(whole, weights=held, minlength=count).min() / held.sum()),
            )
        )
    return tuple(rows)


def _again(values: Floats, held: Floats, count: int, generator: np.random.Generator) -> float:
    """How far fits to two halves of the cells group all of them alike."""
    halves = np.array_split(generator.permutation(len(values)), 2)
    fits = [assign(kmeans(values[h], count, generator, STARTS, people=held[h]), values) for h in halves]
    return adjusted_rand(fits[0], fits[1], held)


def _kind(number: int, scaled: pd.DataFrame, held: Floats, of_cells: Ints) -> Kind:
    """One kind, with what sets it apart from the rest; from the middle of the scale where there is no rest."""
    own = of_cells == number
    values = scaled.to_numpy(np.float64)
    profile = mean_and_spread(values[own], np.maximum(held[own], 1e-12))[0]
    rest = held * ~own
    others = mean_and_spread(values, rest)[0] if rest.sum() > 0 else np.zeros(len(profile))
    apart = pd.Series(profile - others, scaled.columns.astype(str))
    first = apart[apart.abs().sort_values(ascending=False, kind="stable").index[:APART]]
    counted = float(held[own].sum())
    names = map(str, scaled.columns)
    return Kind(
        number,
        int(own.sum()),
        counted,
        counted / float(held.sum()),
        first.to_dict(),
        dict(zip(names, profile.tolist(), strict=True)),
    )
