"""Networks from files: EPANET, pandapower, tables of nodes and edges, roads, OpenStreetMap."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from holdfast.config import TableOptions
from holdfast.errors import UnknownName
from holdfast.ground import equal_area_crs, require_true_scale
from holdfast.sources.networks.epanet import epanet
from holdfast.sources.networks.node_edge_tables import dependencies, node_and_edge_tables
from holdfast.sources.networks.osm_networks import osm
from holdfast.sources.networks.pandapower_nets import pandapower
from holdfast.sources.networks.read import LoadedNetwork, Reader
from holdfast.sources.networks.roads import roads
from holdfast.types import InputFile, Network

__all__ = ["NETWORKS", "NETWORK_SOURCES", "LoadedNetwork", "Reader", "read_networks"]

NETWORKS = ("power", "water", "gas", "telecom", "transport")
DEPENDENCIES = "network_dependencies"


def read_networks(
    tables: Mapping[str, TableOptions], folder: Path, crs: str | None
) -> tuple[dict[str, Network], tuple[InputFile, ...]]:
    """Read every network that a study describes.

    Parameters
    ----------
    tables : mapping of str to TableOptions
        The study's tables; of these ``<network>`` (one file, by a reader of `NETWORK_SOURCES`), ``<network>_nodes``
        with ``<network>_edges``, and ``network_dependencies``. Others are not touched.
    folder : Path
        Folder that the paths in `tables` count from.
    crs : str or None
        Projected CRS of the city; the equal-area one around the first network if None.

    Returns
    -------
    dict of str to Network
        In the order power, water, gas, telecom, transport; all positions in one CRS.
    tuple of InputFile
        Provenance, with islands and dead nodes in the notes.

    Raises
    ------
    UnknownName, DataMissing, TableError
        If a table names no known reader of networks; from the readers.
    """
    networks: dict[str, Network] = {}
    files: list[InputFile] = []
    for name in NETWORKS:
        loaded = _read(name, tables, folder)
        if loaded is None:
            continue
        # lengths and nearest places are measured in one CRS, so that all networks take that of the first
        if crs is None:
            crs = equal_area_crs(loaded.network.nodes)
        require_true_scale(crs, loaded.network.nodes, "study", "city.crs")
        networks[name] = replace(loaded.network, name=name, nodes=loaded.network.nodes.to_crs(crs))
        files += loaded.files
    # last, since a dependency may point from any network to any other
    if DEPENDENCIES in tables:
        networks, record = dependencies(DEPENDENCIES, tables[DEPENDENCIES], folder, networks)
        files.append(record)
    return networks, tuple(files)


def _read(name: str, tables: Mapping[str, TableOptions], folder: Path) -> LoadedNetwork | None:
    """One network, or None where the study holds none of that name."""
    if name in tables and tables[name].source in NETWORK_SOURCES:
        return NETWORK_SOURCES[tables[name].source](name, tables[name], folder)
    if f"{name}_nodes" in tables or f"{name}_edges" in tables:
        return node_and_edge_tables(name, tables, folder)
    if name in tables:
        raise UnknownName("source of a network", tables[name].source, NETWORK_SOURCES, f"tables.{name}.source")
    return None


NETWORK_SOURCES: dict[str, Reader] = {
    "epanet": epanet,
    "pandapower": pandapower,
    "roads": roads,
    "osm": osm,
}
