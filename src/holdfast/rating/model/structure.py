"""Whether the cells fall into groups at all, or lie along a continuum."""

from dataclasses import asdict, dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score, silhouette_score

from holdfast.rating.model.clustering import assign, kmeans
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
        Of the cells, in the smallest group.
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


def common_space_scores(scaled: Floats, labels: Ints) -> CommonSpaceScores:
    """Score a grouping of cells, of at least two groups, in the space of the standardised features."""
    return CommonSpaceScores(
        float(silhouette_score(scaled, labels)),
        float(calinski_harabasz_score(scaled, labels)),
        float(davies_bouldin_score(scaled, labels)),
    )


def support(scaled: Floats, generator: np.random.Generator) -> Support:
    """Score five to eight groups of standardised cells, (cell, feature), and say how many of them the cells support.

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
    cells = scaled[np.sort(generator.permutation(len(scaled))[:SAMPLE])]
    # cells without groups but with the same covariances: what any cloud of this shape scores
    spread = np.linalg.cholesky(np.cov(cells.T) + 1e-9 * np.eye(cells.shape[1]))
    scores = []
    for count in range(LEVELS, MOST_GROUPS + 1):
        labels = assign(kmeans(cells, count, generator, STARTS), cells)
        null = generator.normal(size=cells.shape) @ spread.T
        # groups that are there are found again in each half of the cells
        half = generator.permutation(len(cells))
        halves = [assign(kmeans(cells[h], count, generator, STARTS), cells) for h in np.array_split(half, 2)]
        scores.append(
            GroupScores(
                groups=count,
                **asdict(common_space_scores(cells, labels)),
                silhouette_null=float(silhouette_score(null, assign(kmeans(null, count, generator, STARTS), null))),
                stability=float(adjusted_rand_score(*halves)),
                smallest_share=float(np.bincount(labels).min() / len(labels)),
            )
        )
    fit = [s for s in scores if s.silhouette - s.silhouette_null >= EXCESS and s.stability >= STABLE]
    fit = [s for s in fit if s.smallest_share >= FEWEST_SHARE]
    best = max(fit, key=lambda s: s.silhouette, default=None)
    return Support(tuple(scores), None if best is None else best.groups)
