"""How sure the level of a cell is: one vote over all that is uncertain in a rating."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import Problem, TableError
from holdfast.rating.model.aims import Aims, meant, pull
from holdfast.rating.model.people import mean_and_spread
from holdfast.types import Floats

ERROR = 0.35  # standard deviation of a measurement, in standard deviations of its feature
DOUBT = 0.0  # chance that a direction is the other one, where nothing is said
LEFT_OUT = 0.3  # chance that a draw does without one of the features
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9  # ends of an interval that holds four fifths of the draws
CELLS_AT_A_TIME = 2_000_000  # numbers per block of cells, so that a million cells fit the memory


@dataclass(frozen=True)
class CertaintyOptions:
    """What is drawn again in each draw of the vote.

    Parameters
    ----------
    draws : int
        How many; 0 for the plain vote of the refits.
    error : float
        Standard deviation of a measurement in standard deviations of its feature, where nothing else is said.
    errors : mapping
        Feature to an error of its own.
    doubts : mapping
        Feature to the chance that its direction is the other one, 0..1.
    left_out : float
        Chance that a draw does without one of the features, 0..1.
    expected : tuple of str
        Features that a whole rating has; those that are not among the features at hand are drawn.

    Raises
    ------
    TableError
        If a number is out of range.
    """

    draws: int = 200
    error: float = ERROR
    errors: Mapping[str, float] = field(default_factory=dict)
    doubts: Mapping[str, float] = field(default_factory=dict)
    left_out: float = LEFT_OUT
    expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what nothing can be drawn with."""
        problems = [
            Problem(f"{value:g} is no chance; take 0 to 1", column=name)
            for name, value in {"left_out": self.left_out, **self.doubts}.items()
            if not 0 <= value <= 1
        ]
        problems += [
            Problem(f"{value:g} is no error; take a number of at least 0", column=name)
            for name, value in {"error": self.error, **self.errors, "draws": self.draws}.items()
            if not (np.isfinite(value) and value >= 0)
        ]
        if problems:
            raise TableError("certainty", problems)


@dataclass(frozen=True)
class Certainty:
    """How sure levels and ranks are.

    Parameters
    ----------
    probabilities : DataFrame
        A column per level, from 1: share of the draws that give each level.
    ranks : DataFrame
        ``rank`` (share of the people in cells rated lower, median of the draws), and the interval of 80 % of the draws,
        ``rank_low`` and ``rank_high``; null where nothing was drawn.
    agreement : Series
        Share of the draws that give the level of the cell.
    kinds : tuple of str
        What was uncertain in the draws, in words.
    """

    probabilities: pd.DataFrame
    ranks: pd.DataFrame
    agreement: pd.Series
    kinds: tuple[str, ...]

    def of(self, cells: pd.Index) -> "Certainty":
        """The same for some cells; null for those that are not rated."""
        return Certainty(
            self.probabilities.reindex(cells), self.ranks.reindex(cells), self.agreement.reindex(cells), self.kinds
        )


@dataclass(frozen=True)
class Drawn:
    """What the draws are made from.

    Parameters
    ----------
    names : tuple of str
        Features at hand.
    seen : tuple of ndarray
        Shape (cell, feature) each: the features on their scale, and the same measured on other grids.
    errors : ndarray or None
        Shape (cell, feature), published standard error of each value in standard deviations of its feature; null where none.
    people : ndarray
        Shape (cell,), what each cell counts.
    cuts : ndarray
        Shape (refit, levels - 1): cuts of each refit, in standard deviations of its score.
    """

    names: tuple[str, ...]
    seen: tuple[Floats, ...]
    errors: Floats | None
    people: Floats
    cuts: Floats


def draw_levels(
    drawn: Drawn, aims: Aims, options: CertaintyOptions, known: Floats, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw the score of every cell again and again, its level by the cuts of a refit, and its rank among the people.

    Parameters
    ----------
    drawn : Drawn
        Features, errors and people.
    aims : Aims
        Weights that are meant, and their ranges.
    options : CertaintyOptions
        What is drawn.
    known : ndarray
        Shape (feature, feature): correlations of the features at hand and then those of `options.expected` that are not.
    generator : Generator
        Source of every draw.

    Returns
    -------
    levels : ndarray
        Shape (cell, level), share of the draws that give each level.
    ranks : ndarray
        Shape (cell, 3): the median of the draws and the ends of the interval of 80 % of them.

    References
    ----------
    Saisana, Saltelli & Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the quality
    assessment of composite indicators, J. Royal Statistical Society A 168(2): all choices drawn at once. Departs from
    Yin, Li & Mostafavi (2026), who name no certainty.
    """
    cells, present = drawn.seen[0].shape
    absent = [name for name in options.expected if name not in drawn.names]
    names = [*drawn.names, *absent]
    tied, left = _conditional(known, present)
    levels = np.zeros((cells, drawn.cuts.shape[1] + 1))
    ranks = np.empty((options.draws, cells), dtype=np.float32)
    rows = np.arange(cells)
    for number in range(options.draws):
        weights = _weights(names, present, aims, options, known, generator)
        own, missing = weights[:present], weights[present:]
        # what is absent follows what is there as far as the two go together elsewhere, and is free beyond
        combined = own + tied.T @ missing
        score = drawn.seen[0] @ combined
        # every other draw sees the place on another grid, stretched to the spread that it has on this one
        if len(drawn.seen) > 1 and number % 2:
            there = drawn.seen[1 + number // 2 % (len(drawn.seen) - 1)] @ combined
            score = there * (_spread(score, drawn.people) / max(_spread(there, drawn.people), 1e-12))
        free = max(float(missing @ left @ missing), 0.0)
        variance = _variance(own, drawn, options)
        score += np.sqrt(variance + free) * generator.standard_normal(cells)
        # errors widen the scores of all cells alike; the cuts were made for scores of standard deviation 1
        score /= np.sqrt(1.0 + np.average(np.broadcast_to(variance, cells), weights=drawn.people))
        ranks[number] = _rank(score, drawn.people)
        levels[rows, np.searchsorted(drawn.cuts[number % len(drawn.cuts)], score, side="left")] += 1
    return levels / options.draws, _interval(ranks)


def _spread(score: Floats, people: Floats) -> float:
    """Standard deviation over people."""
    return float(mean_and_spread(score, people)[1])


def _interval(ranks: NDArray[np.float32]) -> Floats:
    """Median and ends of the interval of 80 % of the draws, from ranks (draw, cell)."""
    step = max(1, CELLS_AT_A_TIME // len(ranks))
    parts = [np.quantile(ranks[:, i : i + step], [MIDDLE, LOW, HIGH], axis=0).T for i in range(0, ranks.shape[1], step)]
    return np.asarray(np.concatenate(parts), dtype=np.float64)


def _rank(score: Floats, people: Floats) -> Floats:
    """Share of the people in cells of lower scores; cells without people are ranked among them."""
    order = np.argsort(score)
    held = people[order]
    rank = np.empty(len(score))
    rank[order] = (np.cumsum(held) - held / 2) / held.sum()
    return rank


def _conditional(known: Floats, present: int) -> tuple[Floats, Floats]:
    """Mean (absent, present) and covariance (absent, absent) of absent features, given those that are there."""
    among, across = known[:present, :present], known[present:, :present]
    tied = across @ np.linalg.pinv(among, hermitian=True)
    return tied, known[present:, present:] - tied @ across.T


def _variance(weights: Floats, drawn: Drawn, options: CertaintyOptions) -> Floats | float:
    """Variance of the error of the score, of every cell or of all."""
    usual = np.array([options.errors.get(name, options.error) for name in drawn.names])
    if drawn.errors is None:
        return float(weights**2 @ usual**2)
    return np.asarray(np.where(np.isnan(drawn.errors), usual, drawn.errors) ** 2 @ weights**2)


def _weights(
    names: list[str],
    present: int,
    aims: Aims,
    options: CertaintyOptions,
    known: Floats,
    generator: np.random.Generator,
) -> Floats:
    """Weights of one draw: each within its range, perhaps without one feature, directions in doubt turned."""
    pillars = list(dict.fromkeys(aims.pillars.get(name, name) for name in names))

    def within(name: str, value: float) -> float:
        share = aims.ranges.get(name, aims.spread)
        return value * float(generator.uniform(1 - share, 1 + share))

    of_pillars = {p: within(p, aims.of_pillars.get(p, 1.0)) for p in pillars}
    of_features = {n: within(n, aims.of_features.get(n, 1.0)) for n in names}
    chosen, chance = names[int(generator.integers(present))], float(generator.random())
    rest = sum(of_pillars[aims.pillars.get(n, n)] * w for n, w in of_features.items() if n != chosen)
    if chance < options.left_out and rest > 0:
        of_features[chosen] = 0.0
    shares = meant(names, Aims(aims.pillars, of_pillars, of_features))
    turned = np.array([-1.0 if generator.random() < options.doubts.get(n, DOUBT) else 1.0 for n in names])
    signs = np.outer(turned, turned)
    return np.asarray(pull(shares, known * signs) * turned)
