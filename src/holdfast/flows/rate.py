"""`holdfast rate`: from a study to levels on a map, or from own features to levels."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.config import StudyLike
from holdfast.flows.explained import Explained, explainable, explained, write_drivers
from holdfast.flows.handed_on import handed_on, write_handed_on
from holdfast.flows.inputs import open_study
from holdfast.flows.other_maps import other_maps, write_other_maps
from holdfast.flows.overlaid import overlaid, with_risk, write_overlay
from holdfast.flows.own_frame import rated_frame
from holdfast.flows.progress import Progress, silent
from holdfast.flows.public_tables import WORDS, marked, public_words
from holdfast.flows.rated_region import Rated, rated
from holdfast.flows.report import GROUND, write_report
from holdfast.flows.space import area_units, areas_table, cell_units
from holdfast.pages.explanation_report import explanation_parts
from holdfast.pages.model_card import governance_parts
from holdfast.pages.overlay_report import overlay_parts
from holdfast.pages.qgis import area_style, level_style, with_aliases
from holdfast.pages.rating_report import rating_parts
from holdfast.rating.model.levels import level_names
from holdfast.store import new_result, result_place, write_csv, write_geopackage, write_json, write_model, write_parquet

NOTICE = "Holdfast rating, a screening result. Cite Yin, Li & Mostafavi (2026), doi 10.1038/s42949-026-00364-7, and this software."


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
        Called with each step and the share done, 0..1.

    Returns
    -------
    GeoDataFrame
        One row per cell, index ``cell_id``, columns of schema ``cells`` and the features; with ``[risk]`` also the levels of
        the risk. ``attrs`` holds ``units`` by column, the ``summary`` of ``rating.json``, that of ``other_maps`` (with the
        paper's way where the result is written) and of an ``overlay``. Of a frame: as of
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
        # as keys of the study, so that the manifest names what the result was made with
        overrides = {**(overrides or {}), **{f"rating.directions.{name}": d for name, d in directions.items()}}
    options, folder = open_study(study, overrides or {})
    # before anything is read: a place that cannot be written is refused at once
    place = None if out is None else result_place(out, "rate", options.name, overwrite)
    done = rated(options, folder, progress)
    over = overlaid(options, done)
    if over is not None:
        done = with_risk(done, over)
    done = replace(done, cells=marked(done.cells, options.governance.fewest_households))
    handed = handed_on(options, done, over)
    if place is not None:
        progress("rating in other ways", 0.8)
    maps = other_maps(options, done, fit=place is not None)
    done.cells.attrs["other_maps"] = maps.summary
    if place is not None:
        progress("explaining the levels", 0.85)
        why = why_of(done)
        progress("writing the result", 0.9)
        with new_result(place, done.provenance, overwrite) as target:
            parts = {"rating": rating_parts(done.cells, done.summary.json(), done.ground)}
            parts["other_maps"] = write_other_maps(target, maps, done)
            if over is not None:
                write_overlay(target, over, f"{NOTICE} Run {done.summary.run}.")
                parts["overlay"] = overlay_parts(done.cells, over.summary)
            write_handed_on(target, handed, done.summary.json(), {WORDS: public_words(why.words, done.cells)})
            parts["governance"] = governance_parts(handed.summary, done.summary.run)
            write_rating(target, done)
            write_drivers(target, why, f"{NOTICE} Run {done.summary.run}.")
            parts["explanation"] = explanation_parts(why.summary)
            write_report(target, done.provenance, parts)
    progress("done", 1.0)
    return done.cells


def why_of(done: Rated) -> Explained:
    """What drives the levels of a rating."""
    return explained(explainable(done.cells, done.model, done.summary.region.cell_size_m), done.summary.json())


def write_rating(folder: Path, done: Rated) -> None:
    """Write the result files of a rating, without manifest and report."""
    about = f"{NOTICE} Run {done.summary.run}. Licences of the inputs: see manifest.json."
    flat = done.cells.copy()
    flat.attrs = {}
    centres = flat.geometry.centroid.to_crs("EPSG:4326")
    units = cell_units(done.cells, done.summary.json()["features_used"])
    write_parquet(folder / "cells.parquet", flat, units, about)
    write_geopackage(
        folder / "cells.gpkg", {"cells": flat.reset_index()}, {"cells": with_aliases(level_style(), units)}, about
    )
    if done.ground is not None:
        write_parquet(folder / GROUND, done.ground, {}, about)
    columns = ["level", "agreement", "additive_level", "reason", "place"]
    # five decimals of a degree are about a metre
    twin = flat[columns].assign(longitude=centres.x.round(5), latitude=centres.y.round(5))
    twin.insert(1, "level_name", level_names(flat["level"]))
    write_csv(folder / "levels.csv", twin.reset_index())
    write_json(folder / "rating.json", done.summary.json())
    write_model(folder, done.model)
    if done.areas.layers:
        about_areas = {name: with_aliases(area_style(), area_units(layer)) for name, layer in done.areas.layers.items()}
        write_geopackage(folder / "areas.gpkg", done.areas.layers, about_areas, about)
        summary = done.summary
        write_csv(folder / "areas.csv", areas_table(summary.region.name, summary.reading.areas, done.areas))
