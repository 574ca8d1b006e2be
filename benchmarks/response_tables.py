"""What the trained tables cost the event loop: draws of a city with them and with the first, assumed ones.

Run: python benchmarks/response_tables.py [--data ../shared/data/city] [--draws 20]
Writes benchmarks/results/response_tables.csv: seconds per draw of Berkeley with the archives of productivity and
service capacity, and with residuals alone, in turns in one process, without compilation. No net and no forest is
called: both are tables of the same form.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.config import load_study
from holdfast.flows.bind import damage_settings_of, recovery_settings_of, resources_of
from holdfast.flows.cities import load_city, require_scenario
from holdfast.flows.hazards import hazard_of
from holdfast.recovery.damage.trade_pools import with_usual_crews
from holdfast.recovery.simulation.draw import simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "response_tables.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "city")
    parser.add_argument("--draws", type=int, default=20)
    given = parser.parse_args()
    study, folder = load_study(ROOT / "examples" / "berkeley.toml", {"data": str(given.data.resolve())})
    built = load_city(study, folder)
    first = replace(built.parameters, service_capacity=built.parameters.service_capacity.iloc[:0])
    scenario, options = require_scenario(study)[1], study.recovery
    hazard, resources = hazard_of(scenario, {}), with_usual_crews(resources_of(options), built.city)[0]
    settings = (resources, damage_settings_of(options, scenario), recovery_settings_of(options))
    inputs = {
        name: prepare(built.city, hazard, *settings, parameters)
        for name, parameters in (("trained archives", built.parameters), ("residuals alone", first))
    }
    seeds = [seed for block in draw_seeds(study.seed, given.draws + 1) for seed in block]
    seconds: dict[str, list[float]] = {name: [] for name in inputs}
    for seed in seeds:
        for name, city in inputs.items():
            start = time.process_time()
            simulate_draw(city, seed)
            seconds[name].append(time.process_time() - start)
    table = pd.DataFrame({name: values[1:] for name, values in seconds.items()})
    ratio = table["trained archives"] / table["residuals alone"]
    result = pd.DataFrame(
        {
            "tables": [*table.columns, "ratio"],
            "median": [*table.median(), np.median(ratio)],
            "p5": [*table.quantile(0.05), ratio.quantile(0.05)],
            "p95": [*table.quantile(0.95), ratio.quantile(0.95)],
            "draws": given.draws,
        }
    )
    result.to_csv(RESULTS, index=False, float_format="%.4g")
    print(result.to_string(index=False))


if __name__ == "__main__":
    main()
