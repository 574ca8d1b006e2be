"""Rating the variants of a study, to see how far its map hangs on choices that could be others."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.config import Study, parse_study
from holdfast.errors import DataMissing, NotConverged
from holdfast.flows.inputs import Gathered, gather
from holdfast.flows.progress import Progress, silent
from holdfast.flows.space import weights_of
from holdfast.rating.analysis.sensitivity import Variant, agreement, feature_variants, grid_variants, overlay
from holdfast.rating.features.catalog import study_rules
from holdfast.types import Rating

Fit = Callable[[Study, Gathered], Rating]
NO_GRID = "a ready cell table cannot be cut into other cells"
NO_SIZE = "the metros of a pool have cells of one size"


def sensitivity(
    study: Study, folder: Path, gathered: Gathered, base: gpd.GeoDataFrame, fit: Fit, progress: Progress = silent
) -> dict[str, Any]:
    """Rate every variant and compare it with the rating at hand.

    Parameters
    ----------
    study : Study
        With ``rating.sensitivity``.
    folder : Path
        Folder of the input files.
    gathered : Gathered
        What the rating was made from.
    base : GeoDataFrame
        The rated cells.
    fit : callable
        From a study and what was gathered for it to a rating.
    progress : callable
        Told of each variant and the share done.

    Returns
    -------
    dict
        ``weight`` (what the shares count), ``variants`` (a row each: ``kind``, ``name``, ``rated`` cells
        and what `agreement` gives) and ``skipped`` (``name`` and ``why``). The variant "another seed"
        changes nothing but chance: a difference smaller than its own says nothing.
    """
    column = weights_of(base)[1]
    chosen, skipped = _variants(study, gathered)
    rows = []
    for number, variant in enumerate(chosen):
        progress(f"sensitivity: {variant.kind}, {variant.name}", number / len(chosen))
        try:
            rated, found = _compare(study, folder, gathered, base, variant, fit)
        except (DataMissing, NotConverged) as error:
            skipped.append({"name": f"{variant.kind}: {variant.name}", "why": str(error)})
            continue
        rows.append({"kind": variant.kind, "name": variant.name, "rated": rated, **found})
    return {"weight": column, "variants": rows, "skipped": skipped}


def _variants(study: Study, gathered: Gathered) -> tuple[list[Variant], list[dict[str, str]]]:
    """Variants that the study allows, and those that it does not, with the reason."""
    options, skipped = study.rating.sensitivity, []
    chosen = [Variant("seed", "another seed", {"seed": study.seed ^ 1})]
    if options.grids and study.region.cells is None:
        chosen += grid_variants(study.region.cell_size, [] if study.rating.pool else options.cell_sizes)
    if options.grids and (study.region.cells is not None or study.rating.pool):
        skipped.append({"name": "other cells", "why": NO_GRID if study.region.cells is not None else NO_SIZE})
    if options.features:
        rules = study_rules(study.rating)
        used = [str(f) for f in gathered.features.columns if gathered.features[f].min() < gathered.features[f].max()]
        directions = {name: rules[name].direction for name in used}
        chosen += feature_variants(directions, {name: rules[name].system for name in used})
    return chosen, skipped


def _compare(
    study: Study, folder: Path, gathered: Gathered, base: gpd.GeoDataFrame, variant: Variant, fit: Fit
) -> tuple[int, dict[str, float]]:
    """Rate one variant; its number of rated cells and agreement with the base."""
    other = override(study, variant.overrides)
    weight, _ = weights_of(base)
    if variant.kind == "grid":
        laid = gather(other, folder, silent)
        levels = fit(other, laid).levels
        cells = gpd.GeoDataFrame({"level": levels}, geometry=laid.region.cells.geometry, crs=laid.region.crs)
        places = overlay(base, cells.to_crs(base.crs), weight)
    else:
        names = [
            n for n in gathered.features.columns if n in variant.overrides.get("rating.features", gathered.features)
        ]
        levels = fit(other, replace(gathered, features=gathered.features[names])).levels
        both = pd.DataFrame({"base": base["level"], "other": levels, "weight": weight}).dropna()
        places = both.astype({"base": int, "other": int})
    found = agreement(places["base"].to_numpy(int), places["other"].to_numpy(int), places["weight"].to_numpy(float))
    return int(levels.notna().sum()), found


def override(study: Study, overrides: dict[str, Any]) -> Study:
    """Study with some keys changed, checked anew.

    Parameters
    ----------
    study : Study
        Complete.
    overrides : dict
        Dotted key to value.
    """
    content = study.model_dump()
    for key, value in overrides.items():
        *sections, last = key.split(".")
        place = content
        for name in sections:
            place = place[name]
        place[last] = value
    return parse_study(content, "study")
