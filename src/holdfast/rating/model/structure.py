"""Whether the cells fall into groups at all, or lie along a continuum."""

from dataclasses import asdict, dataclass

import numpy as np
from scipy.spatial.distance import cdist

from holdfast.rating.model.clustering import assign, kmeans
from holdfast.rating.model.consensus import adjusted_rand
from holdfast.rating.model.levels import FEWEST_SHARE, LEVELS
from holdfast.types import Floats, Ints

MOST_GROUPS = 8
SAMPLE = 1500  # cells that the scores are taken on
STARTS = 4  # of each k-means
EXCESS = 0.10  # by which a silhouette must pass that of cells without groups
STABLE = 0.90  # adjusted Rand index between the halves of the cells


@dataclass(frozen=True)
class CommonSpaceScores:
    """Scores of a grouping in the space of the standardised features, the same for every method.

    Parameters
    ----------
    silhouette : float
        -1..1, more is better (Rousseeuw 1987).
    calinski_harabasz : float
        Spread between over spread within groups, more is better (Calinski & Harabasz 1974).
    davies_bouldin : float
        Likeness of each group to the one most like it, less is better (Davies & Bouldin 1979).
    """

    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float


@dataclass(frozen=True)
class GroupScores:
    """Scores of one number of groups under k-means.

    Parameters
    ----------
    groups : int
        How many groups were looked for.
    silhouette, calinski_harabasz, davies_bouldin : float
        As of `CommonSpaceScores`, under k-means.
    silhouette_null : float
        Of normally distributed cells with the same covariances.
    stability : float
        Adjusted Rand index between fits to the halves of the cells.
    smallest_share : float
        Of the people, in the smallest group.
    """

    groups: int
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    silhouette_null: float
    stability: float
    smallest_share: float


@dataclass(frozen=True)
class Support:
    """Scores of each number of groups, and the number that the cells support (None: they support none)."""

    scores: tuple[GroupScores, ...]
    groups: int | None


def common_space_scores(scaled: Floats, labels: Ints, people: Floats | None = None) -> CommonSpaceScores:
    """Score a grouping of cells, of at least two groups, in the space of the standardised features.

    A cell counts as its `people`, (cell,), do: as if each stood at its place; all cells count alike if omitted.

    Examples
    --------
    >>> scores = common_space_scores(np.array([[0.0], [0.2], [5.0], [5.2]]), np.array([0, 0, 1, 1]))
    >>> round(scores.silhouette, 2), round(scores.davies_bouldin, 2)
    (0.96, 0.04)
    """
    held = np.ones(len(scaled)) if people is None else people * (len(people) / people.sum())
    names, group = np.unique(labels, return_inverse=True)
    member = np.eye(len(names))[group] * held[:, None]
    sizes = np.maximum(member.sum(axis=0), 1e-12)
    centres = (member.T @ scaled) / sizes[:, None]
    within = np.linalg.norm(scaled - centres[group], axis=1)
    # Davies & Bouldin: how wide two groups are against how far apart
    width = member.T @ within / sizes
    apart = cdist(centres, centres)
    np.fill_diagonal(apart, np.inf)
    likeness = (width[:, None] + width) / np.where(apart > 0, apart, np.nan)
    # Calinski & Harabasz: spread between over spread within, each by its degrees of freedom
    whole = float(held @ ((scaled - np.average(scaled, axis=0, weights=held)) ** 2).sum(axis=1))
    inside = max(float(held @ within**2), 1e-300)
    ratio = (whole - inside) / inside * (len(scaled) - len(names)) / max(len(names) - 1, 1)
    return CommonSpaceScores(
        _silhouette(scaled, group, held), float(ratio), float(np.nanmean(np.nanmax(likeness, axis=1)))
    )


def _silhouette(scaled: Floats, group: Ints, held: Floats) -> float:
    """Mean silhouette over people; of a cell alone in its group it is 0."""
    member = np.eye(int(group.max()) + 1)[group]
    distance = cdist(scaled, scaled) @ (member * held[:, None])
    size = member.T @ held
    rows = np.arange(len(group))
    # a cell is not compared with itself
    others = np.where(member > 0, size - held[:, None], size)
    mean = distance / np.maximum(others, 1e-12)
    own = mean[rows, group]
    mean[rows, group] = np.inf
    near = mean.min(axis=1)
    alone = others[rows, group] <= 1e-9
    value = np.where(alone, 0.0, (near - own) / np.maximum(np.maximum(near, own), 1e-300))
    return float(np.average(value, weights=held))


def support(scaled: Floats, generator: np.random.Generator, people: Floats | None = None) -> Support:
    """Score five to eight groups of standardised cells, (cell, feature), and say how many of them the cells support.

    Every score counts people, (cell,); all cells alike if omitted.

    References
    ----------
    Tibshirani, Walther & Hastie (2001), with the silhouette instead of the spread within groups and
    a normal distribution as the null; Ben-Hur, Elisseeff & Guyon (2002) for the stability. The
    thresholds are ours, set on planted metros.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> support(rng.normal(size=(400, 3)), rng).groups is None
    True
    >>> support(rng.normal(size=(400, 3)) / 9 + np.repeat(np.eye(6)[:5, :3] + np.arange(5)[:, None], 80, axis=0), rng).groups
    5
    """
    held = np.ones(len(scaled)) if people is None else people
    # only cells in which somebody is counted
    some = np.flatnonzero(held > 0)
    chosen = some[np.sort(generator.permutation(len(some))[:SAMPLE])]
    cells, held = scaled[chosen], held[chosen]
    # cells without groups but with the same covariances: what any cloud of this shape scores
    spread = np.linalg.cholesky(np.cov(cells.T, aweights=held) + 1e-9 * np.eye(cells.shape[1]))
    scores = []
    for count in range(LEVELS, MOST_GROUPS + 1):
        labels = assign(kmeans(cells, count, generator, STARTS, people=held), cells)
        null = generator.normal(size=cells.shape) @ spread.T
        # groups that are there are found again in each half of the cells
        half = generator.permutation(len(cells))
        halves = [
            assign(kmeans(cells[h], count, generator, STARTS, people=held[h]), cells) for h in np.array_split(half, 2)
        ]
        of_null = assign(kmeans(null, count, generator, STARTS, people=held), null)
        scores.append(
            GroupScores(
                groups=count,
                **asdict(common_space_scores(cells, labels, held)),
                silhouette_null=common_space_scores(null, of_null, held).silhouette,
                stability=adjusted_rand(halves[0], halves[1], held),
                smallest_share=float(np.bincount(labels, weights=held, minlength=count).min() / held.sum()),
            )
        )
    fit = [s for s in scores if s.silhouette - s.silhouette_null >= EXCESS and s.stability >= STABLE]
    fit = [s for s in fit if s.smallest_share >= FEWEST_SHARE]
    best = max(fit, key=lambda s: s.silhouette, default=None)
    return Support(tuple(scores), None if best is None else best.groups)
