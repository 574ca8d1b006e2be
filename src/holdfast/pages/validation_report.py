"""What the report shows of a validation."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from holdfast.pages.colour import CATEGORIES

SIMULATED = "simulated"
MOST_AREAS = 12  # charts for one prediction
LEFT, WIDTH, HEIGHT, TOP = 46.0, 300.0, 120.0, 26.0
DOT = 2.4  # pixels


def validation_parts(points: pd.DataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures and tables of a validation, for a template, from the content of ``points.csv`` and ``validation.json``.

    Returns
    -------
    dict
        ``summary``; ``pictures``: per prediction, event and quantity the charts of its largest areas, and how many
        areas there are.
    """
    # baselines are scored beside the prediction, and not drawn
    own = points[points["model"] == SIMULATED]
    pictures = []
    for (name, event, quantity), part in own.groupby(["prediction", "event", "quantity"], sort=False):
        weight = part.groupby("area", sort=False)["weight"].first().sort_values(ascending=False, kind="stable")
        charts = [curve_over_band(part[part["area"] == area], str(area)) for area in weight.index[:MOST_AREAS]]
        pictures.append(
            {"prediction": name, "event": event, "quantity": quantity, "charts": charts, "areas": len(weight)}
        )
    return {"summary": summary, "pictures": pictures}


def curve_over_band(points: pd.DataFrame, name: str) -> str:
    """What was observed in one area (`name`), as dots over the bands of 50 and 90 % of the draws (SVG).

    Parameters
    ----------
    points : DataFrame
        ``day``, ``observed``, ``p5``, ``p25``, ``p50``, ``p75``, ``p95``: shares of a normal day.

    Examples
    --------
    >>> row = {"day": [1.0, 2.0], "observed": [0.4, 0.6]} | {f"p{q}": [0.5, 0.7] for q in (5, 25, 50, 75, 95)}
    >>> curve_over_band(pd.DataFrame(row), "County").count("<circle")
    2
    """
    table = points.sort_values("day")
    days = table["day"].to_numpy(np.float64)
    # one day alone still has a width to be divided by
    first, last = days[0], max(days[-1], days[0] + 1e-9)
    top = max(1.0, float(table[["observed", "p95"]].to_numpy().max()))
    low = min(0.0, float(table[["observed", "p5"]].to_numpy().min()))

    def x(day: float) -> float:
        return float(LEFT + (day - first) / (last - first) * WIDTH)

    def y(share: float) -> float:
        return float(TOP + (top - share) / (top - low) * HEIGHT)

    def path(column: str, back: bool = False) -> str:
        steps = list(zip(days, table[column], strict=True))
        return "L".join(f"{x(d):.1f} {y(v):.1f}" for d, v in (steps[::-1] if back else steps))

    base, colour = TOP + HEIGHT, CATEGORIES[0]
    label = f"{name}: observed share of a normal day over the predicted bands"
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 12:.0f} {base + 34:.0f}" role="img" class="chart" aria-label="{escape(label)}">',
        f'<text x="{LEFT}" y="15" font-size="13" font-weight="600">{escape(name)}</text>',
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(f'<path d="M{LEFT} {y(share):.1f}h{WIDTH}" stroke="#e3e3e3"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end" font-size="11">{share:.0%}</text>')
    parts.append(f'<path d="M{path("p5")}L{path("p95", back=True)}z" fill="{colour}" fill-opacity=".17"/>')
    parts.append(f'<path d="M{path("p25")}L{path("p75", back=True)}z" fill="{colour}" fill-opacity=".25"/>')
    parts.append(f'<path d="M{path("p50")}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for day, value in zip(days, table["observed"], strict=True):
        parts.append(f'<circle cx="{x(day):.1f}" cy="{y(value):.1f}" r="{DOT}" fill="#111"/>')
    for day, anchor in ((first, "start"), (last, "end")):
        parts.append(
            f'<text x="{x(day):.1f}" y="{base + 15:.1f}" text-anchor="{anchor}" font-size="11">day {day:,.3g}</text>'
        )
    return "".join([*parts, "</svg>"])
