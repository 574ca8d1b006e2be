"""How far two ratings of the same places agree."""

from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.rating.grid.pieces import pieces
from holdfast.rating.model.levels import LEVELS, level_pairs
from holdfast.types import Floats, Ints

LOW_LEVELS = 2  # levels 1 and 2 are where a planner looks first


@dataclass(frozen=True)
class Agreement:
    """How far another rating agrees with a base, as shares of homes, residents or m2; null where there are none.

    Parameters
    ----------
    same_share, within_one_share : float
        At the same level; at most one level off.
    kappa : float
        Agreement beyond chance with far misses counting more (1: equal, 0: chance).
    low_share : float
        What the other rating puts in levels 1 and 2.
    low_kept : float
        Of what is low in the base, what stays so.
    """

    same_share: float
    within_one_share: float
    kappa: float
    low_share: float
    low_kept: float


@dataclass(frozen=True)
class VariantFacts:
    """One variant: what was changed, its rated cells, and how far it agrees."""

    kind: str
    name: str
    rated: int
    agreement: Agreement


@dataclass(frozen=True)
class Skipped:
    """A variant that was not rated, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class Sensitivity:
    """How far a map hangs on choices that could be others; ``weight`` is the column that the shares count."""

    weight: str
    variants: tuple[VariantFacts, ...]
    skipped: tuple[Skipped, ...]

    def json(self) -> dict[str, Any]:
        """As in ``rating.json``: one flat row per variant."""
        rows = [{"kind": v.kind, "name": v.name, "rated": v.rated, **asdict(v.agreement)} for v in self.variants]
        return {"weight": self.weight, "variants": rows, "skipped": [asdict(s) for s in self.skipped]}


def overlay(base: gpd.GeoDataFrame, other: gpd.GeoDataFrame, weight: pd.Series) -> pd.DataFrame:
    """Levels of two ratings at the same places: one row per piece that both rate, ``base``, ``other``, ``weight``.

    Parameters
    ----------
    base, other : GeoDataFrame
        Squares with ``level`` and index ``cell_id``, of any size each, in one CRS.
    weight : Series
        Index of `base`: homes, residents or m2, spread evenly over its cell.

    Examples
    --------
    >>> from holdfast.rating.grid.region import squares
    >>> coarse = squares(np.array([0]), np.array([0]), 2.0, "EPSG:32615").assign(level=3)
    >>> fine = squares(np.array([0, 1]), np.array([0, 0]), 1.0, "EPSG:32615").assign(level=[3, 4])
    >>> overlay(coarse, fine, pd.Series([8.0], index=coarse.index)).to_numpy().tolist()
    [[3.0, 3.0, 2.0], [3.0, 4.0, 2.0]]
    """
    first, second = base[base["level"].notna()], other[other["level"].notna()]
    shapes = gpd.GeoDataFrame(
        {"base": first["level"].to_numpy(int), "whole": weight.reindex(first.index).to_numpy(np.float64)},
        geometry=first.geometry.to_numpy(),
        crs=first.crs,
    )
    cut = pieces(second, shapes)
    level = second["level"].astype(int).reindex(cut["cell_id"]).to_numpy()
    return pd.DataFrame({"base": cut["base"], "other": level, "weight": cut["whole"] * cut["share"]})


def agreement(base: Ints, other: Ints, weight: Floats) -> Agreement:
    """How far two ratings of the same places agree, by levels 1..5 and the homes, residents or m2 at each place.

    References
    ----------
    Cohen (1968), weighted kappa, with squared distances as weights.

    Examples
    --------
    >>> found = agreement(np.array([1, 2, 5]), np.array([1, 3, 5]), np.ones(3))
    >>> round(found.same_share, 2), round(found.kappa, 2), found.low_kept
    (0.67, 0.94, 0.5)
    """
    table = level_pairs(base, other, weight)
    total = table.sum()
    if total <= 0:
        return Agreement(*[float("nan")] * 5)
    table /= total
    distance = np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)))
    # the misses that two unrelated maps of these levels would have
    by_chance = float((np.outer(table.sum(axis=1), table.sum(axis=0)) * distance**2).sum())
    low = float(table[:LOW_LEVELS].sum())
    return Agreement(
        same_share=float(np.trace(table)),
        within_one_share=float(table[distance <= 1].sum()),
        kappa=1 - float((table * distance**2).sum()) / by_chance if by_chance > 0 else float("nan"),
        low_share=float(table[:, :LOW_LEVELS].sum()),
        low_kept=float(table[:LOW_LEVELS, :LOW_LEVELS].sum()) / low if low > 0 else float("nan"),
    )
