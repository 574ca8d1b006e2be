"""Charts as inline SVG."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

LEFT, WIDTH, ROW, TOP = 190.0, 520.0, 34.0, 30.0


def profile_chart(profiles: Mapping[str, Sequence[float]], colours: Sequence[str], labels: Sequence[str]) -> str:
    """One line per feature, one numbered dot per level.

    Parameters
    ----------
    profiles : mapping
        Feature to its mean in each level, in standard deviations from the mean of all cells, more
        is better.
    colours : sequence of str
        One per level.
    labels : sequence of str
        Name of each feature.

    Returns
    -------
    str
        SVG.
    """
    values = np.array([list(v) for v in profiles.values()])
    edge = max(1.0, float(np.ceil(np.abs(values).max() * 2) / 2))
    height = TOP + ROW * len(values) + 40

    def at(value: float) -> float:
        return LEFT + (value + edge) / (2 * edge) * WIDTH

    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 24:.0f} {height:.0f}" role="img" class="chart" aria-label="Mean of each feature by level">'
    ]
    step = 0.5 if edge <= 2 else 1.0
    for tick in np.arange(-edge, edge + 1e-9, step):
        x, stroke = at(tick), "#888" if tick == 0 else "#e3e3e3"
        parts.append(f'<path d="M{x:.1f} {TOP - 8}V{height - 34:.1f}" stroke="{stroke}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{height - 20:.1f}" text-anchor="middle" font-size="12" fill="#444">{tick:+.1f}</text>'
        )
    for i, row in enumerate(values):
        y = TOP + ROW * i + ROW / 2
        parts.append(
            f'<text x="{LEFT - 12}" y="{y + 4:.1f}" text-anchor="end" font-size="13">{escape(labels[i])}</text>'
        )
        parts.append(f'<path d="M{at(row.min()):.1f} {y}H{at(row.max()):.1f}" stroke="#bbb" stroke-width="2"/>')
        for level, value in enumerate(row):
            ink = "#fff" if level < 3 else "#111"
            parts.append(f'<circle cx="{at(value):.1f}" cy="{y}" r="9" fill="{colours[level]}" stroke="#fff"/>')
            parts.append(
                f'<text x="{at(value):.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" fill="{ink}">{level + 1}</text>'
            )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{height - 4:.1f}" text-anchor="middle" font-size="12" fill="#444">standard deviations from the mean of all cells; right is better</text>'
    )
    parts.append("</svg>")
    return "".join(parts)
