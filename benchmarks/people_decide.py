"""What people who decide do to the losses of a city, group by group, and how long their decisions take.

Run: python benchmarks/people_decide.py [--studies helsinki berkeley] [--draws 20 4] [--budget 5e7 5e8] [--data ../shared/data/city]
Writes benchmarks/results/people_decide.csv: per city and group alone, and nobody, the mean of each loss over the draws, its paired
difference to nobody and the standard error of that, all under common random numbers; the most passes, the draws in
which decisions oscillate, and the CPU seconds of a draw over those with nobody deciding. Prints besides the seconds that all
households of a synthetic city of a million residents take to decide on all days of a recovery, best of three.
"""

import argparse
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from holdfast.config.study import load_study
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.draws import prepared_run
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.residents import Seen, decide, residents_of
from holdfast.recovery.simulation.draw_inputs import DrawInputs
from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "people_decide.csv"
ALL = ["residents", "businesses", "government"]
GROUPS = ([], ["residents"], ["businesses"], ["government"], ALL)


def inputs_of(name: str, data: Path, groups: list[str], budget: float) -> DrawInputs:
    """An example study put into arrays, with some groups deciding."""
    keys: dict[str, object] = {"recovery.agents": groups, "recovery.agent_figures": {"government_budget": budget}}
    keys |= {} if name == "helsinki" else {"data": str(data.resolve())}
    study, folder = load_study(ROOT / "examples" / f"{name}.toml", keys)
    return prepared_run(study, require_scenario(study)[1], folder, load_city(study, folder)).inputs


def losses(inputs: DrawInputs, draws: int) -> tuple[pd.DataFrame, np.ndarray, float]:
    """Losses by draw with some groups deciding; passes and cycles, shape (draw, 2); CPU seconds of a draw."""
    # what is compiled or first read belongs to no group
    blocks = draw_seeds(1, draws)
    start = time.process_time()
    found = [simulate_block(inputs, seeds) for seeds in blocks]
    taken = (time.process_time() - start) / draws
    parts = {
        "repair_cost": [b.draws.repair_cost.sum(axis=1) for b in found],
        "lost_production": [b.draws.lost_production for b in found],
        "net_lost_production": [b.production.net_lost for b in found],
        "service_capacity_loss": [b.draws.gap_days for b in found],
    }
    ended = np.concatenate([np.column_stack([b.people.passes, b.people.cycle]) for b in found])
    return pd.DataFrame({name: np.concatenate(rows) for name, rows in parts.items()}), ended, taken


def rows_of(name: str, draws: int, budget: float, data: Path) -> list[tuple[object, ...]]:
    """Rows of the result for a city."""
    rows: list[tuple[object, ...]] = []
    nobody, usual = None, 1.0
    for groups in GROUPS:
        inputs = inputs_of(name, data, groups, budget)
        simulate_block(inputs, draw_seeds(2, 1)[0])
        table, ended, taken = losses(inputs, draws)
        nobody, usual = (table, taken) if nobody is None else (nobody, usual)
        apart = table - nobody
        who = "nobody" if not groups else "all" if groups == ALL else groups[0]
        for loss in table:
            error = float(apart[loss].std(ddof=1) / np.sqrt(draws))
            difference = apart[loss].mean()
            most, cycles = int(ended[:, 0].max()), int((ended[:, 1] > 0).sum())
            rows.append((name, who, loss, draws, table[loss].mean(), difference, error, most, cycles, taken / usual))
            print(*rows[-1], f"{taken:.2f} s", sep=" | ", flush=True)
    return rows


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
    parser.add_argument("--studies", nargs="+", default=["helsinki", "berkeley"])
    parser.add_argument("--draws", type=int, nargs="+", default=[20, 4])
    parser.add_argument("--budget", type=float, nargs="+", default=[5e7, 5e8], help="of the government, USD of 2017")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data/city")
    parser.add_argument("--households", type=int, default=400_000)
    given = parser.parse_args()
    seconds(given.households)
    columns = ["city", "decides", "loss", "draws", "mean", "difference", "standard_error"]
    columns += ["most_passes", "oscillating", "times_nobody"]
    for name, draws, budget in zip(given.studies, given.draws, given.budget, strict=False):
        table = pd.DataFrame(rows_of(name, draws, budget, given.data), columns=columns)
        if RESULT.exists():
            earlier = pd.read_csv(RESULT)
            table = pd.concat([earlier[earlier["city"] != name], table], ignore_index=True)
        table.to_csv(RESULT, index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
