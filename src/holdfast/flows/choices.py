"""What a study chooses about a rating, put into the words of the core; names that nothing answers to are refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from holdfast.config import RatingOptions
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.keywords import keywords_of
from holdfast.rating.features.catalog import FEATURES
from holdfast.rating.features.measure import measure
from holdfast.rating.features.needs import Wanted, alternatives
from holdfast.rating.features.rules import PER, RULES, FeatureRule, chosen_rules
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.missing import DIRECTIONS, POLICIES
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.refitting import FitOptions
from holdfast.types import Region

STRAIGHT, STREETS = "straight", "streets"
STANDARD = "standard"
PILLARS = tuple(dict.fromkeys(rule.pillar for rule in RULES.values()))


def refuse_unknown(rating: RatingOptions) -> None:
    """Refuse choices that no feature, method or policy answers to.

    Raises
    ------
    UnknownName
        If a feature, a table to take it from, a way to count it or a method is not known.
    TableError
        If a value is none of those allowed, or a feature that is no count shall be taken per person or area.
    """
    chosen = {"features": rating.features or (), "also": rating.also, "leave_out": rating.leave_out}
    by_feature = {name: getattr(rating, name) for name in ("replace", "per", "directions", "missing")}
    sure, weights = rating.certainty, rating.weights
    by_feature |= {
        "certainty.errors": sure.errors,
        "certainty.doubts": sure.doubts,
        "weights.features": weights.features,
    }
    for key, names in {**chosen, **by_feature}.items():
        for name in names:
            if name not in RULES:
                raise UnknownName("feature", name, RULES, f"rating.{key}")
    for key, names in {"pillars": weights.pillars, "ranges": weights.ranges}.items():
        for name in names:
            if name not in PILLARS and not (key == "ranges" and name in RULES):
                raise UnknownName("pillar", name, PILLARS, f"rating.weights.{key}")
    # names are known from here on, so that the rules below can be looked up
    _refuse_other_values(rating.directions, DIRECTIONS, "rating.directions")
    _refuse_other_values(rating.missing, POLICIES, "rating.missing")
    for name, table in rating.replace.items():
        if table not in alternatives(RULES[name]):
            raise UnknownName("table", table, alternatives(RULES[name]), f"rating.replace.{name}")
    for name, unit in rating.per.items():
        if unit not in PER:
            raise UnknownName("way to count", unit, PER, f"rating.per.{name}")
        if not RULES[name].extent:
            counts = ", ".join(n for n, rule in RULES.items() if rule.extent)
            text = f"is no count, so there is nothing to divide; counts are: {counts}"
            raise TableError("study", [Problem(text, column=f"rating.per.{name}")])
    if rating.access not in (STRAIGHT, STREETS):
        raise UnknownName("access", rating.access, (STRAIGHT, STREETS), "rating.access")
    if rating.method not in METHODS:
        raise UnknownName("method", rating.method, METHODS, "rating.method")


def _refuse_other_values(chosen: Mapping[str, object], allowed: tuple[object, ...], key: str) -> None:
    """Refuse a choice by feature that is none of those allowed."""
    for name, value in chosen.items():
        if value not in allowed:
            text = f'"{value}" is not one of: {", ".join(str(a) for a in allowed)}'
            raise TableError("study", [Problem(text, column=f"{key}.{name}")])


def policies(rating: RatingOptions) -> dict[str, str]:
    """Policy for missing values of every feature: the study's over the schema's."""
    return {name: rating.missing.get(name, rule.missing) for name, rule in RULES.items()}


def rules(rating: RatingOptions) -> dict[str, FeatureRule]:
    """Rules of all features with the directions and units of the study."""
    return chosen_rules(rating.directions, rating.per)


def wanted(rating: RatingOptions) -> Wanted:
    """Which features the study asks for, and from which table."""
    return Wanted(rating.features, rating.also, rating.leave_out, rating.replace)


def measured(
    region: Region, tables: Mapping[str, pd.DataFrame], used: list[str], rating: RatingOptions
) -> pd.DataFrame:
    """Measure the features `used` of a region as a study says: every keyword that is a key of `rating` has its value.

    Parameters
    ----------
    region : Region
        With the cells to measure.
    tables : mapping
        Pieces, points and streets, as `holdfast.rating.features.measure.measure` takes them.
    used : list of str
        Features that the tables allow.
    rating : RatingOptions
        The study's section, with `access` and `per`.

    Raises
    ------
    DataMissing
        If distances shall be measured along streets, and there are no roads.
    """
    features = {name: FEATURES[name] for name in used}
    keywords: dict[str, Any] = {key: getattr(rating, key) for key in study_keys(features)}
    # straight distances are what a feature measures unless it is given a graph of streets
    if rating.access == STREETS and any(STREETS in keywords_of(f) for f in features.values()):
        if STREETS not in tables:
            text = 'rating.access = "streets" needs [tables.roads]; add it, or take "straight"'
            raise DataMissing(text)
        keywords[STREETS] = tables[STREETS]
    return measure(features, region.cells, tables, wanted=wanted(rating), per=rating.per, keywords=keywords)


def study_keys(features: Mapping[str, Callable[..., object]]) -> list[str]:
    """Keys of the study that these features read: their keywords of the same name.

    Examples
    --------
    >>> study_keys({"building_age": FEATURES["building_age"]})
    ['reference_year']
    """
    declared = {keyword for feature in features.values() for keyword in keywords_of(feature)}
    return [key for key in RatingOptions.model_fields if key in declared]


def aims(rating: RatingOptions) -> Aims:
    """What pillars and features are meant to weigh in a study."""
    chosen = rating.weights
    pillars = {name: rule.pillar for name, rule in RULES.items()}
    return Aims(pillars, chosen.pillars, chosen.features, chosen.range, chosen.ranges)


def certainty_options(rating: RatingOptions) -> CertaintyOptions:
    """What a study draws to see how sure a level is.

    A whole rating has the twelve features, but for those that the study leaves out by name.
    """
    sure = rating.certainty
    twelve = tuple(n for n, rule in RULES.items() if rule.default and n not in rating.leave_out)
    return CertaintyOptions(
        sure.draws, sure.error, sure.errors, sure.doubts, sure.left_out, twelve if sure.absent else ()
    )


def fit_options(rating: RatingOptions) -> FitOptions:
    """Method, refits, samples, weights and certainty of a study."""
    # a method takes of the last those that are keywords of its own
    return FitOptions(
        rating.method,
        rating.refits,
        rating.subsample,
        rating.most_cells,
        {
            "neighbour_weight": rating.neighbour_weight,
            "network": NetworkSettings(**rating.autoencoder.model_dump()),
        },
        aims(rating),
        certainty_options(rating),
    )


def transforms(rating: RatingOptions) -> dict[str, str]:
    """Transform of every feature: normal scores, or what the schema says."""
    # normal scores keep ranks alone; the standard ones keep distances, after the transform of the schema
    return schema_transforms(RULES) if rating.scores == STANDARD else dict.fromkeys(RULES, "normal")


def schema_transforms(names: Iterable[str]) -> dict[str, str]:
    """Transform of features by the schema; none of those that it does not know."""
    return {name: RULES[name].transform if name in RULES else "none" for name in names}
