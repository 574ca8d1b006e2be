"""Speed-test tiles by quadkey."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.sources.readers import load
from holdfast.sources.tiles import tile_boxes


def quadkey(longitude, latitude, zoom):
    """Origin: the formulas of the tiling as published, one point at a time."""
    sine = np.sin(np.radians(latitude))
    x, y = (longitude + 180) / 360, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    column, row = int(x * 2**zoom), int(y * 2**zoom)
    return "".join(str((column >> i & 1) + 2 * (row >> i & 1)) for i in range(zoom - 1, -1, -1))


def read(folder, path, within=None, **options):
    return load("internet", TableOptions(source="tiles", path=path, **options), folder, within)


def test_a_tile_holds_the_point_it_is_named_for():
    rng = np.random.default_rng(1)
    places = np.column_stack([rng.uniform(-179, 179, 200), rng.uniform(-84, 84, 200)])
    zooms = rng.integers(1, 20, 200)
    keys = pd.Series([quadkey(*p, z) for p, z in zip(places, zooms, strict=True)], dtype="string")
    boxes = tile_boxes(keys)
    assert shapely.covers(boxes, shapely.points(places)).all()
    assert np.allclose(np.ptp(shapely.bounds(boxes)[:, [0, 2]], axis=1), 360 / 2.0**zooms)


def test_four_tiles_make_the_one_above():
    parts = tile_boxes(pd.Series([f"0231{i}" for i in range(4)]))
    whole = tile_boxes(pd.Series(["0231"]))[0]
    assert shapely.union_all(parts).equals_exact(whole.envelope, 1e-9) or shapely.union_all(
        parts
    ).area == pytest.approx(whole.area)


@pytest.fixture
def tiles(tmp_path):
    """Synthetic speeds in Ookla's layout around Vaduz."""
    keys = sorted({quadkey(x, y, 16) for x in np.linspace(9.45, 9.6, 12) for y in np.linspace(47.0, 47.25, 12)})
    table = pd.DataFrame({"quadkey": keys, "avg_d_kbps": np.arange(len(keys)) * 1000.0 + 500, "tests": 3})
    table.to_csv(tmp_path / "tiles.csv", index=False)
    table.to_parquet(tmp_path / "tiles.parquet")
    return tmp_path, table


def test_speeds_become_mbit_per_second(tiles):
    folder, table = tiles
    for path in ("tiles.csv", "tiles.parquet"):
        loaded = read(folder, path).table
        assert np.allclose(loaded["download_mbps"], table["avg_d_kbps"] / 1000)
        assert loaded["area_id"].tolist() == table["quadkey"].tolist()
        assert loaded.crs == "EPSG:4326"


def test_only_tiles_near_the_region_are_kept(tiles):
    folder, table = tiles
    within = gpd.GeoDataFrame(geometry=[shapely.box(9.5, 47.1, 9.52, 47.12)], crs=4326).to_crs(32632)
    loaded = read(folder, "tiles.csv", within)
    assert 0 < len(loaded.table) < len(table)
    assert f"of {len(table)} tiles meet the region" in loaded.files[0].notes[0]


def test_other_columns_can_be_named(tiles):
    folder, _ = tiles
    table = pd.DataFrame({"key": ["0231", "0232"], "mbps": [10.0, 20.0]})
    table.to_csv(folder / "mine.csv", index=False)
    loaded = read(folder, "mine.csv", columns={"area_id": "key", "download_mbps": "mbps"})
    assert loaded.table["download_mbps"].tolist() == [10, 20]


def test_what_is_no_quadkey_is_named_by_row(tiles):
    folder, _ = tiles
    pd.DataFrame({"quadkey": ["0231", "4", "1.2e5"], "avg_d_kbps": 1}).to_csv(folder / "bad.csv", index=False)
    with pytest.raises(TableError, match=r"row 3.*quadkey") as error:
        read(folder, "bad.csv")
    assert "row 4" in str(error.value)
    pd.DataFrame({"tile": ["0231"]}).to_csv(folder / "none.csv", index=False)
    with pytest.raises(TableError, match="no such column"):
        read(folder, "none.csv")
    (folder / "broken.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(TableError, match="cannot be read"):
        read(folder, "broken.parquet")
