"""Laying all networks of a city that no table holds, over one graph of its streets."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.data import figure
from holdfast.errors import Problem, TableError
from holdfast.recovery.city.utilities.lay import Layout, People, lay, sites
from holdfast.recovery.city.utilities.street_graph import (
    Graph,
    Streets,
    block_graph,
    contract,
    join,
    linked,
    settled_part,
    street_graph,
)
from holdfast.types import Network


def laid_networks(
    settled: gpd.GeoDataFrame, streets: Streets | None, names: Sequence[str], layout: Layout
) -> dict[str, Network]:
    """Lay the named networks along the streets, and give the buildings their ``<network>_node``, in place.

    Parameters
    ----------
    settled : GeoDataFrame
        Buildings with ``residents`` and ``workers``, points in a projected CRS, m.
    streets : Streets or None
        Along which they are laid; a synthetic grid over the built-up blocks if None.
    names : sequence of str
        Networks to lay, such as power or water.
    layout : Layout
        Share of loops, and size of the area of one source.

    Raises
    ------
    TableError
        If a building lies too far from every street, or a redundancy is no share.
    """
    crs = str(settled.crs)
    where = np.column_stack([settled.geometry.x, settled.geometry.y])
    raw = block_graph(where) if streets is None else street_graph(streets, crs)
    _require_near(raw, where, settled.index)
    # blocks of a grid are corners already; streets of the user come in pieces; what does not hang together is joined by
    # straight links, since a source must reach every corner
    graph, corner = linked(join(raw if streets is None else contract(raw)), where)
    graph, corner = settled_part(graph, corner, where)
    spots = sites(graph, where, layout.buildings_per_source)
    people = People(corner, spots, *(settled[c].to_numpy(np.float64) for c in ("residents", "workers")))
    networks = {n: lay(n, graph, people, names, layout.redundancy, crs) for n in names}
    for name, network in networks.items():
        # node i of every network stands at corner i, so that one corner serves a building in all of them
        settled[f"{name}_node"] = pd.array(network.nodes.index.to_numpy()[corner], dtype="string")
    return networks


def require_one_place(settled: gpd.GeoDataFrame) -> None:
    """Refuse buildings that lie in another part of the world than the city.

    Raises
    ------
    TableError
        Naming every one.
    """
    where, ids = np.column_stack([settled.geometry.x, settled.geometry.y]), settled.index
    distance = np.linalg.norm(where - np.median(where, axis=0), axis=1)
    problems = [
        Problem(
            f"building {ids[i]} lies {distance[i] / 1e3:,.0f} km from the middle of the city; is its position right?"
        )
        for i in np.flatnonzero(distance > figure("widest_city"))
    ]
    if problems:
        raise TableError("buildings", problems)


def _require_near(graph: Graph, where: np.ndarray, ids: pd.Index) -> None:
    """Refuse buildings that no street reaches, every one at once."""
    distance, _ = cKDTree(graph.points).query(where)
    problems = [
        Problem(
            f"building {ids[i]} lies {distance[i]:,.0f} m from the nearest street, so no network node can serve it; "
            "do the streets cover the city, and is its position right?",
            column="geometry",
        )
        for i in np.flatnonzero(distance > figure("longest_service_line"))
    ]
    if problems:
        raise TableError("buildings", problems)
