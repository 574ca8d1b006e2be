"""Homes where they stand, against a count one by one."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from holdfast.rating.grid.dasymetric import homes_by_cell, shared_by_homes
from holdfast.rating.grid.pieces import pieces


@pytest.fixture
def ground():
    """Four areas over nine cells that they do not follow, and synthetic buildings in three of them."""
    generator = np.random.default_rng(4)
    cells = gpd.GeoDataFrame(
        geometry=[box(x, y, x + 10, y + 10) for x in (0, 10, 20) for y in (0, 10, 20)],
        index=[f"c{k}" for k in range(9)],
        crs=32615,
    )
    corners = [box(0, 0, 14, 17), box(14, 0, 30, 17), box(0, 17, 14, 30), box(14, 17, 30, 30)]
    areas = gpd.GeoDataFrame({"nr": range(4), "housing_units": [100.0, 40.0, 60.0, 20.0]}, geometry=corners, crs=32615)
    x, y = generator.uniform(0, 30, (2, 200))
    homes = gpd.GeoDataFrame(
        {"housing_units": np.where(generator.random(200) < 0.2, np.nan, generator.integers(0, 9, 200))},
        geometry=gpd.points_from_xy(x, y),
        crs=32615,
    )
    return cells, areas, homes[~homes.within(corners[3])]


def test_shares_are_those_of_the_buildings(ground):
    cells, areas, homes = ground
    before = pieces(cells, areas)
    placed, count = shared_by_homes(before, areas, cells, homes, "nr")
    assert count == 3
    units = homes["housing_units"].fillna(1.0)
    for row in placed.itertuples():
        inside = homes.within(areas.geometry[row.nr])
        if row.nr == 3:  # nothing is mapped there: its ground decides
            square = cells.geometry[row.cell_id].intersection(areas.geometry[3])
            assert row.share == pytest.approx(square.area / areas.geometry[3].area)
        else:
            here = inside & homes.within(cells.geometry[row.cell_id])
            assert row.share == pytest.approx(units[here].sum() / units[inside].sum())
    # every home of every area is somewhere, and no ground was moved
    held = (placed["share"] * placed["housing_units"]).groupby(placed["nr"]).sum()
    assert held.tolist() == pytest.approx(areas["housing_units"].tolist())
    assert placed["piece_m2"].equals(before["piece_m2"])


def test_homes_of_cells(ground):
    cells, _, homes = ground
    found = homes_by_cell(cells, homes)
    units = homes["housing_units"].fillna(1.0)
    assert found.tolist() == [units[homes.within(square)].sum() for square in cells.geometry]
    assert homes_by_cell(cells, homes.drop(columns="housing_units")).sum() == len(homes)
