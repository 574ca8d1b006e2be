"""Rating the variants of a study, to see how far its map hangs on choices that could be others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.config import Study, load_study
from holdfast.errors import DataMissing, NotConverged
from holdfast.flows.choices import rules
from holdfast.flows.inputs import Gathered, gather
from holdfast.flows.progress import Progress, silent
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.analysis.sensitivity import Agreement, Sensitivity, Skipped, VariantFacts, agreement, overlay
from holdfast.rating.model.result import Rating

Fit = Callable[[Study, Gathered], Rating]
NO_GRID = "a ready cell table cannot be cut into other cells"
NO_SIZE = "the metros of a pool have cells of one size"
FEWEST_LEFT = 2  # a rating needs that many features


@dataclass(frozen=True)
class Variant:
    """One other choice: what is changed, in words, and the options of the study that differ.

    ``kind`` is ``grid``, ``direction``, ``left out``, ``society`` or ``seed``; ``overrides`` is by dotted
    key of the study, ``seed`` aside.
    """

    kind: str
    name: str
    overrides: dict[str, Any] = field(default_factory=dict)


def grid_variants(cell_size: float, sizes: Sequence[float]) -> list[Variant]:
    """Other cells: other sizes (sides in m, the study's own left out), and the same size shifted by half a cell.

    Examples
    --------
    >>> [v.name for v in grid_variants(2000.0, [1000.0, 2000.0, 4000.0])]
    ['cells of 1 km', 'cells of 4 km', 'grid shifted by half a cell']
    """
    others = [Variant("grid", f"cells of {s / 1000:g} km", {"region.cell_size": s}) for s in sizes if s != cell_size]
    return [*others, Variant("grid", "grid shifted by half a cell", {"region.offset": 0.5})]


def feature_variants(directions: Mapping[str, int], systems: Mapping[str, str]) -> list[Variant]:
    """Turn round and leave out one feature at a time; leave out all social features; fewer than two are never left.

    Parameters
    ----------
    directions : mapping
        Used feature to 1 (more is better) or -1 (more is worse).
    systems : mapping
        Used feature to its system, of which society is one.

    Examples
    --------
    >>> variants = feature_variants({"road_density": 1, "poverty": -1}, {"road_density": "infrastructure", "poverty": "society"})
    >>> [(v.kind, v.name) for v in variants]
    [('direction', 'road_density'), ('direction', 'poverty')]
    >>> variants[0].overrides
    {'rating.directions': {'road_density': -1, 'poverty': -1}}
    """
    names = list(directions)
    turned = [
        Variant("direction", name, {"rating.directions": {**directions, name: -directions[name]}}) for name in names
    ]
    without = [
        Variant("left out", name, {"rating.features": [n for n in names if n != name]})
        for name in names
        if len(names) > FEWEST_LEFT
    ]
    rest = [n for n in names if systems[n] != "society"]
    society = FEWEST_LEFT <= len(rest) < len(names)
    social = [Variant("society", "without the social features", {"rating.features": rest})] if society else []
    return [*turned, *without, *social]


def rate_variants(
    study: Study, folder: Path, gathered: Gathered, base: gpd.GeoDataFrame, fit: Fit, progress: Progress = silent
) -> Sensitivity:
    """Rate every variant that ``rating.sensitivity`` asks for and compare it with the rating at hand.

    Parameters
    ----------
    study, folder : Study, Path
        Study of the rating at hand, and the folder that its paths count from.
    gathered : Gathered
        What the rating was made from.
    base : GeoDataFrame
        Cells with their levels in the rating at hand.
    fit : callable
        From a study and what was gathered for it to a rating.
    progress : callable
        Called with each variant and the share done, 0..1.
    """
    column = weights_of(base)[1]
    chosen, skipped = _variants(study, gathered)
    rows = []
    for number, variant in enumerate(chosen):
        progress(f"sensitivity: {variant.kind}, {variant.name}", number / len(chosen))
        # a variant that cannot be rated is a finding, not the end of the run
        try:
            rated, found = _compare(study, folder, gathered, base, variant, fit)
        except (DataMissing, NotConverged) as error:
            skipped.append(Skipped(f"{variant.kind}: {variant.name}", str(error)))
            continue
        rows.append(VariantFacts(variant.kind, variant.name, rated, found))
    return Sensitivity(column, tuple(rows), tuple(skipped))


def _variants(study: Study, gathered: Gathered) -> tuple[list[Variant], list[Skipped]]:
    """Variants that the study allows, and those that it does not, with the reason."""
    options, skipped = study.rating.sensitivity, list[Skipped]()
    # another seed (one bit differs, so that it is never the same nor below 0) changes nothing but chance: a smaller
    # difference than its own says nothing
    chosen = [Variant("seed", "another seed", {"seed": study.seed ^ 1})]
    if options.grids and study.region.cells is None:
        chosen += grid_variants(study.region.cell_size, [] if study.rating.pool else options.cell_sizes)
    if options.grids and (study.region.cells is not None or study.rating.pool):
        skipped.append(Skipped("other cells", NO_GRID if study.region.cells is not None else NO_SIZE))
    if options.features:
        known = rules(study.rating)
        # a feature that is the same everywhere has no say in the levels
        used = [str(f) for f in gathered.features.columns if gathered.features[f].min() < gathered.features[f].max()]
        directions = {name: known[name].direction for name in used}
        chosen += feature_variants(directions, {name: known[name].system for name in used})
    return chosen, skipped


def _compare(
    study: Study, folder: Path, gathered: Gathered, base: gpd.GeoDataFrame, variant: Variant, fit: Fit
) -> tuple[int, Agreement]:
    """Rate one variant; its number of rated cells and agreement with the base."""
    # only levels are compared, so that nothing needs to be drawn
    other, _ = load_study(study, {**variant.overrides, "rating.certainty.draws": 0})
    weight, _ = weights_of(base)
    if variant.kind == "grid":
        # tables are kept as read: only the cells are laid again
        laid = gather(other, folder, silent, gathered.tables)
        levels = fit(other, laid).levels
        cells = gpd.GeoDataFrame({"level": levels}, geometry=laid.region.cells.geometry, crs=laid.region.crs)
        places = overlay(base, cells.to_crs(base.crs), weight)
    else:
        names = [
            n for n in gathered.features.columns if n in variant.overrides.get("rating.features", gathered.features)
        ]
        levels = fit(other, replace(gathered, features=gathered.features[names])).levels
        # the same cells: levels are compared cell by cell, where both have one
        both = pd.DataFrame({"base": base["level"], "other": levels, "weight": weight}).dropna()
        places = both.astype({"base": int, "other": int})
    found = agreement(places["base"].to_numpy(int), places["other"].to_numpy(int), places["weight"].to_numpy(float))
    return int(levels.notna().sum()), found
