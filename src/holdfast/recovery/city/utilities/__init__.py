"""The networks of a city: taken from files where there are any, else laid along the streets.

The generator is documented, deterministic and labelled ``synthetic``. It puts one source (substation, pumping
station, regulator, central office) in the middle of each compact group of buildings, gateways at the outermost
corners for the roads, joins every street corner to its nearest source along the shortest way, and closes a stated
share of the loops; see `holdfast.recovery.city.utilities.lay`. A building is served by its nearest street corner.
Not specified in the paper: the generator is ours.
"""

from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from holdfast.config import CityOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.recovery.city.occupy import require_currency, require_nodes, settle_buildings, zones_of
from holdfast.recovery.city.utilities.lay import People, lay, sites
from holdfast.recovery.city.utilities.link import infer_needs, link
from holdfast.recovery.city.utilities.street_graph import (
    Graph,
    Streets,
    block_graph,
    components,
    contract,
    join,
    linked,
    street_graph,
)
from holdfast.types import City, Network, Parameters

__all__ = [
    "Graph",
    "People",
    "Streets",
    "assemble",
    "components",
    "contract",
    "infer_needs",
    "join",
    "lay",
    "link",
    "sites",
]


def assemble(
    name: str,
    buildings: gpd.GeoDataFrame,
    options: CityOptions,
    parameters: Parameters,
    streets: Streets | None = None,
    given: Mapping[str, Network] | None = None,
) -> City:
    """Make a city of buildings, zones and networks.

    Parameters
    ----------
    name : str
        Name for titles.
    buildings : GeoDataFrame
        Schema ``buildings``.
    options : CityOptions
        The city's section of the study.
    parameters : Parameters
        Published figures.
    streets : Streets, optional
        Streets of the city; a synthetic street grid over the built-up blocks if omitted.
    given : mapping of str to Network, optional
        Networks from files, by name. Each building is linked to its nearest live node, unless it names one in
        ``<network>_node``; where a network states no dependencies, they follow the packaged table
        ``network_needs``, each on the nearest node (`infer_needs`).

    Returns
    -------
    City
        Every building names one node of each network. Networks of ``options.networks`` that are not given are
        laid, and synthetic.

    Raises
    ------
    TableError
        Naming every building that cannot be settled or lies too far from every street or node, and amounts of
        money that do not fit the productivity table.
    UnknownName
        If the study names a network that the generator cannot lay, or no known code rule.
    """
    known = packaged("network_design")["network"]
    for asked in options.networks:
        if asked not in set(known):
            raise UnknownName("network", asked, known, "city.networks")
    require_currency(options)
    settled = settle_buildings(buildings, options, parameters)
    crs = str(settled.crs)
    taken = {n: replace(net, nodes=net.nodes.to_crs(crs)) for n, net in (given or {}).items()}
    named = [f"{n}_node" for n in known if f"{n}_node" in settled.columns and n not in taken]
    if named:
        text = "names nodes, but the study holds no network table; drop the column, then networks are laid"
        raise TableError("buildings", [Problem(text, column=column) for column in named])
    where = np.column_stack([settled.geometry.x, settled.geometry.y])
    _require_one_place(where, settled.index)
    laid = [n for n in options.networks if n not in taken]
    networks = _laid(settled, where, options, streets, laid) if laid else {}
    for key, network in taken.items():
        if f"{key}_node" not in settled.columns:
            settled[f"{key}_node"] = link(settled, network)
    networks = {n: (networks | taken)[n] for n in dict.fromkeys([*options.networks, *taken])}
    networks = {n: _with_needs(net, networks, taken) for n, net in networks.items()}
    require_nodes(settled, networks)
    zones = zones_of(settled, options.zone_size)
    return City(name, crs, options.currency, options.price_year, settled, networks, zones)


def _laid(
    settled: gpd.GeoDataFrame, where: np.ndarray, options: CityOptions, streets: Streets | None, names: list[str]
) -> dict[str, Network]:
    """Synthetic networks; the buildings get their nodes."""
    crs = str(settled.crs)
    raw = block_graph(where) if streets is None else street_graph(streets, crs)
    _require_near(raw, where, settled.index)
    graph, corner = linked(join(raw if streets is None else contract(raw)), where)
    spots = sites(graph, where, options.buildings_per_source)
    people = People(corner, spots, *(settled[c].to_numpy(np.float64) for c in ("residents", "workers")))
    alone = options.model_copy(update={"networks": names})
    networks = {n: lay(n, graph, people, alone, crs) for n in names}
    for name, network in networks.items():
        settled[f"{name}_node"] = pd.array(network.nodes.index.to_numpy()[corner], dtype="string")
    return networks


def _with_needs(network: Network, networks: Mapping[str, Network], taken: Mapping[str, Network]) -> Network:
    """Dependencies by rule where none are stated: of networks from files, and of laid ones on those."""
    if not network.synthetic:
        return network if len(network.dependencies) else replace(network, dependencies=infer_needs(network, networks))
    more = infer_needs(network, {n: networks[n] for n in taken})
    return (
        replace(network, dependencies=pd.concat([network.dependencies, more], ignore_index=True))
        if len(more)
        else network
    )


def _require_one_place(where: np.ndarray, ids: pd.Index) -> None:
    """Refuse buildings that lie in another part of the world than the city."""
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
