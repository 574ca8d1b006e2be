"""A rating held to an outcome: what it explains beyond hazard and population, beside everything that could as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing
from holdfast.rating.analysis.regression import COUNT, clustered_p, deviance, independent, regress
from holdfast.rating.model.people import mean_and_spread
from holdfast.types import Bools, Floats, Ints

FEWEST_AREAS, FEWEST_BLOCKS = 30, 8
DRAWS = 200  # of blocks, behind an interval
FOLDS = 5
SURE = 0.05  # corrected p below which a candidate is said to go with the outcome


@dataclass(frozen=True)
class Observed:
    """An outcome of areas with what else could explain it.

    Parameters
    ----------
    outcome, exposure : ndarray
        Shape (area,): counts or rates; people, above 0.
    controls : ndarray
        Shape (area, control), hazard and others; may have no column.
    blocks : ndarray of int
        Shape (area,), from 0: areas of one block may share their errors.
    kind : str
        ``count`` or ``rate``.
    """

    outcome: Floats
    exposure: Floats
    controls: Floats
    blocks: Ints
    kind: str = COUNT

    def part(self, rows: Ints) -> "Observed":
        """Some of the areas, perhaps more than once, with their blocks numbered from 0."""
        blocks = np.unique(self.blocks[rows], return_inverse=True)[1]
        return Observed(self.outcome[rows], self.exposure[rows], self.controls[rows], blocks, self.kind)


def blocks_of(east: Floats, north: Floats, side: float) -> Ints:
    """Square block of each place, numbered from 0; places and side in m.

    Examples
    --------
    >>> blocks_of(np.array([10.0, 90.0, 110.0]), np.zeros(3), 100.0).tolist()
    [0, 0, 1]
    """
    places = np.stack([np.floor(east / side), np.floor(north / side)])
    return np.asarray(np.unique(places, axis=1, return_inverse=True)[1].ravel())


def compare_candidates(
    observed: Observed, candidates: Mapping[str, pd.DataFrame], seed: int = 1, draws: int = DRAWS
) -> pd.DataFrame:
    """What each candidate explains of an outcome beyond the controls.

    Parameters
    ----------
    observed : Observed
        Outcome, people and controls.
    candidates : mapping
        Name to its columns, one row per area in the order of `observed`, more is better: one column for a level or a
        feature, several for features that are weighted freely.
    seed : int
        Of the blocks drawn.
    draws : int
        Of blocks, behind the intervals.

    Returns
    -------
    DataFrame
        A row per candidate: ``candidate``, ``columns``; ``effect`` per standard deviation over people (of counts a ratio of
        rates, below 1 where more resilient areas fare better; of rates a difference) with ``low`` and ``high``, its interval
        of 95 % over blocks; ``p`` and ``p_corrected`` (all candidates of one column together); ``explained``, share of the
        deviance that the controls leave; ``explained_elsewhere``, the same in areas of blocks that were not fitted to, below
        0 where it predicts worse than the controls alone. Effects are null for several columns.

    Raises
    ------
    DataMissing
        If there are fewer than 30 areas or 8 blocks.

    References
    ----------
    Kuensch (1989) for the bootstrap of blocks; Holm (1979) for the correction; Bakkensen et al. (2017), Validating
    resilience and vulnerability indices in the context of natural disasters, Risk Analysis 37(5), for the question.
    """
    count = int(observed.blocks.max()) + 1
    if len(observed.outcome) < FEWEST_AREAS or count < FEWEST_BLOCKS:
        text = f"{len(observed.outcome)} areas in {count} blocks; at least {FEWEST_AREAS} areas in {FEWEST_BLOCKS} blocks are needed: take smaller blocks or more areas"
        raise DataMissing(text)
    base = design_of(observed, np.empty((len(observed.outcome), 0)))
    # one dispersion for all, that of the controls: candidates are then compared on one scale
    alone = regress(base, observed.outcome, observed.exposure, observed.kind)
    rows: list[dict[str, Any]] = []
    for name, table in candidates.items():
        values = standard(table.to_numpy(np.float64), observed.exposure)
        row = {"candidate": name, "columns": values.shape[1], **_explained(observed, values, alone.dispersion)}
        if values.shape[1] == 1:
            row |= _effect(observed, values, alone.dispersion, np.random.default_rng([seed, len(rows)]), draws)
        rows.append(row)
    found = pd.DataFrame(rows)
    if "p" in found:
        found["p_corrected"] = holm(found["p"].to_numpy(np.float64))
    return found


def design_of(observed: Observed, values: Floats) -> Floats:
    """Ones, controls and values."""
    return np.column_stack([np.ones(len(observed.outcome)), observed.controls, values])


def standard(values: Floats, people: Floats) -> Floats:
    """Values in standard deviations over people; 0 where they do not vary."""
    centre, spread = mean_and_spread(values, people)
    return np.asarray((values - centre) / np.where(spread > 0, spread, 1.0))


def _explained(observed: Observed, values: Floats, dispersion: float) -> dict[str, float]:
    """Share of the deviance beyond the controls, in the areas themselves and in blocks left out."""
    both = (values[:, :0], values)
    every = np.ones(len(values), dtype=bool)
    fits = [expected(observed, x, every, every, dispersion) for x in both]
    elsewhere = np.empty((2, len(values)))
    # whole blocks are left out, since areas beside one another say the same
    for fold in range(FOLDS):
        out = observed.blocks % FOLDS == fold
        for number, x in enumerate(both):
            elsewhere[number, out] = expected(observed, x, ~out, out, dispersion)
    return {
        "explained": _gain(observed, fits[0], fits[1], dispersion),
        "explained_elsewhere": _gain(observed, elsewhere[0], elsewhere[1], dispersion),
    }


def expected(observed: Observed, values: Floats, inside: Bools, there: Bools, dispersion: float) -> Floats:
    """Outcome expected in some areas by controls and values, fitted to others.

    Columns that say nothing more inside, such as a feature that is the same in all of these blocks, are left out of the fit.
    """
    design = design_of(observed, values)
    kept = independent(design[inside])
    own = observed.part(np.flatnonzero(inside))
    fit = regress(design[inside][:, kept], own.outcome, own.exposure, observed.kind, dispersion)
    linear = design[there][:, kept] @ fit.coefficients
    return np.asarray(np.exp(np.clip(linear, -30, 30)) * observed.exposure[there] if observed.kind == COUNT else linear)


def _gain(observed: Observed, without: Floats, means: Floats, dispersion: float) -> float:
    """Share of the deviance of one expectation that another takes away."""
    left = [deviance(observed.outcome, m, observed.exposure, dispersion, observed.kind) for m in (without, means)]
    return float(1.0 - left[1] / left[0])


def _effect(
    observed: Observed, values: Floats, dispersion: float, generator: np.random.Generator, draws: int
) -> dict[str, float]:
    """Effect per standard deviation, its interval over blocks, and its p."""
    design = design_of(observed, values)
    if len(independent(design)) < design.shape[1]:
        # the same everywhere, or what the controls say already: it has no effect of its own
        return dict.fromkeys(("effect", "low", "high", "p"), np.nan)
    fit = regress(design, observed.outcome, observed.exposure, observed.kind, dispersion)
    p = clustered_p(
        design, observed.outcome, observed.exposure, fit, observed.blocks, design.shape[1] - 1, observed.kind
    )
    members = [np.flatnonzero(observed.blocks == b) for b in range(int(observed.blocks.max()) + 1)]
    drawn = []
    for _ in range(draws):
        rows = np.concatenate([members[b] for b in generator.integers(len(members), size=len(members))])
        if np.linalg.matrix_rank(design[rows]) == design.shape[1]:
            again = regress(design[rows], observed.outcome[rows], observed.exposure[rows], observed.kind, dispersion)
            drawn.append(again.coefficients[-1])
    ends = np.quantile(drawn, [0.025, 0.975]) if drawn else (np.nan, np.nan)
    effect, low, high = (np.exp(x) if observed.kind == COUNT else x for x in (fit.coefficients[-1], *ends))
    return {"effect": float(effect), "low": float(low), "high": float(high), "p": p}


def holm(p: Floats) -> Floats:
    """p-values corrected for how many there are, nulls left out.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    corrected = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * factors))
    return corrected


def words_of(found: pd.DataFrame, kind: str) -> list[str]:
    """What a comparison found, in plain words, nothing included.

    Examples
    --------
    >>> row = {"candidate": "level", "effect": 0.9, "low": 0.8, "high": 1.1, "p": 0.2, "p_corrected": 1.0, "explained": 0.01, "explained_elsewhere": -0.02}
    >>> words_of(pd.DataFrame([row]), "count")[0]
    'Beyond the controls, nothing here goes with the outcome more than by chance once all comparisons are counted.'
    """
    single = found[found["p_corrected"].notna()]
    sure = single[single["p_corrected"] < SURE].sort_values("p_corrected")
    lines = []
    if sure.empty:
        lines.append(
            "Beyond the controls, nothing here goes with the outcome more than by chance once all comparisons are counted."
        )
    else:
        names = ", ".join(f"{r.candidate} ({_effect_words(r.effect, kind)})" for r in sure.itertuples())
        lines.append(f"Beyond the controls, with all comparisons counted, these go with the outcome: {names}.")
    for row in single[single["candidate"] == "level"].itertuples():
        verdict = "more than by chance" if row.p_corrected < SURE else "no more than by chance"
        lines.append(
            f"The level: {_effect_words(row.effect, kind)}, 95 % interval {row.low:.2f} to {row.high:.2f}; {verdict}. It explains "
            f"{row.explained:.1%} of what the controls leave, and {row.explained_elsewhere:.1%} in areas that were not fitted to."
        )
    best = found.loc[found["explained_elsewhere"].idxmax()]
    if best["explained_elsewhere"] > 0:
        lines.append(
            f"In areas that were not fitted to, {best['candidate']} predicts best: {best['explained_elsewhere']:.1%} of what the controls leave."
        )
    else:
        lines.append("In areas that were not fitted to, none of them predicts better than the controls alone.")
    return lines


def _effect_words(effect: float, kind: str) -> str:
    """An effect per standard deviation, in words."""
    if kind == COUNT:
        return f"{abs(effect - 1):.0%} {'fewer' if effect < 1 else 'more'} cases a standard deviation higher"
    return f"{abs(effect):.3g} {'less' if effect < 0 else 'more'} a standard deviation higher"
