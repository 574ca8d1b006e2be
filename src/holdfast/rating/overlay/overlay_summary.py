"""An overlay in figures, as a record that knows its JSON."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.plain import plain
from holdfast.rating.analysis.noise import Noise, noise_test
from holdfast.rating.analysis.rating_summary import Stability, stability
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.aims import Aims, meant
from holdfast.rating.model.people import correlations, midranks
from holdfast.rating.model.result import Rating
from holdfast.rating.overlay.matrix import RESILIENCE_THIRDS, RISK_THIRDS, crossed, worst_of_both
from holdfast.rating.overlay.risk_features import PILLARS, RiskRule
from holdfast.rating.overlay.risk_levels import RISK_NAMES
from holdfast.types import Floats


@dataclass(frozen=True)
class OverlaySummary:
    """What an overlay found, the content of ``overlay.json``.

    Parameters
    ----------
    unit : str
        In what people are counted: ``housing_units``, or ``region_m2`` where no homes are known.
    features, absent : tuple, mapping
        What the risk was rated by, with the share that each is meant to weigh; what was not there, with the reason.
    shared : tuple of str
        Features that both ratings are made of: as far as they carry them, the two go together by construction.
    levels : tuple
        Per risk level its name, people, share and cells.
    matrix : ndarray
        Shape (5, 6), people by resilience (down) and risk (across).
    worst : mapping
        People and cells of low resilience (1, 2) and high risk (5, 6), and the people of whom both are sure.
    who : tuple
        Mean of each feature there and elsewhere.
    correlation : mapping
        Rank correlation over people of the resilience level with the risk level, and with each pillar of the risk.
    stability, noise, method : Stability, Noise, mapping
        How sure the risk levels are; whether its features can be told from noise; how it was rated.
    """

    unit: str
    features: tuple[Mapping[str, Any], ...]
    absent: Mapping[str, str]
    shared: tuple[str, ...]
    levels: tuple[Mapping[str, Any], ...]
    matrix: Floats
    worst: Mapping[str, float]
    who: tuple[Mapping[str, Any], ...]
    correlation: Mapping[str, float]
    stability: Stability
    noise: Noise
    method: Mapping[str, Any]

    def json(self) -> dict[str, Any]:
        """As in ``overlay.json``, with the 3 x 3 sums of the matrix."""
        return dict(plain({**asdict(self), "matrix": self.matrix.tolist(), "bivariate": thirds(self.matrix).tolist()}))


def how_sure(
    rating: Rating, features: pd.DataFrame, touching: sparse.csr_array, source: pd.Series, seed: int
) -> tuple[Stability, Noise]:
    """How sure the levels of a risk rating are, and whether the `features` it was made of can be told from noise.

    `touching` and `source` (area that feeds a cell) are those of all cells, in the order of `features`.
    """
    rated = rating.levels.notna().to_numpy(bool)
    near, people = among(touching, rated), rating.people[rated]
    return stability(rating), noise_test(features[rated], near, people, source=source, seed=seed)


def thirds(matrix: Floats) -> Floats:
    """Sum of a 5 x 6 matrix by thirds of both levels, shape (3, 3).

    Examples
    --------
    >>> thirds(np.ones((5, 6))).tolist()
    [[4.0, 4.0, 4.0], [2.0, 2.0, 2.0], [4.0, 4.0, 4.0]]
    """
    table = np.zeros((3, 3))
    np.add.at(table, (RESILIENCE_THIRDS[:, None], RISK_THIRDS[None, :]), matrix)
    return table


def feature_rows(rating: Rating, rules: Mapping[str, RiskRule]) -> tuple[Mapping[str, Any], ...]:
    """Features of a risk rating with their rules and the share that each is meant to weigh."""
    shares = meant(list(rating.used), Aims(**rating.model.facts["aims"])).sum(axis=0)
    return tuple(
        {
            "feature": n,
            "pillar": r.pillar,
            "unit": r.unit,
            "direction": r.direction,
            "weight": s,
            "description": r.description,
        }
        for n, r, s in ((n, rules[n], float(s)) for n, s in zip(rating.used, shares, strict=True))
    )


def risk_level_rows(risks: pd.Series, people: pd.Series) -> tuple[Mapping[str, Any], ...]:
    """People, their share and cells of each risk level."""
    held = people[risks.notna()].groupby(risks.dropna().astype(int)).agg(["sum", "size"])
    held = held.reindex(range(1, len(RISK_NAMES) + 1), fill_value=0)
    whole = max(float(held["sum"].sum()), 1e-300)
    return tuple(
        {
            "level": int(k),
            "name": RISK_NAMES[k - 1],
            "people": float(row["sum"]),
            "share": float(row["sum"]) / whole,
            "cells": int(row["size"]),
        }
        for k, row in held.iterrows()
    )


def worst_figures(cells: pd.DataFrame, people: pd.Series, places: pd.DataFrame) -> dict[str, float]:
    """People and cells of low resilience and high risk, their share, and the people of whom both are sure."""
    worst = worst_of_both(cells["level"], cells["risk_level"])
    whole = float(crossed(cells["level"], cells["risk_level"], people).sum())
    held = float(people[worst].sum())
    sure = float(places["sure_people"].sum()) if len(places) else 0.0
    share = held / whole if whole > 0 else float("nan")
    return {"people": held, "share": share, "cells": int(worst.sum()), "places": len(places), "sure_people": sure}


def correlation_with(levels: pd.Series, rating: Rating, rules: Mapping[str, RiskRule]) -> dict[str, float]:
    """Rank correlation over people of resilience levels with the risk level and with the mean of each pillar's features."""
    both = levels.notna() & rating.levels.notna() & (rating.people > 0)
    chosen = levels.index[both]
    people = rating.people.loc[chosen].to_numpy(np.float64)
    columns = {"risk level": rating.levels.loc[chosen].to_numpy(np.float64)}
    for pillar in PILLARS:
        own = [name for name in rating.used if rules[name].pillar == pillar]
        if own:
            columns[pillar] = rating.scaled.loc[chosen, own].mean(axis=1).to_numpy(np.float64)
    ranks = [
        midranks(levels.loc[chosen].to_numpy(np.float64), people),
        *(midranks(v, people) for v in columns.values()),
    ]
    return dict(zip(columns, correlations(np.column_stack(ranks), people)[0, 1:].tolist(), strict=True))


def shared_features(
    rules: Mapping[str, RiskRule], used: Collection[str], resilience: Collection[str]
) -> tuple[str, ...]:
    """Features of the risk that the resilience rating is made of too."""
    return tuple(n for n in used if any(need == f"cells.{f}" for need in rules[n].needs for f in resilience))
