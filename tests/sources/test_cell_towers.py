"""Radio cells of OpenCelliD joined to masts."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.sources.cell_towers import masts, position_error
from holdfast.sources.readers import load


def read(folder, path="liechtenstein_opencellid.csv", **options):
    return load("cell_towers", TableOptions(source="opencellid", path=path, **options), folder, None)


def cells(rows):
    """Radio cells: radio, network, cell identity, metres east, metres north, samples, range."""
    table = pd.DataFrame(rows, columns=["radio", "net", "cell", "x", "y", "samples", "range_m"])
    spots = gpd.GeoSeries(gpd.points_from_xy(540_000 + table["x"], 5_220_000 + table["y"]), crs=32632).to_crs(4326)
    return table.assign(mcc=295.0, area=1.0, longitude=spots.x, latitude=spots.y)


def test_all_cells_of_the_file_are_on_a_mast(data):
    """Origin: the rows of the file itself."""
    raw = pd.read_csv(data / "osm" / "liechtenstein_opencellid.csv")
    loaded = read(data / "osm")
    towers = loaded.table
    once = raw.drop_duplicates(["radio", "mcc", "net", "area", "cell"])  # 31 cells stand in two vintages
    assert len(raw) == 1216
    assert towers["cells"].sum() == len(once) == 1185
    assert 100 < len(towers) < 200
    west, south, east, north = towers.total_bounds
    assert raw["lon"].min() <= west < east <= raw["lon"].max()
    assert raw["lat"].min() <= south < north <= raw["lat"].max()
    assert towers["range_m"].between(raw["range"].min(), raw["range"].max()).all()
    assert towers["tower_id"].is_unique
    assert "1,185 radio cells joined" in loaded.files[0].notes[-1]


def test_a_filter_on_the_radio(data):
    raw = pd.read_csv(data / "osm" / "liechtenstein_opencellid.csv")
    once = raw.drop_duplicates(["radio", "mcc", "net", "area", "cell"])
    assert read(data / "osm", where={"radio": ["LTE"]}).table["cells"].sum() == (once["radio"] == "LTE").sum() == 285


def test_positions_are_better_known_in_a_dense_city(data):
    errors = {}
    for place in ("liechtenstein", "helsinki_centre"):
        raw = pd.read_csv(data / "osm" / f"{place}_opencellid.csv")
        errors[place], how = position_error(raw.rename(columns={"lon": "longitude", "lat": "latitude"}))
        assert "LTE cells" in how
    assert errors["helsinki_centre"] == pytest.approx(86, abs=3)
    assert errors["liechtenstein"] == pytest.approx(657, abs=5)


def test_cells_of_one_lte_site_share_a_mast_however_far_off():
    rows = [("LTE", 1, 256 * 7 + 1, 0, 0, 10, 500), ("LTE", 1, 256 * 7 + 2, 3000, 0, 30, 700)]
    towers = masts(cells(rows), 100)
    assert towers["cells"].tolist() == [2]
    middle = towers.to_crs(32632).geometry.iloc[0]
    assert middle.x == pytest.approx(540_000 + 3000 * 30 / 40, abs=0.1)  # weighted by samples
    assert towers["range_m"].tolist() == [600]
    other_network = [rows[0], ("LTE", 2, *rows[1][2:])]
    assert len(masts(cells(other_network), 100)) == 2
    assert len(masts(cells([("GSM", *r[1:]) for r in rows]), 100)) == 2


def test_near_cells_share_a_mast_and_chains_do_not():
    rows = [("GSM", 1, i, 80 * i, 0, 100 - i, 500 + i) for i in range(5)]
    assert masts(cells(rows[:2]), 100)["cells"].tolist() == [2]
    assert masts(cells(rows), 100)["cells"].tolist() == [2, 2, 1]  # at most 100 m from the founder, no chain of five
    assert masts(cells(rows), 1)["cells"].tolist() == [1] * 5
    assert len(masts(cells(rows), 1000)) == 1
    assert masts(cells([("GSM", *rows[0][1:]), ("UMTS", *rows[0][1:])]), 1)["radio"].tolist() == ["GSM UMTS"]


def test_order_of_rows_does_not_matter(data):
    raw = pd.read_csv(data / "osm" / "liechtenstein_opencellid.csv")
    raw = raw.rename(columns={"lon": "longitude", "lat": "latitude", "range": "range_m"})
    one, other = masts(raw, 300), masts(raw.sample(frac=1, random_state=2), 300)
    assert one["cells"].tolist() == other["cells"].tolist()
    assert np.allclose(one.geometry.x, other.geometry.x)


def test_a_wider_radius_never_makes_more_masts(data):
    raw = pd.read_csv(data / "osm" / "liechtenstein_opencellid.csv")
    raw = raw.rename(columns={"lon": "longitude", "lat": "latitude", "range": "range_m"})
    counts = [len(masts(raw, radius)) for radius in (50, 100, 200, 500, 1000)]
    assert counts == sorted(counts, reverse=True)


def test_another_layout_is_named(tmp_path):
    (tmp_path / "towers.csv").write_text("longitude,latitude\n9,47\n")
    with pytest.raises(TableError, match="layout of OpenCelliD"):
        read(tmp_path, "towers.csv")
