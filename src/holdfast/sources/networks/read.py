"""What every reader of networks shares: its type, a CRS, positions, and the last check."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.frames.network_frames import fitted
from holdfast.ground import known_crs
from holdfast.sources.matching import Keys, no_common_key
from holdfast.sources.positions import require_places
from holdfast.sources.vectors import within_crs
from holdfast.types import InputFile, Network


@dataclass(frozen=True)
class LoadedNetwork:
    """A checked network in the CRS of its file, and the files it came from."""

    network: Network
    files: tuple[InputFile, ...]


Reader = Callable[[str, TableOptions, Path], LoadedNetwork]
"""A reader of one network.

Called with the name of the table (``power``, ``water``, ...), its section of the study and the folder that its paths
count from. It returns nodes and edges that pass their schemas and fit together, with the provenance of every file, in
which stands what was left out or assumed. Every reader raises `DataMissing` if there is no such file and `TableError`
that names every bad row; what is particular to one stands at its function.
"""


def require_crs(options: TableOptions, name: str, file: Path) -> str:
    """The CRS that the study states for a file whose format states none.

    Raises
    ------
    TableError
        If the study states none, or one that is unknown or local; names `file` and the key of the table `name`.
    """
    if options.crs is not None:
        known_crs(options.crs, str(file), f"tables.{name}.crs")
    else:
        text = 'the format states no CRS; add `crs = "EPSG:..."` to the table in the study (EPSG:4326 if its coordinates are degrees)'
        raise TableError(str(file), [Problem(text, column=f"tables.{name}.crs")])
    return options.crs


def placed_nodes(nodes: gpd.GeoDataFrame, file: Path, crs: str) -> gpd.GeoDataFrame:
    """Refuse nodes without a position, and positions (points or None) that the stated `crs` cannot mean.

    Returns
    -------
    GeoDataFrame
        With longitudes past 180 turned by a full circle.

    Raises
    ------
    TableError
        With the count and the first of the names; names `file`.
    """
    nodes = nodes.set_crs(known_crs(crs, str(file), "crs"), allow_override=True)
    require_places(nodes, file, "nodes", str)
    return within_crs(nodes, str(file))[0]


def checked(network: Network, file: str, edge_rows: pd.Index | None = None) -> tuple[Network, list[str]]:
    """Validate the tables of a network, and hold them to each other, as `holdfast.frames.network_frames.fitted` does.

    Raises
    ------
    TableError
        As there.
    DataMissing
        If no edge ends at any node.
    """
    # ends that meet no node at all are a wrong column, which deserves another message than one bad row each
    ends = pd.concat([network.edges[c] for c in ("from_node", "to_node")]).astype("string")
    nodes = pd.Series(network.nodes.index).astype("string")
    if len(ends) and not ends.isin(nodes).any():
        raise DataMissing(no_common_key(Keys(file, ends), Keys(f"the nodes of the {network.name} network", nodes)))
    return fitted(network, file, edge_rows)
