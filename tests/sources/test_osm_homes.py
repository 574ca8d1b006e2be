"""Homes of an extract: where the buildings of the city wing are homes, and as many as their floor area holds."""

import shutil

import numpy as np
import pytest

from holdfast.config import TableOptions
from holdfast.sources.osm import _extract, read_city
from holdfast.sources.readers import load


def test_homes_of_the_packaged_extract(tmp_path):
    """Held to the buildings, which have tests of their own: one home a house, 100 m2 (`map_home_area`) a flat."""
    shutil.copy(_extract(None), tmp_path / "kluuvi.osm.pbf")
    loaded = load("homes", TableOptions(source="osm", path="kluuvi.osm.pbf"), tmp_path, None)
    buildings = read_city().buildings
    kinds = buildings["occupancy"].astype(str)
    flats = buildings[kinds.str.match("RES3")]
    houses = buildings[kinds.isin(["RES1", "RES2"])]
    expected = np.maximum(np.round(flats["floor_area_m2"] / 100.0), 1.0).sum() + len(houses)
    assert len(loaded.table) == len(flats) + len(houses)
    assert loaded.table["housing_units"].sum() == pytest.approx(expected)
    assert loaded.files[0].table == "homes"
    assert "OpenStreetMap contributors" in loaded.files[0].licence
