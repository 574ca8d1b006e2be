"""Make the table of hashes that `tests/flows/test_same_results.py` holds results to.

    python scripts/make_same_results.py --data ../shared/data [--studies harris berkeley] [--out same_results.csv]

It runs the example studies beside the package that Python imports, with the public verbs alone, and so works on any
release: to make the table from an older one, put the `src` folder of its checkout first on PYTHONPATH. Each row is the
SHA-256 of one part of a result (an entry of a JSON file, a column, a curve), its figures rounded to nine digits. Words
are left out, so that a text may be reworded; a column of words counts by which of its rows are alike.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

import holdfast

TABLE = Path(__file__).parents[1] / "tests" / "flows" / "same_results.csv"
DIGITS = 9
PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn", "numba", "shapely", "geopandas", "pyproj", "pyrosm")

RENAMED: dict[str, str] = {}
"""New name of an entry, column or variable to the one it has in the table."""

NO_FIGURES = {"scenario", "recovery"}
"""Entries that repeat the study instead of saying what came out."""


FEW_CREWS = {f"recovery.crews.{trade}": 3 for trade in ("power", "water", "telecom")} | {"recovery.crews.building": 60}
"""So few that every strategy comes to another result."""

STRATEGIES = ("random", "largest_first", "fully_flexible", "fully_flexible_uninformed")
"""That are compared with the one of the study."""


class Case(NamedTuple):
    """A study: verb, example, folder of its files inside the real data (or none), keys that are changed for it."""

    verb: str
    example: str
    folder: str | None
    overrides: dict[str, Any]


CASES = {
    "harris": Case("rate", "harris", "rating", {}),
    "chicago": Case("rate", "chicago", "rating", {}),
    "helsinki": Case("simulate", "helsinki", None, {"recovery.draws": 3}),
    "berkeley": Case("simulate", "berkeley", "city", {"recovery.draws": 2}),
    "liechtenstein": Case("simulate", "liechtenstein_city", "osm", {"recovery.draws": 1}),
    "strategies": Case("compare", "helsinki", None, {"recovery.draws": 1, **FEW_CREWS}),
}


def run(name: str, data: Path | None, out: Path) -> Path:
    """Run a case and give the folder of its result."""
    case = CASES[name]
    place = {} if case.folder is None or data is None else {"data": str(data / case.folder)}
    study = Path(holdfast.__file__).parents[2] / "examples" / f"{case.example}.toml"
    more = {"alternatives": {s: {"recovery.strategy": s} for s in STRATEGIES}} if case.verb == "compare" else {}
    getattr(holdfast, case.verb)(study, out=out, overrides={**case.overrides, **place}, **more)
    return out


def hashes(result: Path) -> dict[tuple[str, str], str]:
    """File and part of a result to the hash of its figures."""
    return {
        (path.name, RENAMED.get(part, part)): digest(figures)
        for path in sorted(result.iterdir())
        for part, figures in parts(path)
        if figures
    }


def digest(figures: Iterable[tuple[str, Any]]) -> str:
    """Hash of labelled figures, as rounded."""
    text = "\n".join(f"{label} {rounded(figure)}" for label, figure in figures)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def parts(path: Path) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Parts of one file of a result, each with its labelled figures."""
    if path.name in {"rating.json", "losses.json", "comparison.json"}:
        for name, entry in json.loads(path.read_text()).items():
            if name not in NO_FIGURES:
                yield name, list(leaves(entry))
    elif path.suffix == ".parquet":
        # read without their shapes, which tables such as that of the drivers lack
        for column, values in pd.read_parquet(path).drop(columns="geometry", errors="ignore").items():
            yield str(column), flat(values)
    elif path.suffix == ".nc":
        with xr.open_dataset(path, engine="netcdf4", decode_times=False) as curves:
            for name, variable in curves.variables.items():
                yield str(name), flat(variable)


def leaves(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Figures of a JSON entry, by path; words are left out."""
    if isinstance(entry, Mapping):
        for old, value in sorted((RENAMED.get(key, key), value) for key, value in entry.items()):
            yield from leaves(value, f"{path}.{old}")
    elif isinstance(entry, list):
        for place, value in enumerate(entry):
            yield from leaves(value, f"{path}[{place}]")
    elif not isinstance(entry, str):
        yield path, entry


def flat(values: pd.Series | xr.Variable) -> list[tuple[str, Any]]:
    """Figures of a column or curve in order under their shape; words become the numbers of their groups."""
    column = pd.Series(np.asarray(values).ravel())
    words = column.map(lambda value: isinstance(value, str)).any()
    figures = pd.factorize(column)[0] if words else column.where(column.notna(), None).astype(float)
    return [(str(values.shape), figure) for figure in figures.tolist()]


def rounded(figure: Any) -> str:
    """Write a figure with nine digits; null and not-a-number are one, and less than 1e-9 is nothing."""
    if figure is None or figure != figure:
        return "null"
    return f"{figure:.{DIGITS}g}" if abs(figure) > 10**-DIGITS else "0"


def packages() -> str:
    """Versions of the packages that compute the figures."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the real data")
    parser.add_argument("--studies", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--out", type=Path, default=TABLE)
    arguments = parser.parse_args()
    home = Path(holdfast.__file__).parent
    commit = subprocess.run(["git", "-C", home, "describe", "--always", "--dirty"], capture_output=True, text=True)
    with arguments.out.open("w", newline="") as file, tempfile.TemporaryDirectory() as folder:
        file.write(f"# made by scripts/make_same_results.py from {commit.stdout.strip()}\n# {packages()}\n")
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["study", "file", "part", "sha256"])
        for name in arguments.studies:
            for (result, part), found in hashes(run(name, arguments.data, Path(folder) / name)).items():
                rows.writerow([name, result, part, found])


if __name__ == "__main__":
    main()
