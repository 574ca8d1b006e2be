"""Many refits of the model, each with a seed of its own, and their vote."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from holdfast.config import RatingOptions
from holdfast.errors import NotConverged
from holdfast.rating.autoencoder import encode
from holdfast.rating.clustering import clustering
from holdfast.rating.levels import LEVELS, order


@dataclass(frozen=True)
class Refits:
    """All refits: levels (refit, cell), clusters (refit, cell), codes (refit, cell, latent), errors (refit,)."""

    levels: np.ndarray
    clusters: np.ndarray
    codes: np.ndarray
    errors: np.ndarray


def refit(scaled: pd.DataFrame, options: RatingOptions, seed: int) -> Refits:
    """Fit autoencoder and clustering again and again and order each result into levels.

    Parameters
    ----------
    scaled : DataFrame
        Index ``cell_id``, one column per feature, standardised, more is better.
    options : RatingOptions
        Number of refits, clustering, autoencoder.
    seed : int
        Parent of the seeds of all refits.

    Returns
    -------
    Refits
        One row per refit.

    Raises
    ------
    UnknownName
        If the clustering is unknown.
    NotConverged
        If a refit diverges or finds fewer than five groups.
    """
    group = clustering(options.clustering)
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(options.refits)]
    values = scaled.to_numpy(np.float64)
    codes, errors = encode(values, options.autoencoder, streams)
    clusters = np.stack([group(code, LEVELS, stream) for code, stream in zip(codes, streams, strict=True)])
    found = [len(np.unique(c)) for c in clusters]
    if min(found) < LEVELS:
        text = f"a refit found {min(found)} groups of cells instead of {LEVELS}; are many cells identical?"
        raise NotConverged(text)
    return Refits(np.stack([order(c, values) for c in clusters]), clusters, codes, errors)


def vote(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level that most refits give to each cell, and how many give each level.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell), 1..5.

    Returns
    -------
    winner : ndarray of int
        Shape (cell,); of equally frequent levels the one nearest to the mean of the refits.
    shares : ndarray
        Shape (cell, 5), share of the refits.

    Raises
    ------
    NotConverged
        If some level wins no cell.

    Examples
    --------
    >>> levels, shares = vote(np.array([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [2, 2, 3, 4, 5]]))
    >>> levels.tolist(), shares[0].round(2).tolist()
    ([1, 2, 3, 4, 5], [0.67, 0.33, 0.0, 0.0, 0.0])
    """
    shares = np.stack([(levels == level).mean(axis=0) for level in range(1, LEVELS + 1)], axis=1)
    distance = np.abs(np.arange(1, LEVELS + 1) - levels.mean(axis=0)[:, None])
    winner = np.argmax(shares - 1e-6 * distance, axis=1) + 1
    empty = sorted(set(range(1, LEVELS + 1)) - set(winner.tolist()))
    if empty:
        text = f"no cell has level {empty[0]} in most refits; raise rating.refits or choose other features"
        raise NotConverged(text)
    return winner, shares


def agreement_between(levels: np.ndarray) -> float:
    """Mean adjusted Rand index over all pairs of refits.

    Parameters
    ----------
    levels : ndarray of int
        Shape (refit, cell).

    Returns
    -------
    float
        1 where all refits agree, about 0 where they agree by chance.

    References
    ----------
    Hubert & Arabie (1985).
    """
    pairs = [(a, b) for i, a in enumerate(levels) for b in levels[i + 1 :]]
    return float(np.mean([adjusted_rand_score(a, b) for a, b in pairs]))
