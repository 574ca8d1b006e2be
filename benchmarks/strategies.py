"""What each strategy loses against the semi-flexible one, under common random numbers.

Run: python benchmarks/strategies.py synthetic [--cities 300] [--assets 30]
     python benchmarks/strategies.py nesf|berkeley|helsinki [--draws 20] [--data DIR]
Writes benchmarks/results/strategies.csv, in which the rows of the same place are replaced: per place, strategy and
loss the paired difference to the semi-flexible strategy (less than 0: the semi-flexible loses more, a reversal) with
its 95 % interval. The value of information is the difference between the fully flexible strategy that knows the
drawn durations and the same that knows the medians alone. Synthetic cities differ in everything; a study differs in
its draws. Durations are lognormal about the expected ones with the dispersion below, which is assumed.
"""

import argparse
from pathlib import Path

import pandas as pd
from plans import changed
from small_cities import small_city

import holdfast
from holdfast.recovery.losses.comparison import paired
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.recovery.strategy import STRATEGIES

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "strategies.csv"
BASE, KNOWING, BLIND = "semi_flexible", "fully_flexible", "fully_flexible_uninformed"
DISPERSION = 0.4


def synthetic(cities: int, assets: int, weight: float) -> dict[str, pd.DataFrame]:
    """Losses of every strategy, one row per city; days of the city's normal production and of all its residents."""
    parameters, rows = load_parameters(), {name: [] for name in STRATEGIES}
    for city in range(cities):
        small = small_city(city, assets, parameters)
        residents = small.city.zones["residents"].sum()
        for name in STRATEGIES:
            changes = {"strategy": name, "duration_dispersion": DISPERSION, "weight": weight}
            options = changed(small.options, **changes)
            inputs = prepare(small.city, small.scenario, *options, small.parameters)
            _, out = simulate_draw(inputs, draw_seeds(city, 1)[0][0])
            money = (out.normal[0] - out.curves.production).sum() / out.normal[0]
            persons = out.curves.gap.sum() / residents
            rows[name].append((money, persons, weight * money + (1 - weight) * persons))
    columns = ["lost_production_days", "service_capacity_days", "weighted_days"]
    return {name: pd.DataFrame(values, columns=columns) for name, values in rows.items()}


def study(name: str, draws: int, data: str | None) -> dict[str, pd.DataFrame]:
    """Losses of every strategy, one row per draw of a study."""
    overrides = {"recovery.draws": draws, "recovery.duration_dispersion": DISPERSION}
    overrides |= {"data": data} if data else {}
    alternatives = {name: {"recovery.strategy": name} for name in STRATEGIES}
    table = holdfast.compare(ROOT / "examples" / f"{name}.toml", alternatives=alternatives, overrides=overrides)
    every = pd.concat(
        {n: pd.DataFrame(rows) for n, rows in table.attrs["draws"].items()}, names=["alternative", "draw"]
    )
    every = every[["lost_production", "service_capacity_loss"]]
    return {name: every.loc[name] for name in STRATEGIES}


def against(place: str, losses: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Paired differences of all strategies to the semi-flexible one, and the value of information."""
    pairs = [(BASE, name) for name in losses if name != BASE] + [(BLIND, KNOWING)]
    tables = []
    for base, other in pairs:
        table = paired(losses[base], losses[other]).reset_index(names="loss")
        table.insert(0, "place", place)
        table.insert(1, "base", base)
        table.insert(2, "strategy", other)
        table["cases"] = len(losses[base])
        table["relative"] = table["difference"] / table["base_mean"]
        table["reversal"] = (table["difference_high"] < 0) & (base == BASE)
        tables.append(table)
    return pd.concat(tables)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("place")
    parser.add_argument("--cities", type=int, default=300)
    parser.add_argument("--assets", type=int, default=30)
    parser.add_argument("--weight", type=float, default=0.5)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--data")
    arguments = parser.parse_args()
    if arguments.place == "synthetic":
        losses = synthetic(arguments.cities, arguments.assets, arguments.weight)
        place = f"synthetic, {arguments.assets} assets, w = {arguments.weight:g}"
    else:
        losses, place = study(arguments.place, arguments.draws, arguments.data), arguments.place
    table = against(place, losses)
    if RESULTS.exists():
        before = pd.read_csv(RESULTS)
        table = pd.concat([before[before["place"] != place], table])
    table.to_csv(RESULTS, index=False, float_format="%.5g")
    shown = table[table["place"] == place]
    with pd.option_context("display.width", 200, "display.max_rows", None, "display.max_columns", None):
        print(
            shown[["base", "strategy", "loss", "difference", "difference_low", "difference_high", "relative", "worse"]]
        )


if __name__ == "__main__":
    main()
