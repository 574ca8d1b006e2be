"""Charts as inline SVG."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from holdfast.pages.colour import CATEGORIES
from holdfast.pages.words import percent

LEFT, WIDTH, ROW, TOP, BAR = 190.0, 520.0, 36.0, 30.0, 24.0  # pixels: labels, bars, a row, a head, a bar
APART = 15.0  # pixels between numbered dots that can both be read


def profile_chart(profiles: Mapping[str, Sequence[float]], colours: Sequence[str], labels: Sequence[str]) -> str:
    """One line per feature, one numbered dot per level, as SVG.

    Parameters
    ----------
    profiles : mapping
        Feature to its mean in each level, in standard deviations from the mean of all cells, more
        is better; null for a level that no cell has.
    colours, labels : sequence of str
        Colour of each level; name of each feature.
    """
    values = np.array([list(v) for v in profiles.values()])
    # as far to the left as to the right, at least one deviation, in halves: 0 stands in the middle
    edge = max(1.0, float(np.ceil(np.nanmax(np.abs(values)) * 2) / 2))
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
        parts.append(
            f'<path d="M{at(np.nanmin(row)):.1f} {y}H{at(np.nanmax(row)):.1f}" stroke="#bbb" stroke-width="2"/>'
        )
        rises = _side_by_side(np.array([at(value) for value in row]))
        for level, value in enumerate(row):
            if np.isnan(value):
                continue
            # the three darker levels carry white numbers
            ink, place = "#fff" if level < 3 else "#111", y + rises[level]
            parts.append(f'<circle cx="{at(value):.1f}" cy="{place}" r="9" fill="{colours[level]}" stroke="#fff"/>')
            parts.append(
                f'<text x="{at(value):.1f}" y="{place + 4:.1f}" text-anchor="middle" font-size="11" fill="{ink}">{level + 1}</text>'
            )
    parts.append(
        f'<text x="{LEFT + WIDTH / 2}" y="{height - 4:.1f}" text-anchor="middle" font-size="12" fill="#444">standard deviations from the mean of all cells; right is better</text>'
    )
    parts.append("</svg>")
    return "".join(parts)


def _side_by_side(across: np.ndarray) -> np.ndarray:
    """How far dots in a row are moved down (pixels), so that none hides the number of another.

    Examples
    --------
    >>> _side_by_side(np.array([10.0, 50.0, 52.0])).tolist()
    [0.0, -8.0, 8.0]
    """
    rises, order = np.zeros(len(across)), np.argsort(across, kind="stable")
    # runs of dots each close to the one before; a null, last in the order, is close to none
    for run in np.split(order, np.flatnonzero(~(np.diff(across[order]) < APART)) + 1):
        if len(run) == 3:
            rises[run] = (-11.0, 0.0, 11.0)
        elif len(run) > 1:
            rises[run] = np.where(np.arange(len(run)) % 2, 8.0, -8.0)
    return rises


def share_bars(shares: Mapping[str, float], meant: Mapping[str, float], label: str) -> str:
    """One bar per share (0..1), and a mark at the share that was meant for it, as SVG; `label` is for screen readers.

    Examples
    --------
    >>> share_bars({"Poverty": 0.6, "Education": 0.4}, {"Poverty": 0.5, "Education": 0.5}, "Weights").count("<rect")
    2
    """
    # a tenth of air, in which the number of the longest bar stands
    top = max(*shares.values(), *meant.values()) * 1.1
    height = TOP + BAR * len(shares) + 8
    parts = [
        f'<svg viewBox="0 0 {LEFT + WIDTH + 64:.0f} {height:.0f}" role="img" class="chart" aria-label="{escape(label)}">'
    ]
    # texts are drawn last, over the marks, with a rim of white
    texts = []
    for row, (name, share) in enumerate(shares.items()):
        y, wide = TOP + BAR * row, share / top * WIDTH
        parts.append(
            f'<rect x="{LEFT}" y="{y + 3:.1f}" width="{wide:.1f}" height="{BAR - 8:.0f}" fill="{CATEGORIES[0]}"/>'
        )
        x = LEFT + meant[name] / top * WIDTH
        parts.append(f'<path d="M{x:.1f} {y:.1f}v{BAR - 2:.0f}" stroke="#111" stroke-width="2"/>')
        texts.append(
            f'<text x="{LEFT - 12}" y="{y + 15:.1f}" text-anchor="end" font-size="13">{escape(name)}</text>'
            f'<text x="{LEFT + wide + 6:.1f}" y="{y + 15:.1f}" font-size="12" fill="#444" stroke="#fff" '
            f'stroke-width="4" paint-order="stroke">{percent(share)}</text>'
        )
    return "".join([*parts, *texts, "</svg>"])


MOST_POINTS = 260  # of a curve, about one for two pixels
PLOT_LEFT, PLOT_WIDTH, PLOT_HEIGHT, PLOT_TOP = 64.0, 560.0, 250.0, 14.0


@dataclass(frozen=True)
class Band:
    """One curve over the draws: its name, colour, dashes (``""`` for none), P5, P50 and P95 by day."""

    name: str
    colour: str
    dash: str
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


def band_chart(bands: Sequence[Band], last_day: int, top: float, unit: str, label: str, first_day: int = 0) -> str:
    """Curves against days since the event, each with the band of 90 % of the draws, as SVG with a legend below.

    Parameters
    ----------
    bands : sequence of Band
        Curves with one value per day from `first_day`.
    last_day : int
        Last day to show, counted from the first.
    top : float
        Upper end of the axis.
    unit, label : str
        Unit of the values, for the axis; what the chart shows, for screen readers.
    first_day : int
        Days since the event of the first value.
    """
    days = _shown_days(last_day, len(bands[0].middle))
    x, y, base = _place_of_day(last_day), _place_of_value(top), PLOT_TOP + PLOT_HEIGHT
    parts = _axes(last_day, top, unit, label, first_day, len(bands))
    for row, band in enumerate(bands):
        upper = "L".join(f"{x(d):.1f} {y(band.high[d]):.1f}" for d in days)
        # back along the lower edge, so that both close one outline
        lower = "L".join(f"{x(d):.1f} {y(band.low[d]):.1f}" for d in days[::-1])
        middle = "L".join(f"{x(d):.1f} {y(band.middle[d]):.1f}" for d in days)
        stroke = f'stroke="{band.colour}" stroke-width="2.4" stroke-dasharray="{band.dash}"'
        parts.append(f'<path d="M{upper}L{lower}z" fill="{band.colour}" fill-opacity=".17"/>')
        parts.append(f'<path d="M{middle}" fill="none" {stroke}/>')
        at = base + 56 + 22 * row
        parts.append(
            f'<path d="M{PLOT_LEFT} {at}h34" {stroke}/><path d="M{PLOT_LEFT} {at - 6}h34v12h-34z" fill="{band.colour}" fill-opacity=".17"/>'
        )
        parts.append(
            f'<text x="{PLOT_LEFT + 44}" y="{at + 4}" font-size="13">{escape(band.name)}: median and 90 % of the draws</text>'
        )
    parts.append("</svg>")
    return "".join(parts)


def stacked_chart(
    layers: Mapping[str, np.ndarray], colours: Sequence[str], last_day: int, unit: str, label: str, first_day: int = 0
) -> str:
    """Amounts by day, one on top of the other.

    Parameters
    ----------
    layers : mapping of str to ndarray
        Name to its amount on each day from `first_day`, the lowest layer first.
    colours : sequence of str
        One per layer.
    last_day : int
        Last day to show, counted from the first.
    unit, label : str
        Unit for the axis, and what the chart shows, for screen readers.
    first_day : int
        Days since the event of the first value.

    Returns
    -------
    str
        SVG with a legend below.

    Examples
    --------
    >>> stacked_chart({"a": np.array([2.0, 1.0]), "b": np.array([1.0, 0.0])}, ["#111", "#222"], 1, "n", "n").count("<rect")
    2
    """
    heights = np.cumsum(list(layers.values()), axis=0)
    top = max(float(heights[-1].max()), 1.0)
    days = _shown_days(last_day, heights.shape[1])
    x, y, base = _place_of_day(last_day), _place_of_value(top), PLOT_TOP + PLOT_HEIGHT
    parts = _axes(last_day, top, unit, label, first_day, len(layers))
    below = np.zeros(heights.shape[1])
    for row, (name, colour) in enumerate(zip(layers, colours, strict=True)):
        upper = "L".join(f"{x(d):.1f} {y(heights[row, d]):.1f}" for d in days)
        lower = "L".join(f"{x(d):.1f} {y(below[d]):.1f}" for d in days[::-1])
        at = base + 56 + 22 * row
        parts.append(f'<path d="M{upper}L{lower}z" fill="{colour}" stroke="#fff" stroke-width=".6"/>')
        parts.append(f'<rect x="{PLOT_LEFT}" y="{at - 7}" width="34" height="13" fill="{colour}"/>')
        parts.append(f'<text x="{PLOT_LEFT + 44}" y="{at + 4}" font-size="13">{escape(name)}</text>')
        below = heights[row]
    return "".join([*parts, "</svg>"])


def _shown_days(last_day: int, known: int) -> np.ndarray:
    """Days that a chart draws: all, or so many that the eye sees no difference."""
    count = min(last_day + 1, known)
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))


def _place_of_day(last_day: int) -> Callable[[float], float]:
    """Horizontal place of a day, counted from the first."""
    return lambda day: PLOT_LEFT + day / max(last_day, 1) * PLOT_WIDTH


def _place_of_value(top: float) -> Callable[[float], float]:
    """Vertical place of a value between 0 and the upper end."""
    return lambda value: PLOT_TOP + (1 - value / top) * PLOT_HEIGHT


def _axes(last_day: int, top: float, unit: str, label: str, first_day: int, rows: int) -> list[str]:
    """The opening of a chart by day, with its axes and room for a legend of some rows."""
    x, y, base = _place_of_day(last_day), _place_of_value(top), PLOT_TOP + PLOT_HEIGHT
    parts = [
        f'<svg viewBox="0 0 {PLOT_LEFT + PLOT_WIDTH + 20:.0f} {base + 46 + 22 * rows:.0f}" role="img" class="chart" aria-label="{escape(label)}">'
    ]
    for value in _ticks(top):
        parts.append(f'<path d="M{PLOT_LEFT} {y(value):.1f}h{PLOT_WIDTH}" stroke="#e3e3e3"/>')
        parts.append(
            f'<text x="{PLOT_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" font-size="12">{value:,g}</text>'
        )
    for day in _ticks(last_day):
        parts.append(
            f'<text x="{x(day):.1f}" y="{base + 17}" text-anchor="middle" font-size="12">{first_day + day:,g}</text>'
        )
    middle = PLOT_TOP + PLOT_HEIGHT / 2
    parts.append(
        f'<text x="{PLOT_LEFT + PLOT_WIDTH / 2}" y="{base + 34}" text-anchor="middle" font-size="12" fill="#444">days since the event</text>'
    )
    parts.append(
        f'<text x="12" y="{middle}" font-size="12" fill="#444" text-anchor="middle" transform="rotate(-90 12 {middle})">{escape(unit)}</text>'
    )
    return parts


def _ticks(top: float) -> list[float]:
    """Four to eight round values from 0 to the top."""
    # a power of ten, or a half or a fifth of it, whichever first gives four steps
    step = 10.0 ** np.floor(np.log10(max(top, 1e-12)))
    for factor in (1, 0.5, 0.2):
        if top / (step * factor) >= 4:
            step *= factor
            break
    return [float(v) for v in np.arange(0, top * (1 + 1e-9), step)]
