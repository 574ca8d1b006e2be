"""Power flow: AC or DC through pandapower, with load shed island by island until an island can be run.

A power flow by itself serves every load, however overloaded the lines. Here the loads of an island are lowered
together, in the same proportion, until it converges, its leading generator suffices, no line or transformer is loaded
above its limit and no voltage is too low; limits that a normal day breaks already are widened to that day. A voltage
that is too high sheds no load, since operators answer it otherwise.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.errors import DataMissing, NotConverged, Problem, TableError
from holdfast.recovery.networks.connection import External, ends_of, parts, place, reached
from holdfast.types import Network

BRANCHES = {"line": "from_bus", "trafo": "hv_bus", "trafo3w": "hv_bus", "impedance": "from_bus", "switch": "bus"}
LOADED = ("line", "trafo", "trafo3w")
LEADERS = ("ext_grid", "gen")
REMEMBERED = 4096
PERCENT = 100.0
UNLIMITED = 1e9


class Limits(NamedTuple):
    """Per kind of branch the highest loading (%), per bus the lowest voltage (1), per leader the highest power (MW)."""

    loading: dict[str, pd.Series]
    lowest: pd.Series
    power: dict[str, pd.Series]


class Grid(NamedTuple):
    """A pandapower net, its element tables as read, and what their rows mean for nodes and edges.

    ``node``: node of every bus, by its number; ``edges``: per kind of branch the edges of each row (row, 1 or 2),
    -1 where none; ``given``: power of the leaders on a normal day, MW; ``loss``: generation over load on that day.
    """

    net: Any
    tables: dict[str, pd.DataFrame]
    node: pd.Series
    edges: dict[str, np.ndarray]
    dc: bool
    given: dict[str, pd.Series]
    loss: float


def pandapower(network: Network, flow: str = "ac") -> External:
    """Network model: share of the load that a power flow can serve at every bus.

    Parameters
    ----------
    network : Network
        Read by `holdfast.sources.networks.pandapower`: its ``details`` hold the element tables.
    flow : {"ac", "dc"}
        Full power flow, or its linear approximation, which knows no voltages.

    Returns
    -------
    External
        Satisfaction of every bus: the share of load that its island keeps, 0 where no external grid and no
        generator reaches it. An island without an external grid is led by its largest generator. A bus that only
        an open switch joins on a normal day counts as served while connected.

    Raises
    ------
    DataMissing
        If pandapower is not installed.
    TableError
        If the network does not come from a pandapower net, or `flow` is neither.
    NotConverged
        If the undamaged network has no solution. A damaged island without one sheds load until it has; where no
        share tried has one, the linear (DC) flow answers.

    References
    ----------
    Thurner et al. (2018), pandapower: an open-source Python tool for convenient modeling, analysis and
    optimization of electric power systems, IEEE Transactions on Power Systems 33(6).
    Not specified in the paper: load shedding; the same proportion for all loads of an island is ours.
    """
    if flow not in ("ac", "dc"):
        text = f'"{flow}" is no kind of power flow; known: ac, dc'
        raise TableError(place(network), [Problem(text, column="flow")])
    ends, source = ends_of(network), network.nodes["source"].to_numpy(bool)
    everything = np.ones(len(source), bool), _switched_on(network)
    grid = _grid(network, _package(), flow == "dc")
    _set(grid, *everything, np.ones(len(source)), np.zeros(len(source), np.int64))
    if not _solve(grid):
        text = f"{network.name} network: the power flow does not converge before the event; check loads and set points"
        raise NotConverged(text)
    grid = _normal_day(grid)
    limits = _limits(grid)
    remembered: dict[bytes, np.ndarray] = {}

    dark = ~reached(ends, source, *everything)

    def satisfaction(node_works: np.ndarray, edge_works: np.ndarray) -> np.ndarray:
        key = np.packbits(np.concatenate([node_works, edge_works])).tobytes()
        if key not in remembered:
            works = edge_works & everything[1]
            lit = reached(ends, source, node_works, works)
            island = np.where(lit, parts(len(lit), ends, node_works, works), -1)
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            joined = reached(ends, source, node_works, edge_works).astype(np.float64)
            remembered[key] = np.where(dark, joined, _shares(grid, limits, works, island))
        return remembered[key].copy()

    return satisfaction


def _package() -> Any:
    """The package, if it is there."""
    try:
        import pandapower as package
    except ImportError:
        text = 'the network model "pandapower" needs the package pandapower: pip install "holdfast[power]"'
        raise DataMissing(text) from None
    return package


def _switched_on(network: Network) -> np.ndarray:
    """Edges that carry on a normal day."""
    if "status" not in network.edges.columns:
        return np.ones(len(network.edges), dtype=bool)
    return ~(network.edges["status"] == "off").fillna(value=False).to_numpy(bool)


def _grid(network: Network, package: Any, dc: bool) -> Grid:
    """Fill an empty net with the element tables."""
    own = ["node_id", "edge_id", "edge_id_mv", "edge_id_lv"]
    tables = {name: table.drop(columns=own, errors="ignore") for name, table in network.details.items()}
    if "bus" not in tables or len(tables["bus"]) != len(network.nodes):
        text = "does not come from a pandapower net, so that it lacks loads and impedances; read one, or use capacity"
        raise TableError(place(network), [Problem(text)])
    net = package.create_empty_network()
    for name, value in tables.pop("net").iloc[0].items():
        net[name] = value
    for name, table in tables.items():
        empty = net[name] if name in net and isinstance(net[name], pd.DataFrame) else table
        absent = {c: np.nan for c in empty.columns if c not in table.columns}
        net[name] = table.assign(**absent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package.convert_format(net)
    tables = {name: net[name].copy() for name in tables if name in net}
    ids = pd.Index(network.edges.index.astype(str))
    edges = {}
    for kind in BRANCHES:
        table = network.details.get(kind, pd.DataFrame())
        columns = [c for c in ("edge_id", "edge_id_mv", "edge_id_lv") if c in table.columns]
        edges[kind] = (
            np.column_stack([ids.get_indexer(table[c]) for c in columns]) if columns else np.empty((0, 1), int)
        )
    node = pd.Series(network.nodes.index.get_indexer(network.details["bus"]["node_id"]), tables["bus"].index)
    return Grid(net, tables, node, edges, dc, {}, 1.0)


def _rows(grid: Grid, name: str) -> pd.DataFrame:
    """Element table as read; empty where the net has none."""
    return grid.tables.get(name, pd.DataFrame(columns=["bus", "in_service"]))


def _set(grid: Grid, alive: np.ndarray, carries: np.ndarray, share: np.ndarray, island: np.ndarray) -> None:
    """Put a state into the net: what is in service, how much load is left, who leads, who gives how much.

    `alive`, `share` and `island` are per node, `carries` per edge.
    """
    net, at = grid.net, grid.node
    for kind, edges in grid.edges.items():
        if len(edges):
            works = np.where(edges >= 0, carries[np.maximum(edges, 0)], True).all(axis=1)
            name = "closed" if kind == "switch" else "in_service"
            net[kind][name] = grid.tables[kind][name].to_numpy(bool) & works
    net["bus"]["in_service"] = grid.tables["bus"]["in_service"].to_numpy(bool) & alive[at]
    for name, table in grid.tables.items():
        if "bus" in table.columns and "in_service" in table.columns and len(table):
            net[name]["in_service"] = table["in_service"].to_numpy(bool) & alive[at[table["bus"]]]
    load = net["load"]
    load["scaling"] = _rows(grid, "load")["scaling"].to_numpy() * share[at[load["bus"]]] if len(load) else []
    if grid.given:
        _dispatch(grid, island)


def _dispatch(grid: Grid, island: np.ndarray) -> None:
    """Generators of an island follow its load; the largest leads where no external grid does."""
    net, at, load, gen = grid.net, grid.node, grid.net["load"], grid.net["gen"]
    size = int(island.max(initial=0)) + 2
    wanted, given = np.zeros(size), np.zeros(size)
    np.add.at(wanted, island[at[load["bus"]]], (load["p_mw"] * load["scaling"] * load["in_service"]).to_numpy())
    for kind in LEADERS:
        np.add.at(given, island[at[net[kind]["bus"]]], (grid.given[kind] * net[kind]["in_service"]).to_numpy())
    if not len(gen):
        return
    part = island[at[gen["bus"]]]
    follow = np.divide(wanted * grid.loss, given, out=np.ones(size), where=given > 0)
    table = grid.tables["gen"]
    gen["p_mw"] = np.minimum(grid.given["gen"].to_numpy() * follow[part], np.maximum(_most(table), table["p_mw"]))
    gen["scaling"] = 1.0
    led = np.zeros(size, dtype=bool)
    grid_rows = net["ext_grid"][net["ext_grid"]["in_service"]]
    led[island[at[grid_rows["bus"]]]] = True
    gen["slack"] = False
    for row in np.lexsort([np.arange(len(gen)), -_most(table)]):
        if gen["in_service"].iloc[row] and not led[part[row]]:
            led[part[row]] = True
            gen.iloc[row, gen.columns.get_loc("slack")] = True


def _most(gen: pd.DataFrame) -> np.ndarray:
    """Most that each generator can give, MW; what it gives on a normal day where no limit is stated."""
    stated = gen["max_p_mw"].to_numpy(np.float64) if "max_p_mw" in gen.columns else np.full(len(gen), np.nan)
    scheduled = (gen["p_mw"] * gen["scaling"]).to_numpy(np.float64)
    return np.where(np.isfinite(stated) & (stated < UNLIMITED), stated, scheduled)


def _solve(grid: Grid) -> bool:
    """Run the power flow; False where it has no solution."""
    import pandapower as package

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


def _normal_day(grid: Grid) -> Grid:
    """What external grids and generators give when nothing is damaged."""
    given = {kind: grid.net[f"res_{kind}"]["p_mw"].fillna(0.0).clip(lower=0.0) for kind in LEADERS}
    load = float(grid.net["res_load"]["p_mw"].sum())
    total = sum(float(power.sum()) for power in given.values())
    return grid._replace(given=given, loss=total / load if load > 0 else 1.0)


def _limits(grid: Grid) -> Limits:
    """Stated limits, widened to what holds on a normal day."""
    net = grid.net
    loading = {}
    for kind in LOADED:
        stated = _column(grid, kind, "max_loading_percent", PERCENT)
        loading[kind] = np.maximum(stated, net[f"res_{kind}"]["loading_percent"].fillna(0.0))
    voltage = net["res_bus"]["vm_pu"]
    lowest = np.minimum(figure("power_lowest_voltage"), voltage.fillna(UNLIMITED))
    power = {"ext_grid": _column(grid, "ext_grid", "max_p_mw", UNLIMITED)}
    power["gen"] = pd.Series(_most(grid.tables["gen"]) if len(net["gen"]) else [], index=net["gen"].index, dtype=float)
    power = {kind: np.maximum(most, grid.given[kind]) for kind, most in power.items()}
    return Limits(loading, lowest, power)


def _column(grid: Grid, name: str, column: str, default: float) -> pd.Series:
    """Numbers of a column of limits, `default` where not stated."""
    table = grid.net[name]
    if column not in table.columns:
        return pd.Series(default, index=table.index, dtype="float64")
    return table[column].astype("float64").fillna(default)


def _shares(grid: Grid, limits: Limits, carries: np.ndarray, island: np.ndarray) -> np.ndarray:
    """Largest share of load of every bus's island that can be run, by halving, one island after the other."""
    share = np.where(island >= 0, 1.0, 0.0)
    _set(grid, island >= 0, carries, share, island)
    solved = _solve(grid)
    bad = _broken(grid, limits, island) if solved else set(island[island >= 0].tolist())
    for number in sorted(bad):
        inside = island == number
        low, high = 0.0, 1.0
        if not solved:
            _set(grid, inside, carries, inside.astype(np.float64), island)
            if _solve(grid) and number not in _broken(grid, limits, island):
                continue
        for _ in range(int(figure("power_shed_steps"))):
            middle = (low + high) / 2
            _set(grid, inside, carries, inside * middle, island)
            runs = _solve(grid) and number not in _broken(grid, limits, island)
            low, high = (middle, high) if runs else (low, middle)
        share[inside] = low
        if low == 0.0 and not grid.dc:
            linear = _shares(grid._replace(dc=True), limits, carries, np.where(inside, island, -1))
            share[inside] = linear[inside]
    return share


def _broken(grid: Grid, limits: Limits, island: np.ndarray) -> set[int]:
    """Islands in which some limit does not hold."""
    net, slack = grid.net, 1.0 + figure("power_tolerance")
    at = grid.node
    buses = [pd.Series(dtype="int64")]
    for kind in LOADED:
        over = net[f"res_{kind}"]["loading_percent"] > limits.loading[kind] * slack
        buses.append(net[kind].loc[over, BRANCHES[kind]])
    for kind, most in limits.power.items():
        over = net[f"res_{kind}"]["p_mw"] > most * slack
        buses.append(net[kind].loc[over, "bus"])
    if not grid.dc:
        voltage = net["res_bus"]["vm_pu"]
        outside = voltage < limits.lowest / slack
        lost = voltage.isna().to_numpy() & (island[at] >= 0) & net["bus"]["in_service"].to_numpy(bool)
        buses += [pd.Series(voltage.index[outside]), pd.Series(voltage.index[lost])]
    touched = np.concatenate([b.to_numpy(np.int64) for b in buses])
    return set(island[at[touched]].tolist()) - {-1}
