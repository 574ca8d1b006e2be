"""What of a result may be handed on: the folder ``public/``, in which nothing is said of few households."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from holdfast.rating.analysis.aggregate import aggregate, weights_of
from holdfast.rating.disclosure.suppression import withheld
from holdfast.rating.model.levels import level_names
from holdfast.store import write_csv

HOMES, PUBLIC, WITHHELD = "housing_units", "public", "withheld"
WORDS, AREAS = "driver_words", "areas_"
MODES = ("frozen", "refitted", "monotone")
COARSE = (
    "cell_id",
    "level",
    "level_name",
    "level_low",
    "level_high",
    "reason",
    "sparse",
    "place",
    "region_m2",
    "longitude",
    "latitude",
    WITHHELD,
    "before",
    "after",
    *(f"{mode}_{when}" for mode in MODES for when in ("before", "after")),
)
"""What is said of a cell whatever few live there: where it lies, and which of five levels its surroundings give it."""
DECIMALS = {"rank": 2, "rank_low": 2, "rank_high": 2, "additive": 2, "score": 2}
"""Of numbers that are made of how many live elsewhere: with all their figures they could be solved for that."""


def hidden_cells(homes: pd.Series, fewest: float) -> pd.Series:
    """Whether a cell is withheld, by the homes of all cells of a region."""
    found = withheld(homes, fewest)
    return (found["primary"] | found["complementary"]).rename(WITHHELD)


def marked(cells: gpd.GeoDataFrame, fewest: float, before: pd.Series | None = None) -> gpd.GeoDataFrame:
    """Cells with the column ``withheld``: whether only place and level are handed on.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``, ``housing_units`` where homes are known, ``region_m2``.
    fewest : float
        Households below which nothing of a cell is told.
    before : Series, optional
        Index ``cell_id``, what an earlier vintage withheld; it stays so, else two vintages would tell what each keeps.
    """
    hidden = hidden_cells(cells.get(HOMES, pd.Series(0.0, cells.index)), fewest)
    if before is not None:
        hidden |= before.reindex(cells.index, fill_value=False).astype(bool)
    table = cells.copy()
    table.insert(table.columns.get_loc("region_m2"), WITHHELD, hidden.to_numpy(bool))
    table.attrs = {**cells.attrs, "units": {**cells.attrs.get("units", {}), WITHHELD: "1"}}
    return table


def privacy_facts(homes: pd.Series | None, hidden: pd.Series, fewest: float) -> dict[str, Any]:
    """How many cells are withheld and why, and how far the total of the region narrows the narrowest of them."""
    found = withheld(pd.Series(0.0, hidden.index) if homes is None else homes, fewest)
    width = (found["high"] - found["low"])[found["primary"]]
    return {
        "fewest_households": fewest,
        "primary": int(found["primary"].sum()),
        "complementary": int((hidden.reindex(found.index, fill_value=False) & ~found["primary"]).sum()),
        "narrowest": float(width.min()) if len(width) else None,
    }


def spared(table: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """A table of cells, index ``cell_id``, in which of the `hidden` ones only place and level are said.

    Examples
    --------
    >>> cells = pd.DataFrame({"level": [1, 2], "poverty": [0.3, 0.1]}, index=pd.Index(["a", "b"], name="cell_id"))
    >>> spared(cells, pd.Series([True, False], cells.index)).to_numpy().tolist()
    [[1.0, nan], [2.0, 0.1]]
    """
    # a column of plain booleans has no room for what is withheld
    whole = table.astype({c: "boolean" for c in table if table[c].dtype == bool})
    of_few = hidden.reindex(table.index, fill_value=False).to_numpy(bool)
    return whole.mask(of_few[:, None] & ~table.columns.isin(COARSE)[None, :]).round(DECIMALS)


def public_cells(cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """The table ``cells`` of a rating, to be handed on."""
    centres = cells.geometry.centroid.to_crs("EPSG:4326")
    table = pd.DataFrame(cells.drop(columns="geometry"))
    table.insert(1, "level_name", level_names(table["level"]))
    table = table.assign(longitude=centres.x.round(5), latitude=centres.y.round(5))
    return spared(table, cells[WITHHELD]).reset_index()


def public_words(words: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Drivers in words, of schema ``driver_words``, to be handed on: of cells that are withheld nothing but their level."""
    return spared(words.set_index("cell_id"), cells[WITHHELD]).reset_index()


def public_sums(cells: gpd.GeoDataFrame, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, pd.DataFrame]:
    """Levels of a rating, and of the areas in `layers`, over the cells that are not withheld."""
    # summed over cells that are shown, areas tell nothing that these do not
    seen = cells[~cells[WITHHELD]]
    tables = {"levels": _levels(cells)}
    for name, layer in layers.items():
        outlines = layer[[c for c in ("area_id", "name", "geometry") if c in layer]]
        table = aggregate(seen, outlines, weights_of(seen)[0].fillna(0.0))
        tables[f"{AREAS}{name}"] = pd.DataFrame(table.drop(columns="geometry"))
    return tables


def _levels(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of each level, how many of them are withheld, and the homes of the others."""
    names = cells["level"].astype("string").fillna("none")
    homes = cells[HOMES].fillna(0.0) if HOMES in cells else pd.Series(0.0, cells.index)
    facts = pd.DataFrame(
        {"cells": 1, "withheld_cells": cells[WITHHELD].astype(int), HOMES: homes.where(~cells[WITHHELD], 0.0)}
    )
    return facts.groupby(names).sum().rename_axis("level").reset_index()


def summed(cells: pd.DataFrame, keys: Sequence[str], people: pd.Series) -> pd.DataFrame:
    """Cells that are not withheld and their people (homes) for every combination of some columns of levels that occurs.

    Examples
    --------
    >>> cells = pd.DataFrame({"level": [1, 1, 2], "risk_level": [6, 6, 1], "withheld": [False, True, False]})
    >>> summed(cells, ["level", "risk_level"], pd.Series([50.0, 4.0, 30.0])).to_numpy().tolist()
    [[1.0, 6.0, 1.0, 50.0], [2.0, 1.0, 1.0, 30.0]]
    """
    seen = cells.loc[~cells[WITHHELD], list(keys)].dropna()
    facts = seen.assign(cells=1, people=people.loc[seen.index].fillna(0.0))
    return facts.groupby(list(keys), as_index=False)[["cells", "people"]].sum()


def public_what_if(cells: gpd.GeoDataFrame, cheapest: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of `holdfast what-if` to hand on: cells, people by level before and after in each mode, and the cheapest changes."""
    hidden = cells[WITHHELD]
    moves = []
    for mode in (m for m in MODES if f"{m}_before" in cells):
        table = summed(cells, [f"{mode}_before", f"{mode}_after"], cells["people"])
        moves.append(table.set_axis(["before", "after", "cells", "people"], axis=1).assign(mode=mode))
    tables = {
        "what_if": spared(pd.DataFrame(cells.drop(columns="geometry")), hidden).reset_index(),
        "transitions": pd.concat(moves, ignore_index=True)[["mode", "before", "after", "cells", "people"]],
    }
    if len(cheapest):
        tables["cheapest"] = cheapest[~cheapest["cell_id"].isin(hidden.index[hidden])]
    return tables


def public_moved(rows: Sequence[Mapping[str, Any]], hidden: pd.Series) -> dict[str, pd.DataFrame]:
    """Cells that moved between vintages, to be handed on; no table where none did."""
    return {"moved": spared(pd.DataFrame(rows).set_index("cell_id"), hidden).reset_index()} if rows else {}


def write_public(folder: Path, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> None:
    """Write ``public/`` with a CSV file for each table, and beside it and inside which of the files may be handed on."""
    (folder / PUBLIC).mkdir()
    for name, table in tables.items():
        write_csv(folder / PUBLIC / f"{name}.csv", table)
    few = f"{facts['fewest_households']:g}"
    told = (
        f"Of {facts['primary']} cells with fewer than {few} households, and of {facts['complementary']} others that would give them away, "
        "only place and level are said here. All sums are over the other cells.\n"
    )
    (folder / PUBLIC / "README.txt").write_text("This folder may be handed on.\n" + told, encoding="utf-8")
    text = (
        "public/ may be handed on. The report names no number of a withheld cell. All other files are for your own work: they hold "
        f"numbers of cells with fewer than {few} households. `holdfast privacy` attacks what the folders public/ of several results "
        "tell together.\n"
    )
    (folder / "README.txt").write_text(text, encoding="utf-8")
