"""What a study adds to a rating: the tables that features come from, and the areas that people know."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import Problem, TableError
from holdfast.flows.choices import aims
from holdfast.flows.field_units import field_units
from holdfast.rating.analysis.aggregate import aggregate, weights_of
from holdfast.rating.analysis.areas import AreasSummary
from holdfast.rating.analysis.density import DensityEffects, density_effects
from holdfast.rating.analysis.weights import Weights, find_weights
from holdfast.rating.features.needs import alternatives
from holdfast.rating.features.rules import M2_PER_KM2, RULES, FeatureRule
from holdfast.rating.model.aims import meant
from holdfast.sources.readers import load
from holdfast.sources.shapes import Loaded
from holdfast.types import InputFile


@dataclass(frozen=True)
class Areas:
    """Levels of the areas of each table of the study, and the files their outlines came from."""

    layers: dict[str, gpd.GeoDataFrame]
    files: tuple[InputFile, ...]


def weights_and_density(
    cells: pd.DataFrame, scaled: pd.DataFrame, study: Study
) -> tuple[Weights | None, DensityEffects | None]:
    """Effective weights of features, pillars, systems and tables, and the pull of density.

    Parameters
    ----------
    cells : DataFrame
        ``level``, ``region_m2`` and perhaps ``housing_units``.
    scaled : DataFrame
        Rated cells, one column per used feature.
    study : Study
        With its tables; where there are none (a ready cell table) nothing is summed by table.

    Returns
    -------
    Weights or None, DensityEffects or None
        The first is None where all cells have one level, the second also where no homes are known.
    """
    groups = {
        "pillar": {name: rule.pillar for name, rule in RULES.items()},
        "system": {name: rule.system for name, rule in RULES.items()},
    }
    if study.tables:
        groups["table"] = {
            name: study.rating.replace.get(name, _table_of(rule, study.tables)) for name, rule in RULES.items()
        }
    levels = cells.loc[scaled.index, "level"].astype(float)
    weight, column = weights_of(cells)
    shares = dict(zip(scaled.columns, meant(list(scaled.columns), aims(study.rating)).sum(axis=0), strict=True))
    weights = find_weights(scaled, levels, groups, weight.loc[scaled.index].to_numpy(np.float64), shares)
    if weights is None or column == "region_m2":
        return weights, None
    density = (weight / (cells["region_m2"] / M2_PER_KM2)).loc[scaled.index]
    return weights, density_effects(scaled[[row.feature for row in weights.features]], levels, density)


def _table_of(rule: FeatureRule, tables: Collection[str]) -> str:
    """Table that a feature is measured from: the first alternative that the study has."""
    _, *measured_from = alternatives(rule)
    return next((table for table in measured_from if table in tables), measured_from[0])


def to_areas(study: Study, folder: Path, cells: gpd.GeoDataFrame, tables: Mapping[str, Loaded]) -> Areas:
    """Levels of the areas of the tables that the study names in ``rating.aggregate_to``, from cells with their levels.

    Tables that are not among those read already (`tables`) are read from `folder`.

    Raises
    ------
    TableError, DataMissing
        From the readers, or if a table holds no polygons.
    """
    weight, column = weights_of(cells)
    layers: dict[str, gpd.GeoDataFrame] = {}
    files: list[InputFile] = []
    for name in study.rating.aggregate_to:
        loaded = tables[name] if name in tables else load(name, study.tables[name], folder, None)
        if not loaded.table.geom_type.isin(["Polygon", "MultiPolygon"]).all():
            text = f"tables.{name} holds no polygons; levels can be summed up to areas with outlines alone"
            raise TableError("study", [Problem(text, column="rating.aggregate_to")])
        # not the features of the areas: next to levels of cells they would read as theirs
        outlines = loaded.table[[c for c in ("area_id", "name", "geometry") if c in loaded.table]]
        layers[name] = aggregate(cells, outlines, weight).rename(columns={"weight": column})
        files += loaded.files
    return Areas(layers, tuple(files))


def areas_table(name: str, found: AreasSummary, areas: Areas) -> pd.DataFrame:
    """One flat table of all areas: ``table`` (of the study), ``area_id`` and the columns of the layers; the whole metro first."""
    metro = asdict(found.metro)
    whole = pd.DataFrame([{"table": "metro", "area_id": name, found.weight: metro.pop("weight"), **metro}])
    parts = [whole]
    for table, layer in areas.layers.items():
        part = pd.DataFrame(layer.drop(columns="geometry"))
        part.insert(0, "table", table)
        parts.append(part)
    stacked = pd.concat(parts, ignore_index=True)
    numbers = stacked.select_dtypes("number").columns
    # four digits are more than a share of cells or homes is good for
    stacked[numbers] = stacked[numbers].astype(np.float64).round(4)
    return stacked


def area_units(layer: gpd.GeoDataFrame) -> dict[str, str]:
    """Unit of every field of the areas."""
    return field_units(layer.columns, ["area_levels"])


def cell_units(cells: gpd.GeoDataFrame, used: list[dict[str, Any]]) -> dict[str, str]:
    """Unit of every field of the cells, shares and counts told apart; `used` holds unit and description of the features.

    Columns of a study's own have the unit that it states, if any.
    """
    features = {row["feature"]: (row["unit"], row["description"]) for row in used}
    units = field_units([cells.index.name, *cells.columns], ["cells"], features=features)
    return {name: unit or cells.attrs["units"].get(name, "").removeprefix("1") for name, unit in units.items()}
