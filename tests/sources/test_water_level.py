"""A level over a terrain, with and without connection; rasters of depth in feet, in tiles and with empty pixels.

Worked by hand: a row of ground at 0, 1, 3, 1, 4 m under a level of 2 m: 2, 1, -1, 1, -2 m; the fourth lies behind the third.
"""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio import Affine

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.sources.intensity import intensity_raster
from holdfast.sources.water_level import BEHIND, water_level

CRS = "EPSG:32635"
SITES = gpd.GeoDataFrame(geometry=gpd.points_from_xy(500_005 + 10 * np.arange(5), np.full(5, 6_999_995)), crs=CRS)
GROUND = np.array([[0.0, 1.0, 3.0, 1.0, 4.0]])
STATED = {"level_m": 2.0, "level_datum": "N2000", "datum": "N2000", "units": {"ground": "m"}}


def raster(folder, name, values, west=500_000.0, nodata=None):
    profile = {"driver": "GTiff", "height": 1, "width": values.shape[1], "count": 1, "dtype": "float32", "crs": CRS}
    with rasterio.open(
        folder / name, "w", **profile, nodata=nodata, transform=Affine(10, 0, west, 0, -10, 7e6)
    ) as file:
        file.write(values.astype("float32"), 1)


def level(folder, **changes):
    raster(folder, "dem.tif", GROUND)
    options = TableOptions(source="water_level", path="dem.tif", **(STATED | changes))
    return water_level("water", options, folder, SITES)


def test_bathtub_by_hand(tmp_path):
    found = level(tmp_path)
    assert found.table["depth"].tolist() == [2.0, 1.0, -1.0, 1.0, -2.0]
    assert any("bathtub" in note for note in found.files[0].notes)


def test_feet_of_terrain(tmp_path):
    found = level(tmp_path, units={"ground": "ft"}, level_m=0.3048)
    np.testing.assert_allclose(found.table["depth"], (1 - GROUND[0]) * 0.3048, atol=1e-6)


def test_ground_behind_a_bank_stays_dry(tmp_path):
    sea = SITES.to_crs("EPSG:4326").geometry.iloc[0]
    found = level(tmp_path, water_from=(sea.x, sea.y))
    assert found.table["depth"].tolist() == [2.0, 1.0, -1.0, BEHIND, -2.0]
    land = SITES.to_crs("EPSG:4326").geometry.iloc[4]
    with pytest.raises(TableError, match="above the level"):
        level(tmp_path, water_from=(land.x, land.y))
    with pytest.raises(TableError, match="outside the terrain"):
        level(tmp_path, water_from=(0.0, 0.0))


def test_datums_must_be_stated_and_agree(tmp_path):
    with pytest.raises(TableError, match="missing; state it"):
        level(tmp_path, datum=None)
    with pytest.raises(TableError, match="convert one of them"):
        level(tmp_path, datum="N60")
    with pytest.raises(TableError, match="no unit of depth"):
        level(tmp_path, units={"ground": "fathom"})
    raster(tmp_path, "dem.tif", GROUND)
    with pytest.raises(DataMissing):
        water_level("water", TableOptions(source="water_level", path="dem.tif", **STATED), tmp_path, None)
    with pytest.raises(TableError, match="5 of 5 sites"):
        water_level(
            "water",
            TableOptions(source="water_level", path="dem.tif", **STATED),
            tmp_path,
            SITES.translate(9e4).to_frame("geometry"),
        )


def test_depths_in_feet_tiles_and_empty_pixels(tmp_path):
    """By hand: 2 ft = 0.6096 m; a pixel without a value is dry if the study says so, and refused if not."""
    raster(tmp_path, "west.tif", np.array([[2.0, -9.0, 1.0]]), nodata=-9)
    raster(tmp_path, "east.tif", np.array([[3.0, 0.5]]), west=500_030.0)
    options = {"source": "intensity_raster", "path": "west.tif", "tiles": ["east.tif"], "columns": {"depth": "1"}}
    options |= {"units": {"depth": "ft"}}
    with pytest.raises(TableError, match="1 of 5 sites"):
        intensity_raster("water", TableOptions(**options), tmp_path, SITES)
    found = intensity_raster("water", TableOptions(**options, fill={"depth": 0}), tmp_path, SITES)
    np.testing.assert_allclose(found.table["depth"], np.array([2, 0, 1, 3, 0.5]) * 0.3048, atol=1e-6)
    assert len(found.files) == 2
    with pytest.raises(TableError, match="2 of 5 sites"):
        intensity_raster("water", TableOptions(**(options | {"tiles": []})), tmp_path, SITES)
