"""How far the strategies stay from the exact optimum, on random synthetic small cities.

Run: python benchmarks/optimality_gap.py [--assets 10] [--cities 200] [--first 0] [--seconds 60]
Appends to benchmarks/results/optimality_gap.csv: per city the loss of the semi-flexible strategy as the engine
runs it, of the best schedule the solver found and its bound; losses in days of the whole city's functionality,
w lost production / EP0 + (1 - w) missing service capacity / residents, the two losses that the engine reports. Rows of the same
city are replaced. Pieces of 20 cities of 30 assets take about 20 minutes on one core.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from exact_optimum import Case, case_of, loss_of, solve
from plans import changed
from small_cities import SmallCity, small_city

from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.recovery.strategy.valuation import corners_of, marginal_value
from holdfast.types import Parameters

RESULTS = Path(__file__).parent / "results" / "optimality_gap.csv"
SEED = draw_seeds(1, 1)[0][0]


def engine_run(small: SmallCity, strategy: str) -> tuple[float, np.ndarray]:
    """Loss of a city under a strategy, and the day on which each asset is finished."""
    options = changed(small.options, strategy=strategy)
    inputs = prepare(small.city, small.scenario, *options, small.parameters)
    _, out = simulate_draw(inputs, SEED)
    money = (out.normal[0] - out.curves.production).sum() / out.normal[0]
    persons = out.curves.gap.sum() / small.city.zones["residents"].sum()
    return float(options.recovery.weight * money + (1 - options.recovery.weight) * persons), out.finished


def case(small: SmallCity) -> tuple[Case, np.ndarray]:
    """The same city for the solver, and the asset of each task."""
    inputs = prepare(small.city, small.scenario, *small.options, small.parameters)
    drawn, people = draw(inputs, SEED), inputs.repair.city.people
    share = marginal_value(people, small.options.recovery.weight)
    usable, asset = drawn.tasks.usable, drawn.tasks.asset
    return case_of(inputs.repair.city.graph, share, corners_of(people), usable, asset, inputs.damage.table.pools)


def one(city: int, assets: int, seconds: float, base: Parameters) -> dict[str, float]:
    small = small_city(city, assets, base)
    loss, finished = engine_run(small, "semi_flexible")
    problem, asset = case(small)
    if abs(loss - loss_of(problem, finished[asset])) > 1e-6 * loss:
        message = f"city {city}: the engine and the case disagree on the loss of the same schedule"
        raise RuntimeError(message)
    start = time.perf_counter()
    best = solve(problem, seconds, finished[asset])
    return {
        "assets": assets,
        "city": city,
        "tasks": len(asset),
        "engine_loss_days": loss,
        "best_loss_days": best.loss,
        "bound_days": best.bound,
        "proved": best.proved,
        "solver_s": round(time.perf_counter() - start, 2),
        "gap": loss / best.loss - 1 if best.loss > 0 else 0.0,
        "gap_to_bound": loss / best.bound - 1 if best.bound > 0 else np.inf,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=10)
    parser.add_argument("--cities", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    arguments = parser.parse_args()
    base = load_parameters()
    numbers = range(arguments.first, arguments.first + arguments.cities)
    rows = pd.DataFrame([one(i, arguments.assets, arguments.seconds, base) for i in numbers])
    if RESULTS.exists():
        rows = pd.concat([pd.read_csv(RESULTS), rows]).drop_duplicates(["assets", "city"], keep="last")
    rows = rows.sort_values(["assets", "city"])
    rows.to_csv(RESULTS, index=False, float_format="%.6g")
    for count, group in rows.groupby("assets"):
        for column in ("gap", "gap_to_bound"):
            low, high, most = group[column].quantile([0.5, 0.95, 1.0])
            print(
                f"{count} assets, {len(group)} cities, proved {group.proved.mean():.0%}: {column} "
                f"median {low:.3%}, 95th percentile {high:.3%}, most {most:.3%}"
            )


if __name__ == "__main__":
    main()
