"""A rating before and after interventions, in three modes, cell by cell and summed up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import NotConverged
from holdfast.flows.choices import rules
from holdfast.flows.fitted import fitted
from holdfast.flows.inputs import Gathered
from holdfast.rating.model.pool import Metro
from holdfast.rating.model.result import Rating
from holdfast.rating.what_if.monotone_level import (
    MonotoneLevels,
    agreement_with,
    vote_is_monotone,
)
from holdfast.rating.what_if.transitions import Difference, Transitions, aligned, difference, transitions
from holdfast.types import Ints


@dataclass(frozen=True)
class Again:
    """Levels of the cells that are rated before and after, and what they add up to.

    Parameters
    ----------
    cells : DataFrame
        Index ``cell_id``: ``people``, ``changed``, ``worse``, and per mode ``<mode>_before`` and ``<mode>_after``.
    found : tuple of Transitions
        One per mode.
    skipped : dict
        Mode to why it could not be had.
    facts : dict
        Of the monotone levels and the refit, as JSON knows them.
    """

    cells: pd.DataFrame
    found: tuple[Transitions, ...]
    skipped: dict[str, str]
    facts: dict[str, Any]


def rated_again(
    study: Study, before: Gathered, base: Rating, after: Gathered, monotone: MonotoneLevels, metros: Mapping[str, Metro]
) -> Again:
    """Rate cells after interventions by the frozen model of `base`, by a refit and by the monotone level fitted to `base`.

    `before` and `after` hold features of the same cells, in their own units; `metros` is the pool of the study.
    """
    frozen = fitted(study, after, metros, base.model)[0]
    both, moved = rated_twice(study, (base, frozen), (before, after))
    people = base.people.loc[both].to_numpy(np.float64)
    old = base.levels.loc[both].to_numpy(int)
    pairs: dict[str, tuple[Ints, Ints]] = {"frozen": (old, frozen.levels.loc[both].to_numpy(int))}
    facts: dict[str, Any] = {"kind": monotone.kind, "frozen_is_monotone": vote_is_monotone(base.model)}
    facts["agreement"] = asdict(agreement_with(base, monotone))
    skipped: dict[str, str] = {}
    try:
        refit = fitted(study, after, metros)[0].levels.loc[both].to_numpy(int)
        still = ~moved.changed
        facts["alignment"] = aligned(old[still], refit[still], people[still])
        pairs["refitted"] = (old, np.array(facts["alignment"])[refit - 1])
    except NotConverged as error:
        skipped["refitted"] = str(error)
    first, second = (monotone.levels(r.scaled.loc[both].to_numpy(np.float64)) for r in (base, frozen))
    pairs["monotone"] = (first, second)
    cells = pd.DataFrame({"people": people, "changed": moved.changed, "worse": moved.worse}, both)
    for mode, (first, second) in pairs.items():
        cells[f"{mode}_before"], cells[f"{mode}_after"] = first, second
    found = tuple(transitions(mode, *pair, people, moved) for mode, pair in pairs.items())
    return Again(cells, found, skipped, facts)


def rated_twice(
    study: Study, ratings: tuple[Rating, Rating], gathered: tuple[Gathered, Gathered]
) -> tuple[pd.Index, Difference]:
    """Cells that have a level before and after, and whether their own features changed, or got worse."""
    base, again = ratings
    both = base.levels.index[(base.levels.notna() & again.levels.notna()).to_numpy()]
    directions = {name: rule.direction for name, rule in rules(study.rating).items()}
    first, second = (g.features.loc[both, list(base.used)] for g in gathered)
    return both, difference(first, second, directions)


def who_moved(again: Again, features: pd.DataFrame) -> list[dict[str, Any]]:
    """Mean of each feature before, over the people who gain and who fall by their own features, beside all.

    Parameters
    ----------
    again : Again
        Levels before and after; falls that are an artefact stand apart and are in no group.
    features : DataFrame
        Before, in their own units, with all cells of `again`.
    """
    people, rows = again.cells["people"], []
    for mode in (t.mode for t in again.found):
        before, after = again.cells[f"{mode}_before"], again.cells[f"{mode}_after"]
        groups = {"all": people >= 0, "gain": after > before, "fall": (after < before) & again.cells["worse"]}
        for group, chosen in groups.items():
            held = people[chosen]
            values = features.loc[held.index]
            means = values.mul(held, axis=0).sum() / values.notna().mul(held, axis=0).sum()
            rows.append({"mode": mode, "group": group, "people": float(held.sum()), "features": means.to_dict()})
    return rows
