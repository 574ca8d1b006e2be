"""Power lines and substations, and streets, of an OpenStreetMap extract as networks."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.frames.network_frames import no_needs, with_assets
from holdfast.ground import ground_length
from holdfast.sources.files import locate
from holdfast.sources.networks.read import LoadedNetwork, checked
from holdfast.sources.networks.roads import from_lines, numbered, open_rings, with_gateways, without_loops
from holdfast.sources.once import lines_once
from holdfast.sources.osm_layers import PBF, _credited, _opened, _raw
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import UNREADABLE
from holdfast.types import Network

STATIONS = ("substation", "sub_station", "station", "transformer", "plant", "generator")  # sub_station: old spelling
MAKERS = ("plant", "generator")
LINES = ("line", "minor_line", "cable")
SMALL = "solar"  # a roof of panels feeds its own house and is no source of a network


def osm(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read the power or the transport network of an OpenStreetMap extract; for others `UnknownName` is raised.

    Signature and errors as in `holdfast.sources.networks.read.Reader`. ``power``: nodes are substations, transformers,
    plants and the ends of lines; an end close to a substation (figure ``line_join``) enters it. Sources are plants and,
    where a line leaves the map, its end: the map does not say where the power comes from. ``transport``: drivable streets,
    as `holdfast.sources.networks.roads.roads`.
    """
    if name not in ("power", "transport"):
        raise UnknownName("network of an OpenStreetMap extract", name, ("power", "transport"), f"tables.{name}")
    file = locate(folder, options.path, f"tables.{name}.path", PBF)
    if name == "transport":
        # ways are cut where they cross before anything is measured: on the map one way passes many corners
        raw, _ = _raw("roads", options, file)
        kept, notes = tidy(raw.assign(edge_id=raw["osm_id"]), options, file)
        if kept.empty:
            raise TableError(str(file), [Problem("has no drivable street", column=f"tables.{name}")])
        lines = gpd.GeoDataFrame(kept, crs=raw.crs)
        lines, once = lines_once(lines[lines.geom_type.isin(["LineString", "MultiLineString"])])
        lines = lines.explode(ignore_index=True)
        lines["edge_id"] = numbered(lines["edge_id"].astype("string"))
        pieces, rings = open_rings(_split(lines))
        nodes, edges = from_lines(pieces)
        edges, _, tiny = without_loops(edges, pieces.index)
        nodes, told = with_gateways(nodes, edges)
        notes = [*notes, *once, *rings, *tiny, told]
    else:
        nodes, edges, notes = _power(file)
    filled = with_assets(nodes, edges, name)
    network, dead = checked(Network(name, nodes, edges, no_needs(), False), str(file))
    record = input_file(name, file, len(nodes) + len(edges), _credited(options), [*notes, *filled, *dead])
    return LoadedNetwork(network, (record,))


def _split(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Ways cut at the vertices that they share with other ways."""
    coordinates, way = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    # seven decimals of a degree, about a centimetre, are what the map itself stores: equal places are one node
    place, number = np.unique(np.round(coordinates, 7), axis=0, return_inverse=True)
    number = np.ravel(number)
    first = np.r_[True, way[1:] != way[:-1]]
    last = np.r_[way[1:] != way[:-1], True]
    times = np.bincount(number, minlength=len(place))
    corner = first | last | (times[number] > 1)
    begin = np.flatnonzero(corner & ~last)
    # each piece begins at a corner that is not the last of its way and ends at the next corner of the same way
    end = np.flatnonzero(corner)[np.searchsorted(np.flatnonzero(corner), begin, side="right")]
    shapes = [shapely.LineString(coordinates[a : b + 1]) for a, b in zip(begin, end, strict=True)]
    pieces = lines.iloc[way[begin]].reset_index(drop=True).set_geometry(gpd.GeoSeries(shapes, crs=lines.crs))
    pieces = pieces.assign(from_node=number[begin], to_node=number[end])
    pieces["edge_id"] = numbered(pieces["edge_id"].astype("string"))
    names = {"from_node": "corner-" + _padded(pieces["from_node"]), "to_node": "corner-" + _padded(pieces["to_node"])}
    return pieces.drop(columns=["length_m", "length"], errors="ignore").assign(**names)


def _padded(numbers: pd.Series) -> pd.Series:
    """Numbers as text of one width."""
    return numbers.astype(str).str.zfill(len(str(int(numbers.max()))))


def _power(file: Path) -> tuple[gpd.GeoDataFrame, pd.DataFrame, list[str]]:
    """Stations and lines."""
    state = file.stat()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyrosm warns where a layer is empty; that is answered below
        try:
            extract = _opened((file.resolve(), state.st_mtime_ns, state.st_size))
            found = extract.get_data_by_custom_criteria(
                custom_filter={"power": [*STATIONS, *LINES]}, filter_type="keep"
            )
        except DataMissing:
            raise
        except Exception:  # the parser raises many kinds for a broken file
            raise TableError(str(file), [Problem(f"cannot be read: {UNREADABLE}")]) from None
    if found is None or found.empty:
        raise TableError(
            str(file), [Problem("holds no power lines and no substations; lay a synthetic network instead")]
        )
    found["osm_id"] = found["osm_type"].astype(str) + "/" + found["id"].astype("int64").astype(str)
    found = found.drop_duplicates("osm_id").sort_values("osm_id")
    tags = (
        found["tags"].astype("string").fillna("") if "tags" in found.columns else pd.Series("", found.index, "string")
    )
    # the source of a generator's energy stands among the tags that pyrosm leaves as text
    roof = (found["power"] == "generator") & tags.str.contains(SMALL)
    lines = found[found["power"].isin(LINES) & found.geom_type.isin(["LineString", "MultiLineString"])]
    stations = found[found["power"].isin(STATIONS) & ~roof]
    lines = lines.explode(index_parts=False).reset_index(drop=True)
    lines["osm_id"] = numbered(lines["osm_id"].astype("string"))  # the parts of one way have ends of their own
    stations = stations.set_geometry(stations.geometry.representative_point()).reset_index(drop=True)
    nodes, edges, (loose, within) = _joined(stations, lines)
    notes = [f"{len(stations)} stations, {len(edges)} lines; {int(roof.sum())} solar generators are no sources"]
    if within:
        notes.append(f"{within} lines begin and end in one station and are left out")
    if loose:
        notes.append(
            f"{loose} ends of lines meet no station: where the power comes from is not mapped, they count as sources"
        )
    return nodes, edges, notes


def _joined(
    stations: gpd.GeoDataFrame, lines: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[int, int]]:
    """Nodes and edges; an end of a line close to a station enters it."""
    flat = stations.estimate_utm_crs() if len(stations) else lines.estimate_utm_crs()
    shape = lines.geometry.to_numpy()
    ends = gpd.GeoSeries(np.concatenate([shapely.get_point(shape, 0), shapely.get_point(shape, -1)]), crs=lines.crs)
    own = ["end/" + i + s for s in ("/a", "/b") for i in lines["osm_id"]]
    # every end begins as a node of its own, which the nearest station within reach takes over
    names = pd.Series(own, dtype="string")
    if len(stations) and len(ends):
        places = stations.to_crs(flat)
        spot, station = places.sindex.nearest(ends.to_crs(flat), return_all=False, max_distance=figure("line_join"))
        names.iloc[spot] = places["osm_id"].to_numpy()[station]
    free = ~names.isin(stations["osm_id"]).to_numpy()
    made = gpd.GeoDataFrame(
        {"kind": "line end", "source": True}, geometry=ends[free].to_numpy(), index=names[free], crs=lines.crs
    )
    kept = gpd.GeoDataFrame(
        {"kind": stations["power"].replace("sub_station", "substation"), "source": stations["power"].isin(MAKERS)},
        geometry=stations.geometry,
    ).set_index(stations["osm_id"])
    nodes = pd.concat([kept, made])
    edges = pd.DataFrame(
        {
            "from_node": names[: len(lines)].to_numpy(),
            "to_node": names[len(lines) :].to_numpy(),
            "length_m": ground_length(lines.geometry),
            "kind": "line",
        },
        index=lines["osm_id"].to_numpy(),
    )
    within = edges["from_node"] == edges["to_node"]
    return nodes, edges[~within], (int(free.sum()), int(within.sum()))
