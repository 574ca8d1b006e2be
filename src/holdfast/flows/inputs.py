"""Reading what a rating needs: the study, the region, its tables and features."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.config import Study, StudyLike, load_study, named
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.cell_pieces import (
    SOURCE,
    bare_of_homes,
    both,
    cut,
    far_rows,
    fed_by,
    placed_homes,
    published_errors,
)
from holdfast.flows.choices import STREETS, measured, refuse_unknown, wanted
from holdfast.flows.named_places import EXTRACT, ground_under
from holdfast.flows.progress import Progress
from holdfast.flows.remembered import Memory, content_of
from holdfast.ground import ground_area, require_true_scale
from holdfast.rating.analysis.rating_summary import Total
from holdfast.rating.features.interpolate import main_source, total
from holdfast.rating.features.needs import GIVEN, available, tables_of
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.dasymetric import homes_by_cell
from holdfast.rating.grid.region import grid, squares
from holdfast.rating.grid.streets import street_segments
from holdfast.sources.cells import read_cells
from holdfast.sources.osm_homes import HOMES
from holdfast.sources.osm_layers import forget
from holdfast.sources.readers import OVER_CELLS, PLACED_SOURCES, SOURCES, WITHOUT_PLACES, load
from holdfast.sources.shapes import Loaded
from holdfast.tables import OWN, schema, schema_names
from holdfast.types import InputFile, Region

NETWORKS = ("power", "water", "gas", "telecom", "transport")
NETWORK_TABLES = frozenset(
    {"network_dependencies", *(f"{name}{part}" for name in NETWORKS for part in ("", "_nodes", "_edges"))}
)
RATED = frozenset({"power", "telecom"})  # tables of a rating have these names too


@dataclass(frozen=True)
class Gathered:
    """A region with the features of its cells and what they came from.

    ``touching`` says which cells are neighbours, found once; ``features`` and ``homes`` have index ``cell_id``;
    ``source`` names the area that gives a cell most of its people (null where none does), ``errors`` holds standard errors
    of features where margins are published; ``ground`` is what lies under the maps, null where nothing is known; ``totals`` holds each quantity before and after interpolation; ``absent`` the features that the data do not
    allow, with the reason; ``tables`` those that are needed again, as read;
    ``in_cells`` all of them cut by the cells, and of a ready cell table the columns of the study's own.
    """

    region: Region
    touching: sparse.csr_array
    features: pd.DataFrame
    homes: pd.Series | None
    absent: dict[str, str]
    totals: dict[str, Total]
    files: tuple[InputFile, ...]
    tables: dict[str, Loaded]
    source: pd.Series
    errors: pd.DataFrame
    in_cells: Mapping[str, pd.DataFrame]
    ground: gpd.GeoDataFrame | None = None


def open_study(study: StudyLike, overrides: Mapping[str, Any]) -> tuple[Study, Path]:
    """Read a study, with overrides by dotted key, and refuse the names in it that nothing answers to.

    Returns
    -------
    Study
        Complete with defaults.
    Path
        Folder that the paths in the study count from.

    Raises
    ------
    TableError, UnknownName, DataMissing
        For a bad study.
    """
    content, folder = load_study(study, overrides)
    file = named(study)
    for name in content.rating.aggregate_to:
        if name not in content.tables:
            raise UnknownName("table of the study", name, content.tables, f"{file}: rating.aggregate_to")
    for name, options in content.tables.items():
        if name in NETWORK_TABLES:
            continue  # their readers know their sources
        if name not in schema_names() and name not in shaking_tables(content):
            raise UnknownName(
                "table", name, [*(n for n in schema_names() if schema(n)), *NETWORK_TABLES], f"{file}: tables"
            )
        if options.source not in SOURCES and options.source not in PLACED_SOURCES:
            raise UnknownName("source", options.source, (*SOURCES, *PLACED_SOURCES), f"{file}: tables.{name}.source")
    return content, folder


def shaking_tables(study: Study) -> frozenset[str]:
    """Names of the tables that the scenarios of a study read; the study chooses them."""
    events = (*study.scenarios, *([] if study.scenario is None else [study.scenario]))
    named = [name for event in events for name in (event.table, event.vs30_table)]
    named += [event.flood.table for event in events if event.flood]
    named += [name for event in events if event.wind for name in (event.wind.table, event.wind.track)]
    return frozenset(name for name in named if name)


def gather(
    study: Study,
    folder: Path,
    progress: Progress,
    tables: Mapping[str, Loaded] | None = None,
    memory: Memory | None = None,
) -> Gathered:
    """Read the region and compute the features of its cells, from a ready cell table or from the study's tables.

    Parameters
    ----------
    study : Study
        With either ``region.cells`` or ``tables``.
    folder : Path
        Folder that the paths in the study count from.
    progress : callable
        Called with each step and the share done, 0..1.
    tables : mapping, optional
        Tables that were read before, from ``Gathered.tables`` of the same study with other cells.
    memory : Memory, optional
        What was made of earlier files of the same study, and is taken again where these did not change.

    Raises
    ------
    TableError, UnknownName, DataMissing
        From the readers and checks.
    """
    refuse_unknown(study.rating)
    if study.region.cells is not None:
        return _from_cells(study, folder, progress)
    return _from_tables(study, folder, progress, dict(tables or {}), memory or Memory(lasting=False))


def _from_cells(study: Study, folder: Path, progress: Progress) -> Gathered:
    """Take cells and features from a ready table."""
    progress("reading the cell table", 0.02)
    crs = study.region.crs
    if crs is None:
        raise TableError("study", [Problem("a ready cell table needs the CRS of its grid", column="region.crs")])
    table = read_cells(str(study.region.cells), folder, list(RULES))
    if study.rating.per:
        text = "takes features as they are; leave the key out"
        raise TableError("study", [Problem(f"a ready cell table {text}", column="rating.per")])
    used, absent = available({GIVEN: set(table.features.columns)}, wanted(study.rating))
    absent = {n: "no data: not in the cell table" if "no data" in why else why for n, why in absent.items()}
    columns, rows = (table.cells[c].to_numpy().astype(int) for c in ("column", "row"))
    cells = squares(columns, rows, study.region.cell_size, crs, study.region.offset)
    cells["region_m2"] = table.cells["region_m2"].to_numpy()
    features = table.features[used].set_axis(cells.index)
    homes = table.cells["housing_units"].set_axis(cells.index) if "housing_units" in table.cells else None
    # sorted as a grid that was laid: a ready table may have its rows in any order
    order = cells.sort_values(["row", "column"]).index
    region = Region(study.name, crs, study.region.cell_size, cells.loc[order])
    homes = None if homes is None else homes.loc[order]
    touching = grid_neighbours(region.cells)
    source = pd.Series(np.nan, index=cells.index)
    if "source_area" in table.cells:
        code = pd.factorize(table.cells["source_area"])[0].astype(float)
        source = pd.Series(np.where(code < 0, np.nan, code), index=cells.index)
    errors = pd.DataFrame(index=order)
    own = table.cells[[c for c in table.cells if str(c).startswith(OWN)]].set_axis(cells.index).loc[order]
    totals: dict[str, Total] = {}
    place, pieces = source.loc[order], {"cells": own}
    return Gathered(
        region, touching, features.loc[order], homes, absent, totals, table.files, {}, place, errors, pieces
    )


def _from_tables(study: Study, folder: Path, progress: Progress, read: dict[str, Loaded], memory: Memory) -> Gathered:
    """Lay a grid over the region and interpolate the tables to it."""
    base = study.region.table
    if base not in study.tables:
        have = ", ".join(study.tables) or "none"
        text = f"the study has no [tables.{base}], whose union is the region (it has: {have})"
        raise DataMissing(text)
    progress(f"reading {base}", 0.02)
    kept_before = bool(read)  # a variant of a rating, which is drawn on no map
    read[base] = read.get(base) or _loaded(base, study, folder, None, memory)
    outline = read[base].table
    region = _region(study, outline, memory)
    tables, files = _other_tables(study, folder, progress, read, (region, memory))
    ground = None if kept_before else ground_under(study, folder, read, region.crs)
    # the layers of an OpenStreetMap extract are kept while tables are read, since several come from one file
    forget()
    # a column without any value counts as absent
    columns = {name: {str(c) for c in table.columns if table[c].notna().any()} for name, table in tables.items()}
    used, absent = available(columns, wanted(study.rating))
    progress("interpolating to cells", 0.22)
    in_cells: dict[str, pd.DataFrame] = {}
    held_m2 = region.cells["region_m2"].sum()
    totals = {
        "region_m2": both(tables[base].area.sum(), held_m2),
        "ground_m2": both(memory.once("ground", (outline,), lambda: ground_area(outline).sum()), held_m2),
    }
    stretch = require_true_scale(region.crs, outline, "study", "region.crs")
    scale = f"the grid's CRS is off by {stretch[0]:.2%} in lengths and {stretch[1]:.2%} in areas at most"
    files[0] = replace(files[0], notes=(*files[0].notes, scale))
    for name, table in tables.items():
        make = partial(_cut, name, table, region, tables[base])
        in_cells[name], held, outside = memory.once(f"cut {name}", (table, region, tables[base]), make)
        totals |= held
        files = [replace(f, notes=(*f.notes, *outside)) if f.table == name else f for f in files]
    if "roads" in tables:
        in_cells["streets"] = memory.once("streets", (tables["roads"],), partial(street_segments, tables["roads"]))
    if HOMES in tables and "roads" in tables and study.tables[HOMES].source == EXTRACT:
        bare = bare_of_homes(tables[HOMES], in_cells["roads"], region)
        if bare:
            tables = {name: table for name, table in tables.items() if name != HOMES}
            files = [replace(f, warnings=(*f.warnings, bare)) if f.table == HOMES else f for f in files]
    if HOMES in tables:
        in_cells[base], told = placed_homes(in_cells[base], tables, base, region)
        files = [replace(f, notes=(*f.notes, told)) if f.table == HOMES else f for f in files]
    features = _features(study, region, in_cells, used, memory)
    homes = None
    if base == "areas" and "housing_units" in columns["areas"]:
        homes = total(in_cells["areas"], "housing_units", region.cells.index)
        totals["housing_units"] = both(tables["areas"]["housing_units"].sum(), homes.sum())
    elif HOMES in tables:
        homes = homes_by_cell(region.cells, tables[HOMES])
    # variants with other cells, and areas to sum up to, need them a second time
    again = study.tables if study.rating.sensitivity.enabled else study.rating.aggregate_to
    kept = {name: read[name] for name in again if name in read}
    source = pd.Series(np.nan, index=region.cells.index)
    if fed_by(base, used, columns[base]):
        weight = "housing_units" if "housing_units" in columns[base] else None
        # areas that only draw the border measure nothing, and two cells of one are two observations
        source = main_source(in_cells[base], SOURCE, region.cells.index, weight)
    errors = published_errors(used, in_cells[base], columns[base], region.cells.index)
    touching = grid_neighbours(region.cells)
    found = features, homes, absent, totals, tuple(files), kept, source, errors, in_cells, ground
    return Gathered(region, touching, *found)


def _region(study: Study, outline: gpd.GeoDataFrame, memory: Memory) -> Region:
    """The cells over an outline; those of before where they come out the same, so that what was made for them stays."""
    where = study.region
    make = partial(grid, study.name, outline, where.cell_size, where.crs, where.offset)
    laid = memory.once("region", (outline, where.model_dump_json()), make)
    return memory.settled("squares", laid, _same_region)


def _same_region(one: Region, other: Region) -> bool:
    """Whether two regions have the same cells, though the table of their outlines was read again."""
    return one.crs == other.crs and bool(one.cells.equals(other.cells))


def _loaded(name: str, study: Study, folder: Path, within: gpd.GeoDataFrame | None, memory: Memory) -> Loaded:
    """A table of a study, read unless its files are those of before."""
    options = study.tables[name]
    if not memory.lasting:  # a digest of a large extract takes as long as reading it
        return load(name, options, folder, within)
    # what is read at the cells depends on them
    inputs = (content_of(options, folder), within if options.source in PLACED_SOURCES else None)
    return memory.once(f"read {name}", inputs, partial(load, name, options, folder, within))


def _cut(
    name: str, table: gpd.GeoDataFrame, region: Region, base: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, dict[str, Total], list[str]]:
    """A table cut by the cells; that of the region is numbered, so that cells know which area feeds them."""
    return cut(name, table.assign(**{SOURCE: np.arange(len(table))}) if table is base else table, region, base)


def _features(
    study: Study, region: Region, in_cells: Mapping[str, pd.DataFrame], used: list[str], memory: Memory
) -> pd.DataFrame:
    """Features of the cells, each measured again only where a table that it is measured from is another."""
    if not memory.lasting:  # all at once, so that every fault is told at once
        return measured(region, in_cells, used, study.rating)
    columns = {name: set(table.columns) for name, table in in_cells.items()}
    found = []
    for name in used:
        needs = {*tables_of(name, columns, study.rating.replace.get(name))[0], STREETS}
        # a count per person is divided by the people of the areas
        needs |= {"areas"} if name in study.rating.per else set()
        inputs = (region, study.rating.model_dump_json(), *(in_cells[n] for n in sorted(needs) if n in in_cells))
        make = partial(measured, region, in_cells, [name], study.rating)
        found.append(memory.once(f"feature {name}", inputs, make))
    return pd.concat(found, axis=1) if found else pd.DataFrame(index=region.cells.index)


def _other_tables(
    study: Study, folder: Path, progress: Progress, read: dict[str, Loaded], into: tuple[Region, Memory]
) -> tuple[dict[str, gpd.GeoDataFrame], list[InputFile]]:
    """All tables of a rating in the CRS of its region, that of the region first, and the files; `read` takes them up."""
    base, (region, memory) = study.region.table, into

    def placed(name: str) -> gpd.GeoDataFrame:
        inputs = (read[name], region)
        return memory.once(f"place {name}", inputs, lambda: read[name].table.to_crs(region.crs))

    tables: dict[str, gpd.GeoDataFrame] = {base: placed(base)}
    files = list(read[base].files)
    for number, (name, options) in enumerate(study.tables.items()):
        other_wing = name in NETWORK_TABLES - RATED or name in shaking_tables(study)
        if name in (base, "buildings") or other_wing or options.source in WITHOUT_PLACES:
            continue
        progress(f"reading {name}", 0.05 + 0.15 * number / len(study.tables))
        # a table kept from a grid of other cells serves again, but not one that holds a row per cell
        if name not in read or options.source in OVER_CELLS:
            read[name] = _loaded(name, study, folder, region.cells, memory)
        other = read[name]
        tables[name] = placed(name)
        far = far_rows(name, options.path, tables[name], region)
        files += [replace(f, notes=(*f.notes, *far)) if f is other.files[0] else f for f in other.files]
    return tables, files
