"""Whether more crews ever raise the loss, on random synthetic small cities under common random numbers.

Run: python benchmarks/more_crews.py [--cities 500] [--assets 20] [--strategies semi_flexible random]
Writes benchmarks/results/more_crews.csv: per strategy and change the paired mean difference of the weighted loss (days
of the city's functionality; more crews less as many as before) with its 95 % interval, and how many single cities
lose more (list scheduling is known for it: Graham 1966, Bell System Technical Journal 45); and
benchmarks/results/more_crews_reversals.csv: the single reversals, with how many assets were done later.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import RecoveryOptions
from holdfast.recovery.comparison import paired
from holdfast.recovery.simulate import draw_seeds, prepare, simulate_draw
from holdfast.recovery.synthetic import SmallCity, small_city
from holdfast.sources.parameters import load_parameters
from holdfast.types import Parameters

RESULTS = Path(__file__).parent / "results"
CHANGES = {"building": ("building",), "power": ("power",), "water": ("water",), "all": ("building", "power", "water")}
DISPERSION = 0.4
TINY = 1e-9


def loss(small: SmallCity, options: RecoveryOptions, city: int) -> tuple[float, np.ndarray]:
    """Weighted loss, days, and the day on which each asset is done."""
    ready = prepare(small.city, small.parameters, small.scenario, options)
    _, out = simulate_draw(ready, options, draw_seeds(city, 1)[0][0])
    money = (out.normal[0] - out.production).sum() / out.normal[0]
    persons = out.unmet.sum() / small.city.zones["residents"].sum()
    return float(options.weight * money + (1 - options.weight) * persons), out.finished


def one(city: int, assets: int, base: Parameters, strategy: str) -> tuple[dict[str, float], list[dict[str, object]]]:
    """Losses of one city with its crews and with more, and its reversals."""
    small = small_city(city, assets, base)
    # crews per building must not follow the pool, or more crews would change the tasks themselves
    fixed = {"strategy": strategy, "duration_dispersion": DISPERSION, "most_crews_per_building": 1}
    options = small.options.model_copy(update=fixed)
    before, done = loss(small, options, city)
    losses, reversals = {"before": before}, []
    for name, trades in CHANGES.items():
        more = {t: n + (t in trades) for t, n in options.crews.items()}
        losses[name], later = loss(small, options.model_copy(update={"crews": more}), city)
        if losses[name] > before * (1 + TINY):
            later_days = later - done
            row = {
                "strategy": strategy,
                "more": name,
                "city": city,
                "loss_days": before,
                "rise": losses[name] / before - 1,
            }
            reversals.append(
                row | {"assets_later": int((later_days > 0).sum()), "most_days_later": int(later_days.max())}
            )
    return losses, reversals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", type=int, default=500)
    parser.add_argument("--assets", type=int, default=20)
    parser.add_argument("--strategies", nargs="+", default=["semi_flexible"])
    arguments = parser.parse_args()
    base, tables, reversals = load_parameters(), [], []
    for strategy in arguments.strategies:
        pairs = [one(city, arguments.assets, base, strategy) for city in range(arguments.cities)]
        losses = pd.DataFrame([p[0] for p in pairs])
        reversals += [r for p in pairs for r in p[1]]
        for name in CHANGES:
            table = paired(losses[["before"]], losses[[name]].rename(columns={name: "before"}))
            rise = losses[name] / losses["before"] - 1
            table.insert(0, "strategy", strategy)
            table.insert(1, "more", name)
            tables.append(table.assign(cities=len(losses), reversals=int((rise > TINY).sum()), worst_rise=rise.max()))
    table = pd.concat(tables)
    table.to_csv(RESULTS / "more_crews.csv", index=False, float_format="%.5g")
    pd.DataFrame(reversals).to_csv(RESULTS / "more_crews_reversals.csv", index=False, float_format="%.5g")
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(
            table[
                [
                    "strategy",
                    "more",
                    "base_mean",
                    "difference",
                    "difference_low",
                    "difference_high",
                    "reversals",
                    "worst_rise",
                ]
            ]
        )


if __name__ == "__main__":
    main()
