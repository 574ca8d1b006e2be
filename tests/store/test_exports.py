"""What tables become in files."""

import json

import geopandas as gpd
import pandas as pd
from geopandas.testing import assert_geodataframe_equal
from pyarrow import parquet

from holdfast.store import write_csv, write_parquet


def test_texts_are_no_formulas_and_numbers_stay_numbers(tmp_path):
    """Also where numbers and text share a column, as where null stands for what is not known."""
    table = pd.DataFrame(
        {
            "name": pd.array(["=1+1", "-x", "plain"], dtype="string"),
            "mixed": pd.Series([-1.5, "-1.5", None], dtype=object),
            "number": [-2.0, 0.5, None],
        }
    )
    write_csv(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "name,mixed,number",
        "'=1+1,-1.5,-2.0",
        "'-x,'-1.5,0.5",
        "plain,,",
    ]


def test_a_parquet_file_says_its_units_to_every_reader(tmp_path):
    """Read by pyarrow, field by field and as the plain metadata that any reader of Parquet shows."""
    table = gpd.GeoDataFrame(
        {"loss": [1.5, None], "name": ["a", "b"]},
        geometry=gpd.points_from_xy([0, 1], [0, 1]),
        index=pd.Index([3, 4], name="id"),
        crs="+proj=laea +lat_0=60.2 +lon_0=-24.9 +datum=WGS84 +units=m",
    )
    table.attrs["summary"] = {"much": [1] * 1000}
    write_parquet(tmp_path / "a.parquet", table, {"id": "", "loss": "EUR_2020", "name": ""}, "Cite us. Run 1.")
    stored = parquet.read_schema(tmp_path / "a.parquet")
    assert stored.field("loss").metadata == {b"unit": b"EUR_2020"}
    assert not stored.field("name").metadata
    plain = parquet.read_metadata(tmp_path / "a.parquet").metadata
    assert json.loads(plain[b"units"]) == {"loss": "EUR_2020"}
    assert plain[b"about"] == b"Cite us. Run 1."
    assert b"much" not in b"".join(plain.values())
    back = gpd.read_parquet(tmp_path / "a.parquet")
    assert_geodataframe_equal(back, table, check_crs=False)
    assert back.crs.name == "Lambert Azimuthal Equal Area, 60.2 N 24.9 W (WGS 84)"
    assert back.crs.equals(table.crs, ignore_axis_order=True)


def test_writing_a_table_changes_nothing_of_it(tmp_path):
    """Whether its CRS has a name or gets one."""
    for crs in ("EPSG:5070", "+proj=laea +lat_0=60.2 +lon_0=24.9 +datum=WGS84 +units=m"):
        table = gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([0], [0]), crs=crs)
        table.attrs["summary"] = {"kept": True}
        before = table.copy()
        write_parquet(tmp_path / "a.parquet", table, {}, "")
        assert table.attrs == {"summary": {"kept": True}}
        assert_geodataframe_equal(table, before)
