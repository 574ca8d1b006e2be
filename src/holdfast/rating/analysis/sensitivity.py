"""Would another honest choice have given another map? Variants of a rating and how far they agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.rating.grid.region import pieces
from holdfast.rating.model.levels import LEVELS

LOW_LEVELS = 2  # levels 1 and 2 are where a planner looks first
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
    """Other cells: other sizes, and the same size shifted by half a cell.

    Parameters
    ----------
    cell_size : float
        Side of a cell in the study, m.
    sizes : sequence of float
        Sides to compare, m; the study's own is left out.

    Examples
    --------
    >>> [v.name for v in grid_variants(2000.0, [1000.0, 2000.0, 4000.0])]
    ['cells of 1 km', 'cells of 4 km', 'grid shifted by half a cell']
    """
    others = [Variant("grid", f"cells of {s / 1000:g} km", {"region.cell_size": s}) for s in sizes if s != cell_size]
    return [*others, Variant("grid", "grid shifted by half a cell", {"region.offset": 0.5})]


def feature_variants(directions: Mapping[str, int], systems: Mapping[str, str]) -> list[Variant]:
    """Turn round and leave out one feature at a time; leave out all social features.

    Parameters
    ----------
    directions : mapping
        Used feature to 1 or -1.
    systems : mapping
        Used feature to its system.

    Returns
    -------
    list of Variant
        Fewer than two features are never left.

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


def overlay(base: gpd.GeoDataFrame, other: gpd.GeoDataFrame, weight: pd.Series) -> pd.DataFrame:
    """Levels of two ratings at the same places.

    Parameters
    ----------
    base : GeoDataFrame
        Squares with ``level``; index ``cell_id``.
    other : GeoDataFrame
        Squares of any size with ``level``, in the same CRS.
    weight : Series
        Index of `base`: homes, residents or m2, spread evenly over its cell.

    Returns
    -------
    DataFrame
        One row per piece that both rate: ``base``, ``other`` (levels), ``weight``.

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


def agreement(base: np.ndarray, other: np.ndarray, weight: np.ndarray) -> dict[str, float]:
    """How far two ratings of the same places agree.

    Parameters
    ----------
    base, other : ndarray of int
        Levels 1..5 at the same places.
    weight : ndarray
        Homes, residents or m2 at each place.

    Returns
    -------
    dict
        ``same_share`` and ``within_one_share`` of the weight; ``kappa``, agreement beyond chance with
        far misses counting more (1: equal, 0: chance); ``low_share``, share of the weight that the
        other rating puts in levels 1 and 2; ``low_kept``, share of the weight that is low in the base
        and stays so. Null where there is no such weight.

    References
    ----------
    Cohen (1968), weighted kappa, with squared distances as weights.

    Examples
    --------
    >>> found = agreement(np.array([1, 2, 5]), np.array([1, 3, 5]), np.ones(3))
    >>> round(found["same_share"], 2), round(found["kappa"], 2), found["low_kept"]
    (0.67, 0.94, 0.5)
    """
    table = np.zeros((LEVELS, LEVELS))
    np.add.at(table, (base - 1, other - 1), weight)
    total = table.sum()
    if total <= 0:
        return dict.fromkeys(("same_share", "within_one_share", "kappa", "low_share", "low_kept"), float("nan"))
    table /= total
    distance = np.abs(np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)))
    by_chance = float((np.outer(table.sum(axis=1), table.sum(axis=0)) * distance**2).sum())
    low = float(table[:LOW_LEVELS].sum())
    return {
        "same_share": float(np.trace(table)),
        "within_one_share": float(table[distance <= 1].sum()),
        "kappa": 1 - float((table * distance**2).sum()) / by_chance if by_chance > 0 else float("nan"),
        "low_share": float(table[:, :LOW_LEVELS].sum()),
        "low_kept": float(table[:LOW_LEVELS, :LOW_LEVELS].sum()) / low if low > 0 else float("nan"),
    }
