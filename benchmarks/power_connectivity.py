"""Connection, capacity, DC and AC power flow after random outages of lines and transformers, on pandapower's cases.

Run: python benchmarks/power_connectivity.py [--draws 50] [--networks case39 ...]
Writes benchmarks/results/power_connectivity.csv, one row per network and share of lines out: mean share of the load
that each model serves, how often AC serves over 5 % less than connection says, and seconds per state.
"""

import argparse
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandapower as package
import pandapower.networks as cases
import pandas as pd

from holdfast.config import TableOptions
from holdfast.recovery.networks import capacity, connectivity, pandapower
from holdfast.sources.networks import pandapower as read
from holdfast.types import Network

NETWORKS = ("mv_oberrhein", "case39", "case118", "iceland", "case_illinois200")
SHARES = (0.01, 0.05, 0.1)
RESULT = Path(__file__).parent / "results" / "power_connectivity.csv"
CLOSE = 0.05


def load(name: str) -> Network:
    """One case, written to JSON and read as a user's file is."""
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        package.to_json(getattr(cases, name)(), str(Path(folder) / "net.json"))
        return read("power", TableOptions(source="pandapower", path="net.json", crs="EPSG:4326"), Path(folder)).network


def rows(name: str, net: Network, draws: int) -> list[dict[str, object]]:
    """One row per share of lines out of service."""
    models = {
        "connected": connectivity(net),
        "capacity": capacity(net),
        "dc": pandapower(net, "dc"),
        "ac": pandapower(net),
    }
    demand = net.nodes["demand"].to_numpy() / net.nodes["demand"].sum()
    nodes, found = np.ones(len(net.nodes), bool), []
    for share in SHARES:
        rng = np.random.default_rng(1)
        served = {model: np.zeros(draws) for model in models}
        seconds = dict.fromkeys(models, 0.0)
        for i in range(draws):
            works = rng.random(len(net.edges)) >= share
            for model, run in models.items():
                start = time.perf_counter()
                served[model][i] = float((run(nodes, works) * demand).sum())
                seconds[model] += time.perf_counter() - start
        gap = served["connected"] - served["ac"]
        row = {"network": name, "buses": len(nodes), "branches": len(net.edges), "draws": draws, "out": share}
        row |= {model: values.mean() for model, values in served.items()}
        row |= {"ac_below_connected": (gap > CLOSE).mean(), "largest_gap": gap.max()}
        row |= {f"seconds_{model}": value / draws for model, value in seconds.items()}
        found.append(row)
        print(row, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    arguments = parser.parse_args()
    found = [row for name in arguments.networks for row in rows(name, load(name), arguments.draws)]
    RESULT.parent.mkdir(exist_ok=True)
    table = pd.DataFrame(found).round(5)
    if RESULT.exists():  # other networks keep their rows
        old = pd.read_csv(RESULT)
        table = pd.concat([old[~old["network"].isin(table["network"])], table]).sort_values("network", kind="stable")
    table.to_csv(RESULT, index=False)
    print(RESULT)


if __name__ == "__main__":
    main()
