"""Connection: which nodes a working source reaches, and the components into which a network falls."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.errors import Problem, TableError
from holdfast.types import Bools, Floats, Ints, Network

ENDS = ("from_node", "to_node")
"""Columns of the edges that name their nodes."""

ServiceModel = Callable[[Bools, Bools], Floats]
"""(node_works (node,), edge_works (edge,)) -> service satisfaction (node,), 0..1.

Nodes and edges are those of one network, in the order of its tables. The answer depends on the arguments alone.
"""


def label(network: Network) -> str:
    """How messages call a network."""
    return f"{network.name} network"


def check_columns(network: Network) -> None:
    """Refuse tables that do not say where edges end and where the service enters.

    Raises
    ------
    TableError
        Naming every column that is missing.
    """
    problems = [Problem("the edges need this column", column=c) for c in ENDS if c not in network.edges]
    if "source" not in network.nodes:
        problems.append(Problem("the nodes need this column: true where the service enters", column="source"))
    if problems:
        raise TableError(label(network), problems)


def edge_ends(network: Network) -> Ints:
    """Positions of the two nodes of every edge, shape (edge, 2).

    Raises
    ------
    TableError
        As `check_columns`; else naming every end that is not in the node table.
    """
    check_columns(network)
    ids = pd.Index(network.nodes.index.astype(str))
    ends = np.column_stack([ids.get_indexer(network.edges[c].astype(str)) for c in ENDS]).astype(np.int64)
    lost = ends < 0
    if lost.any():
        text = 'edge {}: node "{}" does not exist'
        problems = [
            Problem(text.format(network.edges.index[e], network.edges[ENDS[s]].iloc[e])) for e, s in np.argwhere(lost)
        ]
        raise TableError(label(network), problems)
    return ends.reshape(-1, 2)


def sources_of(network: Network) -> Bools:
    """Where the service enters, shape (node,).

    Raises
    ------
    TableError
        As `check_columns`.
    """
    check_columns(network)
    return network.nodes["source"].to_numpy(bool)


def components(count: int, ends: Ints, node_works: Bools, edge_works: Bools) -> Ints:
    """Number of the connected component of every node, through working nodes and edges; shape (node,), from 0.

    `ends` are the nodes that each edge joins, numbered from 0, shape (edge, 2). A node that does not work is a
    component of its own.
    """
    carries = edge_works & node_works[ends].all(axis=1)  # an edge ends where a node is down
    pairs = ends[carries]
    matrix = sparse.coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(csgraph.connected_components(matrix.tocsr(), directed=False)[1], dtype=np.int64)


def reached(ends: ArrayLike, source: ArrayLike, node_works: ArrayLike, edge_works: ArrayLike) -> Bools:
    """Nodes that a working source reaches through working nodes and edges, shape (node,).

    Parameters
    ----------
    ends : array_like of int
        Nodes that each edge joins, numbered from 0, shape (edge, 2).
    source : array_like of bool
        Where the service enters, shape (node,).
    node_works, edge_works : array_like of bool
        What is in order, shapes (node,) and (edge,).

    Raises
    ------
    TableError
        If the shapes do not fit together, or an end is no node.

    Examples
    --------
    >>> reached([[0, 1], [1, 2]], [True, False, False], [True] * 3, [True, False]).tolist()
    [True, True, False]
    """
    pairs, sources = np.asarray(ends, dtype=np.int64).reshape(-1, 2), np.asarray(source, dtype=np.bool_)
    nodes, edges = np.asarray(node_works, dtype=np.bool_), np.asarray(edge_works, dtype=np.bool_)
    problems = []
    for name, given, wanted in (("node_works", nodes, sources.size), ("edge_works", edges, len(pairs))):
        if given.shape != (wanted,):
            problems.append(Problem(f"has shape {given.shape}; give one truth value for each of {wanted}", column=name))
    if pairs.size and (pairs.min() < 0 or pairs.max() >= sources.size):
        problems.append(Problem(f"nodes are numbered 0 to {sources.size - 1}", column="ends"))
    if problems:
        raise TableError("network", problems)
    # whatever shares a component with a working source has service
    component = components(sources.size, pairs, nodes, edges)
    served = np.zeros(sources.size, dtype=bool)
    served[component[sources & nodes]] = True
    return np.asarray(served[component] & nodes)


def connectivity(network: Network) -> ServiceModel:
    """Network model: satisfaction 1 where a working source reaches the node, else 0.

    The engine has a compiled kernel of its own for this model.

    Raises
    ------
    TableError
        If the tables lack what says where edges end and where the service enters.
    """
    ends, source = edge_ends(network), sources_of(network)

    def satisfaction(node_works: Bools, edge_works: Bools) -> Floats:
        return reached(ends, source, node_works, edge_works).astype(np.float64)

    return satisfaction


def islands(network: Network) -> pd.DataFrame:
    """The components of an undamaged network.

    Returns
    -------
    DataFrame
        Index ``island`` from 0, the largest first; ``nodes``, ``edges`` (counts), ``length_m``, ``sources``
        (count; 0 means that nothing is served there), ``example`` (one node's id).

    Examples
    --------
    >>> import geopandas as gpd
    >>> nodes = gpd.GeoDataFrame({"source": [True, False, False]}, index=["a", "b", "c"])
    >>> edges = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "length_m": [5.0]}, index=["ab"])
    >>> islands(Network("gas", nodes, edges, pd.DataFrame(), False))[["nodes", "sources"]].values.tolist()
    [[2, 1], [1, 0]]
    """
    ends, source, count = edge_ends(network), sources_of(network), len(network.nodes)
    island = components(count, ends, np.ones(count, bool), np.ones(len(ends), bool))
    size = int(island.max(initial=-1)) + 1
    table = pd.DataFrame(
        {
            "nodes": np.bincount(island, minlength=size),
            "edges": np.bincount(island[ends[:, 0]], minlength=size),
            "length_m": np.bincount(island[ends[:, 0]], weights=network.edges["length_m"], minlength=size),
            "sources": np.bincount(island[source], minlength=size),
            "example": network.nodes.index.to_numpy()[np.unique(island, return_index=True)[1]],
        }
    )
    table = table.sort_values(["nodes", "length_m"], ascending=False, kind="stable").reset_index(drop=True)
    return table.rename_axis("island")


def required_column(network: Network, column: str) -> Floats:
    """A column of the node table that a network model cannot do without, shape (node,).

    Raises
    ------
    TableError
        If there is no such column, or nothing in it is above zero.
    """
    if column not in network.nodes.columns:
        text = f'the nodes have no column "{column}", which this network model needs; give one, or use connectivity'
        raise TableError(label(network), [Problem(text, column=column)])
    values = network.nodes[column].to_numpy(np.float64)
    if not (values > 0).any():
        text = "is zero at every node; there is nothing to deliver"
        raise TableError(label(network), [Problem(text, column=column)])
    return values
