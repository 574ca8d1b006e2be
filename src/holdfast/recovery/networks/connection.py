"""Connection: which nodes a working source reaches, and the parts into which a network falls."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from holdfast.errors import Problem, TableError
from holdfast.types import Network

External = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(node_works (node,) bool, edge_works (edge,) bool) -> service satisfaction (node,) float64, 0..1.

Nodes and edges are those of one network, in the order of its tables. The answer depends on the arguments alone.
"""


def place(network: Network) -> str:
    """How messages call a network.

    Parameters
    ----------
    network : Network
        Any.
    """
    return f"{network.name} network"


def ends_of(network: Network) -> np.ndarray:
    """Positions of the two nodes of every edge.

    Parameters
    ----------
    network : Network
        Any.

    Returns
    -------
    ndarray
        Shape (edge, 2), int64.

    Raises
    ------
    TableError
        Naming every end that is not in the node table.
    """
    ids = pd.Index(network.nodes.index.astype(str))
    columns = ("from_node", "to_node")
    ends = np.column_stack([ids.get_indexer(network.edges[c].astype(str)) for c in columns]).astype(np.int64)
    lost = ends < 0
    if lost.any():
        problems = [
            Problem(f'edge {network.edges.index[e]}: node "{network.edges[columns[s]].iloc[e]}" does not exist')
            for e, s in np.argwhere(lost)
        ]
        raise TableError(place(network), problems)
    return ends.reshape(-1, 2)


def parts(count: int, ends: np.ndarray, node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
    """Number of the connected part of every node, through working nodes and edges.

    Parameters
    ----------
    count : int
        Nodes.
    ends : ndarray
        Shape (edge, 2), positions of nodes.
    node_works, edge_works : ndarray of bool
        Shapes (node,) and (edge,).

    Returns
    -------
    ndarray
        Shape (node,), int64 from 0; a node that does not work is a part of its own.
    """
    carries = edge_works & node_works[ends].all(axis=1)
    pairs = ends[carries]
    matrix = sparse.coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(csgraph.connected_components(matrix.tocsr(), directed=False)[1], dtype=np.int64)


def reached(ends: np.ndarray, source: np.ndarray, node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
    """Nodes that a working source reaches through working nodes and edges.

    Parameters
    ----------
    ends : ndarray
        Shape (edge, 2), positions of nodes.
    source : ndarray of bool
        Shape (node,): where the service enters.
    node_works, edge_works : ndarray of bool
        Shapes (node,) and (edge,).

    Returns
    -------
    ndarray of bool
        Shape (node,).

    Examples
    --------
    >>> ends = np.array([[0, 1], [1, 2]])
    >>> source = np.array([True, False, False])
    >>> reached(ends, source, np.ones(3, bool), np.array([True, False])).tolist()
    [True, True, False]
    """
    part = parts(len(source), ends, node_works, edge_works)
    lit = np.zeros(len(source), dtype=bool)
    lit[part[source & node_works]] = True
    return np.asarray(lit[part] & node_works)


def connectivity(network: Network) -> External:
    """Satisfaction 1 where a working source reaches the node, else 0.

    The engine has a compiled kernel of its own for this model; this one is for comparison.

    Parameters
    ----------
    network : Network
        Any.

    Returns
    -------
    External
        The model.
    """
    ends, source = ends_of(network), network.nodes["source"].to_numpy(bool)

    def satisfaction(node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
        return reached(ends, source, node_works, edge_works).astype(np.float64)

    return satisfaction


def islands(network: Network) -> pd.DataFrame:
    """The parts of a network that are not joined to one another.

    Parameters
    ----------
    network : Network
        Any, undamaged.

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
    ends, count = ends_of(network), len(network.nodes)
    part = parts(count, ends, np.ones(count, bool), np.ones(len(ends), bool))
    size = int(part.max(initial=-1)) + 1
    table = pd.DataFrame(
        {
            "nodes": np.bincount(part, minlength=size),
            "edges": np.bincount(part[ends[:, 0]], minlength=size),
            "length_m": np.bincount(part[ends[:, 0]], weights=network.edges["length_m"], minlength=size),
            "sources": np.bincount(part[network.nodes["source"].to_numpy(bool)], minlength=size),
            "example": network.nodes.index.to_numpy()[np.unique(part, return_index=True)[1]],
        }
    )
    table = table.sort_values(["nodes", "length_m"], ascending=False, kind="stable").reset_index(drop=True)
    return table.rename_axis("island")


def positive(network: Network, column: str) -> np.ndarray:
    """A column of the node table that a network model cannot do without.

    Parameters
    ----------
    network : Network
        Any.
    column : str
        Such as ``demand``.

    Returns
    -------
    ndarray
        Shape (node,), float64.

    Raises
    ------
    TableError
        If there is no such column, or nothing in it is above zero.
    """
    if column not in network.nodes.columns:
        text = f'the nodes have no column "{column}", which this network model needs; give one, or use connectivity'
        raise TableError(place(network), [Problem(text, column=column)])
    values = network.nodes[column].to_numpy(np.float64)
    if not (values > 0).any():
        text = "is zero at every node; there is nothing to deliver"
        raise TableError(place(network), [Problem(text, column=column)])
    return values
