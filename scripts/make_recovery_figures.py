"""Draw the figures of docs/strategies.md from the results of the benchmarks.

python scripts/make_recovery_figures.py
"""

from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
RESULTS, TARGET = ROOT / "benchmarks" / "results", ROOT / "docs" / "images"
STANDALONE = '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" '
BLUE, ORANGE, BLACK, GREY = "#0072b2", "#d55e00", "#000000", "#999999"
WIDTH = 640


def text(x: float, y: float, words: str, anchor: str = "start", colour: str = BLACK) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'


def histogram(gaps: dict[str, pd.Series], top: float = 0.15, bins: int = 30) -> str:
    """Cities by gap, one row of bars per group; the last bar holds all that is larger."""
    parts, height, left = [], 120, 60
    for row, (name, values) in enumerate(gaps.items()):
        base = 40 + (row + 1) * (height + 50)
        counts = np.bincount(np.minimum((values.clip(lower=0) / top * bins).astype(int), bins), minlength=bins + 1)
        step = (WIDTH - left - 20) / (bins + 1)
        for i, count in enumerate(counts):
            tall = height * count / counts.max()
            parts.append(
                f'<rect x="{left + i * step:.1f}" y="{base - tall:.1f}" width="{step - 1:.1f}" height="{tall:.1f}" '
                f'fill="{ORANGE if i == bins else BLUE}"/>'
            )
        parts.append(
            text(
                left,
                base - height - 12,
                f"{name}: {len(values)} cities, median {values.median():.2%}, "
                f"95th percentile {values.quantile(0.95):.1%}",
            )
        )
        parts.append(text(left - 6, base - height + 10, str(counts.max()), "end"))
        parts += [
            text(left + share / top * bins * step, base + 15, f"{share:.0%}", "middle") for share in (0, 0.05, 0.1)
        ]
        parts.append(text(left + (bins + 0.5) * step, base + 15, f"> {top:.0%}", "middle", ORANGE))
    tall = 60 + len(gaps) * (height + 50)
    title = text(left, 20, "Loss of the semi-flexible strategy above the exact optimum or its bound")
    return f'{STANDALONE}viewBox="0 0 {WIDTH} {tall}" role="img">{title}{"".join(parts)}</svg>\n'


def intervals(table: pd.DataFrame) -> str:
    """Median and 5 to 95 % range of the days, published and of the engine, on a logarithmic axis."""
    rows = []
    for level, group in table.groupby("level"):
        first = group.iloc[0]
        rows.append(
            (f"level {level}: Joplin, published", *first[["published_p5", "published_p50", "published_p95"]], BLACK)
        )
        for _, one in group.iterrows():
            colour = BLUE if one["reading"] == table["reading"].iloc[0] else ORANGE
            label = f"engine, {one['damage_state']}, {one['crews']}"
            rows.append((label, *one[["engine_p5", "engine_p50", "engine_p95"]], colour))
    left, step, low, high = 250, 20, np.log10(20), np.log10(6000)

    def at(days: float) -> float:
        return float(left + (np.log10(max(days, 20)) - low) / (high - low) * (WIDTH - left - 20))

    parts = [text(10, 20, "Days from the event to full function: median, 5 to 95 %")]
    for i, (label, p5, p50, p95, colour) in enumerate(rows):
        y = 50 + i * step
        parts.append(text(left - 10, y + 4, label, "end", colour))
        parts.append(
            f'<line x1="{at(p5):.1f}" x2="{at(p95):.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="3"/>'
        )
        parts.append(f'<circle cx="{at(p50):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    bottom = 50 + len(rows) * step
    for days in (30, 100, 300, 1000, 3000):
        parts.append(
            f'<line x1="{at(days):.1f}" x2="{at(days):.1f}" y1="35" y2="{bottom}" stroke="{GREY}" stroke-width="0.5"/>'
        )
        parts.append(text(at(days), bottom + 15, str(days), "middle"))
    return f'{STANDALONE}viewBox="0 0 {WIDTH} {bottom + 25}" role="img">{"".join(parts)}</svg>\n'


def main() -> None:
    gap = pd.read_csv(RESULTS / "optimality_gap.csv")
    groups = {
        f"{n} assets, against the {'optimum' if g['proved'].all() else 'bound'}": g["gap_to_bound"]
        for n, g in gap.groupby("assets")
    }
    (TARGET / "optimality_gap.svg").write_text(histogram(groups), encoding="utf-8")
    (TARGET / "hindcast_joplin.svg").write_text(
        intervals(pd.read_csv(RESULTS / "hindcast_joplin.csv")), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
