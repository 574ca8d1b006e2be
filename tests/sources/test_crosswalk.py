"""From old areas to new ones: hand-made areas whose sums and means were worked out by hand."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.sources.readers import load


@pytest.fixture
def folder(tmp_path):
    """Old areas p, q, r; new ones n1 = all of p and half of q, n2 = the other half of q and all of r."""
    squares = [box(x * 1000, 5e6, x * 1000 + 1000, 5e6 + 1000) for x in range(2)]
    gpd.GeoDataFrame({"id": ["n1", "n2"]}, geometry=squares, crs="EPSG:32615").to_file(
        tmp_path / "new.gpkg", driver="GPKG"
    )
    old = {"id": ["p", "q", "r"], "homes": [100, 200, 50], "built": [1950, 1980, 2000], "poor": [0.1, 0.2, 0.4]}
    pd.DataFrame(old).to_csv(tmp_path / "old.csv", index=False)
    write(tmp_path, [("p", "n1", 1.0), ("q", "n1", 0.5), ("q", "n2", 0.5), ("r", "n2", 1.0)])
    return tmp_path


def write(folder, rows, names=("old_id", "new_id", "weight")):
    pd.DataFrame(rows, columns=list(names)).to_csv(folder / "cross.csv", index=False)


def read(folder, **crosswalk):
    options = TableOptions(
        source="polygons",
        path="new.gpkg",
        attributes="old.csv",
        key="id",
        columns={"housing_units": "homes", "median_year_built": "built", "poverty_share": "poor"},
        crosswalk={"path": "cross.csv", **crosswalk},
    )
    return load("areas", options, folder, None)


def test_sums_are_shared_out_and_means_weighted_by_homes(folder):
    """n1: 100 + 100 homes, built (100 x 1950 + 100 x 1980) / 200; n2: 100 + 50, built (100 x 1980 + 50 x 2000) / 150."""
    table = read(folder).table.set_index("area_id")
    assert table["housing_units"].to_dict() == {"n1": 200.0, "n2": 150.0}
    assert table["median_year_built"].to_dict() == pytest.approx({"n1": 1965.0, "n2": 298_000 / 150})
    assert table["poverty_share"].to_dict() == pytest.approx({"n1": 0.15, "n2": 40 / 150})
    assert table["housing_units"].sum() == 350, "no home is lost or made"


def test_what_went_where_is_told(folder):
    loaded = read(folder)
    record = next(f for f in loaded.files if f.file == "cross.csv")
    assert record.table == "areas crosswalk"
    assert record.rows == 4
    assert "3 old areas became 2 new ones" in " ".join(record.notes)
    assert "100.00% of the homes were carried over" in " ".join(record.notes)
    write(folder, [("p", "n1", 1.0), ("q", "n1", 0.5), ("r", "n2", 1.0)])
    told = " ".join(next(f for f in read(folder).files if f.file == "cross.csv").notes)
    assert "71.43% of the homes were carried over" in told, "250 of 350"


def test_without_weights_an_area_goes_whole(folder):
    """Other names of the columns; renamed counties need no weights."""
    write(folder, [("p", "n1"), ("q", "n1"), ("r", "n2")], ("county", "region"))
    table = read(folder, old_id="county", new_id="region").table.set_index("area_id")
    assert table["housing_units"].to_dict() == {"n1": 300.0, "n2": 50.0}


def test_bad_crosswalks(folder):
    write(folder, [("p", "n1", 1.0), ("q", "n1", 0.8), ("q", "n2", 0.5)])
    with pytest.raises(TableError, match=r"column weight: sends more than the whole of an area on \(q\)"):
        read(folder)
    write(folder, [("x", "n1", 1.0)])
    with pytest.raises(DataMissing, match=r'old\.csv: no key is in cross\.csv: "p", "q", "r" against "x"'):
        read(folder)
    write(folder, [("p", "m1", 1.0), ("q", "m1", 1.0), ("r", "m2", 1.0)])
    with pytest.raises(DataMissing, match=r"no key is in new\.gpkg"):
        read(folder)
    write(folder, [("p", "n1", -0.5)])
    with pytest.raises(TableError, match=r'row 2, column weight: "-0\.5" is below 0;'):
        read(folder)
    with pytest.raises(TableError, match="column tract: no such column; the file has: old_id, new_id, weight"):
        read(folder, old_id="tract")
    with pytest.raises(DataMissing, match=r"none\.csv: no such file \(tables\.areas\.crosswalk\.path\)"):
        read(folder, path="none.csv")
