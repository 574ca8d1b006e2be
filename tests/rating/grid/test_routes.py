"""Routes that share no street. Origin of the counts: maximum flows of networkx on the whole graph, chains and all."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from shapely.geometry import LineString

from holdfast.rating.grid.region import squares
from holdfast.rating.grid.routes import BLOCK, disjoint_routes
from holdfast.rating.grid.streets import node_places, street_segments


def roads(*lines):
    return gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=32615)


def cells(columns=3, rows=3, size=1000.0):
    row, column = (a.ravel() for a in np.mgrid[0:rows, 0:columns])
    return squares(column, row, size, "EPSG:32615")


def test_one_road_is_one_route_and_two_are_two():
    line = [(100, 500), (2900, 500)]
    assert disjoint_routes(cells(3, 1), street_segments(roads([(100, 500), (1500, 500), (2900, 500)]))).tolist() == [
        1,
        1,
        1,
    ]
    loop = [(500, 400), (1500, 400), (1500, 600), (500, 600), (500, 400)]
    assert disjoint_routes(cells(2, 1), street_segments(roads(loop))).tolist() == [2, 2]
    assert disjoint_routes(cells(3, 1), street_segments(roads(line)))[1] == 0  # no vertex in the middle cell


def test_no_street_no_route():
    segments = street_segments(roads([(100, 100), (900, 900)]))
    assert disjoint_routes(cells(2, 1), segments).tolist() == [0, 0]


@pytest.fixture(scope="module")
def mesh():
    """A city of streets with gaps, dead ends, bends and parallel roads; synthetic, seeded."""
    rng = np.random.default_rng(5)
    lines = []
    for x in range(100, 5000, 370):
        for y in range(100, 5000, 430):
            for end in ((x + 370, y), (x, y + 430)):
                if rng.random() < 0.55:
                    bend = ((x + end[0]) / 2 + rng.uniform(-40, 40), (y + end[1]) / 2 + rng.uniform(-40, 40))
                    lines.append([(x, y), bend, end])
                if rng.random() < 0.1:
                    lines.append([(x, y), (x + 60, y + 60), end])
    return street_segments(roads(*lines))


def test_flows_against_networkx(mesh):
    """For every cell at once: the same origins and targets, paths of networkx in the same block of cells."""
    from holdfast.rating.grid import routes

    ground = cells(5, 5)
    found = disjoint_routes(ground, mesh)
    places = node_places(mesh)
    spots = np.floor(places / 1000).astype(int)
    columns, rows = ground["column"].to_numpy(), ground["row"].to_numpy()
    in_cell = routes._cell_of(spots, columns, rows)
    centres = (np.column_stack([columns, rows]) + 0.5) * 1000
    kept, _ = routes._junctions(mesh, in_cell, centres, places)
    origins = routes._origins(in_cell[kept], places[kept], centres)
    for cell in range(len(ground)):
        flows = []
        for origin in kept[origins[cell][origins[cell] >= 0]]:
            near = np.abs(spots - spots[origin]).max(axis=1) <= BLOCK
            near[np.setdiff1d(np.arange(len(spots)), kept)] = True  # bends between two junctions may swing out
            graph = nx.Graph()
            for a, b in mesh[["from_node", "to_node"]].to_numpy():
                if near[a] and near[b]:
                    graph.add_edge(int(a), int(b), capacity=1)
            graph.add_node(int(origin))
            for other in range(len(ground)):
                away = max(abs(columns[other] - columns[cell]), abs(rows[other] - rows[cell]))
                ends = kept[in_cell[kept] == other]
                if away != 1 or not len(ends):
                    continue
                sinks = graph.copy()
                sinks.add_edges_from((int(end), "sink") for end in ends)  # no capacity: as much as comes
                flows.append(nx.maximum_flow_value(sinks, int(origin), "sink"))
        assert found[cell] == pytest.approx(np.mean(flows) if flows else 0.0), ground.index[cell]


def test_direction_of_drawing_and_splitting_a_road_change_nothing(mesh):
    forward = roads(*[[(r.from_x, r.from_y), (r.to_x, r.to_y)] for r in mesh.itertuples()])
    backward = roads(*[[(r.to_x, r.to_y), (r.from_x, r.from_y)] for r in mesh.itertuples()])
    ground = cells(5, 5)
    expected = disjoint_routes(ground, mesh)
    assert np.array_equal(disjoint_routes(ground, street_segments(forward)), expected)
    assert np.array_equal(disjoint_routes(ground, street_segments(backward)), expected)


def test_a_street_more_never_leaves_fewer_routes_from_the_same_junctions():
    ladder = [
        [(500, 300), (1500, 300)],
        [(500, 700), (1500, 700)],
        [(500, 300), (500, 700)],
        [(1500, 300), (1500, 700)],
    ]
    before = disjoint_routes(cells(2, 1), street_segments(roads(*ladder)))
    after = disjoint_routes(cells(2, 1), street_segments(roads(*ladder, [(500, 300), (1500, 700)])))
    assert (after >= before).all()
    assert after.sum() > before.sum()
