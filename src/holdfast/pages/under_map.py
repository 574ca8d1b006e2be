"""What lies under a map on a page: water, borders and main roads, and the names of places over it, as parts of an SVG."""

from html import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from holdfast.pages.frame import Frame

MOST_NAMES = 10
AREAS = {"water": 'fill="#d6e6f2" fill-rule="evenodd"'}  # kind of the ground to the look of its areas
LINES = {  # and to that of its lines, which have no inside to fill
    "water": 'fill="none" stroke="#b4cfe2" stroke-width="1.6"',
    "border": 'fill="none" stroke="#9a8fa8" stroke-width="1" stroke-dasharray="5 4"',
    "road": 'fill="none" stroke="#c8b896" stroke-width="1.6"',
}
CREDIT = "Map data © OpenStreetMap contributors, ODbL"
DETAIL = 0.7  # pixels; finer bends are not seen
LETTER, LINE = 7.2, 16.0  # pixels that a name takes, about


def ground_under(shapes: gpd.GeoDataFrame, frame: Frame) -> str:
    """Water, borders and main roads inside a frame; `shapes` as of `holdfast.sources.osm_ground.ground`, in its CRS."""
    drawn = []
    for kind, look in LINES.items():
        own = shapes.geometry[shapes["kind"] == kind].to_numpy()
        if not len(own):
            continue
        # in pixels first: what is cut off and what is too fine is a matter of the picture
        placed = shapely.make_valid(shapely.transform(own, frame.place))
        inside = shapely.get_parts(
            shapely.simplify(shapely.clip_by_rect(placed, 0, 0, frame.width, frame.height), DETAIL)
        )
        closed = shapely.get_type_id(inside) == shapely.GeometryType.POLYGON
        for parts, style in ((inside[closed], AREAS.get(kind, look)), (inside[~closed], look)):
            path = "".join(map(_path, parts))
            if path:
                drawn.append(f'<path d="{path}" {style}/>')
    if not len(shapes):
        return ""
    credit = f'<text x="{frame.width - 4:.0f}" y="{frame.height - 5:.0f}" text-anchor="end" font-size="10.5" fill="#555">{CREDIT}</text>'
    return "".join([*drawn, credit])


def _path(shape: shapely.Geometry) -> str:
    """Path of a polygon with its holes, or of a line; nothing of a point."""
    if shapely.is_empty(shape):
        return ""
    if isinstance(shape, shapely.Polygon):
        return "".join(f"M{_points(ring)}z" for ring in (shape.exterior, *shape.interiors))
    return f"M{_points(shape)}" if isinstance(shape, shapely.LineString) else ""


def outline_path(shape: shapely.Geometry) -> str:
    """Path of a polygon or of several, in pixels.

    Examples
    --------
    >>> outline_path(shapely.box(0, 0, 2, 1))
    'M2.0 0.0L2.0 1.0L0.0 1.0L0.0 0.0L2.0 0.0z'
    """
    return "".join(map(_path, shapely.get_parts(shape)))


def _points(line: shapely.Geometry) -> str:
    """Points of a line as text."""
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(line))


def place_names(shapes: gpd.GeoDataFrame, frame: Frame) -> str:
    """Names of the ten places that count most inside a frame, with a rim of white; none over another."""
    places = shapes[shapes["kind"] == "place"].sort_values(["rank", "name"], kind="stable")
    texts: list[str] = []
    taken: list[tuple[float, float, float, float]] = []
    at = frame.place(np.column_stack([places.geometry.x, places.geometry.y])) if len(places) else np.empty((0, 2))
    for (x, y), name, rank in zip(at, places["name"], places["rank"], strict=True):
        wide = LETTER * len(name)
        box = (x - wide / 2, y - LINE / 2, x + wide / 2, y + LINE / 2)
        inside = box[0] >= 0 and box[2] <= frame.width and box[1] >= 0 and box[3] <= frame.height
        if len(texts) == MOST_NAMES or not inside or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        size = 15 if rank < 2 else 13  # cities and towns
        texts.append(
            f'<text x="{x:.0f}" y="{y + 4:.0f}" text-anchor="middle" font-size="{size}" fill="#111" stroke="#fff" '
            f'stroke-width="3.5" stroke-linejoin="round" paint-order="stroke">{escape(name)}</text>'
        )
    return "".join(texts)


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share ground."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def nearest_names(spots: gpd.GeoSeries, shapes: gpd.GeoDataFrame | None) -> pd.Series:
    """Name of the nearest place of every spot, in one CRS, index that of `spots`; empty text where no place is known."""
    names = pd.Series("", index=spots.index)
    if shapes is None or not (shapes["kind"] == "place").any():
        return names
    # names of cities would hide those of their parts: they stand in only where there is nothing else
    places = shapes[shapes["kind"] == "place"]
    finer = places[places["rank"] > 1]
    places = finer if len(finer) else places
    near = cKDTree(np.column_stack([places.geometry.x, places.geometry.y])).query(np.column_stack([spots.x, spots.y]))[
        1
    ]
    return pd.Series(places["name"].to_numpy(object)[near], index=spots.index)
