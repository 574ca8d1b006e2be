"""The vote of a rating put together: what its draws are made from, by the method that it was fitted with."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import Certainty, CertaintyOptions, Drawn, draw_levels
from holdfast.rating.model.clustering import assign
from holdfast.rating.model.consensus import shares_of
from holdfast.rating.model.fitting import Fitted, encoded
from holdfast.rating.model.frozen import fitted_of, levels_in, scaler_of
from holdfast.rating.model.neighbours import gathered, neighbour_means
from holdfast.rating.model.scaling import Scaler, apply_scaler
from holdfast.types import Floats, Ints, Model

STREAM = 2  # of the seeds of a fit
REFITS, ERRORS, MARGINS = "refits", "errors of measurement", "published margins of error"
GRIDS, WEIGHTS, DIRECTIONS = "other grids", "weights", "directions in doubt"
WITHOUT, ABSENT = "features left out", "features that are absent"


@dataclass(frozen=True)
class CellFacts:
    """What is known of cells besides their features; all with the index of the features.

    Parameters
    ----------
    people : Series, optional
        What each cell counts, such as its homes; 0 where it may not shape the levels. All alike if omitted.
    errors : DataFrame, optional
        Standard error of the values of features, in their units; null where not known.
    others : tuple of DataFrame
        The same features at the same places, measured on other grids.
    absent : dict
        Features that the data do not allow, with the reason, to be handed on.
    """

    people: pd.Series | None = None
    errors: pd.DataFrame | None = None
    others: tuple[pd.DataFrame, ...] = ()
    absent: dict[str, str] = field(default_factory=dict)


def certainty_of(
    model: Model,
    known: pd.DataFrame,
    levels: NDArray[np.int8],
    winner: Ints,
    facts: CellFacts,
    near: sparse.csr_array | None,
) -> Certainty:
    """How sure the levels of cells under a model are.

    Parameters
    ----------
    model, known : Model, DataFrame
        Fitted or applied; features of the rated cells, as measured.
    levels, winner : ndarray of int
        Shape (refit, cell); shape (cell,), the level of each cell.
    facts : CellFacts
        With ``people``, of these cells and perhaps of others.
    near : csr_array or None
        Which of the cells touch.
    """
    options = _options(model)
    shares, ranks = shares_of(levels, levels_in(model)), np.full((len(known), 3), np.nan)
    kinds: tuple[str, ...] = (REFITS,)
    if options.draws:
        fitted, drawn = fitted_of(model), _drawn(model, known, facts, near)
        generator = np.random.default_rng(np.random.SeedSequence([int(model.facts["seed"]), STREAM]))
        with threadpool_limits(1):
            by_score, ranks = draw_levels(drawn, Aims(**model.facts["aims"]), options, model.arrays["known"], generator)
            shares = by_score if _graded(fitted) else _by_errors(model, drawn, options, near, generator)
        kinds = _kinds(drawn, options, facts, model)
    probabilities = pd.DataFrame(shares, index=known.index, columns=range(1, shares.shape[1] + 1))
    agreement = pd.Series(shares[np.arange(len(winner)), winner - 1], known.index, name="agreement")
    table = pd.DataFrame(ranks, known.index, ["rank", "rank_low", "rank_high"])
    return Certainty(probabilities, table, agreement, kinds)


def _options(model: Model) -> CertaintyOptions:
    """What is drawn, from the facts of a model, which may have been a file."""
    facts = model.facts["certainty"]
    return CertaintyOptions(**{**facts, "expected": tuple(facts["expected"])})


def _graded(fitted: Fitted) -> bool:
    """Whether levels are cuts of one score."""
    return "cuts" in fitted.groups[0]


def _drawn(model: Model, known: pd.DataFrame, facts: CellFacts, near: sparse.csr_array | None) -> Drawn:
    """Features on their scale, on every grid; errors on the same scale; people; and the cuts."""
    scaler, fitted = scaler_of(model), fitted_of(model)
    names = list(scaler.names)
    base = apply_scaler(scaler, known).to_numpy(np.float64)
    seen = [base]
    for other in facts.others:
        # where another grid has no value, the cell's own stands
        filled = other.reindex(known.index)[names].astype(np.float64).fillna(known[names])
        seen.append(apply_scaler(scaler, filled).to_numpy(np.float64))
    people = np.ones(len(known)) if facts.people is None else facts.people.loc[known.index].to_numpy(np.float64)
    cuts = np.full((1, levels_in(model) - 1), np.nan)
    if _graded(fitted):
        # methods whose score looks at neighbours draw from what they see
        seen = [gathered(fitted.gather, x, neighbour_means(x, near)) for x in seen]
        weights = fitted.layers[0][0][0, :, 0]
        among = model.arrays["known"][: len(names), : len(names)]
        cuts = np.stack([g["cuts"] for g in fitted.groups]) / np.sqrt(float(weights @ among @ weights))
    return Drawn(tuple(names), tuple(seen), _scaled_errors(scaler, known, facts.errors), people, cuts)


def _scaled_errors(scaler: Scaler, known: pd.DataFrame, errors: pd.DataFrame | None) -> Floats | None:
    """Standard errors in standard deviations of each feature, where its scale has the slope that it has at the value."""
    if errors is None or errors.empty:
        return None
    names = list(scaler.names)
    wide = errors.reindex(index=known.index, columns=names).astype(np.float64)
    step = wide.fillna(0.0)
    # a share may not leave its range: the scale is flat beyond what was seen
    above, below = (apply_scaler(scaler, (known[names] + sign * step).clip(lower=0.0)) for sign in (1, -1))
    return np.asarray(((above - below).abs() / 2).where(wide.notna()), dtype=np.float64)


def _by_errors(
    model: Model, drawn: Drawn, options: CertaintyOptions, near: sparse.csr_array | None, generator: np.random.Generator
) -> Floats:
    """Share of the draws that give each level, (cell, level), where groups have no weights: refits, errors and grids alone."""
    fitted = fitted_of(model)
    usual = np.array([options.errors.get(name, options.error) for name in drawn.names])
    errors = usual if drawn.errors is None else np.where(np.isnan(drawn.errors), usual, drawn.errors)
    shares = np.zeros((len(drawn.people), levels_in(model)))
    rows = np.arange(len(shares))
    for number in range(options.draws):
        refit = number % len(fitted.groups)
        values = drawn.seen[number % len(drawn.seen)] + errors * generator.standard_normal(drawn.seen[0].shape)
        inputs = gathered(fitted.gather, values, neighbour_means(values, near))
        groups = assign(fitted.groups[refit], encoded(fitted.layers, refit, inputs))
        shares[rows, model.arrays["levels"][refit][groups] - 1] += 1
    return shares / options.draws


def _kinds(drawn: Drawn, options: CertaintyOptions, facts: CellFacts, model: Model) -> tuple[str, ...]:
    """What was uncertain in the draws."""
    graded, aims = _graded(fitted_of(model)), model.facts["aims"]
    there = {
        REFITS: True,
        ERRORS: bool(options.error or any(options.errors.values())),
        MARGINS: drawn.errors is not None,
        GRIDS: bool(facts.others),
        # groups of cells have no weights, so that nothing of the rest can be drawn
        WEIGHTS: graded and bool(aims["spread"] or any(aims["ranges"].values())),
        DIRECTIONS: graded and any(options.doubts.get(name, 0) for name in drawn.names),
        WITHOUT: graded and options.left_out > 0,
        ABSENT: graded and any(name not in drawn.names for name in options.expected),
    }
    return tuple(kind for kind, held in there.items() if held)
