"""Why cells have their risk level: the explanations of a rating, on the model of a risk."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from holdfast.flows.explained import Explainable, cells_in_words, level_rows, long_table, medians
from holdfast.flows.rated_region import Rated
from holdfast.rating.explanation.contributions import described
from holdfast.rating.explanation.level_score import refit_scores, seen_by
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.result import Rating
from holdfast.rating.overlay.risk_features import RiskRule
from holdfast.rating.overlay.risk_levels import RISK_NAMES


@dataclass(frozen=True)
class RiskDrivers:
    """What drives a risk: a row per cell and feature, a row per cell in words, and a row per level as JSON knows it."""

    table: pd.DataFrame
    words: pd.DataFrame
    levels: list[dict[str, Any]]


def risk_drivers(done: Rated, rating: Rating, features: pd.DataFrame, rules: Mapping[str, RiskRule]) -> RiskDrivers:
    """Contributions of each feature to the risk of each cell: above 0 where it lifts the risk over the middle of the metro.

    Parameters
    ----------
    done : Rated
        The resilience rating, for its cells and which of them touch.
    rating : Rating
        Of the risk, levels 1 to 6.
    features : DataFrame
        Index ``cell_id``, features of the risk in units of their own.
    rules : mapping
        Feature to its rule.
    """
    cells = rating.scaled.index
    own = features.loc[cells, list(rating.used)].astype(float)
    rated = done.cells.index.isin(cells)
    people, touching = rating.people.loc[cells], among(done.gathered.touching, rated)
    seen = seen_by(rating.model, rating.scaled, touching, people)
    scores = refit_scores(rating.model, seen)
    shown = done.cells.loc[cells].assign(level=rating.levels.loc[cells].astype(int))
    explained = Explainable(shown, own, rating.scaled, people, touching, rating.model, seen, scores)
    found = described(scores, seen, rating.scaled)
    told = {name: asdict(rules[name]) for name in rating.used}
    middle = medians(own, people)
    words = cells_in_words(explained, found, told, middle).rename(columns={"level": "risk_level"})
    levels = level_rows(explained, found, told, middle, RISK_NAMES)
    return RiskDrivers(long_table(explained, found, told, middle), words, levels)
