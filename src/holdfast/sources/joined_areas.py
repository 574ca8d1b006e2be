"""Areas whose outlines stand in one file and whose attributes in another."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.ground import ground_area
from holdfast.sources.counts import named, of, percent, weighed
from holdfast.sources.crosswalk import HOMES, crosswalked
from holdfast.sources.files import CSVS, locate
from holdfast.sources.matching import Keys, cause_of_strays, require_common
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import tidy
from holdfast.tables import check, ids, schema
from holdfast.types import InputFile


def joined(
    name: str, options: TableOptions, folder: Path, file: Path, shapes: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, tuple[list[str], list[str]], tuple[Path, tuple[InputFile, ...]]]:
    """Join outlines and attributes one to one by the study's ``key``, by way of its ``crosswalk`` where it names one.

    Parameters
    ----------
    name : str
        Table and schema name.
    options : TableOptions
        ``attributes``, ``key`` and, if wanted, ``crosswalk``, ``dissolve`` and ``allow_unmatched``.
    folder : Path
        Folder that the paths in `options` count from.
    file, shapes : Path, GeoDataFrame
        File of the outlines, and the outlines themselves, index ``row``.

    Returns
    -------
    GeoDataFrame
        Areas that both files hold.
    tuple of list of str
        What was left out or merged: of the outlines, of the attributes.
    tuple of Path and tuple of InputFile
        File of the attributes, and the provenance of a crosswalk.

    Raises
    ------
    DataMissing
        If there is no such file, no key in common, or too much without a partner.
    TableError
        Naming every bad row and column.
    """
    if options.key is None:
        raise TableError(str(file), [Problem("attributes need a `key` to join them by", column=f"tables.{name}.key")])
    attributes = locate(folder, str(options.attributes), f"tables.{name}.attributes", CSVS)
    raw, read = read_table(attributes)
    for where, table in ((file, shapes), (attributes, raw)):
        if options.key not in table.columns:
            have = ", ".join(str(c) for c in table.columns[:40])
            raise TableError(str(where), [Problem(f"no such column; the file has: {have}", column=options.key)])
    kept, notes = tidy(raw, options, attributes)
    kept = kept.assign(area_id=raw.loc[kept.index, options.key])
    values = check(kept, name, str(attributes), only=[c.column for c in schema(name) if c.column != "geometry"])
    # also the rows that the study's filter dropped: their outlines lack no attributes, they are left out on purpose
    known = set(ids(raw[options.key]).dropna())
    more: tuple[InputFile, ...] = ()
    if options.crosswalk is not None:
        values, known, record = crosswalked(values, name, options, folder, attributes)
        more = (record,)
    outlines = shapes[["geometry"]].assign(area_id=ids(shapes[options.key]))
    # no key in common is an error in the key, which deserves its own message before strays are counted
    require_common(Keys(str(attributes), values["area_id"]), Keys(str(file), outlines["area_id"]))
    bare, lost = _strays(values, outlines, known, (attributes, file), options.allow_unmatched)
    outlines, merged = one_outline_each(outlines[outlines["area_id"].isin(values["area_id"])], name, options, file)
    area = check(outlines, name, str(file), only=("area_id", "geometry"))
    table = gpd.GeoDataFrame(area.merge(values, on="area_id"), crs=shapes.crs)
    return table, ([*bare, *merged], [*read, *notes, *lost]), (attributes, more)


def _strays(
    values: pd.DataFrame, outlines: gpd.GeoDataFrame, known: set[str], files: tuple[Path, Path], allowed: float | None
) -> tuple[list[str], list[str]]:
    """Outlines without attributes, by area, and attributes without an outline, by homes; refused where they are many."""
    attributes, file = files
    lost = ~values["area_id"].isin(outlines["area_id"])
    bare = ~outlines["area_id"].isin(known)
    remedy = cause_of_strays(values.loc[lost, "area_id"], outlines.loc[bare, "area_id"])
    of_outlines, of_attributes = [], []
    if lost.any():
        # weighed by homes: a hundred empty tracts are no loss, one large one is
        homes = values[HOMES].fillna(0.0) if HOMES in values else pd.Series(1.0, index=values.index)
        share = float(homes[lost].sum() / homes.sum()) if homes.sum() > 0 else float(lost.mean())
        part = f", {percent(share)} of the homes" if HOMES in values else ""
        text = f"{of(int(lost.sum()), len(values), 'areas')}{part} have no outline in {file.name} (such as {named(values.loc[lost, 'area_id'])})"
        of_attributes.append(weighed(f"{text} and are left out", share, attributes, remedy, allowed))
    if bare.any():
        # outlines without attributes have no homes to weigh them by
        size = ground_area(outlines.geometry)
        share = float(size[bare.to_numpy()].sum() / size.sum()) if size.sum() > 0 else float(bare.mean())
        text = f"{of(int(bare.sum()), len(outlines), 'outlines')}, {percent(share)} of their area, have no attributes in {attributes.name} (such as {named(outlines.loc[bare, 'area_id'].fillna('no key'))})"
        of_outlines.append(weighed(f"{text} and are left out", share, file, remedy, allowed))
    return of_outlines, of_attributes


def one_outline_each(
    outlines: gpd.GeoDataFrame, name: str, options: TableOptions, file: Path
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Areas with one outline each: equal ones count once, parts are merged where the study says so (``dissolve``).

    Parameters
    ----------
    outlines : GeoDataFrame
        Column ``area_id``; index ``row``.
    name, options, file : str, TableOptions, Path
        Of the table, for messages and for ``dissolve``.

    Returns
    -------
    GeoDataFrame, list of str
        Index ``row``, of a merged area that of its first part; and what was merged.

    Raises
    ------
    TableError
        Naming the areas whose id stands several times with other outlines.
    """
    twice = outlines["area_id"].duplicated(keep=False) & outlines["area_id"].notna()
    if not twice.any():
        return outlines, []
    # normalised: the same ring may begin at another vertex or run the other way round
    equal = pd.Series(shapely.to_wkb(shapely.normalize(outlines.geometry.to_numpy())), index=outlines.index)
    again = pd.DataFrame({"area_id": outlines["area_id"], "shape": equal}).duplicated() & twice
    notes = (
        [
            f"{of(int(again.sum()), len(outlines), 'outlines')} stand twice with one id and count once (rows {named(outlines.index[again])})"
        ]
        if again.any()
        else []
    )
    outlines = outlines[~again]
    parts = outlines["area_id"].duplicated(keep=False) & outlines["area_id"].notna()
    if not parts.any():
        return outlines, notes
    several = outlines.loc[parts, "area_id"].unique()
    if not options.dissolve:
        advice = f"if they are parts of one area, add dissolve = true to [tables.{name}]; else give each its own id"
        rows = outlines.index[parts]
        text = f"{len(several):,} areas have several outlines ({named(several)}; rows {named(rows)}); {advice}"
        raise TableError(str(file), [Problem(text, row=int(rows[0]), column="area_id")])
    whole = outlines[parts].dissolve("area_id", as_index=False)
    # `dissolve` sorts by id and numbers from 0
    whole.index = outlines[parts].drop_duplicates("area_id").sort_values("area_id").index
    merged = pd.concat([outlines[~parts], whole[outlines.columns]]).sort_index()
    notes.append(f"{int(parts.sum()):,} outlines dissolved into {len(several):,} areas, as the study says")
    return gpd.GeoDataFrame(merged.rename_axis("row"), crs=outlines.crs), notes
