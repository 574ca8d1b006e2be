"""Small networks whose service can be worked out by hand, for every network model."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.sources.networks import LoadedNetwork, epanet, pandapower
from holdfast.types import Network

NEEDS = pd.DataFrame(columns=["node_id", "on_network", "on_node", "backup_hours"])
WGS84 = "EPSG:4326"


def network(nodes: pd.DataFrame, edges: pd.DataFrame, name: str = "water") -> Network:
    """Nodes on a line, with the columns that are given."""
    table = gpd.GeoDataFrame(
        nodes.assign(asset_class=None, replacement_cost=0.0),
        geometry=gpd.points_from_xy(np.arange(len(nodes)), np.zeros(len(nodes))),
        crs="EPSG:32610",
    )
    return Network(name, table, edges.assign(asset_class=None, replacement_cost=0.0), NEEDS, False)


def random_network(rng: np.random.Generator, count: int, links: int) -> Network:
    """A random connected graph with limits; node 0 and some others are sources."""
    ends = rng.integers(0, count, (links, 2))
    chain = np.column_stack([np.arange(count - 1), np.arange(1, count)])
    ends = np.concatenate([chain, ends[ends[:, 0] != ends[:, 1]]])
    source = rng.random(count) < 0.2
    source[0] = True
    nodes = pd.DataFrame(
        {
            "source": source,
            "demand": np.where(rng.random(count) < 0.7, rng.integers(1, 9, count), 0).astype(float),
            "supply": np.where(rng.random(count) < 0.7, rng.integers(1, 20, count), np.nan),
        },
        index=[f"n{i}" for i in range(count)],
    )
    nodes.loc["n0", "demand"] = 1.0
    edges = pd.DataFrame(
        {
            "from_node": [f"n{i}" for i in ends[:, 0]],
            "to_node": [f"n{i}" for i in ends[:, 1]],
            "length_m": 1.0,
            "capacity": np.where(rng.random(len(ends)) < 0.9, rng.integers(1, 9, len(ends)), np.nan),
        },
        index=[f"e{i}" for i in range(len(ends))],
    )
    return network(nodes, edges)


def water_file(name: str) -> LoadedNetwork:
    """An example network that the package wntr carries; its coordinates are a sketch."""
    import wntr

    folder = Path(wntr.__file__).parent / "library" / "networks"
    crs = "EPSG:3857" if name.startswith("ky") else WGS84  # whichever can mean the numbers of the sketch
    return epanet("water", TableOptions(source="epanet", path=f"{name}.inp", crs=crs), folder)


def power_file(net: object, folder: Path) -> LoadedNetwork:
    """A pandapower net, written and read."""
    import pandapower as package

    package.to_json(net, str(folder / "net.json"))
    return pandapower("power", TableOptions(source="pandapower", path="net.json", crs=WGS84), folder)


def everything(net: Network) -> tuple[np.ndarray, np.ndarray]:
    """The undamaged state."""
    return np.ones(len(net.nodes), bool), np.ones(len(net.edges), bool)


def case(name: str) -> object:
    """A case network that the package pandapower carries; loading one warns of its own past."""
    import pandapower.networks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(pandapower.networks, name)()
