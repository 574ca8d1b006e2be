"""Rasters in cells: means and shares of classes by exact fractions; synthetic, seeded."""

import numpy as np
import pytest
import rasterio

from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.rating.grid.region import squares
from holdfast.sources.readers import load

PIXEL = 70.0


@pytest.fixture
def ground(tmp_path):
    """A raster whose pixels do not line up with the cells, and the cells."""
    rng = np.random.default_rng(4)
    classes = rng.choice([10, 20, 50, 255], (40, 40), p=[0.4, 0.2, 0.3, 0.1]).astype(np.uint8)
    greens = rng.uniform(-0.2, 0.9, (40, 40)).astype(np.float32)
    place = rasterio.Affine(PIXEL, 0, 500_000 - 33, 0, -PIXEL, 5_200_000 + 2700)
    for name, band, nothing in (("cover.tif", classes, 255), ("ndvi.tif", greens, None)):
        profile = {"height": 40, "width": 40, "count": 1, "dtype": band.dtype, "crs": "EPSG:32632", "nodata": nothing}
        with rasterio.open(tmp_path / name, "w", driver="GTiff", transform=place, **profile) as file:
            file.write(band, 1)
    rows, columns = (a.ravel() for a in np.mgrid[10_400:10_405, 1000:1005])
    return tmp_path, squares(columns, rows, 500.0, "EPSG:32632"), classes, greens


def overlaps(cell):
    """Area of the cell in each pixel, by the edges of both."""
    left, bottom, right, top = cell.bounds
    west, north = 500_000 - 33 + PIXEL * np.arange(40), 5_200_000 + 2700 - PIXEL * np.arange(40)
    wide = np.clip(np.minimum(right, west + PIXEL) - np.maximum(left, west), 0, None)
    high = np.clip(np.minimum(top, north) - np.maximum(bottom, north - PIXEL), 0, None)
    return np.outer(high, wide)


def test_share_of_classes(ground):
    folder, cells, classes, _ = ground
    options = TableOptions(source="land_cover", path="cover.tif", where={"value": [10, 20]})
    table = load("greenness", options, folder, cells).table
    for cell, share in zip(cells.geometry, table["green_share"], strict=True):
        area = overlaps(cell)
        expected = area[np.isin(classes, (10, 20))].sum() / area[classes != 255].sum()
        assert share == pytest.approx(expected, abs=1e-6)
    every = load("greenness", options.model_copy(update={"where": {"value": [10, 20, 50]}}), folder, cells).table
    assert np.allclose(every["green_share"], 1)


def test_the_band_of_classes_is_the_one_that_is_named(ground):
    """The note on a file of several bands says how: columns = { green_share = "2" }."""
    folder, cells, classes, _ = ground
    with rasterio.open(folder / "cover.tif") as one:
        profile = one.profile | {"count": 2}
    with rasterio.open(folder / "both.tif", "w", **profile) as both:
        both.write(np.full_like(classes, 50), 1)
        both.write(classes, 2)
    options = TableOptions(source="land_cover", path="both.tif", where={"value": [10, 20]})
    first = load("greenness", options, folder, cells)
    assert np.allclose(first.table["green_share"], 0)
    assert 'columns = { green_share = "2" }' in " ".join(first.files[0].notes)
    second = load("greenness", options.model_copy(update={"columns": {"green_share": "2"}}), folder, cells).table
    alone = load("greenness", options.model_copy(update={"path": "cover.tif"}), folder, cells).table
    assert np.allclose(second["green_share"], alone["green_share"])


def test_mean(ground):
    folder, cells, _, greens = ground
    table = load("greenness", TableOptions(source="raster", path="ndvi.tif"), folder, cells).table
    expected = [(overlaps(c) * greens).sum() / overlaps(c).sum() for c in cells.geometry]
    assert np.allclose(table["ndvi"], expected, atol=1e-6)


def test_classes_must_be_named_and_overlap(ground):
    folder, cells, _, _ = ground
    with pytest.raises(TableError, match=r"where = \{ value"):
        load("greenness", TableOptions(source="land_cover", path="cover.tif"), folder, cells)
    far = cells.set_geometry(cells.translate(1e6, 0))
    options = TableOptions(source="land_cover", path="cover.tif", where={"value": [10]})
    with pytest.raises(TableError, match="does not overlap"):
        load("greenness", options, folder, far)
    with pytest.raises(TableError, match="cannot define the region"):
        load("greenness", options, folder, None)
