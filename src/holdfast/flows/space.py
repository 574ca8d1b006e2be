"""What a rating says of places: its pattern, what it weighs, and the areas that people know."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import Problem, TableError
from holdfast.flows.inputs import Gathered
from holdfast.rating.analysis.aggregate import aggregate, whole_metro
from holdfast.rating.analysis.density import density_effects
from holdfast.rating.analysis.joins import join_counts
from holdfast.rating.analysis.local_moran import local_moran
from holdfast.rating.analysis.pockets import pockets
from holdfast.rating.analysis.weights import grouped, relative_weights
from holdfast.rating.features.needs import alternatives
from holdfast.rating.features.rules import RULES, FeatureRule
from holdfast.rating.grid.adjacency import among
from holdfast.sources.readers import load
from holdfast.types import InputFile, Region

M2_PER_KM2 = 1e6
FIRST_AREAS = 15
FIRST_POCKETS = 15
LOW_POCKET = "low among high"


@dataclass(frozen=True)
class Areas:
    """Levels of the areas of each table of the study, and the files their outlines came from."""

    layers: dict[str, gpd.GeoDataFrame]
    files: tuple[InputFile, ...]


def weights_of(cells: pd.DataFrame) -> tuple[pd.Series, str]:
    """Weight of each cell: its homes where any are known, else its area of the region.

    Parameters
    ----------
    cells : DataFrame
        Index ``cell_id``; ``region_m2`` and perhaps ``housing_units``.

    Returns
    -------
    Series
        Index ``cell_id``, no nulls.
    str
        Column that it comes from.
    """
    if "housing_units" in cells and cells["housing_units"].sum() > 0:
        return cells["housing_units"].fillna(0.0), "housing_units"
    return cells["region_m2"], "region_m2"


def pattern_columns(cells: pd.DataFrame, gathered: Gathered) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Local pattern and pockets of the levels.

    Parameters
    ----------
    cells : DataFrame
        Index ``cell_id``, column ``level``.
    gathered : Gathered
        Which cells touch, and where they lie.

    Returns
    -------
    DataFrame
        Index ``cell_id`` of all cells: ``local_pattern`` and ``pocket`` (kind and number), null where not rated.
    dict
        ``local``, ``join_counts`` and ``pockets`` for ``rating.json``.
    """
    levels = cells.loc[cells["level"].notna(), "level"].astype(int)
    touching = among(gathered.touching, cells["level"].notna().to_numpy())
    local = local_moran(levels, touching)
    found = pockets(levels, touching)
    weight, _ = weights_of(cells)
    found["weight"] = [float(weight[list(members)].sum()) for members in found["members"]]
    words = [f"{row.kind} {row.Index + 1}" for row in found.itertuples()]
    names = {cell: word for members, word in zip(found["members"], words, strict=True) for cell in members}
    kinds = local["local_pattern"].value_counts()
    columns = pd.DataFrame(
        {
            "local_pattern": local["local_pattern"].reindex(cells.index),
            "pocket": pd.Series(names, dtype="object").reindex(cells.index),
        }
    )
    by_kind = found.groupby("kind")["cells"].agg(["size", "sum"])
    summary = {
        "local": {str(name): int(kinds[name]) for name in sorted(kinds.index)},
        "join_counts": join_counts(levels, touching).to_dict("records"),
        "pockets": {
            "counts": [
                {"kind": str(kind), "pockets": int(size), "cells": int(total)}
                for kind, size, total in by_kind.itertuples()
            ],
            "first": _first_pockets(found, gathered.region),
        },
    }
    return columns, summary


def _first_pockets(found: pd.DataFrame, region: Region) -> list[dict[str, Any]]:
    """Pockets to look at first: low ones, those with most weight ahead."""
    order = found.assign(low=found["kind"] != LOW_POCKET, less=-found["weight"]).sort_values(["low", "less"])
    rows = []
    for row in order.head(FIRST_POCKETS).itertuples():
        middle = region.cells.loc[list(row.members)].union_all().centroid
        place = gpd.GeoSeries([middle], crs=region.crs).to_crs("EPSG:4326").iloc[0]
        rows.append(
            {
                "pocket": int(row.Index) + 1,
                "kind": row.kind,
                "cells": row.cells,
                "ring_share": row.ring_share,
                "weight": row.weight,
                "longitude": round(place.x, 5),
                "latitude": round(place.y, 5),
            }
        )
    return rows


def weights_summary(cells: pd.DataFrame, scaled: pd.DataFrame, study: Study) -> dict[str, Any]:
    """Effective weights of features, pillars, systems and tables, and the pull of density.

    Parameters
    ----------
    cells : DataFrame
        Index ``cell_id``; ``level``, ``region_m2`` and perhaps ``housing_units``.
    scaled : DataFrame
        Index ``cell_id`` of the rated cells, one column per used feature.
    study : Study
        Its tables; with none (a ready cell table) nothing is summed by table.

    Returns
    -------
    dict
        ``weights`` (null where all cells have one level) and ``density`` (null also where no homes are
        known) for ``rating.json``.
    """
    levels = cells.loc[scaled.index, "level"].astype(float)
    scaled = scaled.loc[:, scaled.max() > scaled.min()]  # a feature of a pool or model may be the same all over here
    if levels.nunique() < 2 or scaled.shape[1] < 1:
        return {"weights": None, "density": None}
    table, explained = relative_weights(scaled, levels)
    belongs = {
        "pillar": {name: rule.pillar for name, rule in RULES.items()},
        "system": {name: rule.system for name, rule in RULES.items()},
    }
    if study.tables:
        belongs["table"] = {
            name: study.rating.replace.get(name, _table_of(rule, study.tables)) for name, rule in RULES.items()
        }
    groups = {
        f"by_{kind}": grouped(table, of_feature).reset_index(names=kind).to_dict("records")
        for kind, of_feature in belongs.items()
    }
    weights = {"explained_share": explained, "features": table.reset_index().to_dict("records"), **groups}
    weight, column = weights_of(cells)
    if column == "region_m2":
        return {"weights": weights, "density": None}
    density = (weight / (cells["region_m2"] / M2_PER_KM2)).loc[scaled.index]
    found = density_effects(scaled, levels, density)
    shown = {**asdict(found), "features": found.features.reset_index().to_dict("records")}
    return {"weights": weights, "density": shown}


def _table_of(rule: FeatureRule, tables: Collection[str]) -> str:
    """Table that a feature is measured from: the first alternative that the study has."""
    _, *measured_from = alternatives(rule)
    return next((table for table in measured_from if table in tables), measured_from[0])


def to_areas(study: Study, folder: Path, cells: gpd.GeoDataFrame) -> Areas:
    """Levels of the areas of the tables that the study names in ``rating.aggregate_to``.

    Parameters
    ----------
    study : Study
        Its tables are read once more, since a rating keeps no outlines.
    folder : Path
        Folder of the input files.
    cells : GeoDataFrame
        Rated cells.

    Raises
    ------
    TableError, DataMissing
        From the readers, or if a table holds no polygons.
    """
    weight, column = weights_of(cells)
    layers: dict[str, gpd.GeoDataFrame] = {}
    files: list[InputFile] = []
    for name in study.rating.aggregate_to:
        loaded = load(name, study.tables[name], folder, None)
        if not loaded.table.geom_type.isin(["Polygon", "MultiPolygon"]).all():
            text = f"tables.{name} holds no polygons; levels can be summed up to areas with outlines alone"
            raise TableError("study", [Problem(text, column="rating.aggregate_to")])
        outlines = loaded.table[[c for c in ("area_id", "name", "geometry") if c in loaded.table]]
        layers[name] = aggregate(cells, outlines, weight).rename(columns={"weight": column})
        files += loaded.files
    return Areas(layers, tuple(files))


def areas_summary(cells: gpd.GeoDataFrame, areas: Areas) -> dict[str, Any]:
    """Levels of the metro and of the areas to look at first.

    Parameters
    ----------
    cells : GeoDataFrame
        Rated cells.
    areas : Areas
        From `to_areas`.

    Returns
    -------
    dict
        ``weight`` (column), ``metro`` (as one area), ``tables``: by name ``areas``, ``rated`` and
        ``first``, the areas with most weight in levels 1 and 2.
    """
    weight, column = weights_of(cells)
    metro = asdict(whole_metro(cells, weight))
    tables = {}
    for name, layer in areas.layers.items():
        plain = pd.DataFrame(layer.drop(columns="geometry"))
        low = plain[column] * (plain["share_level_1"] + plain["share_level_2"])
        first = plain.assign(low=low).loc[low.fillna(0.0).sort_values(ascending=False, kind="stable").index]
        first = first[first["low"] > 0].head(FIRST_AREAS).rename(columns={column: "weight"})
        rows = first.astype(object).where(first.notna(), None).to_dict("records")
        tables[name] = {"areas": len(layer), "rated": int(layer["mean_level"].notna().sum()), "first": rows}
    return {"weight": column, "metro": metro, "tables": tables}


def areas_table(name: str, metro: dict[str, Any], column: str, areas: Areas) -> pd.DataFrame:
    """One flat table of all areas, the whole metro first.

    Parameters
    ----------
    name : str
        Of the metro.
    metro : dict
        From `areas_summary`.
    column : str
        Name of the weight.
    areas : Areas
        From `to_areas`.

    Returns
    -------
    DataFrame
        ``table`` (of the study; "metro" in the first row), ``area_id`` and the columns of the layers.
    """
    whole = pd.DataFrame([{"table": "metro", "area_id": name, column: metro["weight"], **metro}]).drop(columns="weight")
    parts = [whole]
    for table, layer in areas.layers.items():
        part = pd.DataFrame(layer.drop(columns="geometry"))
        part.insert(0, "table", table)
        parts.append(part)
    stacked = pd.concat(parts, ignore_index=True)
    numbers = stacked.select_dtypes("number").columns
    stacked[numbers] = stacked[numbers].astype(np.float64).round(4)
    return stacked
