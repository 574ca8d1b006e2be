"""Power flow: AC or DC through pandapower, with load shed island by island until an island can be run.

A power flow by itself serves every load, however overloaded the lines. Here the loads of an island are lowered
together, in the same proportion, until it converges, its leading generator suffices, no line or transformer is loaded
above its limit and no voltage is too low; limits that a normal day breaks already are widened to that day. A voltage
that is too high sheds no load, since operators answer it otherwise.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.data import figure
from holdfast.errors import NotConverged, Problem, TableError
from holdfast.recovery.networks.connection import (
    ServiceModel,
    components,
    edge_ends,
    label,
    reached,
    sources_of,
)
from holdfast.recovery.networks.pandapower_grid import (
    BRANCHES,
    UNLIMITED,
    Grid,
    filled_grid,
    most_power,
    run_flow,
    set_state,
    with_normal_day,
)
from holdfast.types import Bools, Floats, Ints, Network

LOADED = ("line", "trafo", "trafo3w")
REMEMBERED = 4096
"""States whose answers are kept, since draws come through the same ones again."""
PERCENT = 100.0


class Limits(NamedTuple):
    """Per kind of branch the highest loading (%), per bus the lowest voltage (1), per leader the highest power (MW)."""

    loading: dict[str, pd.Series]
    lowest: pd.Series
    power: dict[str, pd.Series]


def pandapower(network: Network, flow: str = "ac") -> ServiceModel:
    """Network model: share of the load that a power flow can serve at every bus.

    Parameters
    ----------
    network : Network
        Read by `holdfast.sources.networks.pandapower`: its ``details`` hold the element tables.
    flow : {"ac", "dc"}
        Full power flow, or its linear approximation, which knows no voltages.

    Raises
    ------
    DataMissing
        If pandapower is not installed.
    TableError
        If the network does not come from a pandapower net, or `flow` is neither.
    NotConverged
        If the undamaged network has no solution.

    References
    ----------
    Thurner et al. (2018), pandapower: an open-source Python tool for convenient modeling, analysis and
    optimization of electric power systems, IEEE Transactions on Power Systems 33(6).
    Not specified in the paper: load shedding; the same proportion for all loads of an island is ours.
    """
    if flow not in ("ac", "dc"):
        text = f'"{flow}" is no kind of power flow; known: ac, dc'
        raise TableError(label(network), [Problem(text, column="flow")])
    ends, source = edge_ends(network), sources_of(network)
    everything, usual = np.ones(len(source), bool), _switched_on(network)
    grid = filled_grid(network, flow == "dc")
    set_state(grid, everything, usual, np.ones(len(source)), np.zeros(len(source), np.int64))
    if not run_flow(grid):
        text = f"{network.name} network: the power flow does not converge before the event; check loads and set points"
        raise NotConverged(text)
    grid = with_normal_day(grid)
    limits = _limits(grid)
    unserved = ~reached(ends, source, everything, usual)
    remembered: dict[bytes, Floats] = {}

    def satisfaction(node_works: Bools, edge_works: Bools) -> Floats:
        key = np.packbits(np.concatenate([node_works, edge_works])).tobytes()
        if key not in remembered:
            joined = reached(ends, source, node_works, edge_works).astype(np.float64)
            works = edge_works & usual
            served = reached(ends, source, node_works, works)
            island = np.where(served, components(len(served), ends, node_works, works), -1)
            if len(remembered) >= REMEMBERED:
                remembered.clear()
            # where an open switch cuts a bus off on a normal day too, a flow says nothing: connection does
            remembered[key] = np.where(unserved, joined, _shares(grid, limits, works, island))
        return remembered[key].copy()

    return satisfaction


def _switched_on(network: Network) -> Bools:
    """Edges that carry on a normal day."""
    if "status" not in network.edges.columns:
        return np.ones(len(network.edges), dtype=bool)
    return np.asarray(~(network.edges["status"] == "off").fillna(value=False).to_numpy(bool))


def _limits(grid: Grid) -> Limits:
    """Stated limits, widened to what holds on a normal day."""
    net = grid.net
    loading = {}
    for kind in LOADED:
        stated = _limit_column(grid, kind, "max_loading_percent", PERCENT)
        loading[kind] = np.maximum(stated, net[f"res_{kind}"]["loading_percent"].fillna(0.0))
    voltage = net["res_bus"]["vm_pu"]
    # a voltage that is lower on a normal day is the limit then
    lowest = np.minimum(figure("power_lowest_voltage"), voltage.fillna(UNLIMITED))
    power = {"ext_grid": _limit_column(grid, "ext_grid", "max_p_mw", UNLIMITED)}
    given = most_power(grid.tables["gen"]) if len(net["gen"]) else np.empty(0)
    power["gen"] = pd.Series(given, index=net["gen"].index, dtype=float)
    power = {kind: np.maximum(most, grid.given[kind]) for kind, most in power.items()}
    return Limits(loading, lowest, power)


def _limit_column(grid: Grid, name: str, column: str, default: float) -> pd.Series:
    """Numbers of a column of limits, `default` where not stated."""
    table = grid.net[name]
    if column not in table.columns:
        return pd.Series(default, index=table.index, dtype="float64")
    return table[column].astype("float64").fillna(default)


def _shares(grid: Grid, limits: Limits, carries: Bools, island: Ints) -> Floats:
    """Largest share of load of every bus's island that can be run, by halving, one island after the other."""
    share = np.where(island >= 0, 1.0, 0.0)
    set_state(grid, island >= 0, carries, share, island)
    solved = run_flow(grid)
    # where the flow of all islands together has no solution, each is tried by itself
    bad = _broken(grid, limits, island) if solved else set(island[island >= 0].tolist())
    for number in sorted(bad):
        inside = island == number
        low, high = 0.0, 1.0
        if not solved:
            set_state(grid, inside, carries, inside.astype(np.float64), island)
            if run_flow(grid) and number not in _broken(grid, limits, island):
                continue
        for _ in range(int(figure("power_shed_steps"))):
            middle = (low + high) / 2
            set_state(grid, inside, carries, inside * middle, island)
            runs = run_flow(grid) and number not in _broken(grid, limits, island)
            low, high = (middle, high) if runs else (low, middle)
        share[inside] = low
        if low == 0.0 and not grid.dc:  # no share tried has a solution: ask the linear flow
            linear = _shares(grid._replace(dc=True), limits, carries, np.where(inside, island, -1))
            share[inside] = linear[inside]
    return share


def _broken(grid: Grid, limits: Limits, island: Ints) -> set[int]:
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
        low = voltage < limits.lowest / slack
        # a bus in service without a voltage: the solver took it for isolated
        lost = voltage.isna().to_numpy() & (island[at] >= 0) & net["bus"]["in_service"].to_numpy(bool)
        buses += [pd.Series(voltage.index[low]), pd.Series(voltage.index[lost])]
    numbers = np.concatenate([b.to_numpy(np.int64) for b in buses])
    return set(island[at[numbers]].tolist()) - {-1}
