"""Size of an installation and time to the first result, with and without the extra `deep`.

Run: python benchmarks/install_size.py before=../release after=. [--repeats 3]
Every NAME=CHECKOUT (this one if none is given) is installed into fresh virtual environments, removed afterwards: one
without extras and one with `deep`; a release that has no such extra needs torch and gets one environment with it.
Writes benchmarks/results/install_size.csv, one row per measure: MB of all packages and of the five largest; seconds by
the clock and of the CPU for `import holdfast.rating`, for the rating that the package ships with its default method
(least of the repeats, each in a fresh process), for the first `holdfast demo`, which compiles, and for a second one;
and whether torch was loaded by the import and by the rating.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "install_size.csv"
TORCH = "torch==2.13.0"
LARGEST = 5
IMPORT = "import holdfast.rating"
RATE = (
    "import holdfast, holdfast.data as d, pathlib as p; holdfast.rate(p.Path(d.__file__).parent / 'demo_rating.toml')"
)
SAY_TORCH = "; import sys; print('torch' in sys.modules)"

Row = tuple[str, float, str]


def environments(checkout: Path) -> dict[str, bool]:
    """Extras to install a checkout with, and whether torch is among what that asks for."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    needs_torch = any(need.startswith("torch") for need in project["dependencies"])
    both = {"": needs_torch, "deep": True}
    return both if "deep" in project["optional-dependencies"] else {"": needs_torch}


def installed(checkout: Path, extras: str, torch: bool, folder: Path) -> Path:
    """Install into a fresh environment and give its Python; torch goes first and alone, as in the Makefile."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q"]
    if torch:
        subprocess.run([*pip, "--no-deps", TORCH], check=True)
    wanted = f"{checkout}[{extras}]" if extras else str(checkout)
    subprocess.run([*pip, "-c", checkout / "constraints.txt", wanted], check=True)
    return python


def sizes(folder: Path) -> list[Row]:
    """MB of all installed packages and of the largest; pip and setuptools, which come with every environment, aside."""
    packages = next(folder.glob("lib/python*/site-packages"))
    found = {
        entry.name: sum(f.stat().st_size for f in (entry, *entry.rglob("*")) if f.is_file() and not f.is_symlink())
        / 1e6
        for entry in packages.iterdir()
        if entry.name.split("-")[0] not in {"pip", "setuptools"}
    }
    largest = sorted(found, key=found.__getitem__, reverse=True)[:LARGEST]
    return [("installed", sum(found.values()), "MB"), *((f"of these {name}", found[name], "MB") for name in largest)]


def timed(measure: str, command: list[object], repeats: int, folder: Path) -> list[Row]:
    """Least seconds of a command, each time in a fresh process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
        "NUMBA_CACHE_DIR": str(folder / "kernels")
    }
    clock, cpu = [], []
    for _ in range(repeats):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd=folder, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        clock.append(time.perf_counter() - start)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [(measure, min(clock), "s"), (f"{measure}, CPU", min(cpu), "s")]


def loads_torch(python: Path, code: str, folder: Path) -> bool:
    """Whether torch is loaded after some code."""
    command = [python, "-c", code + SAY_TORCH]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=environment)
    return ran.stdout.strip().endswith("True")


def measured(checkout: Path, extras: str, torch: bool, repeats: int) -> list[Row]:
    """All measures of one environment."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = installed(checkout, extras, torch, folder)
        demo = [python, "-m", "holdfast", "demo", "--quiet", "--out", folder / "demo"]
        return [
            *sizes(folder),
            *timed(IMPORT, [python, "-c", IMPORT], repeats, folder),
            *timed("default rating", [python, "-c", RATE], repeats, folder),
            *timed("first demo", demo, 1, folder),
            *timed("second demo", demo, 1, folder),
            ("torch loaded by the import", float(loads_torch(python, IMPORT, folder)), "1"),
            ("torch loaded by the rating", float(loads_torch(python, RATE, folder)), "1"),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", nargs="*", default=[f"after={ROOT}"], metavar="NAME=CHECKOUT")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    rows = []
    for name, path in (text.split("=", 1) for text in given.checkouts):
        checkout = Path(path).resolve()
        for extras, torch in environments(checkout).items():
            rows += [(name, extras, *row) for row in measured(checkout, extras, torch, given.repeats)]
            print(pd.DataFrame(rows).tail(LARGEST + 11).round(2).to_string(index=False, header=False), flush=True)
    table = pd.DataFrame(rows, columns=["checkout", "extras", "measure", "value", "unit"])
    table.round(3).to_csv(RESULT, index=False)


if __name__ == "__main__":
    main()
