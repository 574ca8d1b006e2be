"""Connection, capacity and pressure after random breaks, on the example networks of wntr and on Alameda's.

Run: python benchmarks/water_connectivity.py [--draws 100] [--networks Net1 Net3 ...]
Pipes break at random, in proportion to their length, so that a given share of them is broken on average. Every broken
pipe is shut. Writes benchmarks/results/water_connectivity.csv, one row per network and share:

connected, capacity_share, pressure, pressure_tanks_last   mean share of the demand that is served by each model
same              share of the demand, over all draws, on which connection and pressure agree within 5 %
shut              share that is connected only through a pump, pipe or valve that is shut on a normal day, or against a
                  check valve, and has no pressure
dry_tank          share that pressure loses only because a tank without a source counts as empty
too_little        share that is connected as on a normal day but has lost more than 5 % to the lack of pressure
seconds           per state of the model wntr
whole, whole_pressure, whole_connected     over the first draws only (--whole): wntr runs the whole file for 72 hours with
                  its patterns, controls and filling and emptying tanks; share of the water wanted in the last 24 hours
                  that is delivered, over that of the intact network; and the two models in the same draws
"""

import argparse
import logging
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import wntr

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.recovery.networks import capacity, connectivity, epanet
from holdfast.recovery.networks.connection import edge_ends, reached
from holdfast.sources.networks import epanet as read
from holdfast.types import Network

NETWORKS = ("Net1", "Net3", "Net6", "ky4", "ky10", "alameda")
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
EXAMPLES = Path(wntr.__file__).parent / "library" / "networks"
DATA = Path(__file__).parents[2] / "shared" / "data" / "city"
RESULT = Path(__file__).parent / "results" / "water_connectivity.csv"
CLOSE = 0.05
# The coordinates of the examples are a sketch, and no position enters any figure here: any CRS that can mean them does.
SKETCHED_IN_DEGREES = ("Net1", "Net3")


def load(name: str) -> Network | None:
    """One network; None where its file is not at hand."""
    if name == "alameda":
        if not DATA.is_dir():
            return None
        return read(
            "water", TableOptions(source="epanet", path="alameda_water_network.inp", crs="EPSG:4326"), DATA
        ).network
    crs = "EPSG:4326" if name in SKETCHED_IN_DEGREES else "EPSG:3857"
    return read("water", TableOptions(source="epanet", path=f"{name}.inp", crs=crs), EXAMPLES).network


def with_capacity(net: Network) -> Network:
    """Pipes that carry 2 m/s, a common ceiling of design."""
    most = 2.0 * np.pi / 4 * net.edges["diameter_m"] ** 2
    return replace(net, edges=net.edges.assign(capacity=most.where(net.edges["kind"] == "pipe")))


def as_left(net: Network, works: np.ndarray) -> np.ndarray:
    """Nodes that a source reaches through what is open, along check valves and pumps only forwards."""
    ends = edge_ends(net)
    status = net.edges["status"].fillna("on").to_numpy(object)
    one_way = (status == "check") | net.edges["kind"].isin(["pump", "suction"]).to_numpy()
    opened = works & (status != "off")
    lit = net.nodes["source"].to_numpy(bool).copy()
    while True:
        new = np.zeros_like(lit)
        new[ends[opened & lit[ends[:, 0]], 1]] = True
        back = opened & ~one_way & lit[ends[:, 1]]
        new[ends[back, 0]] = True
        if (lit | new).sum() == lit.sum():
            return lit
        lit |= new


def whole(name: str) -> Callable[[np.ndarray, Network], float]:
    """The file as it is, for 72 hours after the breaks, pressure-driven; delivered over the last 24 hours."""
    folder = DATA if name == "alameda" else EXAMPLES
    file = folder / ("alameda_water_network.inp" if name == "alameda" else f"{name}.inp")

    def delivered(broken: list[str], joined: pd.Series) -> float:
        built = wntr.network.WaterNetworkModel(str(file))
        hydraulic = built.options.hydraulic
        hydraulic.demand_model, hydraulic.unbalanced, hydraulic.unbalanced_value = "PDA", "CONTINUE", 10
        if name != "alameda":
            hydraulic.minimum_pressure, hydraulic.required_pressure = (
                figure(f"water_{k}_pressure") for k in ("minimum", "required")
            )
        built.options.time.duration = 72 * 3600
        built.options.time.hydraulic_timestep = built.options.time.report_timestep = 3600
        gone = set(broken)
        for key in list(built.control_name_list):
            if {a.name for a in built.get_control(key).requires() if hasattr(a, "link_type")} & gone:
                built.remove_control(key)
        for pipe in broken:
            link = built.get_link(pipe)
            link.check_valve = False
            link.initial_status = wntr.network.LinkStatus.Closed
        with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = wntr.sim.EpanetSimulator(built).run_sim(file_prefix=f"{place}/run")
        demand = result.node["demand"].loc[48 * 3600 :, built.junction_name_list]
        wanted = wntr.metrics.expected_demand(built, 48 * 3600, 72 * 3600, 3600)[built.junction_name_list]
        got = np.minimum(demand.clip(lower=0).to_numpy(), wanted.clip(lower=0).to_numpy())
        # EPANET's balance of a part without any tank or reservoir means nothing: nothing comes out there
        return float((got * joined.reindex(built.junction_name_list).to_numpy(float)).sum())

    intact: list[float] = []

    def share(works: np.ndarray, net: Network) -> float:
        kind = net.nodes["kind"].isin(["tank", "reservoir", "inflow"]).to_numpy()
        nodes = np.ones(len(net.nodes), bool)
        if not intact:
            intact.append(delivered([], pd.Series(1.0, index=net.nodes.index)))
        joined = pd.Series(reached(edge_ends(net), kind, nodes, works), index=net.nodes.index)
        return delivered([str(e) for e in net.edges.index[~works]], joined) / intact[0]

    return share


def rows(name: str, net: Network, draws: int, wholes: int) -> list[dict[str, object]]:
    """One row per share of broken pipes."""
    connected, limited = connectivity(net), capacity(with_capacity(net))
    pressure, with_tanks = epanet(net), epanet(net, tanks_last=True)
    demand = net.nodes["demand"].to_numpy() / net.nodes["demand"].sum()
    pipe = (net.edges["kind"] == "pipe").to_numpy()
    length = np.where(pipe, net.edges["length_m"], 0.0)
    nodes = np.ones(len(net.nodes), bool)
    found = []
    run_whole = whole(name) if wholes else None
    for share in SHARES:
        rng = np.random.default_rng(1)
        first = {"whole": [], "whole_pressure": [], "whole_connected": []}
        rate = rate_for(length[pipe], share)
        sums = dict.fromkeys(
            (
                "broken",
                "connected",
                "capacity_share",
                "pressure",
                "pressure_tanks_last",
                "same",
                "shut",
                "dry_tank",
                "too_little",
                "seconds",
            ),
            0.0,
        )
        for draw in range(draws):
            works = ~(pipe & (rng.random(len(pipe)) < 1 - np.exp(-rate * length)))
            lit, cap = connected(nodes, works), limited(nodes, works)
            start = time.perf_counter()
            now = pressure(nodes, works)
            sums["seconds"] += time.perf_counter() - start
            tanks = with_tanks(nodes, works)
            if draw < wholes:
                first["whole"].append(run_whole(works, net))
                first["whole_pressure"].append(float(now @ demand))
                first["whole_connected"].append(float(lit @ demand))
            lost = (lit > 0) & (now < 1 - CLOSE)
            usual = as_left(net, works)
            kept = tanks >= 1 - CLOSE
            sums["broken"] += (~works).sum() / pipe.sum()
            for key, value in (
                ("connected", lit),
                ("capacity_share", cap),
                ("pressure", now),
                ("pressure_tanks_last", tanks),
                ("same", np.abs(lit - now) <= CLOSE),
                ("shut", lost & ~usual & ~kept),
                ("dry_tank", lost & kept),
                ("too_little", lost & usual & ~kept),
            ):
                sums[key] += float((value * demand).sum())
        found.append(
            {
                "network": name,
                "nodes": len(net.nodes),
                "pipes": int(pipe.sum()),
                "draws": draws,
                **{k: v / draws for k, v in sums.items()},
                "whole_draws": wholes,
                **{k: np.mean(v) if v else np.nan for k, v in first.items()},
            }
        )
        print(found[-1], flush=True)
    return found


def rate_for(length: np.ndarray, share: float) -> float:
    """Breaks per m for which that share of the pipes breaks on average, by bisection."""
    low, high = 0.0, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - np.exp(-middle * length)).mean() < share else (low, middle)
    return high


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--whole", type=int, default=5)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found = []
    for name in arguments.networks:
        net = load(name)
        if net is None:
            print(f"{name}: its file is not here, left out")
            continue
        found += rows(name, net, arguments.draws, min(arguments.whole, arguments.draws))
    RESULT.parent.mkdir(exist_ok=True)
    table = pd.DataFrame(found).round(5)
    if RESULT.exists():  # other networks keep their rows
        old = pd.read_csv(RESULT)
        table = pd.concat([old[~old["network"].isin(table["network"])], table]).sort_values("network", kind="stable")
    table.to_csv(RESULT, index=False)
    print(RESULT)


if __name__ == "__main__":
    main()
