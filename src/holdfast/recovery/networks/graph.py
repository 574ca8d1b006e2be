"""The networks of a city as one graph of flat arrays, for compiled kernels."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.recovery.networks.connection import ENDS, sources_of
from holdfast.recovery.networks.pressure import MINUTES_PER_HOUR, Pressure, no_pressure
from holdfast.types import Bools, Ints, Network

DOWN = 2
"""Damage state from which a node or edge is out of service until repaired: moderate."""


class Adjacency(NamedTuple):
    """Neighbours of node v stand at start[v] .. start[v + 1] of ``neighbour``, the edges to them in ``edge``."""

    start: Ints
    neighbour: Ints
    edge: Ints


class Dependencies(NamedTuple):
    """Nodes that work only while another does: dependency d says that ``node`` needs ``on``; all (dependency,).

    ``minutes``: how long its backup lasts. Sorted by ``on``: those on node v are on_start[v] .. on_start[v + 1]. Those
    of node v are of[of_start[v]] .. of[of_start[v + 1]].
    """

    node: Ints
    on: Ints
    minutes: Ints
    on_start: Ints
    of: Ints
    of_start: Ints


class BuildingsByNode(NamedTuple):
    """Buildings that node v serves: building[start[v]] .. building[start[v + 1]]."""

    start: Ints
    building: Ints


class Graph(NamedTuple):
    """All networks of a city; nodes and edges are numbered through all of them, and networks share no node.

    ``ends`` (edge, 2); ``source`` (node,); ``network`` (node,) and ``edge_network`` (edge,): position of the network;
    ``node_start`` (network + 1,): its nodes; ``sequence`` (network,): those that others need first; ``affects``
    (network, network): what a change of the first may change, itself included; ``serving`` (building, network): node
    that serves a building; ``pressure``: which networks lose it.
    """

    adjacency: Adjacency
    ends: Ints
    source: Bools
    network: Ints
    edge_network: Ints
    node_start: Ints
    needs: Dependencies
    sequence: Ints
    affects: Bools
    serving: Ints
    served: BuildingsByNode
    pressure: Pressure


def graph(buildings: pd.DataFrame, networks: Mapping[str, Network]) -> Graph:
    """Put the networks of a city into arrays, in the order of the mapping and of its tables.

    A backup (battery, tank, fuel) lasts its ``backup_hours``, to the minute, and is full again as soon as what
    it bridges is back. Not specified in the paper.

    Parameters
    ----------
    buildings : DataFrame
        Needs ``<network>_node`` for every network: the node that serves each.

    Raises
    ------
    TableError
        Naming every edge end, dependency and building whose node does not exist.
    """
    source = [sources_of(net) for net in networks.values()]
    number = {n: pd.Index(net.nodes.index.astype(str)) for n, net in networks.items()}
    first = dict(zip(number, np.cumsum([0, *map(len, number.values())]), strict=False))
    problems: list[Problem] = []

    def find(network: str, ids: pd.Series, what: str) -> Ints:
        """Numbers of nodes in the graph."""
        place = number.get(network, pd.Index([])).get_indexer(ids.astype(str))
        text = f'{what} {{}}: node "{{}}" is not in the {network} network'
        problems.extend(
            Problem(text.format(ids.index[i], ids.iloc[i]), column=str(ids.name)) for i in np.flatnonzero(place < 0)
        )
        return np.asarray(place + first.get(network, 0), dtype=np.int64)

    ends, needs, serving = [np.empty((0, 2), np.int64)], [np.empty((0, 3), np.int64)], []
    for name, net in networks.items():
        ends.append(np.column_stack([find(name, net.edges[c], f"{name} edge") for c in ENDS]))
        for on, rows in net.dependencies.groupby("on_network"):
            node, other = (find(k, rows[c], f"{name} dependency") for k, c in ((name, "node_id"), (str(on), "on_node")))
            minutes = np.round(rows["backup_hours"].to_numpy(np.float64) * MINUTES_PER_HOUR)
            needs.append(np.column_stack([node, other, minutes]).astype(np.int64))
        serving.append(find(name, _column(buildings, f"{name}_node"), "building"))
    if problems:
        raise TableError("networks", problems)
    return flat_graph(
        np.concatenate(ends),
        np.concatenate([*source, np.zeros(0, bool)]),
        np.concatenate(needs),
        np.column_stack(serving) if serving else np.empty((len(buildings), 0), np.int64),
        [(len(net.nodes), len(net.edges)) for net in networks.values()],
    )


def _column(buildings: pd.DataFrame, name: str) -> pd.Series:
    """The column, or one of nulls, so that every building is named as having no node."""
    return buildings[name] if name in buildings else pd.Series(None, index=buildings.index, name=name, dtype=object)


def flat_graph(ends: Ints, source: Bools, needs: Ints, serving: Ints, sizes: list[tuple[int, int]]) -> Graph:
    """Index what kernels walk along: neighbours, dependencies, buildings by node.

    `ends` are the nodes of each edge; `needs` has rows (node, node it needs, minutes of backup); `serving` is the node
    that serves each building in each network; `sizes` are the nodes and edges of each network, by which both are
    sorted.
    """
    nodes = np.arange(source.size + 1)
    network = np.repeat(np.arange(len(sizes)), [n for n, _ in sizes]).astype(np.int64)
    # stable, so that of one node the dependencies stay in the order of the tables
    needs = needs[np.argsort(needs[:, 1], kind="stable")]
    affects = _affects(len(sizes), network[needs[:, 1]], network[needs[:, 0]])
    return Graph(
        adjacency=adjacency(ends, source.size),
        ends=np.ascontiguousarray(ends),
        source=source,
        network=network,
        edge_network=np.repeat(np.arange(len(sizes)), [e for _, e in sizes]).astype(np.int64),
        node_start=np.concatenate([[0], np.cumsum([n for n, _ in sizes])]).astype(np.int64),
        needs=Dependencies(
            node=np.ascontiguousarray(needs[:, 0]),
            on=np.ascontiguousarray(needs[:, 1]),
            minutes=np.ascontiguousarray(needs[:, 2]),
            on_start=np.searchsorted(needs[:, 1], nodes).astype(np.int64),
            of=np.argsort(needs[:, 0], kind="stable").astype(np.int64),
            of_start=np.searchsorted(np.sort(needs[:, 0]), nodes).astype(np.int64),
        ),
        # whoever affects most others is solved first, so that few are solved twice
        sequence=np.argsort(-affects.sum(axis=1), kind="stable").astype(np.int64),
        affects=affects,
        serving=np.ascontiguousarray(serving),
        served=_by_node(serving, source.size),
        pressure=no_pressure(len(sizes), source.size),
    )


def adjacency(ends: Ints, nodes: int) -> Adjacency:
    """Neighbours of every node in compressed rows.

    Examples
    --------
    >>> found = adjacency(np.array([[0, 1], [1, 2]]), 3)
    >>> found.neighbour[found.start[1] : found.start[2]].tolist()
    [2, 0]
    """
    both = np.concatenate([ends, ends[:, ::-1]])  # every edge once from each end
    order = np.argsort(both[:, 0], kind="stable")
    return Adjacency(
        start=np.concatenate([[0], np.cumsum(np.bincount(both[:, 0], minlength=nodes))]).astype(np.int64),
        neighbour=np.ascontiguousarray(both[order, 1]),
        edge=np.tile(np.arange(len(ends)), 2)[order].astype(np.int64),
    )


def _by_node(serving: Ints, nodes: int) -> BuildingsByNode:
    """Buildings sorted by the node that serves them."""
    users = serving.ravel()
    start = np.concatenate([[0], np.cumsum(np.bincount(users, minlength=nodes))]).astype(np.int64)
    # row-major: the place in the flattened table over the number of networks is the building
    building = np.argsort(users, kind="stable") // max(serving.shape[1], 1)
    return BuildingsByNode(start, building.astype(np.int64))


def _affects(networks: int, needed: Ints, needing: Ints) -> Bools:
    """Networks that a change in each may reach through dependencies, itself included, shape (network, network)."""
    affects = np.eye(networks, dtype=np.bool_)
    affects[needed, needing] = True
    for middle in range(networks):  # Warshall's transitive closure
        affects |= affects[:, [middle]] & affects[[middle], :]
    return affects
