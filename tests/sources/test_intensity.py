"""The user's own shaking: site tables with stated units, rasters sampled at the sites."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.sources.readers import load

COLUMNS = {"site_id": "site", "realisation": "realization", "SA0.3": "SA_0.3", "PGD": "PGD_h"}
TABLE = "site,lon,lat,realization,PGA,SA_0.3,PGV,PGD_h\ns0,-122.3,37.8,0,0.5,1.1,35.5,1.1\ns0,-122.3,37.8,1,0.6,1.2,40.5,0\n"
UNITS = {"PGA": "g", "SA0.3": "g", "PGV": "cm/s", "PGD": "in"}


def table(tmp_path, text=TABLE, **changes):
    (tmp_path / "im.csv").write_text(text)
    given = {"columns": COLUMNS, "units": UNITS, "longitude": "lon", "latitude": "lat", **changes}
    return load("shaking", TableOptions(source="site_intensities", path="im.csv", **given), tmp_path, None)


def test_site_table_with_units(tmp_path):
    loaded = table(tmp_path)
    assert loaded.table["PGD"].tolist() == [1.1 * 2.54, 0]
    assert loaded.table["PGA"].tolist() == [0.5, 0.6]
    assert loaded.table["realisation"].tolist() == [0, 1]
    assert "PGD in" in loaded.files[0].notes[-1]


def test_real_table_needs_the_unit_of_its_ground_deformation(data):
    columns = {"site_id": "site", "realisation": "realization", "SA0.3": "SA_0.3", "SA1.0": "SA_1.0", "PGD": "PGD_h"}
    units = {"PGA": "g", "SA0.3": "g", "SA1.0": "g", "PGV": "cm/s"}
    given = {"columns": columns, "longitude": "lon", "latitude": "lat"}
    path = "alameda_im_mw705_hayward.csv.gz"
    with pytest.raises(TableError, match="the unit of PGD is not stated"):
        load("x", TableOptions(source="site_intensities", path=path, units=units, **given), data / "city", None)
    stated = TableOptions(source="site_intensities", path=path, units=units | {"PGD": "in"}, **given)
    found = load("x", stated, data / "city", None).table
    assert len(found) == 9900
    assert found["PGA"].median() == pytest.approx(0.37, abs=0.01)


BAD = {
    "no unit": ({"units": {}}, TABLE, "the unit of PGA is not stated"),
    "unit of another quantity": ({"units": UNITS | {"PGV": "g"}}, TABLE, '"g" is no unit of PGV; known: cm/s'),
    "unit that does not fit": (
        {"units": UNITS | {"PGA": "g"}},
        TABLE.replace(",0.5,", ",50,"),
        "50.0 is above 10 g; is the unit wrong",
    ),
    "no measure": ({"columns": {}, "units": {}}, "lon,lat,shake\n1,2,3\n", "no column is an intensity measure"),
    "text": ({}, TABLE.replace("0.6", "strong"), '"strong" is not a number'),
    "infinite": ({}, TABLE.replace("0.6", "inf"), "is infinite"),
    "gap": ({}, TABLE.replace("0.6", ""), "column PGA: empty"),
    "negative": ({}, TABLE.replace("0.6", "-1"), "is below 0 g"),
    "swapped": ({"longitude": "lat", "latitude": "lon"}, TABLE, "longitude and latitude swapped"),
    "no coordinates": ({"longitude": "x"}, TABLE, "column longitude: missing"),
    "no rows": ({}, TABLE.splitlines()[0] + "\n", "the table has no rows"),
    "fraction of a realisation": ({}, TABLE.replace(",1,0.6", ",1.5,0.6"), '"1.5" is not a whole number'),
}


@pytest.mark.parametrize(("changes", "text", "words"), BAD.values(), ids=BAD)
def test_bad_site_tables(tmp_path, changes, text, words):
    with pytest.raises(TableError, match=words):
        table(tmp_path, text, **changes)


@pytest.fixture
def sites() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy([500_150.0, 500_250.0], [4_000_150.0, 4_000_050.0]), crs=32610)


def raster(tmp_path, sheet, crs="EPSG:32610", name="pga.tif", nodata=-1.0):
    sheet = np.asarray(sheet, dtype=np.float32)
    with rasterio.open(
        tmp_path / name,
        "w",
        driver="GTiff",
        height=sheet.shape[0],
        width=sheet.shape[1],
        count=1,
        dtype="float32",
        crs=crs,
        transform=Affine(100, 0, 500_000, 0, -100, 4_000_200),
        nodata=nodata,
    ) as dataset:
        dataset.write(sheet, 1)


def sampled(tmp_path, sites, source="intensity_raster", **changes):
    given = {"columns": {"PGA": "1"}, "units": {"PGA": "%g"}, **changes}
    return load("shaking", TableOptions(source=source, path="pga.tif", **given), tmp_path, sites)


def test_raster_gives_the_pixel_that_holds_the_site(tmp_path, sites):
    raster(tmp_path, [[10, 20, 30], [40, 50, 60]])
    found = sampled(tmp_path, sites).table
    np.testing.assert_allclose(found["PGA"], [0.2, 0.6])
    np.testing.assert_allclose(found["longitude"], -123, atol=0.01)


def test_raster_of_vs30(tmp_path, sites):
    raster(tmp_path, [[300, 310, 320], [330, 340, 350]])
    assert sampled(tmp_path, sites, "vs30_raster", columns={}, units={}).table["vs30"].tolist() == [310, 350]
    raster(tmp_path, [[0.3, 0.31, 0.32], [0.33, 0.34, 0.35]])
    with pytest.raises(TableError, match="below 100 m/s"):
        sampled(tmp_path, sites, "vs30_raster", columns={}, units={})


def test_bad_rasters(tmp_path, sites):
    raster(tmp_path, [[10, 20, 30]], crs=None)
    with pytest.raises(TableError, match="states no CRS"):
        sampled(tmp_path, sites)
    raster(tmp_path, [[10, 20, 30]])
    with pytest.raises(TableError, match=r"1 of 2 sites \(50%\) lie outside the raster"):
        sampled(tmp_path, sites)
    raster(tmp_path, [[10, -1, 30], [40, 50, 60]])
    with pytest.raises(TableError, match=r"1 of 2 sites \(50%\) have no value"):
        sampled(tmp_path, sites)
    with pytest.raises(TableError, match='"2" is no band; the file has 1'):
        sampled(tmp_path, sites, columns={"PGA": "2"})
    with pytest.raises(TableError, match="the unit of PGA is not stated"):
        sampled(tmp_path, sites, units={})
    with pytest.raises(TableError, match="which measure does the raster hold"):
        sampled(tmp_path, sites, columns={})
    with pytest.raises(DataMissing, match="needs the sites of a city"):
        sampled(tmp_path, None)
    (tmp_path / "pga.tif").write_text("<VRTDataset><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>")
    with pytest.raises(TableError, match="a virtual file"):
        sampled(tmp_path, sites)
    (tmp_path / "pga.tif").write_bytes(b"II*\x00" + b"\x00" * 20)
    with pytest.raises(TableError, match="cannot be read as a GeoTIFF"):
        sampled(tmp_path, sites)


def test_order_of_sites_is_kept(tmp_path, sites):
    raster(tmp_path, [[10, 20, 30], [40, 50, 60]])
    turned = sites.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_series_equal(
        sampled(tmp_path, turned).table["PGA"], sampled(tmp_path, sites).table["PGA"][::-1].reset_index(drop=True)
    )
