"""Forecasts that take up observations, against hidden recoveries of a synthetic small city with other parameters.

Run: python benchmarks/nowcast_truths.py [--truths 50] [--sets 40] [--draws 10] [--assets 120]
Writes benchmarks/results/nowcast_truths.csv: per spread of the truths, quantity and last day of the observations the mean absolute error of the
median on day 60, the continuous ranked probability score, and the share of the truths inside the 90 % band of the days
after the last observation on which at least 1 % is missing.

The forecast holds draws of many sets of parameters: crews, days of repair and delays, each times a random factor. Each
hidden truth is one draw of a set of its own, whose factors spread as wide as those of the forecast, or a quarter wider.
Output, service capacity and power are seen on days 5, 10 and 20 with an error of .02.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from plans import changed
from small_cities import SmallCity, small_city

from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import simulate_draws
from holdfast.recovery.validation import nowcast
from holdfast.recovery.validation.scores import crps, inside

RESULT = Path(__file__).parent / "results" / "nowcast_truths.csv"
SPREAD = {"crews": 0.5, "days": 0.4, "delays": 0.4}
"""Standard deviations of the logarithms of the factors; assumed."""
WIDER = (1.0, 1.25)
SEEN, AFTER, HORIZON = (5, 10, 20), 60, 120
ERROR = 0.02
KEY = {"event": "synthetic", "area": "city", "unit": "share"}


def curves(small: SmallCity, factors: dict[str, float], draws: int, seed: int) -> dict[str, np.ndarray]:
    """Output, service capacity and power of some draws, shares of a normal day, shape (draw, day)."""
    base = small.parameters
    tables = replace(
        base,
        repair=base.repair.assign(repair_days=base.repair["repair_days"] * factors["days"]),
        delays=base.delays.assign(median_days=base.delays["median_days"] * factors["delays"]),
    )
    crews = {t: max(1, round(n * factors["crews"])) for t, n in small.options.resources.crews.items()}
    options = changed(small.options, crews=crews, delays="drawn", duration_dispersion=0.3, horizon_days=1500)
    inputs = prepare(small.city, small.scenario, *options, tables)
    data = simulate_draws(inputs, draws, seed).curves
    every = {"output": data["EP"] / data["EP0"], "service_capacity": data["SC"] / data["SC0"]}
    every["power"] = data["service"].sel(network="power")
    days = np.minimum(np.arange(HORIZON + 1), data.sizes["time"] - 1)
    return {name: share.transpose("draw", "time").to_numpy()[:, days] for name, share in every.items()}


def table(name: str, values: np.ndarray) -> pd.DataFrame:
    """Draws as a table of schema ``predicted``."""
    draw, day = np.indices(values.shape)
    rows = {"quantity": name, "draw": draw.ravel(), "day": day.ravel().astype(float), "value": values.ravel()}
    return pd.DataFrame(rows).assign(**KEY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truths", type=int, default=50)
    parser.add_argument("--sets", type=int, default=40)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--assets", type=int, default=120)
    given = parser.parse_args()
    small = small_city(1, given.assets, load_parameters())
    rng = np.random.default_rng(7)

    def factors(wider: float) -> dict[str, float]:
        return {name: float(np.exp(wider * s * rng.normal())) for name, s in SPREAD.items()}

    sets = [curves(small, factors(1.0), given.draws, k) for k in range(given.sets)]
    forecast = {name: np.concatenate([s[name] for s in sets]) for name in sets[0]}
    predicted = pd.concat([table(name, values) for name, values in forecast.items()], ignore_index=True)
    rows = []
    for number, wider in [(n, w) for w in WIDER for n in range(given.truths)]:
        truth = {name: v[0] for name, v in curves(small, factors(wider), 1, 1000 + number).items()}
        noise = {name: ERROR * rng.normal(size=len(SEEN)) for name in truth}
        seen = pd.concat(
            [
                pd.DataFrame({"day": SEEN, "value": np.maximum(0, v[list(SEEN)] + noise[name])}).assign(
                    quantity=name, normal=1.0, **KEY
                )
                for name, v in truth.items()
            ],
            ignore_index=True,
        )
        for last in (0, *SEEN):
            copies = nowcast(seen, predicted, until=last).copies if last else 1
            for name, values in forecast.items():
                chosen = np.repeat(values, copies, axis=0)
                later = np.arange(last + 1, HORIZON + 1)
                running = later[truth[name][later] < 0.99]
                held = inside(chosen[:, running], truth[name][running], 0.9)
                median = np.median(chosen[:, AFTER])
                rows.append(
                    {
                        "truths_spread": wider,
                        "quantity": name,
                        "observed_to_day": last,
                        "error_day_60": abs(median - truth[name][AFTER]),
                        "crps_day_60": float(crps(chosen[:, [AFTER]], truth[name][[AFTER]])[0]),
                        "inside": held.sum(),
                        "days": held.size,
                    }
                )
    found = (
        pd.DataFrame(rows)
        .groupby(["truths_spread", "quantity", "observed_to_day"], as_index=False)
        .agg(
            truths=("days", "size"),
            error_day_60=("error_day_60", "mean"),
            crps_day_60=("crps_day_60", "mean"),
            inside=("inside", "sum"),
            days=("days", "sum"),
        )
    )
    found["coverage_90"] = found.pop("inside") / found.pop("days")
    found.round(4).to_csv(RESULT, index=False)
    print(found.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
