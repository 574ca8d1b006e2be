"""What people who decide do to the losses of central Helsinki, group by group, and how long their decisions take.

Run: python benchmarks/people_decide.py [--draws 20] [--budget 5e7] [--households 400000]
Writes benchmarks/results/people_decide.csv: per group alone, and nobody, the mean of each loss over the draws, its paired
difference to nobody and the standard error of that, all under common random numbers; and the most passes. Prints besides the
seconds that all households of a synthetic city of a million residents take to decide on all days of a recovery, best of three.
"""

import argparse
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import holdfast
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.residents import Seen, decide, residents_of

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "people_decide.csv"
LOSSES = ("repair_cost", "lost_production", "net_lost_production", "service_capacity_loss")
GROUPS = ([], ["residents"], ["businesses"], ["government"])


def losses(groups: list[str], draws: int, budget: float) -> tuple[pd.DataFrame, int]:
    """Losses by draw with some groups deciding, and the most passes of a draw."""
    keys = {"recovery.agents": groups, "recovery.draws": draws}
    if groups == ["government"]:
        keys["recovery.agent_figures"] = {"government_budget": budget}
    curves = holdfast.simulate(ROOT / "examples" / "helsinki.toml", overrides=keys)
    table = pd.DataFrame({name: curves[name].to_numpy().astype(float) for name in LOSSES})
    return table, int(curves["passes"].max()) if "passes" in curves else 0


def seconds(count: int, days: int = 365) -> float:
    """Seconds for 2.5 `count` residents to decide on all days of a synthetic recovery."""
    rng, buildings = np.random.default_rng(1), count // 20
    table = pd.DataFrame({"occupancy": "RES3", "residents": 50.0, "zone_id": "z"}, index=range(buildings))
    zones = gpd.GeoDataFrame(index=["z"], geometry=[box(0, 0, 1, 1)], crs=32610)
    figures = agent_figures({})
    residents = residents_of(table, zones, figures)
    loss, day = rng.random(buildings), rng.integers(1, days, (3, buildings))
    seen = Seen(loss, 1.0 - loss, 1.0 - loss, day[0], day[1], day[2], np.linspace(0.8, 0.0, days), loss > 0.9)
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        decide(residents, figures, np.uint64(1), seen)
        taken.append(time.perf_counter() - start)
    print(
        f"{residents.persons.sum():,.0f} residents in {residents.persons.size:,} households: {min(taken):.2f} s for {days} days"
    )
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--budget", type=float, default=5e7, help="of the government, USD of 2017")
    parser.add_argument("--households", type=int, default=400_000)
    given = parser.parse_args()
    seconds(given.households)
    rows, nobody = [], None
    for groups in GROUPS:
        table, passes = losses(groups, given.draws, given.budget)
        nobody = table if nobody is None else nobody
        apart = table - nobody
        for name in LOSSES:
            error = float(apart[name].std(ddof=1) / np.sqrt(given.draws))
            rows.append(
                (groups[0] if groups else "nobody", name, table[name].mean(), apart[name].mean(), error, passes)
            )
            print(*rows[-1], sep=" | ", flush=True)
    columns = ["decides", "loss", "mean", "difference", "standard_error", "most_passes"]
    pd.DataFrame(rows, columns=columns).to_csv(RESULT, index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
