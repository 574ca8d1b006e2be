"""Write the tables of benchmarks of the lifelines into docs/networks.md, between their marks.

    python scripts/make_lifelines_doc.py

It reads benchmarks/results/lost_pressure.csv and lifeline_restoration.csv, and simulates nothing.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from holdfast.data import packaged

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "networks.md"
EARTHQUAKES = ("Kobe 1995", "Northridge 1994", "Christchurch 2011")
NETWORKS, LEVELS, DAYS = (
    ("power", "water", "gas", "telecom"),
    (0.2, 0.4, 0.6),
    (0, 1, 2, 3, 4, 7, 8, 15, 30, 72, 85, 90),
)
KOBE_LEVEL = 0.6
"""g; level beside which Kobe's days are set."""
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


def lifeline_restoration() -> str:
    """Repairs per km and share without service by day, beside Kobe."""
    head = "| PGA | network | repairs per km | day 0 | 1 | 3 | 7 | 30 | 90 | days to 99 % | Kobe 1995 |"
    table, rows = pd.read_csv(RESULTS / "lifeline_restoration.csv"), []
    for r in table.itertuples():
        shares = " | ".join(f"{getattr(r, f'day_{d}'):.3f}" for d in (0, 1, 3, 7, 30, 90))
        repairs = f"{r.repairs_per_km:.2f}" if r.network in ("water", "gas") else ""
        days = f"{r.days_99:.0f} ({r.days_99_low:.0f} to {r.days_99_high:.0f})"
        kobe = "" if pd.isna(r.kobe) or r.pga_g < KOBE_LEVEL else f"{r.kobe:.0f}, {'inside' if r.inside else 'outside'}"
        rows.append(f"| {r.pga_g:g} g | {r.network} | {repairs} | {shares} | {days} | {kobe} |")
    return markdown(head, rows)


def published_beside() -> str:
    """Published shares without service after earthquakes beside the same day at three levels, between days of the table."""
    head = "| event | network | day | without service, published | of | at 0.2 g | 0.4 g | 0.6 g | grade |"
    ours = pd.read_csv(RESULTS / "lifeline_restoration.csv").set_index(["network", "pga_g"])
    table, rows = packaged("published_recoveries"), []
    for r in table[table["event"].isin(EARTHQUAKES) & table["quantity"].isin(NETWORKS)].itertuples():
        found = []
        for level in LEVELS:
            out = ours.loc[(r.quantity, level), [f"day_{d}" for d in DAYS]].to_numpy(float)
            # of the affected: over those without service at the worst
            whole = out.max() if r.of == "affected" else 1.0
            found.append(f"{np.interp(r.day, DAYS, out) / whole:.2f}")
        rows.append(
            f"| {r.event} | {r.quantity} | {r.day:g} | {1 - r.value:.2f} | {r.of} | {' | '.join(found)} | {r.grade} |"
        )
    return markdown(head, rows)


def between(page: str, name: str, text: str) -> str:
    """The page with `text` between the marks of a name."""
    marks = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    return re.sub(pattern, lambda _: marks[0] + text + "\n" + marks[1], page, flags=re.DOTALL)


def main() -> None:
    page = between(PAGE.read_text(), "lost_pressure", lost_pressure())
    page = between(page, "lifeline_restoration", lifeline_restoration())
    PAGE.write_text(between(page, "published_beside", published_beside()))


if __name__ == "__main__":
    main()
