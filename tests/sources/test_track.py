"""Tracks in the layouts that people have: knots and nautical miles, dates, other names of columns."""

import pytest

from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.sources.track import track

UNITS = {"wind": "kt", "radius_km": "nmi", "pressure": "mb"}
COLUMNS = {"wind": "USA_WIND", "radius_km": "USA_RMW", "pressure": "USA_PRES", "time": "ISO_TIME"}
TEXT = """ISO_TIME,LAT,LON,USA_WIND,USA_RMW,USA_PRES
2018-10-10 12:00,29.0,-86.3,125,15,931
2018-10-10 18:00,30.2,-85.4,140,10,919
"""


def read(tmp_path, text=TEXT, **changes):
    (tmp_path / "t.csv").write_text(text)
    own = {
        "source": "track",
        "path": "t.csv",
        "longitude": "LON",
        "latitude": "LAT",
        "columns": COLUMNS,
        "units": UNITS,
    }
    return track("storm", TableOptions(**(own | changes)), tmp_path)


def test_knots_miles_and_dates(tmp_path):
    """By hand: 140 kt = 72.02 m/s, 15 nmi = 27.78 km, 12:00 to 18:00 is six hours."""
    table = read(tmp_path).table
    assert table["time_h"].tolist() == [0.0, 6.0]
    assert table["wind"].round(2).tolist() == [64.31, 72.02]
    assert table["radius_km"].round(2).tolist() == [27.78, 18.52]
    assert table["pressure"].tolist() == [931.0, 919.0]


def test_units_must_be_stated_and_known(tmp_path):
    with pytest.raises(TableError, match="unit of wind is not stated"):
        read(tmp_path, units={"radius_km": "nmi", "pressure": "mb"})
    with pytest.raises(TableError, match='"furlong" is not known'):
        read(tmp_path, units=UNITS | {"radius_km": "furlong"})


def test_bad_rows_are_named(tmp_path):
    with pytest.raises(TableError, match="no date"):
        read(tmp_path, TEXT.replace("2018-10-10 18:00", "noon"))
    with pytest.raises(TableError, match="row 3, column wind"):
        read(tmp_path, TEXT.replace("140", "fast"))
