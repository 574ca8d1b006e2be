"""Networks from plain tables of nodes and edges, and tables of dependencies."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.frames.network_frames import NEEDS, no_needs, with_assets
from holdfast.ground import ground_length
from holdfast.sources.files import CSVS, VECTORS, locate
from holdfast.sources.networks.read import LoadedNetwork, checked
from holdfast.sources.positions import placed_rows, require_places
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.sources.vectors import read_shapes
from holdfast.tables import check, schema
from holdfast.types import InputFile, Network

COST = "replacement_cost"


def node_and_edge_tables(name: str, tables: Mapping[str, TableOptions], folder: Path) -> LoadedNetwork:
    """Read a network, such as ``gas``, from the tables ``<name>_nodes`` and ``<name>_edges`` of a study.

    Each may be a CSV file (nodes with longitude and latitude) or a vector file; lengths come from the lines where the file
    has no ``length_m``.

    Raises
    ------
    DataMissing, TableError
        If one of the two is not described or there is no such file; naming every bad row and column.
    """
    both = f"{name}_nodes", f"{name}_edges"
    missing = [t for t in both if t not in tables]
    if missing:
        text = f"a {name} network from tables needs both [tables.{both[0]}] and [tables.{both[1]}]"
        raise TableError("study", [Problem(text, column=f"tables.{missing[0]}")])
    nodes, node_file, node_notes = _nodes(both[0], tables[both[0]], folder)
    edges, edge_file, edge_notes = _edges(both[1], tables[both[1]], folder)
    # rows of the file, for messages about edges that the index by id no longer knows
    rows = edges.index
    nodes = _checked(nodes, "network_nodes", node_file).set_index("node_id")
    nodes["source"] = nodes["source"].astype(bool)
    edges = _checked(edges, "network_edges", edge_file).set_index("edge_id")
    told = with_assets(nodes, edges, name)
    network, dead = checked(Network(name, nodes, edges, no_needs(), False), str(edge_file), rows)
    files = (
        input_file(both[0], node_file, len(nodes), tables[both[0]], [*node_notes, *told]),
        input_file(both[1], edge_file, len(edges), tables[both[1]], [*edge_notes, *dead]),
    )
    return LoadedNetwork(network, files)


def _checked(table: pd.DataFrame, name: str, file: Path) -> pd.DataFrame:
    """Held to its schema but for costs, which the packaged figures fill where the file has none."""
    return check(
        table, name, str(file), only=[c.column for c in schema(name) if c.column != COST or COST in table.columns]
    )


def _nodes(table: str, options: TableOptions, folder: Path) -> tuple[gpd.GeoDataFrame, Path, list[str]]:
    """Points with the study's names for columns."""
    file = locate(folder, options.path, f"tables.{table}.path", VECTORS + CSVS)
    if not str(file).lower().endswith(CSVS):
        shapes, read = read_shapes(file, options.layer, options.crs)
        kept, notes = tidy(shapes, options, file)
        nodes = gpd.GeoDataFrame(kept, crs=shapes.crs)
    else:
        raw, read = read_table(file)
        nodes, notes = placed_rows(raw, options, file)
    require_places(nodes, file, "nodes", lambda row: f"row {row}")
    # no default: which node feeds the network decides everything that follows
    if "source" not in nodes.columns:
        text = "missing (true where the service enters the network); map it under `columns` in the study"
        raise TableError(str(file), [Problem(text, column="source")])
    return nodes, file, [*read, *notes]


def _edges(table: str, options: TableOptions, folder: Path) -> tuple[pd.DataFrame, Path, list[str]]:
    """Edges with the study's names for columns, and lengths of their lines where none are given."""
    file = locate(folder, options.path, f"tables.{table}.path", VECTORS + CSVS)
    if str(file).lower().endswith(CSVS):
        raw, read = read_table(file)
        kept, notes = tidy(raw, options, file)
        return kept, file, [*read, *notes]
    shapes, read = read_shapes(file, options.layer, options.crs)
    kept, notes = tidy(shapes, options, file)
    if "length_m" not in kept.columns:
        kept["length_m"] = ground_length(gpd.GeoDataFrame(kept, crs=shapes.crs).geometry)
        notes.append("lengths are those of the lines")
    return pd.DataFrame(kept.drop(columns="geometry")), file, [*read, *notes]


def dependencies(
    name: str, options: TableOptions, folder: Path, networks: Mapping[str, Network]
) -> tuple[dict[str, Network], InputFile]:
    """Give networks the dependencies of the CSV file of table ``network_dependencies``.

    Its columns are those of the schema of that name; ``network`` says whose node it is. Networks without a row keep theirs.

    Raises
    ------
    DataMissing
        If there is no such file.
    TableError
        Naming every row whose network or node is unknown, or that makes a node need itself.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    raw, read = read_table(file)
    kept, notes = tidy(raw, options, file)
    table = check(kept, "network_dependencies", str(file))
    if "network" not in table.columns:
        text = "missing (network of the node that needs another); map it under `columns` in the study"
        raise TableError(str(file), [Problem(text, column="network")])
    problems = []
    # both ends of every row are looked up, so that one message names all that is wrong
    for row, need in zip(table.index, table.itertuples(index=False), strict=True):
        for network, node, column in (
            (need.network, need.node_id, "node_id"),
            (need.on_network, need.on_node, "on_node"),
        ):
            if network not in networks:
                text = f"the study reads no {network} network; known: {', '.join(networks) or 'none'}"
                problems.append(Problem(text, int(row), "network" if column == "node_id" else "on_network"))
            elif node not in networks[network].nodes.index:
                problems.append(Problem(f'"{node}" is no node of the {network} network', int(row), column))
        if (need.network, need.node_id) == (need.on_network, need.on_node):
            problems.append(Problem(f'"{need.node_id}" needs itself; it could never start', int(row), "on_node"))
    if problems:
        raise TableError(str(file), problems)
    done = {}
    for key, network in networks.items():
        mine = table.loc[table["network"] == key, NEEDS].reset_index(drop=True)
        done[key] = Network(
            key,
            network.nodes,
            network.edges,
            mine if len(mine) else network.dependencies,
            network.synthetic,
            network.details,
        )
    return done, input_file(name, file, len(table), options, [*read, *notes])
