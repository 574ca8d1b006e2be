"""Time and memory of damage states, cost, work and delay against the number of buildings.

    python benchmarks/damage_scaling.py --data ../shared/data

Berkeley's 27,014 buildings, and multiples of them up to a million (rows repeated), draws in blocks, on two
threads; delays drawn, residuals correlated by block. A million buildings take fewer draws, so that a run stays
short: time is proportional to the draws. Writes results/damage_scaling.csv: seconds on the wall and of the
processors, asset-draws per second of wall time, peak memory of the process.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

BYTES = 49  # of a building and draw in the arrays of a block
BLOCK_BYTES = 400e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    sizes = ["27014x1000", "100000x200", "300000x100", "1000000x50"]
    parser.add_argument("--cases", nargs="+", default=sizes, help="buildings x draws")
    parser.add_argument("--draws", type=int, default=1000, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--inside", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(*measure(options))
        return
    rows = []
    for case in options.cases:  # a process each, since the peak of memory never falls
        size, draws = (int(n) for n in case.split("x"))
        command = [sys.executable, __file__, "--data", str(options.data), "--inside", str(size)]
        command += ["--draws", str(draws), "--threads", str(options.threads)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        seconds, busy, megabytes, loss = (float(v) for v in out[-4:])
        rows.append((size, draws, options.threads, seconds, busy, size * draws / seconds, megabytes, loss))
        print(rows[-1])
    names = ["buildings", "draws", "threads", "seconds", "processor_seconds", "asset_draws_per_second", "peak_MB"]
    names += ["mean_repair_cost"]
    out = Path(__file__).parent / "results" / "damage_scaling.csv"
    pd.DataFrame(rows, columns=names).to_csv(out, index=False, float_format="%.6g", lineterminator="\n")


def measure(options: argparse.Namespace) -> tuple[float, float, float, float]:
    """Seconds of all draws by two clocks, peak memory in MB and the mean cost, in this process."""
    from holdfast.recovery.city.building_classes import asset_classes
    from holdfast.recovery.damage.assets import Assets, consequences
    from holdfast.recovery.damage.damage import draw_block
    from holdfast.recovery.damage.fragility import fragilities
    from holdfast.recovery.settings.parameters import load_parameters

    tables, size = load_parameters(), options.inside
    names = {"StructureType": "structure", "NumberOfStories": "stories", "YearBuilt": "year_built"}
    berkeley = pd.read_csv(options.data / "city" / "berkeley_buildings.csv.gz").rename(columns=names)
    berkeley["asset_class"] = asset_classes(berkeley, "ubc_zone_4", tables.fragility).to_numpy()
    table = berkeley.iloc[np.arange(size) % len(berkeley)].reset_index(drop=True)
    zeros = np.zeros(size)
    listed = Assets(
        asset_class=table["asset_class"],
        repair_class=table["OccupancyClass"],
        site=np.zeros((size, 2)),
        replacement_cost=table["ReplacementCost"].to_numpy(float),
        floor_area=table["PlanArea"].to_numpy(float),
        length=zeros,
        block=np.arange(size) // 100,
        trade=zeros.astype(int),
        trades=("building",),
        buildings=size,
        nodes=0,
    )
    meaning = consequences(listed, tables, {"building": 1000}, "drawn")
    functions = fragilities(tables, listed.asset_class, ["PGA"], listed.block, 0.3)
    seeds = np.random.SeedSequence(1).spawn(options.draws)
    block = int(min(options.draws, max(2, BLOCK_BYTES // (BYTES * size))))
    shaking = np.random.default_rng(2)
    draw_block({"PGA": np.full(size, 0.4)}, functions, meaning, None, seeds[:2])  # compiles
    seconds, busy, cost = 0.0, 0.0, 0.0
    for at in range(0, options.draws, block):
        part = seeds[at : at + block]
        pga = 0.4 * np.exp(0.5 * shaking.standard_normal((len(part), 1)) + 0.3 * shaking.standard_normal((1, size)))
        start, used = time.perf_counter(), time.process_time()
        damage = draw_block({"PGA": pga}, functions, meaning, None, part, options.threads)
        seconds, busy = seconds + time.perf_counter() - start, busy + time.process_time() - used
        cost += float(damage.repair_cost.sum())
    return seconds, busy, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, cost / options.draws


if __name__ == "__main__":
    main()
