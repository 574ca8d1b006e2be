"""All features by name, which of them the data at hand allow, and what the study changes about them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.rating.features.measure import Feature, Tables, mean, total
from holdfast.rating.features.redundancy import (
    alternative_routes,
    cell_towers_within_reach,
    hospital_beds_within_reach,
    hospitals_within_reach,
    power_supply,
    second_means,
    telecom_supply,
)
from holdfast.rating.features.resourcefulness import (
    M2_PER_KM2,
    community_places,
    education,
    emergency_services,
    green_space,
    internet_speed,
    road_density,
    social_cohesion,
)
from holdfast.rating.features.robustness import (
    building_age,
    cell_tower_coverage,
    disability,
    elderly,
    flood_exposure,
    health_insurance,
    heat,
    pollution,
    poverty,
)
from holdfast.rating.grid.accessibility import sum_within
from holdfast.tables import schema_rows

FEATURES: dict[str, Feature] = {
    "building_age": building_age,
    "cell_tower_coverage": cell_tower_coverage,
    "poverty": poverty,
    "health_insurance": health_insurance,
    "hospitals_within_reach": hospitals_within_reach,
    "alternative_routes": alternative_routes,
    "cell_towers_within_reach": cell_towers_within_reach,
    "second_means": second_means,
    "road_density": road_density,
    "internet_speed": internet_speed,
    "green_space": green_space,
    "education": education,
    "elderly": elderly,
    "disability": disability,
    "heat": heat,
    "pollution": pollution,
    "flood_exposure": flood_exposure,
    "hospital_beds_within_reach": hospital_beds_within_reach,
    "power_supply": power_supply,
    "telecom_supply": telecom_supply,
    "emergency_services": emergency_services,
    "social_cohesion": social_cohesion,
    "community_places": community_places,
}
GIVEN = "given"  # the table of ready values, one column per feature
PER_UNITS = {"person": "person", "km2": "km2"}
PERSONS = 1000.0  # features per person are per so many
CELL = "cell"  # extent of a feature that counts inside the cell; others name the option that holds their reach


@dataclass(frozen=True)
class FeatureRule:
    """One row of ``schema/features.csv``.

    ``needs`` holds groups of alternatives, each ``table`` or ``table.column``. ``extent`` says over which
    ground a count is taken: ``cell``, the name of the option with its reach, or nothing for what is no count.
    """

    name: str
    pillar: str
    system: str
    unit: str
    direction: int
    transform: str
    missing: str
    needs: tuple[tuple[str, ...], ...]
    source: str
    description: str
    default: bool
    extent: str


@cache
def feature_rules() -> dict[str, FeatureRule]:
    """All features with pillar, system, unit, direction and needs: the twelve of the rating, then optional ones.

    Returns
    -------
    dict
        By feature name, in the order of the schema.

    Examples
    --------
    >>> feature_rules()["poverty"].needs
    (('areas.poverty_share',), ('areas.housing_units',))
    >>> sum(rule.default for rule in feature_rules().values())
    12
    """
    return {
        row["column"]: FeatureRule(
            name=row["column"],
            pillar=row["pillar"],
            system=row["system"],
            unit=row["unit"],
            direction=int(row["direction"]),
            transform=row["transform"],
            missing=row["missing"],
            needs=tuple(tuple(group.split("|")) for group in row["needs"].split(";")),
            source=row["source"],
            description=row["description"],
            default=row["default"] == "yes",
            extent=row["extent"],
        )
        for row in schema_rows("features")
    }


def study_rules(options: RatingOptions) -> dict[str, FeatureRule]:
    """The rules with the directions and units that a study chooses.

    Parameters
    ----------
    options : RatingOptions
        ``directions`` and ``per``.

    Returns
    -------
    dict
        By feature name.

    Examples
    --------
    >>> rules = study_rules(RatingOptions(directions={"road_density": -1}, per={"hospitals_within_reach": "person"}))
    >>> rules["road_density"].direction, rules["hospitals_within_reach"].unit
    (-1, '1/1000 persons')
    """
    rules = {}
    for name, rule in feature_rules().items():
        unit = rule.unit.removesuffix("/km2") if rule.extent == CELL else rule.unit
        if options.per.get(name) == "person":
            unit = f"{unit}/{PERSONS:.0f} persons"
        elif options.per.get(name) == "km2" or rule.extent == CELL:
            unit = f"{unit}/km2"
        rules[name] = replace(rule, unit=unit, direction=options.directions.get(name, rule.direction))
    return rules


def settle_choices(options: RatingOptions) -> None:
    """Refuse choices of features that nothing answers to.

    Parameters
    ----------
    options : RatingOptions
        ``features``, ``also``, ``leave_out``, ``replace`` and ``per``.

    Raises
    ------
    UnknownName
        If a feature, a table to take it from, or a way to count it is not known.
    TableError
        If a feature that is no count shall be taken per person or area.
    """
    rules = feature_rules()
    chosen = {"features": options.features or (), "also": options.also, "leave_out": options.leave_out}
    for key, names in {**chosen, "replace": options.replace, "per": options.per}.items():
        for name in names:
            if name not in rules:
                raise UnknownName("feature", name, rules, f"rating.{key}")
    for name, table in options.replace.items():
        known = [GIVEN, *dict.fromkeys(need.partition(".")[0] for group in rules[name].needs for need in group)]
        if table not in known:
            raise UnknownName("table", table, known, f"rating.replace.{name}")
    for name, unit in options.per.items():
        if unit not in PER_UNITS:
            raise UnknownName("way to count", unit, PER_UNITS, f"rating.per.{name}")
        if not rules[name].extent:
            counts = ", ".join(n for n, rule in rules.items() if rule.extent)
            text = f"is no count, so there is nothing to divide; counts are: {counts}"
            raise TableError("study", [Problem(text, column=f"rating.per.{name}")])


def available(
    columns: Mapping[str, set[str]], wanted: list[str] | None, options: RatingOptions | None = None
) -> tuple[list[str], dict[str, str]]:
    """Which features the tables at hand allow.

    Parameters
    ----------
    columns : mapping
        Table name to the names of its columns that hold a value anywhere.
    wanted : list of str or None
        Features that the study asks for; None for the twelve.
    options : RatingOptions, optional
        ``also``, ``leave_out`` and ``replace``.

    Returns
    -------
    list of str
        Features to compute, in the order of the schema.
    dict
        Absent feature to the reason; optional features only where the study asks for them.

    Raises
    ------
    UnknownName
        If `wanted` or `options` hold an unknown feature.

    Examples
    --------
    >>> used, absent = available({"areas": {"poverty_share", "housing_units"}}, ["poverty", "road_density"])
    >>> used, absent["road_density"], absent["education"]
    (['poverty'], 'no data: needs roads', 'left out by the study')
    """
    options = (options or RatingOptions()).model_copy(update={"features": wanted})
    settle_choices(options)
    used, absent = [], {}
    for name, rule in feature_rules().items():
        asked = (rule.default if wanted is None else name in wanted) or name in options.also
        if not asked or name in options.leave_out:
            if rule.default or name in options.leave_out:
                absent[name] = "left out by the study"
            continue
        lacking = _lacking(rule, columns, options.replace.get(name))
        if lacking and options.replace.get(name) is None and name in columns.get(GIVEN, ()):
            lacking = []
        if lacking:
            absent[name] = f"no data: needs {', '.join(lacking)}"
        else:
            used.append(name)
    return used, absent


def _lacking(rule: FeatureRule, columns: Mapping[str, set[str]], instead: str | None = None) -> list[str]:
    """Needs of a feature that no table meets; `instead` is the table that the study takes it from."""
    groups = [[f"{GIVEN}.{rule.name}"]] if instead == GIVEN else [list(group) for group in rule.needs]
    if instead not in (None, GIVEN):
        narrowed = [[n for n in group if n.partition(".")[0] == instead] for group in groups]
        groups = [mine or group for mine, group in zip(narrowed, groups, strict=True)]

    def there(need: str) -> bool:
        table, _, column = need.partition(".")
        return table in columns and (not column or column in columns[table])

    return [" or ".join(group) for group in groups if not any(there(need) for need in group)]


def measure(cells: gpd.GeoDataFrame, tables: Tables, names: list[str], options: RatingOptions) -> pd.DataFrame:
    """Compute features of all cells.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``.
    tables : mapping
        Polygons and lines as pieces in cells, points as they are; ``streets`` where there are roads.
    names : list of str
        Features to compute.
    options : RatingOptions
        Options that features read.

    Returns
    -------
    DataFrame
        Index ``cell_id``, one column per feature, in the unit of `study_rules`; null where not known.

    Raises
    ------
    DataMissing
        If a feature shall be taken per person and nothing says where people live.
    """
    columns = {name: set(table.columns) for name, table in tables.items()}
    measured = {}
    for name in names:
        rule = feature_rules()[name]
        instead = options.replace.get(name)
        given = instead == GIVEN or bool(instead is None and _lacking(rule, columns))
        values = _given(cells, tables, rule) if given else FEATURES[name](cells, tables, options)
        measured[name] = _per(values, cells, tables, rule, options)
    return pd.DataFrame(measured, index=cells.index)


def _given(cells: gpd.GeoDataFrame, tables: Tables, rule: FeatureRule) -> pd.Series:
    """Mean of ready values, by homes for features of the system society where homes are given, else by area."""
    weight = "housing_units" if rule.system == "society" and "housing_units" in tables[GIVEN] else None
    return mean(tables[GIVEN], rule.name, cells.index, weight)


def _per(
    values: pd.Series, cells: gpd.GeoDataFrame, tables: Tables, rule: FeatureRule, options: RatingOptions
) -> pd.Series:
    """Divide a count by the people or the area on the ground over which it was taken."""
    unit = options.per.get(rule.name)
    if unit is None or (unit == "km2" and rule.extent == CELL):
        return values
    area = cells["region_m2"] / M2_PER_KM2
    ground = area if unit == "km2" else _people(cells, tables, rule.name)
    if rule.extent == CELL:
        values = values * area
    else:
        ground = sum_within(cells, ground, float(getattr(options, rule.extent)))
    return (values / ground.where(ground > 0, np.nan)).rename(rule.name)


def _people(cells: gpd.GeoDataFrame, tables: Tables, feature: str) -> pd.Series:
    """Thousands of residents of each cell, or of homes where residents are not known."""
    areas = tables.get("areas", pd.DataFrame())
    for column in ("population", "housing_units"):
        if column in areas and areas[column].notna().any():
            return total(areas, column, cells.index) / PERSONS
    text = f'rating.per.{feature} = "person" needs areas.population or areas.housing_units; add one, or take "km2"'
    raise DataMissing(text)
