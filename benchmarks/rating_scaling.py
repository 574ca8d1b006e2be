"""Time and memory of a rating against the number of cells, with k-means on the same cells as the floor.

Run: python benchmarks/rating_scaling.py [--sizes 1000 10000 100000 1000000] [--refits 20] [--out FILE]
     python benchmarks/rating_scaling.py --command [--sizes 5000] [--out FILE]
Each size runs in a process of its own. Prints seconds to rate (scaling, neighbours, refits, 200 draws of the
certainty with other grids, ordering rules, frozen model), seconds of k-means with one start, peak memory, and the exponent of the growth.
With `--command` the whole of `holdfast rate` instead, from a ready cell table to the report on the disk, as the system counts it: wall
clock, processor time and peak memory of the process, with the paper's way beside it and without.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd


def measure(cells: int, refits: int, threads: int) -> None:
    from planted_metros import planted_metro
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    from holdfast.config import RatingOptions
    from holdfast.flows.choices import fit_options
    from holdfast.rating import rate_cells
    from holdfast.rating.features.rules import RULES
    from holdfast.rating.grid.adjacency import grid_neighbours
    from holdfast.rating.grid.windows import windows
    from holdfast.rating.rate.cell_facts import CellFacts

    metro = planted_metro("additive", cells, 1)
    directions = {name: rule.direction for name, rule in RULES.items()}
    fit = fit_options(RatingOptions(refits=refits))
    people = pd.Series(np.random.default_rng(1).lognormal(5, 1.5, cells), metro.features.index)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with threadpool_limits(threads):
        start = time.perf_counter()
        facts = CellFacts(people, others=windows(metro.features, metro.cells, people))
        touching = grid_neighbours(metro.cells)
        rating = rate_cells(metro.features, directions, touching=touching, facts=facts, options=fit)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        KMeans(5, n_init=1, random_state=0).fit(rating.scaled.to_numpy())
        floor = time.perf_counter() - start
    print(f"{cells},{len(rating.clusters)},{seconds:.2f},{floor:.2f},{before:.0f},{peak:.0f}")


def write_study(folder: Path, cells: int) -> None:
    """A planted metro with its twelve features as a ready cell table, and a study of it."""
    from planted_metros import planted_metro

    metro = planted_metro("additive", cells, 1)
    homes = np.random.default_rng(1).lognormal(5, 1.5, cells).round()
    facts = {"region_m2": 4e6, "housing_units": homes, "source_area": np.arange(cells)}
    metro.cells[["column", "row"]].assign(**facts).join(metro.features).to_csv(folder / "mine.csv", index=False)
    about = {"title": "planted metro (synthetic)", "licence": "CC0", "date": "2026"}
    sources = [{"column": name, **about} for name in metro.features]
    pd.DataFrame(sources).to_csv(folder / "mine_sources.csv", index=False)
    (folder / "study.toml").write_text('name = "Planted"\n[region]\ncells = "mine.csv"\ncrs = "EPSG:5070"\n')


def of_command(cells: int) -> list[dict]:
    """Seconds and memory of `holdfast rate` on one size, with and without the paper's way."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        write_study(Path(place), cells)
        for beside in (True, False):
            rate = [sys.executable, "-m", "holdfast", "rate", f"{place}/study.toml", "--quiet"]
            changes = ["--out", f"{place}/{beside}", "--set", f"rating.resilinet.enabled={str(beside).lower()}"]
            start = time.perf_counter()
            # GNU time: the usage of this one child, whatever ran before
            done = subprocess.run(
                ["/usr/bin/time", "-f", "%U %S %M", *rate, *changes], capture_output=True, text=True, check=True
            )
            user, system, peak = map(float, done.stderr.split()[-3:])
            wall = time.perf_counter() - start
            told = {"seconds": wall, "processor_seconds": user + system, "peak_MB": peak / 1024}
            rows.append({"cells": cells, "resilinet": beside, **told})
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--refits", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", type=int)
    parser.add_argument("--command", action="store_true")
    arguments = parser.parse_args()
    if arguments.command:
        table = pd.DataFrame([row for size in arguments.sizes for row in of_command(size)])
        if arguments.out:
            table.round(1).to_csv(arguments.out, index=False)
        return
    if arguments.one:
        measure(arguments.one, arguments.refits, arguments.threads)
        return
    rows = []
    for size in arguments.sizes:
        command = [sys.executable, __file__, "--one", str(size), "--refits", str(arguments.refits)]
        done = subprocess.run(
            [*command, "--threads", str(arguments.threads)], capture_output=True, text=True, check=True
        )
        rows.append([float(x) for x in done.stdout.strip().split(",")])
        print(done.stdout.strip(), flush=True)
    names = ["cells", "refits", "seconds", "kmeans_seconds", "generator_MB", "peak_MB"]
    table = pd.DataFrame(rows, columns=names)
    growth = np.polyfit(np.log(table["cells"]), np.log(table["seconds"]), 1)[0]
    steps = np.diff(np.log(table["seconds"])) / np.diff(np.log(table["cells"]))
    print(f"exponent {growth:.2f}, steepest step {steps.max():.2f}")
    if arguments.out:
        table.to_csv(arguments.out, index=False)


if __name__ == "__main__":
    main()
