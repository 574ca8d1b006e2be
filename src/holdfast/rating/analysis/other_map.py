"""Another map of five levels beside the levels of a rating: how far they agree, where, and with what the difference goes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.rating.analysis.sensitivity import Agreement, agreement
from holdfast.rating.model.consensus import adjusted_rand, agreement_between
from holdfast.rating.model.levels import level_pairs
from holdfast.rating.model.people import correlations, midranks
from holdfast.types import Floats

FAR = 2  # levels between two maps, from which on a cell is said to differ


@dataclass(frozen=True)
class FeatureGap:
    """What a feature has to do with the difference of two maps.

    Parameters
    ----------
    feature : str
        Column of the features that the rating is made of.
    lower, higher : float
        Mean of the feature (standard deviations over people, more is better) where the other map is two levels or more
        below the rating, and above it; null where nobody lives in such cells.
    correlation : float
        Over people, of the feature with the other level less the own one.
    """

    feature: str
    lower: float
    higher: float
    correlation: float


@dataclass(frozen=True)
class OtherMap:
    """How far another map agrees with the levels of a rating, over the cells that have both.

    Parameters
    ----------
    cells : int
        Cells that have both levels.
    agreement : Agreement
        Shares of the people.
    same_cells : float
        Share of the cells at the same level.
    correlation : float
        Rank correlation over people.
    lower_share, higher_share : float
        People where the other map is two levels or more below the rating, and above it.
    matrix : ndarray
        Shape (5, 5), share of the people by the level of the rating (down) and of the other map (across).
    features : tuple of FeatureGap
        Those first with which the difference goes most.
    """

    cells: int
    agreement: Agreement
    same_cells: float
    correlation: float
    lower_share: float
    higher_share: float
    matrix: Floats
    features: tuple[FeatureGap, ...]


def compared(levels: pd.Series, other: pd.Series, people: pd.Series, scaled: pd.DataFrame) -> OtherMap:
    """Compare another map with the levels of a rating; both 1 to 5, null where a cell has none.

    Parameters
    ----------
    levels, other : Series
        Of the rating and of the other map, index cell.
    people : Series
        What each cell counts, in the same index.
    scaled : DataFrame
        Index rated cell, one column per feature, standardised over people, more is better.

    Examples
    --------
    >>> levels, other = pd.Series([1, 2, 3, 4, 5]), pd.Series([1, 2, 3, 4, 3])
    >>> found = compared(levels, other, pd.Series([1.0, 1, 1, 1, 4]), pd.DataFrame({"a": [-1.0, -1, 0, 0, 1]}))
    >>> found.same_cells, found.agreement.same_share, found.lower_share, found.features[0].lower
    (0.8, 0.5, 0.5, 1.0)
    """
    both = scaled.index[(levels.notna() & other.notna()).loc[scaled.index].to_numpy(bool)]
    own, theirs = (s.loc[both].to_numpy(np.int64) for s in (levels, other))
    held, gap = people.loc[both].to_numpy(np.float64), theirs - own
    # of a region in which nobody is counted every share would be nothing of nothing
    held = held if held.sum() > 0 else np.ones(len(both))
    ranks = np.column_stack([midranks(own.astype(np.float64), held), midranks(theirs.astype(np.float64), held)])
    rows = [_gap(str(n), scaled.loc[both, n].to_numpy(np.float64), gap, held) for n in scaled]
    return OtherMap(
        cells=len(both),
        agreement=agreement(own, theirs, held),
        same_cells=float(np.mean(gap == 0)),
        correlation=float(correlations(ranks, held)[0, 1]),
        lower_share=float(np.average(gap <= -FAR, weights=held)),
        higher_share=float(np.average(gap >= FAR, weights=held)),
        matrix=level_pairs(own, theirs, held) / held.sum(),
        features=tuple(sorted(rows, key=lambda row: -abs(row.correlation))),
    )


def _gap(name: str, values: Floats, gap: NDArray[np.int64], held: Floats) -> FeatureGap:
    """What one feature has to do with the difference."""

    def mean(chosen: NDArray[np.bool_]) -> float:
        return float(np.average(values[chosen], weights=held[chosen])) if held[chosen].sum() > 0 else float("nan")

    # the whole difference and not its far ends alone, which may be a handful of cells
    both = np.column_stack([values, gap.astype(np.float64)])
    return FeatureGap(name, mean(gap <= -FAR), mean(gap >= FAR), float(correlations(both, held)[0, 1]))


@dataclass(frozen=True)
class RefitNoise:
    """How far a map that was fitted again and again differs from a rating, and how far from itself; shares of the people.

    Parameters
    ----------
    refits : int
        How many fits of the other map stand behind these shares.
    stability : float
        Mean adjusted Rand index between the levels of two refits.
    with_rating : float
        Mean adjusted Rand index between the levels of one refit and those of the rating.
    steady_share : float
        Live where all refits give one level.
    apart_share, far_share : float
        Live where all refits give one level and it is another than that of the rating; two levels or more apart.
    """

    refits: int
    stability: float
    with_rating: float
    steady_share: float
    apart_share: float
    far_share: float


def refit_noise(levels: NDArray[np.int64], by_refit: NDArray[np.int8], people: Floats) -> RefitNoise:
    """What of a map's difference from a rating stays when the map is fitted again.

    Parameters
    ----------
    levels : ndarray of int
        Shape (cell,), levels of the rating.
    by_refit : ndarray of int
        Shape (refit, cell), levels of the other map.
    people : ndarray
        Shape (cell,), what each cell counts in the shares.

    Examples
    --------
    >>> found = refit_noise(np.array([1, 2, 3]), np.array([[1, 2, 5], [1, 3, 5]], dtype=np.int8), np.array([2.0, 1, 1]))
    >>> found.steady_share, found.apart_share, found.far_share
    (0.75, 0.25, 0.25)
    """
    steady = (by_refit == by_refit[0]).all(axis=0)
    gap = np.abs(by_refit[0].astype(np.int64) - levels)

    def share(chosen: NDArray[np.bool_]) -> float:
        return float(np.average(chosen, weights=people))

    return RefitNoise(
        len(by_refit),
        agreement_between(by_refit, people),
        float(np.mean([adjusted_rand(levels, refit.astype(np.int64), people) for refit in by_refit])),
        share(steady),
        share(steady & (gap > 0)),
        share(steady & (gap >= FAR)),
    )
