"""Whether a rating only says where many people live."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

SMALLEST_SPREAD = 1e-10  # of what is left of the ranks, below which nothing is left


def partial_spearman(first: pd.Series, second: pd.Series, given: pd.DataFrame) -> float:
    """Rank correlation of two quantities that is left when others are held constant, in ranks and as a weighted sum.

    -1..1; plain rank correlation where `given` has no column, null where nothing is left of one of the two.

    References
    ----------
    Kendall (1942), partial rank correlation, here with Spearman's coefficient.

    Examples
    --------
    >>> size = pd.Series(range(60))
    >>> shoes, words = size + 2 * np.sin(3 * size), size + 2 * np.cos(7 * size)
    >>> bool(shoes.corr(words) > 0.9), abs(partial_spearman(shoes, words, size.to_frame())) < 0.2
    (True, True)
    """
    ranks = pd.concat([first.rank(), second.rank()], axis=1).to_numpy(np.float64)
    base = np.column_stack([np.ones(len(first)), given.rank().to_numpy(np.float64)])
    # what is left of both when a weighted sum of the given ranks is taken away
    left = ranks - base @ np.linalg.lstsq(base, ranks, rcond=None)[0]
    spread, whole = left.std(axis=0), ranks.std(axis=0)
    if (spread <= SMALLEST_SPREAD * np.maximum(whole, 1.0)).any():
        return float("nan")
    return float(np.corrcoef(left, rowvar=False)[0, 1])


@dataclass(frozen=True)
class FeatureDensity:
    """Rank correlations of one feature with density, with the level, and with the level where density is held constant."""

    feature: str
    with_density: float
    with_level: float
    with_level_given_density: float


@dataclass(frozen=True)
class DensityEffects:
    """How far a rating follows the density of homes: rank correlations as they are, and with the features held constant."""

    level_with_density: float
    level_with_density_given_features: float
    features: tuple[FeatureDensity, ...]


def density_effects(features: pd.DataFrame, levels: pd.Series, density: pd.Series) -> DensityEffects:
    """How far a rating follows density, homes or residents per km2: whether it only says city or country.

    Notes
    -----
    A count per cell grows with the number of people there, so a rating of counts calls every rural
    cell weak. A feature whose correlation with the level vanishes when density is held constant
    says density and little else: take it per km2 or per person.

    Examples
    --------
    >>> density = pd.Series(np.arange(40.0))
    >>> features = pd.DataFrame({"towers": 3 * density + 1})
    >>> density_effects(features, density.rank(), density).level_with_density
    1.0
    """
    nothing = density.to_frame()[[]]
    rows = [
        FeatureDensity(
            str(name),
            partial_spearman(features[name], density, nothing),
            partial_spearman(features[name], levels, nothing),
            partial_spearman(features[name], levels, density.to_frame()),
        )
        for name in features.columns
    ]
    return DensityEffects(
        partial_spearman(levels, density, nothing), partial_spearman(levels, density, features), tuple(rows)
    )
