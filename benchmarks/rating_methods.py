"""Accuracy, stability and common-space scores of every rating method on planted metros and on real ones.

Run: python benchmarks/rating_methods.py [--seeds 20] [--slow 8] [--tuning] [--data FOLDER] [--out FOLDER]
Writes `methods.csv` (a row per method, metro and seed) and, with --data, `real.csv`, and prints tables by cells (those of
docs/rating-method.md count people: `rating_peopled.py`). --tuning takes the tuning seeds and leaves out the held-out families.
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from planted_metros import FAMILIES, FINAL_SEEDS, HELD_OUT, TUNING_SEEDS, planted_metro
from threadpoolctl import threadpool_limits

from holdfast.config import RatingOptions
from holdfast.flows.choices import fit_options, policies, transforms
from holdfast.flows.inputs import gather, open_study
from holdfast.flows.progress import silent
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.consensus import adjusted_rand, vote
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.missing import fill
from holdfast.rating.model.refitting import refit
from holdfast.rating.model.scaling import apply_scaler, fit_scaler
from holdfast.rating.model.structure import common_space_scores

CELLS, KEPT, SCORED = 2000, 0.8, 1500
VOTE_SEEDS = 2  # metros per family for the vote of twenty networks, which takes longest
NETWORKS = ("autoencoder_kmeans", "graph_autoencoder", "dec", "idec", "resilinet")
ALONE = {name: {"method": name, "scores": "standard", "refits": 1, "subsample": 1.0} for name in METHODS}
VARIANTS = {
    **ALONE,
    "holdfast": {},
    "graded": {"method": "graded"},
    "resilinet, vote of 20": {"method": "resilinet", "scores": "standard"},
    "holdfast with neighbours": {"neighbour_weight": 0.35},
    "holdfast with standard scores": {"scores": "standard"},
}
VOTES_OF_NETWORKS = ("resilinet, vote of 20",)
SIDE = ("holdfast with neighbours", "holdfast with standard scores")


def options_of(variant: str) -> RatingOptions:
    return RatingOptions().model_copy(update=VARIANTS[variant])


def scaled_of(features: pd.DataFrame, options: RatingOptions) -> np.ndarray:
    scaler = fit_scaler(features, transforms(options), {c: RULES[c].direction for c in features})
    return apply_scaler(scaler, features).to_numpy(float)


def levels_of(features: pd.DataFrame, cells: pd.DataFrame, options: RatingOptions, seed: int) -> np.ndarray:
    found = refit(scaled_of(features, options), grid_neighbours(cells), fit_options(options), seed)
    return found.levels[0].astype(int) if options.refits == 1 else vote(found.levels)[0]


def overlapping(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a cell and a cell of the grid shifted by half a cell east and north that overlap by a quarter."""
    place = pd.Series(np.arange(len(cells)), pd.MultiIndex.from_frame(cells[["column", "row"]]))
    first, second = [], []
    for east, north in ((0, 0), (1, 0), (0, 1), (1, 1)):
        other = pd.MultiIndex.from_arrays([cells["column"] - east, cells["row"] - north])
        found = place.reindex(other).to_numpy()
        first.append(np.flatnonzero(~np.isnan(found)))
        second.append(found[~np.isnan(found)].astype(int))
    return np.concatenate(first), np.concatenate(second)


def stability(features: pd.DataFrame, cells: pd.DataFrame, options: RatingOptions, levels: np.ndarray) -> dict:
    """Adjusted Rand index with another seed, and with the method run on 80 % of the cells alone."""
    kept = np.sort(np.random.default_rng(9).permutation(len(cells))[: round(KEPT * len(cells))])
    part = levels_of(features.iloc[kept], cells.iloc[kept], options, 3)
    return {
        "stable_seed": adjusted_rand(levels, levels_of(features, cells, options, 2)),
        "stable_subsample": adjusted_rand(levels[kept], part),
        "smallest_level": np.bincount(levels, minlength=6)[1:].min() / len(levels),
    }


def planted_row(variant: str, family: str, seed: int) -> dict:
    metro, moved = (planted_metro(family, CELLS, seed, shifted=s) for s in (False, True))
    options = options_of(variant)
    start = time.perf_counter()
    levels = levels_of(metro.features, metro.cells, options, 1)
    seconds = time.perf_counter() - start
    here, there = overlapping(metro.cells)
    other = levels_of(moved.features, moved.cells, options, 1)
    some = np.random.default_rng(0).permutation(CELLS)[:SCORED]
    return {
        "method": variant,
        "family": family,
        "seed": seed,
        "ari": adjusted_rand(levels, metro.truth.to_numpy()),
        "spearman": pd.Series(levels).corr(metro.truth.reset_index(drop=True), method="spearman"),
        **stability(metro.features, metro.cells, options, levels),
        "stable_shift": adjusted_rand(levels[here], other[there]),
        **asdict(common_space_scores(scaled_of(metro.features, options_of("kmeans"))[some], levels[some])),
        "seconds": seconds,
    }


def truth_row(family: str, seed: int) -> dict:
    """The truth as if it were a method: what no method can pass under a shift of the grid."""
    metro, moved = (planted_metro(family, CELLS, seed, shifted=s) for s in (False, True))
    (here, there), levels = overlapping(metro.cells), metro.truth.to_numpy()
    some = np.random.default_rng(0).permutation(CELLS)[:SCORED]
    return {
        "method": "truth",
        "family": family,
        "seed": seed,
        "ari": 1.0,
        "spearman": 1.0,
        "smallest_level": np.bincount(levels, minlength=6)[1:].min() / len(levels),
        "stable_shift": adjusted_rand(levels[here], moved.truth.to_numpy()[there]),
        **asdict(common_space_scores(scaled_of(metro.features, options_of("kmeans"))[some], levels[some])),
    }


def real_rows(data: Path) -> pd.DataFrame:
    rows = []
    for name in ("harris", "chicago"):
        study, folder = open_study(Path(__file__).parents[1] / "examples" / f"{name}.toml", {"data": str(data)})
        found = gather(study, folder, silent)
        shifted, _ = open_study(
            Path(__file__).parents[1] / "examples" / f"{name}.toml", {"data": str(data), "region.offset": 0.5}
        )
        both = [_rateable(study, found), _rateable(study, gather(shifted, folder, silent))]
        for variant in VARIANTS:
            print("rating", name, "by", variant, flush=True)
            rows.append(real_row(name, variant, *both))
    return pd.DataFrame(rows)


def _rateable(study, found) -> tuple[pd.DataFrame, pd.DataFrame]:
    filled, reasons, _ = fill(found.features, found.homes, policies(study.rating))
    keep = reasons == ""
    return filled[keep], found.region.cells.loc[keep, ["column", "row"]]


def real_row(name: str, variant: str, base: tuple, moved: tuple) -> dict:
    (features, cells), options = base, options_of(variant)
    start = time.perf_counter()
    levels = levels_of(features, cells, options, 1)
    seconds = time.perf_counter() - start
    refits = refit(
        scaled_of(features, options),
        grid_neighbours(cells),
        fit_options(options.model_copy(update={"refits": 20, "subsample": 0.8})),
        1,
    )
    winner, shares = vote(refits.levels)
    here = cells.assign(level=levels)
    quarters = [here.assign(column=here["column"] + a, row=here["row"] + b) for a in (0, 1) for b in (0, 1)]
    there = moved[1].assign(other=levels_of(moved[0], moved[1], options, 1)) + {"column": 1, "row": 1, "other": 0}
    join = pd.concat(quarters).merge(there, on=["column", "row"])
    return {
        "metro": name,
        "method": variant,
        "cells": len(cells),
        "features": features.shape[1],
        **stability(features, cells, options, levels),
        "stable_shift": adjusted_rand(join["level"].to_numpy(), join["other"].to_numpy()),
        "agreement": np.median(shares[np.arange(len(winner)), winner - 1]),
        **asdict(common_space_scores(scaled_of(features, options_of("kmeans")), levels)),
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--slow", type=int, default=5, help="seeds for methods that train networks and for variants")
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--only", nargs="+", default=list(VARIANTS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    seeds = (TUNING_SEEDS if arguments.tuning else FINAL_SEEDS)[: arguments.seeds]
    families = [f for f in FAMILIES if not (arguments.tuning and f in HELD_OUT)]
    rows = []
    with threadpool_limits(1):
        for variant in arguments.only:
            few = arguments.slow if variant in (*NETWORKS, *SIDE) else len(seeds)
            few = VOTE_SEEDS if variant in VOTES_OF_NETWORKS else few
            start = time.perf_counter()
            rows += [planted_row(variant, family, seed) for family in families for seed in seeds[:few]]
            print(f"{variant}: {time.perf_counter() - start:.0f} s", flush=True)
            pd.DataFrame(rows).to_csv(arguments.out / "methods.csv", index=False)
        rows += [truth_row(family, seed) for family in families for seed in seeds]
        table = pd.DataFrame(rows)
        table.to_csv(arguments.out / "methods.csv", index=False)
        print(table.groupby("method", sort=False).mean(numeric_only=True).drop(columns="seed").round(3).to_string())
        print(table.pivot_table(index="method", columns="family", values="ari", sort=False).round(3).to_string())
        print(table.pivot_table(index="method", columns="family", values="spearman", sort=False).round(3).to_string())
        if arguments.data:
            real = real_rows(arguments.data)
            real.to_csv(arguments.out / "real.csv", index=False)
            print(real.round(3).to_string())


if __name__ == "__main__":
    main()
