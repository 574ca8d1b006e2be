"""Write the tables of benchmarks of the lifelines into docs/networks.md, between their marks.

    python scripts/make_lifelines_doc.py

It reads benchmarks/results/lost_pressure.csv and simulates nothing.
"""

import re
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "networks.md"
RESULTS = ROOT / "benchmarks" / "results"


def markdown(head: str, rows: list[str]) -> str:
    """A table of Markdown."""
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows])


def lost_pressure() -> str:
    """The rule of lost pressure beside EPANET."""
    head = "| network | sources | pipes damaged | lost over wanted | connected | EPANET | rule | error of the rule | error without leaks |"
    table = pd.read_csv(RESULTS / "lost_pressure.csv")
    rows = [
        f"| {r.network} | {r.sources} | {r.damaged_share:.0%} | {r.lost:.2f} | {r.connected:.3f} | {r.epanet:.3f} | "
        f"{r.rule:.3f} | {r.rule_error:.3f} | {r.shut_error:.3f} |"
        for r in table.itertuples()
    ]
    return markdown(head, rows)


def between(page: str, name: str, text: str) -> str:
    """The page with `text` between the marks of a name."""
    marks = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    return re.sub(pattern, lambda _: marks[0] + text + "\n" + marks[1], page, flags=re.DOTALL)


def main() -> None:
    PAGE.write_text(between(PAGE.read_text(), "lost_pressure", lost_pressure()))


if __name__ == "__main__":
    main()
