"""What is within reach, straight and over the streets."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from holdfast.errors import TableError
from holdfast.rating.grid.accessibility import sum_within, within_reach
from holdfast.rating.grid.region import squares
from holdfast.rating.grid.streets import node_places, street_segments


@pytest.fixture(scope="module")
def ground():
    """Synthetic cells, streets and places."""
    rng = np.random.default_rng(2)
    rows, columns = (a.ravel() for a in np.mgrid[0:12, 0:9])
    cells = squares(columns, rows, 500.0, "EPSG:32615")
    lines = [LineString([(x, 0), (x, 3010), (x, 6000)]) for x in range(211, 4500, 700)]
    lines += [
        LineString([(x, y), (x + 700, y)]) for x in range(211, 3800, 700) for y in (0, 3010) if rng.random() < 0.8
    ]
    roads = gpd.GeoDataFrame(geometry=lines, crs=32615)
    places = gpd.GeoDataFrame(
        {"beds": rng.integers(10, 300, 150).astype(float)},
        geometry=gpd.points_from_xy(rng.uniform(0, 4500, 150), rng.uniform(0, 6000, 150)),
        crs=32615,
    )
    return cells, street_segments(roads), places


def test_straight_against_brute_force(ground):
    cells, _, places = ground
    middle = cells.geometry.centroid
    expected = [(places.distance(m) <= 1300).sum() for m in middle]
    assert within_reach(cells, places, 1300).tolist() == expected
    beds = [places.loc[places.distance(m) <= 1300, "beds"].sum() for m in middle]
    assert np.allclose(within_reach(cells, places, 1300, weight="beds"), beds)


def test_streets_against_networkx(ground):
    """Origin: shortest paths of networkx, more places than are held at a time."""
    cells, segments, places = ground
    xy = node_places(segments)
    graph = nx.Graph()
    graph.add_weighted_edges_from(segments[["from_node", "to_node", "length_m"]].itertuples(index=False))
    legs = {}
    for key, points in (("cell", cells.geometry.centroid), ("place", places.geometry)):
        off = np.hypot(
            np.subtract.outer(points.x.to_numpy(), xy[:, 0]), np.subtract.outer(points.y.to_numpy(), xy[:, 1])
        )
        legs[key] = off.argmin(axis=1), off.min(axis=1)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    expected = [
        sum(lengths[c].get(p, np.inf) + walk + drive <= 2500 for p, drive in zip(*legs["place"], strict=True))
        for c, walk in zip(*legs["cell"], strict=True)
    ]
    found = within_reach(cells, places, 2500, streets=segments)
    assert found.tolist() == expected
    assert 0 < found.mean() < len(places)


def test_streets_are_never_shorter_than_the_straight_way(ground):
    cells, segments, places = ground
    for reach in (500, 1500, 4000):
        by_street, by_air = (within_reach(cells, places, reach, streets=way) for way in (segments, None))
        assert (by_street <= by_air).all()


@pytest.mark.parametrize("along", [True, False])
def test_more_reach_never_counts_less(along, ground):
    cells, segments, places = ground
    way = segments if along else None
    counts = [within_reach(cells, places, reach, streets=way) for reach in (0, 700, 1400, 1e5)]
    assert all((a <= b).all() for a, b in pairwise(counts))


def test_nothing_to_reach_and_no_street_to_go():
    cells = squares(np.arange(2), np.zeros(2, int), 500.0, "EPSG:32615")
    nowhere = gpd.GeoDataFrame(geometry=gpd.points_from_xy([], []), crs=32615)
    here = gpd.GeoDataFrame(geometry=gpd.points_from_xy([10], [10]), crs=32615)
    no_streets = street_segments(gpd.GeoDataFrame(geometry=[], crs=32615))
    assert within_reach(cells, nowhere, 1000).tolist() == [0, 0]
    assert within_reach(cells, here, 1000, streets=no_streets).tolist() == [0, 0]


def test_tables_that_do_not_fit_are_refused(ground):
    cells, _, places = ground
    for bad_cells, bad_places, words in (
        (cells.set_crs(None, allow_override=True), places, "cells, 1 error.*no CRS"),
        (cells.to_crs(4326), places.to_crs(4326), "not in metres"),
        (cells, places.to_crs(32616), "points, 1 error.*the cells in"),
        (cells, places.set_geometry(places.buffer(5)), "other shapes than points"),
        (cells, pd.DataFrame(places.drop(columns="geometry")), "has no geometry"),
        (cells, places.set_geometry([None, *places.geometry[1:]]), "missing or empty in 0"),
    ):
        with pytest.raises(TableError, match=f"(?s){words}"):
            within_reach(bad_cells, bad_places, 1000)


def test_sums_around_cells_against_brute_force(ground):
    cells, _, _ = ground
    cells = cells.sample(frac=0.7, random_state=1)  # a region with holes, in any order
    values = pd.Series(np.random.default_rng(3).uniform(0, 9, len(cells)), index=cells.index)
    middle = cells.geometry.centroid
    expected = [values[middle.distance(m) <= 1200].sum() for m in middle]
    assert np.allclose(sum_within(cells, values, 1200), expected)
