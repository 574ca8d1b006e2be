"""What the report shows of cities side by side."""

from collections.abc import Sequence
from html import escape
from typing import Any

from holdfast.pages.colour import CATEGORIES
from holdfast.pages.words import amount, plain

PANELS = {
    ("total_economic_loss", "m2"): "Total economic loss per m² of floor",
    ("total_economic_loss", "resident"): "Total economic loss per resident",
    ("total_economic_loss", "normal_day"): "Total economic loss in days of normal production",
    ("lost_production", "normal_day"): "Lost production in days of normal production",
    ("service_capacity_loss", "resident"): "Service-capacity loss in person-days per resident",
}
LEFT, WIDTH, RIGHT, HEAD, ROW, BAR, GAP = 230.0, 360.0, 190.0, 26.0, 24.0, 14.0, 16.0  # pixels
PER = ("city", "m2", "resident", "normal_day")
LONGEST_NAME = 34  # letters left of a bar


def cities_parts(summary: dict[str, Any]) -> dict[str, Any]:
    """Picture and tables of cities side by side, for a template, from the content of ``cities.json``.

    Returns
    -------
    dict
        ``summary``; ``picture`` (bars of the normalised losses); ``tables``: one per loss, as cells with
        the heads first; ``ranges``: of two normalised losses the cities with the smallest and the largest median, as rows.
    """
    rows = summary["losses"]
    by_city: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_city.setdefault(row["loss"], {}).setdefault(row["city"], {})[row["per"]] = row
    tables = [city_table(by_city, loss) for loss in by_city]
    ranges = {}
    for loss, per in (("total_economic_loss", "m2"), ("service_capacity_loss", "resident")):
        ordered = sorted(_of(rows, loss, per), key=lambda row: row["p50"])
        ranges[loss] = (ordered[0], ordered[-1]) if ordered else None
    return {"summary": summary, "picture": normalised_bars(rows), "tables": tables, "ranges": ranges}


def _of(rows: Sequence[dict[str, Any]], loss: str, per: str) -> list[dict[str, Any]]:
    """Rows of one loss and divisor, one for each city that has it."""
    return [row for row in rows if (row["loss"], row["per"]) == (loss, per)]


def normalised_bars(rows: Sequence[dict[str, Any]]) -> str:
    """One panel per normalised loss: a bar per city up to the median, over it the interval P5 to P95 (SVG).

    Parameters
    ----------
    rows : sequence of dict
        ``city``, ``loss``, ``per``, ``unit``, ``p5``, ``p50``, ``p95``.

    Examples
    --------
    >>> row = {"city": "Synthetic", "loss": "total_economic_loss", "per": "m2", "unit": "USD_2017/m2"}
    >>> normalised_bars([row | {"p5": 1.0, "p50": 2.0, "p95": 4.0}]).count("<rect")
    1
    """
    parts: list[str] = []
    y = 0.0
    for (loss, per), title in PANELS.items():
        shown = _of(rows, loss, per)
        if not shown:
            continue
        parts.append(f'<text x="{LEFT}" y="{y + 17:.0f}" font-size="14" font-weight="600">{escape(title)}</text>')
        parts += _panel(shown, y + HEAD)
        y += HEAD + ROW * len(shown) + GAP
    label = "Losses of the cities for their size: medians with the interval P5 to P95"
    opening = f'<svg viewBox="0 0 {LEFT + WIDTH + RIGHT:.0f} {max(y, 1):.0f}" role="img" class="chart tall" aria-label="{label}">'
    return "".join([opening, *parts, "</svg>"])


def _panel(rows: Sequence[dict[str, Any]], top: float) -> list[str]:
    """Bars of one loss on an axis of its own that begins at 0."""
    least, most = min(0.0, *(row["p5"] for row in rows)), max(row["p95"] for row in rows)
    # where nobody loses anything an axis still has a width
    scale = WIDTH / max(most - least, 1e-9)

    def at(value: float) -> float:
        return float(LEFT + (value - least) * scale)

    parts = []
    for number, row in enumerate(rows):
        y = top + ROW * number + ROW / 2
        low, middle, high = (at(row[k]) for k in ("p5", "p50", "p95"))
        name = row["city"] if len(row["city"]) <= LONGEST_NAME else f"{row['city'][: LONGEST_NAME - 1]}…"
        text = f"{_short(row, 'p50')} ({_short(row, 'p5')} to {_short(row, 'p95')})"
        start, wide = min(at(0), middle), abs(middle - at(0))
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + 4:.1f}" text-anchor="end" font-size="13">{escape(name)}</text>'
            f'<rect x="{start:.1f}" y="{y - BAR / 2:.1f}" width="{wide:.1f}" height="{BAR}" fill="{CATEGORIES[0]}" fill-opacity=".55"/>'
            f'<path d="M{low:.1f} {y:.1f}H{high:.1f}M{low:.1f} {y - 5:.1f}v10M{high:.1f} {y - 5:.1f}v10" stroke="#111" stroke-width="1.6" fill="none"/>'
            f'<text x="{high + 8:.1f}" y="{y + 4:.1f}" font-size="12" fill="#444">{escape(text)}</text>'
        )
    bottom = top + ROW * len(rows)
    parts.append(f'<path d="M{at(0):.1f} {top:.1f}V{bottom:.1f}" stroke="#888"/>')
    return parts


def _short(row: dict[str, Any], percentile: str) -> str:
    """A percentile without the unit, which the head of its panel names; money keeps its symbol."""
    unit = str(row["unit"])
    text = amount(row[percentile], unit)
    return text.removesuffix(f" {unit}").partition("/")[0]


def city_table(tables: dict[str, dict[str, dict[str, Any]]], loss: str) -> list[list[str]]:
    """Cells of the table of one loss, the heads first: a city, then the median with P5 and P95 for each divisor."""
    unit = "person-days" if loss in ("service_capacity_loss", "unmet_need") else "money"
    head = [plain(loss), f"{unit}, as it is", "per m²", "per resident", "days of normal production"]
    rows = [[city, *(spread(found.get(per)) for per in PER)] for city, found in tables[loss].items()]
    # person-days are no money: a column of dashes says nothing
    return [row[: 4 if unit == "person-days" else 5] for row in (head, *rows)]


def spread(row: dict[str, Any] | None) -> str:
    """Median with P5 and P95 in few letters, a dash where a city has none.

    Examples
    --------
    >>> spread({"unit": "USD_2017/m2", "p5": 10.0, "p50": 12.0, "p95": 20.0}), spread(None)
    ('$12 ($10 to $20)', '-')
    """
    return "-" if row is None else f"{_short(row, 'p50')} ({_short(row, 'p5')} to {_short(row, 'p95')})"
