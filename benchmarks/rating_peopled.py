"""Methods on planted metros with people: accuracy, stability and pockets, by people, with errors that neighbours share or not.

Run: python benchmarks/rating_peopled.py [--tuning] [--seeds 2] [--slow 1] [--out FOLDER]
Writes `peopled.csv`, a row per method and metro; `rating_method_tables.py` makes the tables of docs/rating-method.md.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from masked_graph import ATTEMPTS
from peopled_metros import EVERY, FINAL, NEW, TUNING, peopled_metro
from threadpoolctl import threadpool_limits

from holdfast.config import RatingOptions
from holdfast.flows.choices import fit_options, transforms
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.aims import meant, pull
from holdfast.rating.model.consensus import adjusted_rand, vote
from holdfast.rating.model.levels import natural_cuts
from holdfast.rating.model.people import correlations, counted, midranks
from holdfast.rating.model.refitting import refit
from holdfast.rating.model.scaling import apply_scaler, fit_scaler

CELLS, KEPT = 1200, 0.8
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
VARIANTS = {
    "holdfast": {},
    "graded": {"method": "graded"},
    "holdfast, 0.35 of the neighbours": {"neighbour_weight": 0.35},
    "additive": {"method": "additive"},
    "kmeans": {"method": "kmeans"},
    "gaussian_mixture": {"method": "gaussian_mixture", "refits": 5},
    "resilinet": {"method": "resilinet", "scores": "standard", "refits": 5},
}
SLOW = ("resilinet", *ATTEMPTS)


def levels_of(name: str, features: pd.DataFrame, cells: pd.DataFrame, people: pd.Series) -> np.ndarray:
    options = RatingOptions.model_validate(VARIANTS.get(name, {}))
    held, near = people.loc[features.index].to_numpy(), grid_neighbours(cells)
    scaler = fit_scaler(features, transforms(options), DIRECTIONS, held)
    scaled = apply_scaler(scaler, features).to_numpy(float)
    fit = fit_options(options)
    shares = meant(list(features), fit.aims)
    if name in ATTEMPTS:
        denoised = ATTEMPTS[name](scaled, near, held, 1)
        score = denoised @ pull(shares, correlations(denoised, held))
        return 1 + np.searchsorted(natural_cuts(score, held), score, side="left")
    return vote(refit(scaled, near, fit, 1, held, shares).levels)[0]


def row(name: str, family: str, seed: int, shared: bool) -> dict:
    metro = peopled_metro(family, CELLS, seed, shared=shared)
    people = counted(metro.homes)
    held = people.to_numpy()
    levels = levels_of(name, metro.features, metro.cells, people)
    kept = np.sort(np.random.default_rng(9).permutation(CELLS)[: round(KEPT * CELLS)])
    part = levels_of(name, metro.features.iloc[kept], metro.cells.iloc[kept], people.iloc[kept])
    truth = metro.truth.to_numpy()
    ranks = np.column_stack([midranks(x.astype(float), held) for x in (levels, truth)])
    pocket = metro.pocket.to_numpy() & (held > 0)
    return {
        "method": name,
        "family": family,
        "new": family in NEW,
        "shared": shared,
        "seed": seed,
        "ari": adjusted_rand(levels, truth, held),
        "spearman": correlations(ranks, held)[0, 1],
        "right": np.average(levels == truth, weights=held),
        "stable": adjusted_rand(levels[kept], part, held[kept]),
        "pockets_found": np.average(levels[pocket] <= 2, weights=held[pocket]) if pocket.any() else np.nan,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--slow", type=int, default=1, help="seeds of methods that train networks")
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--only", nargs="+", default=[*VARIANTS, *ATTEMPTS])
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    seeds = TUNING if arguments.tuning else FINAL
    rows = []
    with threadpool_limits(1):
        for name in arguments.only:
            few = seeds[: arguments.slow if name in SLOW else arguments.seeds]
            rows += [row(name, f, s, shared) for f in EVERY for s in few for shared in (False, True)]
            pd.DataFrame(rows).round(4).to_csv(arguments.out / "peopled.csv", index=False)
            print(name, "done", flush=True)
    table = pd.DataFrame(rows)
    print(
        table.groupby(["method", "shared"], sort=False)
        .mean(numeric_only=True)
        .drop(columns=["seed", "new"])
        .round(3)
        .to_string()
    )


if __name__ == "__main__":
    main()
