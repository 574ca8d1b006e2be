"""The roads as the network "transport": from lines with or without stated ends, with bridges and tunnels."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix, csgraph
from scipy.spatial import cKDTree
from shapely.ops import substring

from holdfast.config import TableOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.network_frames import ASSETS, no_needs, with_assets
from holdfast.ground import ground_length
from holdfast.numerals import to_numbers
from holdfast.sources.counts import of
from holdfast.sources.files import CSVS, VECTORS, locate
from holdfast.sources.matching import Keys, require_common
from holdfast.sources.networks.read import LoadedNetwork, checked
from holdfast.sources.once import first_equal, lines_once
from holdfast.sources.positions import turn
from holdfast.sources.shapes import without_lengthless
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import read_shapes
from holdfast.tables import check, ids
from holdfast.types import Network

R2D_ENDS = {"from_node": "StartNode", "to_node": "EndNode", "edge_id": "id", "road_class": "RoadType"}
R2D_KINDS = {"HwyBridge": "bridge", "HwyTunnel": "tunnel"}
CALIFORNIA = ("06", "6", "6.0")
SNAP = 0.5  # m; ends of lines closer than this are one corner
NEIGHBOUR = 1.5  # of SNAP: also to the next square of the raster that finds them
LINES = 5  # shapely's number of a MultiLineString
SHOWN = 5


def roads(name: str, options: TableOptions, folder: Path) -> LoadedNetwork:
    """Read roads as the transport network, from a vector file of lines; a file without any is an error.

    Signature and errors as in `holdfast.sources.networks.read.Reader`. ``columns`` map ``edge_id``, ``from_node`` and
    ``to_node`` where the file names ends of its lines (R2D's StartNode and EndNode are known); else ends within half a
    metre are one corner. ``length_m`` and ``road_class`` may be mapped. ``attributes`` may name a CSV file of gateways
    (``longitude``, ``latitude``), each of which makes the nearest corner a source, instead of the rule of `with_gateways`.
    A file in the layout of SimCenter's R2D may hold bridges and tunnels as points that name their roads
    (``assetSubtype``, ``RoadID``): those roads become bridges.
    """
    file = locate(folder, options.path, f"tables.{name}.path", VECTORS)
    shapes, read = read_shapes(file, options.layer, options.crs)
    theirs = {
        ours: column for ours, column in R2D_ENDS.items() if column in shapes.columns and ours not in options.columns
    }
    kept, notes = tidy(shapes, options.model_copy(update={"columns": {**theirs, **options.columns}}), file)
    table = gpd.GeoDataFrame(kept, crs=shapes.crs)
    line = table.geom_type.isin(["LineString", "MultiLineString"])
    point = table.geom_type == "Point"
    if not line.any():
        raise TableError(str(file), [Problem("holds no lines; roads are lines", column="geometry")])
    other = int((~line & ~point).sum())
    notes += [f"{of(other, len(table), 'shapes')} are neither lines nor points and are left out"] if other else []
    # before repeated lines go: a bridge may name the one that is left out
    twins = _twins(table[line])
    lines, told = tidy_lines(table[line])
    nodes, edges = from_lines(lines)
    edges, rows, tiny = without_loops(edges, lines.index)
    edges, crossed = _crossings(edges, table[point], twins, str(file))
    nodes, gates = _stated_gateways(nodes, options, folder, name) if options.attributes else with_gateways(nodes, edges)
    filled = with_assets(nodes, edges, name)
    network, dead = checked(Network(name, nodes, edges, no_needs(), False), str(file), rows)
    record = input_file(name, file, len(edges), options, [*read, *notes, *told, *tiny, *crossed, gates, *filled, *dead])
    return LoadedNetwork(network, (record,))


def tidy_lines(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Lines that can be edges: each once, with two ends, in one piece where the file names no ends.

    Parameters
    ----------
    lines : GeoDataFrame
        Index ``row``; ``from_node``, ``to_node``, ``edge_id`` and ``length_m`` if the file has them.

    Returns
    -------
    GeoDataFrame
        Index ``row``. Without lines of no length and repeated ones, in either direction; rings are cut in two.
    list of str
        What was left out or cut.
    """
    lines, short = without_lengthless(lines)
    lines, once = lines_once(lines)
    notes = [*short, *once]
    named = {"from_node", "to_node"} <= set(lines.columns)
    shape = lines.geometry.to_numpy()
    merged = np.where(shapely.get_type_id(shape) == LINES, shapely.line_merge(shape), shape)
    lines = lines.set_geometry(gpd.GeoSeries(merged, index=lines.index, crs=lines.crs))
    several = lines.geom_type == "MultiLineString"
    if several.any() and not named:
        # a stated length is that of the whole line, not of its parts
        lines = lines.drop(columns="length_m", errors="ignore").explode()
        notes.append(f"{int(several.sum()):,} lines of several parts taken apart")
    if "edge_id" in lines.columns:
        lines = lines.assign(edge_id=numbered(ids(lines["edge_id"])))
    lines, rings = open_rings(lines)
    return lines, [*notes, *rings]


def _twins(lines: gpd.GeoDataFrame) -> dict[str, str]:
    """Id of each line that stands twice to that of the one that is kept."""
    if "edge_id" not in lines.columns:
        return {}
    first, names = first_equal(lines), ids(lines["edge_id"]).to_numpy(dtype=object)
    return {str(names[i]): str(names[k]) for i, k in enumerate(first) if i != k}


def numbered(names: pd.Series) -> pd.Series:
    """Names with the number of the piece where one stands more than once."""
    piece = names.groupby(names.to_numpy()).cumcount()
    return names.where(piece.to_numpy() == 0, names + "/" + piece.astype(str))


def open_rings(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Cut lines that end where they begin in two, so that each half joins two corners; the halves stand behind the others.

    A ring is one by the names of its ends (``from_node``, ``to_node``) where the lines have some. Also says how many.
    """
    shape = lines.geometry.to_numpy()
    named = {"from_node", "to_node"} <= set(lines.columns)
    ring = (
        (ids(lines["from_node"]) == ids(lines["to_node"])).fillna(value=False).to_numpy(bool)
        if named
        else shapely.is_closed(shape)
    )
    if not ring.any():
        return lines, []
    whole = lines[ring]
    parts = []
    for share, mark in ((0.0, "a"), (0.5, "b")):
        cut = [substring(g, share, share + 0.5, normalized=True) for g in whole.geometry]
        half = whole.set_geometry(gpd.GeoSeries(cut, index=whole.index, crs=lines.crs))
        if "length_m" in half:
            half = half.assign(length_m=to_numbers(half["length_m"]) / 2)
        if named:
            # the new corner half-way round has a name that no other can have
            far = ids(whole["from_node"]) + " ring " + pd.Series(range(len(whole)), index=whole.index).astype("string")
            half = half.assign(**{"to_node" if mark == "a" else "from_node": far})
        parts.append(half.assign(edge_id=ids(half["edge_id"]) + mark) if "edge_id" in half else half)
    kept = gpd.GeoDataFrame(pd.concat([lines[~ring], *parts]), crs=lines.crs)
    return kept, [
        f"{of(int(ring.sum()), len(lines), 'lines')} are rings: cut in two, so that each half joins two corners"
    ]


def from_lines(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Corners and roads of a table of lines.

    Parameters
    ----------
    lines : GeoDataFrame
        From `tidy_lines`; ``from_node`` and ``to_node`` if the file names them; ``edge_id``, ``length_m``,
        ``road_class`` if it has them.

    Returns
    -------
    GeoDataFrame
        Index ``node_id``, points.
    DataFrame
        Index ``edge_id``: ``from_node``, ``to_node``, ``length_m`` (m), ``kind``, ``road_class``.
    """
    shape = lines.geometry.to_numpy()
    # lines of several parts remain where the file names ends: the ends of the first part place them
    simple = np.where(shapely.get_type_id(shape) == LINES, shapely.get_geometry(shape, 0), shape)
    first, last = shapely.get_point(simple, 0), shapely.get_point(simple, -1)
    if {"from_node", "to_node"} <= set(lines.columns):
        tail, head = (ids(lines[c]).to_numpy(dtype=object) for c in ("from_node", "to_node"))
    else:
        tail, head = _snapped(gpd.GeoSeries(first, crs=lines.crs), gpd.GeoSeries(last, crs=lines.crs))
    ends = pd.DataFrame({"node_id": np.concatenate([tail, head]), "geometry": np.concatenate([first, last])})
    ends = ends.drop_duplicates("node_id").set_index("node_id").sort_index()
    nodes = gpd.GeoDataFrame({"kind": "corner"}, geometry=ends["geometry"].to_numpy(), index=ends.index, crs=lines.crs)
    width = len(str(len(lines)))
    names = ids(lines["edge_id"]) if "edge_id" in lines.columns else [f"road-{i:0{width}d}" for i in range(len(lines))]
    true = ground_length(lines.geometry)
    given = to_numbers(lines["length_m"]).to_numpy(np.float64) if "length_m" in lines.columns else true
    edges = pd.DataFrame(
        {
            "from_node": tail,
            "to_node": head,
            "length_m": np.where(np.isnan(given), true, given),
            "kind": "road",
            "road_class": lines["road_class"].to_numpy() if "road_class" in lines.columns else "",
        },
        index=pd.Index(names, name="edge_id"),
    )
    return nodes, edges


def without_loops(edges: pd.DataFrame, rows: pd.Index) -> tuple[pd.DataFrame, pd.Index, list[str]]:
    """Leave out lines so short that both of their ends are one corner, with their `rows` of the file; and count them."""
    loop = (edges["from_node"] == edges["to_node"]).to_numpy(bool)
    if not loop.any():
        return edges, rows, []
    size = edges["length_m"].to_numpy(np.float64)
    note = f"{of(int(loop.sum()), len(edges), 'lines')} join a corner to itself ({size[loop].sum():,.1f} m) and are left out"
    return edges[~loop], rows[~loop], [note]


def _snapped(first: gpd.GeoSeries, last: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
    """Names of the corners at both ends, those within half a metre as one."""
    both = pd.concat([first, last], ignore_index=True)
    flat = both.to_crs(both.estimate_utm_crs())
    places = np.column_stack([flat.x, flat.y])
    # ends fall into squares of SNAP, and squares that touch, also across a corner (1.41 SNAP), are joined: the border
    # between two squares then parts no corner
    unique, number = np.unique(np.round(places / SNAP).astype(np.int64), axis=0, return_inverse=True)
    near = cKDTree(unique * SNAP).query_pairs(SNAP * NEIGHBOUR, output_type="ndarray")
    corner = _parts(len(unique), near)[np.ravel(number)]
    width = len(str(corner.max() + 1))
    names = np.array([f"corner-{i:0{width}d}" for i in corner], dtype=object)
    return names[: len(first)], names[len(first) :]


def _parts(count: int, ends: np.ndarray) -> np.ndarray:
    """Number of the connected part of every node."""
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return np.asarray(csgraph.connected_components(graph.tocsr(), directed=False)[1])


def _crossings(
    edges: pd.DataFrame, points: gpd.GeoDataFrame, twins: dict[str, str], file: str
) -> tuple[pd.DataFrame, list[str]]:
    """Turn roads that a bridge or tunnel names into bridges and tunnels, each with its class."""
    if points.empty or "RoadID" not in points.columns:
        left = f"{len(points):,} points name no road (RoadID) and are left out"
        return edges, [left] if len(points) else []
    lost: list[str] = []
    rules = packaged("bridge_classes")
    # a bridge over two carriageways names both, separated by commas
    wanted = [
        list(dict.fromkeys(twins.get(i.strip(), i.strip()) for i in str(text).split(",")))
        for text in ids(points["RoadID"]).fillna("")
    ]
    every = pd.Series([i for each in wanted for i in each if i], dtype="string")
    require_common(
        Keys(file, every.rename("RoadID")), Keys("the ids of its roads", pd.Series(edges.index, dtype="string"))
    )
    cost = packaged("network_assets").set_index(["network", "role"])["replacement_cost"]["transport"]
    edges["asset_class"] = pd.Series(pd.NA, index=edges.index, dtype="string")
    edges["replacement_cost"] = 0.0
    edges["replacement_cost_rule"] = pd.Series(pd.NA, index=edges.index, dtype="string")
    for row, named in zip(points.itertuples(), wanted, strict=True):
        kind = R2D_KINDS.get(str(getattr(row, "assetSubtype", "")), "bridge")
        known = [i for i in named if i in edges.index]
        lost += [i for i in named if i not in edges.index]
        if not known:
            continue
        edges.loc[known, "kind"] = kind
        edges.loc[known, "asset_class"] = _crossing_class(row, kind, rules)
        # one bridge is paid for once
        edges.loc[known, "replacement_cost"] = float(cost[kind]) / len(known)
        edges.loc[known, "replacement_cost_rule"] = ASSETS
    notes = [
        f"{len(points)} bridges and tunnels over {(edges['kind'] != 'road').sum()} roads, which share its cost; each road has damage of its own",
        "not in the file: costs of edges; those of bridges and tunnels from the packaged table network_assets (USD of 2017)",
    ]
    if lost:
        notes.append(f"{len(lost)} roads that bridges name are not in the file (such as {', '.join(lost[:SHOWN])})")
    return edges, notes


def _crossing_class(point: object, kind: str, rules: pd.DataFrame) -> str:
    """Class of a bridge or tunnel: the first row of the packaged table ``bridge_classes`` that fits."""

    def number(column: str, default: float) -> float:
        value = to_numbers(pd.Series([getattr(point, column, np.nan)])).iloc[0]
        return default if pd.isna(value) else float(value)

    california = "yes" if str(getattr(point, "StateCode", "")) in CALIFORNIA else "no"
    longest = number("MaxSpanLength", 0.0) * figure("r2d_length_unit")
    built, year, spans = number("BridgeClass", 0.0), number("YearBuilt", 0.0), number("NumOfSpans", 2.0)
    fits = rules[rules["kind"] == kind]
    fits = fits[(fits["nbi_from"] <= built) & (fits["nbi_to"] >= built) & (fits["spans_to"] >= spans)]
    fits = fits[(fits["longest_span_from"] <= longest) & (fits["year_from"] <= year)]
    # the rows go from special to general and the last fits every crossing, so that there is a first
    return str(fits.loc[fits["california"].isin(["*", california]), "asset_class"].iloc[0])


def _stated_gateways(
    nodes: gpd.GeoDataFrame, options: TableOptions, folder: Path, name: str
) -> tuple[gpd.GeoDataFrame, str]:
    """Sources at the corners nearest to the places of a CSV file."""
    file = locate(folder, str(options.attributes), f"tables.{name}.attributes", CSVS)
    raw, _ = read_table(file)
    raw, _ = turn(raw.rename(columns={options.longitude: "longitude", options.latitude: "latitude"}))
    place = check(raw, "positions", str(file))
    flat = nodes.geometry.to_crs(nodes.estimate_utm_crs())
    spots = gpd.GeoSeries.from_xy(place["longitude"], place["latitude"], crs="EPSG:4326").to_crs(flat.crs)
    distance, corner = cKDTree(np.column_stack([flat.x, flat.y])).query(np.column_stack([spots.x, spots.y]))
    problems = [
        Problem(
            f"lies {distance[i]:,.0f} m from the nearest road; are longitude and latitude right?", int(place.index[i])
        )
        for i in np.flatnonzero(distance > figure("longest_service_line"))
    ]
    if problems:
        raise TableError(str(file), problems)
    source = np.isin(np.arange(len(nodes)), corner)
    return nodes.assign(source=source), f"{int(source.sum())} gateways as stated in {file.name}"


def with_gateways(nodes: gpd.GeoDataFrame, edges: pd.DataFrame) -> tuple[gpd.GeoDataFrame, str]:
    """Mark the nodes at which the roads leave the city as sources (column ``source``), and say how many.

    A gateway is an end of a main road (motorway to secondary; of any road where the file has no classes) that
    meets no other road and lies at the rim: within a share of the city's width (figure ``gateway_rim``) of the
    convex hull of all nodes, in the largest connected part. Where there is none, it is that part's node farthest out.
    Not specified in the paper: the rule is ours.
    """
    flat = nodes.geometry.to_crs(nodes.estimate_utm_crs())
    ends = np.column_stack([nodes.index.get_indexer(edges[c]) for c in ("from_node", "to_node")])
    held = (ends >= 0).all(axis=1)  # an end that is no node is refused later, with its row
    ends = ends[held]
    degree = np.bincount(ends.ravel(), minlength=len(nodes))
    main = packaged("main_roads")["road_class"]
    classed = edges["road_class"].isin(main).to_numpy() if "road_class" in edges.columns else np.zeros(len(edges), bool)
    leaving = np.zeros(len(nodes), dtype=bool)
    leaving[ends[classed[held]].ravel() if classed.any() else ends.ravel()] = True
    hull = shapely.convex_hull(shapely.multipoints(flat.to_numpy()))
    # the diagonal of the box around all nodes, m
    width = np.hypot(*(np.ptp(np.column_stack([flat.x, flat.y]), axis=0)))
    rim = shapely.distance(shapely.boundary(hull), flat.to_numpy()) <= figure("gateway_rim") * width
    part = _parts(len(nodes), ends)
    largest = part == np.argmax(np.bincount(part))
    gate = leaving & (degree == 1) & rim & largest
    if not gate.any():
        far = flat.distance(shapely.Point(flat.x.mean(), flat.y.mean())).to_numpy()
        gate[np.argmax(np.where(largest, far, -1.0))] = True
    told = f"{int(gate.sum())} gateways by rule: ends of {'main ' if classed.any() else ''}roads at the rim of the file"
    return nodes.assign(source=gate), told
