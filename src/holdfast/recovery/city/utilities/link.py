"""Joining networks from files to buildings and to each other, by the shortest distance within a stated limit."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.recovery.city.utilities.lay import NEEDS
from holdfast.recovery.networks.connection import edge_ends, label, reached
from holdfast.types import Network

FIRST = 5


def link(buildings: gpd.GeoDataFrame, network: Network, most: float | None = None) -> pd.Series:
    """Node that serves each building: the nearest that may serve and that a source reaches.

    Parameters
    ----------
    buildings : GeoDataFrame
        Index ``building_id``; points in a projected CRS, m.
    network : Network
        In the same CRS.
    most : float, optional
        Longest service line, m; the packaged figure ``longest_service_line`` if omitted.

    Returns
    -------
    Series
        Node id, index ``building_id``, name ``<network>_node``. Of nodes at the same distance any one, always the
        same for the same tables.

    Raises
    ------
    TableError
        Naming every building that lies too far from every such node.
    """
    most = figure("longest_service_line") if most is None else most
    live = _live(network)
    ids = network.nodes.index.to_numpy()[live]
    points = network.nodes.geometry[live]
    distance, node = cKDTree(np.column_stack([points.x, points.y])).query(
        np.column_stack([buildings.geometry.x, buildings.geometry.y]).reshape(-1, 2)
    )
    problems = [
        Problem(
            f"building {buildings.index[i]} lies {distance[i]:,.0f} m from the nearest live node of the {network.name} "
            f"network, more than {most:,.0f} m; extend the network, or drop the building",
            column=f"{network.name}_node",
        )
        for i in np.flatnonzero(distance > most)
    ]
    if problems:
        raise TableError("buildings", problems)
    return pd.Series(pd.array(ids[node], dtype="string"), index=buildings.index, name=f"{network.name}_node")


def _live(network: Network) -> np.ndarray:
    """Nodes that may serve buildings and that a source reaches before the event."""
    ends, count = edge_ends(network), len(network.nodes)
    source = network.nodes["source"].to_numpy(bool)
    lit = reached(ends, source, np.ones(count, bool), np.ones(len(ends), bool))
    if "serves" in network.nodes.columns:
        lit &= network.nodes["serves"].fillna(value=True).to_numpy(bool)
    if not lit.any():
        text = "no node may serve buildings and is reached by a source; mark sources, or `serves`"
        raise TableError(label(network), [Problem(text, column="source")])
    return lit


def infer_needs(network: Network, networks: Mapping[str, Network]) -> pd.DataFrame:
    """Dependencies by rule, for a network whose files state none.

    Parameters
    ----------
    network : Network
        From files.
    networks : mapping of str to Network
        All of the city, in one CRS.

    Returns
    -------
    DataFrame
        Schema ``network_dependencies``: every source, and every node whose ``kind`` has a row in the packaged
        table ``network_needs``, needs the nearest live node of the other network for the hours stated there.
        Reservoirs need nothing.
    """
    needs = packaged("network_needs")
    needs = needs[(needs["network"] == network.name) & needs["on_network"].isin(networks)]
    kind = network.nodes["kind"].astype("string") if "kind" in network.nodes.columns else None
    passive = kind.isin(["reservoir", "inflow"]) if kind is not None else pd.Series(False, network.nodes.index)
    found = []
    for need in needs.itertuples():
        mine = network.nodes["source"].astype(bool) & ~passive if need.role == "source" else kind == need.role
        if mine is None or not np.any(mine):
            continue
        who = network.nodes[np.asarray(mine, dtype=bool)]
        other = networks[str(need.on_network)]
        on = other.nodes[_live(other)]
        nearest = cKDTree(np.column_stack([on.geometry.x, on.geometry.y])).query(
            np.column_stack([who.geometry.x, who.geometry.y])
        )[1]
        found.append(
            pd.DataFrame(
                {
                    "node_id": who.index,
                    "on_network": need.on_network,
                    "on_node": on.index[nearest],
                    "backup_hours": need.backup_hours,
                }
            )
        )
    types = dict.fromkeys(NEEDS, "string") | {"backup_hours": "float64"}
    return (pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=NEEDS)).astype(types)
