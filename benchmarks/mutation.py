"""Changes of single operators, comparisons and constants of the damage, the levels and the engine: which of them tests notice.

Run: python benchmarks/mutation.py [--sample 300] [--rooms damage levels engine] [--seed 1] [--minutes 600] [--home FOLDER] [--again]
Writes benchmarks/results/mutation.csv, one row per change: place (module, function, line and column), what stood there and what was
put in its place, whether a test failed, and, written by hand and kept on a further run, why a change that survived is
harmless. A change that makes the tests take four times the CPU time that they took before counts as noticed.

The package is copied, and every sampled change inside a function is put into the copy beside what it changes:
`a < b` becomes `(a <= b if changed() == 17 else (a < b))`. A process runs the tests of a room once, so that everything is
imported and compiled, and then again in a fork of itself per change, with that change on and nothing cached; what is
computed while modules are imported stays unchanged there, so that a change there counts as unnoticed. Changes outside
functions (constants that kernels take up when they are compiled) are written into the copy one at a time, and all kernels
that can see them are compiled again.
"""

import argparse
import ast
import copy
import csv
import functools
import gc
import os
import random
import resource
import shutil
import signal
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
        ["tests/recovery/damage", "tests/recovery/test_five_buildings.py", "tests/recovery/simulation"],
    ),
    "levels": (
        "rating/model/levels.py",
        ["tests/rating/model", "tests/rating/analysis/test_additive.py", "tests/rating/analysis/test_aggregate.py"],
    ),
    "engine": (
        "recovery/engine",
        [  # the quick ones first: most changes end there
            "tests/recovery/test_five_buildings.py",
            "tests/recovery/engine",
            "tests/recovery/test_engine.py",
            "tests/recovery/simulation",
            "tests/recovery/strategy",
            "tests/recovery/test_strategy.py",
            "tests/recovery/test_networks.py",
            "tests/flows/test_present.py",
        ],
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
    ast.Mult: ast.Add,  # not Div: a kernel could not hold both, since one is whole and the other not
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
HUNG = -1
SLOWER = 4.0
LEAST_PATIENCE = 60  # s of CPU time
OUTSIDE = "module"
SWITCH = "HOLDFAST_CHANGE"
SWITCHED = '''"""Which change is on: read from one place in memory, by a function compiled in every process that cached kernels link to."""

import ctypes
import os

import numba
from llvmlite import binding, ir
from numba.extending import intrinsic

ON = ctypes.c_int64(int(os.environ["HOLDFAST_CHANGE"]))
WORD = ir.IntType(64)
PLACE = ir.Constant(WORD, ctypes.addressof(ON))


@intrinsic
def read(_):
    def load(_context, builder, _signature, _arguments):
        return builder.load(builder.inttoptr(PLACE, WORD.as_pointer()))

    return numba.types.int64(), load


@numba.cfunc("int64()")
def on():
    return read()


binding.add_symbol("holdfast_changed", on.address)
linked = numba.types.ExternalFunction("holdfast_changed", numba.int64())


@numba.njit(cache=True)
def changed():
    return linked()
'''
FIELDS = ["room", "place", "line", "column", "before", "after", "noticed", "reason"]


class Change(NamedTuple):
    """One change: the room and file, where it stands, the text before and after, and its bytes in the file."""

    room: str
    file: Path
    function: str
    line: int
    column: int
    before: str
    after: str
    begin: int
    end: int

    @property
    def key(self) -> tuple[str, ...]:
        """What a row of the result is known by."""
        return (f"{self.file.with_suffix('')}:{self.function}", *map(str, self[3:7]))


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
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line.encode()))
        for node, function in computing(ast.parse(text)):
            other = changed(node)
            if other is None:
                continue
            begin, end = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
            before = ast.unparse(node)
            after = ast.unparse(other) if isinstance(node, ast.Constant) else f"({ast.unparse(other)})"
            here = (room, file.relative_to(package), function or OUTSIDE, node.lineno, node.col_offset)
            found.append(Change(*here, before, after, begin, end))
    return found


def written(text: bytes, change: Change) -> bytes:
    """The text of a file with one change made for good."""
    return text[: change.begin] + change.after.encode() + text[change.end :]


def switched(text: bytes, numbered: dict[int, Change]) -> bytes:
    """The text of a file in which each of some changes is made when its number is on; no line moves."""
    tree = ast.parse(text)
    imports = [
        n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) and getattr(n, "module", "") != "__future__"
    ]
    lines = text.splitlines(keepends=True)
    first = sum(map(len, lines[: imports[0].lineno - 1])) if imports else len(text)
    inserted = [(first, 0, b"from holdfast.changed import changed; ")]
    for number, change in numbered.items():
        width = change.end - change.begin  # what encloses another opens before it and closes after it
        inserted.append((change.begin, 1 / (1 + width), f"({change.after} if changed() == {number} else (".encode()))
        inserted.append((change.end, width - 1e9, b"))"))
    for place, _, piece in sorted(inserted, reverse=True):
        text = text[:place] + piece + text[place:]
    return text


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


def environment(home: Path, number: int = -1) -> dict[str, str]:
    """What a process needs to run the copy with a change on."""
    return {
        **os.environ,
        "PYTHONPATH": str(home / "src"),
        "NUMBA_CACHE_DIR": str(home / "kernels-mutation"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",  # a pool of threads does not live on in a fork
        SWITCH: str(number),
    }


def options(room: str) -> list[str]:
    """What the tests of a room are run with."""
    return ["-q", "-x", "-n", "0", "-m", "not slow and not deep", *ROOMS[room][1]]


def held_to(limit: int) -> None:
    """End this process after so much CPU time."""
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))


def passes_alone(home: Path, room: str, limit: int, number: int = -1) -> bool:
    """Whether the tests of a room pass on the copy in a process of their own."""
    command = [sys.executable, "-m", "pytest", *options(room)]
    result = subprocess.run(
        command, cwd=ROOT, env=environment(home, number), capture_output=True, preexec_fn=lambda: held_to(limit)
    )
    return result.returncode == 0


def serve(room: str) -> None:
    """Run the tests of a room once, then in a fork for every number and limit that comes in, and say how they ended."""
    import pytest  # only in the process that runs the tests
    from holdfast.changed import ON  # stands in the copy alone

    say = os.fdopen(os.dup(1), "w", buffering=1)  # tests write into the old one
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    print(int(pytest.main(options(room))), file=say)
    for line in sys.stdin:
        number, limit = map(int, line.split())
        child = os.fork()
        if child == 0:
            held_to(limit)
            ON.value, os.environ[SWITCH] = number, str(number)
            forget()
            os._exit(int(pytest.main(options(room))))
        print(*ended(child, limit), file=say)


def ended(child: int, limit: int) -> tuple[int, int]:
    """How a child ended, and its CPU seconds; `HUNG` where it did not end while it could have used its time ten times."""
    until = time.monotonic() + 10 * limit
    while time.monotonic() < until:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            return status, int(used.ru_utime) + 1
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return HUNG, limit


def forget() -> None:
    """Empty all caches, and let go of the modules of tests, which may have computed something when they were imported."""
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper):
            one.cache_clear()
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(ROOT / "tests")):
            del sys.modules[name]


class Tests:
    """The tests of a room in a process that has everything imported and compiled."""

    def __init__(self, home: Path, room: str) -> None:
        command = [sys.executable, __file__, "--serve", room]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(home),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if self.process.stdout.readline().strip() != "0":
            sys.exit(f"the tests of {room} fail without any change")
        self.home, self.room, self.limit = home, room, 10_000
        passed, seconds = self.run(-1)
        if not passed:
            sys.exit(f"the tests of {room} fail when they are run again without any change")
        self.limit = int(max(SLOWER * seconds, LEAST_PATIENCE))

    def run(self, number: int) -> tuple[bool, int]:
        """Whether they pass with a change on, and their CPU seconds."""
        print(number, self.limit, file=self.process.stdin, flush=True)
        status, seconds = map(int, self.process.stdout.readline().split())
        return (passes_alone(self.home, self.room, self.limit, number) if status == HUNG else status == 0), seconds


def tried_alone(home: Path, change: Change, limit: int) -> bool:
    """Whether the tests notice a change that kernels take up when they are compiled."""
    package, kernels, kept = home / "src" / "holdfast", home / "kernels-mutation", home / "kept"
    file = package / change.file
    before, times = file.read_bytes(), file.stat()
    again = dependents(package, change.file)
    shutil.copytree(kernels, kept)
    for made in kernels.rglob("*.nb[ic]"):
        if any(m.rpartition(".")[2] == made.name.split(".")[0] for m in again):
            made.unlink()
    try:
        file.write_bytes(written((ROOT / "src" / "holdfast" / change.file).read_bytes(), change))
        return not passes_alone(home, change.room, limit)
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # so that its kernels count as fresh again
        shutil.rmtree(kernels)
        kept.rename(kernels)


def copied(home: Path, chosen: list[Change]) -> None:
    """Copy the package with all changes that can be switched; files keep their times, so that earlier kernels stay fresh."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", home / "src", ignore=ignored, dirs_exist_ok=True)
    (home / "kernels-mutation").mkdir(exist_ok=True)
    shutil.rmtree(home / "kept", ignore_errors=True)
    package = home / "src" / "holdfast"
    (package / "changed.py").write_text(SWITCHED)
    os.utime(package / "changed.py", (0, 0))
    for file in {change.file for change in chosen}:
        here = {i: c for i, c in enumerate(chosen) if c.file == file and c.function != OUTSIDE}
        times = (package / file).stat()
        (package / file).write_bytes(switched((package / file).read_bytes(), here))
        os.utime(package / file, ns=(times.st_atime_ns, times.st_mtime_ns))


def known() -> dict[tuple[str, ...], dict[str, str]]:
    """Rows of an earlier run, by the change."""
    if not RESULT.exists():
        return {}
    with RESULT.open(newline="") as file:
        return {(r["place"], r["line"], r["column"], r["before"], r["after"]): r for r in csv.DictReader(file)}


def sampled(every: list[Change], before: set[tuple[str, ...]], arguments: argparse.Namespace) -> list[Change]:
    """Changes sampled by an earlier run that still stand in the text, and others at random up to the size of the sample."""
    again = [change for change in every if change.key in before]
    others = [change for change in every if change.key not in before]
    return again + random.Random(arguments.seed).sample(others, max(arguments.sample - len(again), 0))


def write(rows: list[dict[str, str]]) -> None:
    """Write the rows in the order of the text."""
    with RESULT.open("w", newline="") as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(sorted(rows, key=lambda r: (r["room"], r["place"], int(r["line"]), int(r["column"]))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0, help="start no further change after so many")
    parser.add_argument("--home", type=Path, help="folder for the copy and its kernels, which a further run takes over")
    parser.add_argument("--again", action="store_true", help="try again what was noticed, or is explained")
    parser.add_argument("--serve", choices=ROOMS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve)
    began, before = time.monotonic(), known()
    every = {room: changes(ROOT / "src" / "holdfast", room) for room in arguments.rooms}
    print({room: len(found) for room, found in every.items()}, flush=True)
    chosen = sampled([c for found in every.values() for c in found], set(before), arguments)
    rows = {c.key: before[c.key] for c in chosen if c.key in before}
    tests: dict[str, Tests] = {}
    with tempfile.TemporaryDirectory() as place:
        home = arguments.home or Path(place)
        copied(home, chosen)
        for number, change in enumerate(chosen):
            if time.monotonic() - began > 60 * arguments.minutes:
                break
            row = rows.get(change.key)
            if row and (row["noticed"] == "yes" or row["reason"]) and not arguments.again:
                continue
            if change.room not in tests:
                tests[change.room] = Tests(home, change.room)
            if change.function == OUTSIDE:
                noticed = tried_alone(home, change, 10 * tests[change.room].limit)  # with the time of compiling
            else:
                noticed = not tests[change.room].run(number)[0]
            reason = before.get(change.key, {}).get("reason", "")
            verdict = (change.room, *change.key, "yes" if noticed else "no", reason)
            rows[change.key] = dict(zip(FIELDS, verdict, strict=True))
            print(*verdict, sep=" | ", flush=True)
            write(list(rows.values()))
    noticed = sum(r["noticed"] == "yes" for r in rows.values())
    print(f"{noticed} of {len(rows)} changes noticed ({noticed / max(len(rows), 1):.0%})")


if __name__ == "__main__":
    main()
