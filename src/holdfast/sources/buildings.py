"""Building tables: one row per building, in the common layouts, with the traps of parcel data handled in the open."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np

from holdfast.config import TableOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.frames.attributes import HOMES, Inference, checked_buildings, fill, outlines_to_points
from holdfast.frames.marks import marked, with_marks
from holdfast.ground import equal_area_crs
from holdfast.numerals import to_numbers
from holdfast.sources.once import outlines_once
from holdfast.sources.shapes import Loaded, repaired_outlines, unchecked_points
from holdfast.sources.tidy import input_file
from holdfast.tables import schema

ATTRIBUTES = ["replacement_cost", "floor_area_m2", "year_built", "stories", "occupancy", "structure"]
OPTIONAL = ["residents", "workers", "damage_state", "asset_class", "zone_id"]
NAMED = 20  # ids shown in a note
PLAIN, NSI, SIMCENTER = "buildings", "nsi", "simcenter"
AREAS = ("total", "footprint")
LAYOUT_INFERS: dict[str, Inference] = {NSI: {"structure": "light_frame"}, SIMCENTER: {}, PLAIN: {}}
"""What the columns of a layout leave open by their nature: the inventory of structures knows materials alone."""


def read_buildings(options: TableOptions, folder: Path) -> Loaded:
    """Read a building table from a CSV file with longitudes and latitudes, or from a vector file.

    Outlines give points inside them and the area of a story. Rows that agree in every attribute but their
    position and are implausibly large are one parcel that was written once per row: the first is kept and the
    notes name the rows. Rows with a very large area per story are named and kept.

    Parameters
    ----------
    options : TableOptions
        ``source`` is the layout: ``buildings`` (columns mapped by the study), ``nsi`` or ``simcenter``; the study's
        `columns` and `scale` go over the layout's. ``infer`` names the rules that may fill what is missing.
    folder : Path
        Folder that the paths in `options` count from.

    Returns
    -------
    Loaded
        Schema ``buildings``, index ``row`` of the file, the rules of what was filled in ``<attribute>_rule``.

    Raises
    ------
    UnknownName
        If the study names an unknown layout or rule.
    DataMissing, TableError
        If there is no such file, or naming every bad row and column.

    References
    ----------
    US Army Corps of Engineers, National Structure Inventory: technical documentation, public fields.
    NHERI SimCenter, R2D documentation: asset definition.
    """
    if options.source not in LAYOUT_INFERS:
        raise UnknownName("layout of a building table", options.source, LAYOUT_INFERS, "tables.buildings.source")
    settled: dict[str, str] = {}

    # which of the layout's columns a file has is known only while it is read, before the columns are renamed
    def settle(columns: list[str]) -> TableOptions:
        complete = with_layout(options, columns)
        _require_layout(complete, columns)
        settled.update(complete.columns)
        return complete

    raw, file, notes = unchecked_points("buildings", options, folder, settle)
    raw, twice = _mapped_once(raw)
    table = _with_marks(outlines_to_points(raw), options.source, settled)
    # the order counts: outlines give stories their area, codes give homes, homes give residents, and what is then
    # still missing is filled by rule
    table = _with_people(_with_codes(table))
    table = _whole_area(table, options, str(file))
    table, filled = fill(table, {**LAYOUT_INFERS[options.source], **options.infer}, str(file))
    checked = _checked(gpd.GeoDataFrame(table, crs=raw.crs), str(file))
    kept, parcels = count_parcels_once(checked)
    notes += packaged("layout_notes").query("layout == @options.source")["note"].tolist()
    told = [*twice, *parcels, *name_implausible(kept), *filled, *notes]
    # the file is named with the rows that were kept, not with those that stand in it
    record = input_file("buildings", file, len(kept), options, told)
    return Loaded(kept, (replace(record, rows=len(kept)),), _outlines(raw, kept))


def _outlines(raw: gpd.GeoDataFrame, kept: gpd.GeoDataFrame) -> gpd.GeoSeries | None:
    """Outlines of the buildings that are kept, by their ids; null where the file holds points alone."""
    own = raw.geometry.loc[kept.index]
    sized = own.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if not sized.any():
        return None
    return gpd.GeoSeries(own.to_numpy()[sized], index=kept["building_id"].to_numpy()[sized], crs=raw.crs)


def _mapped_once(raw: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Rows of one outline that agree in all but their id count once; homes of one house that differ stay."""
    sized = raw.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if sized.sum() < 2 or raw.crs is None:
        return raw, []
    outlines = raw[sized]
    # of the columns that are read here: a running number of the file tells no two buildings apart
    own = [
        r.column for r in schema("buildings") if r.column in outlines and r.column not in ("building_id", "geometry")
    ]
    said = outlines[own].astype("string")
    kind = said.groupby(own, dropna=False, sort=False).ngroup().to_numpy() if own else None
    flat = repaired_outlines(outlines[["geometry"]].to_crs(equal_area_crs(outlines)))[0]
    kept, told = outlines_once(flat, kind)
    return raw[~sized | raw.index.isin(kept.index)], told


def with_layout(options: TableOptions, columns: list[str]) -> TableOptions:
    """Put the names and units of a known layout under what the study maps itself.

    Upper and lower case of the file's `columns` count as equal; columns of the layout that the file lacks are left out.
    ``columns``, ``scale``, ``longitude`` and ``latitude`` of the options that come out are complete.

    Examples
    --------
    >>> given = TableOptions(source="simcenter", path="b.csv", columns={"floor_area_m2": "AREA"}, scale={"floor_area_m2": 1})
    >>> settled = with_layout(given, ["id", "Latitude", "Longitude", "AREA", "PlanArea", "YearBuilt"])
    >>> settled.columns, settled.scale, settled.latitude
    ({'building_id': 'id', 'floor_area_m2': 'AREA', 'year_built': 'YearBuilt'}, {'floor_area_m2': 1.0}, 'Latitude')
    """
    rules = packaged("building_layouts")
    rules = rules[rules["layout"] == options.source]
    # reversed: of two columns that differ in case alone, the first of the file counts
    theirs = {name.lower(): name for name in reversed(columns)}
    found: dict[str, str] = {}
    scale: dict[str, float] = {}
    for rule in rules.itertuples():
        name = theirs.get(str(rule.their_column).lower())
        if name is None or rule.column in found:  # the first rule that fits counts
            continue
        found[str(rule.column)] = name
        # an empty factor: text, or a number already in our unit
        if not np.isnan(rule.factor):
            scale[str(rule.column)] = float(rule.factor)
    places = {key: found.pop(key, getattr(options, key)) for key in ("longitude", "latitude")}
    default = TableOptions.model_fields
    # a longitude or latitude that the study names itself goes over the layout's
    places = {k: v if getattr(options, k) == default[k].default else getattr(options, k) for k, v in places.items()}
    told = {"columns": {**found, **options.columns}, "scale": {**scale, **options.scale}, **places}
    return options.model_copy(update=told)


def _require_layout(options: TableOptions, columns: list[str]) -> None:
    """Refuse a file that holds neither an id nor a use under the names of the layout that the study states."""
    rules = packaged("building_layouts")
    needed = rules[(rules["layout"] == options.source) & rules["column"].isin(["building_id", "occupancy"])]
    if len(needed) and not set(needed["column"]) & set(options.columns):
        have, theirs = ", ".join(columns[:40]), ", ".join(needed["their_column"])
        text = f'has none of {theirs}, so it is not of layout "{options.source}"; it has: {have}'
        raise TableError(options.path, [Problem(text, column="tables.buildings.source")])


def _with_marks(table: gpd.GeoDataFrame, layout: str, settled: dict[str, str]) -> gpd.GeoDataFrame:
    """Marks for columns that a layout itself gives by a rule, such as the median year of a tract for a year built."""
    rules = packaged("building_layouts")
    rules = rules[(rules["layout"] == layout) & (rules["rule"] != "")]
    for column, theirs, rule in rules[["column", "their_column", "rule"]].itertuples(index=False):
        if settled.get(column, "").lower() == theirs:
            there = table[column].notna().to_numpy()
            table[f"{column}_rule"] = marked(table, there, column, rule)
    return table


def _with_codes(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Occupancies without suffix, RES3A to F as RES3, and letters of materials as words."""
    if "occupancy" in table.columns:
        codes = packaged("occupancy_codes").set_index("code")["occupancy"]
        plain = table["occupancy"].astype("string").str.strip().str.split("-").str[0]
        table["occupancy"] = plain.map(codes).astype("string").fillna(plain)
    if "material" in table.columns:
        words = packaged("material_codes").set_index("code")["material"]
        told = table["material"].astype("string").str.strip()
        table["material"] = told.map(words).astype("string").fillna(told.str.lower())
    return table


def _with_people(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """People at night and by day from the age groups of an inventory; in homes those at night live there."""
    parts = [f"{time}_{age}_65" for time in ("night", "day") for age in ("under", "over")]
    if not set(parts) <= set(table.columns):
        return table
    numbers = table[parts].apply(to_numbers).fillna(0.0)
    table["night_occupants"] = numbers[parts[0]] + numbers[parts[1]]
    table["day_occupants"] = numbers[parts[2]] + numbers[parts[3]]
    if "residents" not in table.columns and "occupancy" in table.columns:
        home = table["occupancy"].isin(HOMES).to_numpy()
        table["residents"] = table["night_occupants"].where(home, 0.0)
        table["residents_rule"] = marked(table, home, "residents", "night_population")
    return table


def _whole_area(table: gpd.GeoDataFrame, options: TableOptions, file: str) -> gpd.GeoDataFrame:
    """Area of all stories where the file holds that of one."""
    area = options.area
    if area is not None and area not in AREAS:
        raise UnknownName("kind of floor area", area, AREAS, "tables.buildings.area")
    # both readings pass the schema and differ by the number of stories: a guess would be wrong by a factor
    if area is None and options.source == SIMCENTER and "floor_area_m2" in table.columns:
        text = (
            'PlanArea is the area of one story in some files and of all in others; add area = "footprint" or '
            'area = "total" to [tables.buildings] (cost over PlanArea tells which)'
        )
        raise TableError(file, [Problem(text, column="tables.buildings.area")])
    if area != "footprint" or "floor_area_m2" not in table.columns or "stories" not in table.columns:
        return table
    stories = to_numbers(table["stories"])
    whole = to_numbers(table["floor_area_m2"]) * stories
    # where the stories are no number, the area stays that of one story, without a mark
    table["floor_area_m2"] = whole.where(whole.notna(), table["floor_area_m2"])
    table["floor_area_m2_rule"] = marked(table, whole.notna().to_numpy(), "floor_area_m2", "footprint_times_stories")
    return table


def _checked(table: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Hold the table to its schema; where an attribute is missing, say that a rule could fill it."""
    hint = '; or let a stated rule fill it: [tables.buildings.infer] {} = "..." (docs/city.md)'
    return with_marks(checked_buildings(table, file, hint), table)


def count_parcels_once(buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the first of several large rows that agree in all but id and position.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``; large is a floor area above the packaged figure ``repeated_parcel_floor_area`` (m2).

    Returns
    -------
    GeoDataFrame
        Without the repeated rows; index kept.
    list of str
        What was dropped, in words; empty if nothing was.
    """
    alike = [*ATTRIBUTES, *[column for column in OPTIONAL if column in buildings.columns]]
    # equal small houses are common; equal towers are one parcel whose area was written to each of its buildings
    large = buildings[buildings["floor_area_m2"] > figure("repeated_parcel_floor_area")]
    # dropna=False: rows that are equal and lack the same attribute are a group too
    size = large.groupby(alike, dropna=False)["building_id"].transform("size")
    repeated = large[size >= figure("repeated_parcel_rows")]
    notes = []
    dropped = []
    for _, group in repeated.groupby(alike, sort=False, dropna=False):
        first, rest = group.iloc[0], group.iloc[1:]
        dropped += list(rest.index)
        named = ", ".join(group["building_id"].head(NAMED)) + (", ..." if len(group) > NAMED else "")
        notes.append(
            f"{len(group)} rows agree in {', '.join(alike)} ({first['floor_area_m2']:,.0f} m2 each; ids {named}): "
            f"one parcel, counted once; {len(rest)} rows with a replacement cost of "
            f"{rest['replacement_cost'].sum():,.0f} are left out"
        )
    return buildings[~np.isin(buildings.index, dropped)] if dropped else buildings, notes


def name_implausible(buildings: gpd.GeoDataFrame) -> list[str]:
    """Name the buildings above the packaged area per story ``implausible_footprint`` (m2) in one note; nothing is changed."""
    limit = figure("implausible_footprint")
    odd = buildings[buildings["floor_area_m2"] / buildings["stories"] > limit]
    if odd.empty:
        return []
    named = ", ".join(odd["building_id"].head(NAMED)) + (", ..." if len(odd) > NAMED else "")
    share = odd["floor_area_m2"].sum() / buildings["floor_area_m2"].sum()
    told = f"{len(odd)} rows exceed {limit:,.0f} m2 per story and are kept as given"
    return [f"{told} (ids {named}; {share:.1%} of the area)"]
