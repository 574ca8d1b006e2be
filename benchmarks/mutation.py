"""Changes of single operators, comparisons and constants of the damage, the levels and the engine: which of them tests notice.

Run: python benchmarks/mutation.py [--sample 300] [--rooms damage levels engine] [--seed 1] [--minutes 600] [--home FOLDER] [--again]
Writes benchmarks/results/mutation.csv, one row per change: place (module, function, line and column), what stood there and what was
put in its place, whether a test failed, and, written by hand and kept on a further run, why a change that survived is
harmless. A change that makes the tests take four times as long as they took before counts as noticed.

The package is copied, changed in one place at a time, and tried by the fast tests of its room. Compiled kernels of every
module that imports the changed one, directly or not, are made anew; the others are kept, since they cannot differ.
"""

import argparse
import ast
import copy
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "mutation.csv"
ROOMS = {
    "damage": (
        "recovery/damage",
        ["tests/recovery/damage", "tests/recovery/test_five_buildings.py"],
    ),
    "levels": (
        "rating/model/levels.py",
        ["tests/rating/model", "tests/rating/analysis/test_additive.py", "tests/rating/analysis/test_aggregate.py"],
    ),
    "engine": (
        "recovery/engine",
        ["tests/recovery/test_five_buildings.py", "tests/recovery/engine", "tests/recovery/test_engine.py"],
    ),
}
SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
SLOWER = 4.0
LEAST_PATIENCE = 300.0
FIELDS = ["room", "place", "line", "column", "before", "after", "noticed", "reason"]


class Change(NamedTuple):
    """One change: the room and file, where it stands, the text before and after, and the whole changed file."""

    room: str
    file: Path
    function: str
    line: int
    column: int
    before: str
    after: str
    text: str


def changed(node: ast.AST) -> ast.AST | None:
    """A copy of an expression with its operator, comparison or constant changed; None if it has none."""
    other = copy.deepcopy(node)
    if isinstance(other, ast.Compare) and type(other.ops[0]) in SWAPS:
        other.ops[0] = SWAPS[type(other.ops[0])]()
    elif isinstance(other, (ast.BinOp, ast.BoolOp)) and type(other.op) in SWAPS:
        other.op = SWAPS[type(other.op)]()
    elif isinstance(other, ast.UnaryOp) and isinstance(other.op, (ast.Not, ast.Invert, ast.USub)):
        return other.operand
    elif isinstance(other, ast.Constant) and isinstance(other.value, bool):
        other.value = not other.value
    elif isinstance(other, ast.Constant) and isinstance(other.value, (int, float)):
        other.value = other.value + 1 if isinstance(other.value, int) else 2 * other.value or 1.0
    else:
        return None
    return other


def computing(node: ast.AST, inside: str = "") -> Iterator[tuple[ast.expr, str]]:
    """Expressions that compute, with the function they stand in: no annotations, messages, decorators or type unions."""
    if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Assert)):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        here = node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and name == "body" else inside
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                if isinstance(child, ast.expr):
                    yield child, here
                yield from computing(child, here)


def changes(package: Path, room: str) -> list[Change]:
    """All changes of a room, in the order of the text."""
    place = package / ROOMS[room][0]
    found = []
    for file in [place] if place.suffix else sorted(place.glob("*.py")):
        text = file.read_text()
        lines = text.splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line.encode()))
        whole = text.encode()
        for node, function in computing(ast.parse(text)):
            other = changed(node)
            if other is None:
                continue
            begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
            before = ast.unparse(node)
            after = f"({ast.unparse(other)})" if not isinstance(node, ast.Constant) else ast.unparse(other)
            made = (whole[:begin] + after.encode() + whole[end:]).decode()
            found.append(
                Change(
                    room,
                    file.relative_to(package),
                    function or "module",
                    node.lineno,
                    node.col_offset,
                    before,
                    after,
                    made,
                )
            )
    return found


def dependents(package: Path, file: Path) -> set[str]:
    """Names, without the package's, of the modules that import a file, directly or not, and of itself."""
    modules = {p.relative_to(package).with_suffix(""): p.read_text() for p in package.rglob("*.py")}
    name = {place: ".".join(place.parts).removesuffix(".__init__") for place in modules}
    needs = {
        name[place]: {
            node.module.removeprefix("holdfast.")
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        for place, text in modules.items()
    }
    found, waiting = set(), [name[file.with_suffix("")]]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [m for m, of in needs.items() if one in of or any(one == f"{n}.__init__" for n in of)]
    return found


def passes(home: Path, room: str, patience: float | None) -> bool:
    """Whether the tests of a room pass on the copy; not when they take longer than they may."""
    kernels = home / "kernels-mutation"
    environment = {
        **os.environ,
        "PYTHONPATH": str(home / "src"),
        "NUMBA_CACHE_DIR": str(kernels),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not slow and not deep", *ROOMS[room][1]]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=patience)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def tried(home: Path, change: Change, patience: float) -> bool:
    """Whether the tests notice a change."""
    package, kernels = home / "src" / "holdfast", home / "kernels-mutation"
    file = package / change.file
    before = (file.read_bytes(), file.stat())
    again = dependents(package, change.file)
    kept = home / "kept"
    shutil.copytree(kernels, kept)
    for made in kernels.rglob("*.nb[ic]"):
        module = made.name.split(".")[0]
        if any(m.rpartition(".")[2] == module for m in again):
            made.unlink()
    try:
        file.write_text(change.text)
        return not passes(home, change.room, patience)
    finally:
        file.write_bytes(before[0])
        os.utime(file, ns=(before[1].st_atime_ns, before[1].st_mtime_ns))  # so that its kernels count as fresh again
        shutil.rmtree(kernels)
        kept.rename(kernels)


def known() -> dict[tuple[str, ...], dict[str, str]]:
    """Rows of an earlier run, by the change."""
    if not RESULT.exists():
        return {}
    with RESULT.open(newline="") as file:
        return {(r["place"], r["line"], r["column"], r["before"], r["after"]): r for r in csv.DictReader(file)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0, help="start no further change after so many")
    parser.add_argument("--home", type=Path, help="folder for the copy and its kernels, which a further run takes over")
    parser.add_argument("--again", action="store_true", help="try again what an earlier run has tried")
    arguments = parser.parse_args()
    began, rows = time.monotonic(), known()
    with tempfile.TemporaryDirectory() as place:
        home = arguments.home or Path(place)
        # with the times of its files, so that kernels of an earlier run count as fresh
        shutil.copytree(ROOT / "src", home / "src", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        (home / "kernels-mutation").mkdir(exist_ok=True)
        shutil.rmtree(home / "kept", ignore_errors=True)
        package = home / "src" / "holdfast"
        every = {room: changes(package, room) for room in arguments.rooms}
        print({room: len(found) for room, found in every.items()}, flush=True)
        chosen = random.Random(arguments.seed).sample([c for found in every.values() for c in found], arguments.sample)
        patience = {}
        for change in chosen:
            if time.monotonic() - began > 60 * arguments.minutes:
                break
            key = (f"{change.file.with_suffix('')}:{change.function}", *map(str, change[3:7]))
            if key in rows and not arguments.again:
                continue
            if change.room not in patience:
                if not passes(home, change.room, None):
                    sys.exit(f"the tests of {change.room} fail without any change")
                start = time.monotonic()  # again, now that the kernels are there
                passes(home, change.room, None)
                patience[change.room] = max(SLOWER * (time.monotonic() - start), LEAST_PATIENCE)
            noticed = tried(home, change, patience[change.room])
            reason = rows.get(key, {}).get("reason", "")
            rows[key] = dict(zip(FIELDS, (change.room, *key, "yes" if noticed else "no", reason), strict=True))
            print(*rows[key].values(), sep=" | ", flush=True)
            with RESULT.open("w", newline="") as file:
                table = csv.DictWriter(file, FIELDS, lineterminator="\n")
                table.writeheader()
                table.writerows(
                    sorted(rows.values(), key=lambda r: (r["room"], r["place"], int(r["line"]), int(r["column"])))
                )
    noticed = sum(r["noticed"] == "yes" for r in rows.values())
    print(f"{noticed} of {len(rows)} changes noticed ({noticed / max(len(rows), 1):.0%})")


if __name__ == "__main__":
    main()
