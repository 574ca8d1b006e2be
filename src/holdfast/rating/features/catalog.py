"""All features by name, and which of them the data at hand allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import pandas as pd

from holdfast.config import RatingOptions
from holdfast.errors import UnknownName
from holdfast.rating.features.measure import Feature, Tables
from holdfast.rating.features.redundancy import hospitals_within_reach
from holdfast.rating.features.resourcefulness import education, green_space, internet_speed, road_density
from holdfast.rating.features.robustness import building_age, health_insurance, poverty
from holdfast.tables import schema_rows

FEATURES: dict[str, Feature] = {
    "building_age": building_age,
    "poverty": poverty,
    "health_insurance": health_insurance,
    "hospitals_within_reach": hospitals_within_reach,
    "road_density": road_density,
    "internet_speed": internet_speed,
    "green_space": green_space,
    "education": education,
}


@dataclass(frozen=True)
class FeatureRule:
    """One row of ``schema/features.csv``."""

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


@cache
def feature_rules() -> dict[str, FeatureRule]:
    """The twelve features of the rating with pillar, system, unit, direction and needs.

    Returns
    -------
    dict
        By feature name; ``needs`` holds groups of alternatives, each ``table`` or ``table.column``.

    Examples
    --------
    >>> feature_rules()["green_space"].needs
    (('greenness.ndvi', 'areas.ndvi'),)
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
        )
        for row in schema_rows("features")
    }


def available(columns: Mapping[str, set[str]], wanted: list[str] | None) -> tuple[list[str], dict[str, str]]:
    """Which features the tables at hand allow.

    Parameters
    ----------
    columns : mapping
        Table name to the names of its columns that hold a value anywhere.
    wanted : list of str or None
        Features that the study asks for; None for all.

    Returns
    -------
    list of str
        Features to compute, in the order of the schema.
    dict
        Absent feature to the reason.

    Raises
    ------
    UnknownName
        If `wanted` holds an unknown feature.

    Examples
    --------
    >>> used, absent = available({"areas": {"poverty_share", "housing_units"}}, ["poverty", "road_density"])
    >>> used, absent["road_density"], absent["education"]
    (['poverty'], 'no data: needs roads', 'left out by the study')
    """
    rules = feature_rules()
    for name in wanted or ():
        if name not in rules:
            raise UnknownName("feature", name, rules, "rating.features")

    def there(need: str) -> bool:
        table, _, column = need.partition(".")
        return table in columns and (not column or column in columns[table])

    used, absent = [], {}
    for name, rule in rules.items():
        lacking = [" or ".join(group) for group in rule.needs if not any(there(need) for need in group)]
        if wanted is not None and name not in wanted:
            absent[name] = "left out by the study"
        elif lacking:
            absent[name] = f"no data: needs {', '.join(lacking)}"
        elif name not in FEATURES:
            absent[name] = "not measured by this version of Holdfast"
        else:
            used.append(name)
    return used, absent


def measure(cells: gpd.GeoDataFrame, tables: Tables, names: list[str], options: RatingOptions) -> pd.DataFrame:
    """Compute features of all cells.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, column ``region_m2``.
    tables : mapping
        Polygons and lines as pieces in cells, points as they are.
    names : list of str
        Features to compute.
    options : RatingOptions
        Options that features read.

    Returns
    -------
    DataFrame
        Index ``cell_id``, one column per feature, in its own unit; null where not known.
    """
    return pd.DataFrame({name: FEATURES[name](cells, tables, options) for name in names}, index=cells.index)
