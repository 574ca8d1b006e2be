"""Does the verdict on the hybrid network of net output hang on its seed? Five seeds, tested on 2018-2019.

Run: python benchmarks/production_seeds.py [--data ../shared/data]; writes benchmarks/results/production_seeds.csv.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.sources import bea, eia
from holdfast.training import evaluation
from holdfast.training.growth import Split, growths
from holdfast.training.hyperparameters import TrainingSettings
from holdfast.training.model_inputs import inputs
from holdfast.training.panel import panel
from holdfast.training.selection import temporal_features

RESULT = Path(__file__).parent / "results" / "production_seeds.csv"
SEEDS = range(5)


def main() -> None:
    """Fit the simpler models once and the network with every seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("HOLDFAST_DATA", "../shared/data")))
    folder = parser.parse_args().data / "training"
    files, options = bea.find_accounts(folder), TrainingSettings()
    sales = eia.electricity_sales(eia.find_sales(folder))
    data = panel(bea.state_gdp(files["gdp"]), bea.state_income(files["income"]), sales)
    features = temporal_features(data, evaluation.LAST_FIT, options.growth.significance)
    when = data.rows["when"].to_numpy()
    fit = when <= evaluation.LAST_FIT
    split = Split(fit, fit & (when >= evaluation.FIRST_VALIDATE))
    given = inputs(data, features.index[features["kept"]].tolist(), fit)
    test = evaluation.windows(when)["2018-2019"]
    output = data.rows["output"].to_numpy()
    simple = {name: growths(options.growth, 0)[name](given, split).growth for name in ("industry_mean", "linear")}
    rows = []
    for seed in SEEDS:
        made = growths(options.growth, seed)["hybrid"](given, split)
        models = {"hybrid": made.growth, **simple}
        table = evaluation.errors(given.growth, given.scale, output, models, test)
        row = {"seed": seed, "epochs": made.chosen["epochs"]}
        row |= {f"{m}_{c}": table.loc[m, c].round(4) for m in models for c in ("rmse_normalised", "rmse_pp")}
        for name, other in simple.items():
            bounds = evaluation.difference(
                given.growth, given.scale, data.rows["state"], (made.growth, other), test, np.random.default_rng(seed)
            )
            row |= dict(
                zip([f"less_{name}", f"less_{name}_low", f"less_{name}_high"], np.round(bounds, 4), strict=True)
            )
        rows.append(row)
        print(row)
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
