"""What the report shows of a comparison."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import xarray as xr

from holdfast.pages.charts import Band, band_chart
from holdfast.pages.colour import CATEGORIES
from holdfast.pages.words import amount, plain

DASHES = ("", "7 4", "2 3", "10 3 2 3")  # as well as by colour, for print in grey
NEARLY = 0.995  # of normal, from which on a curve counts as back
SHORTEST_AXIS = 10  # days
BANDS = 3
"""Alternatives up to which the curves carry their bands; more would hide one another."""
LEFT, WIDTH, ROW, TOP = 230.0, 430.0, 30.0, 12.0


def compare_parts(curves: xr.Dataset, summary: dict[str, Any]) -> dict[str, Any]:
    """Pictures and tables of a comparison, for a template, from the content of ``comparison.nc`` and ``comparison.json``.

    Returns
    -------
    dict
        ``summary``; ``production``, ``service`` (charts); ``differences`` (one chart per loss).
    """
    return {
        "summary": summary,
        "production": _curves(curves, "EP", "Production by day, percent of normal"),
        "service": _curves(curves, "SC", "Service capacity by day, percent of normal"),
        "differences": {
            loss: interval_chart([r for r in summary["differences"] if r["loss"] == loss])
            for loss in ("total_economic_loss", "service_capacity_loss")
        },
    }


def _curves(curves: xr.Dataset, name: str, label: str) -> str:
    """Median of each alternative, with its band where there are few."""
    normal = curves[f"{name}0"].to_numpy()
    if (normal <= 0).any():  # no share of nothing
        return ""
    share = 100 * curves[name].to_numpy() / normal[:, None, None]
    below = np.flatnonzero((share[:, 1] < 100 * NEARLY).any(axis=0))
    last = max(int(below[-1]) + 2 if len(below) else 0, SHORTEST_AXIS)
    few = len(share) <= BANDS
    bands = [
        Band(
            str(alternative),
            CATEGORIES[i % len(CATEGORIES)],
            DASHES[i % len(DASHES)],
            rows[0] if few else rows[1],
            rows[1],
            rows[2] if few else rows[1],
        )
        for i, (alternative, rows) in enumerate(zip(curves["alternative"].to_numpy(), share, strict=True))
    ]
    return band_chart(bands, last, 100, "% of normal", label, int(curves["time"][0]))


def interval_chart(rows: Sequence[dict[str, Any]]) -> str:
    """Mean difference of each alternative with its 95 % interval, against 0; left of the line it loses less (SVG).

    Parameters
    ----------
    rows : sequence of dict
        ``alternative``, ``loss``, ``unit``, ``difference``, ``difference_low``, ``difference_high``.

    Examples
    --------
    >>> row = {"alternative": "more crews", "loss": "repair_cost", "unit": "USD_2017", "difference": -2.0}
    >>> interval_chart([row | {"difference_low": -3.0, "difference_high": -1.0}]).count("<circle")
    1
    """
    ends = np.array([[r["difference"], r["difference_low"], r["difference_high"]] for r in rows], dtype=np.float64)
    # of one draw there is no interval: the mean stands alone
    ends = np.where(np.isfinite(ends), ends, ends[:, :1])
    edge = max(float(np.abs(ends).max()), 1e-9) * 1.1
    height = TOP + ROW * len(rows) + 44

    def at(value: float) -> float:
        return LEFT + (value + edge) / (2 * edge) * WIDTH

    title = f"Mean difference of the {plain(rows[0]['loss']).lower()}"
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 40:.0f} {height:.0f}" role="img" class="chart" aria-label="{escape(title)}">'
    ]
    for value in (-edge / 1.1, 0.0, edge / 1.1):
        parts.append(
            f'<path d="M{at(value):.1f} {TOP}V{height - 40:.1f}" stroke="{"#111" if value == 0 else "#e3e3e3"}"/>'
            f'<text x="{at(value):.1f}" y="{height - 24:.1f}" text-anchor="middle" font-size="12">{escape(_signed(value, rows[0]["unit"]))}</text>'
        )
    for i, (row, (mean, low, high)) in enumerate(zip(rows, ends, strict=True)):
        y = TOP + ROW * (i + 0.5)
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" font-size="13">{escape(plain(str(row["alternative"])))}</text>'
            f'<path d="M{at(low):.1f} {y}H{at(high):.1f}" stroke="{CATEGORIES[0]}" stroke-width="3"/>'
            f'<circle cx="{at(mean):.1f}" cy="{y}" r="5" fill="{CATEGORIES[0]}"/>'
        )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{height - 6:.1f}" text-anchor="middle" font-size="12" fill="#444">'
        f"{_words(rows[0]['unit'])}; left: loses less than the study; bar: 95 % interval of the mean</text></svg>"
    )
    return "".join(parts)


def _words(unit: str) -> str:
    """Unit as it stands below an axis."""
    return escape(unit.replace("_", " at prices of "))


def _signed(value: float, unit: str) -> str:
    """Amount with its sign; a unit in words stands below the axis instead."""
    sign = "+" if value > 0 else "−" if value < 0 else ""  # noqa: RUF001, the minus sign of print
    return sign + amount(abs(value), unit, 2).removesuffix(f" {unit}")
