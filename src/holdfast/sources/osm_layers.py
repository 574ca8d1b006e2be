"""OpenStreetMap extracts as tables of a rating: roads, places, green areas, towers, borders, and their hull.

Which tags make a row stands in the packaged table ``osm_layers``. A study narrows it with `where` on any tag,
or on ``kind`` (the tag that matched, such as ``leisure=park``).
"""

import json
import warnings
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.data import packaged
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.numerals import to_numbers
from holdfast.sources.counts import of
from holdfast.sources.files import VECTORS, locate
from holdfast.sources.once import lines_once, points_once
from holdfast.sources.osm_extract import HEADER
from holdfast.sources.osm_ground import ground
from holdfast.sources.osm_homes import HOMES, homes_of
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import UNREADABLE, read_shapes
from holdfast.tables import check, schema

PBF = (".osm.pbf", ".pbf")
ROADS, AREAS, TOWERS = "roads", "areas", "cell_towers"
NETWORK = "driving"  # pyrosm's name for ways that cars may use, without service ways and parking aisles
TITLE = "OpenStreetMap extract"
LICENCE = "ODbL 1.0, (c) OpenStreetMap contributors"
LINK = "https://www.openstreetmap.org/copyright"
NUMBER = r"^\s*(\d+(?:[.,]\d+)?)\s*(?:m|beds)?\s*$"  # in the unit of the schema; feet or words stay unknown
GONE = "(historical)"  # ending of the names of places that the US gazetteer import knows to be gone
COMMUNICATION = ("tower:type", "communication")  # https://wiki.openstreetmap.org/wiki/Tag:tower:type=communication


def osm(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read one table from an OpenStreetMap extract, EPSG:4326: ``roads``, ``areas`` (borders), ``homes`` or one of ``osm_layers``.

    Signature and errors as in `holdfast.sources.readers.Source`. ``layer`` of ``roads`` is a network of pyrosm
    (``driving`` if omitted, or such as ``driving+service``); ``where`` keeps rows by tag, such as ``admin_level`` of
    ``areas``. Places mapped as an outline are points inside it; one that lies inside another of its kind, or is named as
    gone, is left out. ``cell_towers`` holds masts that carry radio by their tags; ``where = { use = ["communication",
    "unknown"] }`` adds those without a purpose.

    Raises
    ------
    UnknownName
        If there is no rule for such a table.
    TableError
        Also if the file is no extract, or has no such row.
    """
    known = [ROADS, AREAS, HOMES, *dict.fromkeys(packaged("osm_layers")["table"])]
    if name not in known:
        raise UnknownName("table of an OpenStreetMap extract", name, known, f"tables.{name}")
    file = _extract(options, folder, name)
    if name == HOMES:
        homes, files = homes_of(file)
        return Loaded(check(homes, name, str(file)), tuple(replace(f, table=name, rows=len(homes)) for f in files))
    raw, notes = _raw(name, options, file)
    # the map also holds towers for water, views and bells; a study that wants those says so
    if name == TOWERS and "use" not in options.where:
        options = options.model_copy(update={"where": {**options.where, "use": ["communication"]}})
    if name == AREAS and "area_id" not in options.columns:
        options = options.model_copy(update={"columns": {**options.columns, "area_id": "osm_id"}})
    kept, dropped = tidy(raw, options, file)
    table, doubled = _shaped(gpd.GeoDataFrame(kept, crs=raw.crs), name)
    if table.empty:
        found = f"; {len(raw):,} before the filter" if len(raw) else ""
        text = f"the extract has no {name.replace('_', ' ')} as asked for{found}; leave the table out"
        raise TableError(str(file), [Problem(text, column=f"tables.{name}")])
    checked, once = _once(check(table, name, str(file)))
    told = [*notes, *dropped, *doubled, *once]
    return Loaded(checked, (input_file(name, file, len(checked), _credited(options), told),))


def _once(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Points and lines that stand twice count once; areas may overlap, and features of them count ground once."""
    kinds = set(table.geom_type)
    if kinds == {"Point"}:
        return points_once(table)
    return lines_once(table) if kinds <= {"LineString", "MultiLineString"} else (table, [])


def ground_of(options: TableOptions, folder: Path) -> gpd.GeoDataFrame:
    """What an extract has to lie under a map, as of `holdfast.sources.osm_ground.ground`; errors as of `osm`."""
    file = _extract(options, folder, "places")
    extract = _extract_of(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of layers that the map does not have
            return ground(extract, extract.get_network(NETWORK))
    except Exception:  # as in `_raw`
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None


def hull(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Make a region of what a file covers: the convex hull of its drivable roads or of all its shapes.

    Signature and errors as in `holdfast.sources.readers.Source`; an OpenStreetMap extract or a vector file gives one
    polygon, ``area_id`` ``hull``, in the file's CRS.

    Raises
    ------
    TableError
        Also if all that the file holds lies on one line.
    """
    return _outline(name, options, folder, shapely.convex_hull)


def bounds(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Make a region of what a file covers: the rectangle around it, ``area_id`` ``bounds``; else as `hull`."""
    return _outline(name, options, folder, shapely.envelope)


def _outline(name: str, options: TableOptions, folder: Path, shape: Any) -> Loaded:
    """One polygon around all shapes of a file."""
    if options.path.lower().endswith(PBF):
        file = _extract(options, folder, name)
        shapes, read = _raw(ROADS, options, file)
        options = _credited(options)
    else:
        file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
        shapes, read = read_shapes(file, options.layer, options.crs)
    around = shape(shapely.geometrycollections(shapes.geometry.to_numpy()))
    kind = "hull" if shape is shapely.convex_hull else "bounds"
    table = gpd.GeoDataFrame({"area_id": [kind]}, geometry=[around], crs=shapes.crs)
    note = f"the region is the {kind} of what the file covers, no administrative area"
    return Loaded(check(table, name, str(file)), (input_file(name, file, 1, options, [*read, note]),))


def _credited(options: TableOptions) -> TableOptions:
    """With OpenStreetMap's own title and licence where the study names none."""
    told = {"title": options.title or TITLE, "licence": options.licence or LICENCE, "link": options.link or LINK}
    return options.model_copy(update=told)


def _extract(options: TableOptions, folder: Path, name: str) -> Path:
    """The extract, after the checks that cost nothing."""
    file = locate(folder, options.path, f"tables.{name}.path", PBF)
    with file.open("rb") as stream:
        if HEADER not in stream.read(64):
            raise TableError(str(file), [Problem("is no OpenStreetMap extract in PBF form", column=f"tables.{name}")])
    return file


def forget() -> None:
    """Let go of the extracts that are held, parsed, for the tables of one study."""
    _opened.cache_clear()


def _extract_of(file: Path) -> Any:
    """The parsed extract of a file as it is now."""
    state = file.stat()
    return _opened((file.resolve(), state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=2)
def _opened(state: tuple[Path, int, int]) -> Any:
    """Parse an extract once for all of its tables; its state is path, time of the last change and size."""
    try:
        import pyrosm
    except ImportError:
        text = "reading an OpenStreetMap extract needs pyrosm: pip install pyrosm"
        raise DataMissing(text) from None
    return pyrosm.OSM(str(state[0]))


def _raw(name: str, options: TableOptions, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Rows of one layer with all their tags as columns, EPSG:4326, sorted by id."""
    network = options.layer or NETWORK
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyrosm warns where a layer is empty; the caller says so itself
            extract = _extract_of(file)
            if name == ROADS:
                found = extract.get_network(network)
            elif name == AREAS:
                found = extract.get_boundaries()
            else:
                found = extract.get_data_by_custom_criteria(custom_filter=_filter(name), filter_type="keep")
    except DataMissing:
        raise
    except Exception:  # the parser raises many kinds for a broken file
        raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None
    columns = ["kind", "use", "osm_id", "admin_level", "road_class", "name", "geometry"]
    if found is None or found.empty:
        return gpd.GeoDataFrame({c: [] for c in columns}, geometry="geometry", crs="EPSG:4326"), []
    raw = _with_tags(found)
    raw["osm_id"] = raw["osm_type"].astype(str) + "/" + raw["id"].astype(str)
    # sorted by id, so that rows in messages do not depend on the order in which pyrosm gives them
    raw = raw.drop_duplicates("osm_id").sort_values("osm_id")
    raw.index = pd.RangeIndex(1, len(raw) + 1, name="row")
    if name == ROADS:
        return raw.assign(road_class=raw["highway"]), [f"network {network} of pyrosm"]
    if name == AREAS:
        return raw, []
    raw = _numbers(raw, name)
    raw["kind"] = _kind(raw, name)
    if name != TOWERS:
        return raw[raw["kind"].notna()], []
    return raw[raw["kind"].notna()].assign(use=_use(raw)), ["no ranges are mapped: `rating.tower_range` stands in"]


def _filter(name: str) -> dict[str, list[str]]:
    """Tags that make a row, as pyrosm wants them."""
    rules = packaged("osm_layers")
    mine = rules[rules["table"] == name]
    return {str(key): list(rows["value"]) for key, rows in mine.groupby("key")}


def _with_tags(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Spread the tags that pyrosm leaves in one JSON field over columns; a column that is there wins."""
    raw = found[found.geometry.notna()].copy()
    texts = raw["tags"] if "tags" in raw else pd.Series(dtype=object)
    more = pd.DataFrame([json.loads(t) if isinstance(t, str) else {} for t in texts], index=texts.index)
    new = [c for c in more.columns if c not in raw.columns]
    return gpd.GeoDataFrame(raw.drop(columns="tags", errors="ignore").join(more[new]), crs=found.crs)


def _numbers(raw: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """Numbers in the tags that the schema knows, such as ``height = "30 m"`` for ``height_m``."""
    for rule in schema(name):
        tag = rule.column.removesuffix(f"_{rule.unit}")
        if rule.type == "number" and tag in raw:
            numbers = raw[tag].astype("string").str.extract(NUMBER)[0].str.replace(",", ".")
            raw = raw.assign(**{rule.column: to_numbers(numbers).astype("float64")})
    return raw


def _kind(raw: pd.DataFrame, name: str) -> pd.Series:
    """The tag that makes each row, as ``key=value``; the first one of the rules."""
    kind = pd.Series(pd.NA, index=raw.index, dtype="string")
    for key, values in _filter(name).items():
        if key in raw:
            tag = raw[key].astype("string")
            kind = kind.fillna((key + "=" + tag).where(tag.isin(values)))
    return kind


def _use(raw: pd.DataFrame) -> pd.Series:
    """What a mast or tower is for: communication, other, or unknown where no tag says so.

    A building, or a tower of another type, carries no radio as far as the map says.
    """

    def tag(key: str) -> pd.Series:
        return raw[key].astype("string") if key in raw else pd.Series(pd.NA, index=raw.index, dtype="string")

    key, value = COMMUNICATION
    carries = [c for c in raw.columns if c.startswith("communication:")]
    radio = (tag(key) == value).fillna(value=False) | (raw[carries] == "yes").any(axis=1)
    radio |= raw["man_made"].isin(["communications_tower"])
    other = tag(key).notna() | tag("building").notna()
    return pd.Series(np.select([radio, other], ["communication", "other"], "unknown"), index=raw.index, dtype="string")


def _shaped(table: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Shapes of the kind that the schema wants."""
    wanted = next(rule.type for rule in schema(name) if rule.column == "geometry")
    if table.empty:
        return table, []
    if wanted == "line":
        return _of_kind(table, ["LineString", "MultiLineString"], "lines")
    outline = table.geom_type.isin(["Polygon", "MultiPolygon"])
    if wanted == "polygon":
        areas, lost = _of_kind(table, ["Polygon", "MultiPolygon"], "areas")
        # borders on the map cross themselves now and then, and a feature needs their area
        return areas.set_geometry(shapely.make_valid(areas.geometry.to_numpy())).set_crs(table.crs), lost
    spots = table.geometry.where(~outline, table.geometry.representative_point())
    points = table.set_geometry(spots)[spots.geom_type == "Point"]
    names = points["name"].astype("string") if "name" in points else pd.Series("", index=points.index, dtype="string")
    gone = names.str.strip().str.endswith(GONE).fillna(value=False).astype(bool)
    twice = points.index.isin(_within_another(points, table[outline])) & ~gone
    open_ = len(table) - len(points)
    told = (
        (gone.sum(), "named as gone"),
        (twice.sum(), "inside the outline of another of their kind"),
        (open_, "neither points nor outlines"),
    )
    return points[~gone & ~twice], [f"{int(count)} {what} left out" for count, what in told if count]


def _of_kind(table: gpd.GeoDataFrame, kinds: list[str], what: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Rows of the wanted kind of shape, and how many are of another."""
    fits = table.geom_type.isin(kinds)
    return table[fits], [] if fits.all() else [
        f"{of(int((~fits).sum()), len(table), 'rows')} are no {what} and are left out"
    ]


def _within_another(points: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> pd.Index:
    """Rows whose point lies in the outline of a larger row, such as a ward mapped inside its hospital."""
    flat = outlines[["geometry"]].to_crs(points.estimate_utm_crs())
    size = flat.area
    pairs = gpd.sjoin(points[["geometry"]].to_crs(flat.crs), flat, predicate="within")
    # the name of the column depends on whether the index has one, and on the version of geopandas
    other = pairs["index_right" if "index_right" in pairs else "row_right"].to_numpy()
    # a point has no outline and no size, so that it lies in any outline; equal outlines keep each other
    own = size.reindex(pairs.index).fillna(0.0).to_numpy()
    return pairs.index[(size.reindex(other).to_numpy() > own) & (pairs.index.to_numpy() != other)]
