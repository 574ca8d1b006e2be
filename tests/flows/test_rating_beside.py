"""A rating beside losses, on cells whose sums are worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

import holdfast
from holdfast.errors import DataMissing
from holdfast.flows.measure_runs import days_unrepaired
from holdfast.flows.rating_beside import beside_rating, by_cell, opened_rating

CRS = "EPSG:32610"


def buildings(places, **columns):
    table = gpd.GeoDataFrame({"residents": 1.0}, index=range(len(places)), geometry=places, crs=CRS)
    return table.assign(**columns)


def test_cells_sum_their_buildings_up():
    """Cell a: lost 3 of a value of 20; days (10 x 100 + 40 x 300) / 400 = 32.5. Cell b has no level, cell c no building."""
    cells = gpd.GeoDataFrame(
        {"level": [2.0, np.nan, 4.0]},
        index=["a", "b", "c"],
        geometry=[box(i, 0, i + 1, 1) for i in range(3)],
        crs=CRS,
    ).rename_axis("cell_id")
    table = buildings(
        [Point(0.2, 0.5), Point(0.8, 0.5), Point(1.5, 0.5)],
        money=[1.0, 2.0, 9.0],
        replacement_cost=[10.0, 10.0, 10.0],
        floor_area_m2=[100.0, 300.0, 50.0],
        days_unrepaired=[10.0, 40.0, 7.0],
        intensity=[0.2, 0.4, 0.9],
    )
    found = by_cell(table, cells)
    assert found.index.tolist() == ["a"]
    assert found.loc["a"].tolist() == pytest.approx([2.0, 0.15, 32.5, 0.35])


def test_a_rating_of_the_same_place_is_set_beside(study, tmp_path):
    """Losses laid out so that they fall with the level, exactly: rank correlation -1 with days, none with what is even."""
    out = tmp_path / "rating"
    cells = holdfast.rate(study, out=out)
    rated = cells[cells["level"].notna()]
    table = buildings(
        list(rated.geometry.centroid),
        money=1.0,
        replacement_cost=10.0,
        floor_area_m2=100.0,
        days_unrepaired=100.0 - 10 * rated["level"].to_numpy(float),
        intensity=0.3,
    ).set_crs(rated.crs, allow_override=True)
    found = beside_rating(opened_rating("rating", tmp_path), table)
    rows = {r["outcome"].split()[0]: r for r in found["outcomes"]}
    assert found["cells"] == len(rated)
    assert rows["mean"]["controlled"] == pytest.approx(-1.0)
    assert rows["money"]["controlled"] is None


def test_no_rating_is_refused(tmp_path):
    assert beside_rating(opened_rating(None, tmp_path), None) is None
    with pytest.raises(DataMissing):
        opened_rating("nothing", tmp_path)


def test_days_unrepaired_by_hand():
    """Unrepaired on day 0 and 30 in all draws, on day 90 in half, then in none: 30 x 1 + 60 x 0.75 + 90 x 0.25 = 97.5 days.

    One that no draw repairs stays unrepaired for the two years.
    """
    by = {30: [0.0, 0.0], 90: [0.5, 0.0], 180: [1.0, 0.0], 365: [1.0, 0.0], 730: [1.0, 0.0]}
    table = pd.DataFrame({"p_none": [0.0, 0.0]} | {f"repaired_by_{day}_days": share for day, share in by.items()})
    assert days_unrepaired(table).tolist() == [97.5, 730.0]
