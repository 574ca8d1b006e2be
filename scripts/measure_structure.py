"""Measure how a checkout is built: rooms and arrows, lengths, records, imports, comments, docstrings, repetition.

    python scripts/measure_structure.py [CHECKOUT ...]

Prints a Markdown table with one column per checkout (two: before and after); this one if none is given. It reads the
source alone and imports nothing of it. A *room* is a module or folder directly inside a folder; an *arrow* says that
something in one room imports something in another room of the same folder. *Code lines* are neither blank nor comment
nor docstring.
"""

import argparse
import ast
import io
import re
import statistics
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "holdfast"
MOST_FIELDS, MOST_IMPORTS, SHORT_ENTRY, RUN = 12, 15, 3, 6
STARTED_FROM_OUTSIDE = {f"{PACKAGE}.__main__", f"{PACKAGE}.cli"}
PRAGMA = re.compile(r"#\s*(noqa|fmt:|type:|pragma)")


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, whether it is a folder's `__init__`, its text, and its syntax tree."""

    name: str
    is_folder: bool
    text: str
    tree: ast.Module


def read(checkout: Path) -> dict[str, Module]:
    """Modules of the package of a checkout, by dotted name."""
    source = checkout / "src"
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        is_folder = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_folder else parts)
        found[name] = Module(name, is_folder, path.read_text(), ast.parse(path.read_text()))
    return found


def imported(module: Module, modules: dict[str, Module]) -> set[str]:
    """Modules of the package that a module imports, wherever in it; a name of a module given as text counts too."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.name.split(".")[
                : None if module.is_folder and node.level == 1 else -(node.level - module.is_folder)
            ]
            base = ".".join([*(above if node.level else []), *([node.module] if node.module else [])])
            found |= {n if (n := f"{base}.{alias.name}") in modules else base for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return (found & set(modules)) - {module.name, PACKAGE}


def rooms_and_arrows(modules: dict[str, Module]) -> dict[str, tuple[int, int]]:
    """Folder to its rooms and arrows."""
    arrows = defaultdict(set)
    rooms = Counter(name.rpartition(".")[0] for name in modules if name != PACKAGE)
    for module in modules.values():
        here = module.name.split(".")
        for other in imported(module, modules):
            there = other.split(".")
            same = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), None)
            if same is not None:
                arrows[".".join(here[:same])].add((here[same], there[same]))
    return {folder: (count, len(arrows[folder])) for folder, count in sorted(rooms.items())}


def docstring_lines(tree: ast.Module) -> set[int]:
    """Numbers of the lines that docstrings take, those below constants and fields with them."""
    bodies = [node.body for node in ast.walk(tree) if hasattr(node, "body") and isinstance(node.body, list)]
    texts = [s for body in bodies for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)]
    return {line for s in texts if isinstance(s.value.value, str) for line in range(s.lineno, s.end_lineno + 1)}


def code_lines(module: Module) -> set[int]:
    """Numbers of the lines that are neither blank nor comment nor docstring."""
    lines = enumerate(module.text.splitlines(), 1)
    return {i for i, line in lines if line.strip() and not line.strip().startswith("#")} - docstring_lines(module.tree)


def function_lengths(module: Module) -> list[tuple[int, int]]:
    """Code lines of every function, and its lines with docstring and blanks."""
    code = code_lines(module)
    nodes = [n for n in ast.walk(module.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    spans = [range(n.lineno, n.end_lineno + 1) for n in nodes]
    return [(len(code & set(span)), len(span)) for span in spans]


def records(module: Module) -> dict[str, int]:
    """Number of fields of every class that declares some."""
    classes = [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    counts = {c.name: sum(isinstance(s, ast.AnnAssign) for s in c.body) for c in classes}
    return {name: count for name, count in counts.items() if count}


def comments(module: Module) -> tuple[int, int]:
    """Comments, and how many of them speak to a tool."""
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    texts = [token.string for token in tokens if token.type == tokenize.COMMENT]
    return len(texts), sum(bool(PRAGMA.match(text)) for text in texts)


def parameter_entries(module: Module) -> list[int]:
    """Words of every entry in the Parameters sections."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    words = []
    for node in (n for n in ast.walk(module.tree) if isinstance(n, kinds)):
        section = re.search(r"^Parameters\n-+\n(.*?)(?=^\S[^\n]*\n-+$|\Z)", ast.get_docstring(node) or "", re.M | re.S)
        if section:
            entries = re.split(r"^(?=\S)", section.group(1), flags=re.M)
            words += [len(entry.partition("\n")[2].split()) for entry in entries if entry.strip()]
    return words


def repeated_runs(modules: Iterable[Module]) -> int:
    """Places at which at least six lines of code in a row, imports aside, stand as they stood before."""
    seen: set[tuple[str, ...]] = set()
    count = 0
    for module in modules:
        imports = [n for n in ast.walk(module.tree) if isinstance(n, ast.Import | ast.ImportFrom)]
        left_out = {i for n in imports for i in range(n.lineno, n.end_lineno + 1)}
        lines = module.text.splitlines()
        code = [lines[i - 1].strip() for i in sorted(code_lines(module) - left_out)]
        before = False
        for window in zip(*(code[i:] for i in range(RUN)), strict=False):
            again = window in seen
            count += again and not before
            before = again
            seen.add(window)
    return count


def quantiles(values: list[int]) -> str:
    """Median and 90th percentile."""
    return f"{statistics.median(values):g} / {statistics.quantiles(values, n=10, method='inclusive')[-1]:.0f}"


def measures(checkout: Path) -> dict[str, str]:
    """Every measure of a checkout, as text."""
    modules = read(checkout)
    table = {
        f"rooms, arrows in {folder}": f"{rooms}, {arrows}"
        for folder, (rooms, arrows) in rooms_and_arrows(modules).items()
    }
    code = {name: len(code_lines(m)) for name, m in modules.items() if not m.is_folder or code_lines(m)}
    whole = {name: len(modules[name].text.splitlines()) for name in code}
    lengths = [pair for m in modules.values() for pair in function_lengths(m)]
    fields = Counter({f"{n.rpartition('.')[2]}.{c}": k for n, m in modules.items() for c, k in records(m).items()})
    uses = {name: imported(m, modules) for name, m in modules.items()}
    used = set().union(*uses.values())
    lines = sum(whole.values())
    words = [count for m in modules.values() for count in parameter_entries(m)]
    names = Counter(name.rpartition(".")[2] for name, m in modules.items() if not m.is_folder)
    double = sorted(name for name, count in names.items() if count > 1)
    alone = sorted(n for n, m in modules.items() if not m.is_folder and n not in used | STARTED_FROM_OUTSIDE)
    noted = [1000 * sum(counts) / sum(code.values()) for counts in zip(*map(comments, modules.values()), strict=True)]
    largest = max(code, key=code.__getitem__)
    table |= {
        "modules; code lines; lines": f"{len(code)}; {sum(code.values()):,}; {lines:,}",
        "median module, code lines (lines)": f"{statistics.median(code.values()):g} ({statistics.median(whole.values()):g})",
        "largest module, code lines (lines)": f"{largest}: {code[largest]} ({whole[largest]})",
        "functions": f"{len(lengths):,}",
        "function p50 / p90, code lines": quantiles([length for length, _ in lengths]),
        "function p50 / p90, with docstring": quantiles([length for _, length in lengths]),
        "largest records, fields": ", ".join(f"{name} {count}" for name, count in fields.most_common(5)),
        f"records of more than {MOST_FIELDS} fields": str(sum(count > MOST_FIELDS for count in fields.values())),
        "imports from the package, p50 / p90": quantiles([len(u) for u in uses.values()]),
        "most imports from the package": "{}: {}".format(
            *max(((n, len(u)) for n, u in uses.items()), key=lambda x: x[1])
        ),
        f"modules of more than {MOST_IMPORTS} imports": str(sum(len(u) > MOST_IMPORTS for u in uses.values())),
        "comments per 1,000 lines of code (of these to tools)": "{:.0f} ({:.0f})".format(*noted),
        "docstrings, share of the lines": f"{sum(len(docstring_lines(m.tree)) for m in modules.values()) / lines:.0%}",
        f"parameter entries of {SHORT_ENTRY} words or fewer": f"{sum(w <= SHORT_ENTRY for w in words)} of {len(words):,}",
        "module names that occur twice or more": f"{len(double)} ({', '.join(double)})" if double else "0",
        "modules without an importer": f"{len(alone)} ({', '.join(alone)})" if alone else "0",
        f"repeated runs of {RUN} lines of code or more": str(repeated_runs(modules.values())),
    }
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="*", default=[ROOT], metavar="CHECKOUT")
    checkouts = parser.parse_args().checkouts
    columns = [measures(checkout) for checkout in checkouts]
    heads = ["before", "after"] if len(columns) == 2 else [checkout.resolve().name for checkout in checkouts]
    print("| measure |", " | ".join(heads), "|")
    print("|---|" + "---|" * len(columns))
    names = list(dict.fromkeys(name for column in columns for name in column))
    folders = sorted(name for name in names if name.startswith("rooms"))
    for name in [*folders, *(name for name in names if name not in folders)]:
        print(f"| {name} |", " | ".join(column.get(name, "-") for column in columns), "|")


if __name__ == "__main__":
    main()
