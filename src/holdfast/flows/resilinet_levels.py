"""The paper's way on the cells of a rating, from the same features; the rating itself stays as it is."""

from dataclasses import asdict, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.flows.choices import fit_options, policies, rules, schema_transforms
from holdfast.flows.rated_region import Rated
from holdfast.rating.analysis.other_map import refit_noise
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.frozen import apply
from holdfast.rating.model.missing import fill
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

RESILINET = "resilinet"
STREAM = 4  # of the seeds of a study, so that no level of the rating hangs on this


def why_not(study: Study, done: Rated) -> str:
    """Why the paper's way is not drawn; empty where it is."""
    chosen, facts, rated = study.rating.resilinet, done.summary.fit, done.summary.region.rated
    if not chosen.enabled:
        return "the study has rating.resilinet.enabled = false"
    if facts.method.name == RESILINET:
        return "it gave the levels of this rating"
    if facts.method.applied:
        return "the levels come from a model that was fitted elsewhere; the report of that rating has it"
    if facts.pool:
        return "the levels are on one scale with those of other metros, and a fit to this one alone would not be"
    if rated > chosen.most_cells:
        return f"{rated:,} cells are rated, and it is drawn up to {chosen.most_cells:,} (rating.resilinet.most_cells)"
    if find_spec("torch") is None:
        return 'it needs the package torch: pip install "holdfast[deep]"'
    return ""


def resilinet_levels(study: Study, done: Rated) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Levels by the paper's way of the cells that have one, from the same features, and how far its refits agree."""
    # what was filled for the rating is filled here, so that both see the same cells
    filled, reasons, _ = fill(done.gathered.features, done.gathered.homes, policies(study.rating))
    names, chosen = list(done.rating.used), study.rating.resilinet
    features = filled.loc[reasons == "", names].astype(np.float64)
    people = done.rating.people.loc[features.index]
    rating = rate_cells(
        features,
        {name: rule.direction for name, rule in rules(study.rating).items()},
        # as in the paper, whatever scale the study takes for its own levels: mean and deviation, not ranks
        transforms=schema_transforms(names),
        facts=CellFacts(people),
        options=replace(
            fit_options(study.rating),
            method=RESILINET,
            refits=chosen.refits,
            most_cells=chosen.fitted_cells,
            # its certainty is not asked for here: the refits alone say how steady it is
            certainty=CertaintyOptions(draws=0),
        ),
        seed=int(np.random.SeedSequence([study.seed, STREAM]).generate_state(1, np.uint64)[0] >> np.uint64(1)),
    )
    # also of the cells that a refit was not trained on
    by_refit = apply(rating.model, features, None)[1]
    level = rating.levels.loc[features.index].to_numpy(np.int64)
    own = done.cells.loc[features.index, "level"].to_numpy(np.int64)
    noise = refit_noise(own, by_refit, people.to_numpy(np.float64))
    columns = {"map": RESILINET, "level": level, "agreement": (by_refit == level).mean(axis=0), "value": np.nan}
    table = pd.DataFrame(columns, index=features.index).rename_axis("cell_id").reset_index()
    fitted = min(round(study.rating.subsample * len(features)), chosen.fitted_cells)
    return table, {"noise": {**asdict(noise), "cells": fitted, "rating": done.rating.stability}}
