"""Maps as inline SVG."""

from collections.abc import Sequence
from html import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.pages.frame import WIDTH, Frame, frame_of
from holdfast.pages.under_map import DETAIL, ground_under, outline_path, place_names

MOST_TITLES = 6_000  # cells; each title is half the bytes of its square
SCALES_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)  # lengths that a scale bar may have
M_PER_KM = 1000.0
MARGIN, BELOW = 12, 52  # pixels that a map has beside its cells, and above and below them
MOST_OUTLINES = 20_000  # a report is to stay below 5 MB
LEAST_SIDE = 2.5  # pixels of a house that can be seen


def cell_map(
    cells: gpd.GeoDataFrame,
    colours: Sequence[str],
    titles: Sequence[str],
    hatched: np.ndarray,
    label: str,
    ground: gpd.GeoDataFrame | None = None,
    numbered: Sequence[int] = (),
    anchor: str = "",
) -> str:
    """Map of square cells, as SVG with a scale bar, an arrow to the north and the degrees of its frame.

    The cells lie in a projected CRS in metres; each has a colour (``#rrggbb``) and a title, shown under the pointer and left
    out above 6,000 cells; those `hatched` are uncertain. `label` says what the map shows, for screen readers; `ground`, as of
    `holdfast.pages.under_map`, shows through; the cells at the places `numbered` bear 1, 2, 3 in their order.
    With an `anchor`, its id on the page, it can be drawn there once more.
    """
    bounds = cells.bounds.to_numpy()
    left, bottom, right, top = cells.total_bounds
    zoom = WIDTH / (right - left)
    height = (top - bottom) * zoom
    # from the upper left, as SVG counts, where the CRS counts from below
    x, y = (bounds[:, 0] - left) * zoom, (top - bounds[:, 3]) * zoom
    side = (bounds[:, 2] - bounds[:, 0]) * zoom
    mark = f' id="{anchor}"' if anchor else ""
    parts = [
        f'<svg viewBox="-6 -6 {WIDTH + MARGIN:.0f} {height + BELOW:.0f}" role="img" aria-label="{escape(label)}" class="map"{mark}>',
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect width="1.6" height="5" fill="#fff" fill-opacity=".85"/></pattern></defs>',
    ]
    with_titles = len(cells) <= MOST_TITLES
    for i, colour in enumerate(colours):
        place = f'x="{x[i]:.1f}" y="{y[i]:.1f}" width="{side[i]:.2f}" height="{side[i]:.2f}"'
        shape = f'<rect {place} fill="{colour}"'
        parts.append(f"{shape}><title>{escape(titles[i])}</title></rect>" if with_titles else f"{shape}/>")
    # one path for all hatched cells, over the colours and under the pointer's titles
    outline = "".join(
        f"M{x[i]:.1f} {y[i]:.1f}h{side[i]:.2f}v{side[i]:.2f}h-{side[i]:.2f}z" for i in np.flatnonzero(hatched)
    )
    if outline:
        parts.append(f'<path d="{outline}" fill="url(#hatch)" pointer-events="none"/>')
    if ground is not None:
        frame = Frame(zoom, WIDTH, height, lambda xy: (xy - np.array([left, top])) * np.array([zoom, -zoom]) + 0.0)
        # over the squares, which fill the frame, and so thin that their colours are still read
        parts.append(f'<g pointer-events="none"><g opacity=".65">{ground_under(ground, frame)}</g>')
        parts.append(f"{place_names(ground, frame)}</g>")
    middle = np.column_stack([x, y]) + side[:, None] / 2
    parts += [_number(float(middle[i, 0]), float(middle[i, 1]), number) for number, i in enumerate(numbered, start=1)]
    parts.append(furniture(cells, zoom, height))
    parts.append("</svg>")
    return "".join(parts)


def _outlines(
    points: gpd.GeoDataFrame, outlines: gpd.GeoSeries | None, frame: Frame
) -> tuple[dict[int, str], np.ndarray]:
    """Paths of the outlines by the place of their points, and which points have one that can be seen."""
    seen = np.zeros(len(points), dtype=bool)
    if outlines is None or len(points) > MOST_OUTLINES:
        return {}, seen
    own = outlines.reindex(points.index)
    there = own.notna().to_numpy()
    # smaller ones would be specks: dots are then larger than the houses, and can be seen
    if not there.any() or frame.zoom * float(np.sqrt(own[there].area.median())) < LEAST_SIDE:
        return {}, seen
    places = np.flatnonzero(there)
    placed = shapely.transform(own.to_numpy()[places], frame.place)
    shapes = shapely.simplify(placed, DETAIL / 2)
    return {int(i): outline_path(shape) for i, shape in zip(places, shapes, strict=True)}, there


def _number(x: float, y: float, number: int | str) -> str:
    """A number or a letter in a ring, over all else."""
    return (
        f'<g pointer-events="none"><circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="#fff" stroke="#111" stroke-width="1.4"/>'
        f'<text x="{x:.1f}" y="{y + 4.2:.1f}" text-anchor="middle" font-size="12" font-weight="600" fill="#111">{number}</text></g>'
    )


def point_map(
    points: gpd.GeoDataFrame,
    classes: np.ndarray,
    colours: Sequence[str],
    lines: np.ndarray,
    label: str,
    ground: gpd.GeoDataFrame | None = None,
    marked: gpd.GeoSeries | None = None,
    outlines: gpd.GeoSeries | None = None,
) -> str:
    """Map of points, such as buildings, over thin lines, such as streets, as SVG with scale bar, north and degrees.

    The points lie in a projected CRS in metres, each of a class, which is a place in `colours`; `lines` are ends in this
    CRS, shape (line, 2, 2); `label` is for screen readers; `ground` lies under it, as of `holdfast.pages.under_map`; the points
    `marked` bear the letters of their index. Where there are `outlines` by the index of the points, and they are large
    enough to be seen, they are drawn in the place of dots.
    """
    # one without a root cause has nothing to add, and pandas warns where it adds nothing
    spots = points.geometry if marked is None or not len(marked) else pd.concat([points.geometry, marked])
    frame = frame_of(gpd.GeoSeries(spots, crs=points.crs))
    parts = [
        f'<svg viewBox="-6 -6 {frame.width + 12:.0f} {frame.height + 52:.0f}" role="img" aria-label="{escape(label)}" class="map">',
        f'<rect x="-6" y="-6" width="{frame.width + 12:.0f}" height="{frame.height + 12:.0f}" fill="#f3f3f1"/>',
    ]
    parts += [] if ground is None else [ground_under(ground, frame)]
    drawn = "".join(f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}" for a, b in frame.place(lines))
    parts.append(f'<path d="{drawn}" stroke="#c9c9c4" stroke-width="1" fill="none"/>')
    shapes, seen = _outlines(points, outlines, frame)
    for number, colour in enumerate(colours):
        path = "".join(shapes[int(i)] for i in np.flatnonzero((classes == number) & seen))
        parts += [f'<path d="{path}" fill="{colour}" stroke="#333" stroke-width=".6"/>'] if path else []
    x, y = frame.place(np.column_stack([points.geometry.x, points.geometry.y])).T
    size = float(np.clip(260 / np.sqrt(len(points)), 2.2, 9.0))
    for number, colour in enumerate(colours):
        dots = "".join(f"M{x[i]:.1f} {y[i]:.1f}h0" for i in np.flatnonzero((classes == number) & ~seen))
        if dots:
            # a darker dot below makes a rim, so that light colours stand out
            parts.append(f'<path d="{dots}" stroke="#333" stroke-width="{size + 1:.1f}" stroke-linecap="round"/>')
            parts.append(f'<path d="{dots}" stroke="{colour}" stroke-width="{size:.1f}" stroke-linecap="round"/>')
    parts += [] if ground is None else [place_names(ground, frame)]
    if marked is not None and len(marked):
        at = frame.place(np.column_stack([marked.x, marked.y]))
        parts += [_number(float(a), float(b), str(name)) for name, (a, b) in zip(marked.index, at, strict=True)]
    parts.append(furniture(gpd.GeoSeries(spots, crs=points.crs), frame.zoom, frame.height))
    parts.append("</svg>")
    return "".join(parts)


def furniture(cells: gpd.GeoDataFrame | gpd.GeoSeries, zoom: float, height: float) -> str:
    """Scale bar, north arrow and the longitudes and latitudes of the frame, as part of an SVG.

    `zoom` is in pixels per metre, `height` that of the map in pixels.
    """
    across = WIDTH / zoom / M_PER_KM
    # the longest round length that takes a quarter of the width at most
    length = max(k for k in SCALES_KM if k <= max(across / 4, SCALES_KM[0]))
    bar = length * M_PER_KM * zoom
    base = height + 16
    west, south, east, north = cells.to_crs("EPSG:4326").total_bounds
    extent = f"{degrees(south, 'N', 'S')} to {degrees(north, 'N', 'S')}, {degrees(west, 'E', 'W')} to {degrees(east, 'E', 'W')}"
    return (
        f'<g font-size="13" fill="#333"><path d="M0 {base}v6h{bar:.1f}v-6" fill="none" stroke="#333" stroke-width="1.5"/>'
        f'<text x="{bar + 8:.1f}" y="{base + 8}">{f"{length:g} km" if length >= 1 else f"{length * M_PER_KM:.0f} m"}</text>'
        f'<path d="M{WIDTH - 12} {base + 16}l6 -18l6 18l-6 -5z"/><text x="{WIDTH - 30}" y="{base + 14}">N</text>'
        f'<text x="0" y="{base + 26}" font-size="11.5" fill="#555">Frame: {extent}</text></g>'
    )


def degrees(value: float, positive: str, negative: str) -> str:
    """Degrees with a letter for the hemisphere.

    Examples
    --------
    >>> degrees(-122.268, "E", "W")
    '122.27° W'
    """
    return f"{abs(value):.2f}° {positive if value >= 0 else negative}"
