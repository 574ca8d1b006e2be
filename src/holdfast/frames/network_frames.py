"""Networks from tables of nodes and edges: classes and costs by role, and tables that fit together."""

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csgraph

from holdfast.data import packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.marks import marked, with_marks
from holdfast.tables import check
from holdfast.types import Network

NEEDS = ["node_id", "on_network", "on_node", "backup_hours"]
ASSETS = "network_assets"
"""Packaged table, and rule, by which classes and costs are filled."""
SHOWN = 5


def no_needs() -> pd.DataFrame:
    """An empty table of dependencies with the types of its schema."""
    return pd.DataFrame({c: pd.array([], dtype="string") for c in NEEDS[:3]} | {NEEDS[3]: pd.Series(dtype="float64")})


def with_assets(nodes: gpd.GeoDataFrame, edges: pd.DataFrame, network: str) -> list[str]:
    """Fill classes and costs that a file lacks, by role, from the packaged ``network_assets``, in place; and say what.

    A role is the ``kind``, else ``source`` of a node that is one, else ``edge``. The rules stand in ``<attribute>_rule``.
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
        known = role.isin(assets["role"]).to_numpy(bool)
        for name in sorted(set(role)):
            rows = assets[assets["role"] == name]
            mine = role == name
            if rows.empty:
                continue
            # a rate per metre of pipe or road, or a price for each
            per = table.loc[mine, "length_m"].astype("float64") if rows["unit"].iloc[0].endswith("/m") else 1.0
            classes[mine] = rows["asset_class"].iloc[0] or None
            costs[mine] = float(rows["replacement_cost"].iloc[0]) * per
        if "asset_class" not in table.columns:
            table["asset_class"] = classes.astype("string")
            table["asset_class_rule"] = marked(table, known, "asset_class", ASSETS)
            told.append(f"classes of {what}")
        if "replacement_cost" not in table.columns:
            table["replacement_cost"] = costs
            table["replacement_cost_rule"] = marked(table, known, "replacement_cost", ASSETS)
            told.append(f"costs of {what}")
    text = f"not in the file: {', '.join(told)}; from the packaged table network_assets (USD of 2017)"
    return [text] if told else []


def fitted(network: Network, file: str, edge_rows: pd.Index | None = None) -> tuple[Network, list[str]]:
    """Validate the tables of a network, and hold them to each other.

    Parameters
    ----------
    network : Network
        Any; the index of nodes and edges are their ids.
    file : str
        Name of the file or frame in messages.
    edge_rows : Index, optional
        Row of the file of every edge.

    Returns
    -------
    Network, list of str
        With the schema's columns and types, sorted by id; islands without a source and nodes without an edge, in words.

    Raises
    ------
    TableError
        Naming every bad row, every edge to an unknown node or to itself, and a network without a source.
    """
    # as columns, since the schema asks for the ids; an edgeless network is one, with nothing to check
    nodes = network.nodes.assign(node_id=network.nodes.index).rename_axis("node")
    edges = network.edges.assign(edge_id=network.edges.index).rename_axis("edge")
    nodes = with_marks(check(nodes, "network_nodes", file), nodes)
    edges = with_marks(check(edges, "network_edges", file), edges) if len(edges) else edges
    rows = [None] * len(edges) if edge_rows is None else [int(row) for row in edge_rows]
    known = pd.Index(nodes["node_id"])
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
    # sorted by id: the numbers that assets have in a run do not depend on the order of the file
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
    """Islands that no source reaches, in words; empty where every node has a source."""
    ids = pd.Index(network.nodes.index)
    ends = [ids.get_indexer(network.edges[c]) for c in ("from_node", "to_node")]
    graph = coo_matrix((np.ones(len(ends[0])), ends), shape=(len(ids),) * 2)
    # roads and lines are walked in both directions here: whether water can flow is a question for the models
    part = csgraph.connected_components(graph.tocsr(), directed=False)[1]
    fed = np.isin(part, part[network.nodes["source"].to_numpy(bool)])
    if fed.all():
        return []
    islands, first = np.unique(part[~fed], return_index=True)
    names = [str(ids[~fed][i]) for i in first[:SHOWN]]
    more = ", ..." if len(islands) > SHOWN else ""
    return [
        f"{int((~fed).sum()):,} of {len(ids):,} nodes lie in {len(islands):,} islands that no source reaches "
        f"(such as {', '.join(names)}{more}); they serve nobody"
    ]
