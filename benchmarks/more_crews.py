"""Whether more crews ever raise the loss, on random synthetic small cities under common random numbers.

Run: python benchmarks/more_crews.py [--cities 500] [--first 0] [--assets 20] [--strategies semi_flexible random]
Writes benchmarks/results/more_crews.csv: per strategy and change the paired mean difference of the weighted loss (days
of the city's functionality; more crews less as many as before) with its 95 % interval, and how many single cities
lose more (list scheduling is known for it: Graham 1966, Bell System Technical Journal 45); and
benchmarks/results/more_crews_reversals.csv: the single reversals, with how many assets were done later. Losses of
every city are kept in more_crews_cities.csv, so that pieces add up.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from plans import Plan, changed
from small_cities import small_city

from holdfast.recovery.losses.comparison import paired
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import DrawInputs, prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.types import Parameters

RESULTS = Path(__file__).parent / "results"
EVERY = RESULTS / "more_crews_cities.csv"
CHANGES = {"building": ("building",), "power": ("power",), "water": ("water",), "all": ("building", "power", "water")}
DISPERSION = 0.4
TINY = 1e-9


def loss(inputs: DrawInputs, options: Plan, pools: np.ndarray, city: int) -> tuple[float, np.ndarray]:
    """Weighted loss, days, and the day on which each asset is done."""
    now = inputs._replace(damage=inputs.damage._replace(table=inputs.damage.table._replace(pools=pools)))
    _, out = simulate_draw(now, draw_seeds(city, 1)[0][0])
    money = (out.normal[0] - out.curves.production).sum() / out.normal[0]
    persons = out.curves.gap.sum() / inputs.repair.city.people.building["residents"].sum()
    return float(options.recovery.weight * money + (1 - options.recovery.weight) * persons), out.finished


def one(city: int, assets: int, base: Parameters, strategy: str) -> list[dict[str, object]]:
    """Losses of one city with its crews and with more."""
    small = small_city(city, assets, base)
    # crews per building must not follow the pool, or more crews would change the tasks themselves
    fixed = {"strategy": strategy, "duration_dispersion": DISPERSION, "most_crews_per_building": 1}
    options = changed(small.options, **fixed)
    inputs = prepare(small.city, small.scenario, *options, small.parameters)
    before, done = loss(inputs, options, inputs.damage.table.pools, city)
    rows: list[dict[str, object]] = []
    for name, trades in CHANGES.items():
        more = inputs.damage.table.pools + np.isin(inputs.assets.trades, trades)
        after, later = loss(inputs, options, more, city)
        row = {"strategy": strategy, "more": name, "city": city, "before": before, "after": after}
        rows.append(row | {"assets_later": int((later > done).sum()), "most_days_later": int((later - done).max())})
    return rows


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Paired differences and reversals."""
    tables = []
    for (strategy, name), own in rows.groupby(["strategy", "more"], sort=False):
        own = own.set_index("city")
        table = paired(own[["before"]], own[["after"]].rename(columns={"after": "before"}))
        rise = own["after"] / own["before"] - 1
        table.insert(0, "strategy", strategy)
        table.insert(1, "more", name)
        tables.append(table.assign(cities=len(own), reversals=int((rise > TINY).sum()), worst_rise=rise.max()))
    return pd.concat(tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", type=int, default=500)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--assets", type=int, default=20)
    parser.add_argument("--strategies", nargs="+", default=["semi_flexible"])
    arguments = parser.parse_args()
    base, numbers = load_parameters(), range(arguments.first, arguments.first + arguments.cities)
    rows = pd.DataFrame([r for s in arguments.strategies for c in numbers for r in one(c, arguments.assets, base, s)])
    if EVERY.exists():
        rows = pd.concat([pd.read_csv(EVERY), rows]).drop_duplicates(["strategy", "more", "city"], keep="last")
    rows = rows.sort_values(["strategy", "more", "city"])
    rows.to_csv(EVERY, index=False, float_format="%.10g")
    table = summary(rows)
    table.to_csv(RESULTS / "more_crews.csv", index=False, float_format="%.5g")
    worse = rows[rows["after"] > rows["before"] * (1 + TINY)]
    worse.to_csv(RESULTS / "more_crews_reversals.csv", index=False, float_format="%.5g")
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
