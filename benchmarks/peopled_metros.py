"""Planted metros with people: homes, a desert, pockets, and errors that neighbours share or not.

They are the metros of `planted_metros` with homes in their cells, and as many new families of truth. Families, figures and
seeds stood before any method or certainty was tuned on them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from planted_metros import (
    FAMILIES,
    LEVEL_SHARES,
    NOISE,
    _archetypes,
    _in_cells,
    _latent,
    _measured,
    _outline,
    _pillars,
    _rules,
    _smooth,
    _standard,
)

from holdfast.rating.model.levels import LEVELS, share_cuts

TUNING, FINAL = range(200, 210), range(300, 310)
HOMES, SKEW = 400.0, 1.6  # homes of the median cell, and standard deviation of their logarithm
DESERT, DESERT_HOMES = 0.25, 4.0  # share of the cells that is a desert, and homes of its median cell
BLOCK = 3  # cells on a side of a block that shares its errors
POCKETS, DEPTH = 8, 2.5  # how many pockets, and how far below (standard deviations) their features lie
LIMIT = 1.5  # how far a good pillar may make up for a bad one

New = Callable[[pd.DataFrame, np.random.Generator], pd.Series]


def random_weights(latent: pd.DataFrame, generator: np.random.Generator) -> pd.Series:
    """Pillars and features weigh between half and one and a half times what they would alike."""
    rules, total = _rules(), 0.0
    for pillar in rules["pillar"].unique():
        names = rules.index[rules["pillar"] == pillar]
        weights = generator.uniform(0.5, 1.5, len(names))
        mean = latent[names] @ (weights / weights.sum())
        total = total + generator.uniform(0.5, 1.5) * (mean - mean.mean()) / mean.std()
    return total


def soft_minimum(latent: pd.DataFrame, _: np.random.Generator) -> pd.Series:
    """A bad pillar counts more than a good one."""
    return -np.log(np.exp(-LIMIT * _pillars(latent)).mean(axis=1))


def few_matter(latent: pd.DataFrame, generator: np.random.Generator) -> pd.Series:
    """Eight of the twelve features matter, nobody knows which."""
    chosen = generator.permutation(latent.shape[1])[:8]
    return latent.iloc[:, chosen].mean(axis=1)


def counting(latent: pd.DataFrame, _: np.random.Generator) -> pd.Series:
    """How many features are better than their median, with a little of how much."""
    return (latent > latent.median()).sum(axis=1) + 0.5 * latent.mean(axis=1)


def pocketed(latent: pd.DataFrame, _: np.random.Generator) -> pd.Series:
    """The sum of the pillars, on ground with planted weak pockets."""
    return _pillars(latent).sum(axis=1)


def turned(latent: pd.DataFrame, _: np.random.Generator) -> pd.Series:
    """The sum of the pillars, but greener and road-dense places are no better."""
    return _pillars(latent.assign(green_space=-latent["green_space"], road_density=-latent["road_density"])).sum(axis=1)


NEW: dict[str, New] = {
    "random_weights": random_weights,
    "soft_minimum": soft_minimum,
    "few_matter": few_matter,
    "counting": counting,
    "pocketed": pocketed,
    "turned": turned,
}
EVERY = (*FAMILIES, *NEW)


@dataclass(frozen=True)
class PeopledMetro:
    """Cells (``column``, ``row``), features with errors, homes, true level and rank by people, cells of planted pockets."""

    cells: pd.DataFrame
    features: pd.DataFrame
    homes: pd.Series
    truth: pd.Series
    rank: pd.Series
    pocket: pd.Series


def peopled_metro(family: str, cells: int, seed: int, *, shared: bool) -> PeopledMetro:
    """Make a synthetic metro with people; `shared` errors are the same in blocks of three by three cells."""
    generator = np.random.default_rng(np.random.SeedSequence([EVERY.index(family), seed, 77]))
    rules = _rules()
    width = int(np.ceil(np.sqrt(1.5 * cells))) + 2
    place = _outline(cells, width, generator)
    side = 2 * (width + 1)
    if family == "archetypes":
        halves, kinds = _archetypes(side, len(rules), place, generator)
        score_of_kind = _in_cells(kinds[None], place, False)[:, 0]
    else:
        halves = _latent(side, rules, generator)
    true = _in_cells(halves, place, False)
    pocket = np.zeros(cells, dtype=bool)
    if family == "pocketed":
        true, pocket = _with_pockets(true, place, generator)
    index = pd.Index([f"E{c}N{r}" for r, c in place.T], name="cell_id")
    error = NOISE * generator.standard_normal(true.shape)
    if shared:
        blocks = np.unique(place // BLOCK, axis=1, return_inverse=True)[1].ravel()
        error = NOISE * generator.standard_normal((blocks.max() + 1, true.shape[1]))[blocks]
    people = _homes(side, place, generator)
    latent = pd.DataFrame(true, index, rules.index)
    if family == "archetypes":
        score = pd.Series(score_of_kind, index)
        edges = np.linspace(-1.0, 1.0, LEVELS)[:-1] + 1.0 / (LEVELS - 1)
    else:
        score = NEW[family](latent, generator) if family in NEW else FAMILIES[family](latent)
        edges = share_cuts(score.to_numpy(), np.cumsum(LEVEL_SHARES)[:-1], people)
    order = np.argsort(score.to_numpy(), kind="stable")
    rank = np.empty(cells)
    rank[order] = (np.cumsum(people[order]) - people[order] / 2) / people.sum()
    measured = pd.DataFrame(_measured((true + error) * rules["direction"].to_numpy(), rules), index)
    return PeopledMetro(
        pd.DataFrame({"column": place[1], "row": place[0]}, index),
        measured,
        pd.Series(people, index),
        pd.Series(1 + np.searchsorted(edges, score, side="left"), index),
        pd.Series(rank, index),
        pd.Series(pocket, index),
    )


def _homes(side: int, place: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Homes of the cells: many in few of them, and a desert at the rim."""
    field = _in_cells(_smooth(side, generator)[None], place, False)[:, 0]
    far = np.hypot(*(place - place.mean(axis=1, keepdims=True)))
    rim = _standard(far) + 0.3 * _standard(field)
    desert = rim > np.quantile(rim, 1 - DESERT)
    middle = np.where(desert, DESERT_HOMES, HOMES * np.exp(-0.5 * _standard(far)))
    return np.round(middle * np.exp(SKEW * (0.6 * _standard(field) + 0.8 * generator.standard_normal(len(far)))), 1)


def _with_pockets(true: np.ndarray, place: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Weak pockets of two by two cells where the features are good."""
    good = np.flatnonzero(true.mean(axis=1) > np.quantile(true.mean(axis=1), 0.75))
    pocket = np.zeros(len(true), dtype=bool)
    for cell in generator.choice(good, POCKETS, replace=False):
        beside = (place - place[:, [cell]]).T
        pocket |= ((beside >= 0) & (beside <= 1)).all(axis=1)
    changed = true.copy()
    changed[pocket] -= DEPTH * true.std(axis=0)
    return changed, pocket
