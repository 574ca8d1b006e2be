"""The ten cases of docs/first-hour.md: the table is that of the script, and no case is called good."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
from first_hour_cases import CASES, table_text, without_tags
from shapely.geometry import box

ROOT = Path(__file__).parents[2]
WRITTEN = ROOT / "benchmarks" / "results" / "first_hour_cases.csv"


def test_the_table_in_the_docs_is_that_of_the_script():
    table = pd.read_csv(WRITTEN)
    assert table_text(table) in (ROOT / "docs" / "first-hour.md").read_text()
    assert table["case"].tolist() == [case[0] for case in CASES]


def test_no_city_that_nobody_prepared_is_called_good():
    table = pd.read_csv(WRITTEN).set_index("case")
    assert set(table["grade"]) == {"doubtful", "bare map"}
    assert table.loc["Helsinki, tags taken away", "grade"] == "bare map"


def test_no_tag_is_left_of_a_bare_map():
    """Nothing but the outlines and that they are buildings."""
    tagged = gpd.GeoDataFrame(
        {"id": [1], "osm_type": ["way"], "building": ["school"], "building:levels": ["4"], "tags": ['{"a": "b"}']},
        geometry=[box(0, 0, 1, 1)],
        crs=4326,
    )
    bare = without_tags({"buildings": tagged, "pois": tagged, "landuse": tagged, "nodes": 1})
    assert set(bare["buildings"].columns) == {"id", "osm_type", "geometry", "building"}
    assert bare["buildings"]["building"].tolist() == ["yes"]
    assert bare["pois"] is bare["landuse"] is None
    assert bare["nodes"] == 1
