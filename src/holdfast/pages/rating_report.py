"""What the report shows of a rating."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.pages.charts import profile_chart, share_bars
from holdfast.pages.colour import LEVELS, NO_DATA
from holdfast.pages.maps import cell_map
from holdfast.pages.words import level_label, plain

WIDE = 2  # levels between the ends of its range, from which on a cell is hatched
LOW = 2  # highest level of the range of a cell that is surely low
FIRST_CELLS = 10


def rating_parts(
    cells: gpd.GeoDataFrame, summary: dict[str, Any], ground: gpd.GeoDataFrame | None = None
) -> dict[str, Any]:
    """Pictures, tables and figures of a rating, for a template.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet``, in a projected CRS.
    summary : dict
        Content of ``rating.json``, null for what is not a number.
    ground : GeoDataFrame, optional
        Places, roads, water and borders in the maps, in this CRS, as of `holdfast.sources.osm_ground.ground`.

    Returns
    -------
    dict
        ``summary``, ``level_map``, ``additive_map``, ``profiles``, ``cross`` (share of the
        people by level and additive level), ``weight_bars``, ``first`` (cells to look at first), ``twin`` (table of all cells), ``colours``.
    """
    centres = cells.geometry.centroid.to_crs("EPSG:4326")
    # the map as a table: for screen readers, and for whoever cannot see its colours
    twin = pd.DataFrame(
        {
            "cell": cells.index,
            "level": cells["level"],
            "agreement": cells["agreement"],
            "low": cells["level_low"],
            "high": cells["level_high"],
            "additive_level": cells["additive_level"],
            "reason": cells["reason"],
            "homes": cells.get("housing_units", pd.Series(float("nan"), index=cells.index)),
            "place": [f"{y:.3f}, {x:.3f}" for x, y in zip(centres.x, centres.y, strict=True)],
            "name": cells.get("place"),
        }
    )
    used = [row["feature"] for row in summary["features_used"]]
    profiles = {name: [_number(level["scaled"][name]) for level in summary["levels"]] for name in used}
    uncertain = (cells["level_high"] - cells["level_low"] >= WIDE).fillna(value=False).to_numpy(bool)
    rated = cells[cells["level"].notna()]
    homes = rated["housing_units"] if "housing_units" in rated else rated["region_m2"]
    # all five by five, also where no cell has a level; of those who are counted
    held = rated[["level", "additive_level"]].assign(homes=homes.fillna(0.0).where(~rated["sparse"].astype(bool), 0.0))
    table = held.pivot_table(index="level", columns="additive_level", values="homes", aggfunc="sum")
    cross = table.reindex(index=range(1, 6), columns=range(1, 6)).fillna(0.0)
    cross = cross / max(float(cross.to_numpy().sum()), 1e-300)
    # the lowest level, where the range of the draws stays low and most people live
    worst = twin[(twin["level"] == 1) & (twin["high"] <= LOW)]
    if "withheld" in cells:
        # a report names no number of a cell that gives few households away
        worst = worst[~cells.loc[worst.index, "withheld"].astype(bool)]
    first = worst.sort_values(["homes", "agreement"], ascending=False).head(FIRST_CELLS)
    return {
        "summary": summary,
        "level_map": cell_map(
            cells,
            _colours(cells["level"]),
            _titles(twin, "level"),
            uncertain,
            "Map of resilience levels; the numbers are the places to look at first",
            ground,
            twin.index.get_indexer(first.index).tolist(),
            "level-map",
        ),
        "additive_map": cell_map(
            cells,
            _colours(cells["additive_level"]),
            _titles(twin, "additive_level"),
            np.zeros(len(cells), dtype=bool),
            "Map of the additive index",
            ground,
        ),
        "profiles": profile_chart(profiles, LEVELS, [plain(name) for name in used]),
        "cross": cross.to_numpy().tolist(),
        "weight_bars": _weight_bars(summary),
        "first": first.astype(object).where(first.notna(), None).to_dict("records"),
        "twin": [{k: None if pd.isna(v) else v for k, v in row.items()} for row in twin.to_dict("records")],
        "colours": LEVELS,
        "no_data": NO_DATA,
    }


def _weight_bars(summary: dict[str, Any]) -> str:
    """Bars of the effective weights; empty for a rating without them."""
    rows = (summary.get("weights") or {}).get("features", [])
    shares = {plain(row["feature"]): row["weight"] for row in sorted(rows, key=lambda row: -row["weight"])}
    meant = {plain(row["feature"]): row["nominal"] for row in rows}
    return share_bars(shares, meant, "Effective weight of each feature") if rows else ""


def _number(value: float | None) -> float:
    """Not a number where JSON says null: the mean of a level that no cell has."""
    return float("nan") if value is None else float(value)


def _colours(levels: pd.Series) -> list[str]:
    """Colour of each cell."""
    return [NO_DATA if pd.isna(level) else LEVELS[int(level) - 1] for level in levels]


def _titles(twin: pd.DataFrame, column: str) -> list[str]:
    """Words under the pointer for each cell."""
    rows = twin.to_dict("records")
    return [
        f"{r['name'] or r['cell']}: {'level ' + level_label(int(r[column])) if pd.notna(r[column]) else 'no level, ' + str(r['reason'])}"
        + (f", {r['agreement']:.0%} of the draws" if pd.notna(r["agreement"]) else "")
        for r in rows
    ]
