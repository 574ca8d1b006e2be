"""Rating a region and describing the rating; nothing is written here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.flows.choices import rules
from holdfast.flows.fitted import fitted
from holdfast.flows.inputs import Gathered, gather
from holdfast.flows.models import applied_model
from holdfast.flows.named_places import place_of_cells
from holdfast.flows.pooled_metros import read_pool
from holdfast.flows.progress import Progress
from holdfast.flows.remembered import Memory
from holdfast.flows.space import Areas, to_areas, weights_and_density
from holdfast.flows.told_from_noise import noise_of
from holdfast.flows.variants import rate_variants
from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.analysis.areas import find_areas
from holdfast.rating.analysis.moran import FEWEST, Moran, morans_i
from holdfast.rating.analysis.noise import Noise
from holdfast.rating.analysis.observations import observations, touching_observations
from holdfast.rating.analysis.pattern import Pattern, find_pattern
from holdfast.rating.analysis.rating_summary import (
    FitFacts,
    RatingSummary,
    Reading,
    RegionFacts,
    additive_facts,
    level_facts,
    method_facts,
    stability,
    used_features,
)
from holdfast.rating.analysis.sensitivity import Sensitivity
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.pool import Metro
from holdfast.rating.model.result import Rating
from holdfast.sources.counts import told_first
from holdfast.store import run_id, versions
from holdfast.tables import schema
from holdfast.types import Ints, Model, Provenance

PATTERN_STREAM = 1  # of the seeds of a study; the rating itself takes stream 0


@dataclass(frozen=True)
class Rated:
    """A rating before it is written, what lies under its maps, what it was made from, and how it came out."""

    cells: gpd.GeoDataFrame
    summary: RatingSummary
    provenance: Provenance
    areas: Areas
    model: Model
    ground: gpd.GeoDataFrame | None
    gathered: Gathered
    rating: Rating


def rated(study: Study, folder: Path, progress: Progress, memory: Memory | None = None) -> Rated:
    """Rate a region, of tables or a ready cell table, and describe the rating; write nothing. Errors as of `holdfast.rate`.

    With a `memory` only what was made from other tables is made again; the rating is the same.
    """
    gathered = gather(study, folder, progress, memory=memory)
    metros, pooled = read_pool(study, folder)
    model, frozen = applied_model(study, folder)
    progress("fitting the model" if model is None else "applying the model", 0.35)
    rating, flags = fitted(study, gathered, metros, model, memory)
    progress("describing the pattern", 0.7)
    cells = _cells(gathered, rating, flags)
    fit = _fit_facts(study, gathered, rating, cells, metros)
    columns, pattern = find_pattern(cells, gathered.touching, weights_of(cells)[0], gathered.features, gathered.source)
    # beside the levels that they describe, not behind the features
    for name in ("local_pattern", "pocket"):
        cells.insert(cells.columns.get_loc("region_m2"), name, columns[name])
    cells.insert(cells.columns.get_loc("region_m2"), "place", place_of_cells(cells, gathered.ground))
    areas = to_areas(study, folder, cells, gathered.tables)
    reading = _reading(study, rating, cells, pattern, areas, noise_of(gathered, cells, study.seed))
    varied = _sensitivity(study, folder, gathered, cells, metros, progress)
    # areas to sum up to are often the table that the region was read from
    read = {(f.table, f.file) for f in gathered.files}  # by name, since notes on the region are added to some
    files = (*gathered.files, *pooled, *frozen, *(f for f in areas.files if (f.table, f.file) not in read))
    content = study.model_dump(mode="json", exclude={"data"})
    provenance = Provenance("rate", study.name, content, study.seed, files, versions())
    summary = RatingSummary(
        _region_facts(study, gathered, cells),
        level_facts(cells, rating),
        used_features(rating, rules(study.rating)),
        rating.absent,
        fit,
        reading,
        varied,
        run_id(provenance),
        tuple(told_first(provenance.inputs)),
    )
    cells.attrs = {"units": _units(cells, study), "summary": summary.json()}
    return Rated(cells, summary, provenance, areas, rating.model, gathered.ground, gathered, rating)


def _cells(gathered: Gathered, rating: Rating, flags: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join levels, index, features and flags to the squares."""
    pillars = {name: rule.pillar for name, rule in RULES.items()}
    index = additive_index(rating.scaled, pillars, rating.people).reindex(rating.levels.index)
    index["additive_level"] = index["additive_level"].astype("Int64")
    shares = rating.probabilities.rename(columns=lambda level: f"p_level_{level}")
    # null and not empty where there is a level: files then show no empty text
    reasons = rating.reasons.where(rating.reasons != "", None)
    table = pd.DataFrame({"level": rating.levels, "reason": reasons, "agreement": rating.agreement})
    table = table.join(shares).join(level_range(rating.probabilities)).join(rating.certainty.ranks)
    homes_known = gathered.homes is not None and gathered.homes.sum() > 0
    table["sparse"] = (rating.people <= 0) & rating.levels.notna() if homes_known else False
    table = table.join(index)
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


def _region_facts(study: Study, gathered: Gathered, cells: gpd.GeoDataFrame) -> RegionFacts:
    """What was rated."""
    rated_cells = cells["level"].notna()
    unrated = cells.loc[~rated_cells, "reason"].value_counts().to_dict()
    region = gathered.region
    sparse = int(cells["sparse"].sum())
    return RegionFacts(study.name, region.cell_size, region.crs, len(cells), int(rated_cells.sum()), unrated, sparse)


def _fit_facts(
    study: Study, gathered: Gathered, rating: Rating, cells: gpd.GeoDataFrame, metros: Mapping[str, Metro]
) -> FitFacts:
    """How the levels were found and how sure they are."""
    generator = np.random.default_rng(np.random.SeedSequence(study.seed).spawn(2)[PATTERN_STREAM])
    rated_cells = cells["level"].notna().to_numpy()
    near = among(gathered.touching, rated_cells)
    seen = observations(gathered.features.loc[cells.index[rated_cells]], near, gathered.source)
    # one value per observation: cells that repeat one source area would make any map look patterned
    people = rating.people[rated_cells]
    once = _means(cells.loc[rated_cells, ["level", "additive"]].astype(float), seen, people)
    touching = touching_observations(near, seen)
    moran: dict[str, Moran] = {
        name: morans_i(
            once, name, touching=touching, people="people", permutations=study.rating.permutations, seed=generator
        )
        # with fewer observations the permutations are too few to say anything
        if (once["people"] > 0).sum() >= FEWEST
        else Moran(np.nan, np.nan, np.nan, study.rating.permutations)
        for name in ("level", "additive")
    }
    method = method_facts(rating, study.rating.model)
    additive = additive_facts(cells, rating.people)
    return FitFacts(moran, stability(rating), method, additive, gathered.totals, tuple(sorted(metros)))


def _means(values: pd.DataFrame, seen: Ints, people: pd.Series) -> pd.DataFrame:
    """Mean of each column over the people of each observation, and how many these are (``people``)."""
    held = people.groupby(seen).sum()
    sums = values.mul(people, axis=0).groupby(seen).sum().div(held.where(held > 0), axis=0)
    return sums.fillna(values.groupby(seen).mean()).assign(people=held)


def _reading(
    study: Study, rating: Rating, cells: gpd.GeoDataFrame, pattern: Pattern, areas: Areas, noise: Noise
) -> Reading:
    """What helps to read the map."""
    weights, density = weights_and_density(cells, rating.scaled, study)
    return Reading(pattern, weights, density, find_areas(cells, areas.layers), noise)


def _sensitivity(
    study: Study,
    folder: Path,
    gathered: Gathered,
    cells: gpd.GeoDataFrame,
    metros: Mapping[str, Metro],
    progress: Progress,
) -> Sensitivity | None:
    """Variants of the rating, where the study asks for them."""
    if not study.rating.sensitivity.enabled:
        return None
    return rate_variants(
        study,
        folder,
        gathered,
        cells,
        lambda other, data: fitted(other, data, metros)[0],
        lambda step, share: progress(step, 0.75 + 0.15 * share),
    )
