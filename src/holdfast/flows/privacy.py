"""`holdfast privacy`: attack what the public folders of results tell together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.flows.public_tables import AREAS, COARSE, HOMES, PUBLIC
from holdfast.rating.analysis.aggregate import spread
from holdfast.rating.disclosure.attacker import narrowed, reaches
from holdfast.rating.disclosure.suppression import WIDE
from holdfast.store import Result, open_result, read_shapes_of, read_summary, read_table_of
from holdfast.store.result_files import read_layer

PEOPLE = (HOMES, "people", "weight")
"""Columns of public tables that count homes: those of a cell where there is a ``cell_id``, else a sum."""
CELLS = "cells.parquet"
README = f"{PUBLIC}/README.txt"


@dataclass(frozen=True)
class Told:
    """What one public file tells: of few households outright, the cells whose homes it holds, and sums of cells.

    ``cells`` names cells with their homes, since another vintage of a cell is another unknown; ``sums`` holds shares of such cells
    and what they add up to.
    """

    file: str
    rows: int
    of_few: tuple[str, ...]
    cells: pd.Index
    sums: tuple[tuple[pd.Series, float], ...]


def privacy(results: Sequence[str | Path]) -> pd.DataFrame:
    """Attack the folders ``public/`` of results together: how far do they narrow a cell of few households.

    Parameters
    ----------
    results : sequence of str or Path
        A result of `holdfast rate` or `holdfast update` first; further ones, and results of `holdfast what_if` and
        `holdfast.drivers`, which belong to the rating that stands before them.

    Returns
    -------
    DataFrame
        A row per public file: ``file``, ``rows``, ``sums``, ``beyond`` (sums that hold withheld cells). ``attrs["summary"]``: cells of
        few households, and ``narrowest``, the least width to which one can be narrowed (households; null where there are none).

    Raises
    ------
    TableError
        If a file tells of few households, they can be narrowed to less than half of the fewest that the first result withholds,
        or a file is none that can be attacked.
    DataMissing
        If there is no result of this version.
    """
    homes, told, fewest = pd.Series(dtype=float), [], 0.0
    cells: gpd.GeoDataFrame | None = None
    for folder in results:
        opened = open_result(folder)
        # what-if and drivers hold no homes of all cells: those of the rating before them count
        if CELLS in opened.files:
            cells = read_shapes_of(opened, CELLS)
            fewest = fewest or float(read_summary(opened, "governance.json")["privacy"]["fewest_households"])
        if cells is None:
            text = "is no result of `holdfast rate` or `holdfast update`; name the rating that it belongs to first"
            raise TableError(str(folder), [Problem(text)])
        names = _names(cells)
        homes = pd.concat([homes, _homes(cells).set_axis(names.to_numpy())])
        told += _told(opened, cells, names, fewest)
    homes = homes[~homes.index.duplicated()]
    known = pd.Series(np.isin(homes.index, np.concatenate([t.cells for t in told])), homes.index)
    found = narrowed(homes, known, [s for t in told for s in t.sums], fewest)
    rows = [
        {"file": t.file, "rows": t.rows, "sums": len(t.sums), "beyond": reaches(homes, known, t.sums)} for t in told
    ]
    # a cell of which no interval was found counts as solved
    width = (found["high"] - found["low"]).fillna(0.0)
    _refuse_leaks(told, pd.DataFrame(rows), found, width, fewest)
    table = pd.DataFrame(rows, columns=["file", "rows", "sums", "beyond"])
    table.attrs["summary"] = {
        "few": len(found),
        "fewest_households": fewest,
        "narrowest": float(width.min()) if len(width) else None,
    }
    return table


def _homes(cells: pd.DataFrame) -> pd.Series:
    """Homes of each cell; none where nobody knows them."""
    return cells[HOMES].fillna(0.0) if HOMES in cells else pd.Series(0.0, cells.index)


def _names(cells: pd.DataFrame) -> pd.Series:
    """Each cell with its homes as one name."""
    return cells.index.astype(str) + " " + _homes(cells).map(repr)


def _told(opened: Result, cells: gpd.GeoDataFrame, names: pd.Series, fewest: float) -> list[Told]:
    """What every file of a public folder tells; refuses files that the result does not list, which nobody has checked."""
    there = {f"{PUBLIC}/{file.name}" for file in (opened.folder / PUBLIC).glob("*")}
    files = [name for name in opened.files if name.startswith(f"{PUBLIC}/") and name != README]
    if foreign := sorted(there - {*files, README}):
        text = "is no file of the result, and cannot be attacked; take it out of the folder"
        raise TableError(str(opened.folder), [Problem(text, place=name) for name in foreign])
    tables = {name: read_table_of(opened, name) for name in files}
    # levels after an intervention are public, and say which cells a sum by them is over
    moves = [t.set_index("cell_id") for t in tables.values() if "frozen_before" in t]
    of_cells = pd.DataFrame(cells.drop(columns="geometry")).join(
        [m[[c for c in m if c in COARSE and c not in cells]] for m in moves]
    )
    found = []
    for file, table in tables.items():
        where = f"{opened.folder}/{file}"
        if "cell_id" in table:
            found.append(_of_cells(where, table, names, _homes(cells), fewest))
        else:
            name = Path(file).stem
            shares = _area_shares(opened, name, cells) if name.startswith(AREAS) else _members(where, table, of_cells)
            column = next(c for c in PEOPLE if c in table)
            sums = [(s.set_axis(names.loc[s.index]), float(v)) for s, v in zip(shares, table[column], strict=True)]
            found.append(Told(where, len(table), (), pd.Index([]), tuple(sums)))
    return found


def _of_cells(where: str, table: pd.DataFrame, names: pd.Series, homes: pd.Series, fewest: float) -> Told:
    """What a table with a row per cell tells."""
    held = homes.reindex(table["cell_id"]).to_numpy()
    few = table[(held > 0) & (held < fewest)]
    # place and level are said of every cell; anything else tells of those who live there
    of_few = [str(c) for c in table if c not in COARSE and few[c].notna().any()]
    counted = [c for c in PEOPLE if c in table]
    shown = table.loc[table[counted].notna().any(axis=1), "cell_id"]
    return Told(where, len(table), tuple(of_few), pd.Index(names.loc[shown]), ())


def _members(where: str, table: pd.DataFrame, cells: pd.DataFrame) -> list[pd.Series]:
    """Which cells each row of a table of sums is over: named ones, or those of some levels."""
    # homes are those of all cells, people those of the counted ones
    inside = cells if HOMES in table else cells[~cells["sparse"].astype(bool)]
    found = []
    for row in table.to_dict("records"):
        if "cell_ids" in row:
            chosen = inside.index.isin(str(row["cell_ids"]).split(";"))
        elif "mode" in row:
            moved = inside[f"{row['mode']}_before"] == row["before"], inside[f"{row['mode']}_after"] == row["after"]
            chosen = (moved[0] & moved[1]).fillna(value=False).to_numpy(bool)
        else:
            keys = [c for c in ("level", "risk_level") if c in row]
            if not keys:
                text = "is no table that can be attacked; take it out of the folder"
                raise TableError(where, [Problem(text)])
            same = [(inside[k].astype("string").fillna("none") == str(row[k])) for k in keys]
            chosen = np.logical_and.reduce(same)
        found.append(pd.Series(1.0, inside.index[chosen]))
    return found


def _area_shares(opened: Result, name: str, cells: gpd.GeoDataFrame) -> list[pd.Series]:
    """Share of each counted cell that lies in each area of a table."""
    outlines = read_layer(opened, "areas.gpkg", name.removeprefix(AREAS))
    counted = cells[cells["level"].notna() & ~cells["sparse"].astype(bool)]
    parts = spread(counted, outlines, pd.Series(1.0, counted.index))
    whole = parts.groupby(["area", "cell_id"])["weight"].sum()
    return [whole.loc[k] if k in whole.index.levels[0] else whole.iloc[:0].droplevel(0) for k in range(len(outlines))]


def _refuse_leaks(
    told: Sequence[Told], rows: pd.DataFrame, found: pd.DataFrame, width: pd.Series, fewest: float
) -> None:
    """Refuse folders that tell of few households, by file, and cells that can be solved for."""
    problems = [
        Problem(
            f"tells of cells with fewer than {fewest:g} households; rate again with this version",
            place=t.file,
            column=c,
        )
        for t in told
        for c in t.of_few
    ]
    for name in found.index[width < WIDE * fewest - 1e-6]:
        cell = str(name).split(" ")[0]
        low, high = found.loc[name, ["low", "high"]]
        files = ", ".join(rows.loc[rows["beyond"] > 0, "file"]) or "what one file withholds and another shows"
        text = f"can be narrowed to {low:.2g} to {high:.2g} households by {files}; publish one of these results alone"
        problems.append(Problem(text, place=f"cell {cell}"))
    if problems:
        raise TableError("public", problems)
