"""From cells to areas: against tobler, against sums by hand, and by what must hold."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from holdfast.rating.analysis.aggregate import aggregate, spread, whole_metro
from holdfast.rating.grid.region import squares

SHARES = [f"share_level_{k}" for k in range(1, 6)]


@pytest.fixture
def cells():
    """10 x 10 synthetic cells of 1 km with levels, homes and a few without a level."""
    generator = np.random.default_rng(0)
    row, column = (a.ravel() for a in np.mgrid[0:10, 0:10])
    made = squares(column, row, 1000.0, "EPSG:5070")
    made["region_m2"] = 1e6
    made["level"] = pd.array(generator.integers(1, 6, 100), dtype="Int64")
    made["agreement"] = generator.uniform(0.4, 1, 100)
    made["housing_units"] = generator.integers(0, 500, 100).astype(float)
    made.loc[made.index[::17], ["level", "agreement"]] = pd.NA
    return made


def halves(at: float) -> gpd.GeoDataFrame:
    """Two areas that share out the metro, cut at an easting."""
    shapes = [box(0, 0, at, 10_000), box(at, 0, 10_000, 10_000)]
    return gpd.GeoDataFrame({"area_id": ["west", "east"]}, geometry=shapes, crs="EPSG:5070")


def test_homes_against_tobler(cells):
    """Origin: tobler's area_interpolate of the homes in rated cells, and of homes times level."""
    from tobler.area_weighted import area_interpolate

    areas = halves(3_333.0)
    rated = cells[cells["level"].notna()].copy()
    rated["product"] = rated["housing_units"] * rated["level"].astype(float)
    theirs = area_interpolate(rated, areas, extensive_variables=["housing_units", "product"])
    ours = aggregate(cells, areas, cells["housing_units"])
    assert np.allclose(ours["weight"], theirs["housing_units"])
    assert np.allclose(ours["mean_level"], theirs["product"] / theirs["housing_units"])


@settings(max_examples=25, deadline=None)
@given(st.floats(1.0, 9_999.0))
def test_no_home_is_lost_or_counted_twice(at):
    row, column = (a.ravel() for a in np.mgrid[0:10, 0:10])
    cells = squares(column, row, 1000.0, "EPSG:5070").assign(region_m2=1e6, agreement=1.0)
    cells["level"] = np.random.default_rng(1).integers(1, 6, 100)
    homes = pd.Series(np.random.default_rng(2).uniform(0, 90, 100), index=cells.index)
    found = aggregate(cells, halves(at), homes)
    assert found["weight"].sum() == pytest.approx(homes.sum())
    assert np.allclose(found[SHARES].sum(axis=1), 1)
    metro = whole_metro(cells, homes)
    assert np.average(found["mean_level"], weights=found["weight"]) == pytest.approx(metro.mean_level)


def test_areas_equal_to_cells_give_the_levels_back(cells):
    areas = cells[["geometry"]].reset_index(names="area_id")
    found = aggregate(cells, areas, pd.Series(1.0, index=cells.index)).set_index("area_id")
    rated = cells["level"].notna()
    assert np.allclose(found.loc[rated, "mean_level"], cells.loc[rated, "level"].astype(float))
    assert found.loc[rated, "worst_level"].astype(int).tolist() == cells.loc[rated, "level"].astype(int).tolist()
    assert np.allclose(found.loc[rated, "agreement"], cells.loc[rated, "agreement"].astype(float))
    assert found.loc[~rated, "mean_level"].isna().all()
    assert (found.loc[~rated, "rated_share"] == 0).all()


def test_order_and_projection_of_the_areas_do_not_matter(cells):
    areas = halves(4_200.0)
    first = aggregate(cells, areas, cells["housing_units"]).set_index("area_id")
    second = aggregate(cells.sample(frac=1, random_state=1), areas.iloc[::-1].to_crs(4326), cells["housing_units"])
    second = second.set_index("area_id").loc[first.index]
    assert np.allclose(first["mean_level"], second["mean_level"], rtol=1e-3)
    assert second.crs == cells.crs


def test_water_in_an_area_takes_no_homes():
    """A cell half at sea: its homes lie in its part of the region, whatever area covers the water."""
    cells = squares(np.array([0]), np.array([0]), 1000.0, "EPSG:5070").assign(region_m2=5e5, level=2, agreement=1.0)
    land = gpd.GeoDataFrame({"area_id": ["land"]}, geometry=[box(0, 0, 500, 1000)], crs="EPSG:5070")
    assert aggregate(cells, land, pd.Series([80.0], index=cells.index))["weight"].tolist() == [80.0]
    wide = gpd.GeoDataFrame(
        {"area_id": ["land", "sea"]}, geometry=[box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], crs=5070
    )
    assert spread(cells, wide, pd.Series([80.0], index=cells.index))["weight"].sum() == pytest.approx(80)


def test_a_sliver_does_not_name_the_worst_level():
    cells = squares(np.array([0, 1]), np.array([0, 0]), 1000.0, "EPSG:5070")
    cells = cells.assign(region_m2=1e6, level=[1, 4], agreement=1.0)
    homes = pd.Series([100.0, 100.0], index=cells.index)
    mostly_east = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[box(995, 0, 2000, 1000)], crs="EPSG:5070")
    assert aggregate(cells, mostly_east, homes)["worst_level"].item() == 4
    more = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[box(900, 0, 2000, 1000)], crs="EPSG:5070")
    assert aggregate(cells, more, homes)["worst_level"].item() == 1
    nowhere = gpd.GeoDataFrame({"area_id": ["a"]}, geometry=[box(9e5, 0, 9.1e5, 1000)], crs="EPSG:5070")
    assert aggregate(cells, nowhere, homes)[["mean_level", "worst_level", "rated_share"]].isna().all(axis=None)
