"""What the report shows of a set of scenarios."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from holdfast.pages.colour import CATEGORIES
from holdfast.pages.words import amount, plain, rounded

LEFT, WIDTH, HEIGHT, TOP = 84.0, 520.0, 240.0, 14.0
SHOWN = ("total_economic_loss", "service_capacity_loss")
DECADES = 3
"""Decades of the annual rate that the axis shows at most below the highest."""


def scenario_parts(curves: pd.DataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """``summary``, and ``exceedance`` with one chart per loss, from the content of ``exceedance.csv`` and ``scenarios.json``."""
    return {"summary": summary, "exceedance": {n: exceedance_chart(curves[curves["loss"] == n]) for n in SHOWN}}


def exceedance_chart(curve: pd.DataFrame) -> str:
    """Annual rate of exceedance against the loss, on a logarithmic axis, with a band of two Monte-Carlo errors (SVG).

    Parameters
    ----------
    curve : DataFrame
        Columns ``loss`` (one name), ``unit``, ``threshold``, ``annual_rate``, ``mean_error``.

    Examples
    --------
    >>> rows = {"loss": "repair_cost", "unit": "USD_2017", "threshold": [0.0, 5.0], "annual_rate": [0.1, 0.01]}
    >>> exceedance_chart(pd.DataFrame(rows | {"mean_error": 0.0})).startswith("<svg")
    True
    """
    # a rate of 0 has no logarithm: beyond the largest loss the curve ends
    shown = curve[curve["annual_rate"] > 0]
    unit, name = str(curve["unit"].iloc[0]), plain(str(curve["loss"].iloc[0])).lower()
    top = 10.0 ** np.ceil(np.log10(shown["annual_rate"].max())) if len(shown) else 1.0
    bottom = max(10.0 ** np.floor(np.log10(shown["annual_rate"].min())), top * 10.0**-DECADES) if len(shown) else 0.1
    bottom = min(bottom, top / 10)  # one decade at least, also where every rate is the same power of ten
    widest = max(float(curve["threshold"].max()), 1e-9)

    def x(value: float) -> float:
        return LEFT + value / widest * WIDTH

    def y(rate: float) -> float:
        # what lies below the axis, such as a lower bound under 0, is drawn on its lower end
        share = np.log(max(rate, bottom) / bottom) / np.log(top / bottom)
        return float(TOP + (1 - share) * HEIGHT)

    base = TOP + HEIGHT
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 40:.0f} {base + 44:.0f}" role="img" class="chart" '
        f'aria-label="{escape(f"Annual rate at which the {name} is exceeded")}">'
    ]
    for rate in 10.0 ** np.arange(np.log10(bottom), np.log10(top) + 0.5):
        parts.append(
            f'<path d="M{LEFT} {y(rate):.1f}h{WIDTH}" stroke="#e3e3e3"/>'
            f'<text x="{LEFT - 6}" y="{y(rate) + 4:.1f}" text-anchor="end" font-size="12">1 in {rounded(1 / rate, 2)}</text>'
        )
    # quarters of the largest loss; the unit stands below the axis
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        text = amount(share * widest, unit, 2).removesuffix(f" {unit}")
        parts.append(
            f'<text x="{x(share * widest):.1f}" y="{base + 17}" text-anchor="middle" font-size="12">{escape(text)}</text>'
        )
    spots, rates = shown["threshold"].to_numpy(), shown["annual_rate"].to_numpy()
    error = 2 * shown["mean_error"].fillna(0.0).to_numpy()
    upper = "L".join(f"{x(v):.1f} {y(r):.1f}" for v, r in zip(spots, np.minimum(rates + error, top), strict=True))
    lower = "L".join(f"{x(v):.1f} {y(r):.1f}" for v, r in zip(spots[::-1], (rates - error)[::-1], strict=True))
    line = "L".join(f"{x(v):.1f} {y(r):.1f}" for v, r in zip(spots, rates, strict=True))
    if len(shown):
        parts.append(f'<path d="M{upper}L{lower}z" fill="{CATEGORIES[0]}" fill-opacity=".17"/>')
        parts.append(f'<path d="M{line}" fill="none" stroke="{CATEGORIES[0]}" stroke-width="2.4"/>')
    words = escape(unit.replace("_", " at prices of "))
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{base + 36}" text-anchor="middle" font-size="12" fill="#444">{name}, {words}</text>'
        f'<text x="12" y="{TOP + HEIGHT / 2}" font-size="12" fill="#444" text-anchor="middle" '
        f'transform="rotate(-90 12 {TOP + HEIGHT / 2})">years between events with more</text></svg>'
    )
    return "".join(parts)
