"""Networks: who is connected to a working source through working assets."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.types import City

DOWN = 2
"""Damage state from which a node or edge is out of service until repaired: moderate."""
MINUTES_PER_HOUR = 60.0


class Graph(NamedTuple):
    """All networks of a city as one graph of flat arrays; networks share no node.

    ``start``, ``neighbour``, ``through``: the neighbours of node v and the edges to them stand at
    start[v] .. start[v + 1]; ``ends`` (edge, 2); ``source`` (node,); ``network`` (node,) and
    ``edge_network`` (edge,): position of the network; ``node_start`` (network + 1,): its nodes;
    ``needs_node``, ``needs_on``, ``needs_minutes`` (dependency,): a node that works only while another
    does, and how long its backup lasts; those on node v stand at ``needs_start[v]`` .. needs_start[v + 1], those of
    node v at needing[needing_start[v]] .. needing[needing_start[v + 1]];
    ``sequence`` (network,): those that others need first; ``affects`` (network, network): what a change of the
    first may change, itself included; ``serving`` (building, network): node that serves; ``served_start``,
    ``served``: buildings by node.
    """

    start: np.ndarray
    neighbour: np.ndarray
    through: np.ndarray
    ends: np.ndarray
    source: np.ndarray
    network: np.ndarray
    edge_network: np.ndarray
    node_start: np.ndarray
    needs_node: np.ndarray
    needs_on: np.ndarray
    needs_minutes: np.ndarray
    needs_start: np.ndarray
    needing_start: np.ndarray
    needing: np.ndarray
    sequence: np.ndarray
    affects: np.ndarray
    serving: np.ndarray
    served_start: np.ndarray
    served: np.ndarray


class Light(NamedTuple):
    """Which parts of the networks work now, and who has service.

    ``node_intact``, ``edge_intact``: neither damaged nor yet to be repaired; ``works`` (node,): intact and
    with all it needs; ``external`` (network,): True where a model outside the loop finds the service;
    ``satisfaction``, ``before`` (node,): service now, 0..1, and before the change that is being settled;
    ``since`` (dependency,): minute in which the service of what it needs was lost, -1 while it is there;
    ``changed`` (network,): something in it works or fails since it was settled last; ``affected``, ``pending``:
    networks that are being settled, and those of them still to be found; ``stack``: room for the search.
    ``grows`` (network,): True where repairs alone can only spread service, never take it: no model outside
    the loop and no circle of dependencies is affected; ``repaired``: nodes, then edges (as -1 - edge), of such
    networks since they were settled last, ``repairs`` of them.
    """

    node_intact: np.ndarray
    edge_intact: np.ndarray
    works: np.ndarray
    external: np.ndarray
    satisfaction: np.ndarray
    before: np.ndarray
    since: np.ndarray
    changed: np.ndarray
    affected: np.ndarray
    pending: np.ndarray
    stack: np.ndarray
    grows: np.ndarray
    repaired: np.ndarray
    repairs: np.ndarray


def graph(city: City) -> Graph:
    """Put the networks of a city into arrays.

    A backup (battery, tank, fuel) lasts its ``backup_hours``, to the minute, and is full again as soon as what
    it bridges is back. Not specified in the paper.

    Parameters
    ----------
    city : City
        Its networks in the order of the dict; nodes and edges in the order of their tables.

    Returns
    -------
    Graph
        Nodes and edges are numbered through all networks.

    Raises
    ------
    TableError
        Naming every edge end, dependency and building whose node does not exist, and every building
        that no source reaches before the event.
    """
    problems: list[Problem] = []
    number = {n: pd.Index(net.nodes.index.astype(str)) for n, net in city.networks.items()}
    offset = dict(zip(number, np.concatenate([[0], np.cumsum([len(i) for i in number.values()])])[:-1], strict=True))
    count = sum(len(i) for i in number.values())

    def find(network: str, ids: pd.Series, what: str) -> np.ndarray:
        known = number.get(network, pd.Index([]))
        position = known.get_indexer(ids.astype(str))
        problems.extend(
            Problem(
                f'{what} {ids.index[i]}: node "{ids.iloc[i]}" is not in the {network} network', column=str(ids.name)
            )
            for i in np.flatnonzero(position < 0)
        )
        return np.asarray(position + offset.get(network, 0), dtype=np.int64)

    ends, needs, serving = [np.empty((0, 2), np.int64)], [np.empty((0, 3), np.int64)], []
    for name, net in city.networks.items():
        ends.append(np.column_stack([find(name, net.edges[c], f"{name} edge") for c in ("from_node", "to_node")]))
        needs += [
            np.column_stack(
                [
                    find(name, group["node_id"], f"{name} dependency"),
                    find(str(on), group["on_node"], f"{name} dependency"),
                    np.round(group["backup_hours"].to_numpy(np.float64) * MINUTES_PER_HOUR),
                ]
            ).astype(np.int64)
            for on, group in net.dependencies.groupby("on_network")
        ]
        serving.append(find(name, _column(city.buildings, f"{name}_node"), "building"))
    if problems:
        raise TableError("networks", problems)
    source = [net.nodes["source"].to_numpy(bool) for net in city.networks.values()]
    sizes = [(len(net.nodes), len(net.edges)) for net in city.networks.values()]
    flat = flat_graph(
        np.concatenate(ends),
        np.concatenate(needs),
        np.column_stack(serving) if serving else np.empty((len(city.buildings), 0), np.int64),
        np.concatenate([*source, np.zeros(0, bool)]),
        sizes,
    )
    _check_reached(flat, city, count)
    return flat


def _column(buildings: pd.DataFrame, name: str) -> pd.Series:
    """The column, or one of nulls, so that every building is named as having no node."""
    return buildings[name] if name in buildings else pd.Series(None, index=buildings.index, name=name, dtype=object)


def flat_graph(
    ends: np.ndarray, needs: np.ndarray, serving: np.ndarray, source: np.ndarray, sizes: list[tuple[int, int]]
) -> Graph:
    """Graph from arrays: adjacency in compressed rows, and buildings by node.

    Parameters
    ----------
    ends : ndarray of int
        Nodes of every edge, numbered through all networks, shape (edge, 2).
    needs : ndarray of int
        A node, the node that it works on, and for how many minutes without, shape (dependency, 3).
    serving : ndarray of int
        Node that serves each building, shape (building, network).
    source : ndarray of bool
        Shape (node,).
    sizes : list of tuple
        Nodes and edges of each network, in order.
    """
    both = np.concatenate([ends, ends[:, ::-1]])
    order = np.argsort(both[:, 0], kind="stable")
    users = serving.ravel()
    network = np.repeat(np.arange(len(sizes)), [n for n, _ in sizes]).astype(np.int64)
    needs = needs[np.argsort(needs[:, 1], kind="stable")]
    nodes = np.arange(source.size + 1)
    affects = _affects(len(sizes), network[needs[:, 1]], network[needs[:, 0]])
    return Graph(
        start=np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=source.size))]).astype(np.int64),
        neighbour=np.ascontiguousarray(both[order, 1]),
        through=np.tile(np.arange(len(ends)), 2)[order].astype(np.int64),
        ends=np.ascontiguousarray(ends),
        source=source,
        network=network,
        edge_network=np.repeat(np.arange(len(sizes)), [e for _, e in sizes]).astype(np.int64),
        node_start=np.concatenate([[0], np.cumsum([n for n, _ in sizes])]).astype(np.int64),
        needs_node=np.ascontiguousarray(needs[:, 0]),
        needs_on=np.ascontiguousarray(needs[:, 1]),
        needs_minutes=np.ascontiguousarray(needs[:, 2]),
        needs_start=np.searchsorted(needs[:, 1], nodes).astype(np.int64),
        needing_start=np.searchsorted(np.sort(needs[:, 0]), nodes).astype(np.int64),
        needing=np.argsort(needs[:, 0], kind="stable").astype(np.int64),
        sequence=np.argsort(-affects.sum(axis=1), kind="stable").astype(np.int64),
        affects=affects,
        serving=np.ascontiguousarray(serving),
        served_start=np.concatenate([[0], np.cumsum(np.bincount(users, minlength=source.size))]).astype(np.int64),
        served=(np.argsort(users, kind="stable") // max(serving.shape[1], 1)).astype(np.int64),
    )


def _affects(networks: int, needed: np.ndarray, needing: np.ndarray) -> np.ndarray:
    """Networks that a change in each may reach through dependencies, itself included, shape (network, network)."""
    affects = np.eye(networks, dtype=np.bool_)
    affects[needed, needing] = True
    for middle in range(networks):
        affects |= affects[:, [middle]] & affects[[middle], :]
    return affects


def _check_reached(flat: Graph, city: City, count: int) -> None:
    """Refuse buildings that have no service even before the event."""
    lit = np.zeros(count, dtype=np.bool_)
    since = np.full(flat.needs_node.size, -1, dtype=np.int64)
    supply(flat, np.ones(count, np.bool_), np.ones(len(flat.ends), np.bool_), since, 0, lit)
    problems = []
    for n, name in enumerate(city.networks):
        for b in np.flatnonzero(~lit[flat.serving[:, n]]):
            node = city.buildings[f"{name}_node"].iloc[b]
            text = f'building {city.buildings.index[b]}: no {name} source reaches its node "{node}"; add an edge or a source'
            problems.append(Problem(text, column=f"{name}_node"))
    if problems:
        raise TableError("networks", problems)


def dark(flat: Graph, external: np.ndarray | None = None) -> Light:
    """State of networks in which everything is intact and nothing has been settled.

    Parameters
    ----------
    flat : Graph
        The networks.
    external : ndarray of bool, optional
        Networks whose service a model outside the loop finds, shape (network,).
    """
    nodes, networks = flat.source.size, flat.node_start.size - 1
    outside = np.zeros(networks, np.bool_) if external is None else external
    return Light(
        node_intact=np.ones(nodes, np.bool_),
        edge_intact=np.ones(len(flat.ends), np.bool_),
        works=np.ones(nodes, np.bool_),
        external=outside,
        satisfaction=np.zeros(nodes),
        before=np.zeros(nodes),
        since=np.full(flat.needs_node.size, -1, np.int64),
        changed=np.ones(networks, np.bool_),
        affected=np.zeros(networks, np.bool_),
        pending=np.zeros(networks, np.bool_),
        stack=np.empty(nodes, np.int64),
        grows=_grows(flat, outside),
        repaired=np.empty(nodes + len(flat.ends), np.int64),
        repairs=np.zeros(1, np.int64),
    )


def _grows(flat: Graph, external: np.ndarray) -> np.ndarray:
    """Networks whose repairs affect no external network and no circle of dependencies."""
    circle = (flat.affects & flat.affects.T & ~np.eye(len(external), dtype=np.bool_)).any(axis=1)
    itself = flat.network[flat.needs_node] == flat.network[flat.needs_on]
    circle[flat.network[flat.needs_node[itself]]] = True
    return ~(flat.affects & (circle | external)).any(axis=1)


@numba.njit(cache=True)
def _reach(n: int, graph: Graph, light: Light) -> None:
    """Give service to the nodes of a network that a working source reaches through working nodes and edges."""
    size = 0
    for v in range(graph.node_start[n], graph.node_start[n + 1]):
        light.satisfaction[v] = 0.0
        if graph.source[v] and light.works[v]:
            light.satisfaction[v] = 1.0
            light.stack[size] = v
            size += 1
    while size > 0:
        size -= 1
        v = light.stack[size]
        for i in range(graph.start[v], graph.start[v + 1]):
            u = graph.neighbour[i]
            if light.satisfaction[u] == 0.0 and light.works[u] and light.edge_intact[graph.through[i]]:
                light.satisfaction[u] = 1.0
                light.stack[size] = u
                size += 1


@numba.njit(cache=True)
def _drop(n: int, now: int, least: float, graph: Graph, light: Light) -> None:
    """Stop the nodes that lack what they need of network n, once their backup has run out."""
    for d in range(graph.needs_start[graph.node_start[n]], graph.needs_start[graph.node_start[n + 1]]):
        if light.satisfaction[graph.needs_on[d]] < least:
            if light.since[d] < 0:
                light.since[d] = now
            v = graph.needs_node[d]
            if now - light.since[d] >= graph.needs_minutes[d] and light.works[v] and light.affected[graph.network[v]]:
                light.works[v] = False
                light.pending[graph.network[v]] = True


@numba.njit(cache=True)
def unsettle(graph: Graph, light: Light) -> None:
    """Begin to find the service anew wherever a change may have reached.

    All dependencies are taken to hold; `settle` then drops those that do not.

    Parameters
    ----------
    graph : Graph
        The networks.
    light : Light
        Its ``changed`` networks and all that they affect are opened.
    """
    networks = light.changed.size
    light.affected[:] = False
    for n in range(networks):
        if light.changed[n]:
            for m in range(networks):
                light.affected[m] = light.affected[m] or graph.affects[n, m]
        light.changed[n] = False
    for m in range(networks):
        light.pending[m] = light.affected[m]
        if light.affected[m]:
            for v in range(graph.node_start[m], graph.node_start[m + 1]):
                light.works[v] = light.node_intact[v]
                light.before[v] = light.satisfaction[v]


@numba.njit(cache=True)
def settle(now: int, answered: int, least: float, graph: Graph, light: Light) -> int:
    """Find the service of all opened networks, to a fixed point.

    Dependencies that do not hold and whose backup has run out are dropped until nothing changes: what is
    left is the largest set of nodes that can work together, so two nodes that need each other both work.
    Not specified in the paper.

    Parameters
    ----------
    now : int
        Minutes since the event.
    answered : int
        External network whose service has just been put into ``light.satisfaction``, -1 if none.
    least : float
        Service of a node from which another that needs it works.
    graph : Graph
        The networks.
    light : Light
        After `unsettle`.

    Returns
    -------
    int
        External network that must be found next from ``works`` and ``edge_intact``; -1 when all is settled.
    """
    for m in range(light.affected.size):
        if not light.affected[m]:
            _drop(m, now, least, graph, light)
    place = 0
    while place < graph.sequence.size:
        n = graph.sequence[place]
        place += 1
        if not light.pending[n]:
            continue
        if light.external[n] and n != answered:
            return int(n)
        answered = -1
        light.pending[n] = False
        if not light.external[n]:
            _reach(n, graph, light)
        _drop(n, now, least, graph, light)
        place = 0
    return -1


@numba.njit(cache=True)
def recharge(now: int, least: float, graph: Graph, light: Light) -> int:
    """Fill the backups whose supply is back, after `settle`.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        As in `settle`.
    graph : Graph
        The networks.
    light : Light
        Settled.

    Returns
    -------
    int
        Minute in which the next backup runs out; -1 if none does.
    """
    soonest = -1
    for d in range(light.since.size):
        if light.satisfaction[graph.needs_on[d]] >= least:
            light.since[d] = -1
        elif now - light.since[d] < graph.needs_minutes[d]:
            end = light.since[d] + graph.needs_minutes[d]
            if soonest < 0 or end < soonest:
                soonest = end
    return soonest


@numba.njit(cache=True)
def _can_work(v: int, now: int, least: float, graph: Graph, light: Light) -> bool:
    """Whether an intact node has all it needs, or a backup of it."""
    for i in range(graph.needing_start[v], graph.needing_start[v + 1]):
        d = graph.needing[i]
        lacks = light.satisfaction[graph.needs_on[d]] < least
        if lacks and now - light.since[d] >= graph.needs_minutes[d]:
            return False
    return True


@numba.njit(cache=True)
def _joined(v: int, graph: Graph, light: Light) -> bool:
    """Whether a node is a source, or has a neighbour with service on an intact edge."""
    if graph.source[v]:
        return True
    for i in range(graph.start[v], graph.start[v + 1]):
        if light.satisfaction[graph.neighbour[i]] > 0.0 and light.edge_intact[graph.through[i]]:
            return True
    return False


@numba.njit(cache=True)
def _light_up(v: int, size: int, graph: Graph, light: Light) -> int:
    """Give service to a node that works, has none and is joined to it; the number of new nodes."""
    if light.satisfaction[v] == 0.0 and light.works[v] and _joined(v, graph, light):
        light.satisfaction[v] = 1.0
        light.before[v] = 0.0
        light.stack[size] = v
        return size + 1
    return size


@numba.njit(cache=True)
def grow(now: int, least: float, graph: Graph, light: Light) -> int:
    """Spread the service from what has been repaired, in networks that can only gain by it.

    The same result as `unsettle` and `settle`, at the cost of what changes.

    Parameters
    ----------
    now : int
        Minutes since the event.
    least : float
        As in `settle`.
    graph : Graph
        The networks.
    light : Light
        Settled but for its ``repaired`` assets.

    Returns
    -------
    int
        How many nodes have service anew; they stand first in ``light.stack``.
    """
    size = 0
    for k in range(light.repairs[0]):
        v = light.repaired[k]
        if v >= 0:
            light.works[v] = _can_work(v, now, least, graph, light)
            size = _light_up(v, size, graph, light)
        else:
            for side in range(2):
                size = _light_up(graph.ends[-1 - v, side], size, graph, light)
    light.repairs[0] = 0
    at = 0
    while at < size:
        v = light.stack[at]
        at += 1
        for i in range(graph.start[v], graph.start[v + 1]):
            if light.edge_intact[graph.through[i]]:
                size = _light_up(graph.neighbour[i], size, graph, light)
        for d in range(graph.needs_start[v], graph.needs_start[v + 1]):
            light.since[d] = -1
            u = graph.needs_node[d]
            if light.node_intact[u] and not light.works[u] and _can_work(u, now, least, graph, light):
                light.works[u] = True
                size = _light_up(u, size, graph, light)
    return size


def supply(
    graph: Graph, node_works: np.ndarray, edge_works: np.ndarray, since: np.ndarray, now: int, lit: np.ndarray
) -> int:
    """Who is joined to a working source, at one moment, by connection alone.

    Parameters
    ----------
    graph : Graph
        The networks.
    node_works, edge_works : ndarray of bool
        False where damaged and not yet repaired.
    since : ndarray of int
        Minute in which what each dependency needs lost its service, -1 where it has it; updated.
    now : int
        Minutes since the event.
    lit : ndarray of bool
        Filled with the result, shape (node,).

    Returns
    -------
    int
        Minute in which the next backup runs out; -1 if none does.
    """
    light = dark(graph)._replace(node_intact=node_works, edge_intact=edge_works, since=since)
    unsettle(graph, light)
    settle(now, -1, 1.0, graph, light)
    lit[:] = light.satisfaction > 0
    return int(recharge(now, 1.0, graph, light))
