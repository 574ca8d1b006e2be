"""Whether the certainty of a rating covers: stated and held, by people, on planted metros with people.

Run: python benchmarks/rating_certainty.py [--tuning] [--seeds 3] [--out FOLDER]
Writes `certainty.csv` (a row per metro) and `certainty_curve.csv` (stated probability of a level beside how often it is the
true one), and prints the tables of docs/rating-method.md.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from peopled_metros import EVERY, FINAL, NEW, TUNING, peopled_metro

from holdfast.config import RatingOptions
from holdfast.flows.choices import fit_options
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.windows import windows
from holdfast.rating.model.consensus import level_range
from holdfast.rating.model.people import counted
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

CELLS = 1200
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
BINS = np.linspace(0, 1, 11)
FEW = ("poverty", "hospitals_within_reach", "road_density")


def rated(metro, options: RatingOptions, features=None):
    features = metro.features if features is None else features
    people = counted(metro.homes)
    others = windows(features, metro.cells, people) if options.certainty.grids else ()
    return rate_cells(
        features, DIRECTIONS, facts=CellFacts(people, others=others), options=fit_options(options)
    ), people


def covered(metro, rating, people: pd.Series) -> tuple[dict, np.ndarray]:
    """Shares of the people whose true rank and level lie where the rating says, and the counts of the curve."""
    held = people[people > 0]
    sure, truth = rating.certainty, metro.truth.loc[held.index]
    ranks, ranges = sure.ranks.loc[held.index], level_range(sure.probabilities.loc[held.index])
    rank = metro.rank.loc[held.index]
    probability = sure.probabilities.loc[held.index].to_numpy()
    inside = (rank >= ranks["rank_low"]) & (rank <= ranks["rank_high"])
    within = (truth >= ranges["level_low"]) & (truth <= ranges["level_high"])
    low, high = (ranges[c].to_numpy(int)[:, None] for c in ("level_low", "level_high"))
    numbers = np.arange(1, 6)
    stated = (probability * ((numbers >= low) & (numbers <= high))).sum(axis=1)
    place = np.clip(np.digitize(probability, BINS) - 1, 0, 9)
    hit = (truth.to_numpy()[:, None] == numbers).astype(float)
    weight = np.repeat((held / held.sum()).to_numpy()[:, None], 5, axis=1)
    curve = np.stack([np.bincount(place.ravel(), (weight * x).ravel(), 10) for x in (1.0, probability, hit)])
    row = {
        "rank_covered": np.average(inside, weights=held),
        "rank_width": np.average(ranks["rank_high"] - ranks["rank_low"], weights=held),
        "levels_covered": np.average(within, weights=held),
        "levels_stated": np.average(stated, weights=held),
        "levels_in_range": np.average((high - low).ravel() + 1, weights=held),
        "right": np.average(rating.levels.loc[held.index].astype(int) == truth, weights=held),
        "agreement": np.average(sure.agreement.loc[held.index], weights=held),
    }
    return row, curve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--set", nargs="*", default=[], help="keys of rating.certainty, such as error=0.5")
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    changes = {k: float(v) for k, v in (pair.split("=") for pair in arguments.set)}
    options = RatingOptions()
    options = options.model_copy(update={"certainty": options.certainty.model_copy(update=changes)})
    rows, curves = [], {}
    for family in EVERY:
        for seed in (TUNING if arguments.tuning else FINAL)[: arguments.seeds]:
            for shared in (False, True):
                metro = peopled_metro(family, CELLS, seed, shared=shared)
                for kind, features in (("all features", None), ("3 of 12", metro.features[list(FEW)])):
                    row, curve = covered(metro, *rated(metro, options, features))
                    rows.append(
                        {
                            "family": family,
                            "new": family in NEW,
                            "seed": seed,
                            "shared": shared,
                            "features": kind,
                            **row,
                        }
                    )
                    curves[kind] = curves.get(kind, 0) + curve
    table = pd.DataFrame(rows)
    table.round(4).to_csv(arguments.out / "certainty.csv", index=False)
    parts = []
    for kind, (count, stated, hit) in curves.items():
        parts.append(
            pd.DataFrame(
                {
                    "features": kind,
                    "from": BINS[:-1],
                    "share": count / count.sum(),
                    "stated": stated / count,
                    "held": hit / count,
                }
            )
        )
    pd.concat(parts).round(4).to_csv(arguments.out / "certainty_curve.csv", index=False)
    figures = table.drop(columns=["seed", "new"]).groupby(["features", "shared", "family"], sort=False).mean()
    print(figures.round(3).to_string())
    print(table.drop(columns=["seed", "family"]).groupby(["features", "new", "shared"]).mean().round(3).to_string())
    print(pd.concat(parts).round(3).to_string())


if __name__ == "__main__":
    main()
