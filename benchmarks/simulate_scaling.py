"""Time and memory of one draw against the number of buildings, on random towns.

Run: python benchmarks/simulate_scaling.py [--sizes 1000 10000 100000 1000000] [--draws 3]
Writes benchmarks/results/simulate_scaling.csv, one row per size: buildings, edges of three networks, damaged assets,
days and events of a draw; seconds to prepare, to draw the damage and to recover, per draw and without compilation;
events per second; peak memory of a process that does this size alone. Prints the exponent of growth.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "recovery"))

RESULT = Path(__file__).parent / "results" / "simulate_scaling.csv"
PER_CROSSING = 60.0  # buildings per street crossing: about one edge of the three networks to ten buildings


def one_size(size: int, draws: int) -> dict[str, float]:
    """Measure one size."""
    from cities import parameters, town
    from plans import plan

    from holdfast.recovery.engine import Run, run_draw
    from holdfast.recovery.hazard import uniform
    from holdfast.recovery.simulation.draw import draw
    from holdfast.recovery.simulation.draw_inputs import prepare
    from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block

    scenario = uniform({"PGA": 0.4}, 0.3, 0.3)
    seeds = draw_seeds(1, draws)[0]
    simulate_block(prepare(town(60), scenario, *plan(), parameters()), seeds[:1])  # compile
    crews = {"building": max(size // 15, 20), **dict.fromkeys(("power", "water", "telecom"), max(size // 1000, 10))}
    options = plan(crews=crews)
    city = town(size, side=50.0 * size**0.5, per_crossing=PER_CROSSING)
    start = time.perf_counter()
    inputs = prepare(city, scenario, *options, parameters())
    ready_s = time.perf_counter() - start
    drawing, running, events, days, tasks = [], [], [], [], []
    for seed in seeds:
        start = time.perf_counter()
        drawn = draw(inputs, seed)
        middle = time.perf_counter()
        pools = (inputs.damage.table.pools, inputs.repair.materials.stock)
        fixed = (inputs.repair.city, inputs.repair.baseline, drawn.tasks, drawn.tree, inputs.repair.calendar, pools)
        out = run_draw(*fixed, options.recovery.horizon_days, Run(inputs.repair.models))
        running.append(time.perf_counter() - middle)
        drawing.append(middle - start)
        events.append(out.events)
        days.append(len(out.curves.production))
        tasks.append(drawn.tasks.order.size)
    return {
        "buildings": size,
        "edges": len(inputs.repair.city.graph.ends),
        "damaged_assets": float(np.mean(tasks)),
        "days": float(np.mean(days)),
        "events": float(np.mean(events)),
        "prepare_s": ready_s,
        "draw_s": float(np.median(drawing)),
        "recover_s": float(np.median(running)),
        "seconds_per_draw": float(np.median(np.add(drawing, running))),
        "events_per_second": float(np.sum(events) / np.sum(running)),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--draws", type=int, default=3)
    arguments = parser.parse_args()
    rows = []
    for size in arguments.sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            rows.append(pool.apply(one_size, (size, arguments.draws)))
        print(pd.DataFrame(rows[-1:]).round(3).to_string(index=False, header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows)
    table.round(4).to_csv(RESULT, index=False)
    for column in ("draw_s", "recover_s", "seconds_per_draw"):
        slope = np.polyfit(np.log(table["buildings"]), np.log(table[column]), 1)[0]
        print(f"exponent of {column}: {slope:.2f}")


if __name__ == "__main__":
    main()
