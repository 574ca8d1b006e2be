"""CPU time of a draw, the preparing of the city shared among few or many; the same bytes for any number of workers.

Run: python benchmarks/prepare_once.py before=../release after=. [--data ../shared/data] [--draws 10 30 100] [--repeats 3]
Every NAME=CHECKOUT is a folder whose `src` is measured, this one if none is given. The checkouts take turns on one
machine, each turn in a fresh process that first plays one draw (imports, compilation) and then simulates each number
of draws from the study to the summary, in one process and one thread, writing nothing.
Writes benchmarks/results/prepare_once.csv, one row per study, checkout and number of draws: CPU seconds of the whole
run and for each of its draws (least of the repeats), and whether all files of a result are equal for 1, 2, 3 and 8
workers. Prints besides what one more draw costs.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "prepare_once.csv"
STUDIES = {"helsinki": None, "berkeley": "city"}
"""Example to the folder of its files in the real data, if it needs any."""
WORKERS = (1, 2, 3, 8)
DRAWS_OF_WORKERS = 80  # eight blocks of ten: work for eight
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def seconds(study: str, overrides: dict[str, Any], draws: list[int]) -> list[float]:
    """CPU seconds of a run with each number of draws, after one that compiles."""
    import holdfast

    found = []
    for count in (1, *draws):
        start = time.process_time()
        holdfast.simulate(study, overrides={**overrides, "recovery.draws": count})
        found.append(time.process_time() - start)
    return found[1:]


def equal_for_workers(study: str, overrides: dict[str, Any]) -> bool:
    """Whether every file of a result has the same bytes for each number of workers."""
    import holdfast

    found = set()
    with tempfile.TemporaryDirectory() as folder:
        for workers in WORKERS:
            out = Path(folder) / "result"
            given = {**overrides, "recovery.draws": DRAWS_OF_WORKERS}
            holdfast.simulate(study, out=out, overrides=given, workers=workers)
            files = sorted(path for path in out.rglob("*") if path.is_file())
            found.add(hashlib.sha256(b"".join(hashlib.sha256(f.read_bytes()).digest() for f in files)).hexdigest())
    return len(found) == 1


def measured(checkout: Path, task: dict[str, Any]) -> Any:
    """Do a task in a fresh process that imports the package of a checkout."""
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, str(Path(__file__).resolve()), "--task", json.dumps(task)]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", nargs="*", default=[f"after={ROOT}"], metavar="NAME=CHECKOUT")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--draws", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--task", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        draws = given.task.pop("draws")
        print(json.dumps(seconds(**given.task, draws=draws) if draws else equal_for_workers(**given.task)))
        return
    checkouts = {name: Path(path).resolve() for name, path in (text.split("=", 1) for text in given.checkouts)}
    rows = []
    for study, folder in STUDIES.items():
        overrides = {"data": str((given.data / folder).resolve())} if folder else {}
        tasks = {
            name: {"study": str(path / "examples" / f"{study}.toml"), "overrides": overrides}
            for name, path in checkouts.items()
        }
        equal = {name: measured(path, {**tasks[name], "draws": []}) for name, path in checkouts.items()}
        turns = pd.DataFrame(
            [
                {name: measured(path, {**tasks[name], "draws": given.draws}) for name, path in checkouts.items()}
                for _ in range(given.repeats)
            ]
        )
        for name in checkouts:
            least = pd.DataFrame(turns[name].tolist()).min().tolist()
            for draws, cpu in zip(given.draws, least, strict=True):
                rows.append((study, name, draws, cpu, cpu / draws, equal[name]))
            if len(least) > 1:
                more = (least[-1] - least[0]) / (given.draws[-1] - given.draws[0])
                print(f"{study}, {name}: one more draw costs {more:.3f} CPU seconds", flush=True)
    columns = ["study", "checkout", "draws", "cpu_s", "cpu_s_per_draw", "equal_for_1_2_3_8_workers"]
    table = pd.DataFrame(rows, columns=columns)
    table.round(4).to_csv(RESULT, index=False)
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
