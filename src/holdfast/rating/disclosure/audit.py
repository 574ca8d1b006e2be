"""Whether levels fall on groups of people alike: who lives at which level, and how unequal that is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from holdfast.rating.model.levels import LEVELS
from holdfast.types import Floats

LOW_LEVELS = 2  # levels 1 and 2
RESAMPLES = 400
ENDS = (0.025, 0.975)
FIFTH = 0.2


@dataclass(frozen=True)
class GroupAudit:
    """Levels of one group beside those of the rest.

    Parameters
    ----------
    group, kind : str
        Column it is told by; ``share`` of the people of a cell, or the ``fifth`` of the people in cells with the highest values.
    people : float
        Homes of the group.
    levels, rest : tuple of float
        Share of the group, and of all others, at levels 1 to 5.
    ratio, low, high : float
        Chance of the group to live at levels 1 or 2 over that of the rest, and its interval of 95 %.
    """

    group: str
    kind: str
    people: float
    levels: tuple[float, ...]
    rest: tuple[float, ...]
    ratio: float
    low: float
    high: float


def audit_levels(
    levels: pd.Series, people: pd.Series, groups: pd.DataFrame, *, blocks: pd.Series | None = None, seed: int = 1
) -> tuple[GroupAudit, ...]:
    """Distribution of levels over people of each group and of the rest, with a disparity ratio.

    Parameters
    ----------
    levels, people : Series
        Index ``cell_id``: level 1..5, null where not rated; homes.
    groups : DataFrame
        A column per group. All values in 0..1: share of a cell's people who belong to it, alike in the whole cell. Else a measure
        such as income: the group is the fifth of the people in the cells with the highest values.
    blocks : Series, optional
        What is drawn again as a whole for the interval, such as the source area of a cell; each cell alone if omitted or null.
    seed : int
        Of the resamples that the intervals come from.

    Returns
    -------
    tuple of GroupAudit
        One for each column; shares of a cell are means of its people, so that who lives where within a cell is not known.

    Examples
    --------
    >>> levels, people = pd.Series([1, 1, 5, 5]), pd.Series([10.0, 10.0, 10.0, 10.0])
    >>> audit_levels(levels, people, pd.DataFrame({"renters": [0.8, 0.6, 0.2, 0.4]}))[0].ratio.__round__(3)
    2.333
    """
    generator = np.random.default_rng(seed)
    names = pd.Series(np.arange(len(levels)), index=levels.index).astype("string").radd("cell ")
    names = names if blocks is None else blocks.astype("string").fillna(names)
    return tuple(_audited(str(n), groups[n], levels, people, names, generator) for n in groups)


def _audited(
    name: str,
    values: pd.Series,
    levels: pd.Series,
    people: pd.Series,
    blocks: pd.Series,
    generator: np.random.Generator,
) -> GroupAudit:
    """Audit of one group."""
    known = (levels.notna() & values.notna() & (people > 0)).to_numpy(bool)
    value, held = values[known].to_numpy(np.float64), people[known].to_numpy(np.float64)
    share = bool(((value >= 0) & (value <= 1)).all())
    inside = held * (value if share else _highest(value, held))
    place = levels[known].to_numpy(np.int64) - 1
    block = pd.factorize(blocks[known])[0]
    # sums by block and level once: a resample of blocks is then one product
    sums = np.zeros((2, int(block.max(initial=-1)) + 1, LEVELS))
    np.add.at(sums[0], (block, place), inside)
    np.add.at(sums[1], (block, place), held - inside)
    count = sums.shape[1]
    draws = generator.multinomial(count, np.full(count, 1.0 / count), RESAMPLES) if count else np.zeros((1, 0))
    ratios = _ratio(draws @ sums[0], draws @ sums[1])
    low, high = np.nanquantile(ratios, ENDS) if np.isfinite(ratios).any() else (np.nan, np.nan)
    own, rest = sums.sum(axis=1)
    found = float(_ratio(own[None], rest[None])[0])
    return GroupAudit(
        name,
        "share" if share else "fifth",
        float(own.sum()),
        _shares(own),
        _shares(rest),
        found,
        float(low),
        float(high),
    )


def _highest(value: Floats, held: Floats) -> Floats:
    """1 for the cells with the highest values, which hold a fifth of the people; the cell at the border belongs in part."""
    order = np.argsort(-value, kind="stable")
    below = np.cumsum(held[order]) - held[order]
    part = np.empty(len(value))
    part[order] = np.clip((FIFTH * held.sum() - below) / held[order], 0.0, 1.0)
    return part


def _ratio(own: Floats, rest: Floats) -> Floats:
    """Chance of living at levels 1 and 2 of a group over that of the rest, from sums by level (draw, level)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        chances = [table[:, :LOW_LEVELS].sum(axis=1) / table.sum(axis=1) for table in (own, rest)]
        return np.asarray(np.where(chances[1] > 0, chances[0] / chances[1], np.nan))


def _shares(sums: Floats) -> tuple[float, ...]:
    """Share of each level."""
    return tuple((sums / sums.sum()).tolist()) if sums.sum() > 0 else (float("nan"),) * LEVELS


def audit_rows(found: tuple[GroupAudit, ...]) -> list[Mapping[str, object]]:
    """Rows of a flat table: one for each group and level."""
    return [
        {
            "group": a.group,
            "kind": a.kind,
            "level": k + 1,
            "share": a.levels[k],
            "share_of_rest": a.rest[k],
            "ratio_low_levels": a.ratio,
            "ratio_from": a.low,
            "ratio_to": a.high,
        }
        for a in found
        for k in range(LEVELS)
    ]
