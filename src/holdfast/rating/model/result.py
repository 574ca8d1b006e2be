"""What a rating comes out as."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.rating.model.certainty import Certainty
from holdfast.rating.model.orderings import OrderingAgreement
from holdfast.types import Floats, Model


@dataclass(frozen=True)
class Rating:
    """Levels of all cells with what produced them.

    Parameters
    ----------
    levels : Series
        1 (very low) to 5 (very high), null where not rated.
    reasons : Series
        Why a cell has no level, empty where it has one.
    certainty : Certainty
        How sure levels and ranks are; index of `levels`.
    people : Series
        What each cell counts: its homes, 0 where there are too few of them to shape a level.
    scaled : DataFrame
        Rated cells, one column per used feature: oriented, so that more is better, mean 0 and standard deviation 1 over
        people.
    latent : ndarray
        Shape (1, rated cell, latent size), code of the first refit.
    clusters : ndarray
        Shape (refit, rated cell); group of each cell in each refit, from 0.
    cluster_profiles : DataFrame
        Index level, columns features: mean of `scaled` over people.
    absent : dict
        Features that are not used, with the reason.
    stability : float
        Mean adjusted Rand index between the levels of two refits.
    orderings : tuple of OrderingAgreement
        Per ordering rule, how far it agrees with the levels.
    model : Model
        What was fitted, or applied.
    """

    levels: pd.Series
    reasons: pd.Series
    certainty: Certainty
    people: pd.Series
    scaled: pd.DataFrame
    latent: Floats
    clusters: NDArray[np.int16]
    cluster_profiles: pd.DataFrame
    absent: dict[str, str]
    stability: float
    orderings: tuple[OrderingAgreement, ...]
    model: Model

    @property
    def agreement(self) -> pd.Series:
        """Share of the draws that give the cell its level."""
        return self.certainty.agreement

    @property
    def probabilities(self) -> pd.DataFrame:
        """Share of the draws that give each level, columns 1..5."""
        return self.certainty.probabilities

    @property
    def used(self) -> tuple[str, ...]:
        """Features that the levels come from."""
        return tuple(str(name) for name in self.scaled.columns)
