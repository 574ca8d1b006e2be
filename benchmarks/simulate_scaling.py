"""Time and memory of one draw against the number of buildings, on random towns.

Run: python benchmarks/simulate_scaling.py [--sizes 1000 10000 100000] [--draws 3]
Prints one row per size: seconds to prepare, seconds per draw, days simulated, peak memory of the process.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "recovery"))

from cities import parameters, town

from holdfast.config import RecoveryOptions, ScenarioOptions
from holdfast.recovery.simulate import draw_seeds, prepare, simulate_block


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 27_014, 100_000])
    parser.add_argument("--draws", type=int, default=3)
    arguments = parser.parse_args()
    scenario = ScenarioOptions(unit="g", value=0.4, between_event_sd=0.3, within_event_sd=0.3)
    simulate_block(town(50), parameters(), scenario, RecoveryOptions(), draw_seeds(1, 1)[0])  # compile
    print("buildings  prepare_s  draw_s  days  peak_MB")
    for size in arguments.sizes:
        crews = {"building": max(size // 15, 20), **dict.fromkeys(("power", "water", "telecom"), max(size // 250, 10))}
        city, options = town(size, side=10.0 * size**0.5 * 5), RecoveryOptions(crews=crews)
        start = time.perf_counter()
        prepare(city, parameters(), scenario, options)
        ready = time.perf_counter() - start
        start = time.perf_counter()
        block = simulate_block(city, parameters(), scenario, options, draw_seeds(1, arguments.draws)[0])
        each = (time.perf_counter() - start - ready) / arguments.draws
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{size:9d}  {ready:9.2f}  {each:6.2f}  {block.EP.shape[1]:4d}  {peak:7.0f}")


if __name__ == "__main__":
    main()
