"""Networks: who is connected to a working source through working assets."""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.types import City

DOWN = 2
"""Damage state from which a node or edge is out of service until repaired: moderate."""
HOURS_PER_DAY = 24.0


class Graph(NamedTuple):
    """All networks of a city as one graph of flat arrays; networks share no node.

    ``start``, ``neighbour``, ``through``: the neighbours of node v and the edges to them stand at
    start[v] .. start[v + 1]; ``ends`` (edge, 2); ``source`` (node,); ``network`` (node,) and
    ``edge_network`` (edge,): position of the network; ``needs_node``, ``needs_on``, ``needs_days``
    (dependency,): a node that works only while another does, and the whole days that its backup lasts;
    ``serving`` (building, network): node that serves; ``served_start``, ``served``: buildings by node.
    """

    start: np.ndarray
    neighbour: np.ndarray
    through: np.ndarray
    ends: np.ndarray
    source: np.ndarray
    network: np.ndarray
    edge_network: np.ndarray
    needs_node: np.ndarray
    needs_on: np.ndarray
    needs_days: np.ndarray
    serving: np.ndarray
    served_start: np.ndarray
    served: np.ndarray


def graph(city: City) -> Graph:
    """Put the networks of a city into arrays.

    A backup lasts whole days: ``backup_hours`` are rounded down to the daily grid, so that a battery
    of less than 24 hours bridges nothing.

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
                    np.floor(group["backup_hours"].to_numpy(np.float64) / HOURS_PER_DAY),
                ]
            ).astype(np.int64)
            for on, group in net.dependencies.groupby("on_network")
        ]
        serving.append(find(name, _column(city.buildings, f"{name}_node"), "building"))
    if problems:
        raise TableError("networks", problems)
    source = [net.nodes["source"].to_numpy(bool) for net in city.networks.values()]
    sizes = [(len(net.nodes), len(net.edges)) for net in city.networks.values()]
    flat = _graph(
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


def _graph(
    ends: np.ndarray, needs: np.ndarray, serving: np.ndarray, source: np.ndarray, sizes: list[tuple[int, int]]
) -> Graph:
    """Adjacency in compressed rows, and buildings by node."""
    both = np.concatenate([ends, ends[:, ::-1]])
    order = np.argsort(both[:, 0], kind="stable")
    users = serving.ravel()
    return Graph(
        start=np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=source.size))]).astype(np.int64),
        neighbour=np.ascontiguousarray(both[order, 1]),
        through=np.tile(np.arange(len(ends)), 2)[order].astype(np.int64),
        ends=np.ascontiguousarray(ends),
        source=source,
        network=np.repeat(np.arange(len(sizes)), [n for n, _ in sizes]).astype(np.int64),
        edge_network=np.repeat(np.arange(len(sizes)), [e for _, e in sizes]).astype(np.int64),
        needs_node=np.ascontiguousarray(needs[:, 0]),
        needs_on=np.ascontiguousarray(needs[:, 1]),
        needs_days=np.ascontiguousarray(needs[:, 2]),
        serving=np.ascontiguousarray(serving),
        served_start=np.concatenate([[0], np.cumsum(np.bincount(users, minlength=source.size))]).astype(np.int64),
        served=(np.argsort(users, kind="stable") // max(serving.shape[1], 1)).astype(np.int64),
    )


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


@numba.njit(cache=True)
def _reach(graph: Graph, node_works: np.ndarray, edge_works: np.ndarray, lit: np.ndarray) -> None:
    """Mark the nodes that a working source reaches through working nodes and edges."""
    lit[:] = False
    stack = np.empty(lit.size, dtype=np.int64)
    size = 0
    for v in range(lit.size):
        if graph.source[v] and node_works[v]:
            lit[v] = True
            stack[size] = v
            size += 1
    while size > 0:
        size -= 1
        v = stack[size]
        for i in range(graph.start[v], graph.start[v + 1]):
            u = graph.neighbour[i]
            if not lit[u] and node_works[u] and edge_works[graph.through[i]]:
                lit[u] = True
                stack[size] = u
                size += 1


@numba.njit(cache=True)
def supply(
    graph: Graph, node_works: np.ndarray, edge_works: np.ndarray, since: np.ndarray, day: int, lit: np.ndarray
) -> int:
    """Service satisfaction of every node: 1 (True) where a working source reaches it, else 0.

    All dependencies are taken to hold, then those that do not are dropped, until nothing changes:
    the largest set of nodes that can work together, so two nodes that need each other both work.
    Not specified in the paper.

    Parameters
    ----------
    graph : Graph
        The networks.
    node_works, edge_works : ndarray of bool
        False where damaged and not yet repaired.
    since : ndarray of int
        Day on which each needed node went dark, -1 where it has service; updated.
    day : int
        Days since the event.
    lit : ndarray of bool
        Filled with the result, shape (node,).

    Returns
    -------
    int
        Next day on which a backup runs out; -1 if none does.
    """
    works = node_works.copy()
    changed = True
    while changed:
        changed = False
        _reach(graph, works, edge_works, lit)
        for d in range(since.size):
            if not lit[graph.needs_on[d]]:
                if since[d] < 0:
                    since[d] = day
                if day - since[d] >= graph.needs_days[d] and works[graph.needs_node[d]]:
                    works[graph.needs_node[d]] = False
                    changed = True
    soonest = -1
    for d in range(since.size):
        if lit[graph.needs_on[d]]:
            since[d] = -1
        elif day - since[d] < graph.needs_days[d]:
            end = since[d] + graph.needs_days[d]
            if soonest < 0 or end < soonest:
                soonest = end
    return soonest
