"""Memory and disk of simulations against what `holdfast.flows.run_size` says before they begin, on synthetic towns.

Run: python benchmarks/run_size.py [--sizes 2000 20000] [--draws 20 200] [--workers 1 2]
Writes benchmarks/results/run_size.csv, one row per run: buildings, draws, workers, days of the longest draw; memory (MB) of
all processes at their peaks, added though they do not come at one time, beyond what the first held when the run was weighed;
the estimate by those days; disk (MB) of result and blocks, and its estimate.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "flows"))

RESULT = Path(__file__).parent / "results" / "run_size.csv"
MB = 1e6
KIB = 1024


def resident() -> float:
    """Bytes that this process holds now."""
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return float(rows["VmRSS"].split()[0]) * KIB


def one(buildings: int, draws: int, workers: int) -> dict[str, float]:
    """Measure one run in this process."""
    from towns import write_town

    import holdfast
    from holdfast.flows import draws as flow
    from holdfast.flows.run_size import run_size
    from holdfast.store.exports import write_netcdf  # noqa: F401  loads what writes, so that it counts to no run

    weighed = {}

    def weigh(inputs, *_) -> None:
        weighed.update(inputs=inputs, held=resident())

    flow.require_room = weigh
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        study = write_town(folder, buildings)
        crews = {"recovery.crews.building": max(buildings // 15, 12), "recovery.draws": draws}
        holdfast.simulate(study, out=folder / "out", overrides=crews, workers=workers)
        with xr.open_dataset(folder / "out" / "recovery.nc", decode_times=False) as curves:
            days = curves.sizes["time"]
        written = sum(f.stat().st_size for f in (folder / "out").rglob("*") if f.is_file())
        blocks = sum(f.stat().st_size for f in (folder / "out" / "blocks").iterdir())
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * KIB if workers > 1 else 0.0
    said = run_size(weighed["inputs"], draws, days, workers)
    return {
        "buildings": buildings,
        "draws": draws,
        "workers": workers,
        "days": days,
        "memory_mb": (own - weighed["held"] + child * workers) / MB,
        "memory_estimate_mb": said.memory / MB,
        "disk_mb": (written + blocks) / MB,
        "disk_estimate_mb": said.disk / MB,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--draws", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    rows = []
    for size in arguments.sizes:
        for draws in arguments.draws:
            for workers in arguments.workers:
                with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                    rows.append(pool.submit(one, size, draws, workers).result())
                print(pd.DataFrame(rows[-1:]).round(1).to_string(index=False, header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows)
    table.round(1).to_csv(RESULT, index=False)
    print(f"estimate over measured: {np.min(table['memory_estimate_mb'] / table['memory_mb']):.2f} at least")


if __name__ == "__main__":
    main()
