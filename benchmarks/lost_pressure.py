"""The rule of lost pressure against EPANET with emitters, on the example networks of wntr.

Run: python benchmarks/lost_pressure.py [--draws 20] [--networks Net1 Net3 ...]
Pipes are damaged at random, in proportion to their length: 80 % of them leak, 20 % are broken, carry nothing and lose water
at both ends. EPANET solves one moment, pressure-driven, with an emitter at each end of a damaged pipe (exponent 1/2); the
rule knows connection, the wanted flow, what is lost, and one number of the whole network: what its sources can give. That
number is found once per network from EPANET alone, with a leak in every pipe (half of the wanted water is delivered), and
not from the draws compared. The files have reservoirs that give any flow and tanks that hold their level: "as in the file"
takes them so, "limited" lets each source give its usual most (figure source_reserve) and takes the tanks for empty, as days
after an earthquake. Writes benchmarks/results/lost_pressure.csv, one row per network and share of damaged pipes:

sources           limited, or as in the file
supply            what the sources can give, over the wanted flow, so found
lost              what the damage would lose at the required pressure, over the wanted flow, mean
connected         mean share of the demand that is joined to a source
epanet            mean share delivered by EPANET with emitters
rule, rule_error  mean share by the rule with that supply, and its mean absolute difference from EPANET, draw by draw
usual, usual_error    the same with the usual reserve of the package (figure source_reserve), for which no hydraulics are known
shut_error        mean absolute difference of EPANET without emitters: what leaving leaks out costs
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import wntr

from holdfast.config import TableOptions
from holdfast.data import figure
from holdfast.recovery.networks import LEAK_MODELS, LeakModel
from holdfast.recovery.networks.connection import edge_ends
from holdfast.recovery.networks.graph import flat_graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.pressure import pipe_losses, pressure_of
from holdfast.recovery.networks.service import open_affected, solve_service
from holdfast.sources.networks import epanet as read
from holdfast.types import Network

NETWORKS = ("Net1", "Net3", "ky4", "ky10")
SOURCES = ("limited", "as in the file")
SHARES = (0.01, 0.03, 0.1)
EXAMPLES = Path(wntr.__file__).parent / "library" / "networks"
RESULT = Path(__file__).parent / "results" / "lost_pressure.csv"
LEAK_SHARE = 0.8
HALF = 0.5
SKETCHED_IN_DEGREES = ("Net1", "Net3")


def rule(net: Network, supply: float) -> LeakModel:
    """The rule of the engine with sources that give `supply` over the wanted flow together."""
    ends, source = edge_ends(net), net.nodes["source"].to_numpy(bool)
    flat = flat_graph(
        ends, source, np.empty((0, 3), np.int64), np.zeros((1, 1), np.int64), [(len(net.nodes), len(net.edges))]
    )
    own = pressure_of({"water": net})
    given = np.where(source, supply * own.want.sum() / source.sum(), 0.0)
    flat = flat._replace(pressure=own._replace(supply=given, step=1e-6))

    def satisfaction(node_works: np.ndarray, edge_works: np.ndarray, leak: np.ndarray) -> np.ndarray:
        state = intact(flat)._replace(node_intact=node_works, edge_intact=edge_works, leak=leak)
        open_affected(flat, state)
        solve_service(0, -1, HALF, flat, state)
        return state.satisfaction

    return satisfaction


def supply_of(net: Network, model: LeakModel, demand: np.ndarray, length: np.ndarray) -> float:
    """What the sources can give over the wanted flow: (W + L) x 1/2 / W where leaks everywhere, L, halve what is delivered."""
    works = np.ones(len(net.nodes), bool), np.ones(len(net.edges), bool)
    wanted = float(net.nodes["demand"].sum())
    low, high = 0.0, 1000.0
    for _ in range(30):
        middle = (low + high) / 2
        delivered = float(model(*works, middle * wanted * length / length.sum()) @ demand)
        low, high = (middle, high) if delivered > HALF else (low, middle)
    return HALF * (1 + high)


def limited(net: Network) -> Network:
    """The network days after the event: tanks empty, each source behind a valve that lets through its usual most."""
    nodes, edges = net.nodes.copy(), net.edges.copy()
    nodes.loc[nodes["kind"] == "tank", ["kind", "head_m"]] = ["junction", np.nan]
    sources = nodes.index[nodes["source"].astype(bool)]
    setting = figure("source_reserve") * nodes["demand"].sum() / len(sources)
    # below the water of its source, so that a pump behind it draws; EPANET wants a pipe between a reservoir and a valve
    new = nodes.loc[sources].assign(source=False, kind="junction", head_m=np.nan, demand=0.0)
    new["elevation_m"] = nodes.loc[sources, "head_m"] - 1.0
    before, out = new.rename(index="{}-in".format), new.rename(index="{}-out".format)
    for side in ("from_node", "to_node"):
        edges[side] = edges[side].where(~edges[side].isin(sources), edges[side] + "-out")
    wide = {"length_m": 1.0, "diameter_m": 5.0, "roughness": 130.0, "status": "on", "replacement_cost": 0.0}
    joint = pd.DataFrame({"from_node": sources, "to_node": before.index, "kind": "pipe"}, index=before.index + "-joint")
    valve = pd.DataFrame({"from_node": before.index, "to_node": out.index, "kind": "valve"}, index=out.index + "-limit")
    row = {"type": "FCV", "setting": setting, "curve": None, "minor_loss": 0.0, "status": "Active"}
    own = net.details.get("valves", pd.DataFrame())
    valves = pd.DataFrame([*own.to_dict("records"), *[row] * len(valve)], index=[*own.index, *valve.index])
    nodes, edges = pd.concat([nodes, before, out]), pd.concat([edges, joint.assign(**wide), valve.assign(**wide)])
    return replace(net, nodes=nodes, edges=edges, details={**net.details, "valves": valves})


def rows(name: str, draws: int, sources: str) -> list[dict[str, object]]:
    """One row per share of damaged pipes."""
    crs = "EPSG:4326" if name in SKETCHED_IN_DEGREES else "EPSG:3857"
    net = read("water", TableOptions(source="epanet", path=f"{name}.inp", crs=crs), EXAMPLES).network
    net = limited(net) if sources == "limited" else net
    demand = net.nodes["demand"].to_numpy() / net.nodes["demand"].sum()
    # what limits a source is not damaged
    pipe = (net.edges["kind"] == "pipe").to_numpy() & ~np.asarray(net.edges.index.str.endswith("-joint"), bool)
    length = np.where(pipe, net.edges["length_m"], 0.0)
    model = LEAK_MODELS["wntr"](net)
    supply = supply_of(net, model, demand, length)
    held, usual = rule(net, supply), rule(net, figure("source_reserve"))
    leak, burst = pipe_losses(net.edges)
    nodes, tight = np.ones(len(net.nodes), bool), np.zeros(len(net.edges))
    found = []
    for share in SHARES:
        rng, per_draw = np.random.default_rng(1), []
        for _ in range(draws):
            hit = pipe & (rng.random(len(pipe)) < 1 - np.exp(-share * length / length[pipe].mean()))
            broken = hit & (rng.random(len(pipe)) > LEAK_SHARE)
            lost = np.where(broken, burst, np.where(hit, leak, 0.0))
            state = nodes, ~broken
            models = (model(*state, lost), held(*state, lost), usual(*state, lost), model(*state, tight))
            joined = held(*state, tight) > 0
            per_draw.append([*(float(m @ demand) for m in models), float(joined @ demand), lost.sum()])
        truth, by_rule, by_usual, shut, joined, lost = np.array(per_draw).T
        found.append(
            {
                "network": name,
                "sources": sources,
                "damaged_share": share,
                "draws": draws,
                "supply": supply,
                "lost": lost.mean() / net.nodes["demand"].sum(),
                "connected": joined.mean(),
                "epanet": truth.mean(),
                "rule": by_rule.mean(),
                "rule_error": np.abs(by_rule - truth).mean(),
                "usual": by_usual.mean(),
                "usual_error": np.abs(by_usual - truth).mean(),
                "shut_error": np.abs(shut - truth).mean(),
            }
        )
        print({k: round(v, 3) if isinstance(v, float) else v for k, v in found[-1].items()}, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    arguments = parser.parse_args()
    table = pd.DataFrame(
        [row for kind in SOURCES for name in arguments.networks for row in rows(name, arguments.draws, kind)]
    )
    number = table.select_dtypes("number").columns
    table[number] = table[number].round(4)
    table.to_csv(RESULT, index=False)


if __name__ == "__main__":
    main()
