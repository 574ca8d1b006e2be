"""Draw docs/images/networks_water.svg and print the tables of docs/networks.md from the benchmarks' results.

python scripts/make_network_figures.py
"""

from pathlib import Path

import pandas as pd

from holdfast.pages.colour import CATEGORIES

ROOT = Path(__file__).parents[1]
RESULTS, TARGET = ROOT / "benchmarks" / "results", ROOT / "docs" / "images" / "networks_water.svg"
LINES = {
    "connected": ("connection", CATEGORIES[0], ""),
    "pressure": ("pressure (EPANET)", CATEGORIES[1], "6 4"),
    "pressure_tanks_last": ("pressure, tanks keep their level", CATEGORIES[2], "2 3"),
}
WIDE, HIGH, LEFT, TOP, GAP, MOST = 200.0, 120.0, 46.0, 56.0, 58.0, 0.21
SHOWN = (0.01, 0.05, 0.1, 0.2)


def panel(rows: pd.DataFrame, name: str, x: float, y: float) -> str:
    """One network: share of the demand served against the share of pipes broken."""
    parts = [f'<text x="{x}" y="{y - 8}" font-weight="bold">{name}</text>']
    for tick in (0.0, 0.5, 1.0):
        at = y + HIGH * (1 - tick)
        parts.append(f'<line x1="{x}" y1="{at}" x2="{x + WIDE}" y2="{at}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6}" y="{at + 4}" text-anchor="end">{tick:.0%}</text>')
    for tick in (0.0, 0.1, 0.2):
        parts.append(f'<text x="{x + tick / MOST * WIDE}" y="{y + HIGH + 16}" text-anchor="middle">{tick:.0%}</text>')
    for key, (_, colour, dash) in LINES.items():
        spots = [(0.0, 1.0), *zip(rows["broken"], rows[key], strict=True)]
        line = " ".join(f"{x + b / MOST * WIDE:.1f},{y + HIGH * (1 - s):.1f}" for b, s in spots)
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.2" stroke-dasharray="{dash}"/>'
        )
    return "".join(parts)


def picture(table: pd.DataFrame) -> str:
    """All networks, three in a row."""
    names = list(table["network"].unique())
    parts = []
    for i, name in enumerate(names):
        place = LEFT + (i % 3) * (WIDE + GAP), TOP + (i // 3) * (HIGH + GAP + 8)
        parts.append(panel(table[table["network"] == name], name, *place))
    for i, (label, colour, dash) in enumerate(LINES.values()):
        x = LEFT + i * 220
        parts.append(
            f'<line x1="{x}" y1="16" x2="{x + 34}" y2="16" stroke="{colour}" stroke-width="2.2" stroke-dasharray="{dash}"/>'
        )
        parts.append(f'<text x="{x + 40}" y="20">{label}</text>')
    height = TOP + -(-len(names) // 3) * (HIGH + GAP + 8) + 4
    parts.append(
        f'<text x="{LEFT}" y="{height - 8}">share of the pipes broken; upright: share of the demand served</text>'
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + 3 * (WIDE + GAP)} {height}" font-family="sans-serif" font-size="12" fill="#333" role="img">'
    title = "<title>Share of demand served after random pipe breaks, by connection and by pressure</title>"
    return f"{head}{title}{''.join(parts)}</svg>\n"


def water_table(table: pd.DataFrame) -> str:
    """Markdown."""
    lines = [
        "| network | pipes broken | connection | pressure | agree within 5 % | tanks keep level | whole file, 48-72 h | pressure, same draws |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in table.itertuples():
        if (
            min(abs(row.broken - s) for s in (0.01, 0.05, 0.1)) < 0.01
            and row.broken < 0.15
            and abs(row.broken - 0.02) > 0.006
        ):
            lines.append(
                f"| {row.network} | {row.broken:.1%} | {row.connected:.3f} | {row.pressure:.3f} | {row.same:.1%} | "
                f"{row.pressure_tanks_last:.3f} | {row.whole:.3f} | {row.whole_pressure:.3f} |"
            )
    return "\n".join(lines)


def power_table(table: pd.DataFrame) -> str:
    """Markdown."""
    lines = [
        "| network | out | connection | capacity | DC | AC | AC over 5 % below connection | s per state, AC |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.network} ({r.buses} buses) | {r.out:.0%} | {r.connected:.3f} | {r.capacity:.3f} | {r.dc:.3f} | {r.ac:.3f} | "
        f"{r.ac_below_connected:.0%} of draws | {r.seconds_ac:.2f} |"
        for r in table.itertuples()
    ]
    return "\n".join(lines)


def main() -> None:
    water = pd.read_csv(RESULTS / "water_connectivity.csv")
    TARGET.write_text(picture(water), encoding="utf-8")
    print(water_table(water), "\n\n", power_table(pd.read_csv(RESULTS / "power_connectivity.csv")), sep="")


if __name__ == "__main__":
    main()
