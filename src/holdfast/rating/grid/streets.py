"""Streets as a graph."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from holdfast.types import Floats

VERTEX_GRID = 0.05  # m; vertices that round to one point of this grid are one crossing


def street_segments(roads: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut roads, lines in a projected CRS, at every vertex: one row per stretch, sorted by position, in m.

    Roads meet where they share a vertex; a bridge that crosses without one does not meet the road below.

    Examples
    --------
    >>> roads = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (3, 4), (3, 9)])], crs=32615)
    >>> street_segments(roads)[["from_node", "to_node", "length_m"]].to_numpy().tolist()
    [[0.0, 1.0, 5.0], [1.0, 2.0, 5.0]]
    """
    lines = shapely.get_parts(roads.geometry.to_numpy())
    xy, line = shapely.get_coordinates(lines, return_index=True)
    # ways of one map share vertices to the last digit, but a projection may move them apart
    places, node = np.unique(np.round(xy / VERTEX_GRID).astype(np.int64), axis=0, return_inverse=True)
    node = node.ravel()  # numpy 2.0 alone gave it a second axis
    place = np.zeros((len(places), 2))
    # backwards, so that the first vertex of each node gives its place
    place[node[::-1]] = xy[::-1]
    joined = np.flatnonzero(line[1:] == line[:-1])
    pairs = np.sort(np.column_stack([node[joined], node[joined + 1]]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)  # drawn twice or both ways, a stretch is one
    start, end = place[pairs[:, 0]], place[pairs[:, 1]]
    return pd.DataFrame(
        {
            "from_node": pairs[:, 0],
            "to_node": pairs[:, 1],
            "from_x": start[:, 0],
            "from_y": start[:, 1],
            "to_x": end[:, 0],
            "to_y": end[:, 1],
            "length_m": np.hypot(*(end - start).T),
        }
    )


def node_places(segments: pd.DataFrame) -> Floats:
    """Position of every node of the segments from `street_segments`, shape (node, 2), m."""
    places = np.zeros((1 + int(segments[["from_node", "to_node"]].to_numpy().max()), 2))
    for end in ("from", "to"):
        places[segments[f"{end}_node"]] = segments[[f"{end}_x", f"{end}_y"]]
    return places
