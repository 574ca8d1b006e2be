"""What the report shows of a nowcast: every observed curve before and after its observations."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from holdfast.pages.colour import CATEGORIES

LEFT, WIDTH, HEIGHT, TOP = 46.0, 420.0, 170.0, 26.0
MOST_CURVES = 12
LEGEND = 54.0
"""Pixels below the axis: the days, and two lines of words."""
DOT = 3.0
GREY, COLOUR = "#777", CATEGORIES[0]
OF_LAST = 0.995
"""Share of a normal day from which, in the bands before and after, the rest of a curve is not drawn."""


def nowcast_parts(bands: pd.DataFrame, used: pd.DataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures of a nowcast, for a template, from the content of ``bands.csv``, ``observed.csv`` and ``nowcast.json``.

    Returns
    -------
    dict
        ``summary``; ``charts``: one per observed curve, the first `MOST_CURVES`; ``curves``: how many were observed.
    """
    keys = ["event", "quantity", "area"]
    curves = list(used.groupby(keys, sort=False))
    own = dict(list(bands.groupby(keys, sort=False)))
    charts = [
        before_and_after(own[key], dots, f"{key[1]}, {key[2]}") for key, dots in curves[:MOST_CURVES] if key in own
    ]
    return {"summary": summary, "charts": charts, "curves": len(curves)}


def before_and_after(bands: pd.DataFrame, used: pd.DataFrame, name: str) -> str:
    """One curve (`name`): 90 % of the draws before (grey) and after (colour), medians, observations (SVG).

    Parameters
    ----------
    bands : DataFrame
        ``day``, and ``p5``, ``p50``, ``p95`` with ``before_`` and ``after_`` in front: shares of a normal day.
    used : DataFrame
        ``day``, ``observed``, ``known``: a filled dot weighs, an open one does not.

    Examples
    --------
    >>> day = {"day": [0.0, 9.0]}
    >>> bands = pd.DataFrame(day | {f"{w}_p{q}": [0.2, 1.0] for w in ("before", "after") for q in (5, 50, 95)})
    >>> seen = pd.DataFrame({"day": [1.0, 5.0], "observed": [0.3, 0.6], "known": [True, False]})
    >>> picture = before_and_after(bands, seen, "power, city")
    >>> picture.count("<circle"), picture.count('fill="#fff"')
    (2, 1)
    """
    table = _drawn_part(bands, used)
    days = table["day"].to_numpy(np.float64)
    first, last = days[0], max(days[-1], days[0] + 1e-9)
    top = max(1.0, float(table[["before_p95", "after_p95"]].to_numpy().max()), float(used["observed"].max()))

    def x(day: float) -> float:
        return float(LEFT + (day - first) / (last - first) * WIDTH)

    def y(share: float) -> float:
        return float(TOP + (top - max(share, 0.0)) / top * HEIGHT)

    def path(column: str, back: bool = False) -> str:
        steps = list(zip(days, table[column], strict=True))
        return "L".join(f"{x(d):.1f} {y(v):.1f}" for d, v in (steps[::-1] if back else steps))

    parts = [*_frame(name, first, last), *(_level(y(share), share) for share in (0.0, 0.5, 1.0))]
    for when, shade, dash in (("before", GREY, ' stroke-dasharray="5 4"'), ("after", COLOUR, "")):
        area = f"M{path(f'{when}_p5')}L{path(f'{when}_p95', back=True)}z"
        parts.append(f'<path d="{area}" fill="{shade}" fill-opacity=".22"/>')
        parts.append(f'<path d="M{path(f"{when}_p50")}" fill="none" stroke="{shade}" stroke-width="2"{dash}/>')
    for row in used.itertuples():
        dot = f'cx="{x(row.day):.1f}" cy="{y(row.observed):.1f}" r="{DOT}" fill="{"#111" if row.known else "#fff"}"'
        parts.append(f'<circle {dot} stroke="#111"/>')
    return "".join([*parts, "</svg>"])


def _drawn_part(bands: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Days up to a little after the last on which a draw is not whole, or something was observed."""
    table = bands.sort_values("day")
    running = table.loc[table[["before_p5", "after_p5"]].min(axis=1) < OF_LAST, "day"]
    last = max(float(running.max()) if len(running) else 0.0, float(used["day"].max()), float(table["day"].min()) + 1.0)
    return table[table["day"] <= 1.05 * last]


def _level(height: float, share: float) -> str:
    """A line across and its share."""
    text = f'<text x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end" font-size="11">{share:.0%}</text>'
    return f'<path d="M{LEFT} {height:.1f}h{WIDTH}" stroke="#e3e3e3"/>{text}'


def _frame(name: str, first: float, last: float) -> list[str]:
    """Beginning of a picture: its name, the first and last day, what the colours mean."""
    base = TOP + HEIGHT
    label = f"{name}: share of a normal day, 90 % of the draws before and after the observations"
    size = f"0 0 {LEFT + WIDTH + 12:.0f} {base + LEGEND:.0f}"
    parts = [
        f'<svg viewBox="{size}" role="img" class="chart" aria-label="{escape(label)}">',
        f'<text x="{LEFT}" y="15" font-size="13" font-weight="600">{escape(name)}</text>',
    ]
    for at, day, anchor in ((LEFT, first, "start"), (LEFT + WIDTH, last, "end")):
        parts.append(f'<text x="{at}" y="{base + 15}" text-anchor="{anchor}" font-size="11">day {day:,.3g}</text>')
    for at, shade, text in ((LEFT, GREY, "before"), (LEFT + 130, COLOUR, "after")):
        parts.append(f'<path d="M{at} {base + 32}h22" stroke="{shade}" stroke-width="8" stroke-opacity=".5"/>')
        parts.append(f'<text x="{at + 28}" y="{base + 36}" font-size="11">{text} (90 %)</text>')
    return parts
