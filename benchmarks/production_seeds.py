"""Does the verdict on the hybrid network of net output hang on its seed? Three seeds, each with other parts of the states.

Run: python benchmarks/production_seeds.py [--data ../shared/data]; writes benchmarks/results/production_seeds.csv.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.sources import bea, eia
from holdfast.training import evaluation
from holdfast.training.hyperparameters import TrainingSettings
from holdfast.training.net_output import HYBRID, fit_output
from holdfast.training.panel import panel

RESULT = Path(__file__).parent / "results" / "production_seeds.csv"
SEEDS = range(1, 4)
SIMPLE = ("nation", "linear", "boosting")


def main() -> None:
    """Fit every model without each part of the states, with every seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", "../shared/data")))
    folder = parser.parse_args().data / "training"
    files = bea.find_accounts(folder)
    sales = eia.electricity_sales(eia.find_sales(folder))
    data = panel(bea.state_gdp(files["gdp"]), bea.state_income(files["income"]), sales)
    output = data.rows["output"].to_numpy(np.float64)
    rows = []
    for seed in SEEDS:
        found = fit_output(data, TrainingSettings(), seed)
        given = found.given
        test = evaluation.windows(given.year)["to 2017"]
        models = {name: found.unseen[name] for name in (*SIMPLE, HYBRID)}
        errors = evaluation.errors(given.level, given.scale, output, models, test)["rmse_normalised"]
        best = str(errors[list(SIMPLE)].idxmin())
        made = (models[HYBRID], models[best])
        bounds = evaluation.difference(
            given.level, given.scale, data.rows["state"], made, test, np.random.default_rng(seed)
        )
        row = {"seed": seed} | {name: round(errors[name], 4) for name in models} | {"best_simpler": best}
        rows.append(row | dict(zip(["less_best", "low", "high"], np.round(bounds, 4), strict=True)))
        print(rows[-1])
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
