"""Where a map lies on the page."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

WIDTH = 760.0  # pixels


@dataclass(frozen=True)
class Frame:
    """Where a map lies on the page: pixels per metre, size in pixels, and the place of points (point, 2) in m."""

    zoom: float
    width: float
    height: float
    place: Callable[[np.ndarray], np.ndarray]


def frame_of(shapes: gpd.GeoSeries) -> Frame:
    """Frame of a map around shapes in metres, of fixed width, at most a third taller than wide.

    ``place`` turns coordinates (m) into pixels, from the upper left.
    """
    left, bottom, right, top = shapes.total_bounds
    wide, tall = max(right - left, 1.0), max(top - bottom, 1.0)
    # a place higher than wide is drawn smaller and stands in the middle; one without extent counts as a metre wide
    zoom = WIDTH / max(wide, 0.75 * tall)
    corner = np.array([left - (WIDTH / zoom - wide) / 2, top])
    return Frame(zoom, WIDTH, max(tall * zoom, 60.0), lambda xy: (xy - corner) * np.array([zoom, -zoom]) + 0.0)
