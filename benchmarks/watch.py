"""CPU seconds of `holdfast update` on Harris County in full, and of a watch where one table changed.

Run: python benchmarks/watch.py [--repeats 3]
Writes benchmarks/results/watch.csv, one row per case: least of the repeats, CPU seconds of this process, with comparison, report
and files. Changed are copies of the tables: every fifth hospital is left out, or the poverty of every fifth tract is halved.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd

import holdfast
from holdfast.flows.remembered import Memory
from holdfast.flows.update import Asked, updated

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("HOLDFAST_DATA", ROOT.parent / "shared" / "data")) / "rating"
RESULT = ROOT / "benchmarks" / "results" / "watch.csv"
STUDY = ROOT / "examples" / "harris.toml"
KEPT = 5


def changed(case: str, folder: Path) -> None:
    """Change a table, from the one that the data hold."""
    if case == "hospitals changed":
        table = pd.read_csv(DATA / "hospitals.csv", dtype=str)
        table[table.index % KEPT > 0].to_csv(folder / "hospitals.csv", index=False)
    elif case == "tracts changed":
        table = pd.read_csv(DATA / "tracts.csv.gz", dtype={"geoid": str})
        table.loc[table.index % KEPT == 0, "frac_poverty"] /= 2
        table.to_csv(folder / "tracts.csv.gz", index=False)


def seconds(case: str, folder: Path, first: Path) -> float:
    """CPU time of one update, in full or with what an update before the change is remembered of."""
    for name in ("hospitals.csv", "tracts.csv.gz"):
        shutil.copy(DATA / name, folder)
    memory = None if case == "full" else Memory()
    asked = Asked(first, STUDY, out=first.parent / "next", overwrite=True, overrides={"data": str(folder)})
    if memory is not None:
        updated(asked, memory=memory)
    changed(case, folder)
    begun = time.process_time()
    updated(asked, memory=memory)
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as place:
        folder, first = Path(place) / "data", Path(place) / "first"
        shutil.copytree(DATA, folder)
        holdfast.rate(STUDY, out=first, overrides={"data": str(folder)})
        cases = ("full", "hospitals changed", "tracts changed", "nothing changed")
        rows = [(case, round(min(seconds(case, folder, first) for _ in range(repeats)), 2)) for case in cases]
    pd.DataFrame(rows, columns=["case", "cpu_s"]).to_csv(RESULT, index=False, lineterminator="\n")
    print(*rows, sep="\n")


if __name__ == "__main__":
    main()
