"""The spatial pattern of a rating in figures: marks of local Moran's I, joins of levels, pockets."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from scipy import sparse

from holdfast.rating.analysis.joins import join_counts
from holdfast.rating.analysis.local_moran import local_moran
from holdfast.rating.analysis.observations import observations, touching_observations
from holdfast.rating.analysis.pockets import LOW_AMONG_HIGH, pockets
from holdfast.rating.grid.adjacency import among

FIRST_POCKETS = 15


@dataclass(frozen=True)
class JoinCount:
    """How often cells of two levels touch, as of `holdfast.rating.analysis.joins.join_counts`."""

    level_a: int
    level_b: int
    joins: int
    expected: float
    ratio: float
    z: float


@dataclass(frozen=True)
class PocketCount:
    """Pockets of one kind, and the cells in them."""

    kind: str
    pockets: int
    cells: int


@dataclass(frozen=True)
class Pocket:
    """One pocket: its number, what it is, homes or m2 in it, and its centre in degrees."""

    pocket: int
    kind: str
    cells: int
    ring_share: float
    weight: float
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Pockets:
    """All pockets by kind, and those to look at first: low ones, those with most weight ahead."""

    counts: tuple[PocketCount, ...]
    first: tuple[Pocket, ...]


@dataclass(frozen=True)
class Pattern:
    """Pattern of a rating; ``local`` counts the cells of each mark of local Moran's I."""

    local: Mapping[str, int]
    join_counts: tuple[JoinCount, ...]
    pockets: Pockets


def find_pattern(
    cells: gpd.GeoDataFrame,
    touching: sparse.csr_array,
    weight: pd.Series,
    features: pd.DataFrame,
    source: pd.Series | None = None,
) -> tuple[pd.DataFrame, Pattern]:
    """Columns ``local_pattern`` and ``pocket`` of the cells, null where not rated or no `weight`, and the pattern in figures.

    Touching cells in which all `features` agree are one observation, and so are cells of one `source` area.
    """
    rated = cells["level"].notna() & (weight > 0)
    levels = cells.loc[rated, "level"].astype(int)
    near = among(touching, rated.to_numpy())
    seen = observations(features.loc[cells.index[rated]], near, source)
    # statistics are of observations, shown on all cells of each; pockets are places on the map
    once, apart = levels.groupby(seen).mean().round().astype(int), touching_observations(near, seen)
    local = local_moran(once, apart).loc[seen].set_axis(levels.index)
    found = pockets(levels, near, weight[rated])
    found["weight"] = [float(weight[list(members)].sum()) for members in found["members"]]
    words = [f"{row.kind} {row.Index + 1}" for row in found.itertuples()]
    names = {cell: word for members, word in zip(found["members"], words, strict=True) for cell in members}
    columns = local[["local_pattern"]].reindex(cells.index)
    columns["pocket"] = pd.Series(names, dtype="object").reindex(cells.index)
    kinds = local["local_pattern"].value_counts()
    joins = join_counts(once, apart).to_dict("records")
    by_kind = found.groupby("kind")["cells"].agg(["size", "sum"])
    counts = tuple(PocketCount(str(kind), int(size), int(total)) for kind, size, total in by_kind.itertuples())
    return columns, Pattern(
        {str(name): int(kinds[name]) for name in sorted(kinds.index)},
        tuple(JoinCount(**row) for row in joins),
        Pockets(counts, _first(found, cells)),
    )


def _first(found: pd.DataFrame, cells: gpd.GeoDataFrame) -> tuple[Pocket, ...]:
    """Pockets to look at first."""
    # low pockets first, and of these the ones with most homes
    order = found.assign(low=found["kind"] != LOW_AMONG_HIGH, less=-found["weight"]).sort_values(["low", "less"])
    rows = []
    for row in order.head(FIRST_POCKETS).itertuples():
        middle = cells.geometry.loc[list(row.members)].union_all().centroid
        place = gpd.GeoSeries([middle], crs=cells.crs).to_crs("EPSG:4326").iloc[0]
        rows.append(
            Pocket(row.Index + 1, row.kind, row.cells, row.ring_share, row.weight, round(place.x, 5), round(place.y, 5))
        )
    return tuple(rows)
