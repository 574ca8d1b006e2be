"""Lifelines after an earthquake: repairs per km and share of the occupants without service by day, beside Kobe 1995.

Run: python benchmarks/lifeline_restoration.py [--study berkeley] [--draws 20] [--data ../shared/data/city]
The city's water, gas, power, telecom and roads are laid by the generator; crews are the usual ones for its customers, with
mutual aid; all else is the default. Median PGA 0.2, 0.4 and 0.6 g, with the spread of the study. Nothing is fitted to the
events beside it. Writes benchmarks/results/lifeline_restoration.csv, one row per level and network:

repairs_per_km    leaks and breaks of the pipes over their length, mean of the draws
day_0 ... day_90  mean share of the occupants without service on that day; _low and _high: 5th and 95th percentile of the draws
days_95, days_99  days until 95 and 99 % have service for good: median, and 5th and 95th percentile of the draws
kobe, inside      days to full service in Kobe 1995 (published_recoveries, not checked), and whether they lie in the band of days_99
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config.study import load_study
from holdfast.data import packaged
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.draws import prepared_run
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.simulate_draws import draw_seeds

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "lifeline_restoration.csv"
NETWORKS = ["power", "water", "gas", "telecom", "transport"]
LEVELS = (0.2, 0.4, 0.6)
DAYS = (0, 1, 2, 3, 4, 7, 8, 15, 30, 72, 85, 90)
HORIZON = 365
BUILDERS = 3100  # building crews, as when the committed table was made
M_PER_KM = 1000.0


def days_until(service: np.ndarray, share: float) -> int:
    """First day from which on the share has service for good; the length of the curve where it never has."""
    below = np.flatnonzero(service < share)
    return 0 if below.size == 0 else int(below[-1]) + 1


def level_rows(name: str, value: float, draws: int, data: Path) -> list[dict[str, object]]:
    """One row per network at one median PGA, g."""
    study, folder = load_study(
        ROOT / "examples" / f"{name}.toml",
        {
            "data": str(data),
            "city.networks": NETWORKS,
            "scenario.value": value,
            "recovery.draws": draws,
            "recovery.horizon_days": HORIZON,
        },
    )
    # usual crews instead of those that the study names
    own = {"building": BUILDERS}
    study = study.model_copy(update={"recovery": study.recovery.model_copy(update={"crews": own})})
    _, scenario = require_scenario(study)
    inputs = prepared_run(study, scenario, folder, load_city(study, folder)).inputs
    service = np.ones((draws, HORIZON + 1, len(NETWORKS)))
    repairs = np.zeros((draws, len(NETWORKS)))
    first = inputs.assets.buildings + inputs.assets.nodes
    network = inputs.repair.city.graph.edge_network
    length = np.bincount(network, weights=inputs.assets.length[first:], minlength=len(NETWORKS)) / M_PER_KM
    for d, seed in enumerate(s for block in draw_seeds(study.seed, draws) for s in block):
        damage, outcome = simulate_draw(inputs, seed)
        count = (damage.leaks + damage.breaks)[first:]
        repairs[d] = np.bincount(network, weights=count, minlength=len(NETWORKS)) / length
        service[d, : len(outcome.curves.service)] = outcome.curves.service
    kobe = packaged("published_recoveries").query("event == 'Kobe 1995'").set_index("quantity")["day"]
    found = []
    for n, net in enumerate(inputs.city.networks):
        row: dict[str, object] = {"city": name, "pga_g": value, "network": net, "draws": draws, "km": length[n]}
        row["repairs_per_km"] = repairs[:, n].mean()
        for day in DAYS:
            out = 1 - service[:, day, n]
            row[f"day_{day}"] = out.mean()
            row[f"day_{day}_low"], row[f"day_{day}_high"] = np.percentile(out, [5, 95])
        for share in (95, 99):
            days = [days_until(service[d, :, n], share / 100) for d in range(draws)]
            low, middle, high = np.percentile(days, [5, 50, 95])
            row |= {f"days_{share}": middle, f"days_{share}_low": low, f"days_{share}_high": high}
        if net in kobe.index:
            row |= {"kobe": kobe[net], "inside": bool(row["days_99_low"] <= kobe[net] <= row["days_99_high"])}
        found.append(row)
        print({k: round(v, 3) if isinstance(v, float) else v for k, v in row.items() if "low" not in k}, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", default="berkeley")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/city")
    arguments = parser.parse_args()
    rows = [row for v in LEVELS for row in level_rows(arguments.study, v, arguments.draws, arguments.data.resolve())]
    table = pd.DataFrame(rows)
    number = table.select_dtypes("number").columns
    table[number] = table[number].round(4)
    table.to_csv(RESULT, index=False)


if __name__ == "__main__":
    main()
