"""Laying one synthetic network along the streets: sources, lines, loops, tiers, sizes.

Every corner is joined to its nearest source along the shortest way (the tree). Of the other streets a share, the
redundancy of the network, is added as loops: first those that join two far ends of the tree by the shortest street, as
planners close rings. Wants follow people, limits follow wants with a reserve, so that the undamaged network delivers.
All figures stand in the packaged tables ``network_design``, ``network_assets``, ``pipe_sizes`` and ``figures``.
Not specified in the paper: the generator is ours.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.network_frames import ASSETS, NEEDS
from holdfast.recovery.city.utilities.street_graph import SHORTEST, Graph
from holdfast.types import Network

GATEWAYS = "transport"
SIDES = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
TRUNK, DISTRIBUTION = "trunk", "distribution"


class Tree(NamedTuple):
    """Shortest ways from the nearest source.

    ``distance`` (node,) m; ``before`` (node,), below 0 at a source; ``far`` (node,): nodes from the farthest to the
    nearest.
    """

    distance: np.ndarray
    before: np.ndarray
    far: np.ndarray


class Layout(NamedTuple):
    """``redundancy``: network to the share of the streets that close loops; ``buildings_per_source``: that one serves."""

    redundancy: Mapping[str, float]
    buildings_per_source: int


class People(NamedTuple):
    """Who is served: ``corner``, ``residents``, ``workers`` (building,); ``sites`` (source,): corners of sources."""

    corner: np.ndarray
    sites: np.ndarray
    residents: np.ndarray
    workers: np.ndarray


def lay(
    name: str, graph: Graph, people: People, laid: Sequence[str], redundancy: Mapping[str, float], crs: str
) -> Network:
    """Lay one network over the street graph.

    Parameters
    ----------
    name : str
        ``power``, ``water``, ``gas``, ``telecom`` or ``transport``.
    graph : Graph
        Connected streets, every corner of which is kept as a node.
    people : People
        Buildings by the corner that serves them.
    laid : sequence of str
        All networks that are laid over it.
    redundancy : mapping of str to float
        Network to the share of the streets off the tree that close loops, over the table ``network_design``.
    crs : str
        CRS of the graph's points.

    Returns
    -------
    Network
        Marked synthetic; node i stands at corner i in every network, so that dependencies join nodes at one place.

    Raises
    ------
    TableError
        If a redundancy lies outside 0..1.
    """
    count = len(graph.points)
    design = packaged("network_design").set_index("network").loc[name]
    assets = packaged("network_assets").query("network == @name").drop_duplicates("role").set_index("role")
    sources = _gateways(graph) if name == GATEWAYS else people.sites
    tree = _tree(graph, sources)
    loops = _loops(graph, tree, _redundancy(name, float(design["redundancy"]), redundancy))
    load = np.bincount(people.corner, minlength=count)
    demand = _demand(people, design, count)
    role = np.full(count, "", dtype=object)
    if "branch" in assets.index:
        role[_branches(tree.before, tree.far, load.astype(np.int64), int(figure("buildings_per_branch")))] = "branch"
    # after the branches: a source that is also a branch stays a source
    role[sources] = "source"
    # numbers of one width, so that the order of the ids is that of the corners
    ids = [f"{name}-{i:0{len(str(count))}d}" for i in range(count)]
    # buildings and wants at and behind every node: what a line to it has to carry while no loop helps
    behind = _behind(tree.before, tree.far, np.column_stack([load, demand]).astype(np.float64))
    nodes = _nodes(graph, role, assets, demand, behind[:, 1] * float(design["reserve"]), crs, ids)
    edges = _edges(name, graph, tree, loops, behind, float(design["reserve"]), assets)
    names = np.array(ids, dtype=object)
    edges["from_node"], edges["to_node"] = (pd.array(names[edges[c]], dtype="string") for c in ("from_node", "to_node"))
    if name == "water":
        nodes["head_m"] = np.where(role == "source", figure("water_head"), np.nan)
    return Network(name, nodes, edges, _needs(name, ids, role, laid), True)


def _redundancy(name: str, usual: float, stated: Mapping[str, float]) -> float:
    """Share of the streets off the tree that close loops."""
    share = float(stated.get(name, usual))
    if not 0 <= share <= 1:
        text = f"{share:g} is no share between 0 (a tree) and 1 (all streets)"
        raise TableError("city", [Problem(text, column=f"redundancy.{name}")])
    return share


def sites(graph: Graph, where: np.ndarray, buildings_per_source: int) -> np.ndarray:
    """Corners nearest to the middle of compact groups of buildings, ascending.

    Groups hold at most `buildings_per_source` of the positions `where`, m, shape (building, 2).
    """
    centres: list[np.ndarray] = []
    # a group to be cut into so many parts; the number of sources is that of the city, rounded up
    waiting = [(np.arange(len(where)), -(-len(where) // buildings_per_source))]
    while waiting:
        group, parts = waiting.pop()
        place = where[group]
        if parts == 1:
            centres.append(place.mean(axis=0))
            continue
        # halved across its longer side, so that groups stay compact; ties in place go by the other coordinate
        axis = int(np.argmax(np.ptp(place, axis=0)))
        order = np.lexsort([place[:, 1 - axis], place[:, axis]])
        left = parts // 2
        cut = len(group) * left // parts
        waiting += [(group[order[:cut]], left), (group[order[cut:]], parts - left)]
    return np.unique(cKDTree(graph.points).query(np.array(centres))[1])


def _gateways(graph: Graph) -> np.ndarray:
    """The outermost corner on each of the four sides, where the roads lead out."""
    return np.unique(np.argmax(graph.points @ SIDES.T, axis=0))


def _tree(graph: Graph, sources: np.ndarray) -> Tree:
    """Shortest ways from the nearest source to every corner."""
    count = len(graph.points)
    # a sparse matrix takes 0 for no edge
    weight = np.maximum(graph.lengths, SHORTEST)
    matrix = sparse.coo_matrix((weight, (graph.edges[:, 0], graph.edges[:, 1])), shape=(count, count)).tocsr()
    distance, before, _ = csgraph.dijkstra(
        matrix, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    return Tree(distance, before.astype(np.int64), np.argsort(-distance, kind="stable"))


def _loops(graph: Graph, tree: Tree, share: float) -> np.ndarray:
    """Streets off the tree that close a loop: the longest way round per metre of street first; ties by number."""
    tail, head = graph.edges.T
    # a street is of the tree if one of its ends comes right before the other on the way to the source
    off = np.flatnonzero((tree.before[tail] != head) & (tree.before[head] != tail))
    length = np.maximum(graph.lengths[off], SHORTEST)
    # way round through the tree, in lengths of the street that would close it
    round_about = (tree.distance[tail[off]] + tree.distance[head[off]] + length) / length
    order = np.lexsort([off, -round_about])
    return np.sort(off[order[: round(share * len(off))]])


def _demand(people: People, design: pd.Series, count: int) -> np.ndarray:
    """Wants of every corner, in the network's unit."""
    each = people.residents * float(design["demand_per_resident"]) + people.workers * float(design["demand_per_worker"])
    return np.bincount(people.corner, weights=each, minlength=count)


@numba.njit(cache=True)
def _branches(before, far, carried, most):  # type: ignore[no-untyped-def]
    """Corners where a branch begins: enough buildings gathered, or next to the source."""
    # from the farthest node inwards: what lies behind a node is complete when the node itself is reached
    found = np.zeros(before.size, dtype=np.bool_)
    for node in far:
        if before[node] < 0:
            continue
        if carried[node] >= most or (before[before[node]] < 0 and carried[node] > 0):
            found[node] = True
        else:
            carried[before[node]] += carried[node]
    return found


@numba.njit(cache=True)
def _behind(before, far, amount):  # type: ignore[no-untyped-def]
    """Amounts at and behind every node of the tree, shape (node, quantity)."""
    total = amount.copy()
    for node in far:
        if before[node] >= 0:
            total[before[node]] += total[node]
    return total


def _nodes(
    graph: Graph,
    role: np.ndarray,
    assets: pd.DataFrame,
    demand: np.ndarray,
    supply: np.ndarray,
    crs: str,
    ids: list[str],
) -> gpd.GeoDataFrame:
    """Node table of a network."""
    roles = pd.Series(role)
    classes = roles.map(assets["asset_class"]).replace("", pd.NA)
    return gpd.GeoDataFrame(
        {
            "source": role == "source",
            "asset_class": classes.astype("string").to_numpy(),
            "replacement_cost": roles.map(assets["replacement_cost"]).fillna(0.0).to_numpy(np.float64),
            "replacement_cost_rule": pd.Series(ASSETS, roles.index, dtype="string")
            .where(roles.isin(assets.index))
            .array,
            "kind": pd.array(np.where(role == "", "corner", role), dtype="string"),
            "tier": pd.array(np.where(role == "source", TRUNK, DISTRIBUTION), dtype="string"),
            "demand": demand,
            "supply": np.where(role == "source", supply, np.nan),
        },
        geometry=gpd.points_from_xy(*graph.points.T),
        index=pd.Index(ids, name="node_id"),
        crs=crs,
    )


def _edges(
    name: str, graph: Graph, tree: Tree, loops: np.ndarray, behind: np.ndarray, reserve: float, assets: pd.DataFrame
) -> pd.DataFrame:
    """Edges of the tree, downstream, then of the loops; ends are numbers of nodes."""
    child = np.flatnonzero(tree.before >= 0)
    length = tree.distance[child] - tree.distance[tree.before[child]]
    ends = np.concatenate([np.column_stack([tree.before[child], child]), graph.edges[loops]])
    # buildings behind an edge of the tree; a loop carries none while all is whole, so that it is no trunk
    lengths = np.concatenate([length, graph.lengths[loops]])
    carried = np.concatenate([behind[child, 0], np.zeros(len(loops))])
    above = np.where(tree.before >= 0, behind[:, 1], 0.0)
    # a loop must be able to carry what lies behind the larger of its ends, as if the tree were cut there
    flow = np.concatenate([behind[child, 1], np.maximum(above[graph.edges[loops, 0]], above[graph.edges[loops, 1]])])
    table = pd.DataFrame({"from_node": ends[:, 0], "to_node": ends[:, 1], "length_m": lengths})
    row = assets.loc["edge"]
    table["asset_class"] = pd.array([row["asset_class"] or pd.NA] * len(table), dtype="string")
    table["replacement_cost"] = float(row["replacement_cost"]) * lengths
    table["replacement_cost_rule"] = pd.array([ASSETS] * len(table), dtype="string")
    table["kind"] = pd.array(
        ["road" if name == GATEWAYS else "pipe" if name in ("water", "gas") else "line"] * len(table), "string"
    )
    table["tier"] = pd.array(np.where(carried >= figure("trunk_buildings"), TRUNK, DISTRIBUTION), dtype="string")
    table["capacity"] = flow * reserve
    if name == "water":
        table["diameter_m"], table["roughness"] = _diameters(flow * reserve), figure("water_roughness")
    width = len(str(len(table)))
    table.index = pd.Index([f"{name}-line-{i:0{width}d}" for i in range(len(table))], name="edge_id")
    return table


def _diameters(flow: np.ndarray) -> np.ndarray:
    """Smallest common size that carries a flow (m3/s) at the design velocity; the widest where none does."""
    sizes = packaged("pipe_sizes")["diameter_m"].to_numpy(np.float64)
    # continuity: flow = velocity x pi d^2 / 4
    wanted = np.sqrt(4.0 * flow / (np.pi * figure("water_velocity")))
    return sizes[np.minimum(np.searchsorted(sizes, wanted), len(sizes) - 1)]


def _needs(name: str, ids: list[str], role: np.ndarray, laid: Sequence[str]) -> pd.DataFrame:
    """Nodes that work only while the node of another laid network at the same corner does."""
    needs = packaged("network_needs")
    needs = needs[(needs["network"] == name) & needs["on_network"].isin(laid)]
    rows = [
        # node i of the other network stands at the same corner, under the same number
        (ids[i], on, on + ids[i].removeprefix(name), hours)
        for kind, on, hours in zip(needs["role"], needs["on_network"], needs["backup_hours"], strict=True)
        for i in np.flatnonzero(role == kind)
    ]
    types = dict.fromkeys(NEEDS, "string") | {"backup_hours": "float64"}
    return pd.DataFrame(rows, columns=NEEDS).astype(types)
