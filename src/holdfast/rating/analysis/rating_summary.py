"""Everything about a rating that is not per cell, as frozen records that know their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.plain import plain
from holdfast.rating.analysis.areas import AreasSummary
from holdfast.rating.analysis.density import DensityEffects
from holdfast.rating.analysis.moran import Moran
from holdfast.rating.analysis.noise import Noise
from holdfast.rating.analysis.pattern import Pattern
from holdfast.rating.analysis.sensitivity import Sensitivity
from holdfast.rating.analysis.weights import Weights
from holdfast.rating.features.rules import M2_PER_KM2, FeatureRule
from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.levels import LEVEL_NAMES, LEVELS
from holdfast.rating.model.orderings import OrderingAgreement
from holdfast.rating.model.people import correlations, midranks
from holdfast.rating.model.result import Rating

WIDE = 2  # levels between the ends of its range, from which on a level is called uncertain


@dataclass(frozen=True)
class RegionFacts:
    """What was rated: ``unrated`` counts cells by the reason, ``cell_size_m`` is the side of a cell.

    ``sparse_cells`` hold too few homes to shape a level and to be counted.
    """

    name: str
    cell_size_m: float
    crs: str
    cells: int
    rated: int
    unrated: Mapping[str, int]
    sparse_cells: int


@dataclass(frozen=True)
class LevelFacts:
    """Cells of one level: ``share`` is that of the people counted (of the area where no homes are known).

    ``features`` are means over people in units of their own, ``scaled`` on the scale of the fit.
    """

    level: int
    name: str
    share: float
    cells: int
    region_km2: float
    housing_units: float | None
    features: Mapping[str, float]
    scaled: Mapping[str, float]


@dataclass(frozen=True)
class UsedFeature:
    """A feature that the levels come from, as it was used."""

    feature: str
    pillar: str
    system: str
    unit: str
    direction: int
    transform: str
    description: str


@dataclass(frozen=True)
class Stability:
    """How sure the levels are, by people.

    ``mean_adjusted_rand_index`` is between refits; ``median_agreement`` the share of the draws behind the level of the median
    person's cell; ``share_uncertain`` live where the range of 80 % of the draws has three levels or more, ``share_one_level``
    where it is one level; ``rank_width`` is the mean width of the interval of ranks; ``kinds`` names what was drawn.
    """

    refits: int
    mean_adjusted_rand_index: float
    median_agreement: float
    share_uncertain: float
    share_one_level: float
    rank_width: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class MethodFacts:
    """How the levels came about.

    ``applied``: path of a model that was fitted elsewhere; ``groups``: how many the cells support, None where they lie along
    a continuum or the method does not ask; ``support``: a row per number of groups; ``orderings``: a row per rule.
    """

    name: str
    applied: str | None
    groups: int | None
    support: tuple[Mapping[str, float], ...]
    orderings: tuple[OrderingAgreement, ...]


@dataclass(frozen=True)
class AdditiveFacts:
    """How far the additive index agrees, by people: its rank correlation with the level, and the share at the same level."""

    spearman: float
    same_level_share: float


@dataclass(frozen=True)
class Total:
    """A quantity before and after interpolation to the cells."""

    source: float
    cells: float
    relative_error: float


@dataclass(frozen=True)
class FitFacts:
    """How the levels were found and how sure they are: pattern by Moran's I, agreement of refits, method, index beside it."""

    moran: Mapping[str, Moran]
    stability: Stability
    method: MethodFacts
    additive: AdditiveFacts
    totals: Mapping[str, Total]
    pool: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What helps to read the map: None where there is nothing to say."""

    pattern: Pattern
    weights: Weights | None
    density: DensityEffects | None
    areas: AreasSummary
    noise: Noise


@dataclass(frozen=True)
class RatingSummary:
    """A rating in figures, the content of ``rating.json``; ``warnings``: what must be known of the input files first."""

    region: RegionFacts
    levels: tuple[LevelFacts, ...]
    features_used: tuple[UsedFeature, ...]
    features_absent: Mapping[str, str]
    fit: FitFacts
    reading: Reading
    sensitivity: Sensitivity | None
    run: str
    warnings: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        """As in ``rating.json``: one flat record, null for what is not a number; sensitivity only where it was asked for."""
        parts: dict[str, Any] = {
            **_of(self.region),
            **{name: getattr(self, name) for name in ("levels", "features_used", "features_absent")},
            **_of(self.fit),
            **_of(self.reading),
            "weights": self.reading.weights and self.reading.weights.json(),
        }
        if self.sensitivity is not None:
            parts["sensitivity"] = self.sensitivity.json()
        return dict(plain({**parts, "run": self.run, "warnings": self.warnings}))


def _of(record: RegionFacts | FitFacts | Reading) -> dict[str, Any]:
    """Fields of a record by name."""
    return {f.name: getattr(record, f.name) for f in fields(record)}


def level_facts(cells: gpd.GeoDataFrame, rating: Rating) -> tuple[LevelFacts, ...]:
    """Cells, homes and mean features of each level, from the table of cells and the rating that gave the levels."""
    rated = cells[cells["level"].notna()]
    levels = rated["level"].astype(int)
    people = rating.people.loc[rated.index]
    profiles = rating.cluster_profiles.reindex(range(1, LEVELS + 1))  # null for a level that no cell has
    return tuple(
        LevelFacts(
            level=level,
            name=name,
            share=people.loc[group.index].sum() / people.sum(),
            cells=len(group),
            region_km2=group["region_m2"].sum() / M2_PER_KM2,
            housing_units=group["housing_units"].sum() if "housing_units" in group else None,
            features=_means(group[list(rating.used)], people.loc[group.index]),
            scaled=profiles.loc[level].to_dict(),
        )
        for level, name, group in ((k, LEVEL_NAMES[k - 1], rated[levels == k]) for k in profiles.index)
    )


def _means(features: pd.DataFrame, people: pd.Series) -> dict[str, float]:
    """Mean of each feature over the people who have a value."""
    held = features.notna().mul(people, axis=0).sum()
    return {str(k): float(v) for k, v in (features.mul(people, axis=0).sum() / held.where(held > 0)).items()}


def used_features(rating: Rating, rules: Mapping[str, FeatureRule]) -> tuple[UsedFeature, ...]:
    """The features that the levels come from, as they were used; `rules` hold the chosen directions and units."""
    rows = zip(rating.used, rating.model.facts["transforms"], strict=True)
    return tuple(
        UsedFeature(n, rules[n].pillar, rules[n].system, rules[n].unit, rules[n].direction, kind, rules[n].description)
        for n, kind in rows
    )


def stability(rating: Rating) -> Stability:
    """How sure the levels of a rating are."""
    people = rating.people[rating.people > 0]
    agreement = rating.agreement.loc[people.index].astype(float)
    order = agreement.sort_values()
    half = np.searchsorted(people.loc[order.index].cumsum(), people.sum() / 2)
    ranges = level_range(rating.probabilities.loc[people.index])
    ranks = rating.certainty.ranks.loc[people.index]

    def share(chosen: pd.Series) -> float:
        return float(people[chosen.astype(bool)].sum() / people.sum())

    return Stability(
        len(rating.clusters),
        rating.stability,
        float(order.iloc[half]),
        share(ranges["level_high"] - ranges["level_low"] >= WIDE),
        share(ranges["level_low"] == ranges["level_high"]),
        float(np.average(ranks["rank_high"] - ranks["rank_low"], weights=people)),
        rating.certainty.kinds,
    )


def method_facts(rating: Rating, applied: str | None) -> MethodFacts:
    """How the levels of a rating came about; `applied` is the path of a model that was fitted elsewhere."""
    notes = rating.model.facts["notes"]
    return MethodFacts(
        rating.model.facts["method"], applied, notes.get("groups"), tuple(notes.get("support", ())), rating.orderings
    )


def additive_facts(cells: pd.DataFrame, people: pd.Series) -> AdditiveFacts:
    """How far the additive index of cells agrees with their level, by people."""
    rated = cells[cells["level"].notna()]
    held = people.loc[rated.index].to_numpy(np.float64)
    ranks = np.column_stack([midranks(rated[c].to_numpy(np.float64), held) for c in ("level", "additive")])
    same = rated["level"].to_numpy(int) == rated["additive_level"].to_numpy(int)
    return AdditiveFacts(float(correlations(ranks, held)[0, 1]), float(np.average(same, weights=held)))
