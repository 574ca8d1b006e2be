"""Fitting the rating of a study to what was gathered for it, or applying a stored model."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.flows.choices import fit_options, policies, rules, transforms
from holdfast.flows.inputs import Gathered
from holdfast.flows.pooled_metros import NOT_SHARED
from holdfast.flows.remembered import Memory
from holdfast.rating.grid.windows import windows
from holdfast.rating.model.frozen import Applied
from holdfast.rating.model.missing import fill
from holdfast.rating.model.people import counted
from holdfast.rating.model.pool import Metro, cut_out, side_by_side
from holdfast.rating.model.result import Rating
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import apply_model, rate_cells
from holdfast.types import Model


def fitted(
    study: Study,
    gathered: Gathered,
    metros: Mapping[str, Metro],
    model: Model | None = None,
    memory: Memory | None = None,
) -> tuple[Rating, pd.DataFrame]:
    """Rating of what was gathered, together with the metros of the pool, and the flags of filled values."""
    filled, reasons, flags = fill(gathered.features, gathered.homes, policies(study.rating))
    # a metro alone is a pool of one
    people, unit = _people(study, gathered)
    own = Metro(filled, reasons, gathered.touching, gathered.region.cell_size, people, unit)
    pool = side_by_side({**metros, study.name: own}) if metros else own
    absent = gathered.absent | {str(c): NOT_SHARED for c in filled.columns if c not in pool.features}
    if model is not None:
        facts = _facts(study, gathered, filled, people, absent)
        before = None if memory is None else memory.applied
        rating = apply_model(model, filled, touching=own.touching, reasons=reasons, facts=facts, before=before)
        if memory is not None:
            memory.applied = Applied(filled.loc[rating.scaled.index], rating.scaled, rating.clusters)
        return rating, flags
    # of a pool only the metro at hand is certain or not: the others count by their people alone
    facts = CellFacts(pool.people, absent=absent) if metros else _facts(study, gathered, filled, people, absent)
    rating = rate_cells(
        pool.features,
        {name: rule.direction for name, rule in rules(study.rating).items()},
        transforms=transforms(study.rating),
        touching=pool.touching,
        reasons=pool.reasons,
        facts=facts,
        options=fit_options(study.rating),
        # a stream of its own: the pattern's permutations, which take the other, do not depend on how the fit draws
        seed=int(np.random.SeedSequence(study.seed).spawn(2)[0].generate_state(1, np.uint64)[0] >> np.uint64(1)),
    )
    return cut_out(rating, study.name, filled.index) if metros else rating, flags


def _people(study: Study, gathered: Gathered) -> tuple[pd.Series, str]:
    """What each cell counts, and in what: homes, none where there are too few; area of the region where no homes are known."""
    if gathered.homes is None or not gathered.homes.sum() > 0:
        return gathered.region.cells["region_m2"].astype(float), "region_m2"
    return counted(gathered.homes, study.rating.fewest_homes), "housing_units"


def _facts(
    study: Study, gathered: Gathered, filled: pd.DataFrame, people: pd.Series, absent: dict[str, str]
) -> CellFacts:
    """What is known of the cells besides their features."""
    others = windows(filled, gathered.region.cells, people) if study.rating.certainty.grids else ()
    return CellFacts(people, gathered.errors, others, absent)
