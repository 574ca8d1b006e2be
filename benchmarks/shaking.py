"""Shaking: cost of a draw against the number of sites, and the range that the drawn fields recover.

Run: python benchmarks/shaking.py [--sizes 1000 27014 100000 1000000] [--draws 20]
Writes benchmarks/results/shaking.csv (seconds to prepare and per draw of three measures, by a ground-motion model) and
benchmarks/results/shaking_range.csv (range by least squares on the empirical semivariogram of 400 draws at 600 sites,
with its standard error over ten groups of draws).
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.recovery.hazard import Earthquake, ground_motion, sites_of
from holdfast.recovery.hazard.correlation import correlation_ranges, measure_correlation, residuals

RESULTS = Path(__file__).parent / "results"
MEASURES = ("PGA", "SA0.3", "SA1.0")
SIDE = 12_000.0
EVENT = Earthquake(magnitude=7.0, longitude=-122.2, latitude=37.75, depth_km=8.0, strike=325.0)


def places(count: int) -> np.ndarray:
    """Random places on a square, m in UTM zone 10; synthetic."""
    return np.random.default_rng(1).uniform(
        [560_000.0, 4_180_000.0], [560_000.0 + SIDE, 4_180_000.0 + SIDE], (count, 2)
    )


def cost(sizes: list[int], draws: int) -> pd.DataFrame:
    rows = []
    for count in sizes:
        here = places(count)
        start = time.perf_counter()
        sites = sites_of(here, "EPSG:32610", 400.0)
        field = ground_motion(EVENT).at(sites, MEASURES)
        ready = time.perf_counter() - start
        rng = np.random.default_rng(1)
        times = []
        for _ in range(draws):
            start = time.perf_counter()
            field(rng)
            times.append(time.perf_counter() - start)
        rows.append(
            {
                "sites": count,
                "prepare_s": ready,
                "draw_s": np.median(times),
                "per_site_us": np.median(times) / count * 1e6,
            }
        )
    return pd.DataFrame(rows).round(6)


def recovered(groups: int = 10, draws: int = 40) -> pd.DataFrame:
    here = np.random.default_rng(2).uniform(0, 40_000, (600, 2))
    i, j = np.triu_indices(len(here), 1)
    distance = np.hypot(*(here[i] - here[j]).T)
    rows = []
    for clustering in ("scattered", "clustered"):
        targets = correlation_ranges(MEASURES, clustering)
        field = residuals(here, targets, measure_correlation(MEASURES))
        for k, measure in enumerate(MEASURES):
            edges = np.linspace(0, targets[k], 21)
            member = np.digitize(distance, edges)
            near = member <= 20
            centre = np.bincount(member[near], distance[near], 21)[1:] / np.bincount(member[near], minlength=21)[1:]
            ranges = np.linspace(0.6, 1.6, 1001) * targets[k]
            model = 1 - np.exp(-3 * centre[None, :] / ranges[:, None])
            found = []
            for group in range(groups):
                total = np.zeros(20)
                for draw in range(draws):
                    values = field(np.random.default_rng([group, draw]))[k]
                    half = 0.5 * (values[i[near]] - values[j[near]]) ** 2
                    total += np.bincount(member[near], half, 21)[1:] / np.bincount(member[near], minlength=21)[1:]
                found.append(ranges[((model - total / draws) ** 2).sum(axis=1).argmin()])
            rows.append(
                {
                    "clustering": clustering,
                    "measure": measure,
                    "target_km": targets[k] / 1e3,
                    "recovered_km": np.mean(found) / 1e3,
                    "standard_error_km": np.std(found, ddof=1) / np.sqrt(groups) / 1e3,
                }
            )
    return pd.DataFrame(rows).round(3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 27_014, 100_000, 1_000_000])
    parser.add_argument("--draws", type=int, default=20)
    arguments = parser.parse_args()
    for name, table in {"shaking": cost(arguments.sizes, arguments.draws), "shaking_range": recovered()}.items():
        table.to_csv(RESULTS / f"{name}.csv", index=False)
        print(table.to_string(index=False))


if __name__ == "__main__":
    main()
