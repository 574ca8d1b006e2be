"""Names of places in a rating: from a table, from outlines, from a map; in cells, report and map."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from shapely import Point, box

import holdfast
from holdfast.flows.named_places import ground_under, place_of_cells
from holdfast.pages.under_map import CREDIT
from holdfast.sources.osm_ground import BORDER, PLACE


@pytest.fixture
def named(study):
    """The synthetic metro with three synthetic names, the second written in another script and to be escaped."""
    outline = gpd.read_file(study.parent / "tracts.gpkg").to_crs("EPSG:4326")
    west, south, east, north = outline.total_bounds
    table = pd.DataFrame(
        {
            "name": ["Nord & Söhne", "Ἀθῆναι", "Sur"],
            "kind": ["suburb", "village", None],
            "longitude": [west, east, (west + east) / 2],
            "latitude": [north, north, south],
        }
    )
    table.to_csv(study.parent / "names.csv", index=False)
    with study.open("a") as file:
        file.write('\n[tables.places]\nsource = "points"\npath = "names.csv"\n')
        file.write('longitude = "longitude"\nlatitude = "latitude"\n')
    return study


def test_cells_and_report_name_the_nearest_place(named, tmp_path):
    cells = holdfast.rate(named, out=tmp_path / "out")
    table = pd.read_csv(named.parent / "names.csv")
    spots = gpd.GeoSeries(gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326).to_crs(cells.crs)
    centres = cells.geometry.centroid
    nearest = cKDTree(np.column_stack([spots.x, spots.y])).query(np.column_stack([centres.x, centres.y]))[1]
    assert cells["place"].tolist() == table["name"].to_numpy()[nearest].tolist()
    assert set(pd.read_csv(tmp_path / "out" / "levels.csv")["place"]) == set(table["name"])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Nord &amp; Söhne" in page
    assert "Nord & Söhne" not in page
    assert CREDIT in page  # under any map with ground
    # drawn again from the result alone
    again = holdfast.report(tmp_path / "out", out=tmp_path / "again.html").read_text()
    assert again == page


def test_outlines_name_what_lies_in_them_before_a_place_does():
    cells = gpd.GeoDataFrame(geometry=[box(x, 0, x + 2, 2) for x in (0, 2, 4)], index=["a", "b", "c"], crs=32615)
    ground = gpd.GeoDataFrame(
        {"kind": [BORDER, BORDER, BORDER, PLACE], "name": ["Inner", "Outer", "State", "Far"], "rank": [0, 0, 4, 3]},
        geometry=[box(0, 0, 2, 2), box(0, 0, 4, 2), box(-9, -9, 9, 9), Point(100, 1)],
        crs=32615,
    )
    # the smaller outline of the table wins; borders of a map, which have a level, name nothing
    assert place_of_cells(cells, ground).tolist() == ["Inner", "Outer", "Far"]
    assert place_of_cells(cells, None).isna().all()


def test_a_study_without_names_has_no_ground(study):
    options, folder = holdfast.config.load_study(study)
    assert ground_under(options, folder, {}, "EPSG:32615") is None
