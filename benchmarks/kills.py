"""Runs that are killed at random moments: the result after `--resume`, what is left behind, and who outlives the run.

Run: python benchmarks/kills.py [--kills 60] [--seed 1] [--again]
Writes benchmarks/results/kills.csv, one row per kill: verb, workers, who was killed (parent or worker), by which signal, the
moment (share of the run after its first stored block, or before it), exit code, whether one message in plain words was told
and no traceback, whether the run that went on gave the bytes of an undisturbed one, processes that lived 10 s later, files
beside the result at the end. Linux alone: children are taken from the kernel's list.

Nine in ten kills of a simulation come after its first stored block. A rating keeps nothing; it is run again.
"""

import argparse
import csv
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "flows")]

RESULT = ROOT / "benchmarks" / "results" / "kills.csv"
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
DRAWS = 60
LATE = 0.9  # of the kills of a simulation come after its first stored block
PATIENCE = 10.0  # s that processes may outlive their run
FIELDS = [
    "number",
    "verb",
    "workers",
    "killed",
    "signal",
    "moment",
    "code",
    "told",
    "same_bytes",
    "orphans",
    "left_beside",
]


def command(verb: str, study: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "holdfast", verb, str(study), "--out", str(out), *more]


def digests(folder: Path) -> dict[str, str]:
    """Digest of every file of a result."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def below(process: int) -> list[int]:
    """Processes that a process has started."""
    there = Path(f"/proc/{process}/task/{process}/children")
    return [int(p) for p in there.read_text().split()] if there.exists() else []


def alive(processes: list[int]) -> list[int]:
    """Those that run and are no zombies."""
    states = {p: Path(f"/proc/{p}/stat") for p in processes}
    return [p for p, s in states.items() if s.exists() and s.read_text().rsplit(")", 1)[1].split()[0] != "Z"]


def first_block(run: subprocess.Popen, seen: list[str]) -> None:
    """Read the progress until the first block is stored."""
    for line in run.stderr:
        seen.append(line)
        if line.startswith("{") and json.loads(line)["step"].startswith("draws"):
            return


def one(number: int, generator: random.Random, studies: dict[str, Path], whole: dict, lasts: dict) -> dict[str, object]:
    """Kill one run, go on with it, and look at what there is."""
    verb = "rate" if number % 4 == 0 else "simulate"
    workers = 2 if verb == "simulate" else 1
    draws = ("--draws", str(DRAWS), "--workers", str(workers)) if verb == "simulate" else ()
    late = verb == "simulate" and generator.random() < LATE
    share, kind = generator.random(), generator.choice(SIGNALS)
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "out"
        run = subprocess.Popen(
            command(verb, studies[verb], out, *draws), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        seen: list[str] = []
        if late:
            first_block(run, seen)
        time.sleep(share * lasts[verb, late])
        family = below(run.pid)
        target = generator.choice(family) if family and generator.random() < 0.5 else run.pid
        os.kill(target, getattr(signal, kind))
        rest: list[str] = []
        reader = threading.Thread(target=lambda: rest.extend(run.stderr), daemon=True)
        reader.start()
        code = run.wait(600)
        reader.join(PATIENCE)
        until = time.monotonic() + PATIENCE
        while alive(family) and time.monotonic() < until:
            time.sleep(0.1)
        orphans = len(alive(family))
        words = [line for line in [*seen, *rest] if line.strip() and not line.startswith("{")]
        silent = target == run.pid and kind == "SIGKILL"
        told = code == 0 or (not words if silent else len(words) == 1 and words[0].startswith("holdfast: "))
        if not out.exists() or digests(out) != whole[verb]:
            again = ("--resume",) if verb == "simulate" else ()
            subprocess.run(command(verb, studies[verb], out, *draws, *again, "--quiet"), check=True)
        same = digests(out) == whole[verb]
        beside = sorted(p.name for p in Path(place).iterdir() if p != out)
    return {
        "number": number,
        "verb": verb,
        "workers": workers,
        "killed": "parent" if target == run.pid else "worker",
        "signal": kind,
        "moment": f"{share:.2f} of the run {'after' if late else 'before'} its first block"
        if verb == "simulate"
        else f"{share:.2f} of the run",
        "code": code,
        "told": "yes" if told else "no",
        "same_bytes": "yes" if same else "no",
        "orphans": orphans,
        "left_beside": " ".join(beside),
    }


def measured(studies: dict[str, Path], folder: Path) -> tuple[dict, dict]:
    """Digests of undisturbed results, and how long their parts last, s."""
    whole, lasts = {}, {}
    for verb, study in studies.items():
        draws = ("--draws", str(DRAWS), "--workers", "2") if verb == "simulate" else ()
        for _ in range(2):  # the first compiles
            out = folder / f"whole-{verb}"
            start = time.monotonic()
            run = subprocess.Popen(
                command(verb, study, out, *draws), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
            )
            first_block(run, []) if verb == "simulate" else None
            middle = time.monotonic()
            for _line in run.stderr:
                pass
            run.wait()
            end = time.monotonic()
        lasts[verb, False] = (middle if verb == "simulate" else end) - start
        lasts[verb, True] = end - middle
        whole[verb] = digests(out)
    return whole, lasts


def main() -> None:
    from conftest import write_study
    from towns import write_town

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="begin a new table")
    arguments = parser.parse_args()
    rows: list[dict[str, object]] = []
    if RESULT.exists() and not arguments.again:
        with RESULT.open(newline="") as file:
            rows = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "town").mkdir()
        studies = {"rate": write_study(folder / "region"), "simulate": write_town(folder / "town")}
        whole, lasts = measured(studies, folder)
        for number in range(len(rows), arguments.kills):
            rows.append(one(number, random.Random(f"{arguments.seed} {number}"), studies, whole, lasts))
            print(*rows[-1].values(), sep=" | ", flush=True)
            with RESULT.open("w", newline="") as file:
                table = csv.DictWriter(file, FIELDS, lineterminator="\n")
                table.writeheader()
                table.writerows(rows)
    good = sum(r["told"] == r["same_bytes"] == "yes" and not int(r["orphans"]) and not r["left_beside"] for r in rows)
    print(f"{good} of {len(rows)} kills: one message, the same bytes, nobody left, nothing beside")


if __name__ == "__main__":
    main()
