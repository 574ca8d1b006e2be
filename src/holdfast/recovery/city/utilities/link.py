"""Joining networks from files to buildings and to each other, by the shortest distance within a stated limit."""

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.frames.network_frames import NEEDS
from holdfast.recovery.networks.connection import edge_ends, label, reached
from holdfast.types import Network

FIRST = 5


def link(buildings: gpd.GeoDataFrame, network: Network, most: float | None = None) -> pd.Series:
    """Node that serves each building: the nearest that may serve and that a source reaches.

    All geometry stands in one projected CRS. Of nodes at the same distance any one serves, always the same for the
    same tables. A service line is at most `most` m long, the packaged ``longest_service_line`` if omitted.

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
    # a node that no source reaches even before the event would leave its buildings without service for good
    ends, count = edge_ends(network), len(network.nodes)
    source = network.nodes["source"].to_numpy(bool)
    fed = reached(ends, source, np.ones(count, bool), np.ones(len(ends), bool))
    if "serves" in network.nodes.columns:
        fed &= network.nodes["serves"].fillna(value=True).to_numpy(bool)
    if not fed.any():
        text = "no node may serve buildings and is reached by a source; mark sources, or `serves`"
        raise TableError(label(network), [Problem(text, column="source")])
    return fed


def infer_needs(network: Network, networks: Mapping[str, Network]) -> pd.DataFrame:
    """Dependencies by rule, for a network whose files state none; all of the city in one CRS.

    Every source, and every node whose ``kind`` has a row in the packaged table ``network_needs``, needs the nearest
    live node of the other network for the hours stated there.

    Returns
    -------
    DataFrame
        Schema ``network_dependencies``; empty where nothing is needed.
    """
    needs = packaged("network_needs")
    needs = needs[(needs["network"] == network.name) & needs["on_network"].isin(networks)]
    kind = network.nodes["kind"].astype("string") if "kind" in network.nodes.columns else None
    # water runs out of a reservoir by its own weight: no pump, and thus no need of power
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


def linked_needs(network: Network, networks: Mapping[str, Network], given: Mapping[str, Network]) -> Network:
    """Network with dependencies by rule where none are stated: of networks from files, and of laid ones on those.

    `networks` are all of the city, `given` those that were not laid.
    """
    if not network.synthetic:
        return network if len(network.dependencies) else replace(network, dependencies=infer_needs(network, networks))
    # among laid networks, `lay` has joined what stands at one corner; only those on given networks are lacking
    more = infer_needs(network, {n: networks[n] for n in given})
    if not len(more):
        return network
    return replace(network, dependencies=pd.concat([network.dependencies, more], ignore_index=True))


def require_nodes(buildings: gpd.GeoDataFrame, networks: Mapping[str, Network], file: str = "buildings") -> None:
    """Refuse a city in which a building is not served by a node of every network.

    Raises
    ------
    TableError
        Naming every building without a node, and every network without a source.
    """
    problems = []
    for name, network in networks.items():
        column = f"{name}_node"
        if column not in buildings.columns:
            problems.append(Problem(f"no building names a node of the {name} network", column=column))
            continue
        known = buildings[column].isin(network.nodes.index).to_numpy()
        problems += [
            Problem(
                f'building {building}: "{node}" is no node of the {name} network; link it to one, or drop the network',
                column=column,
            )
            for building, node in buildings.loc[~known, column].items()
        ]
        if not network.nodes["source"].astype(bool).any():
            problems.append(Problem(f"the {name} network has no source; nothing could ever be served", column="source"))
    if problems:
        raise TableError(file, problems)
