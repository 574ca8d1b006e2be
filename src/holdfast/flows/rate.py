"""`holdfast rate`: from a study to levels on a map."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study, StudyLike
from holdfast.flows.choices import fit_options, policies, rules, transforms
from holdfast.flows.frames import rated_frame
from holdfast.flows.inputs import Gathered, gather, open_study
from holdfast.flows.models import applied_model, method_summary
from holdfast.flows.pooled_metros import NOT_SHARED, read_pool
from holdfast.flows.progress import Progress, silent
from holdfast.flows.report import write_report
from holdfast.flows.space import Areas, areas_summary, areas_table, pattern_columns, to_areas, weights_summary
from holdfast.flows.variants import sensitivity
from holdfast.pages.qgis import area_style, level_style
from holdfast.pages.rating_report import rating_parts
from holdfast.plain import plain
from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.analysis.moran import morans_i
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.levels import LEVELS
from holdfast.rating.model.missing import fill
from holdfast.rating.model.pool import Metro, cut_out, side_by_side
from holdfast.rating.model.result import Rating
from holdfast.rating.rate import apply_model, rate_cells
from holdfast.store import (
    new_result,
    result_place,
    run_id,
    versions,
    write_csv,
    write_geopackage,
    write_json,
    write_model,
)
from holdfast.tables import schema
from holdfast.types import Model, Provenance

UNCERTAIN = 0.6
PATTERN_STREAM = 1  # the rating itself takes stream 0
NOTICE = "Holdfast rating, a screening result. Cite Yin, Li & Mostafavi (2026), doi 10.1038/s42949-026-00364-7, and this software."


@dataclass(frozen=True)
class Rated:
    """A rating before it is written: cells, the content of ``rating.json``, provenance."""

    cells: gpd.GeoDataFrame
    summary: dict[str, Any]
    provenance: Provenance
    areas: Areas
    model: Model


def rate(
    study: StudyLike | pd.DataFrame,
    *,
    directions: Mapping[str, int] | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Rate every cell of a region, or every row of a frame of own features.

    Parameters
    ----------
    study : Study, mapping, str, Path or DataFrame
        A study, its content as in TOML, or a study file. Or a frame, with or without shapes, whose columns are features:
        see `holdfast.rating.rate_frame`.
    directions : mapping, optional
        Feature to 1 (more is better) or -1 (more is worse), over the study's. Of a frame: the columns to rate by; those
        that are features of Holdfast if omitted.
    out : str or Path, optional
        Result folder to write; nothing is written without it.
    overwrite : bool
        Replace the result of another study, and files of a result that were changed since.
    overrides : mapping, optional
        Dotted key of the study to value, such as ``{"seed": 2, "rating.refits": 50}``; ``data`` is
        the folder of the input files, relative to the working directory. Of a frame: ``seed``, and what stands under
        ``rating`` about directions, missing values, scores, method and refits.
    progress : callable, optional
        Called with each step and the share done.

    Returns
    -------
    GeoDataFrame
        One row per cell, index ``cell_id``, columns of schema ``cells`` and the features;
        ``attrs`` holds ``units`` by column and the ``summary`` of ``rating.json``. Of a frame: as of
        `holdfast.rating.rate_frame`, a DataFrame where there are no shapes.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For bad input; nothing is written.
    NotConverged
        If no five levels come out.
    """
    if isinstance(study, pd.DataFrame):
        return rated_frame(study, directions, overrides, out)
    if directions:
        overrides = {**(overrides or {}), **{f"rating.directions.{name}": d for name, d in directions.items()}}
    options, folder = open_study(study, overrides or {})
    place = None if out is None else result_place(out, "rate", options.name, overwrite)
    done = rated(options, folder, progress)
    if place is not None:
        progress("writing the result", 0.9)
        with new_result(place, done.provenance, overwrite) as target:
            write_rating(target, done)
            write_report(target, done.provenance, {"rating": rating_parts(done.cells, plain(done.summary))})
    progress("done", 1.0)
    return done.cells


def rated(study: Study, folder: Path, progress: Progress) -> Rated:
    """Rate a region and describe the rating; write nothing.

    Parameters
    ----------
    study : Study
        With a region.
    folder : Path
        Folder of the input files.
    progress : callable
        Called with each step and the share done.

    Raises
    ------
    TableError, UnknownName, DataMissing, NotConverged
        As `rate`.
    """
    gathered = gather(study, folder, progress)
    metros, pooled = read_pool(study, folder)
    model, frozen = applied_model(study, folder)
    progress("fitting the model" if model is None else "applying the model", 0.35)
    rating, flags = _fit(study, gathered, metros, model)
    progress("describing the pattern", 0.7)
    cells = _cells(gathered, rating, flags)
    summary = _summary(study, gathered, rating, cells)
    columns, pattern = pattern_columns(cells, gathered)
    cells.insert(cells.columns.get_loc("region_m2"), "local_pattern", columns["local_pattern"])
    cells.insert(cells.columns.get_loc("region_m2"), "pocket", columns["pocket"])
    areas = to_areas(study, folder, cells)
    summary |= {
        "pool": sorted(metros),
        "pattern": pattern,
        **weights_summary(cells, rating.scaled, study),
        "areas": areas_summary(cells, areas),
    }
    if study.rating.sensitivity.enabled:
        summary["sensitivity"] = sensitivity(
            study,
            folder,
            gathered,
            cells,
            lambda other, data: _fit(other, data, metros)[0],
            lambda step, share: progress(step, 0.75 + 0.15 * share),
        )
    files = (*gathered.files, *pooled, *frozen, *(f for f in areas.files if f not in gathered.files))
    provenance = Provenance(
        "rate", study.name, study.model_dump(mode="json", exclude={"data"}), study.seed, files, versions()
    )
    summary["run"] = run_id(provenance)
    cells.attrs = {"units": _units(cells, study), "summary": summary}
    return Rated(cells, summary, provenance, areas, rating.model)


def _fit(
    study: Study, gathered: Gathered, metros: Mapping[str, Metro], model: Model | None = None
) -> tuple[Rating, pd.DataFrame]:
    """Rating of what was gathered, together with the metros of the pool, and the flags of filled values."""
    filled, reasons, flags = fill(gathered.features, gathered.homes, policies(study.rating))
    own = Metro(filled, reasons, gathered.touching, gathered.region.cell_size)
    pool = side_by_side({**metros, study.name: own}) if metros else own
    absent = gathered.absent | {str(c): NOT_SHARED for c in filled.columns if c not in pool.features}
    if model is not None:
        rating = apply_model(model, filled, touching=own.touching, reasons=reasons, absent=absent)
        return rating, flags
    rating = rate_cells(
        pool.features,
        {name: rule.direction for name, rule in rules(study.rating).items()},
        transforms=transforms(study.rating),
        touching=pool.touching,
        reasons=pool.reasons,
        absent=absent,
        options=fit_options(study.rating),
        seed=int(np.random.SeedSequence(study.seed).spawn(2)[0].generate_state(1, np.uint64)[0]),
    )
    return cut_out(rating, study.name, filled.index) if metros else rating, flags


def _cells(gathered: Gathered, rating: Rating, flags: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join levels, index, features and flags to the squares."""
    pillars = {name: rule.pillar for name, rule in RULES.items()}
    index = additive_index(rating.scaled, pillars).reindex(rating.levels.index)
    index["additive_level"] = index["additive_level"].astype("Int64")
    shares = rating.probabilities.rename(columns=lambda level: f"p_level_{level}")
    reasons = rating.reasons.where(rating.reasons != "", None)
    table = pd.DataFrame({"level": rating.levels, "reason": reasons, "agreement": rating.agreement})
    table = table.join(shares).join(index)
    if gathered.homes is not None:
        table["housing_units"] = gathered.homes
    table["region_m2"] = gathered.region.cells["region_m2"]
    table = table.join(gathered.features[list(gathered.features.columns)]).join(flags)
    return gpd.GeoDataFrame(table, geometry=gathered.region.cells.geometry, crs=gathered.region.crs)


def _units(cells: gpd.GeoDataFrame, study: Study) -> dict[str, str]:
    """Unit of every column, from the schemas."""
    units = {rule.column: rule.unit for rule in schema("cells")}
    units |= {name: rule.unit for name, rule in rules(study.rating).items()}
    return {str(c): units.get(str(c), "1") for c in cells.columns if c != "geometry"}


def _summary(study: Study, gathered: Gathered, rating: Rating, cells: gpd.GeoDataFrame) -> dict[str, Any]:
    """Everything about a rating that is not per cell."""
    known = rules(study.rating)
    generator = np.random.default_rng(np.random.SeedSequence(study.seed).spawn(2)[PATTERN_STREAM])
    rated = cells[cells["level"].notna()]
    touching = among(gathered.touching, cells["level"].notna().to_numpy())
    permutations = study.rating.permutations
    same = rated["level"].to_numpy(int) == rated["additive_level"].to_numpy(int)
    levels = rated["level"].astype(int)
    profiles = rating.cluster_profiles.reindex(range(1, LEVELS + 1))  # null for a level that no cell has
    ranks = rated[["level", "additive"]].astype(float).rank()
    return {
        "name": study.name,
        "cell_size_m": gathered.region.cell_size,
        "crs": gathered.region.crs,
        "cells": len(cells),
        "rated": len(rated),
        "unrated": cells.loc[cells["level"].isna(), "reason"].value_counts().to_dict(),
        "levels": [
            {
                "level": int(level),
                "cells": len(group),
                "region_km2": group["region_m2"].sum() / 1e6,
                "housing_units": group["housing_units"].sum() if "housing_units" in group else None,
                "features": group[list(rating.used)].mean().to_dict(),
                "scaled": profiles.loc[level].to_dict(),
            }
            for level, group in ((k, rated[levels == k]) for k in profiles.index)
        ],
        "features_used": [
            {
                "feature": name,
                "pillar": known[name].pillar,
                "system": known[name].system,
                "unit": known[name].unit,
                "direction": known[name].direction,
                "transform": rating.model.facts["transforms"][place],
                "description": known[name].description,
            }
            for place, name in enumerate(rating.used)
        ],
        "features_absent": rating.absent,
        "moran": {
            name: asdict(morans_i(rated, name, touching=touching, permutations=permutations, seed=generator))
            for name in ("level", "additive")
        },
        "stability": {
            "refits": len(rating.clusters),
            "mean_adjusted_rand_index": rating.stability,
            "median_agreement": float(rated["agreement"].median()),
            "share_uncertain": float((rated["agreement"] < UNCERTAIN).mean()),
        },
        "method": method_summary(study.rating, rating),
        "additive": {"spearman": float(ranks.corr().iloc[0, 1]), "same_level_share": float(same.mean())},
        "totals": gathered.totals,
    }


def write_rating(folder: Path, done: Rated) -> None:
    """Write the result files of a rating, without manifest and report.

    Parameters
    ----------
    folder : Path
        Folder to write into.
    done : Rated
        The rating.
    """
    about = f"{NOTICE} Run {done.summary['run']}. Licences of the inputs: see manifest.json."
    flat = done.cells.copy()
    flat.attrs = {}
    centres = flat.geometry.centroid.to_crs("EPSG:4326")
    flat.to_parquet(folder / "cells.parquet")
    write_geopackage(folder / "cells.gpkg", {"cells": flat.reset_index()}, {"cells": level_style()}, about)
    columns = ["level", "agreement", "additive_level", "reason"]
    twin = flat[columns].assign(longitude=centres.x.round(5), latitude=centres.y.round(5))
    write_csv(folder / "levels.csv", twin.reset_index())
    write_json(folder / "rating.json", done.summary)
    write_model(folder, done.model)
    if done.areas.layers:
        about_areas = {name: area_style() for name in done.areas.layers}
        write_geopackage(folder / "areas.gpkg", done.areas.layers, about_areas, about)
        found = done.summary["areas"]
        write_csv(folder / "areas.csv", areas_table(done.summary["name"], found["metro"], found["weight"], done.areas))
