"""What every reader of networks shares: the frame of a network, classes and costs, a CRS, and what to report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csgraph

from holdfast.config import TableOptions
from holdfast.data import packaged
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.ground import known_crs
from holdfast.sources.matching import Keys, no_common_key
from holdfast.sources.positions import require_places
from holdfast.sources.vectors import within_crs
from holdfast.tables import check
from holdfast.types import InputFile, Network

NEEDS = ["node_id", "on_network", "on_node", "backup_hours"]
SHOWN = 5


@dataclass(frozen=True)
class LoadedNetwork:
    """A checked network in the CRS of its file, and the files it came from."""

    network: Network
    files: tuple[InputFile, ...]


Reader = Callable[[str, TableOptions, Path], LoadedNetwork]


def no_needs() -> pd.DataFrame:
    """An empty table of dependencies with the types of its schema."""
    return pd.DataFrame({c: pd.array([], dtype="string") for c in NEEDS[:3]} | {NEEDS[3]: pd.Series(dtype="float64")})


def require_crs(options: TableOptions, name: str, file: Path) -> str:
    """The CRS that the study states for a file whose format states none.

    Parameters
    ----------
    options : TableOptions
        The table's section of the study.
    name : str
        Table.
    file : Path
        For the message.

    Raises
    ------
    TableError
        If the study states none, or one that is unknown or local.
    """
    if options.crs is not None:
        known_crs(options.crs, str(file), f"tables.{name}.crs")
    else:
        text = 'the format states no CRS; add `crs = "EPSG:..."` to the table in the study (EPSG:4326 if its coordinates are degrees)'
        raise TableError(str(file), [Problem(text, column=f"tables.{name}.crs")])
    return options.crs


def placed_nodes(nodes: gpd.GeoDataFrame, file: Path, crs: str) -> gpd.GeoDataFrame:
    """Refuse nodes without a position, and positions that the CRS of the study cannot mean.

    Parameters
    ----------
    nodes : GeoDataFrame
        Points or None, index the names.
    file : Path
        For messages.
    crs : str
        CRS of the positions.

    Returns
    -------
    GeoDataFrame
        With longitudes past 180 turned by a full circle.

    Raises
    ------
    TableError
        With the count and the first of the names.
    """
    nodes = nodes.set_crs(known_crs(crs, str(file), "crs"), allow_override=True)
    require_places(nodes, file, "nodes", str)
    return within_crs(nodes, str(file))[0]


def with_assets(nodes: gpd.GeoDataFrame, edges: pd.DataFrame, network: str) -> list[str]:
    """Fill classes and costs that a file does not hold, by role, from the packaged table ``network_assets``.

    Parameters
    ----------
    nodes, edges : GeoDataFrame, DataFrame
        Changed in place: ``asset_class`` and ``replacement_cost`` where they are absent. The role of a node is its
        ``kind``, else ``source`` or nothing; that of an edge its ``kind``, else ``edge``.
    network : str
        Name of the network.

    Returns
    -------
    list of str
        What was filled, in words.
    """
    assets = packaged("network_assets")
    assets = assets[assets["network"] == network]
    told = []
    for table, what in ((nodes, "nodes"), (edges, "edges")):
        if "asset_class" in table.columns and "replacement_cost" in table.columns:
            continue
        kind = table["kind"].astype("string") if "kind" in table.columns else pd.Series("", table.index, "string")
        fallback = table["source"].map({True: "source", False: ""}) if what == "nodes" else "edge"
        role = kind.where(kind.isin(assets["role"]), fallback).fillna("")
        classes, costs = pd.Series(None, table.index, object), pd.Series(0.0, table.index)
        for name in sorted(set(role)):
            rows = assets[assets["role"] == name]
            mine = role == name
            if rows.empty:
                continue
            per = table.loc[mine, "length_m"].astype("float64") if rows["unit"].iloc[0].endswith("/m") else 1.0
            classes[mine] = rows["asset_class"].iloc[0] or None
            costs[mine] = float(rows["replacement_cost"].iloc[0]) * per
        if "asset_class" not in table.columns:
            table["asset_class"] = classes.astype("string")
            told.append(f"classes of {what}")
        if "replacement_cost" not in table.columns:
            table["replacement_cost"] = costs
            told.append(f"costs of {what}")
    text = f"not in the file: {', '.join(told)}; from the packaged table network_assets (USD of 2017)"
    return [text] if told else []


def checked(network: Network, file: str, edge_rows: pd.Index | None = None) -> tuple[Network, list[str]]:
    """Hold the tables of a network to their schemas and to each other.

    Parameters
    ----------
    network : Network
        Any; the index of nodes and edges are their ids.
    file : str
        Name for messages.
    edge_rows : Index, optional
        Row of the file of every edge.

    Returns
    -------
    Network
        With the schema's columns and types, sorted by id.
    list of str
        Islands without a source and nodes without an edge, in words.

    Raises
    ------
    TableError
        Naming every bad row, every edge to an unknown node or to itself, and a network without a source.
    DataMissing
        If no edge ends at any node.
    """
    nodes = network.nodes.assign(node_id=network.nodes.index).rename_axis("node")
    edges = network.edges.assign(edge_id=network.edges.index).rename_axis("edge")
    nodes = check(nodes, "network_nodes", file)
    edges = check(edges, "network_edges", file) if len(edges) else edges
    rows = [None] * len(edges) if edge_rows is None else [int(row) for row in edge_rows]
    known = pd.Index(nodes["node_id"])
    ends = pd.concat([edges["from_node"], edges["to_node"]])
    if len(edges) and not ends.isin(known).any():
        raise DataMissing(
            no_common_key(Keys(file, ends), Keys(f"the nodes of the {network.name} network", nodes["node_id"]))
        )
    problems = []
    for column in ("from_node", "to_node"):
        for i in np.flatnonzero(~edges[column].isin(known).to_numpy()):
            text = f'edge {edges["edge_id"].iloc[i]} ends at "{edges[column].iloc[i]}", which is no node'
            problems.append(Problem(text, rows[i], column))
    for i in np.flatnonzero((edges["from_node"] == edges["to_node"]).to_numpy(bool)):
        text = f'edge {edges["edge_id"].iloc[i]} leads from "{edges["to_node"].iloc[i]}" to itself; drop it or correct an end'
        problems.append(Problem(text, rows[i], "to_node"))
    if not nodes["source"].astype(bool).any():
        text = f"no node of the {network.name} network is a source; mark where the service comes in"
        problems.append(Problem(text, column="source"))
    if problems:
        raise TableError(file, problems)
    done = Network(
        network.name,
        nodes.set_index("node_id").sort_index(),
        edges.set_index("edge_id").sort_index(),
        network.dependencies,
        network.synthetic,
        network.details,
    )
    return done, dead_parts(done)


def dead_parts(network: Network) -> list[str]:
    """Islands that no source reaches, in words.

    Parameters
    ----------
    network : Network
        Checked.

    Returns
    -------
    list of str
        Empty where every node has a source.
    """
    ids = pd.Index(network.nodes.index)
    ends = [ids.get_indexer(network.edges[c]) for c in ("from_node", "to_node")]
    graph = coo_matrix((np.ones(len(ends[0])), ends), shape=(len(ids),) * 2)
    part = csgraph.connected_components(graph.tocsr(), directed=False)[1]
    lit = np.isin(part, part[network.nodes["source"].to_numpy(bool)])
    if lit.all():
        return []
    islands, first = np.unique(part[~lit], return_index=True)
    names = [str(ids[~lit][i]) for i in first[:SHOWN]]
    more = ", ..." if len(islands) > SHOWN else ""
    return [
        f"{int((~lit).sum()):,} of {len(ids):,} nodes lie in {len(islands):,} islands that no source reaches "
        f"(such as {', '.join(names)}{more}); they serve nobody"
    ]
