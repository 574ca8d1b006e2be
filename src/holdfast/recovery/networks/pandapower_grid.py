"""A pandapower net that follows which buses and branches work: what is in service, how much load, who leads, who gives."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.recovery.networks.connection import label
from holdfast.types import Bools, Floats, Ints, Network

BRANCHES = {"line": "from_bus", "trafo": "hv_bus", "trafo3w": "hv_bus", "impedance": "from_bus", "switch": "bus"}
"""Kinds of branch, and the bus by which each is counted to an island."""
LEADERS = ("ext_grid", "gen")
UNLIMITED = 1e9
"""MW; above, a stated limit means that there is none."""


class Grid(NamedTuple):
    """A pandapower net, its element tables as read, and what their rows mean for nodes and edges.

    ``node``: node of every bus, by its number; ``edges``: per kind of branch the edges of each row (row, 1 or 2),
    -1 where none; ``dc``: linear flow instead of the full one; ``given``: power of the leaders on a normal day, MW;
    ``loss``: generation over load on that day.
    """

    net: Any
    tables: dict[str, pd.DataFrame]
    node: pd.Series
    edges: dict[str, NDArray[np.int64]]
    dc: bool
    given: dict[str, pd.Series]
    loss: float


def pandapower_package() -> Any:
    """The package pandapower.

    Raises
    ------
    DataMissing
        If it is not installed.
    """
    try:
        import pandapower as package
    except ImportError:
        text = 'the network model "pandapower" needs the package pandapower: pip install "holdfast[power]"'
        raise DataMissing(text) from None
    return package


def filled_grid(network: Network, dc: bool) -> Grid:
    """Fill an empty net with the element tables of a network.

    Raises
    ------
    DataMissing
        If pandapower is not installed.
    TableError
        If the network does not come from a pandapower net.
    """
    package = pandapower_package()
    own = ["node_id", "edge_id", "edge_id_mv", "edge_id_lv"]
    tables = {name: table.drop(columns=own, errors="ignore") for name, table in network.details.items()}
    if "bus" not in tables or len(tables["bus"]) != len(network.nodes):
        text = "does not come from a pandapower net, so that it lacks loads and impedances; read one, or use capacity"
        raise TableError(label(network), [Problem(text)])
    net = package.create_empty_network()
    for name, value in tables.pop("net").iloc[0].items():
        net[name] = value
    # columns that the installed version expects and an older file lacks
    for name, table in tables.items():
        empty = net[name] if name in net and isinstance(net[name], pd.DataFrame) else table
        absent = {c: np.nan for c in empty.columns if c not in table.columns}
        net[name] = table.assign(**absent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a net written by an older version is brought up to date
        package.convert_format(net)
    tables = {name: net[name].copy() for name in tables if name in net}
    node = pd.Series(network.nodes.index.get_indexer(network.details["bus"]["node_id"]), tables["bus"].index)
    return Grid(net, tables, node, _branch_edges(network), dc, {}, 1.0)


def _branch_edges(network: Network) -> dict[str, NDArray[np.int64]]:
    """Edges of every row of each kind of branch: one, or two of a transformer with three windings."""
    ids = pd.Index(network.edges.index.astype(str))
    edges = {}
    for kind in BRANCHES:
        table = network.details.get(kind, pd.DataFrame())
        columns = [c for c in ("edge_id", "edge_id_mv", "edge_id_lv") if c in table.columns]
        found = [ids.get_indexer(table[c]) for c in columns]
        edges[kind] = np.column_stack(found) if columns else np.empty((0, 1), dtype=np.int64)
    return edges


def rows(grid: Grid, name: str) -> pd.DataFrame:
    """Element table as read; empty where the net has none."""
    return grid.tables.get(name, pd.DataFrame(columns=["bus", "in_service"]))


def set_state(grid: Grid, alive: Bools, carries: Bools, share: Floats, island: Ints) -> None:
    """Put a state into the net: what is in service, how much load is left, who leads, who gives how much.

    Parameters
    ----------
    alive : ndarray of bool
        Buses with voltage, shape (node,).
    carries : ndarray of bool
        Branches in order, shape (edge,).
    share : ndarray
        Share of its load that each bus keeps, 0..1, shape (node,).
    island : ndarray of int
        Number of the island of each bus, -1 for none, shape (node,).
    """
    net, at = grid.net, grid.node
    for kind, edges in grid.edges.items():
        if len(edges):
            # a transformer with three windings works while both of its edges do
            works = np.where(edges >= 0, carries[np.maximum(edges, 0)], True).all(axis=1)
            name = "closed" if kind == "switch" else "in_service"
            net[kind][name] = grid.tables[kind][name].to_numpy(bool) & works
    net["bus"]["in_service"] = grid.tables["bus"]["in_service"].to_numpy(bool) & alive[at]
    for name, table in grid.tables.items():
        if "bus" in table.columns and "in_service" in table.columns and len(table):
            net[name]["in_service"] = table["in_service"].to_numpy(bool) & alive[at[table["bus"]]]
    load = net["load"]
    load["scaling"] = rows(grid, "load")["scaling"].to_numpy() * share[at[load["bus"]]] if len(load) else []
    if grid.given:  # on the normal day itself everyone gives what the file says
        _dispatch(grid, island)


def _dispatch(grid: Grid, island: Ints) -> None:
    """Generators of an island follow its load; the largest leads where no external grid does."""
    net, at, load, gen = grid.net, grid.node, grid.net["load"], grid.net["gen"]
    size = int(island.max(initial=0)) + 2  # one place more, for the island -1
    wanted, given = np.zeros(size), np.zeros(size)
    np.add.at(wanted, island[at[load["bus"]]], (load["p_mw"] * load["scaling"] * load["in_service"]).to_numpy())
    for kind in LEADERS:
        np.add.at(given, island[at[net[kind]["bus"]]], (grid.given[kind] * net[kind]["in_service"]).to_numpy())
    if not len(gen):
        return
    part = island[at[gen["bus"]]]
    # in proportion to the normal day, losses included, each up to its limit
    follow = np.divide(wanted * grid.loss, given, out=np.ones(size), where=given > 0)
    table = grid.tables["gen"]
    most = most_power(table)
    gen["p_mw"] = np.minimum(grid.given["gen"].to_numpy() * follow[part], np.maximum(most, table["p_mw"]))
    gen["scaling"] = 1.0
    led = np.zeros(size, dtype=bool)
    external = net["ext_grid"][net["ext_grid"]["in_service"]]
    led[island[at[external["bus"]]]] = True
    gen["slack"] = False
    for row in np.lexsort([np.arange(len(gen)), -most]):  # the largest first, of equals the first in the table
        if gen["in_service"].iloc[row] and not led[part[row]]:
            led[part[row]] = True
            gen.iloc[row, gen.columns.get_loc("slack")] = True


def most_power(gen: pd.DataFrame) -> Floats:
    """Most that each generator can give, MW; what it gives on a normal day where no limit is stated."""
    stated = gen["max_p_mw"].to_numpy(np.float64) if "max_p_mw" in gen.columns else np.full(len(gen), np.nan)
    scheduled = (gen["p_mw"] * gen["scaling"]).to_numpy(np.float64)
    return np.where(np.isfinite(stated) & (stated < UNLIMITED), stated, scheduled)


def run_flow(grid: Grid) -> bool:
    """Run the power flow; False where it has no solution."""
    package = pandapower_package()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            if grid.dc:
                package.rundcpp(grid.net)
            else:
                package.runpp(grid.net, numba=False)
    except Exception:  # LoadflowNotConverged, or what a singular matrix raises in one of several solvers
        return False
    return True


def with_normal_day(grid: Grid) -> Grid:
    """The grid with what external grids and generators give when nothing is damaged, after such a run."""
    given = {kind: grid.net[f"res_{kind}"]["p_mw"].fillna(0.0).clip(lower=0.0) for kind in LEADERS}
    load = float(grid.net["res_load"]["p_mw"].sum())
    total = sum(float(power.sum()) for power in given.values())
    return grid._replace(given=given, loss=total / load if load > 0 else 1.0)
