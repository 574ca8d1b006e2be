"""ShakeMap grids: files made from the documented format (ShakeMap manual, products and formats, grid.xml)."""

import numpy as np
import pytest

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError
from holdfast.sources.readers import load

HEAD = """<?xml version="1.0" encoding="US-ASCII" standalone="yes"?>
<shakemap_grid xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://earthquake.usgs.gov/eqcenter/shakemap"
 xsi:schemaLocation="http://earthquake.usgs.gov" event_id="synthetic1" shakemap_id="synthetic1" shakemap_version="9"
 code_version="4.1" process_timestamp="2024-07-02T22:50:42Z" shakemap_originator="us" map_status="RELEASED"
 shakemap_event_type="SCENARIO">
<event event_id="synthetic1" magnitude="7.1" depth="8.2" lat="37.8" lon="-122.2" event_timestamp="2024-04-25T06:11:25UTC"
 event_network="us" event_description="Synthetic event" />
<grid_specification lon_min="-122.30" lat_min="37.80" lon_max="-122.28" lat_max="37.81" nominal_lon_spacing="0.02"
 nominal_lat_spacing="0.01" nlon="2" nlat="2" />
<event_specific_uncertainty name="pga" value="0.0" numsta="" />
"""
FIELDS = [
    ("LON", "dd"),
    ("LAT", "dd"),
    ("PGA", "pctg"),
    ("PGV", "cms"),
    ("MMI", "intensity"),
    ("PSA03", "pctg"),
    ("PSA10", "pctg"),
    ("STDPGA", "ln(pctg)"),
    ("SVEL", "ms"),
]
ROWS = """-122.30 37.81 44.0 22.1 7.83 91.0 40.0 0.53 400.8
-122.28 37.81 47.0 24.5 7.88 99.0 45.0 0.52 352.7
-122.30 37.80 12.0 24.0 7.88 97.0 44.0 0.52 363.7
-122.28 37.80 52.0 27.8 7.96 112.0 51.0 0.50 301.2
"""
STD_FIELDS = [
    ("LON", "dd"),
    ("LAT", "dd"),
    ("STDPGA", "ln(pctg)"),
    ("STDPGV", "ln(cms)"),
    ("GMPE_INTER_STDPGA", "ln(pctg)"),
    ("GMPE_INTRA_STDPGA", "ln(pctg)"),
]
STD_ROWS = """-122.30 37.81 0.5 0.6 0.3 0.4
-122.28 37.81 0.4 0.6 0.3 0.4
-122.30 37.80 0.5 0.6 0.3 0.4
-122.28 37.80 0.5 0.6 0.0 0.0
"""


def grid(fields=FIELDS, rows=ROWS, head=HEAD) -> str:
    named = "".join(f'<grid_field index="{i}" name="{n}" units="{u}" />\n' for i, (n, u) in enumerate(fields, 1))
    return f"{head}{named}<grid_data>\n{rows}</grid_data>\n</shakemap_grid>\n"


def read(tmp_path, text: str | bytes, uncertainty: str | None = None):
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "grid.xml").write_bytes(content)
    if uncertainty is not None:
        (tmp_path / "uncertainty.xml").write_text(uncertainty)
    options = TableOptions(
        source="shakemap", path="grid.xml", attributes=None if uncertainty is None else "uncertainty.xml"
    )
    return load("shaking", options, tmp_path, None)


def test_units_become_g_and_cm_per_second(tmp_path):
    loaded = read(tmp_path, grid())
    table = loaded.table
    np.testing.assert_allclose(table["PGA"], [0.44, 0.47, 0.12, 0.52])
    np.testing.assert_allclose(table["PGV"], [22.1, 24.5, 24.0, 27.8])
    np.testing.assert_allclose(table["SA0.3"], [0.91, 0.99, 0.97, 1.12])
    np.testing.assert_allclose(table["SA1.0"], [0.40, 0.45, 0.44, 0.51])
    np.testing.assert_allclose(table["PGA_sd"], [0.53, 0.52, 0.52, 0.50])
    assert table["longitude"].tolist() == [-122.30, -122.28, -122.30, -122.28]
    note = loaded.files[0].notes[0]
    assert "synthetic1 version 9" in note
    assert "magnitude 7.1" in note
    assert "scenario, released" in note


def test_uncertainty_is_split_by_the_models_parts(tmp_path):
    table = read(tmp_path, grid(), grid(STD_FIELDS, STD_ROWS)).table
    np.testing.assert_allclose(table["PGA_sd"], [0.5, 0.4, 0.5, 0.5])
    np.testing.assert_allclose(table["PGV_sd"], 0.6)
    np.testing.assert_allclose(table["PGA_between_sd"], [0.3, 0.24, 0.3, 0.0])
    assert "PGV_between_sd" not in table


def test_points_without_a_value_are_left_out_and_told(tmp_path):
    loaded = read(tmp_path, grid(rows=ROWS.replace("44.0 22.1", "NaN NaN")))
    assert len(loaded.table) == 3
    assert "1 of 4 points (25%) are empty and left out" in loaded.files[0].notes


def test_a_deviation_of_another_logarithm_does_not_block_the_medians(tmp_path):
    fields = [(n, "log10") if n == "STDPGA" else (n, u) for n, u in FIELDS]
    loaded = read(tmp_path, grid(fields))
    assert loaded.table["PGA"].notna().all()
    assert "PGA_sd" not in loaded.table
    assert any("STDPGA is left out" in note for note in loaded.files[0].notes)


BOMB = '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><shakemap_grid>&b;</shakemap_grid>'
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/hostname">]><shakemap_grid>&a;</shakemap_grid>'
)
BAD = {
    "entity bomb": (BOMB, "declares a document type"),
    "outside entity": (OUTSIDE, "declares a document type"),
    "entity bomb in UTF-16": (
        BOMB.replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
        "declares a document type",
    ),
    "cut off": (grid()[:-60], "is cut off, damaged or no XML"),
    "cut off in the numbers": (grid(rows=ROWS[:-30]), "numbers where nlon x nlat x fields is 36"),
    "no XML": ("PGA,PGV\n1,2\n", "is cut off, damaged or no XML"),
    "another product": ("<?xml version='1.0'?><info><x/></info>", "is no ShakeMap grid but <info>"),
    "no PGA": (
        grid([("LON", "dd"), ("LAT", "dd"), ("MMI", "i")], "1 2 5\n1 2 5\n1 2 5\n1 2 5\n"),
        "has no field PGA; it has: LON, LAT, MMI",
    ),
    "no coordinates": (grid([("PGA", "pctg")], "1\n1\n1\n1\n"), "column LON: has no such field"),
    "unknown unit": (
        grid([(n, "gal") if n == "PGA" else (n, u) for n, u in FIELDS]),
        '"gal" is no unit of PGA; known: g, %g, pctg',
    ),
    "unit that does not fit": (
        grid(rows=ROWS.replace("44.0 22.1", "4400.0 22.1")),
        "44.0 is above 10 g; is the unit wrong",
    ),
    "text in the numbers": (grid(rows=ROWS.replace("22.1", "x")), "holds something else than numbers"),
    "no size": (grid(head=HEAD.replace("nlon", "columns")), "does not state nlon and nlat"),
    "longitude and latitude swapped": (grid([FIELDS[1], FIELDS[0], *FIELDS[2:]]), "longitude and latitude swapped"),
    "negative shaking": (grid(rows=ROWS.replace("44.0", "-9999")), "is below 0 g"),
    "empty": ("", "the file is empty"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_bad_grids(tmp_path, text, words):
    with pytest.raises(TableError, match=words):
        read(tmp_path, text)


def test_uncertainty_of_another_map(tmp_path):
    with pytest.raises(TableError, match="lies on another grid than"):
        read(tmp_path, grid(), grid(STD_FIELDS, STD_ROWS.replace("-122.28", "-122.18")))


def test_files_that_are_not_there_or_not_here(tmp_path):
    with pytest.raises(DataMissing, match="no such file"):
        load("shaking", TableOptions(source="shakemap", path="none.xml"), tmp_path, None)
    with pytest.raises(TableError, match="is not a local file"):
        load("shaking", TableOptions(source="shakemap", path="https://example.org/grid.xml"), tmp_path, None)
