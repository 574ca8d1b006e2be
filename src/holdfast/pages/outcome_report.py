"""What the report shows of a rating beside an outcome."""

from html import escape
from typing import Any

from holdfast.pages.colour import CATEGORIES

LEFT, WIDTH, ROW, TOP = 230.0, 420.0, 20.0, 26.0


def outcome_parts(summary: dict[str, Any]) -> dict[str, Any]:
    """Picture and tables of a comparison, for a template, from the content of ``outcome.json``.

    Returns
    -------
    dict
        ``summary``, and ``effects``: the effect of each candidate with its interval.
    """
    return {
        "summary": summary,
        "effects": effect_chart(summary["candidates"], 1.0 if summary["kind"] == "count" else 0.0),
    }


def effect_chart(rows: list[dict[str, Any]], nothing: float) -> str:
    """Effects of one standard deviation with their intervals, beside the line of `nothing` (SVG).

    Examples
    --------
    >>> effect_chart([{"candidate": "level", "effect": 0.9, "low": 0.8, "high": 1.1}], 1.0).count("<circle")
    1
    """
    shown = [r for r in rows if r.get("effect") is not None]
    ends = [v for r in shown for v in (r["low"], r["high"]) if v is not None]
    low, high = min([*ends, nothing]), max([*ends, nothing])
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return float(LEFT + (value - low) / span * WIDTH)

    height = TOP + ROW * len(shown) + 8
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 30:.0f} {height:.0f}" role="img" class="chart" aria-label="Effect of each candidate">',
        f'<path d="M{x(nothing):.1f} {TOP - 8}V{height - 4:.0f}" stroke="#111" stroke-dasharray="5 3"/>',
        f'<text x="{x(nothing):.1f}" y="{TOP - 12}" text-anchor="middle" font-size="12">no effect</text>',
    ]
    for number, row in enumerate(shown):
        y = TOP + ROW * number + ROW / 2
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" font-size="12">{escape(row["candidate"])}</text>'
        )
        if row["low"] is not None and row["high"] is not None:
            parts.append(
                f'<path d="M{x(row["low"]):.1f} {y:.1f}H{x(row["high"]):.1f}" stroke="{CATEGORIES[0]}" stroke-width="2"/>'
            )
        parts.append(f'<circle cx="{x(row["effect"]):.1f}" cy="{y:.1f}" r="4" fill="{CATEGORIES[0]}"/>')
    return "".join([*parts, "</svg>"])
