"""Synthetic power, water and telecom networks along the streets, where the data hold none.

The generator is documented, deterministic and labelled ``synthetic``. It puts one source (substation,
pumping station, central office) in the middle of each compact group of buildings, lays water mains along
every street but the dead ends that serve no building, and joins every street corner to its nearest source by
power and telecom lines along the shortest way, with a distribution circuit or street cabinet for each group of
buildings. A building is served by its nearest street corner.
Sizes, costs and needs stand in the packaged tables ``network_assets``, ``network_needs`` and ``figures``.
Not specified in the paper: the generator is ours.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay, cKDTree

from holdfast.config import CityOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city import require_nodes, settle_buildings, zones_of
from holdfast.tables import schema
from holdfast.types import City, Network, Parameters

ALL_PAIRS = 50
SHORTEST = 0.1  # m; a street of no length still joins its ends
NEEDS = ["node_id", "on_network", "on_node", "backup_hours"]


@dataclass(frozen=True)
class Streets:
    """Streets along which networks can be laid.

    Parameters
    ----------
    nodes : GeoDataFrame
        Index ``node_id``; points in any CRS.
    edges : DataFrame
        Columns ``from_node``, ``to_node``, ``length_m``; direction does not matter.
    """

    nodes: gpd.GeoDataFrame
    edges: pd.DataFrame


@dataclass(frozen=True)
class Graph:
    """Street corners (node, 2) in m, edges (edge, 2) of node numbers, lengths (edge,) in m."""

    points: np.ndarray
    edges: np.ndarray
    lengths: np.ndarray


def assemble(
    name: str,
    buildings: gpd.GeoDataFrame,
    options: CityOptions,
    parameters: Parameters,
    streets: Streets | None = None,
) -> City:
    """Make a city of buildings, zones and synthetic networks.

    Parameters
    ----------
    name : str
        Name for titles.
    buildings : GeoDataFrame
        Schema ``buildings``.
    options : CityOptions
        The city's section of the study.
    parameters : Parameters
        Published figures.
    streets : Streets, optional
        Streets of the city; a synthetic street grid over the built-up blocks if omitted.

    Returns
    -------
    City
        Every building names one node of each network; the networks are synthetic.

    Raises
    ------
    TableError
        Naming every building that cannot be settled or lies too far from every street, and amounts of money
        that do not fit the productivity table.
    UnknownName
        If the study names a network that the generator cannot lay, or no known code rule.
    """
    assets = packaged("network_assets")
    for network in options.networks:
        if network not in set(assets["network"]):
            raise UnknownName("network", network, assets["network"].unique(), "city.networks")
    _require_currency(options)
    settled = settle_buildings(buildings, options, parameters)
    given = [f"{n}_node" for n in assets["network"].unique() if f"{n}_node" in settled.columns]
    if given:
        text = "names nodes, but the study holds no network table; drop the column, then networks are laid"
        raise TableError("buildings", [Problem(text, column=column) for column in given])
    where = np.column_stack([settled.geometry.x, settled.geometry.y])
    _require_one_place(where, settled.index)
    raw = _block_graph(where) if streets is None else _street_graph(streets, str(settled.crs))
    _require_near(raw, where, settled.index)
    graph, corner = _linked(join(raw if streets is None else contract(raw)), where)
    networks = {n: _lay(n, graph, corner, where, options, str(settled.crs)) for n in options.networks}
    for network in options.networks:
        settled[f"{network}_node"] = networks[network].nodes.index.to_numpy()[corner]
    require_nodes(settled, networks)
    zones = zones_of(settled, options.zone_size)
    return City(name, str(settled.crs), options.currency, options.price_year, settled, networks, zones)


def _require_currency(options: CityOptions) -> None:
    """Refuse money that could not be added to the productivity table's."""
    unit = next(c.unit for c in schema("productivity") if c.column == "value_added_per_m2_day")
    currency, year = unit.split("/")[0].split("_")
    if (options.currency, str(options.price_year)) != (currency, year):
        text = (
            f"value added is in {currency} of {year}, {options.currency} of {options.price_year} does not add to it; "
            f"convert costs with tables.buildings.scale and state {currency} and {year}"
        )
        raise TableError("study", [Problem(text, column="city.currency")])


def _street_graph(streets: Streets, crs: str) -> Graph:
    """Streets as arrays, corners in the order of their ids."""
    nodes = streets.nodes.sort_index().to_crs(crs)
    tail, head = (nodes.index.get_indexer(streets.edges[c]) for c in ("from_node", "to_node"))
    lost = (tail < 0) | (head < 0)
    if lost.any() or not len(nodes):
        text = f"{int(lost.sum())} of {len(lost)} streets end at a node that is not in the node table"
        raise TableError("streets", [Problem(text, column="from_node")])
    lengths = streets.edges["length_m"].to_numpy(np.float64)
    if not (np.isfinite(lengths) & (lengths >= 0)).all():
        raise TableError("streets", [Problem("is negative or empty for some street", column="length_m")])
    points = np.column_stack([nodes.geometry.x, nodes.geometry.y])
    return _simple(points, np.column_stack([tail, head]), lengths, np.ones(len(points), dtype=bool))


def _block_graph(where: np.ndarray) -> Graph:
    """Synthetic streets: one corner per built-up block of a square grid, joined to its four neighbours."""
    size = figure("block_size")
    blocks = np.unique(np.floor(where / size).astype(np.int64), axis=0)
    number = {tuple(block): i for i, block in enumerate(blocks.tolist())}
    edges = [
        (i, number[right]) for (x, y), i in number.items() for right in ((x + 1, y), (x, y + 1)) if right in number
    ]
    return Graph((blocks + 0.5) * size, np.array(edges, dtype=np.int64).reshape(-1, 2), np.full(len(edges), size))


def contract(graph: Graph) -> Graph:
    """Merge the pieces of each street between two corners into one edge.

    Parameters
    ----------
    graph : Graph
        Any; nodes with two neighbours are points along a street.

    Returns
    -------
    Graph
        Corners and dead ends only; of two streets between the same corners the shorter, no loops. A ring
        keeps one node.

    Examples
    --------
    >>> line = Graph(np.array([[0.0, 0], [1, 0], [3, 0]]), np.array([[0, 1], [1, 2]]), np.array([1.0, 2.0]))
    >>> contract(line).lengths.tolist()
    [3.0]
    """
    count, edges = len(graph.points), graph.edges
    degree = np.bincount(edges.ravel(), minlength=count)
    keep = degree != 2
    ring = _components(count, edges)
    open_parts = np.unique(ring[keep])
    closed = np.flatnonzero(~np.isin(ring, open_parts))
    keep[closed[np.unique(ring[closed], return_index=True)[1]]] = True
    inner = ~keep[edges]
    chain = _components(count, edges[inner.all(axis=1)])
    group = np.where(inner.any(axis=1), np.where(inner[:, 0], chain[edges[:, 0]], chain[edges[:, 1]]), -1)
    alone = group < 0
    group[alone] = count + np.arange(alone.sum())
    names, group = np.unique(group, return_inverse=True)
    lengths = np.bincount(group, weights=graph.lengths, minlength=len(names))
    edge, side = np.nonzero(~inner)
    order = np.argsort(group[edge], kind="stable")
    ends = edges[edge, side][order].reshape(-1, 2)
    return _simple(graph.points, ends, lengths, keep)


def _simple(points: np.ndarray, edges: np.ndarray, lengths: np.ndarray, keep: np.ndarray) -> Graph:
    """Keep some nodes, number them anew, drop loops and all but the shortest of parallel edges."""
    number = np.cumsum(keep) - 1
    edges = np.sort(number[edges], axis=1)
    order = np.lexsort([lengths, edges[:, 1], edges[:, 0]])
    edges, lengths = edges[order], lengths[order]
    first = np.ones(len(edges), dtype=bool)
    first[1:] = (edges[1:] != edges[:-1]).any(axis=1)
    first &= edges[:, 0] != edges[:, 1]
    return Graph(points[keep], edges[first], lengths[first])


def join(graph: Graph) -> Graph:
    """Join separate parts of a graph by the shortest straight links.

    Parameters
    ----------
    graph : Graph
        Any.

    Returns
    -------
    Graph
        Connected; the added links are a minimum spanning tree between the parts.

    Examples
    --------
    >>> parts = Graph(np.array([[0.0, 0], [1, 0], [5, 0]]), np.array([[0, 1]]), np.array([1.0]))
    >>> join(parts).edges.tolist()
    [[0, 1], [1, 2]]
    """
    part = _components(len(graph.points), graph.edges)
    if part.max(initial=0) == 0:
        return graph
    links = _near_pairs(graph.points)
    links = links[part[links[:, 0]] != part[links[:, 1]]]
    distance = np.maximum(np.linalg.norm(graph.points[links[:, 0]] - graph.points[links[:, 1]], axis=1), SHORTEST)
    pair = np.sort(part[links], axis=1)
    order = np.lexsort([links[:, 1], links[:, 0], distance, pair[:, 1], pair[:, 0]])
    links, pair, distance = links[order], pair[order], distance[order]
    first = np.ones(len(pair), dtype=bool)
    first[1:] = (pair[1:] != pair[:-1]).any(axis=1)
    links, pair, distance = links[first], pair[first], distance[first]
    size = part.max() + 1
    rank = np.argsort(np.argsort(distance, kind="stable"), kind="stable") + 1.0
    parts = sparse.coo_matrix((rank, (pair[:, 0], pair[:, 1])), shape=(size, size)).tocsr()
    chosen = np.isin(rank, csgraph.minimum_spanning_tree(parts).data)
    return Graph(
        graph.points,
        np.vstack([graph.edges, np.sort(links[chosen], axis=1)]),
        np.concatenate([graph.lengths, distance[chosen]]),
    )


def _near_pairs(points: np.ndarray) -> np.ndarray:
    """Pairs of points that hold every shortest link between two groups: all, or those of a triangulation."""
    if len(points) <= ALL_PAIRS:
        return np.column_stack(np.triu_indices(len(points), k=1))
    triangles = Delaunay(points - points.mean(axis=0), qhull_options="QJ").simplices
    pairs = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)


def _components(count: int, edges: np.ndarray) -> np.ndarray:
    """Number of the connected part of every node, from 0."""
    ones = np.ones(len(edges))
    graph = sparse.coo_matrix((ones, (edges[:, 0], edges[:, 1])), shape=(count, count))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def _require_one_place(where: np.ndarray, ids: pd.Index) -> None:
    """Refuse buildings that lie in another part of the world than the city."""
    distance = np.linalg.norm(where - np.median(where, axis=0), axis=1)
    problems = [
        Problem(
            f"building {ids[i]} lies {distance[i] / 1e3:,.0f} km from the middle of the city; is its position right?"
        )
        for i in np.flatnonzero(distance > figure("widest_city"))
    ]
    if problems:
        raise TableError("buildings", problems)


def _require_near(graph: Graph, where: np.ndarray, ids: pd.Index) -> None:
    """Refuse buildings that no street reaches, every one at once."""
    distance, _ = cKDTree(graph.points).query(where)
    problems = [
        Problem(
            f"building {ids[i]} lies {distance[i]:,.0f} m from the nearest street, so no network node can serve it; "
            "do the streets cover the city, and is its position right?",
            column="geometry",
        )
        for i in np.flatnonzero(distance > figure("longest_service_line"))
    ]
    if problems:
        raise TableError("buildings", problems)


def _linked(graph: Graph, where: np.ndarray) -> tuple[Graph, np.ndarray]:
    """Nearest corner of every building, and the graph without dead ends that serve none."""
    corner = cKDTree(graph.points).query(where)[1]
    used = np.bincount(corner, minlength=len(graph.points)) > 0
    edges, lengths = graph.edges, graph.lengths
    while True:
        degree = np.bincount(edges.ravel(), minlength=len(used))
        dead = (degree == 1) & ~used
        if not dead.any():
            break
        alive = ~dead[edges].any(axis=1)
        edges, lengths = edges[alive], lengths[alive]
    keep = used | (degree > 0)
    return _simple(graph.points, edges, lengths, keep), (np.cumsum(keep) - 1)[corner]


def _lay(name: str, graph: Graph, corner: np.ndarray, where: np.ndarray, options: CityOptions, crs: str) -> Network:
    """Lay one network over the street graph."""
    assets = packaged("network_assets")
    assets = assets[assets["network"] == name]
    count = len(graph.points)
    sources = _sites(graph, where, options.buildings_per_source)
    branches = np.zeros(count, dtype=bool)
    edges, lengths = graph.edges, graph.lengths
    if (assets["role"] == "branch").any():
        edges, lengths, branches = _lines(graph, np.bincount(corner, minlength=count), sources)
    role = np.full(count, "", dtype=object)
    role[branches] = "branch"
    role[sources] = "source"
    ids = [f"{name}-{i:0{len(str(count))}d}" for i in range(count)]
    by_role = assets.drop_duplicates("role").set_index("role")
    classes = pd.Series(role).map(by_role["asset_class"]).replace("", pd.NA)
    nodes = gpd.GeoDataFrame(
        {
            "source": role == "source",
            "asset_class": classes.astype("string").to_numpy(),
            "replacement_cost": pd.Series(role).map(by_role["replacement_cost"]).fillna(0.0).to_numpy(np.float64),
        },
        geometry=gpd.points_from_xy(*graph.points.T),
        index=pd.Index(ids, name="node_id"),
        crs=crs,
    )
    return Network(name, nodes, _edge_table(name, edges, lengths, ids, assets), _needs(name, ids, role, options), True)


def _edge_table(
    name: str, edges: np.ndarray, lengths: np.ndarray, ids: list[str], assets: pd.DataFrame
) -> pd.DataFrame:
    """Edges of one network; those of a kind that can be damaged take the class of the nearest length."""
    kinds = assets[assets["role"] == "edge"].sort_values("length_m")
    classes = np.full(len(edges), None, dtype=object)
    cost = np.zeros(len(edges))
    if len(kinds):
        length = kinds["length_m"].to_numpy(np.float64)
        kind = np.searchsorted(np.sqrt(length[1:] * length[:-1]), lengths)
        classes = kinds["asset_class"].to_numpy(object)[kind]
        cost = kinds["replacement_cost"].to_numpy(np.float64)[kind] * lengths
    width = len(str(len(edges)))
    names = np.array(ids, dtype=object)
    return pd.DataFrame(
        {
            "from_node": pd.array(names[edges[:, 0]], dtype="string"),
            "to_node": pd.array(names[edges[:, 1]], dtype="string"),
            "length_m": lengths,
            "asset_class": pd.array(classes, dtype="string"),
            "replacement_cost": cost,
        },
        index=pd.Index([f"{name}-line-{i:0{width}d}" for i in range(len(edges))], name="edge_id"),
    )


def _sites(graph: Graph, where: np.ndarray, buildings_per_source: int) -> np.ndarray:
    """Corners nearest to the middle of compact groups of buildings, found by halving along the longer side."""
    centres: list[np.ndarray] = []
    waiting = [(np.arange(len(where)), -(-len(where) // buildings_per_source))]
    while waiting:
        group, parts = waiting.pop()
        place = where[group]
        if parts == 1:
            centres.append(place.mean(axis=0))
            continue
        axis = int(np.argmax(np.ptp(place, axis=0)))
        order = np.lexsort([place[:, 1 - axis], place[:, axis]])
        left = parts // 2
        cut = len(group) * left // parts
        waiting += [(group[order[:cut]], left), (group[order[cut:]], parts - left)]
    return np.unique(cKDTree(graph.points).query(np.array(centres))[1])


def _lines(graph: Graph, load: np.ndarray, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shortest ways from the nearest source to every corner, and the corners where a branch begins."""
    count = len(graph.points)
    weight = np.maximum(graph.lengths, SHORTEST)
    matrix = sparse.coo_matrix((weight, (graph.edges[:, 0], graph.edges[:, 1])), shape=(count, count)).tocsr()
    distance, before, _ = csgraph.dijkstra(
        matrix, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    carried = load.astype(np.int64).copy()
    branches = np.zeros(count, dtype=bool)
    most = figure("buildings_per_branch")
    for node in np.argsort(-distance, kind="stable"):
        if before[node] < 0:
            continue
        if carried[node] >= most or (before[before[node]] < 0 and carried[node] > 0):
            branches[node] = True
        else:
            carried[before[node]] += carried[node]
    child = np.flatnonzero(before >= 0)
    return np.column_stack([before[child], child]), distance[child] - distance[before[child]], branches


def _needs(name: str, ids: list[str], role: np.ndarray, options: CityOptions) -> pd.DataFrame:
    """Nodes that work only while the node of another network at the same corner does."""
    needs = packaged("network_needs")
    needs = needs[(needs["network"] == name) & needs["on_network"].isin(options.networks)]
    rows = [
        (ids[i], on, on + ids[i].removeprefix(name), hours)
        for kind, on, hours in zip(needs["role"], needs["on_network"], needs["backup_hours"], strict=True)
        for i in np.flatnonzero(role == kind)
    ]
    types = dict.fromkeys(NEEDS, "string") | {"backup_hours": "float64"}
    return pd.DataFrame(rows, columns=NEEDS).astype(types)
